"""Quick phrases for each role: what is often said in private and at the table, to be finished by whoever says it."""

from collections.abc import Mapping, Sequence

from mediation.i18n import NP_
from mediation.rules.access import Role, Room

IN_PRIVATE: Mapping[Role, Sequence[str]] = {
    Role.BORROWER: (
        NP_("quick phrase", "There is something I would like to have explained first:"),
        NP_("quick phrase", "I need a few days to put my papers together."),
        NP_("quick phrase", "I cannot carry this monthly amount. What I can carry is:"),
        NP_("quick phrase", "Please do not tell the other side about this."),
    ),
    Role.LENDER: (
        NP_("quick phrase", "We need a few days to confirm this on our side."),
        NP_("quick phrase", "Where we could still move:"),
        NP_("quick phrase", "Before we answer we need to know:"),
        NP_("quick phrase", "Please do not tell the other side about this."),
    ),
    Role.MEDIATOR: (
        NP_("quick phrase", "Only the two of us read this. Say as much as you like."),
        NP_("quick phrase", "May I pass this on to the other side? If so, mark it so when you write it."),
        NP_("quick phrase", "How much could you do at most each month, without doing without what you need?"),
        NP_("quick phrase", "What matters most to you in a solution?"),
    ),
}
AT_THE_TABLE: Mapping[Role, Sequence[str]] = {
    Role.BORROWER: (
        NP_("quick phrase", "Please explain how this amount was worked out:"),
        NP_("quick phrase", "I would like to pay monthly. Please look at my plan."),
        NP_("quick phrase", "I have put the papers on file. Please look at them."),
    ),
    Role.LENDER: (
        NP_("quick phrase", "Please look at the table of instalments in our plan."),
        NP_("quick phrase", "We will put the missing papers on file by:"),
        NP_("quick phrase", "Please tell us which row of the account is not right."),
    ),
    Role.MEDIATOR: (
        NP_("quick phrase", "Please both look at the account first and say which rows you do not follow."),
        NP_("quick phrase", "Please answer the plan before its last day."),
        NP_("quick phrase", "Whatever you would rather say to me alone, write to me in private."),
    ),
}


def phrases_for(role: Role, room: Room) -> Sequence[str]:
    """What this role may want to say in that room, still to be translated in the context `quick phrase`."""
    if room is Room.NOTES:
        return ()
    return (AT_THE_TABLE if room is Room.JOINT else IN_PRIVATE).get(role, ())
