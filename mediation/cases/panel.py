"""The panel of mediators as the registrar chooses from it, and the appointment as each seat reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from mediation.accounts.models import Account, Membership
from mediation.cases.models import Appointment, AppointmentAnswer, Case, Seating
from mediation.cases.seats import Seat
from mediation.rules import lifecycle
from mediation.rules.access import Role
from mediation.rules.deadlines import last_day
from mediation.rules.lifecycle import OPEN_STAGES, Answer, AppointmentState
from mediation.rules.negotiation import Side

LOOKED_BACK = timedelta(days=365)
_HAS_A_PLACE = exists().where(
    Membership.account_id == Appointment.mediator_id,
    Membership.institution_id == Case.institution_id,
    Membership.role == Role.MEDIATOR,
    Membership.ended_at.is_(None),
)


@dataclass(frozen=True)
class PanelMember:
    """A mediator of the institution: field, open cases now, cases with this lender in the last 12 months."""

    account_id: UUID
    name: str
    field: str
    open_cases: int
    with_lender: int


@dataclass(frozen=True)
class Asked:
    """The current appointment of a case as a seat reads it; the state is what time has made of it."""

    id: UUID
    mediator: PanelMember
    state: AppointmentState
    proposed_at: datetime
    until: date | None
    answers: Mapping[Side, Answer]
    objected_before: frozenset[Side]

    @property
    def is_unanswered(self) -> bool:
        """Whether the mediator has not said yet whether it accepts."""
        return self.state is AppointmentState.PROPOSED

    @property
    def stands(self) -> bool:
        """Whether nobody can object any more."""
        return self.state is AppointmentState.CONFIRMED

    def is_open_to(self, side: Side | None) -> bool:
        """Whether this side may still answer."""
        return side is not None and self.state is AppointmentState.OBJECTION_WINDOW and side not in self.answers


@dataclass(frozen=True)
class Ended:
    """An appointment that did not last, for the registrar: who, how it ended, what was declared."""

    name: str
    state: AppointmentState
    was_accepted: bool
    was_objected: bool
    declaration: str
    ended_at: datetime

    @property
    def was_declined(self) -> bool:
        """Whether the mediator itself did not take the case."""
        return self.state is AppointmentState.DECLINED


def candidates_for(seat: Seat, *, at: datetime) -> Sequence[PanelMember]:
    """The mediators whom the registrar may ask now: on the panel, in no other seat here, not asked here before."""
    seat.require("mediator:appoint")
    case = seat.case
    seated = select(Seating.account_id).where(Seating.case_id == case.id, Seating.ended_at.is_(None))
    asked = select(Appointment.mediator_id).where(Appointment.case_id == case.id)
    found = (
        select(Account, Membership.field)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.institution_id == case.institution_id,
            Membership.role == Role.MEDIATOR,
            Membership.ended_at.is_(None),
            Account.disabled_at.is_(None),
            Account.id.not_in(seated),
            Account.id.not_in(asked),
        )
        .order_by(Account.name, Account.id)
    )
    rows = seat.session.execute(found).all()
    counts = _counts(seat.session, case, [account.id for account, _ in rows], at)
    members = [PanelMember(a.id, a.name, field, *counts.get(a.id, (0, 0))) for a, field in rows]
    return sorted(members, key=lambda member: (member.open_cases, member.with_lender))


def appointment_seen_by(seat: Seat, *, at: datetime) -> Asked | None:
    """The current appointment of this case; none where nobody is asked. A party hears of it once it is accepted."""
    seat.require("case:read")
    current = current_appointment(seat.session, seat.case_id)
    if current is None or (seat.side is not None and current.state is AppointmentState.PROPOSED):
        return None
    account = seat.session.get_one(Account, current.mediator_id)
    field = seat.session.scalar(
        select(Membership.field).where(
            Membership.account_id == account.id, Membership.institution_id == seat.institution_id
        )
    )
    counts = _counts(seat.session, seat.case, [account.id], at).get(account.id, (0, 0))
    answers = answers_of(seat.session, current.id)
    return Asked(
        id=current.id,
        mediator=PanelMember(account.id, account.name, field or "", *counts),
        state=state_at(current, answers, at=at),
        proposed_at=current.proposed_at,
        until=last_day(current.objections_end_at, seat.zone) if current.objections_end_at else None,
        answers={seat.side: answers[seat.side]} if seat.side in answers else {},
        objected_before=objected_before(seat.session, seat.case_id),
    )


def ended_appointments_seen_by(seat: Seat) -> Sequence[Ended]:
    """The appointments that did not last, newest first, to whoever appoints; to nobody else any."""
    if not seat.may("mediator:appoint"):
        return []
    objected = select(AppointmentAnswer.appointment_id).where(AppointmentAnswer.objects)
    found = (
        select(Appointment, Account.name, Appointment.id.in_(objected))
        .join(Account, Account.id == Appointment.mediator_id)
        .where(Appointment.case_id == seat.case_id, Appointment.ended_at.is_not(None))
        .order_by(Appointment.ended_at.desc(), Appointment.id.desc())
    )
    return [
        Ended(
            name=name,
            state=each.state,
            was_accepted=each.accepted_at is not None,
            was_objected=was_objected,
            declaration=each.declaration,
            ended_at=each.ended_at or each.proposed_at,
        )
        for each, name, was_objected in seat.session.execute(found)
    ]


def current_appointment(session: Session, case_id: UUID) -> Appointment | None:
    """The one appointment of the case that has not ended, as long as its mediator has a place on the panel."""
    return _unended(session, case_id, _HAS_A_PLACE)


def appointment_left_behind(session: Session, case_id: UUID) -> Appointment | None:
    """The appointment that has not ended though its mediator's place on the panel has."""
    return _unended(session, case_id, ~_HAS_A_PLACE)


def mediator_in_place(session: Session, case_id: UUID) -> UUID | None:
    """The mediator who has accepted and sits; none while one is sought or asked."""
    current = current_appointment(session, case_id)
    return current.mediator_id if current is not None and current.accepted_at is not None else None


def answers_of(session: Session, appointment_id: UUID) -> dict[Side, Answer]:
    """What the sides have said to this appointment."""
    found = select(AppointmentAnswer).where(AppointmentAnswer.appointment_id == appointment_id)
    return {each.side: Answer.OBJECT if each.objects else Answer.ACCEPT for each in session.scalars(found)}


def objected_before(session: Session, case_id: UUID) -> frozenset[Side]:
    """The sides that have turned down a mediator of this case."""
    found = (
        select(AppointmentAnswer.side)
        .join(Appointment, Appointment.id == AppointmentAnswer.appointment_id)
        .where(Appointment.case_id == case_id, AppointmentAnswer.objects)
    )
    return frozenset(session.scalars(found))


def state_at(appointment: Appointment, answers: Mapping[Side, Answer], *, at: datetime) -> AppointmentState:
    """Where the appointment stands at this moment, also when the worker has not written it yet."""
    if appointment.state is not AppointmentState.OBJECTION_WINDOW or appointment.objections_end_at is None:
        return appointment.state
    return lifecycle.after_answers(answers, ends_at=appointment.objections_end_at, at=at)


def _unended(session: Session, case_id: UUID, which: ColumnElement[bool]) -> Appointment | None:
    found = (
        select(Appointment)
        .join(Case, Case.id == Appointment.case_id)
        .where(Appointment.case_id == case_id, Appointment.ended_at.is_(None), which)
    )
    return session.scalars(found.order_by(Appointment.proposed_at.desc(), Appointment.id.desc())).first()


def _counts(session: Session, case: Case, mediators: Sequence[UUID], at: datetime) -> dict[UUID, tuple[int, int]]:
    """For each mediator, open cases and cases with this case's lender of the last 12 months, this case aside."""
    is_open = when((Case.stage.in_(OPEN_STAGES), 1), else_=0)
    same_lender = (Case.organisation_id == case.organisation_id) & (Case.opened_at >= at - LOOKED_BACK)
    found = (
        select(Case.mediator_id, func.sum(is_open), func.sum(when((same_lender, 1), else_=0)))
        .where(Case.mediator_id.in_(mediators), Case.institution_id == case.institution_id, Case.id != case.id)
        .group_by(Case.mediator_id)
    )
    return {mediator: (int(opened), int(shared)) for mediator, opened, shared in session.execute(found)}
