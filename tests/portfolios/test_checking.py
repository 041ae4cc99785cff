"""A whole file is checked: every row is a loan or an error, nothing is left out, and the file says how it rounds."""

import csv
import io
import time
from datetime import date
from decimal import Decimal

import pytest

from mediation.errors import Refused
from mediation.portfolios.cells import CellError, Reading
from mediation.portfolios.checking import Checked, check_rows
from mediation.portfolios.columns import Field, suggest
from mediation.portfolios.error_files import errors_file
from mediation.portfolios.sentences import SENTENCES
from mediation.portfolios.sheets import SheetKind, read_sheet
from mediation.rules.money import HALF_UP, RateUnit
from tests.portfolios.lender_files import BAI, HEADERS, WideFile, checked, sheet_of, wide_files, xlsx_file

RATED = ("合同号", "本金", "年利率")


def keys(found: Checked) -> list[tuple[int, str, str]]:
    return [(row.row_number, error.column, error.key) for row in found.errors for error in row.errors]


def test_a_loan_is_read_whole() -> None:
    (loan,) = checked((*HEADERS, "备注", "渠道"), (*BAI, "电话停机", "")).rows
    assert (loan.row_number, loan.contract_number, loan.borrower_name) == (2, "HT-2025-0001", "白\U00020bb7龑")
    assert (loan.phone, loan.id_number) == ("13812345678", "11010519491231002X")
    assert (loan.principal, loan.instalment, loan.outstanding_principal) == (5_000_000, 471_347, 3_056_430)
    assert (loan.yearly_rate, loan.term, loan.disbursed_on) == (Decimal("0.234"), 12, date(2025, 1, 5))
    assert (loan.month_only, loan.attributes) == ((), (("备注", "电话停机"),))


def test_a_workbook_gives_the_same_loan() -> None:
    numbers = (BAI[0], BAI[1], 13812345678, BAI[3], 50000, 0.234, 12, 4713.47, date(2025, 1, 5), 30564.30)
    sheet = read_sheet(xlsx_file(HEADERS, numbers), "x.xlsx")
    assert check_rows(sheet, suggest(sheet.headers), Reading("CNY")).rows == checked(HEADERS, BAI).rows


def test_every_fault_of_a_row_is_told_with_its_column_and_no_other_row_suffers() -> None:
    bad = (*BAI[:2], "138****5678", "1.10105E+17", "5万元左右", *BAI[5:])
    found = checked(HEADERS, BAI, ("HT-2", *bad[1:]), ("HT-3", *BAI[1:]))
    assert keys(found) == [
        (3, "手机号", "import:masked"),
        (3, "身份证号", "import:digits-lost"),
        (3, "借款金额(元)", "money:not-an-amount"),
    ]  # fmt: skip
    assert [row.row_number for row in found.rows] == [2, 4]


def test_every_row_is_a_loan_or_an_error() -> None:
    rows = [(f"HT-{number}" if number % 3 else "", *BAI[1:]) for number in range(30)]
    found = checked(HEADERS, *rows)
    numbers = [row.row_number for row in found.rows] + [row.row_number for row in found.errors]
    assert sorted(numbers) == list(range(2, 32))


def test_a_contract_that_stands_twice_counts_once_and_is_told() -> None:
    found = checked(HEADERS, BAI, ("HT-2", *BAI[1:]), BAI)
    assert [(twice.contract_number, twice.row_numbers) for twice in found.duplicates] == [("HT-2025-0001", (2, 4))]
    assert found.errors[0].errors == (CellError("import:contract-twice", "合同编号", "HT-2025-0001", {"first": 2}),)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (("合计", "", "100", ""), "import:total-row"),
        (("", "Total:", "100", ""), "import:total-row"),
        (("HT-1", "白", "100"), "import:too-few-cells"),
        (("HT-1", "白", "100", "", "x"), "import:too-many-cells"),
        (("", "白", "100", ""), "import:contract-missing"),
        (("HT-1", "白", "", ""), "import:amount-missing"),
    ],
)
def test_a_row_that_is_no_loan_is_told(row: tuple[str, ...], key: str) -> None:
    found = checked(("合同号", "姓名", "本金", "备注"), row)
    (error,) = found.errors[0].errors
    assert (error.key, bool(SENTENCES[key] % error.facts)) == (key, True)


def test_days_in_the_wrong_order_are_told() -> None:
    found = checked(("合同号", "本金", "放款日", "首期还款日"), ("HT-1", "100", "2025-02-01", "2025-01-15"))
    assert keys(found) == [(2, "首期还款日", "import:days-out-of-order")]


def test_a_monthly_rate_becomes_a_yearly_one() -> None:
    (loan,) = checked(("合同号", "本金", "月利率"), ("HT-1", "50000", "1.95%")).rows
    assert loan.yearly_rate == Decimal("0.234")


def test_two_rates_that_disagree_are_told() -> None:
    found = checked(
        ("合同号", "本金", "年利率", "月利率"), ("HT-1", "100", "18%", "1.95%"), ("HT-2", "100", "23.4%", "1.95%")
    )
    assert keys(found) == [(2, "月利率", "import:rates-disagree")]


@pytest.mark.parametrize(
    ("cells", "unit", "rate"),
    [(("23.4", "18"), RateUnit.PERCENT, "0.234"), (("0.234", "0.18"), RateUnit.FRACTION, "0.234")],
)
def test_the_unit_of_bare_rates_shows_in_the_column_as_a_whole(cells: tuple[str, str], unit: str, rate: str) -> None:
    found = checked(RATED, ("HT-1", "100", cells[0]), ("HT-2", "100", cells[1]))
    assert (found.rate_units, found.rows[0].yearly_rate) == (((Field.YEARLY_RATE, unit),), Decimal(rate))


def test_bare_rates_of_two_kinds_in_one_column_are_not_guessed() -> None:
    found = checked(RATED, ("HT-1", "100", "23.4"), ("HT-2", "100", "0.234"), ("HT-3", "100", "18%"))
    assert keys(found) == [(3, "年利率", "import:rate-unclear")]


def test_rates_shown_as_per_cent_by_excel_under_a_per_cent_header_are_asked_for() -> None:
    sheet = read_sheet(xlsx_file(("合同号", "本金", "年利率(%)"), ("HT-1", 100, 0.234)), "x.xlsx")
    asked = check_rows(sheet, suggest(sheet.headers), Reading("CNY"))
    told = check_rows(sheet, suggest(sheet.headers), Reading("CNY", rate_unit=RateUnit.FRACTION))
    assert (keys(asked), told.rows[0].yearly_rate) == ([(2, "年利率(%)", "import:rate-unclear")], Decimal("0.234"))


def test_fractions_of_a_cent_are_rounded_where_no_claim_hangs_on_them_and_told() -> None:
    found = checked(("合同号", "本金", "已还总额"), ("HT-1", "100", "20653.71772"))
    assert found.rows[0].paid_total == 2_065_372
    assert [(each.column, each.row_numbers) for each in found.rounded] == [("已还总额", (2,))]


def test_fractions_of_a_cent_in_a_claim_are_rounded_only_when_asked() -> None:
    rows = (("合同号", "剩余本金"), ("HT-1", "100.125"))
    refused, asked = checked(*rows), checked(*rows, reading=Reading("CNY", round_fractions=True))
    assert (keys(refused), asked.rows[0].outstanding_principal) == ([(2, "剩余本金", "money:fraction")], 10_013)


def test_a_currency_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="money:unknown-currency"):
        checked(HEADERS, BAI, reading=Reading("XXX"))


def test_a_file_that_states_no_instalments_has_no_fit() -> None:
    assert checked(RATED, ("HT-1", "100", "18%")).fit is None


@pytest.mark.parametrize("file", wide_files(), ids=str)
def test_a_wide_file_is_read_whole_and_rounds_up(file: WideFile) -> None:
    sheet = read_sheet(file.content, "loans.csv")
    found = check_rows(sheet, suggest(sheet.headers), Reading("USD"))
    assert (len(found.rows), found.errors, found.duplicates) == (file.rows, (), ())
    assert found.fit is not None
    assert (str(found.fit.rule), found.fit.matched, found.fit.total) == ("up", file.rows - 1, file.rows)
    assert dict(found.fit.per_rule)[HALF_UP] == file.halves_up
    assert [(odd.row_number, odd.stated, odd.computed) for odd in found.fit.odd] == [file.odd]
    assert found.rows[0].month_only == (Field.DISBURSED_ON,)


@pytest.mark.parametrize("file", wide_files(), ids=str)
def test_every_column_that_states_no_fact_is_kept_as_it_stands(file: WideFile) -> None:
    sheet = read_sheet(file.content, "loans.csv")
    columns = suggest(sheet.headers)
    found, first = check_rows(sheet, columns, Reading("USD")), sheet.first_rows(1)[0]
    others = [(name, first.cells[place].strip()) for place, name in enumerate(sheet.headers) if place not in columns]
    assert found.rows[0].attributes == tuple((name, value) for name, value in others if value)


def test_a_file_of_seven_thousand_rows_takes_less_than_five_seconds() -> None:
    file = wide_files()[-1]
    rows = file.content.splitlines(keepends=True)
    lines = [line.replace(b"MD-", b"%d-" % turn) for turn in range(6935 // file.rows) for line in rows[1:]]
    started = time.process_time()
    sheet = read_sheet(b"".join([rows[0], *lines]), "loans.csv")
    found = check_rows(sheet, suggest(sheet.headers), Reading("USD"))
    assert time.process_time() - started < 5
    assert len(found.rows) > 6_500


def test_what_a_row_says_has_one_digest_wherever_it_stands() -> None:
    one, other = checked(HEADERS, BAI), checked(HEADERS, ("HT-9", *BAI[1:]), BAI)
    assert one.digests[0] == other.digests[1] != other.digests[0]


def test_another_currency_makes_another_digest() -> None:
    rows = (("loan no", "principal"), ("HT-1", "100"))
    found = [checked(*rows, reading=Reading(currency)).digests for currency in ("CNY", "USD")]
    assert found[0] != found[1]


def mended(kind: SheetKind) -> list[list[str]]:
    rows = (("逾期清单",), HEADERS, BAI, ("=1+1", "白", "138", *BAI[3:]), ("+2", *BAI[1:]))
    sheet = sheet_of(*rows)
    errors = check_rows(sheet, suggest(sheet.headers), Reading("CNY")).errors
    content = errors_file(sheet, errors, heading="问题", words=lambda error: f"{error.column}:{error.key}", kind=kind)
    if kind is SheetKind.XLSX:
        return [record for _, record in read_sheet(content, "x").records()]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_file_of_problems_has_the_files_own_rows_under_their_own_numbers() -> None:
    rows = mended(SheetKind.XLSX)
    assert [row[0] for row in rows] == ["逾期清单", "合同编号", "HT-2025-0001", "=1+1", "+2"]
    assert [row[len(HEADERS)] for row in rows] == ["", "⚠ 问题", "", "手机号:import:phone-not-valid", ""]


def test_no_cell_of_a_delimited_file_of_problems_is_a_formula() -> None:
    rows = mended(SheetKind.CSV)
    assert ([row[0] for row in rows[3:]], rows[2][2]) == (["'=1+1", "'+2"], "13812345678")


def test_a_delimited_file_of_problems_opens_in_excel_with_its_characters() -> None:
    content = errors_file(sheet_of(HEADERS, BAI), (), heading="问题", words=lambda error: error.key)
    assert content.startswith(b"\xef\xbb\xbf")


def test_long_numbers_stay_text_in_a_delimited_file_of_problems() -> None:
    sheet = sheet_of(("合同号", "本金", "证件"), ("202501050010001", "100", "x"))
    content = errors_file(sheet, (), heading="Problem", words=lambda error: error.key)
    back = read_sheet(content, "x.csv")
    assert b"\t202501050010001" in content
    assert check_rows(back, suggest(back.headers), Reading("CNY")).rows[0].contract_number == "202501050010001"


def test_a_mended_file_maps_as_the_first_one_did() -> None:
    sheet = sheet_of(HEADERS, BAI)
    back = read_sheet(errors_file(sheet, (), heading="问题", words=lambda error: error.key), "x.csv")
    found = check_rows(back, suggest(back.headers), Reading("CNY"))
    assert (back.headers, found.rows) == (HEADERS, checked(HEADERS, BAI).rows)


def test_cells_beyond_the_headers_stay_in_the_file_of_problems() -> None:
    sheet = sheet_of(("合同号", "本金"), ("HT-1", "100", "beyond"))
    errors = check_rows(sheet, suggest(sheet.headers), Reading("CNY")).errors
    content = errors_file(sheet, errors, heading="问题", words=lambda error: error.key)
    assert b"import:too-many-cells,beyond" in content
