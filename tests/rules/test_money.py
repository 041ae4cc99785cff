"""Money as whole minor units: read as people write it, rounded by a named rule, split without loss."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.money import (
    EXPONENTS,
    HALF_UP,
    LIMIT,
    Odd,
    RateUnit,
    Rounding,
    RoundingRule,
    check_amount,
    exponent,
    read_amount,
    read_rate,
    round_minor,
    round_ratio,
    split,
    to_major,
    to_minor,
)

AMOUNTS = st.integers(-LIMIT, LIMIT)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))
RULES = st.builds(RoundingRule, st.sampled_from(Rounding), st.integers(1, 10**6))
IN_DECIMAL = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.UP: ROUND_UP,
    Rounding.DOWN: ROUND_DOWN,
}


def key_of(call: object) -> str:
    assert callable(call)
    with pytest.raises(Refused) as no:
        call()
    return no.value.key


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("HKD", 2)])
def test_each_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_a_currency_that_is_not_in_the_table_is_refused() -> None:
    assert key_of(lambda: exponent("XXX")) == "money:unknown-currency"


def test_amounts_are_allowed_up_to_the_limit_and_not_a_minor_unit_above() -> None:
    check_amount(LIMIT)
    assert key_of(lambda: check_amount(LIMIT + 1)) == "money:too-large"
    assert key_of(lambda: check_amount(-LIMIT - 1)) == "money:too-large"


@given(minor=AMOUNTS, currency=CURRENCIES)
def test_minor_units_survive_the_way_to_major_units_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor


def test_the_major_amount_shows_the_decimals_of_its_currency() -> None:
    assert [str(to_major(120, currency)) for currency in ("CNY", "JPY", "KWD")] == ["1.20", "120", "0.120"]


@pytest.mark.parametrize(
    ("amount", "key"),
    [
        ("NaN", "money:not-an-amount"),
        ("sNaN", "money:not-an-amount"),
        ("Infinity", "money:not-an-amount"),
        ("-Infinity", "money:not-an-amount"),
        ("1.005", "money:fraction"),
        ("1." + "0" * 60 + "1", "money:fraction"),
        ("1E-999999", "money:fraction"),
        ("1E+999999", "money:too-large"),
        ("100000000000.01", "money:too-large"),
    ],
)
def test_what_is_no_whole_number_of_minor_units_is_refused(amount: str, key: str) -> None:
    assert key_of(lambda: to_minor(Decimal(amount), "CNY")) == key


def test_zeros_behind_the_last_minor_unit_lose_nothing() -> None:
    assert to_minor(Decimal("1.2000000000000000000000000000000000000"), "CNY") == 120
    assert to_minor(Decimal("0E+999999"), "CNY") == 0


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("1，234.50", 123450),
        ("１，２３４．５０", 123450),
        ("¥1,234.50", 123450),
        ("￥1234.50", 123450),
        ("CN¥ 1,234.5", 123450),
        ("人民币1234.5元", 123450),
        ("1234.5元", 123450),
        ("1234元整", 123400),
        ("1,234.50 CNY", 123450),
        ("rmb 12", 1200),
        ("  12.30\u00a0", 1230),
        ("\ufeff12", 1200),
        ("\u300012", 1200),
        (".5", 50),
        ("0", 0),
        ("-0.00", 0),
        ("3.2万", 3200000),
        ("3.2 万元", 3200000),
        ("1,234万", 1234000000),
        ("1.5亿", 15000000000),
        ("1千万", 1000000000),
        ("1万2千", 1200000),
        ("1万2千元", 1200000),
        ("12,345,678.90", 1234567890),
    ],
)
def test_an_amount_is_read_as_people_and_spreadsheets_write_it(text: str, minor: int) -> None:
    assert read_amount(text, "CNY") == minor


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "money:empty"),
        (" \u00a0 ", "money:empty"),
        ("一千元", "money:not-an-amount"),
        ("#REF!", "money:not-an-amount"),
        ("-", "money:not-an-amount"),
        ("15.6%", "money:not-an-amount"),
        ("5²", "money:not-an-amount"),
        ("①", "money:not-an-amount"),
        ("٣", "money:not-an-amount"),
        ("(12", "money:not-an-amount"),
        ("12)", "money:not-an-amount"),
        ("(-12)", "money:not-an-amount"),
        ("1" * 61, "money:not-an-amount"),
        ("1.234,56", "money:ambiguous"),
        ("1234,56", "money:ambiguous"),
        ("1,5", "money:ambiguous"),
        ("0,123", "money:ambiguous"),
        ("1.234.567", "money:ambiguous"),
        ("12,34,567", "money:ambiguous"),
        ("1 234.50", "money:ambiguous"),
        ("5.", "money:ambiguous"),
        ("1万2", "money:ambiguous"),
        ("2千3万", "money:ambiguous"),
        ("1.5万2千", "money:ambiguous"),
        ("1.23E+05", "money:scientific"),
        ("$12", "money:other-currency"),
        ("12 USD", "money:other-currency"),
        ("-12", "money:negative"),
        ("−12", "money:negative"),
        ("12-", "money:negative"),
        ("¥-12", "money:negative"),
        ("(12.00)", "money:negative"),
        ("（12.00）", "money:negative"),
        ("1.005", "money:fraction"),
        ("100000000000.01", "money:too-large"),
        ("999999亿", "money:too-large"),
    ],
)
def test_what_could_be_read_two_ways_or_not_at_all_is_refused(text: str, key: str) -> None:
    assert key_of(lambda: read_amount(text, "CNY")) == key


def test_the_refusal_names_the_field_that_was_typed() -> None:
    with pytest.raises(Refused) as no:
        read_amount("1,5", "CNY", field="agreed_total")
    assert no.value.field == "agreed_total"


@pytest.mark.parametrize("text", ["-1,234.50", "(1,234.50)", "（¥1,234.50）", "¥-1234.5", "-¥1234.5", "1234.50-"])
def test_a_negative_amount_is_read_where_the_caller_allows_it(text: str) -> None:
    assert read_amount(text, "CNY", allow_negative=True) == -123450


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("¥1,234", "JPY", 1234),
        ("HK$1.50", "HKD", 150),
        ("$1.50", "USD", 150),
        ("€5", "EUR", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_a_mark_is_read_for_its_own_currency(text: str, currency: str, minor: int) -> None:
    assert read_amount(text, currency) == minor


def test_yen_have_no_sen() -> None:
    assert key_of(lambda: read_amount("1.5", "JPY")) == "money:fraction"


@given(minor=AMOUNTS, currency=CURRENCIES)
def test_an_amount_written_with_commas_is_read_back(minor: int, currency: str) -> None:
    assert read_amount(format(to_major(minor, currency), ",f"), currency, allow_negative=True) == minor


@given(text=st.text(alphabet="0123456789０１.,，-()元¥￥万千亿E+ %\u00a0", max_size=20))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    try:
        told = abs(read_amount(text, "CNY", allow_negative=True)) <= LIMIT
    except Refused as no:
        told = no.key.startswith("money:")
    assert told


@pytest.mark.parametrize(
    ("text", "unit", "rate"),
    [
        ("15.6%", RateUnit.FRACTION, "0.156"),
        ("15.6 ％", RateUnit.PERCENT, "0.156"),
        ("１５．６％", None, "0.156"),
        ("0.5‰", None, "0.0005"),
        ("15.6", RateUnit.PERCENT, "0.156"),
        ("0.156", RateUnit.FRACTION, "0.156"),
        ("0.156", RateUnit.PERCENT, "0.00156"),
        ("0", RateUnit.PERCENT, "0"),
    ],
)
def test_a_rate_is_read_in_the_unit_it_states_or_the_caller_states(text: str, unit: RateUnit | None, rate: str) -> None:
    assert read_rate(text, unit=unit) == Decimal(rate)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "money:empty"),
        ("0.156", "money:ambiguous"),
        ("1.95%/月", "money:not-a-rate"),
        ("-1%", "money:not-a-rate"),
        ("15,6%", "money:not-a-rate"),
        ("NaN", "money:not-a-rate"),
        ("1e9%", "money:not-a-rate"),
        ("1%%", "money:not-a-rate"),
    ],
)
def test_what_is_no_plain_rate_is_refused(text: str, key: str) -> None:
    assert key_of(lambda: read_rate(text)) == key


@given(rule=RULES)
def test_a_rounding_rule_is_read_back_from_its_own_words(rule: RoundingRule) -> None:
    assert RoundingRule.parse(str(rule)) == rule


def test_a_rounding_rule_is_written_short() -> None:
    assert [str(HALF_UP), str(RoundingRule(Rounding.UP, 10))] == ["half_up", "up:10"]


@pytest.mark.parametrize("text", ["", "HALF_UP", "up:", "up:0", "up:-1", "up:01", "up:1000001", "sideways", "up:10 "])
def test_an_unknown_rounding_rule_is_refused(text: str) -> None:
    assert key_of(lambda: RoundingRule.parse(text)) == "money:unknown-rounding"


@pytest.mark.parametrize(
    ("rule", "rounded"),
    [
        ("half_up", [2, 3, 3, -3]),
        ("half_even", [2, 2, 3, -2]),
        ("up", [3, 3, 3, -3]),
        ("down", [2, 2, 2, -2]),
        ("up:10", [10, 10, 10, -10]),
        ("half_up:5", [0, 5, 5, -5]),
    ],
)
def test_each_rule_rounds_its_own_way(rule: str, rounded: list[int]) -> None:
    values = map(Decimal, ("2.4", "2.5", "2.51", "-2.5"))
    assert [round_minor(value, RoundingRule.parse(rule)) for value in values] == rounded


def test_not_even_the_fiftieth_decimal_is_lost_before_rounding() -> None:
    assert round_minor(Decimal("2.5" + "0" * 50 + "1"), RoundingRule(Rounding.HALF_EVEN)) == 3
    assert round_minor(Decimal("2." + "0" * 50 + "1"), RoundingRule(Rounding.UP)) == 3


@given(value=st.decimals(-(10**12), 10**12, places=6), rule=RULES)
def test_rounding_agrees_with_decimal_arithmetic(value: Decimal, rule: RoundingRule) -> None:
    exact = Context(prec=60, rounding=IN_DECIMAL[rule.mode])
    by_ratio = round_ratio(*value.as_integer_ratio(), rule)
    assert round_minor(value, rule) == by_ratio
    if rule.multiple in {1, 2, 4, 5, 8, 10, 100, 1000}:
        assert (
            by_ratio
            == int(exact.divide(value, Decimal(rule.multiple)).to_integral_value(context=exact)) * rule.multiple
        )


@given(value=st.decimals(-(10**12), 10**12, places=4), mode=st.sampled_from(Rounding))
def test_rounding_to_one_minor_unit_agrees_with_decimal_quantize(value: Decimal, mode: Rounding) -> None:
    assert round_minor(value, RoundingRule(mode)) == int(value.quantize(Decimal(1), IN_DECIMAL[mode]))


@given(numerator=st.integers(-(10**18), 10**18), denominator=st.integers(1, 10**6), rule=RULES)
def test_a_rounded_amount_is_a_multiple_and_less_than_one_multiple_away(
    numerator: int, denominator: int, rule: RoundingRule
) -> None:
    rounded = round_ratio(numerator, denominator, rule)
    assert rounded % rule.multiple == 0
    assert abs(rounded * denominator - numerator) < rule.multiple * denominator


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+999999"])
def test_what_cannot_be_rounded_is_refused(value: str) -> None:
    assert key_of(lambda: round_minor(Decimal(value), HALF_UP)) in {"money:not-an-amount", "money:too-large"}


@given(
    total=st.integers(0, LIMIT),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    odd=st.sampled_from(Odd),
)
def test_a_split_loses_nothing_and_gives_nothing_for_no_weight(total: int, weights: list[int], odd: Odd) -> None:
    if not sum(weights):
        weights.append(1)
    shares = split(total, weights, odd=odd)
    assert sum(shares) == total
    assert all(share >= 0 and (share == 0 or weight) for share, weight in zip(shares, weights, strict=True))


@given(total=st.integers(0, LIMIT), parts=st.integers(1, 600))
def test_equal_parts_differ_by_one_minor_unit_at_most(total: int, parts: int) -> None:
    shares = split(total, parts)
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(
    ("odd", "shares"), [(Odd.FIRST, [18, 26, 56]), (Odd.LAST, [17, 25, 58]), (Odd.LARGEST, [17, 26, 57])]
)
def test_the_odd_minor_units_go_where_the_rule_says(odd: Odd, shares: list[int]) -> None:
    assert split(100, [175, 258, 567], odd=odd) == shares


@pytest.mark.parametrize("parts", [0, -1, [], [0, 0], [1, -1, 2]])
def test_a_split_among_nobody_is_refused(parts: int | list[int]) -> None:
    assert key_of(lambda: split(100, parts)) == "money:no-parts"


def test_a_negative_total_is_not_split() -> None:
    assert key_of(lambda: split(-1, 2)) == "money:negative"
