"""What time does to an appointment: at the window's end silence lets it stand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from mediation import outbox
from mediation.cases import appointments, seats
from mediation.cases.seats import Seat


def keep_confirmation(session: Session, payload: Mapping[str, str], _result: Any, *, at: datetime) -> None:
    """The appointment stands if its window is over at the time read under the lock; done before, nothing changes."""
    case = seats.lock_case(session, UUID(payload["case"]))
    appointments.confirm_if_due(Seat.system(session, case), at=at)


DUTIES: Mapping[str, outbox.Duty] = {"appointment:confirm": outbox.Duty(keep=keep_confirmation)}
