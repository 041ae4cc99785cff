"""What was said in which room, what waits to be said, and what may be passed on; texts are encrypted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role, Room


class JointRoom(Record):
    """Whether the mediator has the joint room open."""

    __tablename__ = "joint_room"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    is_open: Mapped[bool]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(Moment)


class Message(Record):
    """One thing said in one room; the record knows only its SHA-256."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_room", "case_id", "room", "sent_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    room: Mapped[Room] = mapped_column(word(Room, "room"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    sent_at: Mapped[datetime] = mapped_column(Moment)


class HeldMessage(Record):
    """Sent and not yet said: its sender alone knows of it, and may take it back; no selection of a room finds it."""

    __tablename__ = "held_message"
    __table_args__ = (Index("ix_held_message_case", "case_id", "sent_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    room: Mapped[Room] = mapped_column(word(Room, "room"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    may_pass_on: Mapped[bool]
    passes_on_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), unique=True)
    sent_at: Mapped[datetime] = mapped_column(Moment)


class LeaveToPassOn(Record):
    """Whoever said this in private said with it that the mediator may tell the other side."""

    __tablename__ = "leave_to_pass_on"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)


class PassedOn(Record):
    """The mediator's message, and what was said in private that it passes on; each is passed on once."""

    __tablename__ = "passed_on"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), unique=True)


class MessageDraft(Record):
    """What somebody has typed into a room's composer so far, sealed; nobody else's selection finds it."""

    __tablename__ = "message_draft"
    __table_args__ = (Index("ix_message_draft_kept", "kept_at"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    room: Mapped[Room] = mapped_column(word(Room, "room"), primary_key=True)
    page: Mapped[str] = mapped_column(String(64))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(Moment)


class ReadingMark(Record):
    """Up to when somebody has read a room; never a read receipt for anybody else."""

    __tablename__ = "reading_mark"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    room: Mapped[Room] = mapped_column(word(Room, "room"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(Moment)
