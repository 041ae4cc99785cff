"""What a seat hears of a room, newest last; how much of it is new to the reader; and up to where it has read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from mediation.accounts.models import Account
from mediation.cases.hearing import heard_since
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat, seated_since
from mediation.errors import NotFound
from mediation.keys import Sealed, ring_of
from mediation.messages.holding import HELD_FOR
from mediation.messages.models import HeldMessage, JointRoom, LeaveToPassOn, Message, PassedOn, ReadingMark
from mediation.rules.access import CAUCUS_OF, Role, Room

PAGE = 50
SIDE_OF = {room: side for side, room in CAUCUS_OF.items()}
OTHER_CAUCUS = {room: CAUCUS_OF[side.other] for side, room in CAUCUS_OF.items()}


@dataclass(frozen=True)
class Said:
    """One message as its hearer reads it."""

    id: UUID
    account_id: UUID
    name: str
    role: Role
    text: str
    sent_at: datetime
    is_mine: bool
    may_pass_on: bool = False
    was_passed_on: bool = False
    passes_on: bool = False


@dataclass(frozen=True)
class Held:
    """One message of the reader's own that is not said yet, and until when it can be taken back."""

    id: UUID
    text: str
    sent_at: datetime
    until: datetime
    may_pass_on: bool
    passes_on_id: UUID | None


@dataclass(frozen=True)
class Talk:
    """One page of a room: at most fifty messages, oldest first, and whether older ones exist."""

    room: Room
    messages: Sequence[Said]
    has_older: bool
    is_newest: bool

    @property
    def newest(self) -> str:
        """The id of the last message of this page; empty in a silent room."""
        return str(self.messages[-1].id) if self.messages else ""


def talk_heard_by(seat: Seat, room: Room, *, before: UUID | None = None) -> Talk:
    """The newest fifty messages of a room, or the fifty before a given one; what one does not hear does not exist."""
    check_hears(seat, room)
    found = _with_passing_on().where(_heard(seat, room)).limit(PAGE + 1)
    if before is not None:
        found = found.where(tuple_(Message.sent_at, Message.id) < _place_of(seat, room, before))
    rows = seat.session.execute(found).all()
    said = [_opened(seat, row) for row in rows[:PAGE]]
    return Talk(room, said[::-1], has_older=len(rows) > PAGE, is_newest=before is None)


def held_by(seat: Seat, room: Room) -> Sequence[Held]:
    """What this account itself has sent into that room and may still take back, oldest first."""
    check_hears(seat, room)
    return [
        Held(
            row.id,
            text_of(seat.session, row),
            row.sent_at,
            row.sent_at + HELD_FOR,
            row.may_pass_on,
            row.passes_on_id,
        )
        for row in _held(seat)
        if row.room is room
    ]


def on_its_way_from(seat: Seat) -> frozenset[UUID]:
    """The messages that this mediator is passing on at this moment, and may still take back."""
    return frozenset(row.passes_on_id for row in _held(seat) if row.passes_on_id is not None)


def heard_message(seat: Seat, message_id: UUID) -> Message:
    """One message of this case; what one does not hear does not exist."""
    found = seat.session.get(Message, message_id)
    if found is None or found.case_id != seat.case_id:
        raise NotFound
    check_hears(seat, found.room)
    _place_of(seat, found.room, message_id)
    return found


def text_of(session: Session, message: Message | HeldMessage) -> str:
    """What it says."""
    sealed = Sealed(message.wrapped_key, message.nonce, message.ciphertext)
    context = context_of(message.case_id, message.room, message.id)
    return ring_of(session).decrypt(sealed, context=context).decode()


def state_of(seat: Seat, room: Room) -> str:
    """What tells a page that shows the room's present state from one that does not."""
    is_open = room is Room.JOINT and is_joint_room_open(seat)
    passed = select(func.count()).select_from(PassedOn).join(Message, Message.id == PassedOn.source_id)
    used = seat.session.scalar(passed.where(_heard(seat, room))) if room in SIDE_OF else 0
    waiting = [str(row.id) for row in _held(seat) if room in (row.room, OTHER_CAUCUS.get(row.room))]
    return " ".join([newest_heard_by(seat, room), "open" if is_open else "", str(used or ""), *waiting]).strip()


def newest_heard_by(seat: Seat, room: Room) -> str:
    """The id of the newest message of a room; empty in a silent one."""
    check_hears(seat, room)
    found = select(Message.id).where(_heard(seat, room)).order_by(Message.sent_at.desc(), Message.id.desc())
    newest = seat.session.scalar(found.limit(1))
    return str(newest or "")


def unread_by(seat: Seat) -> Mapping[Room, int]:
    """For each room that this seat hears, how many messages of others are new to this reader."""
    return {room: _unread(seat, room) for room in seat.rooms() if room is not Room.NOTES}


def is_joint_room_open(seat: Seat) -> bool:
    """Whether the mediator who now sits has the joint room open; it closes with the mediator's seat."""
    found = seat.session.get(JointRoom, seat.case_id)
    return found is not None and found.is_open and found.changed_by == mediator_in_place(seat.session, seat.case_id)


def check_hears(seat: Seat, room: Room) -> None:
    """A room that this seat does not hear does not exist for it."""
    if not seat.may_read(room):
        raise NotFound


def has_unread(seat: Seat, room: Room) -> bool:
    """Whether somebody else has said something in that room since this reader last looked."""
    return room is not Room.NOTES and _unread(seat, room) > 0


def mark_read(session: Session, *, seat: Seat, room: Room, read_at: datetime) -> None:
    """The reader has read the room up to that moment, never back; in a session of its own, not the seat's."""
    mark = session.get(ReadingMark, (seat.account_id, seat.case_id, room), with_for_update=True)
    if mark is None:
        session.add(ReadingMark(account_id=seat.account_id, case_id=seat.case_id, room=room, read_at=read_at))
    else:
        mark.read_at = max(mark.read_at, read_at)
    session.flush()


def context_of(case_id: UUID, room: Room, message_id: UUID) -> bytes:
    """What a message's ciphertext is bound to: in another room or case it does not open."""
    return f"message/{case_id}/{room.value}/{message_id}".encode()


def _heard(seat: Seat, room: Room) -> ColumnElement[bool]:
    """A mediator hears of a caucus what was said since it took the seat, before it what that side has opened to it.

    Of the notes it reads its own.
    """
    here = and_(Message.case_id == seat.case_id, Message.room == room)
    if seat.is_further and room is not Room.JOINT:
        # Whoever came to a side later was not whom the first person spoke to.
        return and_(here, Message.sent_at >= seated_since(seat))
    if seat.role is not Role.MEDIATOR or room is Room.JOINT:
        return here
    if room is Room.NOTES:
        return and_(here, Message.account_id == seat.account_id)
    return and_(here, Message.sent_at >= heard_since(seat, SIDE_OF[room]))


def _unread(seat: Seat, room: Room) -> int:
    mark = seat.session.scalar(
        select(ReadingMark.read_at).where(
            ReadingMark.account_id == seat.account_id, ReadingMark.case_id == seat.case_id, ReadingMark.room == room
        )
    )
    newer = true() if mark is None else Message.sent_at > mark
    found = select(func.count()).select_from(Message)
    return seat.session.scalar(found.where(_heard(seat, room), Message.account_id != seat.account_id, newer)) or 0


def _place_of(seat: Seat, room: Room, message_id: UUID) -> tuple[datetime, UUID]:
    found = select(Message.sent_at, Message.id).where(_heard(seat, room), Message.id == message_id)
    place = seat.session.execute(found).first()
    if place is None:
        raise NotFound
    return place.sent_at, place.id


def _held(seat: Seat) -> Sequence[HeldMessage]:
    found = select(HeldMessage).where(HeldMessage.case_id == seat.case_id, HeldMessage.account_id == seat.account_id)
    return seat.session.scalars(found.order_by(HeldMessage.sent_at, HeldMessage.id)).all()


def _with_passing_on() -> Select[Message, str, UUID, UUID, UUID]:
    """Each message with its author's name, whether it may be passed on, was passed on, or passes something on."""
    used, made = aliased(PassedOn), aliased(PassedOn)
    return (
        select(Message, Account.name, LeaveToPassOn.message_id, used.message_id, made.source_id)
        .join(Account, Account.id == Message.account_id)
        .outerjoin(LeaveToPassOn, LeaveToPassOn.message_id == Message.id)
        .outerjoin(used, used.source_id == Message.id)
        .outerjoin(made, made.message_id == Message.id)
        .order_by(Message.sent_at.desc(), Message.id.desc())
    )


def _opened(seat: Seat, row: Row[Message, str, UUID, UUID, UUID]) -> Said:
    message, name, leave, used, made = row
    return Said(
        message.id,
        message.account_id,
        name,
        message.role,
        text_of(seat.session, message),
        message.sent_at,
        is_mine=message.account_id == seat.account_id,
        may_pass_on=leave is not None,
        was_passed_on=used is not None,
        passes_on=made is not None,
    )
