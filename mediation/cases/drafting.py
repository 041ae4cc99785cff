"""Between agreed terms and their paper: the mediator draws it up once everybody who signs for the borrower is known."""

from datetime import datetime

from sqlalchemy import select

from mediation.cases import moves
from mediation.cases.models import Identity, Seating
from mediation.cases.seats import Seat
from mediation.rules.access import Role
from mediation.rules.deadlines import Term


def await_drafting(seat: Seat, *, at: datetime) -> None:
    """The mediator has two working days for the paper; before that a borrower whose identity is not on file, seven."""
    role, term = (Role.BORROWER, Term.GIVE_IDENTITY) if lacks_identity(seat) else (Role.MEDIATOR, Term.CONTACT_PARTIES)
    until = moves.deadline_of(seat.case, term, at=at).ends_at
    moves.await_turn(seat.case, role, until=until, kind=term.value, at=at)


def lacks_identity(seat: Seat) -> bool:
    """Whether somebody who signs for the borrower has not said yet who they are."""
    found = (
        select(Seating.id)
        .outerjoin(Identity, (Identity.case_id == Seating.case_id) & (Identity.account_id == Seating.account_id))
        .where(
            Seating.case_id == seat.case_id,
            Seating.role == Role.BORROWER,
            Seating.signs,
            Seating.ended_at.is_(None),
            Identity.id.is_(None),
        )
    )
    return seat.session.scalar(found.limit(1)) is not None
