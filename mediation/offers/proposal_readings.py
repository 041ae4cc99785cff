"""What each seat reads of the mediator's proposals: the plan, how it stands, and that the own side has answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from mediation.cases import moves
from mediation.cases.seats import Seat
from mediation.errors import NotFound, Refused
from mediation.offers.agreeing import signers_seated
from mediation.offers.proposal_models import Proposal, ProposalAnswer
from mediation.offers.proposal_passing import ruled
from mediation.offers.tables import Plan
from mediation.rules import chain, deadlines, plans
from mediation.rules.deadlines import Term
from mediation.rules.proposals import ProposalState, standing


@dataclass(frozen=True, kw_only=True)
class ShownProposal:
    """One proposal as one seat may read it; `has_answered` is of the reader's own side and of nobody else's."""

    id: UUID
    state: ProposalState
    plan: Plan
    sha256: str
    made_at: datetime
    last_on: date
    closed_at: datetime | None
    offer_id: UUID | None
    has_answered: bool
    may_answer: bool
    may_take_back: bool

    @property
    def is_open(self) -> bool:
        """Whether answers are awaited."""
        return self.state is ProposalState.OPEN


def proposals_seen_by(seat: Seat, *, at: datetime) -> Sequence[ShownProposal]:
    """The mediator's proposals in this case, the newest first."""
    seat.require("offer:read")
    found = select(Proposal).where(Proposal.case_id == seat.case_id)
    rows = seat.session.scalars(found.order_by(Proposal.made_at.desc(), Proposal.id.desc()))
    return [_shown(seat, row, at) for row in rows]


def proposal_seen_by(seat: Seat, proposal_id: UUID, *, at: datetime) -> ShownProposal:
    """That proposal; NotFound where this case has no such one."""
    seat.require("offer:read")
    found = select(Proposal).where(Proposal.id == proposal_id, Proposal.case_id == seat.case_id)
    row = seat.session.scalars(found).first()
    if row is None:
        raise NotFound
    return _shown(seat, row, at)


def last_day_to_answer(seat: Seat, days: int | None, *, at: datetime) -> date:
    """The last day on which a proposal made now could be answered; refused at the field of the days."""
    seat.require("proposal:make")
    try:
        return moves.deadline_of(seat.case, Term.REPLY_TO_OFFER, at=at, count=days).ends_on
    except Refused as no:
        raise Refused(no.key, field="reply_days", **no.facts) from no


def _shown(seat: Seat, row: Proposal, at: datetime) -> ShownProposal:
    as_ruled = ruled(seat, row)
    state = standing(as_ruled, at)
    is_open = state is ProposalState.OPEN
    answered = is_open and _has_answered(seat, row)
    terms, claim, schedule, _ = plans.from_document(_document(row))
    closed_at = row.ends_at if state is ProposalState.NOT_AGREED else as_ruled.closed_at
    return ShownProposal(
        id=row.id,
        state=state,
        plan=Plan(terms, claim, schedule),
        sha256=row.sha256,
        made_at=row.made_at,
        last_on=deadlines.last_day(row.ends_at, seat.zone),
        closed_at=closed_at,
        offer_id=row.offer_id,
        has_answered=answered,
        may_answer=is_open and not answered and seat.side is not None and seat.may("proposal:answer"),
        may_take_back=is_open and seat.may("proposal:withdraw"),
    )


def _has_answered(seat: Seat, row: Proposal) -> bool:
    """Whether this person has answered, or, where one speaks for the whole side, anybody of it."""
    if seat.side is None or not seat.may("proposal:answer"):
        return False
    found = select(ProposalAnswer.account_id).where(
        ProposalAnswer.proposal_id == row.id, ProposalAnswer.role == seat.role
    )
    of_side = set(seat.session.scalars(found))
    return seat.account_id in of_side if signers_seated(seat, seat.side) else bool(of_side)


def _document(row: Proposal) -> dict[str, object]:
    found = chain.parse(row.document.encode())
    if not isinstance(found, dict):
        raise TypeError("a proposal's document is an object")
    return found
