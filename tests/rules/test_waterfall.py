"""What a payment pays, by law or by a stated order, and that no minor unit is lost on the way."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.loans import Loan, arrears
from mediation.rules.money import HALF_UP, LIMIT
from mediation.rules.waterfall import (
    BY_LAW,
    PRINCIPAL_FIRST,
    Applied,
    Debt,
    Part,
    Sweep,
    apply_payment,
    debts_of,
)

TODAY = date(2025, 9, 25)
JUNE, JULY, AUGUST, OCTOBER = (date(2025, month, 15) for month in (6, 7, 8, 10))
TWO = (
    Debt(JULY, fees=1000, interest=500, penalty=200, principal=10000),
    Debt(JUNE, interest=600, penalty=300, principal=10000),
)
PARTS = st.integers(0, 10**9)
DEBTS = st.lists(
    st.builds(Debt, st.sampled_from([JUNE, JULY, AUGUST, OCTOBER]), *[PARTS] * 4),
    max_size=6,
)


def by_part(applied: Applied) -> dict[str, int]:
    return {part.value: applied.paid_on(part) for part in BY_LAW}


def refusal(call: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key, no.value.field


@pytest.mark.parametrize(
    ("payment", "fees", "interest", "penalty", "principal"),
    [
        (0, 0, 0, 0, 0),
        (900, 900, 0, 0, 0),
        (1500, 1000, 500, 0, 0),
        (2300, 1000, 1100, 200, 0),
        (5000, 1000, 1100, 500, 2400),
        (22600, 1000, 1100, 500, 20000),
    ],
)
def test_by_law_costs_come_first_then_interest_and_penalty_then_principal(
    payment: int, fees: int, interest: int, penalty: int, principal: int
) -> None:
    applied = apply_payment(payment, TWO, on=TODAY)
    assert by_part(applied) == {"fees": fees, "interest": interest, "penalty": penalty, "principal": principal}
    assert applied.beyond == 0


def test_the_oldest_is_paid_first_wherever_it_stands() -> None:
    assert [debt.interest for debt in apply_payment(1700, TWO, on=TODAY).paid] == [100, 600]
    assert [debt.principal for debt in apply_payment(5000, TWO, on=TODAY).paid] == [0, 2400]


def test_a_stated_order_may_put_principal_first() -> None:
    applied = apply_payment(20500, TWO, on=TODAY, order=PRINCIPAL_FIRST)
    assert by_part(applied) == {"fees": 0, "interest": 500, "penalty": 0, "principal": 20000}


def test_debt_by_debt_the_oldest_is_finished_before_the_next_begins() -> None:
    applied = apply_payment(11500, TWO, on=TODAY, sweep=Sweep.DEBT_BY_DEBT)
    assert [debt.total for debt in applied.paid] == [600, 10900]
    assert applied.left[0] == Debt(JULY, fees=400, interest=500, penalty=200, principal=10000)


@pytest.mark.parametrize("sweep", Sweep)
def test_what_is_not_yet_due_waits_for_everything_that_is(sweep: Sweep) -> None:
    debts = (Debt(OCTOBER, fees=100), Debt(JUNE, principal=1000))
    assert [debt.total for debt in apply_payment(1050, debts, on=TODAY, sweep=sweep).paid] == [50, 1000]
    assert [debt.total for debt in apply_payment(1050, debts, on=OCTOBER, sweep=sweep).paid] == [
        {Sweep.PART_BY_PART: 100, Sweep.DEBT_BY_DEBT: 50}[sweep],
        {Sweep.PART_BY_PART: 950, Sweep.DEBT_BY_DEBT: 1000}[sweep],
    ]


def test_debts_of_the_same_day_share_in_proportion() -> None:
    debts = [Debt(JUNE, principal=amount) for amount in (1000, 2000, 3000)]
    assert [debt.principal for debt in apply_payment(100, debts, on=TODAY).paid] == [17, 33, 50]


def test_what_nobody_is_owed_is_left_over() -> None:
    applied = apply_payment(30000, TWO, on=TODAY)
    assert (applied.beyond, sum(debt.total for debt in applied.left)) == (7400, 0)
    assert apply_payment(5, [], on=TODAY) == Applied((), (), 5)


def test_a_payment_on_the_arrears_of_scenario_a() -> None:
    """Product, scenario A: 5,000.00 pays 1,895.97 of interest, 530.27 of penalty, and 2,573.76 of June's principal."""
    loan = Loan.at_monthly_rate(5000000, Decimal("0.0195"), 12, date(2025, 1, 15))
    owed = arrears(loan, 5, as_of=TODAY, penalty_daily_rate=Decimal("0.0005"), rounding=HALF_UP)
    applied = apply_payment(500000, debts_of(owed), on=TODAY)
    assert by_part(applied) == {"fees": 0, "interest": 189597, "penalty": 53027, "principal": 257376}
    assert [debt.principal for debt in applied.paid] == [257376, 0, 0, 0]
    assert applied.left_of(Part.PRINCIPAL) == 1695791 - 257376


@given(
    payment=st.integers(0, 10**11),
    debts=DEBTS,
    order=st.permutations(list(Part)),
    sweep=st.sampled_from(Sweep),
    on=st.sampled_from([date(2025, 1, 1), JULY, TODAY, date(2026, 1, 1)]),
)
def test_a_payment_is_wholly_accounted_for_and_pays_nobody_too_much(
    payment: int, debts: list[Debt], order: Sequence[Part], sweep: Sweep, on: date
) -> None:
    applied = apply_payment(payment, debts, on=on, order=order, sweep=sweep)
    assert sum(debt.total for debt in applied.paid) + applied.beyond == payment
    for debt, paid, left in zip(debts, applied.paid, applied.left, strict=True):
        assert debt.due_on == paid.due_on == left.due_on
        for part in Part:
            assert getattr(paid, part) + getattr(left, part) == getattr(debt, part)
            assert min(getattr(paid, part), getattr(left, part)) >= 0
    assert applied.beyond == 0 or all(debt.total == 0 for debt in applied.left)


@given(payment=st.integers(0, 10**10), debts=DEBTS)
def test_by_law_no_principal_is_paid_while_anything_else_is_due(payment: int, debts: list[Debt]) -> None:
    applied = apply_payment(payment, debts, on=date(2026, 1, 1))
    owing = [applied.left_of(part) > 0 for part in BY_LAW]
    assert all(applied.paid_on(later) == 0 for place, later in enumerate(BY_LAW) if any(owing[:place]))


@pytest.mark.parametrize(
    ("payment", "debts", "order", "key", "field"),
    [
        (-1, TWO, BY_LAW, "money:negative", "payment"),
        (10**18, TWO, BY_LAW, "money:too-large", "payment"),
        (1, (Debt(JUNE, penalty=-1),), BY_LAW, "money:negative", "penalty"),
        (1, (Debt(JUNE, principal=LIMIT), Debt(JULY, fees=1)), BY_LAW, "money:too-large", None),
        (1, TWO, BY_LAW[:3], "waterfall:order-incomplete", "order"),
        (1, TWO, (*BY_LAW, Part.FEES), "waterfall:order-incomplete", "order"),
    ],
)
def test_what_cannot_be_applied_is_refused(
    payment: int, debts: tuple[Debt, ...], order: Sequence[Part], key: str, field: str | None
) -> None:
    assert refusal(lambda: apply_payment(payment, debts, on=TODAY, order=order)) == (key, field)
