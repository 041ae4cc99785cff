"""What time does to the duty of disclosure: at its end what is missing is noted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation import outbox
from mediation.cases.models import Appointment, Case
from mediation.cases.seats import Seat, lock_case
from mediation.disclosures import duties
from mediation.outbox import Duty, Job, Later
from mediation.rules.lifecycle import RESUMES

KIND = "duty:note-overdue"
# Long enough that a worker which stood still for a holiday forgets no case.
LOOKED_BACK = timedelta(days=60)
LOOKED_AT_REST = timedelta(days=1)


def promise(session: Session, *, at: datetime) -> None:
    """For every table that opened lately it is promised that its end will be noted; once for each case."""
    opened = (
        select(Appointment.case_id)
        .group_by(Appointment.case_id)
        .having(func.min(Appointment.confirmed_at) > at - LOOKED_BACK)
    )
    promised = set(session.scalars(select(Job.dedup).where(Job.kind == KIND, Job.asked_at > at - 2 * LOOKED_BACK)))
    for case_id in session.scalars(opened).all():
        if _dedup(case_id) not in promised:
            _promise(session, case_id, at)


def _promise(session: Session, case_id: UUID, at: datetime) -> None:
    run_at = duties.end_to_note(Seat.system(session, session.get_one(Case, case_id)), at=at)
    if run_at is not None:
        outbox.enqueue(session, KIND, {"case": str(case_id)}, at=at, run_at=run_at, dedup=_dedup(case_id))


def _keep(session: Session, payload: Mapping[str, str], _result: object, *, at: datetime) -> Later | None:
    """While mediation rests nothing is overdue; afterwards the end lies as much later."""
    seat = Seat.system(session, lock_case(session, UUID(payload["case"])))
    if seat.stage in RESUMES:
        return Later("mediation rests", at + LOOKED_AT_REST)
    ends_at = duties.end_to_note(seat, at=at)
    if ends_at is not None and at < ends_at:
        return Later("mediation has rested", ends_at)
    duties.note_overdue(seat, at=at)
    return None


def _dedup(case_id: UUID) -> str:
    return f"{KIND}:{case_id}"


DUTIES: Mapping[str, Duty] = {KIND: Duty(keep=_keep)}
