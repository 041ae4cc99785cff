"""What advisers advise: a note to the side, sealed; neither the other side nor the mediator reads it.

Advice decides nothing, so it is no entry of the record: not even that it was given.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mediation.accounts.models import Account
from mediation.cases.seats import Seat, seated_since
from mediation.cases.side_models import AdviceNote
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.errors import Refused
from mediation.keys import pack, ring_of, unpack
from mediation.rules.access import Role

LONGEST = 4000
PAGE = 100


@dataclass(frozen=True)
class Advice:
    """One note as its reader sees it."""

    name: str
    text: str
    given_at: datetime


def give_advice(seat: Seat, text: str, *, at: datetime) -> AdviceNote:
    """The side has the advice; it is free to follow it or not."""
    seat.require("advice:give")
    assert seat.side is not None
    assert seat.account_id is not None
    tidy = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not tidy:
        raise Refused("advice:empty", field="text")
    if len(tidy) > LONGEST:
        raise Refused("advice:too-long", field="text", most=LONGEST, length=len(tidy))
    note = AdviceNote(id=new_key(), case_id=seat.case_id, side=seat.side, account_id=seat.account_id, given_at=at)
    note.text_sealed = pack(ring_of(seat.session).encrypt(tidy.encode(), context=_context(note)))
    seat.session.add(note)
    seat.session.flush()
    tell_roles(seat.session, seat.case, "advice:given", (Role(seat.side.value),), at=at)
    return note


def advice_seen_by(seat: Seat) -> Sequence[Advice]:
    """The notes to this side, the newest first; an adviser reads their own, a further person what came since."""
    seat.require("adviser:read")
    found = (
        select(AdviceNote, Account.name)
        .join(Account, Account.id == AdviceNote.account_id)
        .where(AdviceNote.case_id == seat.case_id, AdviceNote.side == seat.side)
    )
    if seat.advises is not None:
        found = found.where(AdviceNote.account_id == seat.account_id)
    if seat.is_further:
        found = found.where(AdviceNote.given_at >= seated_since(seat))
    rows = seat.session.execute(found.order_by(AdviceNote.given_at.desc(), AdviceNote.id.desc()).limit(PAGE))
    return [Advice(name, _opened(seat, note), note.given_at) for note, name in rows]


def _opened(seat: Seat, note: AdviceNote) -> str:
    return ring_of(seat.session).decrypt(unpack(note.text_sealed), context=_context(note)).decode()


def _context(note: AdviceNote) -> bytes:
    return f"advice/{note.case_id}/{note.id}".encode()
