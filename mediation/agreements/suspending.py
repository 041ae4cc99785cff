"""The registrar stops mediation for a question about one side, and lets it go on once the question is settled."""

from datetime import datetime

from sqlalchemy import select

from mediation import audit, notices, outbox
from mediation.agreements.models import Agreement
from mediation.agreements.selections import current_agreement
from mediation.cases import moves
from mediation.cases.clocks import kept_end
from mediation.cases.panel import current_appointment
from mediation.cases.pause_models import Suspension, SuspensionReason
from mediation.cases.pauses import current_pause, current_suspension
from mediation.cases.seats import Seat
from mediation.cases.telling import people_of, tell_roles
from mediation.errors import Refused
from mediation.notices import Notice
from mediation.offers.stopping import void_offers
from mediation.offers.turns import await_mediator
from mediation.rules.access import Role
from mediation.rules.deadlines import Term
from mediation.rules.lifecycle import (
    AGREEMENT_MOVES,
    AgreementMove,
    AppointmentState,
    Move,
    Stage,
    next_agreement,
)
from mediation.rules.negotiation import Side

TOLD = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)
ROLES = {Side.BORROWER: Role.BORROWER, Side.LENDER: Role.LENDER}
# What was agreed but not in effect does not outlive a suspension: talk begins again at the table.
BACK_TO_TABLE = frozenset({Stage.TERMS_AGREED, Stage.SIGNING})


def suspend_case(seat: Seat, reason: SuspensionReason, side: Side, *, at: datetime) -> Seat:
    """Open plans and an unsealed paper are void, no time runs, and that side is sent nothing more."""
    seat.require("case:suspend")
    if reason is SuspensionReason.CLAIM_ASSIGNED and side is not Side.LENDER:
        raise Refused("suspension:assigned-by-lender", field="side")
    left = _left(seat, at)
    void_offers(Seat.system(seat.session, seat.case), at=at)
    _void_paper(seat, at)
    seat.session.add(
        Suspension(
            case_id=seat.case_id,
            reason=reason,
            side=side,
            left_stage=Stage.OPEN if left in BACK_TO_TABLE else left,
            mediation_ends_at=seat.case.mediation_ends_at,
            suspended_by=seat.account_id,
            suspended_at=at,
        )
    )
    seat = moves.move(seat, Move.SUSPEND, at=at)
    moves.await_turn(seat.case, Role.REGISTRAR, until=None, kind="", at=at)
    _stop_notices(seat, side, at)
    # Both sides read this thread: of a person's death or capacity it says nothing.
    is_told = reason is SuspensionReason.CLAIM_ASSIGNED
    audit.record(seat, "case:suspended", {"reason": reason.value} if is_told else {}, at=at)
    tell_roles(seat.session, seat.case, "case:suspended", TOLD, at=at)
    return seat


def reinstate_case(seat: Seat, *, at: datetime) -> Seat:
    """The question is settled and mediation goes on; what was void stays void."""
    seat.require("case:reinstate")
    suspension = current_suspension(seat.session, seat.case_id)
    if suspension is None:
        raise Refused("suspension:none")
    suspension.ended_at = at
    seat.case.mediation_ends_at = kept_end(
        seat.case, suspension.mediation_ends_at, paused_at=suspension.suspended_at, resumed_at=at
    )
    seat = moves.move(seat, Move.RESUME, at=at, back_to=suspension.left_stage)
    _await_next(seat, _window_anew(seat, at), at)
    audit.record(seat, "case:reinstated", {}, at=at)
    tell_roles(seat.session, seat.case, "case:reinstated", TOLD, at=at)
    return seat


def _left(seat: Seat, at: datetime) -> Stage:
    """Where the case was on the line; a pause ends with the suspension."""
    pause = current_pause(seat.session, seat.case_id) if seat.stage is Stage.PAUSED else None
    if pause is None:
        return seat.stage
    pause.ended_at = at
    seat.case.mediation_ends_at = kept_end(seat.case, pause.mediation_ends_at, paused_at=pause.paused_at, resumed_at=at)
    return pause.left_stage


def _void_paper(seat: Seat, at: datetime) -> Agreement | None:
    agreement = current_agreement(seat)
    if agreement is None or (agreement.state, AgreementMove.VOID) not in AGREEMENT_MOVES:
        return None
    agreement.state = next_agreement(agreement.state, AgreementMove.VOID)
    agreement.closed_at = at
    seat.session.flush()
    return agreement


def _stop_notices(seat: Seat, side: Side, at: datetime) -> None:
    """What was promised to that side and has not gone is never sent."""
    for account in people_of(seat.session, seat.case, ROLES[side]):
        found = select(Notice.address).where(
            Notice.case_id == seat.case_id, Notice.account_id == account.id, Notice.address != ""
        )
        for address in set(seat.session.scalars(found)):
            notices.stop(seat.session, seat.case_id, address, at=at)


def _window_anew(seat: Seat, at: datetime) -> datetime | None:
    """A window for objections that stood still begins again, whole."""
    appointment = current_appointment(seat.session, seat.case_id)
    if appointment is None or appointment.state is not AppointmentState.OBJECTION_WINDOW:
        return None
    ends_at = moves.deadline_of(seat.case, Term.OBJECT_TO_MEDIATOR, at=at).ends_at
    appointment.objections_end_at = ends_at
    payload = {"case": str(seat.case_id), "appointment": str(appointment.id)}
    dedup = f"appointment:confirm:{appointment.id}:{int(ends_at.timestamp())}"
    outbox.enqueue(seat.session, "appointment:confirm", payload, at=at, run_at=ends_at, dedup=dedup)
    return ends_at


def _await_next(seat: Seat, window_ends_at: datetime | None, at: datetime) -> None:
    case = seat.case
    if case.stage is Stage.APPOINTED:
        moves.await_turn(case, None, until=window_ends_at, kind=Term.OBJECT_TO_MEDIATOR.value, at=at)
    elif case.stage is Stage.JOINED:
        role = Role.REGISTRAR if case.mediator_id is None else Role.MEDIATOR
        moves.await_turn(case, role, until=None, kind="", at=at)
    else:
        await_mediator(case, at=at)
