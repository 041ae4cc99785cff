"""A payment that one side reports while the case runs, and what became of the report: both written once."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Minor, Moment, Record, new_key, word
from mediation.rules.claim_payments import Order
from mediation.rules.negotiation import Side


class Outcome(StrEnum):
    """What became of a reported payment."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    TAKEN_BACK = "taken_back"


class ReportedPayment(Record):
    """A payment made since the claim was stated, as one side reports it; what it wrote beside it is encrypted."""

    __tablename__ = "reported_payment"
    __table_args__ = (Index("ix_reported_payment_case", "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    paid_on: Mapped[date]
    amount: Mapped[int] = mapped_column(Minor)
    pays: Mapped[Order] = mapped_column(word(Order, "pays"))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime] = mapped_column(Moment)


class PaymentOutcome(Record):
    """The other side confirmed or disputed the payment, or its own side took the report back; once."""

    __tablename__ = "payment_outcome"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("reported_payment.id"), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(word(Outcome, "outcome"))
    # The version of the claim that the confirmed payment made.
    claim_version: Mapped[int | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    said_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    said_at: Mapped[datetime] = mapped_column(Moment)
