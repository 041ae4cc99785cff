"""From a statement of means to the affordable instalment: scenario A, exact periods, queries, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation import lawbook
from mediation.errors import Refused
from mediation.rules.affordability import (
    INCOME,
    SPENDING,
    Debt,
    Doubt,
    Figure,
    Guideline,
    Guidelines,
    Household,
    PerHead,
    Period,
    Profile,
    Query,
    Reckoning,
    Standing,
    Statement,
    Told,
    cap_each,
    cap_of,
    check_can_pay,
    monthly,
    monthly_equivalent,
    over_cap,
    queries,
    reckon,
)
from mediation.rules.loans import Frequency
from mediation.rules.money import LIMIT

# Scenario A: income 5,200, essentials 3,800.
ESSENTIALS = {
    "housing": 150_000, "utilities": 20_000, "telecoms": 10_000, "food": 110_000, "transport": 30_000,
    "health": 15_000, "schooling": 0, "elders": 0, "insurance": 35_000, "other": 10_000,
}  # fmt: skip
BAI = Statement(
    profile=Profile.CHINA,
    currency="CNY",
    income={"wage": Figure(amount=520_000)},
    spending={name: Figure(amount=amount) for name, amount in ESSENTIALS.items()},
    household=Household(),
    debts=(),
)
UNKNOWN, WITHHELD = Figure(Told.UNKNOWN), Figure(Told.WITHHELD)
TABLE = Guidelines(
    profile=Profile.CHINA,
    currency="CNY",
    valid_from=date(2025, 1, 1),
    valid_until=None,
    source="made for these tests",
    by_category={
        "food": Guideline(
            low=PerHead(35_000, 28_000, 21_000),
            typical=PerHead(70_000, 56_000, 42_000),
            high=PerHead(140_000, 112_000, 84_000),
        ),
    },
)
AMOUNTS = st.integers(0, 10**9)
PERIODS = st.sampled_from(Period)
FIGURES = st.builds(Figure, st.just(Told.GIVEN), AMOUNTS, PERIODS)


def with_spending(**changed: Figure) -> Statement:
    return replace(BAI, spending={**BAI.spending, **changed})


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key


# --- scenario A ---


def test_scenario_a_leaves_a_surplus_of_1400_and_a_cap_of_1260() -> None:
    found = reckon(BAI)
    assert (found.income, found.spending, found.surplus, found.cap) == (520_000, 380_000, 140_000, 126_000)
    assert (found.buffer, found.standing) == (14_000, Standing.AFFORDABLE)


def test_the_lenders_offer_of_scenario_a_is_92_51_over_the_cap() -> None:
    assert over_cap(135_251, Frequency.MONTHLY, 126_000) == 9_251


@pytest.mark.parametrize("instalment", [90_167, 90_182, 124_847, 124_852, 126_000])
def test_the_other_plans_of_scenario_a_are_within_the_cap(instalment: int) -> None:
    assert over_cap(instalment, Frequency.MONTHLY, 126_000) == 0


def test_scenario_a_raises_no_query() -> None:
    assert queries(BAI, lawbook.guidelines(Profile.CHINA, on=date(2025, 9, 25))) == ()


# --- periods ---


@pytest.mark.parametrize(
    ("period", "a_month"),
    [
        (Period.WEEKLY, 43_333),  # 100.00 × 52 / 12 = 433.333…
        (Period.TWO_WEEKLY, 21_667),  # × 26 / 12 = 216.666…
        (Period.FOUR_WEEKLY, 10_833),  # × 13 / 12 = 108.333…
        (Period.MONTHLY, 10_000),
        (Period.YEARLY, 833),  # / 12 = 8.333…
    ],
)
def test_an_amount_each_period_is_so_much_a_month(period: Period, a_month: int) -> None:
    assert monthly(10_000, period) == a_month


def test_half_a_cent_is_rounded_up() -> None:
    assert monthly(6, Period.YEARLY) == 1


@given(AMOUNTS, PERIODS)
def test_twelve_months_are_a_year_exactly(amount: int, period: Period) -> None:
    assert monthly_equivalent(amount, period) * 12 == amount * period.times_a_year


@given(AMOUNTS, PERIODS)
def test_a_line_is_rounded_by_half_a_cent_at_most(amount: int, period: Period) -> None:
    assert abs(monthly(amount, period) - monthly_equivalent(amount, period)) <= Fraction(1, 2)


def test_an_amount_below_zero_is_refused() -> None:
    assert refusal(lambda: monthly(-1, Period.MONTHLY)) == "money:negative"


def test_an_amount_beyond_all_money_is_refused() -> None:
    assert refusal(lambda: monthly(LIMIT + 1, Period.YEARLY)) == "money:too-large"


# --- surplus and cap ---


@given(st.integers(-(10**12), 10**12))
def test_a_cap_is_never_above_nine_tenths_nor_a_cent_below(surplus: int) -> None:
    cap = cap_of(surplus)
    assert (cap * 10 <= surplus * 9 < (cap + 1) * 10) if surplus > 0 else cap == 0


@given(st.integers(0, 10**10), st.sampled_from(Frequency))
def test_a_year_of_the_largest_instalments_stays_within_a_year_of_the_cap(cap: int, frequency: Frequency) -> None:
    largest = cap_each(cap, frequency)
    assert largest * frequency.periods_in_a_year <= cap * 12 < (largest + 1) * frequency.periods_in_a_year
    assert (over_cap(largest, frequency, cap), over_cap(largest + 1, frequency, cap)) == (0, 1)


def test_payments_on_priority_debts_are_taken_off_and_on_others_not() -> None:
    rent_arrears = Debt(is_priority=True, payment=Figure(amount=20_000))
    card = Debt(is_priority=False, payment=Figure(amount=90_000), balance=2_000_000)
    found = reckon(replace(BAI, debts=(rent_arrears, card)))
    assert (found.priority, found.surplus, found.cap) == (20_000, 120_000, 108_000)


@pytest.mark.parametrize("housing", [290_000, 290_001, 500_000])
def test_no_plan_is_computed_where_nothing_is_left(housing: int) -> None:
    found = reckon(with_spending(housing=Figure(amount=housing)))
    assert (found.standing, found.cap) == (Standing.SHORT, 0)
    assert refusal(lambda: check_can_pay(found)) == "means:nothing-left"


def test_a_surplus_below_zero_is_shown_as_it_is() -> None:
    found = reckon(with_spending(housing=Figure(amount=300_000)))
    assert (found.surplus, found.buffer) == (-10_000, 0)


def test_what_can_be_paid_is_the_cap() -> None:
    assert check_can_pay(reckon(BAI)) == 126_000


@given(
    st.fixed_dictionaries(dict.fromkeys(INCOME[Profile.CHINA], FIGURES)),
    st.fixed_dictionaries(dict.fromkeys(SPENDING[Profile.CHINA], FIGURES)),
)
def test_the_shown_lines_add_up_to_the_surplus(income: dict[str, Figure], spending: dict[str, Figure]) -> None:
    found = reckon(Statement(Profile.CHINA, "CNY", income, spending, Household(), ()))
    lines = sum(one.monthly or 0 for one in income.values()) - sum(one.monthly or 0 for one in spending.values())
    assert found.surplus == lines
    assert found.surplus - found.cap == found.buffer or lines < 0  # type: ignore[operator]


# --- what is not known ---


@pytest.mark.parametrize("answer", [UNKNOWN, WITHHELD])
def test_spending_that_is_not_known_counts_at_its_usual_cost(answer: Figure) -> None:
    found = reckon(with_spending(food=answer), TABLE)
    assert (found.assumed, found.spending, found.cap) == ((("food", 70_000),), 340_000, 162_000)


def test_the_usual_cost_is_that_of_the_whole_household() -> None:
    three = replace(with_spending(food=UNKNOWN), household=Household(adults=2, children=1))
    assert reckon(three, TABLE).assumed == (("food", 168_000),)


def test_spending_without_a_usual_cost_leaves_the_question_open() -> None:
    found = reckon(with_spending(elders=UNKNOWN), TABLE)
    assert (found.standing, found.cap, found.missing) == (Standing.OPEN, None, ("elders",))
    assert refusal(lambda: check_can_pay(found)) == "means:not-complete"


def test_without_a_household_the_usual_cost_is_not_guessed() -> None:
    assert reckon(replace(with_spending(food=UNKNOWN), household=None), TABLE).missing == ("household",)


def test_guidelines_in_another_currency_are_not_used() -> None:
    assert reckon(with_spending(food=UNKNOWN), replace(TABLE, currency="HKD")).missing == ("food",)


def test_income_that_is_not_known_counts_as_nothing() -> None:
    assert reckon(replace(BAI, income={**BAI.income, "partner": WITHHELD})).income == 520_000


def test_without_any_income_stated_nothing_is_computed() -> None:
    assert reckon(replace(BAI, income={"wage": WITHHELD})).missing == ("income",)


def test_no_income_is_an_answer() -> None:
    assert reckon(replace(BAI, income={"wage": Figure(amount=0)})).standing is Standing.SHORT


def test_a_category_that_was_not_answered_is_never_nothing() -> None:
    spending = {name: figure for name, figure in BAI.spending.items() if name != "health"}
    assert reckon(replace(BAI, spending=spending), TABLE).missing == ("health",)


@pytest.mark.parametrize("debts", [None, (Debt(is_priority=True, payment=UNKNOWN),)])
def test_debts_not_asked_for_or_a_priority_payment_not_known_leave_it_open(debts: tuple[Debt, ...] | None) -> None:
    assert reckon(replace(BAI, debts=debts)).missing == ("debts",)


def test_the_payment_on_another_debt_need_not_be_known() -> None:
    assert reckon(replace(BAI, debts=(Debt(is_priority=False, payment=UNKNOWN),))).cap == 126_000


@given(st.sets(st.sampled_from(SPENDING[Profile.CHINA])), st.sets(st.sampled_from(SPENDING[Profile.CHINA])))
def test_no_silence_ever_raises_the_cap_above_what_the_missing_figure_would_allow(
    unknown: set[str], unasked: set[str]
) -> None:
    spending = {n: UNKNOWN if n in unknown else f for n, f in BAI.spending.items() if n not in unasked}
    found = reckon(replace(BAI, spending=spending), TABLE)
    allowed = {*unknown - unasked} <= {"food"} and not unasked
    assert (found.cap is not None) == allowed


# --- queries ---


@pytest.mark.parametrize(
    ("amount", "query"),
    [
        (34_999, Query("food", Doubt.TOO_LOW, 34_999, 35_000)),
        (35_000, None),
        (140_000, None),
        (140_001, Query("food", Doubt.TOO_HIGH, 140_001, 140_000)),
    ],
)
def test_a_figure_is_queried_below_its_floor_and_above_its_trigger(amount: int, query: Query | None) -> None:
    assert queries(with_spending(food=Figure(amount=amount)), TABLE) == ((query,) if query else ())


def test_evidence_is_asked_above_the_trigger_only() -> None:
    high, low = (queries(with_spending(food=Figure(amount=amount)), TABLE)[0] for amount in (200_000, 10_000))
    assert (high.asks_evidence, low.asks_evidence) == (True, False)


def test_a_larger_household_may_spend_more_before_it_is_asked() -> None:
    four = replace(with_spending(food=Figure(amount=400_000)), household=Household(adults=2, children=2))
    assert queries(four, TABLE) == ()


def test_a_weekly_figure_is_compared_by_the_month() -> None:
    assert queries(with_spending(food=Figure(amount=35_000, period=Period.WEEKLY)), TABLE)[0].stated == 151_667


@pytest.mark.parametrize("answer", [UNKNOWN, WITHHELD])
def test_what_was_not_said_is_not_queried(answer: Figure) -> None:
    assert queries(with_spending(food=answer), TABLE) == ()


def test_without_a_household_or_guidelines_nothing_is_queried() -> None:
    odd = with_spending(food=Figure(amount=1))
    assert (queries(odd, None), queries(replace(odd, household=None), TABLE)) == ((), ())


# --- the dated tables ---


def test_guidelines_begin_on_their_day() -> None:
    first = lawbook.guidelines(Profile.CHINA, on=date(2025, 1, 17))
    assert (lawbook.guidelines(Profile.CHINA, on=date(2025, 1, 16)), first and first.valid_from) == (
        None, date(2025, 1, 17),
    )  # fmt: skip


def test_the_usual_costs_follow_the_published_figures_of_2024() -> None:
    table = lawbook.guidelines(Profile.CHINA, on=date(2025, 9, 25))
    assert table is not None
    published = {"food": 8_411, "health": 2_547, "other": 773}  # yuan a head and year, National Bureau of Statistics
    for category, yearly in published.items():
        typical = table.by_category[category].typical
        assert typical is not None
        assert abs(typical.first_adult * 12 / 100 - yearly) < 0.1 * yearly


def test_the_standard_financial_statement_ships_without_figures_of_its_members() -> None:
    table = lawbook.guidelines(Profile.SFS, on=date(2025, 9, 25))
    assert table is not None
    assert table.by_category == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"is_configuration": False},
        {"source": " "},
        {"guidelines": {"yachts": {"low": None, "typical": None, "high": None}}},
        {"guidelines": {"food": {"low": [2, 2, 2], "typical": None, "high": [1, 1, 1]}}},
        {"per_head": ["adult"]},
        {"valid_until": "soon"},
    ],
)
def test_a_table_that_does_not_hold_is_named(tmp_path, changed: dict[str, object]) -> None:  # type: ignore[no-untyped-def]
    import json

    kept = json.loads((lawbook.BENCHMARKS / "cn-2025.json").read_text("utf-8"))
    (tmp_path / "cn.json").write_text(json.dumps(kept | changed), "utf-8")
    with pytest.raises(lawbook.BenchmarksUnusable) as no:
        lawbook._all_guidelines(tmp_path)
    assert no.value.facts["file"] == "cn.json"


def test_an_empty_reckoning_says_nothing() -> None:
    assert Reckoning(Standing.OPEN).buffer is None
