"""What the mediator assumes in one case for want of an agreement: set whole, never changed, replaced by a newer one."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Rate, Record, new_key


class CaseAssumption(Record):
    """The figures of one case in place of the body's own; the highest version counts. Both sides read the reason."""

    __tablename__ = "case_assumption"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    version: Mapped[int]
    recovery_low: Mapped[Decimal] = mapped_column(Rate)
    recovery_high: Mapped[Decimal] = mapped_column(Rate)
    months_low: Mapped[int]
    months_high: Mapped[int]
    court_fee_low: Mapped[Decimal] = mapped_column(Rate)
    court_fee_high: Mapped[Decimal] = mapped_column(Rate)
    discount_rate: Mapped[Decimal] = mapped_column(Rate)
    reason: Mapped[str] = mapped_column(String(500))
    set_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    set_at: Mapped[datetime] = mapped_column(Moment)
