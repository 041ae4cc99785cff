"""Columns are known by the headers that lenders use, and remembered by them."""

import pytest

from mediation.errors import Refused
from mediation.portfolios.columns import (
    Field,
    as_kept,
    attribute_names,
    check_columns,
    column_letter,
    from_kept,
    header_key,
    suggest,
    unit_in,
)
from mediation.portfolios.sentences import SENTENCES
from mediation.portfolios.sheets import read_sheet
from tests.portfolios.lender_files import HEADERS, WideFile, checked, wide_files


def refusal_of(headers: list[str], columns: dict[int, Field]) -> Refused:
    with pytest.raises(Refused) as no:
        check_columns(headers, columns)
    assert SENTENCES[no.value.key] % no.value.facts
    return no.value


def test_chinese_headers_are_known() -> None:
    assert list(suggest(HEADERS).values()) == [
        Field.CONTRACT_NUMBER, Field.BORROWER_NAME, Field.PHONE, Field.ID_NUMBER, Field.PRINCIPAL,
        Field.YEARLY_RATE, Field.TERM, Field.INSTALMENT, Field.DISBURSED_ON, Field.OUTSTANDING_PRINCIPAL,
    ]  # fmt: skip


@pytest.mark.parametrize("header", ["首期日期", "首期日", "首期还款日"])
def test_the_first_day_is_known_by_its_short_names(header: str) -> None:
    assert suggest([header]) == {0: Field.FIRST_DUE_ON}


@pytest.mark.parametrize("file", wide_files(), ids=str)
def test_the_headers_of_a_wide_file_are_known(file: WideFile) -> None:
    headers = read_sheet(file.content, "x.csv").headers
    assert {headers[place]: field for place, field in suggest(headers).items()} == {
        "loan_ref": Field.CONTRACT_NUMBER, "loan_amount": Field.PRINCIPAL, "term": Field.TERM,
        "interest_rate": Field.YEARLY_RATE, "installment": Field.INSTALMENT, "issue_month": Field.DISBURSED_ON,
        "loan_status": Field.STATUS, "balance": Field.OUTSTANDING_PRINCIPAL, "paid_total": Field.PAID_TOTAL,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("借款金额（万元）", Field.PRINCIPAL),
        ("  借 款 金 额 ", Field.PRINCIPAL),
        ("LOAN AMOUNT ($)", Field.PRINCIPAL),
        ("Ｌｏａｎ＿ａｍｏｕｎｔ", Field.PRINCIPAL),
        ("*手机号码", Field.PHONE),
        ("利率(%)", Field.YEARLY_RATE),
        ("利率(%/月)", Field.MONTHLY_RATE),
        ("月利率", Field.MONTHLY_RATE),
        ("期限(月)", Field.TERM),
        ("Days past due", Field.OVERDUE_DAYS),
        ("合同編號", Field.CONTRACT_NUMBER),
    ],
)
def test_spelling_and_units_do_not_hide_a_header(header: str, field: Field) -> None:
    assert suggest([header]) == {0: field}


@pytest.mark.parametrize("header", ["利率(日)", "利率(‰/天)", "日利率", "备注", "", "公司名称"])
def test_what_is_not_known_for_certain_is_not_suggested(header: str) -> None:
    assert suggest([header]) == {}


def test_the_first_of_two_columns_that_say_the_same_is_suggested() -> None:
    assert suggest(["借款金额", "贷款金额"]) == {0: Field.PRINCIPAL}


@pytest.mark.parametrize(
    ("header", "unit"), [("借款金额(万元)", "万元"), ("年利率%", "%"), ("金额（单位：元）", "元"), ("金额", "")]
)
def test_a_header_may_state_a_unit(header: str, unit: str) -> None:
    assert unit_in(header) == unit


def test_a_mapping_is_remembered_by_its_headers_in_their_order() -> None:
    assert header_key(["合同编号 ", "ＮＡＭＥ"]) == header_key(["合同编号", "name"])
    assert len({header_key(["a", "b"]), header_key(["b", "a"]), header_key(["ab"])}) == 3


def test_a_mapping_comes_back_as_it_was_kept() -> None:
    assert from_kept(as_kept({3: Field.TERM, 0: Field.PRINCIPAL})) == {0: Field.PRINCIPAL, 3: Field.TERM}


def test_a_mapping_to_something_unknown_is_refused() -> None:
    with pytest.raises(Refused, match="import:unknown-field"):
        from_kept({"0": "shoe_size"})


def test_two_columns_for_one_fact_are_refused_by_name() -> None:
    no = refusal_of(["编号", "", "金额"], {0: Field.CONTRACT_NUMBER, 1: Field.CONTRACT_NUMBER, 2: Field.PRINCIPAL})
    assert (no.key, no.facts) == ("import:column-twice", {"first": "编号", "second": "B"})


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({0: Field.PRINCIPAL}, "import:contract-column-missing"),
        ({0: Field.CONTRACT_NUMBER, 1: Field.TERM}, "import:amount-column-missing"),
    ],
)
def test_a_mapping_without_contract_or_amount_is_refused(columns: dict[int, Field], key: str) -> None:
    assert refusal_of(["a", "b"], columns).key == key


def test_outstanding_principal_alone_is_amount_enough() -> None:
    (loan,) = checked(("合同号", "剩余本金"), ("HT-1", "100")).rows
    assert (loan.principal, loan.outstanding_principal) == (None, 10_000)


def test_a_column_that_the_file_lacks_is_refused() -> None:
    assert refusal_of(["a"], {4: Field.TERM}).key == "import:no-such-column"


def test_attributes_keep_the_names_of_the_file() -> None:
    assert attribute_names(["备注", "备注", "", "emp_title"]) == ("备注", "备注 [B]", "C", "emp_title")


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [column_letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
