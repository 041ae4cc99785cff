"""A cell is read with certainty, or refused with the reason."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.portfolios.cells import Reading, Value, reader_for, rounded_amount
from mediation.portfolios.columns import Field
from mediation.portfolios.days import Day, DayOrder, read_day
from mediation.portfolios.sentences import SENTENCES
from mediation.rules.money import RateUnit

PERCENT = Reading("CNY", rate_unit=RateUnit.PERCENT)


def read(field: Field, text: str, header: str = "", reading: Reading = PERCENT) -> Value:
    return reader_for(field, header, reading)(text)


def refusal(field: Field, text: str, header: str = "", reading: Reading = PERCENT) -> str:
    with pytest.raises(Refused) as no:
        read(field, text, header, reading)
    assert no.value.key.startswith("money:") or SENTENCES[no.value.key] % no.value.facts
    return no.value.key


@pytest.mark.parametrize("field", Field)
@pytest.mark.parametrize("text", ["", "  ", "NA", "-", "——", "无", "/", "NULL", "　"])
def test_nothing_is_read_as_nothing(field: Field, text: str) -> None:
    assert read(field, text) is None


@pytest.mark.parametrize(
    ("text", "header", "minor"),
    [
        ("50,000.00", "", 5_000_000),
        ("4713.47元", "", 471_347),
        ("¥1,234.5", "", 123_450),
        ("3.2万", "", 3_200_000),
        ("3.2", "借款金额(万元)", 3_200_000),
        ("3.2万元", "借款金额（万元）", 3_200_000),
        ("32000元", "借款金额(万元)", 3_200_000),
        ("4,713.470", "", 471_347),
        ("5000", "金额(RMB)", 500_000),
        ("471347", "金额(分)", 471_347),
        ("1234.50", "金额(单位:元)", 123_450),
    ],
)
def test_amounts_are_read_with_the_unit_of_cell_or_header(text: str, header: str, minor: int) -> None:
    assert read(Field.PRINCIPAL, text, header) == minor


@pytest.mark.parametrize(
    ("text", "header", "key"),
    [
        ("12.345", "", "money:fraction"),
        ("-5", "", "money:negative"),
        ("1.2E+10", "", "money:scientific"),
        ("#N/A", "", "import:formula-error"),
        ("五万", "", "money:not-an-amount"),
        ("100", "金额(USD)", "money:other-currency"),
        ("47.13", "金额(分)", "import:not-minor-units"),
        ("9" * 500, "", "import:text-too-long"),
    ],
)
def test_amounts_in_doubt_are_refused(text: str, header: str, key: str) -> None:
    assert refusal(Field.PRINCIPAL, text, header) == key


@given(st.integers(0, 10**13 - 1))
def test_an_amount_comes_back_as_it_was_written(minor: int) -> None:
    assert read(Field.PRINCIPAL, f"{minor // 100:,}.{minor % 100:02}元") == minor


def test_plain_fractions_of_a_cent_are_rounded_only_on_request() -> None:
    assert [rounded_amount(text, "USD") for text in ("20653.71772", "1,000.005", "3.2万", "x", "5")] == [
        2065372, 100001, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "header", "reading", "rate"),
    [
        ("23.4%", "", PERCENT, "0.234"),
        ("23.4", "", PERCENT, "0.234"),
        ("0.234", "", Reading("CNY", rate_unit=RateUnit.FRACTION), "0.234"),
        ("23.4", "年利率(%)", Reading("CNY"), "0.234"),
        ("19.5", "月利率(‰)", Reading("CNY"), "0.0195"),
        ("0.234", "年利率(%)", Reading("CNY", rate_unit=RateUnit.FRACTION), "0.234"),
    ],
)
def test_rates_are_read_by_sign_header_or_word(text: str, header: str, reading: Reading, rate: str) -> None:
    assert read(Field.YEARLY_RATE, text, header, reading) == Decimal(rate)


def test_a_bare_rate_without_a_unit_is_not_guessed() -> None:
    assert refusal(Field.YEARLY_RATE, "23.4", reading=Reading("CNY")) == "money:ambiguous"


def test_a_rate_beyond_a_thousand_per_cent_is_a_mistaken_unit() -> None:
    assert refusal(Field.YEARLY_RATE, "15.6", reading=Reading("CNY", RateUnit.FRACTION)) == "import:rate-out-of-range"


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-05", "2025/1/5", "2025年1月5日", "2025.1.5", "20250105", "45662", "45662.0", "45662.604",
        "2025-01-05 00:00:00", "2025-01-05T14:30:00", "2025/1/5 14:30", "5-Jan-2025", "Jan 5, 2025", "5 January 2025",
        "2025年01月05日 10时20分",
    ],
)  # fmt: skip
def test_a_day_is_read_as_excel_and_people_write_it(text: str) -> None:
    assert read(Field.DISBURSED_ON, text) == Day(date(2025, 1, 5))


@pytest.mark.parametrize("text", ["Mar-2018", "2018-03", "2018年3月", "201803", "March 2018", "03/2018"])
def test_a_month_is_its_first_day_and_says_so(text: str) -> None:
    assert read_day(text) == Day(date(2018, 3, 1), month_only=True)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("05/01/2025", "import:day-ambiguous"),
        ("1/5/25", "import:day-ambiguous"),
        ("Mar-18", "import:day-ambiguous"),
        ("2025-02-29", "import:not-a-day"),
        ("20251301", "import:not-a-day"),
        ("soon", "import:not-a-day"),
        ("1925-01-05", "import:day-out-of-range"),
        ("99999", "import:day-out-of-range"),
        ("2025-01-05T23:30:00Z", "import:day-with-zone"),
        ("2025-01-05 23:30:00+08:00", "import:day-with-zone"),
    ],
)
def test_a_day_in_doubt_is_refused(text: str, key: str) -> None:
    assert refusal(Field.DISBURSED_ON, text) == key


def test_the_order_of_day_and_month_is_told_or_shows() -> None:
    assert read_day("05/01/2025", order=DayOrder.DAY_FIRST).on == date(2025, 1, 5)
    assert read_day("05/01/2025", order=DayOrder.MONTH_FIRST).on == date(2025, 5, 1)
    assert {read_day("25/01/2025").on, read_day("01/25/2025").on} == {date(2025, 1, 25)}


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)))
def test_every_serial_day_of_excel_is_its_day(on: date) -> None:
    serial = (on - date(1899, 12, 30)).days
    assert read_day(str(serial)) == Day(on)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13812345678", "13812345678"),
        ("13812345678.0", "13812345678"),
        ("1.3812345678E+10", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ('="13812345678"', "13812345678"),
        ("'13812345678", "13812345678"),
        ("\t13812345678", "13812345678"),
        ("010-12345678", "01012345678"),
        ("+1 415 555 0100", "+14155550100"),
    ],
)
def test_telephone_numbers_survive_a_spreadsheet(text: str, phone: str) -> None:
    assert read(Field.PHONE, text) == phone


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1.38E+10", "import:digits-lost"),
        ("1.381234567E+10", "import:digits-lost"),
        ("138****5678", "import:masked"),
        ("1381234567", "import:phone-not-valid"),
        ("23812345678", "import:phone-not-valid"),
        ("13812345678/13912345678", "import:phone-not-valid"),
    ],
)
def test_telephone_numbers_that_lost_something_are_refused(text: str, key: str) -> None:
    assert refusal(Field.PHONE, text) == key


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        ("'440524188001010014", "440524188001010014"),
        ("H12345678", "H12345678"),
    ],
)
def test_identity_numbers_are_kept_whole(text: str, number: str) -> None:
    assert read(Field.ID_NUMBER, text) == number


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1.10101199003070E+17", "import:digits-lost"),
        ("1.10105E+17", "import:digits-lost"),
        ("110105194912310000", "import:digits-lost"),
        ("110105194912310021", "import:id-not-valid"),
        ("11010519491331002X", "import:id-not-valid"),
        ("110105491231002", "import:id-not-valid"),
        ("1101**********002X", "import:masked"),
    ],
)
def test_identity_numbers_that_lost_something_are_refused(text: str, key: str) -> None:
    assert refusal(Field.ID_NUMBER, text) == key


@pytest.mark.parametrize(
    ("text", "contract"),
    [
        ("20250105001.0", "20250105001"),
        ("HT-2025/001", "HT-2025/001"),
        ("00012", "00012"),
        ("2.0250105E+7", "20250105"),
    ],
)
def test_contract_numbers_are_kept_as_they_were(text: str, contract: str) -> None:
    assert read(Field.CONTRACT_NUMBER, text) == contract


def test_a_contract_number_that_excel_shortened_is_refused() -> None:
    assert refusal(Field.CONTRACT_NUMBER, "2.02501E+15") == "import:digits-lost"


@pytest.mark.parametrize(
    ("field", "text", "header", "count"),
    [
        (Field.TERM, "36期", "", 36),
        (Field.TERM, "36 months", "", 36),
        (Field.TERM, "36.0", "", 36),
        (Field.TERM, "3年", "", 36),
        (Field.TERM, "3", "期限(年)", 36),
        (Field.PAID_INSTALMENTS, "5/12", "", 5),
        (Field.OVERDUE_DAYS, "102天", "", 102),
        (Field.DUE_DAY, "每月15日", "", 15),
    ],
)
def test_counts_are_read_with_their_words(field: Field, text: str, header: str, count: int) -> None:
    assert read(field, text, header) == count


@pytest.mark.parametrize(
    ("field", "text", "key"),
    [
        (Field.TERM, "90天", "import:term-not-in-months"),
        (Field.TERM, "0", "import:count-out-of-range"),
        (Field.TERM, "12.5", "import:not-a-count"),
        (Field.DUE_DAY, "32", "import:count-out-of-range"),
        (Field.OVERDUE_DAYS, "M3", "import:not-a-count"),
        (Field.EMAIL, "bai at example", "import:not-an-email"),
        (Field.STATUS, "x" * 121, "import:text-too-long"),
    ],
)
def test_counts_and_texts_in_doubt_are_refused(field: Field, text: str, key: str) -> None:
    assert refusal(field, text) == key


def test_rare_characters_of_a_name_are_kept_by_code_point() -> None:
    assert read(Field.BORROWER_NAME, "  龑㛃䶮\U00020bb7·白 ") == "龑㛃䶮\U00020bb7·白"


def test_a_name_from_an_old_character_set_gets_its_standard_code_points() -> None:
    assert read(Field.BORROWER_NAME, b"\xfe\x59".decode("gb18030")) == "\u9fb4"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("张**", "import:masked"),
        ("白\ufffd", "import:characters-lost"),
        ("白\ue5e5", "import:characters-lost"),
        ("白\u202e莫", "import:hidden-characters"),
    ],
)
def test_a_name_that_lost_or_hides_something_is_refused(text: str, key: str) -> None:
    assert refusal(Field.BORROWER_NAME, text) == key


@given(st.sampled_from(Field), st.text(max_size=60))
def test_whatever_a_cell_holds_is_read_or_refused(field: Field, text: str) -> None:
    try:
        value = read(field, text)
    except Refused as no:
        value = no.key.partition(":")[0]
        assert value in ("import", "money")
    assert value is None or isinstance(value, str | int | Decimal | Day)
