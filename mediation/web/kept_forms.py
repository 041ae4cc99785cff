"""What was typed into a form whose sender had been away too long: kept sealed until they have signed in again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import LargeBinary, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Moment, Record
from mediation.keys import pack, ring_of, unpack

KEPT_FOR = timedelta(minutes=30)
PLACE = b"kept-form/"
LONGEST = 200_000

Fields = Sequence[tuple[str, str]]


class KeptForm(Record):
    """The last form that an account sent after its session had idled out, where it was going, and its fields sealed."""

    __tablename__ = "kept_form"

    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    fields_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class Typed:
    """A form that was not taken: where it was going, and what stood in its fields."""

    path: str
    fields: Fields


def keep(session: Session, account_id: UUID, typed: Typed, *, at: datetime) -> bool:
    """The form waits for its sender for half an hour; an earlier one of theirs does not. False where it is too long."""
    text = json.dumps(typed.fields, ensure_ascii=False)
    if len(text) > LONGEST or len(typed.path) > 500:
        return False
    sealed = ring_of(session).encrypt(text.encode(), context=PLACE + account_id.bytes)
    session.merge(KeptForm(actor=str(account_id), path=typed.path, fields_sealed=pack(sealed), kept_at=at))
    return True


def kept_for(session: Session, account_id: UUID, *, at: datetime) -> Typed | None:
    """What this account typed last into a form that was not taken, within the last half hour."""
    kept = session.get(KeptForm, str(account_id))
    if kept is None or at - kept.kept_at > KEPT_FOR:
        return None
    text = ring_of(session).decrypt(unpack(kept.fields_sealed), context=PLACE + account_id.bytes)
    return Typed(kept.path, [(name, value) for name, value in json.loads(text)])


def sweep(session: Session, *, at: datetime) -> None:
    """Forms that nobody came back for are gone."""
    session.execute(delete(KeptForm).where(KeptForm.kept_at < at - KEPT_FOR))
