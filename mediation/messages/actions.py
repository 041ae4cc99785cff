"""Saying something in a room, and opening and closing the joint room."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select

from mediation import audit
from mediation.accounts.models import Account
from mediation.cases import moves
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.cases.telling import people_of, tell_account, tell_roles
from mediation.db import new_key
from mediation.errors import Refused
from mediation.keys import ring_of
from mediation.messages.models import JointRoom, Message, ReadingMark
from mediation.messages.selections import check_hears, context_of, is_joint_room_open
from mediation.messages.wording import plain_text
from mediation.rules.access import READERS, ROOM_THREADS, Role, Room
from mediation.rules.deadlines import Term

PARTIES = (Role.BORROWER, Role.LENDER)
ONE_TICK = timedelta(microseconds=1)


def send_message(seat: Seat, room: Room, text: str, *, at: datetime) -> Message:
    """The message is in the room, encrypted; whoever hears the room is told, and nobody else can notice it."""
    seat.require("message:send")
    check_hears(seat, room)
    _check_room_is_open(seat, room)
    text = plain_text(text)
    assert seat.account_id is not None
    message = _kept(seat, room, text, at)
    body = {"message": str(message.id), "room": room.value, "text_sha256": message.text_sha256}
    audit.record(seat, "message:sent", body, at=at, thread=ROOM_THREADS[room])
    if room is Room.JOINT:
        _count_as_contact(seat, at=at)
    _tell_hearers(seat, room, message, at=at)
    return message


def open_joint_room(seat: Seat, *, at: datetime) -> None:
    """Both sides may write to each other in the joint room."""
    seat.require("room:open")
    if is_joint_room_open(seat):
        raise Refused("room:already-open")
    _turn_key(seat, True, at)
    audit.record(seat, "room:opened", {"room": Room.JOINT.value}, at=at)
    _count_as_contact(seat, at=at)
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


def _kept(seat: Seat, room: Room, text: str, at: datetime) -> Message:
    message_id, plain = new_key(), text.encode()
    sealed = ring_of(seat.session).encrypt(plain, context=context_of(seat.case_id, room, message_id))
    message = Message(
        id=message_id,
        case_id=seat.case_id,
        room=room,
        account_id=seat.account_id,
        role=seat.role,
        text_sha256=hashlib.sha256(plain).hexdigest(),
        wrapped_key=sealed.wrapped_key,
        nonce=sealed.nonce,
        ciphertext=sealed.ciphertext,
        sent_at=_after_the_last(seat, room, at),
    )
    seat.session.add(message)
    seat.session.flush()
    return message


def _after_the_last(seat: Seat, room: Room, at: datetime) -> datetime:
    """Later than everything said in this room, so that a reading mark never covers what comes after it."""
    last = select(Message.sent_at).where(Message.case_id == seat.case_id, Message.room == room)
    newest = seat.session.scalar(last.order_by(Message.sent_at.desc()).limit(1))
    return at if newest is None or newest < at else newest + ONE_TICK


def _turn_key(seat: Seat, is_open: bool, at: datetime) -> None:
    found = seat.session.get(JointRoom, seat.case_id)
    if found is None:
        found = JointRoom(case_id=seat.case_id)
        seat.session.add(found)
    assert seat.account_id is not None
    found.is_open, found.changed_by, found.changed_at = is_open, seat.account_id, at
    seat.session.flush()


def _count_as_contact(seat: Seat, *, at: datetime) -> None:
    """What both sides see counts as the mediator's contact; a word in a caucus must not move what the other sees."""
    case = seat.case
    if seat.side is None and case.turn is Role.MEDIATOR and case.deadline_kind == Term.CONTACT_PARTIES.value:
        moves.await_turn(case, None, until=case.mediation_ends_at, kind=Term.MEDIATION.value, at=at)
        seat.session.flush()


def _tell_hearers(seat: Seat, room: Room, message: Message, *, at: datetime) -> None:
    """One notice for what is new in a room, not one for each message: the next follows once the reader has looked."""
    for role in sorted(READERS[room]):
        for account in people_of(seat.session, seat.case, role):
            if account.id != seat.account_id and not _waits_already(seat, room, account, message):
                tell_account(seat.session, seat.case, "message:sent", account, role, at=at)


def _waits_already(seat: Seat, room: Room, account: Account, message: Message) -> bool:
    mark = select(ReadingMark.read_at).where(
        ReadingMark.account_id == account.id, ReadingMark.case_id == seat.case_id, ReadingMark.room == room
    )
    earlier = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.case_id == seat.case_id,
            Message.room == room,
            Message.account_id != account.id,
            Message.sent_at < message.sent_at,
        )
    )
    read_at = seat.session.scalar(mark)
    return bool(seat.session.scalar(earlier if read_at is None else earlier.where(Message.sent_at > read_at)))
