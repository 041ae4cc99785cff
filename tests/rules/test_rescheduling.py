"""A running loan under other terms, to the cent: each offer by example, and what all of them conserve."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.dated_schedules import (
    Period,
    level_divisors,
    periods,
    rate_factor,
    repay_by_days,
    repay_in_payments,
)
from mediation.rules.day_counts import DayCount, months_later
from mediation.rules.loans import Frequency, Loan, Schedule, loan_schedule
from mediation.rules.money import HALF_UP, LIMIT, Rounding, RoundingRule
from mediation.rules.rescheduling import (
    PayOff,
    Running,
    accrued_interest,
    change_date,
    change_rate,
    extend,
    pause,
    pay_off,
    re_age,
)

HALF_EVEN = RoundingRule(Rounding.HALF_EVEN)
RULES = st.sampled_from([HALF_UP, HALF_EVEN, RoundingRule(Rounding.UP), RoundingRule(Rounding.UP, 100)])
# The loan of scenario A: 50,000 in 12 months at 1.95 % a month, five paid.
TERMS = Loan.at_monthly_rate(5000000, Decimal("0.0195"), 12, date(2025, 1, 15))
LOAN = Running(loan_schedule(TERMS, rounding=HALF_UP), 5, TERMS.yearly_rate)
NEXT_DUE = date(2025, 6, 15)


@st.composite
def running(draw: st.DrawFn) -> Running:
    frequency, rule = draw(st.sampled_from(list(Frequency))), draw(RULES)
    terms = Loan(
        draw(st.integers(10**6, 10**9)),
        draw(st.decimals("0", "0.6", places=3)),
        draw(st.integers(2, 36)),
        draw(st.dates(date(2020, 1, 1), date(2030, 12, 31))),
        frequency,
    )
    return Running(
        loan_schedule(terms, rounding=rule), draw(st.integers(0, terms.term - 1)), terms.yearly_rate, frequency, rule
    )


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key


def amounts(plan: Schedule) -> list[int]:
    return [row.amount for row in plan.instalments]


def check_conserves(loan: Running, plan: Schedule) -> None:
    """What was paid stays, what was lent is repaid, and every sum is the sum of its parts."""
    rows, lent = plan.instalments, sum(row.principal for row in loan.schedule.instalments)
    assert rows[: loan.paid] == loan.schedule.instalments[: loan.paid]
    assert sum(row.principal for row in rows) == lent
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.amount == row.principal + row.interest for row in rows)
    assert all(row.remaining == lent - sum(one.principal for one in rows[: row.number]) for row in rows)
    assert plan.total == sum(amounts(plan)) == lent + plan.interest_total
    assert [row.due_on for row in rows] == sorted({row.due_on for row in rows})


@given(loan=running(), count=st.integers(1, 24), rate=st.decimals("0", "0.6", places=3), paid=st.booleans())
def test_every_offer_conserves_what_was_lent(loan: Running, count: int, rate: Decimal, paid: bool) -> None:
    missed = min(count, len(loan.unpaid))
    later = loan.unpaid[-1].due_on + timedelta(days=count)
    for plan in (
        extend(loan, count),
        change_rate(loan, rate),
        change_date(loan, loan.unpaid[0].due_on + timedelta(days=count)),
        pause(loan, count, interest_paid=paid),
        re_age(loan, missed, later, charges=count),
    ):
        check_conserves(loan, plan)


@given(loan=running(), charges=st.integers(0, 10**6), data=st.data())
def test_re_ageing_adds_the_arrears_and_nothing_else(loan: Running, charges: int, data: st.DataObject) -> None:
    missed = data.draw(st.integers(1, len(loan.unpaid)))
    later = loan.unpaid[-1].due_on + timedelta(days=1)
    without = re_age(loan, 1, later, charges=0)
    arrears = sum(row.interest for row in loan.unpaid[:missed]) - loan.unpaid[0].interest
    assert re_age(loan, missed, later, charges=charges).total - without.total == arrears + charges


@given(loan=running(), data=st.data())
def test_waiting_never_makes_paying_off_cheaper(loan: Running, data: st.DataObject) -> None:
    start = loan.schedule.instalments[loan.paid - 1].due_on if loan.paid else loan.unpaid[0].due_on
    one, two = sorted(data.draw(st.tuples(st.integers(0, 400), st.integers(0, 400))))
    found = [pay_off(loan, start + timedelta(days=days)) for days in (one, two)]
    assert found[0].principal == found[1].principal == loan.owed
    assert found[0].interest <= found[1].interest


@given(charges=st.integers(0, 10**6), count=st.integers(4, 24), more=st.integers(1, 12), days=st.integers(1, 60))
def test_without_interest_nothing_is_lost_by_one_offer_after_another(
    charges: int, count: int, more: int, days: int
) -> None:
    bare = Running(loan_schedule(replace(TERMS, yearly_rate=Decimal(0)), rounding=HALF_UP), 5, Decimal(0))
    aged = replace(bare, schedule=re_age(bare, 2, date(2025, 10, 31), instalments=count, charges=charges))
    due = aged.unpaid[0].due_on + timedelta(days=days)
    for plan in (
        extend(aged, more),
        pause(aged, more),
        pause(aged, more, interest_paid=True),
        change_rate(aged, Decimal(0)),
        change_date(aged, due),
        re_age(aged, 1, due, instalments=more),
    ):
        assert plan.total == TERMS.principal + charges
    assert pay_off(aged, date(2025, 10, 1)).total == sum(row.amount for row in aged.unpaid)


def test_the_interest_of_a_pause_is_not_lost_when_the_term_grows() -> None:
    paused = replace(LOAN, schedule=pause(LOAN, 2))
    assert (LOAN.older, paused.older) == (0, 119201)
    assert extend(paused, 3).instalments[5].interest == 59600 + 119201


def test_paying_off_in_a_pause_counts_its_days() -> None:
    """92 days to 15 August hold 1,788.01 of interest; 30 of them have passed."""
    found = pay_off(replace(LOAN, schedule=pause(LOAN, 2)), date(2025, 6, 14))
    assert found == PayOff(3056430, round(Decimal("178801.385") * 30 / 92), 30, 92)


@given(loan=running())
def test_a_longer_term_never_raises_the_level_instalment(loan: Running) -> None:
    if len(loan.unpaid) > 1:
        assert extend(loan, 6).instalments[loan.paid].amount <= loan.unpaid[0].amount


def test_three_more_months_lower_the_instalment_of_scenario_a() -> None:
    """30,564.30 at 1.95 % in ten months: 3,393.722… (annuity formula)."""
    plan = extend(LOAN, 3)
    assert amounts(plan)[5:] == [339372] * 9 + [339374]
    assert plan.instalments[-1].due_on == date(2026, 3, 15)


def test_a_loan_without_interest_is_spread_evenly() -> None:
    """Apache Fineract, LoanReschedule.feature: two more months for 2,000 of 3,000."""
    bare = Running(loan_schedule(Loan(300000, Decimal(0), 3, date(2023, 8, 1)), rounding=HALF_UP), 1, Decimal(0))
    assert amounts(extend(bare, 2)) == [100000, 50000, 50000, 50000, 50000]
    paused = pause(bare, 1, interest_paid=True)
    assert [(row.due_on, row.amount) for row in paused.instalments] == [
        (date(2023, 8, 1), 100000),
        (date(2023, 10, 1), 100000),
        (date(2023, 11, 1), 100000),
    ]


def test_a_rate_of_nought_leaves_the_principal_alone() -> None:
    plan = change_rate(LOAN, Decimal(0))
    assert plan.total - sum(amounts(LOAN.schedule)[:5]) == LOAN.owed == 3056430
    assert [row.due_on for row in plan.instalments] == [row.due_on for row in LOAN.schedule.instalments]


def test_the_rate_of_the_contract_changes_nothing_but_where_the_odd_cents_lie() -> None:
    plan = change_rate(LOAN, TERMS.yearly_rate)
    assert abs(plan.total - LOAN.schedule.total) <= len(LOAN.unpaid)
    assert plan.instalments[5].interest == LOAN.unpaid[0].interest


def test_a_later_day_costs_the_days_of_its_period() -> None:
    """596.00 for the 31 days to 15 June; 46 days to the 30th cost 884.39."""
    plan = change_date(LOAN, date(2025, 6, 30))
    first = plan.instalments[5]
    assert (LOAN.unpaid[0].interest, first.interest) == (59600, 88439)
    assert [row.due_on for row in plan.instalments[5:8]] == [date(2025, 6, 30), date(2025, 7, 30), date(2025, 8, 30)]
    assert plan.total - LOAN.schedule.total == 88439 - 59600


def test_a_pause_with_interest_carries_no_principal() -> None:
    plan = pause(LOAN, 2, interest_paid=True)
    assert [(row.principal, row.interest) for row in plan.instalments[5:7]] == [(0, 59600), (0, 59600)]
    assert len(plan.instalments) == 14


def test_a_pause_without_interest_adds_it_to_the_next_instalment() -> None:
    plan = pause(LOAN, 2)
    assert plan.instalments[5].due_on == date(2025, 8, 15)
    assert plan.instalments[5].interest == 59600 + 119201
    assert len(plan.instalments) == 12


def test_the_arrears_of_scenario_a_are_folded_into_twenty_six_months() -> None:
    """Four missed, 1,895.97 of interest and 530.27 of penalty; no interest from then on."""
    plan = re_age(LOAN, 4, date(2025, 10, 31), instalments=26, charges=53027, yearly_rate=Decimal(0))
    assert sum(amounts(plan)[5:]) == 3299054
    assert plan.instalments[5].interest == (189597 + 53027) // 26
    assert plan.instalments[-1].due_on == date(2027, 11, 30)


def test_a_day_within_a_period_costs_its_share_of_the_interest() -> None:
    """Apache Fineract, payoff on 15 February: 14 of the 29 days on 83.57 at 7 %."""
    plan = loan_schedule(Loan(10000, Decimal("0.07"), 6, date(2024, 2, 1)), rounding=HALF_EVEN)
    loan = Running(plan, 1, Decimal("0.07"), rounding=HALF_EVEN)
    found = pay_off(loan, date(2024, 2, 15))
    assert found == PayOff(principal=8357, interest=24, days=14, of_days=29)
    assert found.total == 8381
    first = pay_off(replace(loan, paid=0), date(2024, 1, 15))
    assert (first.principal, first.interest) == (10000, 26)


def test_paying_off_after_missed_instalments_takes_their_interest_and_the_days_since() -> None:
    found = pay_off(LOAN, date(2025, 9, 25))
    missed = sum(row.interest for row in LOAN.unpaid[:4])
    assert missed == 189597
    # 13,606.39 is not yet due and bears interest for 10 of the 30 days; what is past due draws the penalty instead.
    assert found == PayOff(3056430, missed + round(1360639 * Fraction(195, 10000) * 10 / 30), 10, 30)


def test_on_a_due_date_its_instalment_is_due_and_the_next_period_has_just_begun() -> None:
    assert pay_off(LOAN, NEXT_DUE) == PayOff(3056430, 59600, 0, 30)


def test_after_the_last_due_date_no_more_days_are_counted() -> None:
    found = pay_off(LOAN, date(2027, 1, 1))
    assert (found.interest, found.days) == (sum(row.interest for row in LOAN.unpaid), 0)


def test_an_extension_keeps_to_the_end_of_the_month() -> None:
    plan = loan_schedule(Loan(300000, Decimal(0), 2, date(2025, 1, 31)), rounding=HALF_UP)
    days = [row.due_on for row in extend(Running(plan, 1, Decimal(0)), 2).instalments]
    assert days == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]


def test_a_weekly_loan_goes_on_by_weeks() -> None:
    plan = loan_schedule(Loan(300000, Decimal(0), 2, date(2025, 1, 6), Frequency.WEEKLY), rounding=HALF_UP)
    days = [row.due_on for row in extend(Running(plan, 1, Decimal(0), Frequency.WEEKLY), 1).instalments]
    assert days == [date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)]


@pytest.mark.parametrize(
    ("offer", "key"),
    [
        (lambda: extend(replace(LOAN, paid=12), 1), "loan:nothing-left"),
        (lambda: extend(replace(LOAN, paid=-1), 1), "loan:nothing-left"),
        (lambda: extend(LOAN, 0), "plan:instalments-out-of-range"),
        (lambda: extend(LOAN, 589), "plan:instalments-out-of-range"),
        (lambda: change_rate(LOAN, Decimal("-0.1")), "plan:rate-out-of-range"),
        (lambda: change_date(LOAN, date(2025, 5, 15)), "loan:date-before-last-due"),
        (lambda: pause(LOAN, 0), "plan:grace-periods-out-of-range"),
        (lambda: pause(LOAN, 61), "plan:grace-periods-out-of-range"),
        (lambda: pause(longest(), 1), "plan:instalments-out-of-range"),
        (lambda: re_age(LOAN, 0, NEXT_DUE), "loan:missed-out-of-range"),
        (lambda: re_age(LOAN, 8, NEXT_DUE), "loan:missed-out-of-range"),
        (lambda: re_age(LOAN, 1, NEXT_DUE, charges=-1), "cost:negative"),
        (lambda: re_age(LOAN, 1, date(2025, 5, 15)), "loan:date-before-last-due"),
        (lambda: re_age(LOAN, 1, NEXT_DUE, instalments=0), "plan:instalments-out-of-range"),
        (lambda: pay_off(LOAN, date(2025, 5, 14)), "loan:date-before-last-due"),
        (lambda: pay_off(replace(LOAN, paid=12), NEXT_DUE), "loan:nothing-left"),
        (lambda: accrual(date(2025, 5, 14)), "days:end-before-start"),
        (lambda: accrual(date(2025, 6, 16)), "days:end-before-start"),
    ],
)
def test_an_offer_that_cannot_be_is_refused(offer: Callable[[], object], key: str) -> None:
    assert refusal(offer) == key


def longest() -> Running:
    return Running(loan_schedule(replace(TERMS, term=600, yearly_rate=Decimal(0)), rounding=HALF_UP), 0, Decimal(0))


def accrual(on: date) -> int:
    return accrued_interest(100, Decimal("0.1"), date(2025, 5, 15), NEXT_DUE, on=on, rounding=HALF_UP)


def test_a_tuned_instalment_brings_the_last_one_nearer() -> None:
    """10 at 30 % in six months by days: 1.82 and a last one of 1.78, or 1.81 and 1.83."""
    spans = spans_of(Decimal("0.30"), 6)
    assert amounts(repay_by_days(1000, spans, HALF_EVEN)) == [182] * 5 + [178]
    assert amounts(repay_by_days(1000, spans, HALF_EVEN, tuned=True)) == [181] * 5 + [183]


def test_an_instalment_that_tuning_does_not_better_stays() -> None:
    """Apache Fineract, testEMICalculation_CheckEmiButNewEmiNotBetterThanOriginal: 17.44 would end in 17.40."""
    spans = spans_of(Decimal("0.15678"), 6)
    assert amounts(repay_by_days(10000, spans, HALF_EVEN, tuned=True)) == [1743] * 5 + [1747]


@given(
    principal=st.integers(10**4, 10**8), rate=st.decimals("0", "0.9", places=4), count=st.integers(1, 36), rule=RULES
)
def test_tuning_never_worsens_the_last_instalment_and_conserves_the_rest(
    principal: int, rate: Decimal, count: int, rule: RoundingRule
) -> None:
    spans = spans_of(rate, count)
    try:
        plain = repay_by_days(principal, spans, rule)
    except Refused:
        assume(False)
    tuned = repay_by_days(principal, spans, rule, tuned=True)
    assert abs(apart(tuned)) <= abs(apart(plain))
    for plan in (plain, tuned):
        assert sum(row.principal for row in plan.instalments) == principal
        assert plan.total == principal + plan.interest_total == sum(amounts(plan))
        assert plan.instalments[-1].remaining == 0


def spans_of(rate: Decimal, count: int) -> tuple[Period, ...]:
    due_on = [months_later(date(2024, 1, 1), place) for place in range(1, count + 1)]
    return periods(rate, date(2024, 1, 1), due_on, DayCount.ACTUAL_365)


def apart(plan: Schedule) -> int:
    return plan.instalments[-1].amount - plan.instalments[0].amount


@given(principal=st.integers(1, 10**7), payment=st.integers(10**5, 10**7), rate=st.decimals("0", "0.01", places=4))
def test_a_stated_payment_is_met_by_all_but_the_last(principal: int, payment: int, rate: Decimal) -> None:
    try:
        plan = repay_in_payments(principal, rate, payment, NEXT_DUE, Frequency.MONTHLY, HALF_UP)
    except Refused:
        assume(False)
    assert amounts(plan)[:-1] == [payment] * (len(plan.instalments) - 1)
    assert 0 < amounts(plan)[-1] <= payment
    assert sum(row.principal for row in plan.instalments) == principal


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        (lambda: repay_in_payments(0, Decimal(0), 1, NEXT_DUE, Frequency.MONTHLY, HALF_UP), "plan:total-not-positive"),
        (lambda: repay_in_payments(LIMIT + 1, Decimal(0), 1, NEXT_DUE, Frequency.MONTHLY, HALF_UP), "money:too-large"),
        (lambda: repay_in_payments(100, Decimal(1), 100, NEXT_DUE, Frequency.MONTHLY, HALF_UP), "cost:never-repaid"),
        (
            lambda: repay_in_payments(601, Decimal(0), 1, NEXT_DUE, Frequency.MONTHLY, HALF_UP),
            "plan:instalments-out-of-range",
        ),
        (lambda: repay_by_days(0, spans_of(Decimal(0), 2), HALF_UP), "plan:total-not-positive"),
        (lambda: repay_by_days(1, spans_of(Decimal(0), 3), HALF_UP), "plan:instalment-too-small"),
        (lambda: repay_by_days(850, spans_of(Decimal(0), 600), HALF_UP), "plan:last-instalment-too-large"),
        (lambda: periods(Decimal(0), NEXT_DUE, [], DayCount.ACTUAL_365), "plan:instalments-out-of-range"),
        (lambda: periods(Decimal("NaN"), NEXT_DUE, [NEXT_DUE], DayCount.ACTUAL_365), "cost:rate-out-of-range"),
        (lambda: rate_factor(Decimal("0.1"), -1, 365), "cost:periods-out-of-range"),
        (lambda: level_divisors(Decimal("0.1"), [30], 0), "cost:periods-out-of-range"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(ask: Callable[[], object], key: str) -> None:
    assert refusal(ask) == key
