"""The officer who answers for the lender in one case."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from mediation.cases.models import Undertaking
from mediation.cases.seats import Seat


def officers_of(seat: Seat) -> Sequence[UUID]:
    """The officer who gave the lender's undertaking in this case."""
    found = select(Undertaking.given_by).where(Undertaking.case_id == seat.case_id)
    return seat.session.scalars(found).all()
