"""The panel of mediators as the registrar chooses from it, and the appointment as each seat reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from mediation.accounts.models import Account, Membership
from mediation.cases.models import Appointment, AppointmentAnswer, Case, Seating
from mediation.cases.panel_models import Draw, DrawState, ReasonedObjection
from mediation.cases.particulars import particulars_of_all, share_limit_of
from mediation.cases.pasts import pasts_of, tied_to_lender
from mediation.cases.seats import Seat
from mediation.rules import lifecycle
from mediation.rules.access import Role
from mediation.rules.appointing import NEEDS_REASON, Candidate, Hindrance, Language, language_of, recommended
from mediation.rules.deadlines import last_day
from mediation.rules.independence import figures_of
from mediation.rules.lifecycle import OPEN_STAGES, Answer, AppointmentState
from mediation.rules.negotiation import Side

_HAS_A_PLACE = exists().where(
    Membership.account_id == Appointment.mediator_id,
    Membership.institution_id == Case.institution_id,
    Membership.role == Role.MEDIATOR,
    Membership.ended_at.is_(None),
)


@dataclass(frozen=True, kw_only=True)
class PanelMember:
    """A mediator of the institution: open cases now; with this lender and of all, those that run or ended in a year."""

    account_id: UUID
    name: str
    field: str
    body: str
    languages: tuple[Language, ...]
    open_cases: int
    most_open: int
    in_year: int
    with_lender: int
    hindrances: tuple[Hindrance, ...] = ()

    @property
    def needs_reason(self) -> bool:
        """Whether the registrar asks this mediator only with a reason that both sides read."""
        return bool(NEEDS_REASON & {*self.hindrances})


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
    """The mediators whom the registrar may ask now, the best advised first, each with what speaks against them."""
    seat.require("mediator:appoint")
    return members_advised(seat.session, seat.case, at=at)


def members_advised(session: Session, case: Case, *, at: datetime) -> Sequence[PanelMember]:
    """The mediators who may be asked in this case, weighed by language, ties, load and the lender's share."""
    members = _members(session, case, available_mediators(session, case), at)
    tied = tied_to_lender(session, case, [*members])
    weighed = [
        Candidate(
            key=str(each.account_id),
            open_cases=each.open_cases,
            most_open=each.most_open,
            languages=frozenset(each.languages),
            in_year=each.in_year,
            with_lender=each.with_lender,
            has_tie=each.account_id in tied,
        )
        for each in members.values()
    ]
    limit = share_limit_of(session, case.institution_id)
    advised = recommended(weighed, language=language_heard_in(session, case), limit=limit)
    return [replace(members[UUID(one.key)], hindrances=found) for one, found in advised]


def available_mediators(session: Session, case: Case) -> dict[UUID, str]:
    """Who is on the panel, never sat in this case, for a side neither, and was not asked in it: account and name."""
    seated = select(Seating.account_id).where(Seating.case_id == case.id)
    asked = select(Appointment.mediator_id).where(Appointment.case_id == case.id)
    found = (
        select(Account.id, Account.name)
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
    return dict(session.execute(found).all())


def language_heard_in(session: Session, case: Case) -> Language:
    """The language in which the borrower reads these pages, and so is to be heard."""
    found = (
        select(Account.locale)
        .join(Seating, Seating.account_id == Account.id)
        .where(Seating.case_id == case.id, Seating.role == Role.BORROWER, Seating.ended_at.is_(None))
        .order_by(Seating.since_at, Seating.id)
    )
    return language_of(session.scalars(found).first() or "")


def appointment_seen_by(seat: Seat, *, at: datetime) -> Asked | None:
    """The current appointment of this case; none where nobody is asked. A party hears of it once it is accepted."""
    seat.require("case:read")
    current = current_appointment(seat.session, seat.case_id)
    if current is None or (seat.side is not None and current.state is AppointmentState.PROPOSED):
        return None
    account = seat.session.get_one(Account, current.mediator_id)
    answers = answers_of(seat.session, current.id)
    return Asked(
        id=current.id,
        mediator=_members(seat.session, seat.case, {account.id: account.name}, at)[account.id],
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
    upheld = select(ReasonedObjection.appointment_id).where(ReasonedObjection.upheld.is_(True))
    found = (
        select(Appointment, Account.name, Appointment.id.in_(objected) | Appointment.id.in_(upheld))
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


def open_draw_of(session: Session, case_id: UUID) -> Draw | None:
    """The draw of this case that has not been made yet, if one has been promised."""
    return session.scalars(select(Draw).where(Draw.case_id == case_id, Draw.state == DrawState.OPEN)).first()


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


def _members(session: Session, case: Case, names: Mapping[UUID, str], at: datetime) -> dict[UUID, PanelMember]:
    told = particulars_of_all(session, case.institution_id, names)
    pasts = pasts_of(session, case, [*names], at=at)
    open_cases = _open_cases(session, case, [*names])
    return {
        each: PanelMember(
            account_id=each,
            name=name,
            field=told[each].field,
            body=told[each].body,
            languages=told[each].languages,
            open_cases=open_cases.get(each, 0),
            most_open=told[each].most_open,
            in_year=figures.in_year,
            with_lender=figures.with_lender,
        )
        for each, name in names.items()
        for figures in [figures_of(pasts[each])]
    }


def _open_cases(session: Session, case: Case, mediators: Sequence[UUID]) -> dict[UUID, int]:
    """For each mediator the open cases, this case aside."""
    found = (
        select(Case.mediator_id, func.count())
        .where(
            Case.mediator_id.in_(mediators),
            Case.institution_id == case.institution_id,
            Case.id != case.id,
            Case.stage.in_(OPEN_STAGES),
        )
        .group_by(Case.mediator_id)
    )
    return {mediator: count for mediator, count in session.execute(found) if mediator is not None}
