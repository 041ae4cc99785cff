"""The mediator's proposal: put to both sides at once, answered by each in private, agreed by two yeses alone.

Source: product.md, "Offers" (both answer in private, each answer stays sealed until both have answered; a no is
never revealed when the other also said no) and "Deadlines" (silence is never consent).

What the world outside learns, and when:

    what has happened                            what is known, to both sides and the mediator alike
    -------------------------------------------  ------------------------------------------------------------
    one side has answered, yes or no             nothing
    both have answered, one of them no           nothing, until the time to answer is over
    both have said yes                           at that moment: agreed, by exactly these terms
    the time is over without two yeses           not agreed by both; who said no, or nothing, is never told
    taken back, or void, before two yeses        that it is off the table; the answers are gone unread

A no is told at the end of the time and never before, for an earlier moment would tell that somebody has answered.
"""

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mediation.errors import Refused
from mediation.rules.deadlines import is_over
from mediation.rules.negotiation import Change, Offer, OfferState, Side, Table, accepted_by_all, settled, state_at


class ProposalState(StrEnum):
    """Where a proposal stands at a moment."""

    OPEN = "open"
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    TAKEN_BACK = "taken_back"
    VOID = "void"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One proposal of the mediator. Moments are aware; answers are in time before `ends_at`."""

    made_at: datetime
    ends_at: datetime
    closed_as: ProposalState | None = None
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.made_at < self.ends_at:
            raise ValueError("a proposal is made, then its time ends")
        if (self.closed_as is None) != (self.closed_at is None):
            raise ValueError("a proposal is closed as something and at a moment")
        if self.closed_as is ProposalState.OPEN:
            raise ValueError("open follows from time and is never written")


def standing(proposal: Proposal, at: datetime) -> ProposalState:
    """How it stands at `at`; what was written down stands, and at `ends_at` itself it is not agreed."""
    if proposal.closed_as is not None:
        return proposal.closed_as
    return ProposalState.NOT_AGREED if is_over(proposal.ends_at, at) else ProposalState.OPEN


def check_may_propose(newest: Proposal | None, at: datetime) -> None:
    """One proposal at a time. Raises Refused("proposal:waiting-for-answers", ends_at)."""
    if newest is not None and standing(newest, at) is ProposalState.OPEN:
        raise Refused("proposal:waiting-for-answers", ends_at=newest.ends_at)


def check_may_answer(proposal: Proposal, at: datetime, *, has_answered: bool) -> None:
    """An open proposal is answered once by each who must. Raises Refused: proposal:<state>, proposal:answered."""
    check_open(proposal, at)
    if has_answered:
        raise Refused("proposal:answered")


def check_open(proposal: Proposal, at: datetime) -> None:
    """Raises Refused("proposal:<state>", closed_at) where it is answered and taken back no more."""
    state = standing(proposal, at)
    if state is not ProposalState.OPEN:
        closed_at = proposal.ends_at if proposal.closed_at is None else proposal.closed_at
        raise Refused(f"proposal:{state.value.replace('_', '-')}", closed_at=closed_at)


def agreed_by_both(signers: Mapping[Side, AbstractSet[Hashable]], yeses: AbstractSet[Hashable]) -> bool:
    """Whether everybody who must say yes for either side has; a side of nobody agrees to nothing."""
    return all(accepted_by_all(signers.get(side, frozenset()), yeses) for side in Side)


def agreed_offer(table: Table, *, at: datetime, lapses_at: datetime) -> Offer:
    """The plan as it lies on the table once both have agreed: the newest, of neither side, and accepted."""
    return Offer(
        number=max((o.number for o in table.offers), default=0) + 1,
        by=None,
        made_at=at,
        shows_at=at,
        lapses_at=lapses_at,
        closed_as=OfferState.ACCEPTED,
        closed_at=at,
    )


def ended_by_agreement(table: Table, at: datetime) -> tuple[Change, ...]:
    """What still lay on the table when both agreed to the proposal: it takes their place; a held one never shows."""
    left = (o for o in settled(table, at).offers if state_at(o, at) in (OfferState.HELD, OfferState.OPEN))
    return tuple(Change(number=o.number, state=OfferState.SUPERSEDED, at=at) for o in left)
