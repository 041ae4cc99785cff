"""Who mediates: asked from the panel, free of interests, accepted or objected to once, recused at any time."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import Update, select, update
from sqlalchemy.orm.attributes import set_committed_value

from mediation import audit, outbox
from mediation.accounts.models import Account
from mediation.cases import moves
from mediation.cases.handovers import tell_of_withheld
from mediation.cases.independence import make_card
from mediation.cases.models import Appointment, AppointmentAnswer, Case, Seating
from mediation.cases.panel import (
    PanelMember,
    answers_of,
    appointment_left_behind,
    candidates_for,
    current_appointment,
    objected_before,
    open_draw_of,
    state_at,
)
from mediation.cases.panel_models import AppointmentReason
from mediation.cases.seats import Seat, check_still_sits
from mediation.cases.telling import tell_account, tell_roles
from mediation.errors import Refused
from mediation.rules import lifecycle
from mediation.rules.access import CAUCUS_OF, LIVE, ROOM_THREADS, Role
from mediation.rules.appointing import NEEDS_REASON
from mediation.rules.deadlines import Term, last_day
from mediation.rules.lifecycle import Answer, AppointmentMove, AppointmentState, Move, Stage
from mediation.rules.negotiation import Side

PARTIES = (Role.BORROWER, Role.LENDER)
DECLARATION_MOST = 500
REASON_MOST = 500


def propose_mediator(seat: Seat, mediator_id: UUID, *, at: datetime, reason: str = "") -> Appointment:
    """A member of the panel is asked; until it accepts, it sees the parties' names and nothing else."""
    seat.require("mediator:appoint")
    release_if_left(Seat.system(seat.session, seat.case), at=at)
    previous = check_place_is_free(seat)
    found = {member.account_id: member for member in candidates_for(seat, at=at)}
    if mediator_id not in found:
        raise Refused("appointment:not-on-panel", field="mediator")
    reason = _check_reason(found[mediator_id], reason)
    if previous is not None:
        _end(seat, previous, AppointmentMove.REPLACE, at=at)
    appointment, replaced = _ask(seat, mediator_id, by=seat.account_id, at=at)
    body = {"appointment": str(appointment.id), "mediator": str(mediator_id), "replaces": replaced}
    if reason:
        body |= {"despite": _keep_reason(seat, appointment, found[mediator_id], reason, at), "reason": reason}
    audit.record(seat, "mediator:proposed", body, at=at)
    _tell_mediator(seat, "mediator:proposed", mediator_id, at=at)
    return appointment


def ask_drawn(seat: Seat, mediator_id: UUID, *, opened_by: UUID, at: datetime) -> Appointment:
    """Whom a draw named is asked, as if the registrar had chosen; the draw records it and tells."""
    seat.require("time:pass")
    appointment, _ = _ask(seat, mediator_id, by=opened_by, at=at)
    return appointment


def accept_appointment(seat: Seat, *, at: datetime) -> Seat:
    """The mediator has declared no interest and accepted; both sides may accept or object for two working days."""
    seat.require("appointment:declare")
    appointment = _asked(seat)
    accepted = lifecycle.next_appointment(appointment.state, AppointmentMove.ACCEPT)
    appointment.state = lifecycle.next_appointment(accepted, AppointmentMove.ANNOUNCE)
    window = moves.deadline_of(seat.case, Term.OBJECT_TO_MEDIATOR, at=at)
    appointment.accepted_at, appointment.objections_end_at = at, window.ends_at
    _sit_from(seat, at)
    seat = _seat_accepted(seat, window.ends_at, at)
    body = {
        "appointment": str(appointment.id),
        "mediator": str(appointment.mediator_id),
        "interests": "none",
        "objections_end_at": window.ends_at.isoformat(),
        "card_sha256": make_card(seat.session, seat.case, appointment, at=at).sha256,
    }
    audit.record(seat, "mediator:accepted", body, at=at)
    payload = {"case": str(seat.case_id), "appointment": str(appointment.id)}
    dedup = f"appointment:confirm:{appointment.id}"
    outbox.enqueue(seat.session, "appointment:confirm", payload, at=at, run_at=window.ends_at, dedup=dedup)
    facts = {"mediator": _name(seat, appointment), "until": last_day(window.ends_at, seat.zone).isoformat()}
    tell_roles(seat.session, seat.case, "mediator:accepted", PARTIES, at=at, facts=facts)
    tell_of_withheld(Seat.system(seat.session, seat.case), at=at)
    return seat


def decline_appointment(seat: Seat, declaration: str, *, at: datetime) -> None:
    """The mediator does not take the case, with an interest declared or without a reason; its seat has ended."""
    seat.require("appointment:declare")
    appointment = _asked(seat)
    declaration = declaration.strip()
    if len(declaration) > DECLARATION_MOST:
        raise Refused("appointment:declaration-too-long", field="declaration", most=DECLARATION_MOST)
    appointment.declaration = declaration
    _end(seat, appointment, AppointmentMove.DECLINE, at=at)
    body = {
        "appointment": str(appointment.id),
        "declaration_sha256": hashlib.sha256(declaration.encode()).hexdigest() if declaration else None,
    }
    audit.record(seat, "mediator:declined", body, at=at)
    _await_registrar(seat, at=at)
    tell_roles(seat.session, seat.case, "mediator:declined", (Role.REGISTRAR,), at=at)


def answer_appointment(seat: Seat, answer: Answer, *, at: datetime) -> Seat:
    """This side has accepted the mediator, or objected: then the mediator's seat has ended and a new one is sought."""
    seat.require("appointment:answer")
    appointment, side = _announced(seat), _side(seat)
    answers = answers_of(seat.session, appointment.id)
    ends_at = appointment.objections_end_at or at
    before = objected_before(seat.session, seat.case_id)
    lifecycle.check_may_answer_appointment(answers, side, answer, ends_at=ends_at, at=at, objected_before=before)
    seat.session.add(
        AppointmentAnswer(
            appointment_id=appointment.id,
            side=side,
            account_id=seat.account_id,
            objects=answer is Answer.OBJECT,
            answered_at=at,
        )
    )
    seat.session.flush()
    if answer is Answer.OBJECT:
        return _object(seat, appointment, side, at=at)
    audit.record(seat, "mediator:agreed", {"appointment": str(appointment.id)}, at=at)
    opened = confirm_if_due(Seat.system(seat.session, seat.case), at=at)
    return seat.now_at(opened.stage)


def recuse_mediator(seat: Seat, *, at: datetime) -> None:
    """The mediator has stepped back; its seat and everything it heard have ended for it at once."""
    seat.require("appointment:recuse")
    appointment = current_appointment(seat.session, seat.case_id)
    if appointment is None or appointment.mediator_id != seat.account_id:
        raise Refused("appointment:none")
    _end(seat, appointment, AppointmentMove.RECUSE, at=at)
    audit.record(seat, "mediator:recused", {"appointment": str(appointment.id)}, at=at)
    seat = _vacate(seat, at=at)
    tell_roles(seat.session, seat.case, "mediator:vacant", (Role.REGISTRAR,), at=at)
    tell_roles(seat.session, seat.case, "mediator:replaced", PARTIES, at=at)


def replace_objected(seat: Seat, appointment: Appointment, *, at: datetime) -> Seat:
    """The registrar upheld an objection: the mediator's seat has ended, and a new one is sought."""
    seat.require("objection:decide")
    in_window = appointment.state is AppointmentState.OBJECTION_WINDOW
    _end(seat, appointment, AppointmentMove.OBJECT if in_window else AppointmentMove.REPLACE, at=at)
    seat = _vacate(seat, at=at)
    _tell_mediator(seat, "mediator:released", appointment.mediator_id, at=at)
    return seat


def release_if_left(seat: Seat, *, at: datetime) -> None:
    """The seat of a mediator whose place on the panel has ended is empty, and the registrar seeks another."""
    seat.require("time:pass")
    appointment = appointment_left_behind(seat.session, seat.case_id)
    if appointment is None or seat.stage not in LIVE:
        return
    was_announced = appointment.accepted_at is not None
    _end(seat, appointment, AppointmentMove.RECUSE if was_announced else AppointmentMove.REPLACE, at=at)
    audit.record(seat, "mediator:left", {"appointment": str(appointment.id)}, at=at)
    seat = _vacate(seat, at=at)
    tell_roles(seat.session, seat.case, "mediator:vacant", (Role.REGISTRAR,), at=at)
    if was_announced:
        tell_roles(seat.session, seat.case, "mediator:replaced", PARTIES, at=at)


def confirm_if_due(seat: Seat, *, at: datetime) -> Seat:
    """The appointment stands once both sides have accepted it or the window is over; a waiting case is then open."""
    seat.require("time:pass")
    appointment = current_appointment(seat.session, seat.case_id)
    if appointment is None or appointment.state is not AppointmentState.OBJECTION_WINDOW:
        return seat
    # While a case is paused or suspended its window stands still.
    if lifecycle.is_over(seat.case.stage) or seat.case.stage in lifecycle.RESUMES:
        return seat
    if state_at(appointment, answers_of(seat.session, appointment.id), at=at) is not AppointmentState.CONFIRMED:
        return seat
    stood_at = min(at, appointment.objections_end_at or at)
    appointment.state = lifecycle.next_appointment(appointment.state, AppointmentMove.CONFIRM)
    appointment.confirmed_at = stood_at
    if seat.case.stage is Stage.APPOINTED:
        seat = moves.move(seat, Move.OPEN, at=stood_at)
        _await_contact(seat.case, at=stood_at)
    seat.session.flush()
    body = {"appointment": str(appointment.id), "stood_at": stood_at.isoformat()}
    audit.record(seat, "mediator:confirmed", body, at=at)
    tell_roles(seat.session, seat.case, "mediator:confirmed", (*PARTIES, Role.MEDIATOR), at=at)
    return seat


def caught_up(found: Seat, *, at: datetime, writing: bool) -> Seat:
    """The seat with what time has already decided, though the worker is late: written when writing, else only shown."""
    check_still_sits(found, at)
    case = found.case
    if found.stage is not Stage.APPOINTED or case.deadline_at is None or at < case.deadline_at:
        return found
    if writing:
        return found.now_at(confirm_if_due(Seat.system(found.session, case), at=at).stage)
    until = moves.deadline_of(case, Term.CONTACT_PARTIES, at=case.deadline_at).ends_at
    for name, value in (
        ("stage", Stage.OPEN),
        ("turn", Role.MEDIATOR),
        ("deadline_at", until),
        ("deadline_kind", Term.CONTACT_PARTIES.value),
    ):
        set_committed_value(case, name, value)
    return found.now_at(Stage.OPEN)


def check_place_is_free(seat: Seat) -> Appointment | None:
    """The appointment that a new one takes the place of: only one that nobody has accepted, and no draw for the place.

    Raises Refused: appointment:draw-runs, appointment:mediator-in-place.
    """
    if open_draw_of(seat.session, seat.case_id) is not None:
        raise Refused("appointment:draw-runs", field="mediator")
    current = current_appointment(seat.session, seat.case_id)
    if current is not None and current.state is not AppointmentState.PROPOSED:
        raise Refused("appointment:mediator-in-place", field="mediator")
    return current


def _ask(seat: Seat, mediator_id: UUID, *, by: UUID | None, at: datetime) -> tuple[Appointment, str | None]:
    replaced = _replace_earlier(seat)
    appointment = Appointment(
        case_id=seat.case_id,
        mediator_id=mediator_id,
        state=AppointmentState.PROPOSED,
        proposed_by=by,
        proposed_at=at,
    )
    seat.session.add_all(
        [appointment, Seating(case_id=seat.case_id, account_id=mediator_id, role=Role.MEDIATOR, since_at=at)]
    )
    seat.case.mediator_id = mediator_id
    if seat.stage is Stage.JOINED:
        moves.await_turn(seat.case, Role.MEDIATOR, until=None, kind="", at=at)
    seat.session.flush()
    return appointment, replaced


def _check_reason(member: PanelMember, reason: str) -> str:
    """The reason where one is needed, and no word where none is: nothing speaks against this mediator."""
    reason = reason.strip()
    if not member.needs_reason:
        return ""
    if not reason:
        raise Refused("appointment:reason-missing", field="reason")
    if len(reason) > REASON_MOST:
        raise Refused("appointment:reason-too-long", field="reason", most=REASON_MOST)
    return reason


def _keep_reason(seat: Seat, appointment: Appointment, member: PanelMember, reason: str, at: datetime) -> str:
    despite = " ".join(each.value for each in member.hindrances if each in NEEDS_REASON)
    seat.session.add(
        AppointmentReason(
            appointment_id=appointment.id, despite=despite, reason=reason, given_by=seat.account_id, given_at=at
        )
    )
    seat.session.flush()
    return despite


def _replace_earlier(seat: Seat) -> str | None:
    """The last appointment that did not last has found its successor."""
    found = select(Appointment).where(Appointment.case_id == seat.case_id, Appointment.ended_at.is_not(None))
    last = seat.session.scalars(found.order_by(Appointment.ended_at.desc(), Appointment.id.desc())).first()
    if last is None:
        return None
    if last.state in (AppointmentState.OBJECTED, AppointmentState.RECUSED):
        last.state = lifecycle.next_appointment(last.state, AppointmentMove.REPLACE)
    return str(last.id)


def _asked(seat: Seat) -> Appointment:
    appointment = current_appointment(seat.session, seat.case_id)
    if appointment is None or appointment.mediator_id != seat.account_id:
        raise Refused("appointment:none")
    return appointment


def _announced(seat: Seat) -> Appointment:
    appointment = current_appointment(seat.session, seat.case_id)
    if appointment is None or appointment.accepted_at is None:
        raise Refused("appointment:none")
    return appointment


def _side(seat: Seat) -> Side:
    assert seat.side is not None
    return seat.side


def _seat_accepted(seat: Seat, window_ends_at: datetime, at: datetime) -> Seat:
    """Before the table opens, mediation counts from here; a successor takes over what lies on the table."""
    case = seat.case
    if case.stage is Stage.JOINED:
        case.mediation_ends_at = moves.deadline_of(case, Term.MEDIATION, at=at).ends_at
        seat = moves.move(seat, Move.APPOINT, at=at)
        moves.await_turn(case, None, until=window_ends_at, kind=Term.OBJECT_TO_MEDIATOR.value, at=at)
        return seat
    if case.turn in (None, Role.REGISTRAR, Role.MEDIATOR):
        _await_contact(case, at=at)
    return seat.now_at(case.stage)


def _object(seat: Seat, appointment: Appointment, side: Side, *, at: datetime) -> Seat:
    _end(seat, appointment, AppointmentMove.OBJECT, at=at)
    thread = ROOM_THREADS[CAUCUS_OF[side]]
    audit.record(seat, "mediator:objected", {"appointment": str(appointment.id)}, at=at, thread=thread)
    seat = _vacate(seat, at=at)
    other = Role.LENDER if side is Side.BORROWER else Role.BORROWER
    tell_roles(seat.session, seat.case, "mediator:vacant", (Role.REGISTRAR,), at=at)
    tell_roles(seat.session, seat.case, "mediator:replaced", (other,), at=at)
    _tell_mediator(seat, "mediator:released", appointment.mediator_id, at=at)
    return seat


def _end(seat: Seat, appointment: Appointment, how: AppointmentMove, *, at: datetime) -> None:
    """The appointment and the mediator's seat have ended: from here the case does not exist for that account."""
    appointment.state = lifecycle.next_appointment(appointment.state, how)
    appointment.ended_at = at
    seat.case.mediator_id = None
    seat.session.execute(_seating(seat, appointment.mediator_id).values(ended_at=at))
    seat.session.flush()
    # What stands on the mediator's seat, such as a proposal, learns of the end from the worker.
    payload, dedup = {"case": str(seat.case_id)}, f"appointment:ended:{appointment.id}"
    outbox.enqueue(seat.session, "appointment:ended", payload, at=at, dedup=dedup)


def _vacate(seat: Seat, *, at: datetime) -> Seat:
    """Before the table opened the case goes back to the choice; after, what the parties put down stands."""
    if seat.case.stage is Stage.APPOINTED:
        seat.case.mediation_ends_at = None
        seat = moves.move(seat, Move.VACATE, at=at)
    _await_registrar(seat, at=at)
    return seat


def _await_registrar(seat: Seat, *, at: datetime) -> None:
    case = seat.case
    if case.stage is Stage.JOINED:
        moves.await_turn(case, Role.REGISTRAR, until=None, kind="", at=at)
    elif case.turn in (None, Role.MEDIATOR):
        moves.await_turn(case, Role.REGISTRAR, until=case.deadline_at, kind=case.deadline_kind, at=at)


def _await_contact(case: Case, *, at: datetime) -> None:
    until = moves.deadline_of(case, Term.CONTACT_PARTIES, at=at).ends_at
    moves.await_turn(case, Role.MEDIATOR, until=until, kind=Term.CONTACT_PARTIES.value, at=at)


def _sit_from(seat: Seat, at: datetime) -> None:
    """What was said in private before the mediator accepted is not for this mediator."""
    assert seat.account_id is not None
    seat.session.execute(_seating(seat, seat.account_id).values(since_at=at))


def _seating(seat: Seat, account_id: UUID) -> Update:
    return update(Seating).where(
        Seating.case_id == seat.case_id, Seating.account_id == account_id, Seating.ended_at.is_(None)
    )


def _tell_mediator(seat: Seat, kind: str, mediator_id: UUID, *, at: datetime) -> None:
    account = seat.session.get_one(Account, mediator_id)
    tell_account(seat.session, seat.case, kind, account, Role.MEDIATOR, at=at)


def _name(seat: Seat, appointment: Appointment) -> str:
    return seat.session.get_one(Account, appointment.mediator_id).name
