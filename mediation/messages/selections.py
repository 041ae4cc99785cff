"""What a seat hears of a room, newest last; how much of it is new to the reader; and up to where it has read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true, tuple_
from sqlalchemy.orm import Session

from mediation.accounts.models import Account
from mediation.cases.models import Seating
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.keys import Sealed, ring_of
from mediation.messages.models import JointRoom, Message, ReadingMark
from mediation.rules.access import Role, Room

PAGE = 50


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
    found = (
        select(Message, Account.name)
        .join(Account, Account.id == Message.account_id)
        .where(_heard(seat, room))
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        found = found.where(tuple_(Message.sent_at, Message.id) < _place_of(seat, room, before))
    rows = seat.session.execute(found).all()
    said = [_opened(seat, message, name) for message, name in rows[:PAGE]]
    return Talk(room, said[::-1], has_older=len(rows) > PAGE, is_newest=before is None)


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
    """A mediator hears of a caucus what was said since it took the seat, and reads its own notes only."""
    here = and_(Message.case_id == seat.case_id, Message.room == room)
    if seat.role is not Role.MEDIATOR or room is Room.JOINT:
        return here
    if room is Room.NOTES:
        return and_(here, Message.account_id == seat.account_id)
    since = (
        select(Seating.since_at)
        .where(Seating.case_id == seat.case_id, Seating.account_id == seat.account_id, Seating.ended_at.is_(None))
        .scalar_subquery()
    )
    return and_(here, Message.sent_at >= since)


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


def _opened(seat: Seat, message: Message, name: str) -> Said:
    sealed = Sealed(message.wrapped_key, message.nonce, message.ciphertext)
    context = context_of(message.case_id, message.room, message.id)
    text = ring_of(seat.session).decrypt(sealed, context=context).decode()
    mine = message.account_id == seat.account_id
    return Said(message.id, message.account_id, name, message.role, text, message.sent_at, mine)
