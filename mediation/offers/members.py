"""Where a side has several members: who has said yes to a plan so far, known to that side and the mediator alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit
from mediation.accounts.models import Account
from mediation.cases.models import Seating
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.offers import telling
from mediation.offers.models import Acceptance, Offer
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role


@dataclass(frozen=True)
class Yes:
    """Whether the reader has said yes already, and who of the same side has not."""

    is_given: bool = False
    awaited: Sequence[str] = ()


def note_one_yes(seat: Seat, row: Offer, *, at: datetime) -> None:
    """One of several has said yes; the plan is not agreed yet, and the other side learns nothing of it."""
    seat.require("offer:answer")
    assert seat.side is not None
    thread = ROOM_THREADS[CAUCUS_OF[seat.side]]
    audit.record(seat, "offer:accepted-by-one", telling.closed(row), at=at, thread=thread)
    tell_roles(seat.session, seat.case, "offer:waits-for-you", (seat.role,), at=at, but=seat.account_id)


def yes_so_far(seat: Seat, offer_id: UUID) -> Yes:
    """Where several sign for the borrower: the reader's own yes to this plan, and whose is awaited."""
    if seat.role is not Role.BORROWER:
        return Yes()
    given = set(seat.session.scalars(select(Acceptance.account_id).where(Acceptance.offer_id == offer_id)))
    signers = (
        select(Account.id, Account.name)
        .join(Seating, Seating.account_id == Account.id)
        .where(
            Seating.case_id == seat.case_id,
            Seating.role == Role.BORROWER,
            Seating.signs,
            Seating.ended_at.is_(None),
        )
        .order_by(Seating.since_at, Account.id)
    )
    awaited = [name for account_id, name in seat.session.execute(signers) if account_id not in given]
    return Yes(seat.account_id in given, awaited)
