"""Files as lenders send them, built with the programs that write them."""

import csv
import io
import random
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal, localcontext
from pathlib import Path

import xlsxwriter

from mediation.portfolios.cells import Reading
from mediation.portfolios.checking import Checked, check_rows
from mediation.portfolios.columns import suggest
from mediation.portfolios.sheets import Sheet, read_sheet

HEADERS = (
    "合同编号",
    "客户姓名",
    "手机号",
    "身份证号",
    "借款金额(元)",
    "年利率",
    "期数",
    "月还款额",
    "放款日期",
    "剩余本金",
)
BAI = (
    "HT-2025-0001", "白\U00020bb7龑", "13812345678", "11010519491231002X", "50,000.00", "23.4%", "12期",
    "4713.47元", "2025/1/5", "3.05643万",
)  # fmt: skip


def in_cells(*rows: Sequence[object], delimiter: str = ",") -> str:
    """The rows as delimited text, quoted as Excel quotes."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def csv_file(*rows: Sequence[object], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The rows as a file in this encoding."""
    return in_cells(*rows, delimiter=delimiter).encode(encoding)


def xlsx_file(*rows: Sequence[object], sheets: Sequence[tuple[str, bool]] = (("贷款", True),), at: int = 0) -> bytes:
    """The rows on the last of `sheets` (name, visible), each cell with its own type; `at` moves them down and right."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written)
    day = book.add_format({"num_format": "yyyy/m/d"})
    pages = [(book.add_worksheet(name), visible) for name, visible in sheets]
    for page, visible in pages:
        if not visible:
            page.write_row(0, 0, ["hidden", "sheet"])
            page.hide()
    pages[-1][0].activate()
    pages[-1][0].set_first_sheet()
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, date | datetime):
                pages[-1][0].write_datetime(place + at, column + at, value, day)
            else:
                pages[-1][0].write(place + at, column + at, value)
    book.close()
    return written.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The archive with one part put in another's place, or added."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, part)
    return written.getvalue()


def sheet_of(*rows: Sequence[object]) -> Sheet:
    """The rows as a sheet read from a file."""
    return read_sheet(csv_file(*rows), "loans.csv")


def checked(*rows: Sequence[object], reading: Reading | None = None) -> Checked:
    """The rows as a file read with the columns that are suggested for it, in yuan."""
    sheet = sheet_of(*rows)
    return check_rows(sheet, suggest(sheet.headers), reading or Reading("CNY"))


# Loans published by their lender; the file is no part of the project, and is read where it lies beside it.
PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "lending_club_loans.csv"
WIDE_HEADERS = (
    "loan_ref emp_title emp_length state homeownership annual_income verified_income debt_to_income "
    "annual_income_joint verification_income_joint debt_to_income_joint delinq_2y months_since_last_delinq "
    "earliest_credit_line inquiries_last_12m total_credit_lines open_credit_lines total_credit_limit "
    "total_credit_utilized num_collections_last_12m num_historical_failed_to_pay months_since_90d_late "
    "current_accounts_delinq total_collection_amount_ever current_installment_accounts accounts_opened_24m "
    "months_since_last_credit_inquiry num_satisfactory_accounts num_accounts_120d_past_due "
    "num_accounts_30d_past_due num_active_debit_accounts total_debit_limit num_total_cc_accounts "
    "num_open_cc_accounts num_cc_carrying_balance num_mort_accounts account_never_delinq_percent tax_liens "
    "public_record_bankrupt loan_purpose application_type loan_amount term interest_rate installment grade "
    "sub_grade issue_month loan_status initial_listing_status disbursement_method balance paid_total "
    "paid_principal paid_interest paid_late_fees"
).split()


@dataclass(frozen=True)
class WideFile:
    """A file of 56 columns whose instalments are rounded up but for one, and what is known of it.

    `odd` is that one: its row in the file, the instalment stated, the one computed, in minor units.
    """

    name: str
    content: bytes
    rows: int
    halves_up: int
    odd: tuple[int, int, int]

    def __str__(self) -> str:
        return self.name


def wide_files() -> list[WideFile]:
    """A file of our own making, and the published one of the same shape where it lies beside the project."""
    files = [_made(400)]
    if PUBLISHED.exists():
        files.append(WideFile("published", PUBLISHED.read_bytes(), 6935, 3462, (1385, 83093, 85182)))
    return files


def _made(rows: int) -> WideFile:
    """Loans from a seeded generator, their instalments from the annuity formula in decimals, rounded up."""
    chance = random.Random(20250924)
    lines, halves_up, odd = [], 0, (0, 0, 0)
    for number in range(1, rows + 1):
        amount, term = 25 * chance.randint(40, 1600), chance.choice((36, 60))
        rate = Decimal(chance.randint(531, 3099)) / 100
        exact = _level(amount, term, rate)
        instalment = exact.quantize(Decimal("0.01"), ROUND_UP)
        if number == rows // 2:
            odd = (number + 1, int(instalment * 100) - 2089, int(instalment * 100))
            instalment -= Decimal("20.89")
        halves_up += exact.quantize(Decimal("0.01"), ROUND_HALF_UP) == instalment
        lines.append(_line(chance, number, amount, term, rate, instalment))
    return WideFile("made", csv_file(WIDE_HEADERS, *lines), rows, halves_up, odd)


def _line(
    chance: random.Random, number: int, amount: int, term: int, rate: Decimal, instalment: Decimal
) -> list[object]:
    cells: dict[str, object] = {name: chance.choice(("NA", 0, 1, 7, 12.5, 30400)) for name in WIDE_HEADERS}
    cells |= {
        "loan_ref": f"MD-{number:05}",
        "emp_title": chance.choice(("baker ", "night nurse", 'O\'Hara & Sons, "welder"', "校长")),
        "state": chance.choice(("NJ", "HI", "WI")),
        "loan_amount": amount,
        "term": term,
        "interest_rate": rate,
        "installment": f"{instalment.normalize():f}",
        "issue_month": chance.choice(("Jan-2018", "Feb-2018", "Mar-2018")),
        "loan_status": chance.choice(("Current", "Late (16-30 days)", "Fully Paid")),
        "balance": Decimal(chance.randint(0, amount * 100)) / 100,
        "paid_total": Decimal(chance.randint(0, amount * 1000)) / 1000,
    }
    return list(cells.values())


def _level(amount: int, term: int, rate: Decimal) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        monthly = rate / 1200
        return amount * monthly / (1 - (1 + monthly) ** -term)
