"""Since when a mediator hears a side: from its own seat on, or from the first word once that side has opened it."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from mediation.cases.handover_models import Handover
from mediation.cases.models import Seating
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.rules.access import Role
from mediation.rules.negotiation import Side

THE_FIRST_WORD = datetime(1970, 1, 1, tzinfo=UTC)


def heard_since(seat: Seat, side: Side) -> datetime:
    """From when on this mediator hears what that side says, shows or states to the mediator alone."""
    since = mediator_hears_since(seat.session, seat.case_id, side, account_id=seat.account_id)
    if since is None:
        raise NotFound
    return since


def mediator_hears_since(
    session: Session, case_id: UUID, side: Side, *, account_id: UUID | None = None
) -> datetime | None:
    """The same for whoever mediates now; none where nobody does."""
    sitting = _sitting(session, case_id, side, account_id)
    if sitting is None:
        return None
    since, handed_over = sitting
    return since if handed_over is None else THE_FIRST_WORD


def _sitting(
    session: Session, case_id: UUID, side: Side, account_id: UUID | None
) -> tuple[datetime, UUID | None] | None:
    found = (
        select(Seating.since_at, Handover.id)
        .outerjoin(Handover, and_(Handover.seat_id == Seating.id, Handover.side == side))
        .where(Seating.case_id == case_id, Seating.role == Role.MEDIATOR, Seating.ended_at.is_(None))
    )
    row = session.execute(found if account_id is None else found.where(Seating.account_id == account_id)).first()
    return None if row is None else (row.since_at, row.id)
