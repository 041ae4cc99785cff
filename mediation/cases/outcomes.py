"""How a case came out, written down in the transaction of the act that settled or ended it, once and for good."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation.cases.models import Appointment, AppointmentAnswer, Case
from mediation.cases.panel_models import CaseOutcome, ReasonedObjection
from mediation.cases.seats import Seat
from mediation.rules import chain
from mediation.rules.lifecycle import EXITS, Stage

UNHEARD = frozenset({Stage.DRAFT, Stage.SUBMITTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a settlement settles: the claim that it covers, and what of it is waived, in minor units."""

    claimed: int
    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fees: int = 0


def record_outcome(seat: Seat, terms: Terms, *, at: datetime) -> CaseOutcome:
    """The case is settled on these terms; the independence cards of its mediator count it from here on."""
    seat.require("time:pass")
    return _keep(seat.session, seat.case, terms, is_settled=True, at=at)


def keep_unsettled(session: Session, case: Case, *, left: Stage, at: datetime) -> None:
    """A case that ended without an agreement has its outcome too; what nobody had accepted was none."""
    if case.stage not in EXITS or left in UNHEARD or session.get(CaseOutcome, case.id) is not None:
        return
    _keep(session, case, Terms(claimed=case.claim_total), is_settled=False, at=at)


def fingerprint(outcome: CaseOutcome) -> str:
    """SHA-256 of everything that an outcome says; the record's entry of the seal carries it."""
    return hashlib.sha256(chain.canonical(_document(outcome))).hexdigest()


def _keep(session: Session, case: Case, terms: Terms, *, is_settled: bool, at: datetime) -> CaseOutcome:
    outcome = CaseOutcome(
        case_id=case.id,
        institution_id=case.institution_id,
        organisation_id=case.organisation_id,
        mediator_id=case.mediator_id,
        is_settled=is_settled,
        stage=Stage.IN_FORCE if is_settled else case.stage,
        currency=case.currency,
        claimed=terms.claimed,
        principal_waived=terms.principal,
        interest_waived=terms.interest,
        penalty_waived=terms.penalty,
        fees_waived=terms.fees,
        days=_days(session, case, at),
        objections=_objections(session, case.id),
        closed_at=at,
    )
    session.add(outcome)
    session.flush()
    return outcome


def _days(session: Session, case: Case, at: datetime) -> int | None:
    found = select(Appointment.accepted_at).where(
        Appointment.case_id == case.id, Appointment.mediator_id == case.mediator_id, Appointment.ended_at.is_(None)
    )
    accepted_at = session.scalars(found.order_by(Appointment.proposed_at.desc())).first()
    if accepted_at is None:
        return None
    zone = ZoneInfo(case.zone)
    return (at.astimezone(zone).date() - accepted_at.astimezone(zone).date()).days


def _objections(session: Session, case_id: UUID) -> int:
    """Every objection that replaced a mediator of this case, with a reason or without."""
    free = (
        select(func.count())
        .select_from(AppointmentAnswer)
        .join(Appointment, Appointment.id == AppointmentAnswer.appointment_id)
        .where(Appointment.case_id == case_id, AppointmentAnswer.objects)
    )
    reasoned = select(func.count()).where(ReasonedObjection.case_id == case_id, ReasonedObjection.upheld.is_(True))
    return (session.scalar(free) or 0) + (session.scalar(reasoned) or 0)


def _document(outcome: CaseOutcome) -> dict[str, Any]:
    return {
        "case": str(outcome.case_id),
        "organisation": str(outcome.organisation_id),
        "mediator": str(outcome.mediator_id) if outcome.mediator_id else None,
        "settled": outcome.is_settled,
        "stage": outcome.stage.value,
        "currency": outcome.currency,
        "claimed": outcome.claimed,
        "waived": {
            "principal": outcome.principal_waived,
            "interest": outcome.interest_waived,
            "penalty": outcome.penalty_waived,
            "fees": outcome.fees_waived,
        },
        "days": outcome.days,
        "objections": outcome.objections,
        "closed_at": outcome.closed_at.isoformat(),
    }
