"""Seats: this account at this case, found and locked in one place."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from mediation.accounts.models import Institution, Membership
from mediation.cases.models import Appointment, Case, Seating
from mediation.rules import access
from mediation.rules.access import Role
from mediation.rules.lifecycle import AppointmentState, Stage


@dataclass(frozen=True, kw_only=True)
class Seat(access.Seat):
    """A seat with its case, and the session in which its actions are kept."""

    session: Session
    case: Case
    institution: Institution

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
    return session.scalar(found)


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
    return Seat(
        account_id=account_id,
        institution_id=case.institution_id,
        case_id=case.id,
        role=role,
        stage=stage or case.stage,
        session=session,
        case=case,
        institution=session.get_one(Institution, case.institution_id),
    )
