"""Fifteen seconds in which its sender may take a message back; then it is said: recorded once, and told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts.models import Account
from mediation.cases import appointments, moves
from mediation.cases.seats import Seat, lock_case
from mediation.cases.telling import people_of, tell_account
from mediation.messages.models import HeldMessage, LeaveToPassOn, Message, PassedOn, ReadingMark
from mediation.rules.access import READERS, ROOM_THREADS, Role, Room
from mediation.rules.deadlines import Term

HELD_FOR = timedelta(seconds=15)
ONE_TICK = timedelta(microseconds=1)


def is_over(held: HeldMessage, at: datetime) -> bool:
    """Whether its sender can no longer take it back."""
    return at >= held.sent_at + HELD_FOR


def say_due(seat: Seat, *, at: datetime) -> None:
    """Whatever has waited its time in this case is said, in the order in which it was sent; the case is locked."""
    seat.require("time:pass")
    for held in _due(seat.session, seat.case_id, at):
        _say(replace(seat, account_id=held.account_id, role=held.role), held, at=at)


def is_behind(seat: Seat, *, at: datetime) -> bool:
    """Whether something of this case should have been said by now and is not."""
    seat.require("room:read")
    return bool(_due(seat.session, seat.case_id, at))


def catch_up(session: Session, case_id: UUID, *, at: datetime) -> None:
    """What is due in that case is said; whoever else does the same waits for the case, and then finds nothing."""
    say_due(Seat.system(session, lock_case(session, case_id)), at=at)


def caught_up(found: Seat, *, at: datetime, writing: bool) -> Seat:
    """The seat with what time has already decided; whoever writes first says what was due before."""
    seat = appointments.caught_up(found, at=at, writing=writing)
    if writing:
        say_due(Seat.system(seat.session, seat.case), at=at)
    return seat


def _due(session: Session, case_id: UUID, at: datetime) -> Sequence[HeldMessage]:
    waiting = select(HeldMessage).where(HeldMessage.case_id == case_id, HeldMessage.sent_at <= at - HELD_FOR)
    return session.scalars(waiting.order_by(HeldMessage.sent_at, HeldMessage.id)).all()


def _say(author: Seat, held: HeldMessage, *, at: datetime) -> None:
    """The same ciphertext under the same id, now heard; the record has the moment at which it was sent."""
    message = _moved(author, held)
    if held.passes_on_id is None:
        _record_sent(author, held, message)
    else:
        _record_passed_on(author, message, author.session.get_one(Message, held.passes_on_id))
    if held.room is Room.JOINT and held.role is Role.MEDIATOR:
        count_as_contact(author, at=at)
    _tell_hearers(author, message, at=at)


def _moved(author: Seat, held: HeldMessage) -> Message:
    message = Message(
        id=held.id,
        case_id=held.case_id,
        room=held.room,
        account_id=held.account_id,
        role=held.role,
        text_sha256=held.text_sha256,
        wrapped_key=held.wrapped_key,
        nonce=held.nonce,
        ciphertext=held.ciphertext,
        sent_at=_after_the_last(author, held),
    )
    author.session.add(message)
    author.session.delete(held)
    author.session.flush()
    return message


def _after_the_last(author: Seat, held: HeldMessage) -> datetime:
    """Later than everything said in this room, so that a reading mark never covers what comes after it."""
    last = select(Message.sent_at).where(Message.case_id == held.case_id, Message.room == held.room)
    newest = author.session.scalar(last.order_by(Message.sent_at.desc()).limit(1))
    return held.sent_at if newest is None or newest < held.sent_at else newest + ONE_TICK


def _record_sent(author: Seat, held: HeldMessage, message: Message) -> None:
    body: dict[str, object] = {"message": str(message.id), "room": message.room.value, "text_sha256": held.text_sha256}
    if held.may_pass_on:
        author.session.add(LeaveToPassOn(message_id=message.id))
        body["may_pass_on"] = True
    audit.record(author, "message:sent", body, at=message.sent_at, thread=ROOM_THREADS[message.room])


def _record_passed_on(author: Seat, message: Message, source: Message) -> None:
    """One entry on either side, each in its own thread; neither names what the other side's thread holds."""
    author.session.add(PassedOn(message_id=message.id, source_id=source.id))
    body = {"message": str(message.id), "room": message.room.value, "text_sha256": message.text_sha256}
    audit.record(author, "message:passed-on", body, at=message.sent_at, thread=ROOM_THREADS[message.room])
    used = {"message": str(source.id), "text_sha256": source.text_sha256}
    audit.record(author, "message:leave-used", used, at=message.sent_at, thread=ROOM_THREADS[source.room])


def count_as_contact(author: Seat, *, at: datetime) -> None:
    """What both sides see counts as the mediator's contact; a word in a caucus must not move what the other sees."""
    case = author.case
    if case.turn is Role.MEDIATOR and case.deadline_kind == Term.CONTACT_PARTIES.value:
        moves.await_turn(case, None, until=case.mediation_ends_at, kind=Term.MEDIATION.value, at=at)
        author.session.flush()


def _tell_hearers(author: Seat, message: Message, *, at: datetime) -> None:
    """One notice for what is new in a room, not one for each message: the next follows once the reader has looked."""
    for role in sorted(READERS[message.room]):
        for account in people_of(author.session, author.case, role):
            if account.id != author.account_id and not _waits_already(author.session, account, message):
                tell_account(author.session, author.case, "message:sent", account, role, at=at)


def _waits_already(session: Session, account: Account, message: Message) -> bool:
    mark = select(ReadingMark.read_at).where(
        ReadingMark.account_id == account.id,
        ReadingMark.case_id == message.case_id,
        ReadingMark.room == message.room,
    )
    earlier = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.case_id == message.case_id,
            Message.room == message.room,
            Message.account_id != account.id,
            Message.sent_at < message.sent_at,
        )
    )
    read_at = session.scalar(mark)
    return bool(session.scalar(earlier if read_at is None else earlier.where(Message.sent_at > read_at)))
