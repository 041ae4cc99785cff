"""One loan as one row of a file states it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from mediation.errors import Refused
from mediation.portfolios.cells import Value
from mediation.portfolios.columns import Field
from mediation.portfolios.days import Day


@dataclass(frozen=True, slots=True)
class LoanRow:
    """What the row says, in minor units, fractions a year, months and days; None or '' where it says nothing.

    `month_only` names the days of which the file gave the month alone; `attributes` are the other columns with
    anything in them, named as in the file.
    """

    row_number: int
    contract_number: str
    borrower_name: str = ""
    phone: str = ""
    id_number: str = ""
    email: str = ""
    address: str = ""
    product: str = ""
    principal: int | None = None
    yearly_rate: Decimal | None = None
    term: int | None = None
    instalment: int | None = None
    disbursed_on: date | None = None
    first_due_on: date | None = None
    due_day: int | None = None
    outstanding_principal: int | None = None
    paid_instalments: int | None = None
    paid_total: int | None = None
    overdue_since_on: date | None = None
    overdue_days: int | None = None
    interest_due: int | None = None
    penalty_due: int | None = None
    fees_due: int | None = None
    status: str = ""
    original_lender: str = ""
    original_contract: str = ""
    month_only: tuple[Field, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


def loan_row(number: int, values: Mapping[Field, Value], attributes: tuple[tuple[str, str], ...]) -> LoanRow:
    """The row from its cells, each read by its own reader; a monthly rate becomes a yearly one, twelve times as high.

    Refused: import:contract-missing, import:amount-missing, import:rates-disagree, import:days-out-of-order.
    """
    row = LoanRow(
        row_number=number,
        contract_number=_text(values, Field.CONTRACT_NUMBER),
        borrower_name=_text(values, Field.BORROWER_NAME),
        phone=_text(values, Field.PHONE),
        id_number=_text(values, Field.ID_NUMBER),
        email=_text(values, Field.EMAIL),
        address=_text(values, Field.ADDRESS),
        product=_text(values, Field.PRODUCT),
        principal=_whole(values, Field.PRINCIPAL),
        yearly_rate=_yearly(values),
        term=_whole(values, Field.TERM),
        instalment=_whole(values, Field.INSTALMENT),
        disbursed_on=_on(values, Field.DISBURSED_ON),
        first_due_on=_on(values, Field.FIRST_DUE_ON),
        due_day=_whole(values, Field.DUE_DAY),
        outstanding_principal=_whole(values, Field.OUTSTANDING_PRINCIPAL),
        paid_instalments=_whole(values, Field.PAID_INSTALMENTS),
        paid_total=_whole(values, Field.PAID_TOTAL),
        overdue_since_on=_on(values, Field.OVERDUE_SINCE_ON),
        overdue_days=_whole(values, Field.OVERDUE_DAYS),
        interest_due=_whole(values, Field.INTEREST_DUE),
        penalty_due=_whole(values, Field.PENALTY_DUE),
        fees_due=_whole(values, Field.FEES_DUE),
        status=_text(values, Field.STATUS),
        original_lender=_text(values, Field.ORIGINAL_LENDER),
        original_contract=_text(values, Field.ORIGINAL_CONTRACT),
        month_only=tuple(fact for fact, value in values.items() if isinstance(value, Day) and value.month_only),
        attributes=attributes,
    )
    _check(row)
    return row


def row_digest(row: LoanRow, currency: str) -> str:
    """What the row says, wherever it stands in the file: SHA-256 in hex."""
    said = [(name, str(value)) for name in _STATED if (value := getattr(row, name)) not in (None, "", ())]
    written = json.dumps([currency, said, row.attributes], separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


_STATED = tuple(fact.name for fact in fields(LoanRow) if fact.name not in ("row_number", "attributes"))

# Twelve monthly rates may differ so much from a yearly one that the file rounds to two decimals of a per cent.
_SAME_RATE = Decimal("0.0006")


def _check(row: LoanRow) -> None:
    if not row.contract_number:
        raise Refused("import:contract-missing", field=str(Field.CONTRACT_NUMBER))
    if row.principal is None and row.outstanding_principal is None:
        raise Refused("import:amount-missing", field=str(Field.PRINCIPAL))
    if row.month_only or row.disbursed_on is None:
        return
    for fact, later in ((Field.FIRST_DUE_ON, row.first_due_on), (Field.OVERDUE_SINCE_ON, row.overdue_since_on)):
        if later and later < row.disbursed_on:
            raise Refused("import:days-out-of-order", field=str(fact), earlier=later, disbursed_on=row.disbursed_on)


def _yearly(values: Mapping[Field, Value]) -> Decimal | None:
    yearly, monthly = values.get(Field.YEARLY_RATE), values.get(Field.MONTHLY_RATE)
    if not isinstance(monthly, Decimal):
        return yearly if isinstance(yearly, Decimal) else None
    if not isinstance(yearly, Decimal):
        return monthly * 12
    if abs(yearly - monthly * 12) > _SAME_RATE:
        raise Refused("import:rates-disagree", field=str(Field.MONTHLY_RATE))
    return yearly


def _text(values: Mapping[Field, Value], fact: Field) -> str:
    value = values.get(fact)
    return value if isinstance(value, str) else ""


def _whole(values: Mapping[Field, Value], fact: Field) -> int | None:
    value = values.get(fact)
    return value if isinstance(value, int) else None


def _on(values: Mapping[Field, Value], fact: Field) -> date | None:
    value = values.get(fact)
    return value.on if isinstance(value, Day) else None
