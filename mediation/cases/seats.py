"""Seats: this account at this case, found and locked in one place."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from mediation.accounts.models import Institution, Membership
from mediation.cases.models import Appointment, Case, Seating
from mediation.cases.side_models import SideInvitation
from mediation.errors import NotFound
from mediation.rules import access
from mediation.rules.access import Role, Scope
from mediation.rules.lifecycle import AppointmentState, Stage, is_over


@dataclass(frozen=True, kw_only=True)
class Seat(access.Seat):
    """A seat with its case, and the session in which its actions are kept."""

    session: Session
    case: Case
    institution: Institution
    # From when an adviser sits here no more, though nobody has written it down yet.
    until: datetime | None = None

    @classmethod
    def system(cls, session: Session, case: Case) -> "Seat":
        """The worker's seat: it lets time pass and nothing else."""
        return _seat(session, case, None, Role.SYSTEM)

    @property
    def zone(self) -> ZoneInfo:
        """The case's own time zone."""
        return ZoneInfo(self.case.zone)

    def now_at(self, stage: Stage) -> "Seat":
        """The same seat once the case has moved to that stage."""
        return _seat(self.session, self.case, self.account_id, self.role, stage)


def seat_of(session: Session, account_id: UUID, number: str, *, locking: bool = False) -> Seat | None:
    """The seat of this account at the case of that number; a writing request waits here for the case row."""
    found = select(Case).where(Case.number == number)
    case = session.scalars(found.with_for_update() if locking else found).first()
    if case is None:
        return None
    role = _seated_as(session, account_id, case) or _staffed_as(session, account_id, case)
    return None if role is None else _seat(session, case, account_id, role, _stage_for(session, account_id, case, role))


def seated_since(seat: Seat) -> datetime | None:
    """Since when this person has sat here; None for whoever sits by an office and not by a seat of their own."""
    found = select(Seating.since_at).where(
        Seating.case_id == seat.case_id, Seating.account_id == seat.account_id, Seating.ended_at.is_(None)
    )
    return seat.session.scalar(found)


def check_still_sits(seat: Seat, moment: datetime) -> None:
    """Raise NotFound from the end of an adviser's time on: the case is not there any more for that person."""
    if seat.until is not None and moment >= seat.until:
        raise NotFound


def lock_case(session: Session, case_id: UUID) -> Case:
    """The case row, held until the transaction ends."""
    return session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()


def _seated_as(session: Session, account_id: UUID, case: Case) -> Role | None:
    """A mediator sits for as long as the place on the panel lasts, whatever the row of the seat says."""
    on_panel = exists().where(
        Membership.account_id == account_id,
        Membership.institution_id == case.institution_id,
        Membership.role == Role.MEDIATOR,
        Membership.ended_at.is_(None),
    )
    found = select(Seating.role).where(
        Seating.case_id == case.id,
        Seating.account_id == account_id,
        Seating.ended_at.is_(None),
        or_(Seating.role != Role.MEDIATOR, on_panel),
    )
    role = session.scalar(found)
    # Advice ends with the case: what stays is for those whom the outcome concerns.
    return None if role is Role.ADVISER and is_over(case.stage) else role


def _staffed_as(session: Session, account_id: UUID, case: Case) -> Role | None:
    """The registrar sits at every case of the institution, an officer at every case of the organisation there."""
    member = session.scalars(
        select(Membership).where(
            Membership.account_id == account_id,
            Membership.institution_id == case.institution_id,
            Membership.ended_at.is_(None),
        )
    ).first()
    if member is None:
        return None
    if member.role is Role.LENDER and member.organisation_id == case.organisation_id:
        return Role.LENDER
    if member.role is Role.REGISTRAR and case.stage is not Stage.DRAFT:
        return Role.REGISTRAR
    return None


def _stage_for(session: Session, account_id: UUID, case: Case, role: Role) -> Stage:
    """A mediator who has not accepted yet sits as at `joined`, however far the case has come: names, nothing else."""
    if role is not Role.MEDIATOR or case.stage is Stage.JOINED:
        return case.stage
    asked = select(Appointment.id).where(
        Appointment.case_id == case.id,
        Appointment.mediator_id == account_id,
        Appointment.state == AppointmentState.PROPOSED,
    )
    return case.stage if session.scalar(asked) is None else Stage.JOINED


def _seat(session: Session, case: Case, account_id: UUID | None, role: Role, stage: Stage | None = None) -> Seat:
    came_by = _came_by(session, case, account_id, role)
    advises = came_by if role is Role.ADVISER else None
    return Seat(
        account_id=account_id,
        institution_id=case.institution_id,
        case_id=case.id,
        role=role,
        stage=stage or case.stage,
        session=session,
        case=case,
        institution=session.get_one(Institution, case.institution_id),
        advises=advises.side if advises else None,
        scope=frozenset(Scope(word) for word in advises.scope.split()) if advises else frozenset(),
        until=advises.seat_ends_at if advises else None,
        is_further=came_by is not None and role is Role.BORROWER,
    )


def _came_by(session: Session, case: Case, account_id: UUID | None, role: Role) -> SideInvitation | None:
    """The invitation by which an adviser or a further borrower came to the side, while it holds."""
    if account_id is None or role not in (Role.BORROWER, Role.ADVISER):
        return None
    found = select(SideInvitation).where(
        SideInvitation.case_id == case.id,
        SideInvitation.account_id == account_id,
        SideInvitation.role == role,
        SideInvitation.joined_at.is_not(None),
        SideInvitation.ended_at.is_(None),
    )
    return session.scalars(found).first()
