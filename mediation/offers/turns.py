"""Who is waited for at the table: both sides for a proposal, a side for an open plan, else the mediator."""

from datetime import datetime

from sqlalchemy import select

from mediation.cases import moves
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.offers import telling
from mediation.offers.models import Negotiation, Offer
from mediation.offers.proposal_models import Proposal
from mediation.rules.access import Role
from mediation.rules.deadlines import Term
from mediation.rules.negotiation import OfferState
from mediation.rules.proposals import ProposalState


def await_next(case_seat: Seat, *, at: datetime) -> None:
    """The turn is where it belongs by what lies open; nothing that anybody has answered in private moves it."""
    case_seat.session.flush()
    proposal, row = _open_proposal(case_seat), _open_offer(case_seat)
    if proposal is not None:
        kind = Term.REPLY_TO_OFFER.value
        moves.await_both_sides(case_seat.case, until=proposal.ends_at, kind=kind, at=at)
    elif row is not None:
        _await_answer(case_seat.case, row, at=at)
    else:
        await_mediator(case_seat.case, at=at)


def await_mediator(case: Case, *, at: datetime) -> None:
    """Nothing lies open: the mediator speaks with the parties, within the time for that; without one, one is sought."""
    if case.mediator_id is None:
        moves.await_turn(case, Role.REGISTRAR, until=None, kind="", at=at)
        return
    until = moves.deadline_of(case, Term.CONTACT_PARTIES, at=at).ends_at
    moves.await_turn(case, Role.MEDIATOR, until=until, kind=Term.CONTACT_PARTIES.value, at=at)


def _open_proposal(case_seat: Seat) -> Proposal | None:
    found = select(Proposal).where(Proposal.case_id == case_seat.case_id, Proposal.status == ProposalState.OPEN)
    return case_seat.session.scalars(found).first()


def _open_offer(case_seat: Seat) -> Offer | None:
    found = (
        select(Offer)
        .join(Negotiation, Negotiation.id == Offer.negotiation_id)
        .where(Offer.case_id == case_seat.case_id, Negotiation.is_current, Offer.status == OfferState.OPEN)
    )
    return case_seat.session.scalars(found).first()


def _await_answer(case: Case, row: Offer, *, at: datetime) -> None:
    """The side across the table has its turn, until the offer lapses."""
    moves.await_turn(case, telling.ROLES[row.side.other], until=row.lapses_at, kind=Term.REPLY_TO_OFFER.value, at=at)
