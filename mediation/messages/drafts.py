"""Drafts of messages: what somebody has typed in a room so far, sealed; the account that typed it alone reads it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mediation.cases.seats import Seat
from mediation.keys import pack, ring_of, unpack
from mediation.messages.models import MessageDraft
from mediation.rules.access import Room

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Draft:
    """What stands in one person's composer of one room; `kept` names this state of it, empty where nothing is kept."""

    text: str = ""
    kept: str = ""


def draft_in(seat: Seat, room: Room) -> Draft:
    """What this account has typed in this room and not sent."""
    row = row_of(seat, room)
    if row is None:
        return Draft()
    text = ring_of(seat.session).decrypt(unpack(row.text_sealed), context=_context(seat, room))
    return Draft(text.decode(), row.kept_at.isoformat())


def row_of(seat: Seat, room: Room) -> MessageDraft | None:
    """The one row in which it is kept."""
    return seat.session.get(MessageDraft, (seat.account_id, seat.case_id, room))


def write(seat: Seat, room: Room, text: str, page: str, kept_at: datetime) -> None:
    """What was typed takes the place of what was kept before."""
    assert seat.account_id is not None
    row = row_of(seat, room)
    if row is None:
        row = MessageDraft(account_id=seat.account_id, case_id=seat.case_id, room=room)
        seat.session.add(row)
    sealed = ring_of(seat.session).encrypt(text.encode(), context=_context(seat, room))
    row.text_sealed, row.page, row.kept_at = pack(sealed), page, kept_at
    seat.session.flush()


def clear(seat: Seat, room: Room) -> None:
    """Nothing of it is kept any more."""
    row = row_of(seat, room)
    if row is not None:
        seat.session.delete(row)
        seat.session.flush()


def sweep(session: Session, *, at: datetime) -> None:
    """Drafts that nobody has touched for thirty days are gone."""
    session.execute(delete(MessageDraft).where(MessageDraft.kept_at < at - KEPT_FOR))


def _context(seat: Seat, room: Room) -> bytes:
    """What the ciphertext is bound to: for another account, in another case or room it does not open."""
    account_id: UUID | None = seat.account_id
    return f"message-draft/{account_id}/{seat.case_id}/{room.value}".encode()
