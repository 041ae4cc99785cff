"""A history of payments is read as banks and people write it, whole or not at all."""

from datetime import date

import pytest

from mediation.disclosures.ledger_reading import LARGEST_FILE, ReadPayments, read_payments
from mediation.disclosures.ledgers import PaidRow
from mediation.errors import Refused
from mediation.portfolios.days import DayOrder
from tests.portfolios.lender_files import xlsx_file

TODAY = date(2025, 9, 24)


def read(text: str | bytes, *, order: DayOrder | None = None, currency: str = "CNY") -> ReadPayments:
    content = text.encode() if isinstance(text, str) else text
    return read_payments(content, "payments.csv", currency=currency, order=order, today=TODAY)


def refusal(text: str | bytes) -> str:
    with pytest.raises(Refused) as no:
        read(text)
    assert no.value.field == "file"
    return no.value.key


def problem(row: str, header: str = "还款日期,还款金额,备注") -> tuple[str, str]:
    """The key of the only problem of a file of this one row, and the column that it names."""
    found = read(f"{header}\n{row}\n")
    assert found.rows == ()
    assert len(found.problems) == 1
    return found.problems[0].no.key, found.problems[0].column


def test_the_history_of_a_chinese_bank_is_read() -> None:
    found = read('还款日期,还款金额(元),备注\n2025-01-15,"4,713.47",代扣\n2025/2/15,4713.47,\n')
    assert found.rows == (PaidRow(date(2025, 1, 15), 471_347, "代扣"), PaidRow(date(2025, 2, 15), 471_347))
    assert (found.problems, found.file.left_out) == ((), 0)


def test_an_english_history_and_one_in_gb18030_are_read() -> None:
    assert read("Paid on;Amount paid;Note\n2025-01-15;4713.47;transfer\n").rows[0].amount == 471_347
    assert read("交易日期,交易金额\n20250115,￥4713.47\n".encode("gb18030")).rows[0].paid_on == date(2025, 1, 15)


def test_a_workbook_is_read() -> None:
    found = read(xlsx_file(["还款日期", "实还金额"], ["2025-01-15", "4713.47"]))
    assert found.rows == (PaidRow(date(2025, 1, 15), 471_347),)


def test_of_several_columns_the_surest_is_taken_and_a_due_day_never() -> None:
    found = read("应还日期,金额,实还日期,实还金额\n2025-01-10,9999.99,2025-01-15,4713.47\n")
    assert found.rows == (PaidRow(date(2025, 1, 15), 471_347),)
    assert refusal("应还日期,实还金额\n2025-01-10,1.00\n") == "ledger:file-without-day"


def test_the_unit_in_a_header_counts() -> None:
    assert read("日期,金额(分)\n2025-01-15,471347\n").rows[0].amount == 471_347
    assert read("日期,金额(万元)\n2025-01-15,0.5\n").rows[0].amount == 500_000


def test_rows_without_a_payment_and_sums_are_left_out_and_counted() -> None:
    found = read(
        "期数,还款日期,还款金额\n1,2025-01-15,4713.47\n2,2025-02-15,0.00\n3,,\n4,2025-04-15,-\n合计,,4713.47\n,合计：,4713.47\n"
    )
    assert ([row.paid_on for row in found.rows], found.file.left_out) == ([date(2025, 1, 15)], 5)


def test_a_note_that_reads_like_a_sum_takes_no_payment_away() -> None:
    assert len(read("还款日期,还款金额,备注\n2025-01-15,4713.47,合计\n").rows) == 1


def test_an_amount_that_its_comma_cut_in_two_is_never_taken_for_a_small_one() -> None:
    cut = read("date,amount,balance,note\n2025-01-15,4,713.47,5000.00,\n")
    assert [one.no.key for one in cut.problems] == ["ledger:amount-cut"]
    whole = read("date,amount,balance,note\n2025-01-15,500,713.47,rent\n")
    assert (whole.rows, whole.problems) == ((PaidRow(date(2025, 1, 15), 50_000, "rent"),), ())


@pytest.mark.parametrize(
    ("row", "key", "column"),
    [
        ("2025-02-30,1.00,", "import:not-a-day", "还款日期"),
        (",1.00,", "ledger:day-missing", "还款日期"),
        ("2025-02,1.00,", "ledger:month-only", "还款日期"),
        ("05/01/2025,1.00,", "import:day-ambiguous", "还款日期"),
        ("2025-09-25,1.00,", "ledger:day-in-future", "还款日期"),
        ("1979-12-31,1.00,", "ledger:day-too-early", "还款日期"),
        ("2025-01-15,-1.00,", "money:negative", "还款金额"),
        ("2025-01-15,1.005,", "money:fraction", "还款金额"),
        ('2025-01-15,"1,23",', "money:ambiguous", "还款金额"),
        ("2025-01-15,about 5,", "money:not-an-amount", "还款金额"),
        ("2025-01-15,4,713.47,", "ledger:amount-cut", "还款金额"),
        ("2025-01-15,4,713.47", "ledger:amount-cut", "还款金额"),
        ("2025-01-15,1.00,x,y", "import:too-many-cells", ""),
        (f"2025-01-15,1.00,{'长' * 201}", "ledger:words-too-long", "备注"),
    ],
)
def test_a_row_that_cannot_be_read_with_certainty_is_a_problem_of_its_own(row: str, key: str, column: str) -> None:
    assert problem(row) == (key, column)


def test_a_day_written_either_way_is_read_as_was_said() -> None:
    text = "date,amount\n05/01/2025,1.00\n"
    assert read(text, order=DayOrder.DAY_FIRST).rows[0].paid_on == date(2025, 1, 5)
    assert read(text, order=DayOrder.MONTH_FIRST).rows[0].paid_on == date(2025, 5, 1)


def test_every_problem_is_found_with_the_number_of_its_row() -> None:
    found = read("还款日期,还款金额\n2025-01-15,1.00\n2025-02-30,1.00\n2025-03-15,x\n")
    assert [(one.number, one.value) for one in found.problems] == [(3, "2025-02-30"), (4, "x")]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "import:empty-file"),
        ("还款日期,备注\n2025-01-15,x\n", "ledger:file-without-amount"),
        ("还款日期,还款金额\n", "ledger:file-without-payments"),
        ("还款日期,还款金额\n2025-01-15,0\n", "ledger:file-without-payments"),
        ("<html><body>2025</body></html>", "import:web-page"),
        (b"a,b\n" + b"x" * LARGEST_FILE, "ledger:file-too-large"),
    ],
)
def test_a_file_that_states_no_payments_is_refused(text: str | bytes, key: str) -> None:
    assert refusal(text) == key


def test_another_currency_is_not_taken_for_this_one() -> None:
    assert problem("2025-01-15,$5.00,") == ("money:other-currency", "还款金额")
    assert read("date,amount\n2025-01-15,$5.00\n", currency="USD").rows[0].amount == 500
