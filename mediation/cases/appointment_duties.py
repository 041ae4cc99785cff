"""What time does to an appointment: at the window's end silence lets it stand; with the mediator's place it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import outbox
from mediation.cases import appointments, draws, seats
from mediation.cases.models import Appointment, Case
from mediation.cases.seats import Seat
from mediation.rules.access import LIVE


def keep_confirmation(session: Session, payload: Mapping[str, str], _result: Any, *, at: datetime) -> None:
    """The appointment stands if its window is over at the time read under the lock; done before, nothing changes."""
    case = seats.lock_case(session, UUID(payload["case"]))
    appointments.confirm_if_due(Seat.system(session, case), at=at)


def spread_release(session: Session, payload: Mapping[str, str], _result: Any, *, at: datetime) -> None:
    """Somebody's place on the panel has ended: each case that they mediate is seen to on its own."""
    found = (
        select(Appointment.id, Appointment.case_id)
        .join(Case, Case.id == Appointment.case_id)
        .where(
            Appointment.mediator_id == UUID(payload["account"]),
            Appointment.ended_at.is_(None),
            Case.institution_id == UUID(payload["institution"]),
            Case.stage.in_(LIVE),
        )
    )
    for appointment_id, case_id in session.execute(found).all():
        dedup = f"appointment:release:{appointment_id}"
        outbox.enqueue(session, "appointment:release", {"case": str(case_id)}, at=at, dedup=dedup)


def keep_release(session: Session, payload: Mapping[str, str], _result: Any, *, at: datetime) -> None:
    """The seat is empty, unless the registrar's appointment of a successor has seen to it."""
    case = seats.lock_case(session, UUID(payload["case"]))
    appointments.release_if_left(Seat.system(session, case), at=at)


def keep_draw(session: Session, payload: Mapping[str, str], _result: Any, *, at: datetime) -> None:
    """The draw is made if its time is over at the time read under the lock; made before, nothing changes."""
    case = seats.lock_case(session, UUID(payload["case"]))
    draws.make_draw_if_due(Seat.system(session, case), at=at)


DUTIES: Mapping[str, outbox.Duty] = {
    "appointment:confirm": outbox.Duty(keep=keep_confirmation),
    "appointment:release": outbox.Duty(keep=keep_release),
    "draw:make": outbox.Duty(keep=keep_draw),
    "panel:left": outbox.Duty(keep=spread_release),
}
