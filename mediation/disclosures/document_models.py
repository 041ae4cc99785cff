"""Documents with their versions, the facts that stand in for one, and what was not there in time: all written once."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.duties import Item
from mediation.rules.negotiation import Side


class Audience(StrEnum):
    """Who besides its own side sees a document."""

    MEDIATOR = "mediator"
    BOTH = "both"


class Kind(StrEnum):
    """What a document is, in a party's words; the first six are what a lender owes."""

    CONTRACT = "contract"
    DISBURSEMENT = "disbursement"
    PAYMENTS = "payments"
    FEES = "fees"
    ASSIGNMENT = "assignment"
    CREDIT_REPORT = "credit_report"
    INCOME = "income"
    SPENDING = "spending"
    HEALTH = "health"
    RECEIPT = "receipt"
    OTHER = "other"


class Document(Record):
    """Something that one side put on file; its title is encrypted, for it may tell what the file tells."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_case", "case_id", "put_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    audience: Mapped[Audience] = mapped_column(word(Audience, "audience"))
    kind: Mapped[Kind] = mapped_column(word(Kind, "kind"))
    title_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    put_at: Mapped[datetime] = mapped_column(Moment)


class DocumentVersion(Record):
    """One file under a document; a later version stands before it and never takes it away."""

    __tablename__ = "document_version"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(120))
    dated_on: Mapped[date]
    put_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    put_at: Mapped[datetime] = mapped_column(Moment)


class DocumentRelease(Record):
    """A document that the mediator alone saw is for both sides from here on, with every version of it."""

    __tablename__ = "document_release"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    released_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime] = mapped_column(Moment)


class DutyStatement(Record):
    """What the lender states in place of a document; a later statement stands beside the earlier one."""

    __tablename__ = "duty_statement"
    __table_args__ = (Index("ix_duty_statement_case", "case_id", "item"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    item: Mapped[Item] = mapped_column(word(Item, "item"))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    text_sha256: Mapped[str] = mapped_column(String(64))
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stated_at: Mapped[datetime] = mapped_column(Moment)


class DutyOverdue(Record):
    """The time to disclose passed with these items missing; noted once."""

    __tablename__ = "duty_overdue"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    items: Mapped[str] = mapped_column(String(200))
    noted_at: Mapped[datetime] = mapped_column(Moment)
