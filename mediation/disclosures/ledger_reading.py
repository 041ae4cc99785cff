"""A history of payments read from a file: which column is the day and which the amount, and every row or none."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mediation.disclosures.ledger_words import NOTE_MOST, plain_words
from mediation.disclosures.ledgers import MOST_ROWS, PaidRow, ReadFile
from mediation.errors import Refused
from mediation.portfolios.cells import CellReader, Reading, reader_for, trimmed
from mediation.portfolios.columns import Field, column_name
from mediation.portfolios.days import Day, DayOrder
from mediation.portfolios.sheets import Sheet, SheetRow, read_sheet
from mediation.rules.ledger import check_payment

LARGEST_FILE = 2 * 1024 * 1024


@dataclass(frozen=True)
class RowProblem:
    """Why one row of the file cannot be taken: its number in the file, the column, what stands there."""

    number: int
    column: str
    value: str
    no: Refused


@dataclass(frozen=True)
class ReadPayments:
    """The payments of a file, or the problems because of which none of them is taken."""

    rows: tuple[PaidRow, ...]
    file: ReadFile
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True)
class _Columns:
    """Where the day, the amount and a note stand, and how each is read."""

    sheet: Sheet
    day: int
    amount: int
    note: int | None
    read_day: CellReader
    read_amount: CellReader
    today: date
    currency: str
    widths: Mapping[int, int]

    def name(self, place: int) -> str:
        return column_name(self.sheet.headers, place)


def read_payments(
    content: bytes, name: str, *, currency: str, order: DayOrder | None = None, today: date
) -> ReadPayments:
    """Every payment of a CSV or XLSX file, amounts in minor units of `currency`.

    Rows without an amount, with 0, and sums are counted and left out. Refused at `file`: ledger:file-too-large,
    ledger:file-without-day, ledger:file-without-amount, ledger:file-without-payments, ledger:too-many-rows, and
    those of `read_sheet`; what is wrong in a row is a problem of that row.
    """
    if len(content) > LARGEST_FILE:
        raise Refused("ledger:file-too-large", field="file", megabytes=LARGEST_FILE >> 20)
    sheet = _sheet(content, name)
    columns = _columns(sheet, Reading(currency, day_order=order), today)
    rows: list[PaidRow] = []
    problems: list[RowProblem] = []
    left_out = 0
    for row in sheet.rows():
        if _states_nothing(row, columns):
            left_out += 1
            continue
        found = list(_problems(row, columns))
        problems += found
        if not found:
            rows.append(_paid(row, columns))
    if not rows and not problems:
        raise Refused("ledger:file-without-payments", field="file")
    return ReadPayments(tuple(rows), ReadFile(name, hashlib.sha256(content).hexdigest(), left_out), tuple(problems))


# The headers that are known, the surest first: of a day that was due nothing is known here.
_DAYS = """实际还款日期 实际还款日 实际还款时间 实还日期 还款日期 还款时间 交易日期 交易时间 入账日期 记账日期
    付款日期 付款时间 支付日期 支付时间 扣款日期 扣款时间 还款日 日期 时间 paidon paymentdate datepaid
    transactiondate bookingdate bookedon valuedate date day 還款日期 交易日期 入賬日期 付款日期""".split()
_AMOUNTS = """实际还款金额 实际还款额 实还金额 实还总额 实还合计 还款金额 还款额 还款总额 扣款金额 交易金额 付款金额
    支付金额 已还金额 支出金额 金额 支出 amountpaid paidamount paymentamount totalpaid transactionamount amount
    payment paid 還款金額 交易金額 付款金額 金額""".split()
_NOTES = "备注 摘要 说明 附言 用途 note notes remark remarks memo description details 備註".split()
_BRACKETS = re.compile(r"[(\[【〔{<][^)\]】〕}>]*[)\]】〕}>]")
_DROPPED = re.compile(r"[\s_\-*:：/\\·.,#]+")
_HEAD, _TAIL = re.compile(r"[¥￥]?\s*[1-9][0-9]{0,2}"), re.compile(r"[0-9]{3}(?:\.[0-9]{1,2})?\s*元?")
_SUM = re.compile(r"(?:合计|总计|小计|共计|合計|總計|total|sum)\s*[:：]?", re.IGNORECASE)


def _sheet(content: bytes, name: str) -> Sheet:
    try:
        return read_sheet(content, name)
    except Refused as no:
        raise _said_of_payments(no) from no


def _said_of_payments(no: Refused) -> Refused:
    """What the reader of files says of loans, said of payments."""
    match no.key:
        case "import:no-rows":
            return Refused("ledger:file-without-payments", field="file")
        case "import:too-many-rows":
            return Refused("ledger:too-many-rows", field="file", most=MOST_ROWS)
        case "import:too-large" | "import:unpacks-too-large" | "import:workbook-too-large":
            return Refused("ledger:file-too-large", field="file", megabytes=LARGEST_FILE >> 20)
    return no


def _columns(sheet: Sheet, reading: Reading, today: date) -> _Columns:
    day, amount = _place(sheet.headers, _DAYS), _place(sheet.headers, _AMOUNTS)
    if day is None:
        raise Refused("ledger:file-without-day", field="file")
    if amount is None:
        raise Refused("ledger:file-without-amount", field="file")
    return _Columns(
        sheet=sheet,
        day=day,
        amount=amount,
        note=_place(sheet.headers, _NOTES),
        read_day=reader_for(Field.DISBURSED_ON, sheet.headers[day], reading),
        read_amount=reader_for(Field.PAID_TOTAL, sheet.headers[amount], reading),
        today=today,
        currency=reading.currency,
        widths={number: len(record) for number, record in sheet.records()} if sheet.delimiter == "," else {},
    )


def _place(headers: Sequence[str], names: Sequence[str]) -> int | None:
    """The first column under the surest of the names that the file has."""
    plain = [
        _DROPPED.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", header).casefold())) for header in headers
    ]
    return next((plain.index(name) for name in names if name in plain), None)


def _states_nothing(row: SheetRow, columns: _Columns) -> bool:
    if any(_SUM.fullmatch(trimmed(row.cells[place])) for place in (0, columns.day)):
        return True
    try:
        return not columns.read_amount(row.cells[columns.amount])
    except Refused:
        return False


def _problems(row: SheetRow, columns: _Columns) -> Iterator[RowProblem]:
    if _is_cut(row, columns):
        cell = row.cells[columns.amount]
        yield RowProblem(row.number, columns.name(columns.amount), cell, Refused("ledger:amount-cut"))
        return
    if row.width > columns.sheet.width:
        too_many = Refused("import:too-many-cells", given=row.width, expected=columns.sheet.width)
        yield RowProblem(row.number, "", "", too_many)
        return
    for place, field in ((columns.day, "paid_on"), (columns.amount, "amount")):
        try:
            _checked(row, columns, field)
        except Refused as no:
            yield RowProblem(row.number, columns.name(place), row.cells[place][:60], no)
            return
    if columns.note is not None:
        try:
            plain_words(trimmed(row.cells[columns.note]), "note", most=NOTE_MOST)
        except Refused as no:
            yield RowProblem(row.number, columns.name(columns.note), row.cells[columns.note][:60], no)


def _is_cut(row: SheetRow, columns: _Columns) -> bool:
    """Whether 4,713.47 without quotation marks may have come apart into 4 and 713.47: refused, never guessed."""
    behind = columns.amount + 1
    if row.number not in columns.widths or behind >= len(row.cells):
        return False
    looks_cut = _HEAD.fullmatch(row.cells[columns.amount].strip()) and _TAIL.fullmatch(row.cells[behind].strip())
    return bool(looks_cut) and (behind == columns.note or columns.widths[row.number] > columns.sheet.width)


def _checked(row: SheetRow, columns: _Columns, field: str) -> None:
    """The cell is read and can be true; what is wrong with the other cell is said there."""
    if field == "amount":
        columns.read_amount(row.cells[columns.amount])
        return
    day = columns.read_day(row.cells[columns.day])
    if not isinstance(day, Day):
        raise Refused("ledger:day-missing")
    if day.month_only:
        raise Refused("ledger:month-only")
    check_payment(day.on, 1, today=columns.today, currency=columns.currency)


def _paid(row: SheetRow, columns: _Columns) -> PaidRow:
    day, amount = columns.read_day(row.cells[columns.day]), columns.read_amount(row.cells[columns.amount])
    assert isinstance(day, Day)
    assert isinstance(amount, int)
    return PaidRow(day.on, amount, trimmed(row.cells[columns.note]) if columns.note is not None else "")
