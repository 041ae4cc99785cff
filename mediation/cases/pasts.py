"""What is on file of the panel's mediators at one moment: cases that run, and those that ended in the last year."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from mediation.accounts.models import Membership
from mediation.cases.models import Appointment, AppointmentAnswer, Case, Seating
from mediation.cases.panel_models import CaseOutcome, ReasonedObjection
from mediation.rules.access import Role
from mediation.rules.independence import YEAR, Past, Settled
from mediation.rules.lifecycle import OPEN_STAGES, Stage

# A case whose agreement was sealed is settled, not running, also where no outcome was written down in its time.
STILL_RUNNING = OPEN_STAGES - {Stage.IN_FORCE, Stage.BREACHED, Stage.CURED}
WAIVED = (
    CaseOutcome.principal_waived + CaseOutcome.interest_waived + CaseOutcome.penalty_waived + CaseOutcome.fees_waived
)


def pasts_of(session: Session, case: Case, mediators: Sequence[UUID], *, at: datetime) -> dict[UUID, Past]:
    """Of each mediator what was so before that moment, this case aside; computed later it comes out the same."""
    running = {row[0]: row[1:] for row in session.execute(_running(case, mediators, at))}
    ended = {row[0]: row[1:] for row in session.execute(_ended(case, mediators, at))}
    announced = {row[0]: row[1] for row in session.execute(_announced(case, mediators, at))}
    objected = _objected(session, case, mediators, at)
    settled = _settled(session, case, mediators, at)
    return {
        each: Past(
            running=int(running.get(each, (0, 0))[0]),
            running_with_lender=int(running.get(each, (0, 0))[1]),
            ended=int(ended.get(each, (0, 0))[0]),
            unsettled_with_lender=int(ended.get(each, (0, 0))[1]),
            settled=settled.get(each, []),
            announced=announced.get(each, 0),
            objections=len(objected.get(each, set())),
        )
        for each in mediators
    }


def tied_to_lender(session: Session, case: Case, mediators: Sequence[UUID]) -> frozenset[UUID]:
    """Who has had a tie to this case's lender: declared in a case of it, worked for it, or owed it something."""
    declared = (
        select(Appointment.mediator_id)
        .join(Case, Case.id == Appointment.case_id)
        .where(Case.organisation_id == case.organisation_id, Appointment.declaration != "")
    )
    worked = select(Membership.account_id).where(Membership.organisation_id == case.organisation_id)
    owed = (
        select(Seating.account_id)
        .join(Case, Case.id == Seating.case_id)
        .where(Case.organisation_id == case.organisation_id, Seating.role == Role.BORROWER)
    )
    columns = (Appointment.mediator_id, Membership.account_id, Seating.account_id)
    return frozenset(
        account
        for found, column in zip((declared, worked, owed), columns, strict=True)
        for account in session.scalars(found.where(column.in_(mediators)))
    )


def _running(case: Case, mediators: Sequence[UUID], at: datetime) -> Select[UUID, int, int]:
    """Accepted by then, and neither the appointment nor the case at an end then."""
    ended_later = CaseOutcome.closed_at >= at
    never_ended = and_(CaseOutcome.case_id.is_(None), Case.stage.in_(STILL_RUNNING))
    return (
        select(Appointment.mediator_id, func.count(), func.sum(_is_lenders(case, Case.organisation_id)))
        .join(Case, Case.id == Appointment.case_id)
        .outerjoin(CaseOutcome, CaseOutcome.case_id == Case.id)
        .where(
            Appointment.mediator_id.in_(mediators),
            Case.institution_id == case.institution_id,
            Case.id != case.id,
            Appointment.accepted_at < at,
            or_(Appointment.ended_at.is_(None), Appointment.ended_at >= at),
            or_(ended_later, never_ended),
        )
        .group_by(Appointment.mediator_id)
    )


def _ended(case: Case, mediators: Sequence[UUID], at: datetime) -> Select[UUID | None, int, int]:
    unsettled = when((CaseOutcome.is_settled, 0), else_=_is_lenders(case, CaseOutcome.organisation_id))
    return (
        select(CaseOutcome.mediator_id, func.count(), func.sum(unsettled))
        .where(*_in_the_year(case, mediators, at))
        .group_by(CaseOutcome.mediator_id)
    )


def _settled(session: Session, case: Case, mediators: Sequence[UUID], at: datetime) -> dict[UUID, list[Settled]]:
    found = select(CaseOutcome.mediator_id, CaseOutcome.claimed, WAIVED).where(
        *_in_the_year(case, mediators, at), CaseOutcome.is_settled, CaseOutcome.organisation_id == case.organisation_id
    )
    settled: dict[UUID, list[Settled]] = {}
    for mediator, claimed, waived in session.execute(found):
        if mediator is not None:
            settled.setdefault(mediator, []).append(Settled(claimed, waived))
    return settled


def _in_the_year(case: Case, mediators: Sequence[UUID], at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        CaseOutcome.mediator_id.in_(mediators),
        CaseOutcome.institution_id == case.institution_id,
        CaseOutcome.case_id != case.id,
        CaseOutcome.closed_at < at,
        CaseOutcome.closed_at >= at - YEAR,
    )


def _announced(case: Case, mediators: Sequence[UUID], at: datetime) -> Select[UUID, int]:
    return (
        select(Appointment.mediator_id, func.count())
        .join(Case, Case.id == Appointment.case_id)
        .where(*_appointed(case, mediators), Appointment.accepted_at < at, Appointment.accepted_at >= at - YEAR)
        .group_by(Appointment.mediator_id)
    )


def _objected(session: Session, case: Case, mediators: Sequence[UUID], at: datetime) -> dict[UUID, set[UUID]]:
    """The appointments of the year that an objection ended, without a reason or with one that the registrar upheld."""
    free = (
        select(Appointment.mediator_id, Appointment.id)
        .join(AppointmentAnswer, AppointmentAnswer.appointment_id == Appointment.id)
        .where(AppointmentAnswer.objects, AppointmentAnswer.answered_at < at)
    )
    reasoned = (
        select(Appointment.mediator_id, Appointment.id)
        .join(ReasonedObjection, ReasonedObjection.appointment_id == Appointment.id)
        .where(ReasonedObjection.upheld.is_(True), ReasonedObjection.decided_at < at)
    )
    objected: dict[UUID, set[UUID]] = {}
    for found in (free, reasoned):
        of_the_year = found.join(Case, Case.id == Appointment.case_id).where(
            *_appointed(case, mediators), Appointment.accepted_at < at, Appointment.accepted_at >= at - YEAR
        )
        for mediator, appointment in session.execute(of_the_year):
            objected.setdefault(mediator, set()).add(appointment)
    return objected


def _appointed(case: Case, mediators: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
    return (
        Appointment.mediator_id.in_(mediators),
        Case.institution_id == case.institution_id,
        Case.id != case.id,
    )


def _is_lenders(case: Case, column: Any) -> ColumnElement[int]:
    return when((column == case.organisation_id, 1), else_=0)
