"""The yearly cost of money: scenario B of the product, the promises of the root search, annuities and the ceiling."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules import annuities
from mediation.rules.cost import (
    Fee,
    Flow,
    all_in,
    cost_by_day,
    cost_by_period,
    european_apr,
    nearest_rate_of_return,
    percent,
    present_value,
    rate_of_return,
    rates_of_return,
)
from mediation.rules.day_counts import DayCount, Unit, uk_interval
from mediation.rules.loans import Frequency, due_dates, level_instalment, repay
from mediation.rules.money import HALF_UP, LIMIT, Rounding, RoundingRule
from mediation.rules.recasts import Ceiling, Recast, recast, recast_by_day
from mediation.rules.roots import Root, Term, roots
from mediation.rules.unit_periods import UnitFlow, UnitPeriod, american_apr, unit_periods_between

LENT, PAYMENTS = 2000000, [200600] * 12
MEMBERSHIP = Fee(0, 29900)
DAY_ONE = date(2025, 1, 15)


def refusal(call: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key, no.value.field


def terms(*amounts: object) -> list[Term]:
    return [Term(Fraction(place), Decimal(str(amount))) for place, amount in enumerate(amounts)]


def scenario_b(paid: int = 8) -> Recast:
    return recast(LENT, PAYMENTS[:paid], Decimal("0.24"), fees_up_front=MEMBERSHIP.amount)


def test_scenario_b_has_its_cost_with_every_fee() -> None:
    cost = all_in(LENT, PAYMENTS, fees=[MEMBERSHIP]).with_fees
    assert percent(cost.per_period, 4) == Decimal("3.2260")
    assert (percent(cost.nominal), percent(cost.effective)) == (Decimal("38.71"), Decimal("46.38"))
    assert cost.total == 407200 + 29900


def test_scenario_b_looks_cheaper_without_the_membership() -> None:
    lens = all_in(LENT, PAYMENTS, fees=[MEMBERSHIP])
    assert percent(lens.without_fees.nominal) == Decimal("35.68")
    assert (lens.without_fees.total, lens.fees) == (407200, 29900)


def test_scenario_b_has_its_instalment_at_two_per_cent_a_month() -> None:
    assert level_instalment(LENT, Decimal("0.02"), 12, HALF_UP) == 189119


def test_scenario_b_has_what_its_contract_says_is_left() -> None:
    assert sum(PAYMENTS[8:]) == 802400


def test_scenario_b_has_its_balance_at_the_ceiling() -> None:
    assert scenario_b().balance == 586542


def test_interest_rounded_only_at_the_end_would_be_a_cent_more() -> None:
    growth = Decimal("1.02") ** 8
    assert round((LENT - 29900) * growth - 200600 * (growth - 1) / Decimal("0.02"), 2) == Decimal("586542.56")


@pytest.mark.parametrize(("instalments", "level", "last"), [(4, 146636, 146634), (6, 97757, 97757)])
def test_scenario_b_has_its_plans(instalments: int, level: int, last: int) -> None:
    days = due_dates(date(2025, 10, 31), Frequency.MONTHLY, instalments)
    plan = repay(scenario_b().balance, Decimal(0), days, HALF_UP)
    assert [row.amount for row in plan.instalments] == [level] * (instalments - 1) + [last]


@given(
    principal=st.integers(10**5, 10**9),
    rate=st.decimals("0.0001", "0.5", places=6),
    count=st.integers(2, 36),
    frequency=st.sampled_from(list(Frequency)),
)
def test_the_return_of_a_level_loan_is_its_rate(
    principal: int, rate: Decimal, count: int, frequency: Frequency
) -> None:
    payment = level_instalment(principal, rate, count, HALF_UP)
    cost = cost_by_period([principal, *[-payment] * count], frequency)
    # Half a minor unit of each payment is all that rounding can move.
    assert abs(cost.per_period - rate) <= 2 * Decimal(count) / principal
    assert abs(cost.nominal - cost.per_period * frequency.periods_in_a_year) <= Decimal("5E-11")
    assert cost.simple is not None
    assert abs(cost.simple - cost.nominal) <= Decimal("1E-11")


@given(
    rate=st.decimals("0", "20", places=4),
    payments=st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 10**7)), min_size=1, max_size=12),
)
def test_the_rate_inverts_the_present_value(rate: Decimal, payments: list[tuple[int, int]]) -> None:
    flows = [Flow(DAY_ONE + timedelta(days=days), amount) for days, amount in payments]
    worth = present_value(flows, rate, on=DAY_ONE)
    assume(worth > 10000)
    back = [Flow(DAY_ONE, worth), *(replace(flow, amount=-flow.amount) for flow in flows)]
    found = cost_by_day(back).effective
    assert abs(present_value(flows, max(found, Decimal(0)), on=DAY_ONE) - worth) <= 1


@given(
    rate=st.decimals("0.001", "9", places=5),
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=10),
    worths=st.lists(st.integers(1, 10**6), min_size=10, max_size=10),
)
def test_a_sum_built_on_a_rate_has_that_rate_and_no_other(rate: Decimal, steps: list[int], worths: list[int]) -> None:
    paid = [(sum(steps[: place + 1]), worths[place]) for place in range(len(steps))]
    flows = [Term(Fraction(step, 12), -worth * (1 + rate) ** (Decimal(step) / 12)) for step, worth in paid]
    [found] = rates_of_return([Term(Fraction(0), Decimal(sum(worth for _, worth in paid))), *flows])
    assert abs(found - rate) <= Decimal("1E-18")


@given(st.lists(st.decimals("-0.9", "5", places=2), min_size=1, max_size=4, unique=True))
def test_every_rate_of_a_sum_with_several_is_found(rates: list[Decimal]) -> None:
    sums = [Decimal(1)]
    for rate in rates:
        shifted, grown = [Decimal(0), *sums], [*(-(1 + rate) * amount for amount in sums), Decimal(0)]
        sums = [one + two for one, two in zip(shifted, grown, strict=True)]
    found = [root.rate for root in roots(terms(*reversed(sums)))]
    assert [round(rate, 12) for rate in found] == sorted(rates)


def test_three_rates_are_three_and_the_nearest_to_nought_is_taken_only_where_that_is_the_rule() -> None:
    """numpy-financial's example; MCOB 10.3.1 R (2) for the choice."""
    flows = terms(-5, 10.5, 1, -8, 1)
    assert [percent(rate) for rate in rates_of_return(flows)] == [Decimal("-87.02"), Decimal("8.86"), Decimal("70.96")]
    assert percent(nearest_rate_of_return(flows)) == Decimal("8.86")
    assert refusal(lambda: rate_of_return(flows)) == ("cost:several-rates", "flows")


def test_where_no_rate_is_above_nought_the_nearest_below_it_is_taken() -> None:
    assert percent(nearest_rate_of_return(terms(-100, 0, 0, 74))) == Decimal("-9.55")


def test_a_rate_above_nought_goes_before_a_nearer_one_below_it() -> None:
    """(x − 0.9)·(x − 1.5): −10 % and 50 %."""
    assert nearest_rate_of_return(terms(1, "-2.4", "1.35")) == Decimal("0.5")


def test_a_sum_that_only_touches_nought_is_not_called_a_rate() -> None:
    assert roots(terms(1, -4, 4)) == (Root(Decimal(1).quantize(Decimal("1E-24")), touches=True),)
    assert refusal(lambda: nearest_rate_of_return(terms(1, -4, 4))) == ("cost:rate-not-certain", "flows")


def test_two_rates_a_hair_apart_are_two_and_a_hair_short_is_none() -> None:
    assert len(rates_of_return(terms(1, -4, "3.999999999999999999"))) == 2
    assert rates_of_return(terms(1, -4, "4.0000000001")) == ()


@pytest.mark.parametrize("flows", [[], terms(0, 0), terms(-1, -2, -3), terms(1, -2, 3, 0)])
def test_where_there_is_no_rate_none_is_given(flows: list[Term]) -> None:
    assert rates_of_return(flows) == ()
    assert refusal(lambda: rate_of_return(flows)) == ("cost:no-rate", "flows")


def test_a_rate_beyond_all_reason_is_no_rate() -> None:
    a_day = [Term(Fraction(0), Decimal(100)), Term(Fraction(1, 365), Decimal(-125))]
    assert refusal(lambda: rate_of_return(a_day)) == ("cost:no-rate", "flows")


def test_more_flows_or_changes_of_sign_than_can_be_searched_are_refused() -> None:
    assert refusal(lambda: roots(terms(*range(1, 2002))))[0] == "cost:too-many-flows"
    assert refusal(lambda: roots(terms(*[1, -1] * 7)))[0] == "cost:too-many-changes"


def test_a_loan_repaid_in_days_costs_the_same_in_every_way_of_saying() -> None:
    """100 for 73 days at 110: a fifth of a year."""
    cost = cost_by_day([Flow(DAY_ONE, 10000), Flow(DAY_ONE + timedelta(days=73), -11000)])
    assert (cost.simple, cost.effective) == (Decimal("0.5"), Decimal("0.61051"))
    assert cost.per_period == Decimal("0.040511662059")
    assert cost.nominal == round(12 * (Decimal("1.1") ** (Decimal(5) / 12) - 1), 12)
    assert cost_by_day(
        [Flow(DAY_ONE, 10000), Flow(DAY_ONE + timedelta(days=73), -11000)], count=DayCount.ACTUAL_360
    ).simple == Decimal("0.493150684932")


@given(days=st.lists(st.integers(1, 400), min_size=1, max_size=8, unique=True), share=st.integers(1, 9))
def test_interest_on_principal_alone_settles_the_loan_to_nothing(days: list[int], share: int) -> None:
    flows = [
        Flow(DAY_ONE, 100000 * len(days)),
        *(Flow(DAY_ONE + timedelta(days=day), -100000 - 997 * share) for day in days),
    ]
    simple = cost_by_day(flows).simple
    assert simple is not None
    ceiling = [Ceiling(DAY_ONE, simple)]
    left = recast_by_day(flows, ceiling, as_of=DAY_ONE + timedelta(days=401))
    assert abs(left.balance - left.overpaid) <= 2 * len(days) + 2


def test_money_lent_again_after_a_payment_has_no_simple_rate() -> None:
    assert cost_by_period([1000, -500, 200, -800]).simple is None
    assert cost_by_period([1000, -500, -400]).simple is None


def test_a_fee_that_is_paid_later_costs_less_than_one_up_front() -> None:
    early, late = (all_in(LENT, PAYMENTS, fees=[Fee(period, 29900)]).with_fees.nominal for period in (0, 12))
    assert early > late > all_in(LENT, PAYMENTS).with_fees.nominal


@pytest.mark.parametrize(
    ("disbursed", "payments", "fees", "key", "field"),
    [
        (LENT, PAYMENTS, [Fee(13, 1)], "cost:fee-out-of-range", "fees"),
        (LENT, PAYMENTS, [Fee(-1, 1)], "cost:fee-out-of-range", "fees"),
        (LENT, PAYMENTS, [Fee(1, -1)], "cost:negative", "payments"),
        (-LENT, PAYMENTS, [], "cost:negative", "payments"),
        (LENT, [*PAYMENTS, -1], [], "cost:negative", "payments"),
        (LENT, [], [], "plan:instalments-out-of-range", "instalments"),
        (LENT, [1] * 601, [], "plan:instalments-out-of-range", "instalments"),
        (LIMIT + 1, PAYMENTS, [], "money:too-large", "flows"),
        (0, PAYMENTS, [], "cost:no-rate", "flows"),
    ],
)
def test_a_loan_that_cannot_be_is_refused(
    disbursed: int, payments: list[int], fees: list[Fee], key: str, field: str
) -> None:
    assert refusal(lambda: all_in(disbursed, payments, fees=fees)) == (key, field)


def test_the_european_rate_counts_months_back_from_each_payment() -> None:
    """MCD example 18, case 2: signed on 12 March 2012, first of 240 payments on 1 May."""
    signed, first = date(2012, 3, 12), date(2012, 5, 1)
    paid = [Flow(day, -143754) for day in due_dates(first, Frequency.MONTHLY, 240)]
    assert percent(european_apr([Flow(signed, 20000000), Flow(signed, -400000), *paid]), 2) == Decimal("6.43")


def test_a_cost_before_the_drawdown_counts_from_before_it() -> None:
    """MCD example 43: 150 a year before, 450 at the start, 120 payments of 356.11 on 30,000."""
    start = date(2015, 1, 1)
    paid = [Flow(day, -35611) for day in due_dates(date(2015, 2, 1), Frequency.MONTHLY, 120)]
    flows = [Flow(date(2014, 1, 1), -15000), Flow(start, 3000000), Flow(start, -45000), *paid]
    assert abs(european_apr(flows) * 100 - Decimal("8.269278")) < Decimal("0.0002")


def test_weeks_of_the_british_rate_are_fifty_second_parts() -> None:
    flows = [Flow(date(2025, 1, 6), 10000), Flow(date(2025, 1, 20), -10100)]
    expected = Decimal("1.01") ** 26 - 1
    assert abs(european_apr(flows, Unit.WEEK, interval=uk_interval) - expected) < Decimal("1E-12")


def test_nothing_drawn_is_no_rate() -> None:
    assert refusal(lambda: european_apr([Flow(DAY_ONE, -1)])) == ("cost:no-rate", "flows")


def test_per_cent_is_rounded_half_up() -> None:
    assert percent(Decimal("0.03055"), 2) == Decimal("3.06")


@pytest.mark.parametrize(
    ("start", "end", "unit", "multiple", "expected"),
    [
        ("1978-02-10", "1978-04-01", "month", 1, (1, Fraction(19, 30))),
        ("1978-05-23", "1978-10-01", "month", 3, (1, Fraction(39, 90))),
        ("1978-03-20", "1978-04-21", "week", 1, (4, Fraction(4, 7))),
        ("1978-02-23", "1978-03-01", "semimonth", 1, (0, Fraction(6, 15))),
        ("2026-04-27", "2027-04-30", "year", 1, (1, Fraction(3, 365))),
        ("2026-01-30", "2027-04-30", "year", 1, (1, Fraction(3, 12))),
        ("2026-01-31", "2026-02-28", "month", 1, (1, Fraction(0))),
        ("2026-01-01", "2026-01-08", "day", 1, (7, Fraction(0))),
    ],
)
def test_american_unit_periods_are_counted_back(
    start: str, end: str, unit: str, multiple: int, expected: tuple[int, Fraction]
) -> None:
    ends = date.fromisoformat(start), date.fromisoformat(end)
    assert unit_periods_between(*ends, UnitPeriod(unit), multiple=multiple) == expected


def test_a_unit_period_that_the_rule_does_not_have_is_refused() -> None:
    ask = lambda: unit_periods_between(DAY_ONE, DAY_ONE, UnitPeriod.YEAR, multiple=2)  # noqa: E731
    assert refusal(ask) == ("cost:unknown-unit-period", "unit_period")


@given(
    rate=st.decimals("0.0001", "0.3", places=5),
    part=st.fractions(0, Fraction(29, 30), max_denominator=30),
    n=st.integers(1, 40),
)
def test_the_american_rate_inverts_its_own_discount(rate: Decimal, part: Fraction, n: int) -> None:
    odd = 1 + rate * part.numerator / part.denominator
    worth = sum(100 / (odd * (1 + rate) ** whole) for whole in range(1, n + 1))
    flows = [UnitFlow(0, Fraction(0), worth), *(UnitFlow(whole, part, Decimal(-100)) for whole in range(1, n + 1))]
    assert abs(american_apr(flows, 12) - 12 * rate) <= Decimal("1E-11")


@pytest.mark.parametrize(
    ("flows", "key"),
    [
        ([(0, 0, 100), (2, 0, -50), (3, 0, 10), (4, 0, -70)], "cost:payment-before-advance"),
        ([(0, 0, -100), (1, 0, 110)], "cost:payment-before-advance"),
        ([(0, 0, 100)], "cost:no-rate"),
        ([], "cost:no-rate"),
        ([(0, 1, 100), (1, 0, -110)], "cost:part-out-of-range"),
        ([(0, 0, 100)] * 2001, "cost:too-many-flows"),
    ],
)
def test_an_american_rate_that_cannot_be_told_is_refused(flows: list[tuple[int, int, int]], key: str) -> None:
    found = [UnitFlow(whole, Fraction(part), Decimal(amount)) for whole, part, amount in flows]
    assert refusal(lambda: american_apr(found, 12))[0] == key


def test_present_value_is_rounded_once() -> None:
    """Three times 100 a year apart at 10 %: 90.909… + 82.644… + 75.131… = 248.685…"""
    flows = [Flow(DAY_ONE + timedelta(days=365 * year), 10000) for year in (1, 2, 3)]
    assert present_value(flows, Decimal("0.1"), on=DAY_ONE) == 24869
    assert present_value(flows, Decimal("0.1"), on=DAY_ONE, rounding=RoundingRule(Rounding.DOWN)) == 24868


def test_money_due_today_and_money_without_interest_are_worth_their_face() -> None:
    assert present_value([Flow(DAY_ONE, 500)], Decimal(9), on=DAY_ONE) == 500
    assert present_value([Flow(DAY_ONE + timedelta(days=9000), 500)], Decimal(0), on=DAY_ONE) == 500
    assert present_value([], Decimal("0.05"), on=DAY_ONE) == 0


@pytest.mark.parametrize("rate", ["-0.01", "101", "NaN", "sNaN", "Infinity", "1E-999999"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    assert refusal(lambda: present_value([], Decimal(rate), on=DAY_ONE)) == ("cost:rate-out-of-range", "yearly_rate")


def test_a_payment_of_the_past_has_no_present_value() -> None:
    late = [Flow(DAY_ONE - timedelta(days=1), 1)]
    assert refusal(lambda: present_value(late, Decimal(0), on=DAY_ONE)) == ("cost:flow-in-the-past", "flows")


@given(
    payments=st.lists(st.integers(0, 400000), max_size=24),
    ceiling=st.decimals("0", "1", places=4),
    fee=st.integers(0, 100000),
)
def test_a_recast_loses_no_minor_unit(payments: list[int], ceiling: Decimal, fee: int) -> None:
    found = recast(LENT, payments, ceiling, fees_up_front=fee)
    assert LENT - fee + found.interest - sum(payments) == found.balance - found.overpaid
    assert all(row.paid == row.interest + row.principal + row.beyond for row in found.payments)
    assert found.balance >= 0
    assert not (found.balance and found.overpaid)


def test_what_is_paid_beyond_the_debt_is_told_apart() -> None:
    assert recast(100000, [60000, 60000], Decimal("0.12")) == replace(
        recast(100000, [60000, 41410], Decimal("0.12")),
        overpaid=18590,
        payments=(
            recast(100000, [60000], Decimal("0.12")).payments[0],
            replace(recast(100000, [60000, 41410], Decimal("0.12")).payments[1], paid=60000, beyond=18590),
        ),
    )


def test_interest_of_a_recast_is_rounded_to_the_minor_unit_whatever_the_instalments_are() -> None:
    assert recast(100001, [0], Decimal("0.12"), rounding=RoundingRule(Rounding.UP, 100)).interest == 1001


def test_what_is_lent_and_repaid_on_one_day_was_lent_first() -> None:
    found = recast_by_day([Flow(DAY_ONE, -500), Flow(DAY_ONE, 1000)], [Ceiling(DAY_ONE, Decimal(0))], as_of=DAY_ONE)
    assert (found.balance, found.overpaid) == (500, 0)


def test_interest_that_a_payment_does_not_cover_bears_none() -> None:
    found = recast(100000, [0, 0, 500], Decimal("0.12"))
    assert (found.balance, found.interest) == (102500, 3000)


@pytest.mark.parametrize(
    ("disbursed", "payments", "fee", "key"),
    [
        (100, [1], 101, "cost:negative"),
        (100, [-1], 0, "cost:negative"),
        (100, [1] * 601, 0, "plan:instalments-out-of-range"),
        (LIMIT + 1, [], 0, "money:too-large"),
    ],
)
def test_a_recast_of_nonsense_is_refused(disbursed: int, payments: list[int], fee: int, key: str) -> None:
    assert refusal(lambda: recast(disbursed, payments, Decimal("0.24"), fees_up_front=fee))[0] == key


def test_each_day_has_the_ceiling_in_force_on_it() -> None:
    """100,000 for 100 days at 36.5 % and 100 days at 18.25 %: 10,000 and 5,000."""
    ceilings = [Ceiling(DAY_ONE + timedelta(days=100), Decimal("0.1825")), Ceiling(DAY_ONE, Decimal("0.365"))]
    found = recast_by_day([Flow(DAY_ONE, 10000000)], ceilings, as_of=DAY_ONE + timedelta(days=200))
    assert (found.interest, found.balance) == (1500000, 11500000)


def test_a_payment_pays_interest_before_principal() -> None:
    flows = [Flow(DAY_ONE, 10000000), Flow(DAY_ONE + timedelta(days=100), -2000000)]
    found = recast_by_day(flows, [Ceiling(DAY_ONE, Decimal("0.365"))], as_of=DAY_ONE + timedelta(days=200))
    assert [(row.interest, row.principal) for row in found.payments] == [(1000000, 1000000)]
    assert found.balance == 9000000 + 900000


def test_days_before_any_ceiling_and_flows_after_the_day_are_refused() -> None:
    flows, ceilings = [Flow(DAY_ONE, 1)], [Ceiling(DAY_ONE + timedelta(days=1), Decimal("0.2"))]
    assert refusal(lambda: recast_by_day(flows, ceilings, as_of=DAY_ONE)) == ("cost:no-ceiling", "ceilings")
    early = [Ceiling(DAY_ONE, Decimal("0.2"))]
    before = DAY_ONE - timedelta(days=1)
    assert refusal(lambda: recast_by_day(flows, early, as_of=before)) == ("cost:flow-too-late", "flows")


@given(
    rate=st.decimals("0", "0.2", places=4),
    periods=st.integers(1, 24),
    present=st.integers(1000, 10**7),
    future=st.integers(0, 10**6),
    due=st.booleans(),
)
def test_the_five_figures_of_an_annuity_agree(
    rate: Decimal, periods: int, present: int, future: int, due: bool
) -> None:
    count, now, then = Decimal(periods), Decimal(present), Decimal(-future)
    payment = annuities.level_payment(rate, count, now, then, due=due)
    assert abs(annuities.future_value(rate, count, payment, now, due=due) - then) < Decimal("1E-15")
    assert abs(annuities.present_worth(rate, count, payment, then, due=due) - now) < Decimal("1E-15")
    paid = sum(annuities.principal_part(rate, place, count, now, then, due=due) for place in range(1, periods + 1))
    # Where payments fall at the start, what is left after the last one still grows for one period.
    left = then / (1 + rate) if due else then
    assert abs(paid + now + left) < Decimal("1E-15")
    # Who owes at the end what was lent at the start pays interest only, for as long as you like.
    if future < present:
        found = annuities.periods_needed(rate, payment, now, then, due=due)
        assert abs(found - count) < Decimal("1E-15")


def test_the_parts_of_an_unrounded_table_are_those_of_the_annuity() -> None:
    table = annuities.unrounded_table(Decimal(2500), Decimal("0.0824") / 12, 12)
    assert round(table[0].principal, 2) == Decimal("200.58")
    assert round(sum(row.interest for row in table), 2) == Decimal("112.98")
    assert abs(table[-1].balance) < Decimal("1E-40")


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        (lambda: annuities.periods_needed(Decimal("0.1"), Decimal(-50), Decimal(1000)), "cost:never-repaid"),
        (lambda: annuities.periods_needed(Decimal(0), Decimal(0), Decimal(1000)), "cost:never-repaid"),
        (lambda: annuities.level_payment(Decimal("0.1"), Decimal(0), Decimal(1000)), "cost:periods-out-of-range"),
        (lambda: annuities.level_payment(Decimal("NaN"), Decimal(1), Decimal(1000)), "cost:rate-out-of-range"),
        (lambda: annuities.level_payment(Decimal(-1), Decimal(1), Decimal(1000)), "cost:rate-out-of-range"),
        (lambda: annuities.interest_part(Decimal("0.1"), 0, Decimal(5), Decimal(9)), "cost:periods-out-of-range"),
        (lambda: annuities.interest_part(Decimal("0.1"), 6, Decimal(5), Decimal(9)), "cost:periods-out-of-range"),
        (lambda: annuities.rate_needed(601, Decimal(-1), Decimal(9), Decimal(0)), "cost:periods-out-of-range"),
        (lambda: annuities.rate_needed(12, Decimal(400), Decimal(10000), Decimal(5000)), "cost:no-rate"),
    ],
)
def test_an_annuity_that_cannot_be_is_refused(ask: Callable[[], Decimal], key: str) -> None:
    assert refusal(ask)[0] == key
