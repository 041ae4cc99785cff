"""What each side states of payments, takes back, and says of the other's rows: every statement written once."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Minor, Moment, Record, new_key, word
from mediation.rules.ledger import Verdict
from mediation.rules.negotiation import Side


class Source(StrEnum):
    """How a list of payments came."""

    TYPED = "typed"
    FILE = "file"


class PaymentList(Record):
    """Payments that one side stated in one act; the hash is of every row as stated."""

    __tablename__ = "payment_list"
    __table_args__ = (Index("ix_payment_list_case", "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    source: Mapped[Source] = mapped_column(word(Source, "source"))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_sha256: Mapped[str] = mapped_column(String(64), default="")
    row_count: Mapped[int]
    left_out: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(Minor)
    sha256: Mapped[str] = mapped_column(String(64))
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stated_at: Mapped[datetime] = mapped_column(Moment)


class LedgerPayment(Record):
    """One payment as a side states it; what it wrote beside it is encrypted."""

    __tablename__ = "ledger_payment"
    __table_args__ = (Index("ix_ledger_payment_case", "case_id"), Index("ix_ledger_payment_list", "list_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    list_id: Mapped[UUID] = mapped_column(ForeignKey("payment_list.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    paid_on: Mapped[date]
    amount: Mapped[int] = mapped_column(Minor)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class LedgerWithdrawal(Record):
    """A side took back one payment of its own, or a whole list; it then states them no more."""

    __tablename__ = "ledger_withdrawal"
    __table_args__ = (
        UniqueConstraint("payment_id"),
        UniqueConstraint("list_id"),
        Index("ix_ledger_withdrawal_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_payment.id"))
    list_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_list.id"))
    withdrawn_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime] = mapped_column(Moment)


class LedgerAnswer(Record):
    """What a side says of one row of the other: of a component of the claim or of a payment; the newest counts."""

    __tablename__ = "ledger_answer"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    number: Mapped[int]
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    claim_version: Mapped[int]
    component: Mapped[str] = mapped_column(String(40), default="")
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_payment.id"))
    verdict: Mapped[Verdict] = mapped_column(word(Verdict, "verdict"))
    disputed: Mapped[int | None] = mapped_column(Minor)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime] = mapped_column(Moment)
