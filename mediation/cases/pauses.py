"""What is read of pauses and suspensions: whether one stands, until when, and what of it a seat may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.pause_models import Pause, PauseReason, Suspension, SuspensionReason
from mediation.cases.seats import Seat
from mediation.rules import deadlines
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side


@dataclass(frozen=True)
class Paused:
    """The pause that stands, as both sides read it alike."""

    asked_as: Role
    reason: PauseReason
    paused_at: datetime
    last_on: date


@dataclass(frozen=True)
class Suspended:
    """The suspension that stands; whose question it is only the mediator and the institution know."""

    suspended_at: datetime
    reason: SuspensionReason | None
    side: Side | None


def current_pause(session: Session, case_id: UUID) -> Pause | None:
    """The pause that stands, if any."""
    found = select(Pause).where(Pause.case_id == case_id, Pause.ended_at.is_(None))
    return session.scalars(found.order_by(Pause.paused_at.desc())).first()


def pauses_of(session: Session, case_id: UUID) -> Sequence[Pause]:
    """Every pause of that case, the oldest first."""
    return session.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.paused_at)).all()


def current_suspension(session: Session, case_id: UUID) -> Suspension | None:
    """The suspension that stands, if any."""
    found = select(Suspension).where(Suspension.case_id == case_id, Suspension.ended_at.is_(None))
    return session.scalars(found.order_by(Suspension.suspended_at.desc())).first()


def pause_seen_by(seat: Seat) -> Paused | None:
    """The pause that stands, for everybody who reads the case."""
    pause = current_pause(seat.session, seat.case_id) if seat.stage is Stage.PAUSED else None
    if pause is None:
        return None
    return Paused(pause.asked_as, pause.reason, pause.paused_at, deadlines.last_day(pause.until_at, seat.zone))


def suspension_seen_by(seat: Seat) -> Suspended | None:
    """The suspension that stands; both sides read the same, and of a person's death or capacity nothing."""
    found = current_suspension(seat.session, seat.case_id) if seat.stage is Stage.SUSPENDED else None
    if found is None:
        return None
    if seat.side is None:
        return Suspended(found.suspended_at, found.reason, found.side)
    is_told = found.reason is SuspensionReason.CLAIM_ASSIGNED
    return Suspended(found.suspended_at, found.reason if is_told else None, None)
