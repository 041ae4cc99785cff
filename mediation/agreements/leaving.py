"""Ways back before anything binds: the agreed terms are left, or the case has ended and its paper with it."""

from datetime import datetime

from mediation import audit
from mediation.agreements.models import Agreement
from mediation.agreements.selections import current_agreement
from mediation.cases import moves, telling
from mediation.cases.seats import Seat
from mediation.rules.access import Role
from mediation.rules.deadlines import Term
from mediation.rules.lifecycle import AGREEMENT_MOVES, AgreementMove, Move, is_over, next_agreement

TOLD = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)


def leave_terms(seat: Seat, *, at: datetime) -> None:
    """The agreed plan is off the table before there was a paper to sign; the negotiation is open again."""
    seat.require("terms:leave")
    agreement = current_agreement(seat)
    if agreement is not None:
        _void(agreement, at)
    moves.move(seat, Move.RETURN_TO_TABLE, at=at)
    until = moves.deadline_of(seat.case, Term.CONTACT_PARTIES, at=at).ends_at
    moves.await_turn(seat.case, Role.MEDIATOR, until=until, kind=Term.CONTACT_PARTIES.value, at=at)
    audit.record(seat, "terms:left", {"side": seat.role.value}, at=at)
    telling.tell_roles(seat.session, seat.case, "terms:left", TOLD, at=at, but=seat.account_id)


def drop_paper(seat: Seat, *, at: datetime) -> None:
    """The case ended before the seal: its paper is void, and nobody's agreement."""
    seat.require("time:pass")
    agreement = current_agreement(seat)
    if agreement is None or not is_over(seat.stage):
        return
    if (agreement.state, AgreementMove.VOID) not in AGREEMENT_MOVES:
        return
    _void(agreement, at)
    seat.session.flush()
    audit.record(seat, "agreement:dropped", {"agreement": str(agreement.id)}, at=at)


def _void(agreement: Agreement, at: datetime) -> None:
    agreement.state = next_agreement(agreement.state, AgreementMove.VOID)
    agreement.closed_at = at
