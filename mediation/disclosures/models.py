"""The statement of means: drafts by section, versions as stated, and what the mediator has seen proof of."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word


class Section(StrEnum):
    """The parts of a statement of means, in the order in which they are asked."""

    INCOME = "income"
    SPENDING = "spending"
    HOUSEHOLD = "household"
    DEBTS = "debts"
    SAVINGS = "savings"
    HARDSHIP = "hardship"
    WORDS = "words"


class MeansSection(Record):
    """The answers of one section as last kept, encrypted; a draft that only the borrower reads."""

    __tablename__ = "means_section"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    section: Mapped[Section] = mapped_column(word(Section, "section"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class MeansStatement(Record):
    """One version of the whole, as the borrower said that it is complete; the newest counts."""

    __tablename__ = "means_statement"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stated_at: Mapped[datetime] = mapped_column(Moment)


class MeansVerification(Record):
    """A document for exactly this line was seen; the token stands for section and line, and tells neither."""

    __tablename__ = "means_verification"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    token: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    verified_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    verified_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
