"""What each side says the loan contract provides: stated, never changed, replaced by a newer statement."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Minor, Moment, Rate, Record, new_key, word
from mediation.rules.limitation import InterruptionKind
from mediation.rules.negotiation import Side


class Product(StrEnum):
    """What kind of credit it is, as far as the law tells kinds apart."""

    LOAN = "loan"
    ASSISTED = "assisted"
    CARD = "card"


class ContractStatement(Record):
    """One side's newest word on the contract has the highest version; None is always: not said."""

    __tablename__ = "contract_statement"
    __table_args__ = (UniqueConstraint("case_id", "side", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    version: Mapped[int]
    product: Mapped[Product | None] = mapped_column(word(Product, "product"))
    contract_on: Mapped[date | None]
    principal: Mapped[int | None] = mapped_column(Minor)
    disbursed: Mapped[int | None] = mapped_column(Minor)
    fee_up_front: Mapped[int | None] = mapped_column(Minor)
    instalments: Mapped[int | None]
    instalment: Mapped[int | None] = mapped_column(Minor)
    fee_each: Mapped[int | None] = mapped_column(Minor)
    paid_count: Mapped[int | None]
    yearly_rate: Mapped[Decimal | None] = mapped_column(Rate)
    penalty_daily_rate: Mapped[Decimal | None] = mapped_column(Rate)
    is_capitalised: Mapped[bool | None]
    last_due_on: Mapped[date | None]
    last_act: Mapped[InterruptionKind | None] = mapped_column(word(InterruptionKind, "last_act"))
    last_act_on: Mapped[date | None]
    no_act_since: Mapped[bool | None]
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    stated_at: Mapped[datetime] = mapped_column(Moment)
