"""What a borrower reports of collection against the standstill, and what the registrar made of it: all written once."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word


class Way(StrEnum):
    """How somebody asked for payment though that was to rest."""

    CALL = "call"
    MESSAGE = "message"
    VISIT = "visit"
    OTHER_PEOPLE = "other_people"
    OTHER = "other"


class ConductReport(Record):
    """One report: how, when, by whom and what, with a proof where there is one; its words are encrypted."""

    __tablename__ = "conduct_report"
    __table_args__ = (
        Index("ix_conduct_report_case", "case_id"),
        Index("ix_conduct_report_institution", "institution_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    way: Mapped[Way] = mapped_column(word(Way, "way"))
    happened_on: Mapped[date]
    by_whom_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    what_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    proof_sha256: Mapped[str] = mapped_column(String(64), default="")
    proof_type: Mapped[str] = mapped_column(String(120), default="")
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime] = mapped_column(Moment)


class ConductForwarding(Record):
    """The registrar laid the report before the lender; until then the lender cannot know of it."""

    __tablename__ = "conduct_forwarding"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("conduct_report.id"), primary_key=True)
    forwarded_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    forwarded_at: Mapped[datetime] = mapped_column(Moment)


class ConductAnswer(Record):
    """What the registrar answers the borrower; with it the report is dealt with."""

    __tablename__ = "conduct_answer"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("conduct_report.id"), primary_key=True)
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime] = mapped_column(Moment)
