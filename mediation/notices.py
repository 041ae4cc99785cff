"""Notices: kind, recipient and parameters, kept in the transaction of the action that they tell of."""

import base64
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation import outbox
from mediation.db import Moment, Record, new_key, word
from mediation.keys import pack, ring_of, unpack

SEALED = "_sealed"
SEALED_FOR = b"notice-fact"


class Channel(StrEnum):
    """How a notice travels."""

    MAIL = "mail"
    LETTER = "letter"
    IN_APP = "in_app"


class DeliveryState(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    FAILED = "failed"


class Notice(Record):
    """One thing told to one person; the worker words and sends it."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_account", "account_id", "made_at"), Index("ix_notice_case", "case_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("mediation_case.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(60))
    channel: Mapped[Channel] = mapped_column(word(Channel, "channel"))
    address: Mapped[str] = mapped_column(String(200), default="")
    locale: Mapped[str] = mapped_column(String(10), default="")
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class Delivery(Record):
    """One attempt to deliver a notice, and what came of it."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("notice_id", "attempt"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.id"))
    attempt: Mapped[int]
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState, "state"))
    detail: Mapped[str] = mapped_column(String(300), default="")
    tried_at: Mapped[datetime] = mapped_column(Moment)


def tell(
    session: Session,
    kind: str,
    *,
    institution_id: UUID,
    at: datetime,
    case_id: UUID | None = None,
    account_id: UUID | None = None,
    address: str = "",
    locale: str = "",
    facts: dict[str, str] | None = None,
) -> Notice:
    """The notice is kept; with an address it is also promised to the post."""
    channel = Channel.MAIL if address else Channel.IN_APP
    notice = Notice(
        institution_id=institution_id,
        case_id=case_id,
        account_id=account_id,
        kind=kind,
        channel=channel,
        address=address,
        locale=locale,
        facts=facts or {},
        made_at=at,
    )
    session.add(notice)
    session.flush()
    if address:
        outbox.enqueue(session, "notice:send", {"notice": str(notice.id)}, at=at, dedup=f"notice:{notice.id}")
    return notice


def notices_for(session: Session, account_id: UUID, *, limit: int = 20) -> Sequence[Notice]:
    """The newest notices of one person."""
    found = select(Notice).where(Notice.account_id == account_id).order_by(Notice.made_at.desc(), Notice.id.desc())
    return session.scalars(found.limit(limit)).all()


def sealed_fact(session: Session, secret: str) -> str:
    """A secret as a fact may carry it, under a name that ends in `_sealed`: only the post opens it."""
    return base64.b64encode(pack(ring_of(session).encrypt(secret.encode(), context=SEALED_FOR))).decode()


def open_facts(session: Session, notice: Notice) -> dict[str, str]:
    """The facts with each sealed one opened under its name without the ending."""
    return {name.removesuffix(SEALED): _opened(session, name, value) for name, value in notice.facts.items()}


def stop(session: Session, case_id: UUID, address: str, *, at: datetime) -> None:
    """What was promised to this address about this case and has not gone is never sent."""
    waiting = session.scalars(select(Notice.id).where(Notice.case_id == case_id, Notice.address == address)).all()
    session.execute(
        update(outbox.Job)
        .where(outbox.Job.dedup.in_([f"notice:{notice}" for notice in waiting]), outbox.Job.done_at.is_(None))
        .values(done_at=at, failure="stopped")
    )


def _opened(session: Session, name: str, value: str) -> str:
    if not name.endswith(SEALED):
        return value
    return ring_of(session).decrypt(unpack(base64.b64decode(value)), context=SEALED_FOR).decode()
