"""Saying something in a room, taking it back, passing it on; and opening and closing the joint room."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit, outbox
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.errors import NotFound, Refused
from mediation.keys import ring_of
from mediation.messages import drafts, holding
from mediation.messages.models import HeldMessage, JointRoom, LeaveToPassOn, Message, PassedOn
from mediation.messages.selections import (
    OTHER_CAUCUS,
    check_hears,
    context_of,
    heard_message,
    is_joint_room_open,
    text_of,
)
from mediation.messages.wording import check_draft, plain_text
from mediation.rules.access import CAUCUS_OF, Role, Room

PARTIES = (Role.BORROWER, Role.LENDER)


def send_message(seat: Seat, room: Room, text: str, *, at: datetime, may_pass_on: bool = False) -> HeldMessage:
    """The message waits, encrypted: for fifteen seconds its sender may take it back, and nobody else can notice it."""
    seat.require("message:send")
    check_hears(seat, room)
    if not seat.may_write(room):
        raise Refused("room:only-read-here")
    _check_room_is_open(seat, room)
    text = plain_text(text)
    # Only the side itself may let something be passed on; its adviser may not.
    leave = may_pass_on and seat.advises is None and seat.side is not None and room is CAUCUS_OF[seat.side]
    held = _hold(seat, room, text, at, may_pass_on=leave)
    drafts.clear(seat, room)
    return held


def take_back(seat: Seat, message_id: UUID, *, at: datetime) -> Room:
    """It was never said; what was typed stands in its sender's composer again, unless something else does by now."""
    seat.require("message:take-back")
    held = seat.session.get(HeldMessage, message_id)
    if held is None or holding.is_over(held, at) or not _is_own(seat, held):
        _check_is_not_said(seat, message_id)
        raise NotFound
    room = held.room
    if held.passes_on_id is None and drafts.row_of(seat, room) is None:
        drafts.write(seat, room, text_of(seat.session, held), "", at)
    seat.session.delete(held)
    seat.session.flush()
    return room


def pass_on(seat: Seat, message_id: UUID, *, at: datetime) -> Room:
    """What a side allowed to be passed on waits to be said to the other side, as the mediator's message; the room."""
    seat.require("message:pass-on")
    source = heard_message(seat, message_id)
    if source.room not in OTHER_CAUCUS or source.role is Role.MEDIATOR:
        raise NotFound
    if seat.session.get(LeaveToPassOn, source.id) is None:
        raise Refused("message:not-to-be-passed-on")
    if _is_passed_on(seat, source.id):
        raise Refused("message:passed-on-already")
    room = OTHER_CAUCUS[source.room]
    _hold(seat, room, text_of(seat.session, source), at, passes_on_id=source.id)
    return room


def keep_draft(seat: Seat, room: Room, text: str, *, page: str, seen: str, at: datetime) -> bool:
    """What was typed last counts; whether it took the place of what another window had kept since this one opened."""
    seat.require("message:send")
    check_hears(seat, room)
    if not seat.may_write(room):
        raise Refused("room:only-read-here")
    check_draft(text)
    earlier = drafts.row_of(seat, room)
    is_elsewhere = earlier is not None and earlier.page != page and earlier.kept_at.isoformat() != seen
    if text.strip():
        drafts.write(seat, room, text, page, at)
    else:
        drafts.clear(seat, room)
    return is_elsewhere


def open_joint_room(seat: Seat, *, at: datetime) -> None:
    """Both sides may write to each other in the joint room."""
    seat.require("room:open")
    if is_joint_room_open(seat):
        raise Refused("room:already-open")
    _turn_key(seat, True, at)
    audit.record(seat, "room:opened", {"room": Room.JOINT.value}, at=at)
    holding.count_as_contact(seat, at=at)
    tell_roles(seat.session, seat.case, "room:opened", PARTIES, at=at)


def close_joint_room(seat: Seat, *, at: datetime) -> None:
    """What was said in the joint room stays readable; nobody writes there until the mediator opens it again."""
    seat.require("room:open")
    if not is_joint_room_open(seat):
        raise Refused("room:already-closed")
    _turn_key(seat, False, at)
    audit.record(seat, "room:closed", {"room": Room.JOINT.value}, at=at)
    tell_roles(seat.session, seat.case, "room:closed", PARTIES, at=at)


def _check_room_is_open(seat: Seat, room: Room) -> None:
    """Without a mediator nobody would hear, and what is said in private must not wait for a stranger."""
    if mediator_in_place(seat.session, seat.case_id) is None:
        raise Refused("message:no-mediator")
    if room is Room.JOINT and seat.side is not None and not is_joint_room_open(seat):
        raise Refused("room:closed")


def _hold(
    seat: Seat, room: Room, text: str, at: datetime, *, may_pass_on: bool = False, passes_on_id: UUID | None = None
) -> HeldMessage:
    assert seat.account_id is not None
    message_id, plain = new_key(), text.encode()
    sealed = ring_of(seat.session).encrypt(plain, context=context_of(seat.case_id, room, message_id))
    held = HeldMessage(
        id=message_id,
        case_id=seat.case_id,
        room=room,
        account_id=seat.account_id,
        role=seat.role,
        text_sha256=hashlib.sha256(plain).hexdigest(),
        wrapped_key=sealed.wrapped_key,
        nonce=sealed.nonce,
        ciphertext=sealed.ciphertext,
        may_pass_on=may_pass_on,
        passes_on_id=passes_on_id,
        sent_at=at,
    )
    seat.session.add(held)
    outbox.enqueue(seat.session, "message:say", {"case": str(seat.case_id)}, at=at, run_at=at + holding.HELD_FOR)
    return held


def _is_own(seat: Seat, message: HeldMessage | Message) -> bool:
    return message.case_id == seat.case_id and message.account_id == seat.account_id


def _check_is_not_said(seat: Seat, message_id: UUID) -> None:
    """Whoever comes too late is told so, and only of a message of their own."""
    found = seat.session.get(Message, message_id) or seat.session.get(HeldMessage, message_id)
    if found is not None and _is_own(seat, found):
        raise Refused("message:said-already")


def _is_passed_on(seat: Seat, source_id: UUID) -> bool:
    done = select(PassedOn.message_id).where(PassedOn.source_id == source_id)
    waiting = select(HeldMessage.id).where(HeldMessage.passes_on_id == source_id)
    return any(seat.session.scalar(found) is not None for found in (done, waiting))


def _turn_key(seat: Seat, is_open: bool, at: datetime) -> None:
    found = seat.session.get(JointRoom, seat.case_id)
    if found is None:
        found = JointRoom(case_id=seat.case_id)
        seat.session.add(found)
    assert seat.account_id is not None
    found.is_open, found.changed_by, found.changed_at = is_open, seat.account_id, at
    seat.session.flush()
