"""Mediation rests for a while: either side or the mediator asks, any of them resumes it, and no time is lost."""

from datetime import datetime

from mediation import audit, outbox
from mediation.agreements.models import Agreement
from mediation.agreements.selections import current_agreement
from mediation.cases import moves
from mediation.cases.clocks import kept_end, unit_of
from mediation.cases.models import Appointment
from mediation.cases.panel import current_appointment
from mediation.cases.pause_models import Pause, PauseReason
from mediation.cases.pauses import current_pause
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.errors import Refused
from mediation.offers.stopping import start_offers, stop_offers
from mediation.rules import deadlines
from mediation.rules.access import Role
from mediation.rules.deadlines import Term, Unit
from mediation.rules.lifecycle import AgreementState, AppointmentState, Move, Stage

TOLD = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)


def pause_case(seat: Seat, reason: PauseReason, days: int, *, at: datetime) -> Seat:
    """Until that day no time runs out and nobody is reminded; whatever was open keeps the days that it had left."""
    seat.require("case:pause")
    agreement = _running(seat)
    pause = _keep(seat, reason, days, at)
    stop_offers(Seat.system(seat.session, seat.case), pause, at=at)
    _set_clocks(seat, pause, agreement, pause.until_at)
    seat = moves.move(seat, Move.PAUSE, at=at)
    moves.await_turn(seat.case, None, until=pause.until_at, kind=Term.PAUSE.value, at=at)
    body = {"reason": reason.value, "until_at": pause.until_at.isoformat()}
    audit.record(seat, "case:paused", body, at=at)
    payload, dedup = {"case": str(seat.case_id)}, f"pause:end:{pause.id}"
    outbox.enqueue(seat.session, "pause:end", payload, at=at, run_at=pause.until_at, dedup=dedup)
    facts = {"until": deadlines.last_day(pause.until_at, seat.zone).isoformat()}
    tell_roles(seat.session, seat.case, "case:paused", TOLD, at=at, facts=facts, but=seat.account_id)
    return seat


def resume_case(seat: Seat, *, at: datetime) -> Seat:
    """Mediation goes on where it was left, with the same turn and the same days."""
    seat.require("case:resume")
    pause = current_pause(seat.session, seat.case_id)
    if pause is None:
        raise Refused("pause:none")
    seat = _resume(seat, pause, at)
    audit.record(seat, "case:resumed", {"pause": str(pause.id)}, at=at)
    tell_roles(seat.session, seat.case, "case:resumed", TOLD, at=at, but=seat.account_id)
    return seat


def end_pause(seat: Seat, *, at: datetime) -> None:
    """The pause has come to its end and mediation goes on, unless somebody resumed it before."""
    seat.require("time:pass")
    pause = current_pause(seat.session, seat.case_id)
    if seat.stage is not Stage.PAUSED or pause is None or not deadlines.is_over(pause.until_at, at):
        return
    seat = _resume(seat, pause, at)
    audit.record(seat, "case:resumed", {"pause": str(pause.id)}, at=at)
    tell_roles(seat.session, seat.case, "case:resumed", TOLD, at=at)


def _running(seat: Seat) -> Agreement | None:
    """The paper on its way, if there is one; refused where everybody has signed and only the seal is missing."""
    agreement = current_agreement(seat)
    if agreement is not None and agreement.state is AgreementState.AWAITING_SEAL:
        raise Refused("pause:awaiting-seal")
    return agreement


def _keep(seat: Seat, reason: PauseReason, days: int, at: datetime) -> Pause:
    case = seat.case
    pause = Pause(
        id=new_key(),
        case_id=seat.case_id,
        asked_as=seat.role,
        asked_by=seat.account_id,
        reason=reason,
        left_stage=case.stage,
        turn=case.turn,
        both_sides=case.both_sides,
        deadline_at=case.deadline_at,
        deadline_kind=case.deadline_kind,
        mediation_ends_at=case.mediation_ends_at,
        paused_at=at,
        until_at=moves.deadline_of(case, Term.PAUSE, at=at, count=days).ends_at,
    )
    appointment, agreement = _in_window(seat), current_agreement(seat)
    pause.objections_end_at = appointment.objections_end_at if appointment else None
    pause.signing_ends_at = agreement.signing_ends_at if agreement else None
    seat.session.add(pause)
    seat.session.flush()
    return pause


def _set_clocks(seat: Seat, pause: Pause, agreement: Agreement | None, resumed_at: datetime) -> None:
    """Each clock ends as late as if it had stood still from the pause to that moment."""
    case, appointment = seat.case, _in_window(seat)
    case.mediation_ends_at = _kept(seat, pause, pause.mediation_ends_at, resumed_at)
    if appointment is not None:
        ends_at = _kept(seat, pause, pause.objections_end_at, resumed_at, unit_of(Term.OBJECT_TO_MEDIATOR.value))
        appointment.objections_end_at = ends_at
    if agreement is not None and agreement.state is AgreementState.SIGNING:
        agreement.signing_ends_at = _kept(seat, pause, pause.signing_ends_at, resumed_at)
    seat.session.flush()


def _resume(seat: Seat, pause: Pause, at: datetime) -> Seat:
    """A worker that comes late changes nothing: the pause ended when it was to end."""
    resumed_at = min(at, pause.until_at)
    pause.ended_at = resumed_at
    agreement = current_agreement(seat)
    start_offers(Seat.system(seat.session, seat.case), pause, at=resumed_at)
    _set_clocks(seat, pause, agreement, resumed_at)
    seat = moves.move(seat, Move.RESUME, at=at, back_to=pause.left_stage)
    ends_at = _kept(seat, pause, pause.deadline_at, resumed_at, unit_of(pause.deadline_kind))
    moves.await_turn(seat.case, pause.turn, until=ends_at, kind=pause.deadline_kind, at=at)
    seat.case.both_sides = pause.both_sides
    _promise(seat, pause, agreement, at)
    seat.session.flush()
    return seat


def _promise(seat: Seat, pause: Pause, agreement: Agreement | None, at: datetime) -> None:
    """What the worker was to do in its time, it does in the new one; what it found at rest meanwhile, it does now."""
    appointment = _in_window(seat)
    if appointment is not None:
        payload = {"case": str(seat.case_id), "appointment": str(appointment.id)}
        _enqueue(seat, pause, "appointment:confirm", payload, at, appointment.objections_end_at)
    if agreement is not None and agreement.state is AgreementState.SIGNING:
        payload = {"agreement": str(agreement.id)}
        _enqueue(seat, pause, "agreement:end-signing", payload, at, agreement.signing_ends_at)
    if agreement is not None and agreement.state is AgreementState.GATE_PASSED:
        _enqueue(seat, pause, "agreement:render", {"agreement": str(agreement.id)}, at, at)


def _enqueue(
    seat: Seat, pause: Pause, kind: str, payload: dict[str, str], at: datetime, run_at: datetime | None
) -> None:
    outbox.enqueue(seat.session, kind, payload, at=at, run_at=run_at or at, dedup=f"{kind}:after-pause:{pause.id}")


def _in_window(seat: Seat) -> Appointment | None:
    """The mediator to whom the sides may still object, if there is one."""
    appointment = current_appointment(seat.session, seat.case_id)
    is_open = appointment is not None and appointment.state is AppointmentState.OBJECTION_WINDOW
    return appointment if is_open else None


def _kept(
    seat: Seat, pause: Pause, ends_at: datetime | None, resumed_at: datetime, unit: Unit = Unit.DAYS
) -> datetime | None:
    return kept_end(seat.case, ends_at, paused_at=pause.paused_at, resumed_at=resumed_at, unit=unit)
