"""What follows from a plan and from none: scenario A in figures, alike for both sides, and assumptions that say why."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation import lawbook
from mediation.errors import Refused
from mediation.rules import consequences
from mediation.rules.assumptions import fee_on, read_assumptions
from mediation.rules.consequences import BreachRule, Consequences, NoAgreement, Span, monthly_burden, months_until
from mediation.rules.money import HALF_UP
from mediation.rules.plans import ClaimFigures, Disputed, Frequency, Grace, Terms, Waivers, schedule

SHIPPED = json.loads((lawbook.DATA / "assumptions" / "cn.json").read_text("utf-8"))
ASSUMED = read_assumptions(SHIPPED)

CLAIM = ClaimFigures(2, "CNY", 1695791, 1360639, 189597, 53027, 0)
DAY = date(2025, 10, 1)
PROPOSAL = Terms(2, "CNY", 3246027, Waivers(penalty=53027), 26, Frequency.MONTHLY, date(2025, 10, 31))
SIX_PER_CENT = Decimal("0.06")


def of(terms: Terms = PROPOSAL, claim: ClaimFigures = CLAIM, **given: Any) -> Consequences:
    values = {"yearly_rate": SIX_PER_CENT, "on": DAY, **given}
    return consequences.of(terms, schedule(terms, rounding=HALF_UP), claim, ASSUMED, **values)


def without_agreement(**given: Any) -> NoAgreement:
    found = of(**given).no_agreement
    assert found is not None
    return found


def test_scenario_a_has_its_proposal_in_figures() -> None:
    found, paid = of(), of().payments
    assert (paid.instalment, paid.highest, paid.last_amount, paid.instalments) == (124847, 124852, 124852, 26)
    assert (paid.first_due_on, paid.last_due_on, paid.months) == (date(2025, 10, 31), date(2027, 11, 30), 26)
    assert (found.claimed, found.total, found.interest_total, found.saved) == (3299054, 3246027, 0, 53027)


def test_scenario_a_takes_89_per_cent_of_the_surplus() -> None:
    assert of(surplus=140_000).share_of_surplus == Decimal("0.8918")


def test_the_lender_of_scenario_a_gets_back_98_per_cent_and_92_in_todays_money() -> None:
    found = of()
    assert (found.recovered_share, found.present_value_share) == (Decimal("0.9839"), Decimal("0.9223"))
    assert found.present_value == 3042572


def test_at_no_rate_later_money_is_worth_as_much() -> None:
    assert of(yearly_rate=Decimal(0)).present_value == 3246027


def test_a_lump_sum_saves_nothing_and_is_over_in_a_month() -> None:
    lump = replace(PROPOSAL, agreed_total=3299054, waivers=Waivers(), instalments=1)
    found = of(lump)
    assert (found.saved, found.payments.months, found.payments.instalment, found.recovered_share) == (
        0,
        1,
        3299054,
        Decimal(1),
    )


def test_a_plan_that_bears_interest_may_cost_more_than_the_claim() -> None:
    found = of(replace(PROPOSAL, yearly_rate=Decimal("0.12")))
    assert found.interest_total > 53027
    assert found.saved == 53027 - found.interest_total


def test_a_weekly_plan_says_what_it_comes_to_in_a_month() -> None:
    found = of(replace(PROPOSAL, frequency=Frequency.WEEKLY, instalments=112))
    # 290.25 × 52/12 is 1,257.75.
    assert (found.payments.instalment, found.payments.highest, found.payments.monthly) == (28982, 29025, 125775)


def test_a_down_payment_is_told_apart_from_the_instalments() -> None:
    found = of(replace(PROPOSAL, instalments=25, down_payment=200_000, down_payment_on=date(2025, 10, 8)))
    paid = found.payments
    assert (paid.down_payment, paid.down_payment_on) == (200_000, date(2025, 10, 8))
    assert (paid.instalments, paid.highest, paid.first_due_on) == (25, 121843, date(2025, 10, 31))
    assert found.total == 3246027


def test_what_stays_in_dispute_is_not_called_saved() -> None:
    terms = replace(PROPOSAL, agreed_total=2246027, disputed=Disputed(principal=1_000_000))
    found = of(terms)
    assert (found.left_open, found.saved) == (1_000_000, 53027)


def test_a_gentler_start_shows_the_amount_that_most_instalments_have() -> None:
    terms = replace(PROPOSAL, yearly_rate=Decimal("0.12"), grace=Grace.INTEREST_ONLY, grace_periods=3)
    found = of(terms)
    assert schedule(terms, rounding=HALF_UP).instalments[0].amount == 32460
    assert found.payments.instalment == schedule(terms, rounding=HALF_UP).instalments[3].amount


@pytest.mark.parametrize("surplus", [None, 0, -5])
def test_no_share_of_the_surplus_is_told_where_it_is_not_known_or_there_is_none(surplus: int | None) -> None:
    assert of(surplus=surplus).share_of_surplus is None


def test_nothing_else_moves_with_the_surplus() -> None:
    known = of(surplus=140_000, contract_yearly_rate=Decimal("0.234"))
    assert replace(known, share_of_surplus=None) == of(contract_yearly_rate=Decimal("0.234"))


def test_a_missed_instalment_counts_as_in_time_through_grace_and_cure() -> None:
    found = of().breach
    assert (found.in_time_until, found.most_at_once) == (date(2025, 11, 19), 3246027)


def test_where_nothing_falls_due_early_only_the_missed_instalment_can_be_asked() -> None:
    found = of(breach=BreachRule(grace_days=0, cure_days=10, accelerates=False)).breach
    assert (found.in_time_until, found.most_at_once) == (date(2025, 11, 11), 124847)


def test_a_down_payment_already_made_is_not_asked_again() -> None:
    terms = replace(PROPOSAL, down_payment=200_000, down_payment_on=date(2025, 10, 8))
    assert of(terms).breach.most_at_once == 3046027


def test_a_suit_over_scenario_a_costs_between_half_and_the_whole_of_the_fee() -> None:
    found = without_agreement()
    # 50 + 2.5 % of 22,990.54 is 624.76; 50 + 1.5 % of it is 394.86.
    assert (found.court_fee, found.enforcement_fee) == (Span(31238, 62476), 39486)


def test_what_the_lender_of_scenario_a_may_get_without_an_agreement() -> None:
    found = without_agreement()
    assert (found.months, found.recovered) == ((3, 12), Span(227635, 1791056))
    # 2,276.35 a year on is 2,147.50, less 624.76; 17,910.56 in 92 days is 17,649.43, less 312.38.
    assert found.net_present_value == Span(152274, 1733705)


def test_what_the_borrower_of_scenario_a_may_owe_without_an_agreement() -> None:
    found = without_agreement(contract_yearly_rate=Decimal("0.234"))
    assert found.interest == Span(178801, 715205)
    assert found.borrower_owes == Span(3299054 + 178801 + 31238, 3299054 + 715205 + 62476 + 39486)


def test_no_interest_is_made_up_where_the_contracts_rate_is_not_known() -> None:
    found = without_agreement()
    assert found.interest is None
    assert found.borrower_owes == Span(3299054 + 31238, 3299054 + 62476 + 39486)


def test_what_is_assumed_comes_with_its_sources() -> None:
    assert without_agreement().assumptions is ASSUMED


def test_nothing_is_assumed_for_another_currency() -> None:
    claim, terms = replace(CLAIM, currency="HKD"), replace(PROPOSAL, currency="HKD")
    assert of(terms, claim).no_agreement is None


def test_a_payment_before_the_day_has_no_present_value() -> None:
    with pytest.raises(Refused, match="cost:flow-in-the-past"):
        of(on=date(2025, 11, 1))


@given(
    total=st.integers(10**4, 10**8),
    waived=st.integers(0, 10**6),
    count=st.integers(1, 60),
    rate=st.decimals("0", "0.24", places=4),
    frequency=st.sampled_from(Frequency),
)
def test_what_is_paid_saved_and_left_open_is_the_claim(
    total: int, waived: int, count: int, rate: Decimal, frequency: Frequency
) -> None:
    claim = ClaimFigures(1, "CNY", total, 0, 0, waived + 500, 0)
    left = Disputed(penalty=500)
    found = of(Terms(1, "CNY", total, Waivers(penalty=waived), count, frequency, DAY, rate, disputed=left), claim)
    assert found.total + found.saved + found.left_open == claim.total
    assert 0 < found.present_value <= found.total
    assert found.payments.highest <= found.payments.monthly <= -(-found.payments.highest * 13 // 3)


@pytest.mark.parametrize(
    ("last", "on", "months"),
    [
        (date(2025, 10, 31), date(2025, 10, 1), 1),
        (date(2025, 11, 1), date(2025, 10, 1), 1),
        (date(2025, 11, 2), date(2025, 10, 1), 2),
        (date(2025, 2, 28), date(2025, 1, 31), 1),
        (date(2026, 1, 1), date(2025, 12, 31), 1),
        (date(2025, 10, 1), date(2025, 10, 1), 0),
        (date(2025, 9, 30), date(2025, 10, 1), 0),
    ],
)
def test_a_begun_month_counts_whole(last: date, on: date, months: int) -> None:
    assert months_until(last, on) == months


@pytest.mark.parametrize(
    ("frequency", "monthly"), [("monthly", 1200), ("four_weekly", 1300), ("two_weekly", 2600), ("weekly", 5200)]
)
def test_a_year_of_instalments_is_spread_over_twelve_months(frequency: str, monthly: int) -> None:
    assert monthly_burden(1200, Frequency(frequency)) == monthly
    assert monthly_burden(1201, Frequency(frequency)) > monthly


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        (0, 0),
        (1, 5000),
        (1_000_000, 5000),
        (1_000_020, 5001),
        (10_000_000, 230_000),
        (20_000_000, 430_000),
        (50_000_000, 880_000),
        (100_000_000, 1_380_000),
        (200_000_000, 2_280_000),
        (500_000_000, 4_680_000),
        (1_000_000_000, 8_180_000),
        (2_000_000_000, 14_180_000),
        (4_000_000_000, 24_180_000),
    ],
)
def test_the_courts_fee_is_that_of_the_published_table(amount: int, fee: int) -> None:
    """The quick figures in use for it: 2.5 % less 200, 2 % and 300, 1.5 % and 1,300 … 0.5 % and 41,800."""
    assert fee_on(amount, ASSUMED.court_fee) == fee


def test_half_a_fee_is_rounded_once() -> None:
    assert fee_on(1_000_020, ASSUMED.court_fee, share=Decimal("0.5")) == 2500
    assert fee_on(1_000_060, ASSUMED.court_fee, share=Decimal("0.5")) == 2501


@given(one=st.integers(0, 10**10), more=st.integers(0, 10**8))
def test_a_larger_claim_never_has_a_smaller_fee(one: int, more: int) -> None:
    for scale in (ASSUMED.court_fee, ASSUMED.enforcement_fee):
        assert fee_on(one + more, scale) >= fee_on(one, scale)


def test_the_shipped_assumptions_were_looked_up_and_say_where() -> None:
    parts = (
        ASSUMED.court_fee,
        ASSUMED.court_fee_share,
        ASSUMED.enforcement_fee,
        ASSUMED.months,
        ASSUMED.recovery_share,
    )
    assert (ASSUMED.name, ASSUMED.currency, ASSUMED.dated) == ("cn", "CNY", date(2026, 11, 25))
    assert all(part.source.where.startswith("http") and not part.source.is_only_from_memory for part in parts)


def test_a_figure_from_memory_says_so() -> None:
    found = deepcopy(SHIPPED)
    found["months"]["evidence"] = "M"
    assert read_assumptions(found).months.source.is_only_from_memory


def put(*path: str | int, value: object) -> Callable[[Any], None]:
    def change(found: Any) -> None:
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda found: found.pop("months"), "missing or unknown: months"),
        (put("other", value=1), "missing or unknown: other"),
        (put("currency", value="RMB"), "ISO 4217"),
        (put("dated", value="yesterday"), "isoformat"),
        (put("months", value=3), "named values"),
        (put("months", "low", value=13), "rise from low to high"),
        (put("months", "high", value=601), "rise from low to high"),
        (put("months", "low", value=True), "whole number"),
        (put("months", "source", value=" "), "not empty"),
        (put("months", "evidence", value="hearsay"), "P, S or M"),
        (put("recovery_share", "low", value="0.6"), "low is not above high"),
        (put("recovery_share", "high", value="1.01"), "between 0 and 1"),
        (put("recovery_share", "high", value="NaN"), "between 0 and 1"),
        (put("recovery_share", "high", value="0.1234567"), "between 0 and 1"),
        (put("recovery_share", "high", value="half"), "decimal number"),
        (put("recovery_share", "high", value=0.5), "not empty"),
        (put("court_fee", "bands", value=[]), "are a list"),
        (put("court_fee", "bands", 1, "up_to", value=1_000_000), "bands rise"),
        (put("court_fee", "bands", 1, "up_to", value=None), "bands rise"),
        (put("court_fee", "bands", 9, "up_to", value=9 * 10**12), "bands rise"),
        (put("court_fee", "bands", 0, "flat", value=-1), "from 0 up"),
        (put("court_fee", "bands", 0, "least", value=1), "up_to, and flat or rate"),
    ],
)
def test_assumptions_that_do_not_hold_are_not_read(change: Callable[[Any], None], says: str) -> None:
    found = deepcopy(SHIPPED)
    change(found)
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError), match=says):
        read_assumptions(found)
