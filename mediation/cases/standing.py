"""Where a case stands, in the words of whoever reads: one sentence per stage and viewer, and what comes next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mediation.i18n import NP_
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage

BORROWER, LENDER, MEDIATOR = Role.BORROWER, Role.LENDER, Role.MEDIATOR
REGISTRAR, ADVISER = Role.REGISTRAR, Role.ADVISER
VIEWERS = (BORROWER, LENDER, MEDIATOR, REGISTRAR, ADVISER)
STAFF = (LENDER, MEDIATOR, REGISTRAR)


@dataclass(frozen=True)
class Standing:
    """What one viewer reads at one stage: a label for lists, and what happens next."""

    label: str
    following: str


def _same(stage: Stage, label: str, following: str) -> Iterator[tuple[tuple[Stage, Role], Standing]]:
    """Every viewer reads this, where no line below says it otherwise."""
    yield from (((stage, role), Standing(label, following)) for role in VIEWERS)


def _for(stage: Stage, role: Role, label: str, following: str) -> Iterator[tuple[tuple[Stage, Role], Standing]]:
    yield (stage, role), Standing(label, following)


def _table(*lines: Iterator[tuple[tuple[Stage, Role], Standing]]) -> Mapping[tuple[Stage, Role], Standing]:
    return dict(pair for line in lines for pair in line)


# Later lines speak to one viewer and take the place of the sentence for all.
STANDINGS: Mapping[tuple[Stage, Role], Standing] = _table(
    _same(Stage.DRAFT, NP_("stage", "Draft"), NP_("following", "Nobody but the lender sees the draft.")),
    _for(Stage.DRAFT, LENDER, NP_("stage", "Draft"),
         NP_("following", "Only your side sees this draft. Submit it when it is complete; nothing reaches the "
             "borrower before the institution has accepted the case.")),
    _same(Stage.SUBMITTED, NP_("stage", "Waiting for registration"),
          NP_("following", "The institution checks the case and accepts it or not.")),
    _for(Stage.SUBMITTED, LENDER, NP_("stage", "Submitted, waiting for the institution"),
         NP_("following", "The institution checks the case. Nothing has reached the borrower, and nothing does "
             "before it is accepted.")),
    _for(Stage.SUBMITTED, REGISTRAR, NP_("stage", "To be checked"),
         NP_("following", "Check the case, then accept it or say why not.")),
    _same(Stage.ACCEPTED, NP_("stage", "Accepted"), NP_("following", "The invitation to the borrower goes out next.")),
    _same(Stage.REJECTED, NP_("stage", "Not accepted"), NP_("following", "The case has ended here.")),
    _for(Stage.REJECTED, LENDER, NP_("stage", "Not accepted by the institution"),
         NP_("following", "Nothing has reached the borrower. With the reason mended, a new case can be opened on "
             "this contract.")),
    _same(Stage.INVITED, NP_("stage", "Invited, no answer yet"),
          NP_("following", "The borrower decides whether to take part.")),
    _for(Stage.INVITED, BORROWER, NP_("stage", "Waiting for your decision"),
         NP_("following", "You decide whether to take part. Saying no costs nothing, and no reason is needed.")),
    _for(Stage.INVITED, LENDER, NP_("stage", "Waiting for the borrower's answer"),
         NP_("following", "The borrower decides whether to take part. Your undertaking holds meanwhile.")),
    _same(Stage.UNREACHABLE, NP_("stage", "Contact details are wrong"),
          NP_("following", "A new invitation needs another way to reach the borrower.")),
    _for(Stage.UNREACHABLE, BORROWER, NP_("stage", "The invitation did not arrive"),
         NP_("following", "The institution looks for the right way to reach you.")),
    _same(Stage.JOINED, NP_("stage", "A mediator is being chosen"),
          NP_("following", "The institution names a mediator, who first declares every tie to either side.")),
    _for(Stage.JOINED, BORROWER, NP_("stage", "You take part; a mediator is being chosen"),
         NP_("following", "The institution names a mediator. You can then accept the mediator or object once, "
             "without a reason.")),
    _for(Stage.JOINED, LENDER, NP_("stage", "The borrower takes part; a mediator is being chosen"),
         NP_("following", "The institution names a mediator. You can then accept the mediator or object once, "
             "without a reason.")),
    _for(Stage.JOINED, REGISTRAR, NP_("stage", "A mediator is to be appointed"),
         NP_("following", "Appoint a mediator from the panel; the mediator declares interests and accepts.")),
    _for(Stage.JOINED, MEDIATOR, NP_("stage", "Your acceptance is awaited"),
         NP_("following", "Declare your ties to either side, then accept or decline the appointment.")),
    _same(Stage.APPOINTED, NP_("stage", "Time for objections to the mediator"),
          NP_("following", "Each side may accept the mediator or object once. If a side says nothing in time, the "
              "appointment stands.")),
    _for(Stage.APPOINTED, BORROWER, NP_("stage", "A mediator is named"),
         NP_("following", "You may accept the mediator or object once, without a reason. If you say nothing in time, "
             "the mediator stays.")),
    _for(Stage.APPOINTED, LENDER, NP_("stage", "A mediator is named"),
         NP_("following", "You may accept the mediator or object once, without a reason. If you say nothing in time, "
             "the mediator stays.")),
    _same(Stage.OPEN, NP_("stage", "Working out a plan"),
          NP_("following", "Either side may put a plan on the table; no plan binds anybody before it is signed.")),
    _for(Stage.OPEN, BORROWER, NP_("stage", "Working out a plan"),
         NP_("following", "You may put forward a plan, answer one, or ask the mediator in private. No plan binds you "
             "before it is signed.")),
    _same(Stage.TERMS_AGREED, NP_("stage", "Both accept this plan; no effect until signed"),
          NP_("following", "The mediator draws up the agreement from the accepted plan.")),
    _for(Stage.TERMS_AGREED, MEDIATOR, NP_("stage", "Agreement to be drawn up"),
         NP_("following", "Draw up the agreement from the accepted plan; both sides then read and sign it.")),
    _same(Stage.SIGNING, NP_("stage", "Waiting for signatures"),
          NP_("following", "Both sides sign in any order, then the mediator, then the institution's seal. Nobody is "
              "bound before the seal.")),
    _for(Stage.SIGNING, BORROWER, NP_("stage", "Ready for you to read and sign"),
         NP_("following", "Read the agreement and sign it, or not. Nobody is bound before both sides and the mediator "
             "have signed and the institution's seal is set.")),
    _same(Stage.IN_FORCE, NP_("stage", "In force"),
          NP_("following", "The agreement is in force. Payments follow its schedule.")),
    _same(Stage.PERFORMED, NP_("stage", "Settled in full"),
          NP_("following", "Everything agreed has been paid. The case has ended here.")),
    _same(Stage.BREACHED, NP_("stage", "One instalment has not arrived"),
          NP_("following", "The missed instalment can still be made good as the agreement says.")),
    _for(Stage.BREACHED, BORROWER, NP_("stage", "One instalment has not arrived; let us look at it together"),
         NP_("following", "You can make it good as the agreement says. The mediator can help you.")),
    _same(Stage.CURED, NP_("stage", "The missed instalment has arrived"),
          NP_("following", "The agreement goes on as before.")),
    _same(Stage.ENDED, NP_("stage", "The agreement has ended"), NP_("following", "The case has ended here.")),
    _same(Stage.PAUSED, NP_("stage", "Mediation is paused"),
          NP_("following", "No time runs out and nobody is reminded. Either side or the mediator may go on at any "
             "time; what was open then keeps the days that it had left.")),
    _same(Stage.SUSPENDED, NP_("stage", "Mediation is suspended"),
          NP_("following", "The institution must settle a question first. No time runs out meanwhile, and plans that "
             "were open stand no more.")),
    _for(Stage.SUSPENDED, REGISTRAR, NP_("stage", "Mediation is suspended"),
         NP_("following", "Settle the question, then let mediation go on, or see to it that it ends.")),
    _same(Stage.DECLINED, NP_("stage", "The borrower does not take part"),
          NP_("following", "Mediation has ended. The lender's undertaking no longer holds.")),
    _for(Stage.DECLINED, BORROWER, NP_("stage", "You do not take part"),
         NP_("following", "Mediation has ended. This costs you nothing and is not held against you. You can ask the "
             "institution or legal aid at any time.")),
    _same(Stage.LAPSED, NP_("stage", "The time to answer has passed"),
          NP_("following", "Mediation has ended without an answer. Silence is not consent, and nothing was agreed.")),
    _same(Stage.WITHDRAWN, NP_("stage", "Mediation has ended"),
          NP_("following", "Mediation was withdrawn before an agreement took effect; nothing was agreed.")),
    _same(Stage.UNSUITABLE, NP_("stage", "Mediation has ended, other help fits better"),
          NP_("following", "The institution found that mediation does not fit this matter.")),
    _same(Stage.REFERRED, NP_("stage", "Passed on to another place"),
          NP_("following", "Another place now deals with this matter.")),
    _same(Stage.NOT_SETTLED, NP_("stage", "Ended without a settlement"),
          NP_("following", "No agreement was reached. What was said in mediation stays here.")),
)  # fmt: skip

TURNS: Mapping[tuple[Role, bool], str] = {
    (BORROWER, True): NP_("turn", "Your turn"),
    (LENDER, True): NP_("turn", "Your side's turn"),
    (MEDIATOR, True): NP_("turn", "My turn"),
    (REGISTRAR, True): NP_("turn", "The registrar's turn"),
    (BORROWER, False): NP_("turn", "Waiting for the borrower"),
    (LENDER, False): NP_("turn", "Waiting for the lender"),
    (MEDIATOR, False): NP_("turn", "The mediator is at work on it"),
    (REGISTRAR, False): NP_("turn", "The institution is at work on it"),
}

BOTH_SIDES = NP_("turn", "Waiting for both sides")

# The deadline that a case names by its kind, as a reader sees it.
DEADLINES: Mapping[str, str] = {
    "respond-to-invitation": NP_("deadline", "answer to the invitation"),
    "respond-extension": NP_("deadline", "answer to the invitation"),
    "reply-to-offer": NP_("deadline", "answer to the plan"),
    "give-identity": NP_("deadline", "the borrower's details for the agreement"),
    "sign": NP_("deadline", "signatures"),
    "confirm-agreement": NP_("deadline", "the mediator's confirmation of the agreement"),
    "object-to-mediator": NP_("deadline", "objection to the mediator"),
    "give-draw-number": NP_("deadline", "your number for the draw of a mediator"),
    "decide-objection": NP_("deadline", "the registrar's decision on an objection"),
    "contact-parties": NP_("deadline", "first contact by the mediator"),
    "mediation": NP_("deadline", "end of mediation"),
    "mediation-extension": NP_("deadline", "end of mediation"),
    "pause": NP_("deadline", "end of the pause"),
}

STEPS: tuple[tuple[str, frozenset[Stage]], ...] = (
    (NP_("step", "Registered"), frozenset({Stage.DRAFT, Stage.SUBMITTED, Stage.ACCEPTED, Stage.REJECTED})),
    (NP_("step", "Invited"), frozenset({Stage.INVITED, Stage.UNREACHABLE, Stage.DECLINED, Stage.LAPSED})),
    (NP_("step", "Mediator chosen"), frozenset({Stage.JOINED, Stage.APPOINTED})),
    (NP_("step", "Plan worked out"), frozenset({Stage.OPEN})),
    (NP_("step", "Agreement signed"), frozenset({Stage.TERMS_AGREED, Stage.SIGNING})),
    (NP_("step", "Payments made"), frozenset({Stage.IN_FORCE, Stage.BREACHED, Stage.CURED})),
)


def standing_of(stage: Stage, viewer: Role) -> Standing:
    """What this viewer reads at this stage; whoever has no words of their own reads the registrar's."""
    return STANDINGS[stage, viewer if viewer in VIEWERS else REGISTRAR]


def step_at(stage: Stage) -> int | None:
    """The number of the step that a case on the line is at, from 1; one more than the last once all is paid."""
    if stage is Stage.PERFORMED:
        return len(STEPS) + 1
    return next((place for place, (_, stages) in enumerate(STEPS, 1) if stage in stages), None)
