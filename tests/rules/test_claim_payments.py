"""What a payment leaves of a claim: scenario A's claim, by the law's order and by the one that the parties agree."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.claim_payments import Order, after_payment, check_paid_on
from mediation.rules.loans import ClaimFigures

ON = date(2025, 10, 1)
# Scenario A: 16,957.91 due and 13,606.39 not yet due, 1,895.97 of interest, 530.27 of penalty; 32,990.54 in all.
CLAIM = ClaimFigures(1, "CNY", 1_695_791, 1_360_639, 189_597, 53_027, 0)


def test_by_law_interest_and_penalty_are_paid_before_principal() -> None:
    left = after_payment(CLAIM, 300_000, on=ON, order=Order.BY_LAW)
    # 3,000.00 = 1,895.97 + 530.27 + 573.76
    assert left == ClaimFigures(2, "CNY", 1_638_415, 1_360_639, 0, 0, 0)


def test_a_small_payment_goes_to_interest_alone() -> None:
    left = after_payment(CLAIM, 100_000, on=ON, order=Order.BY_LAW)
    assert (left.interest, left.penalty, left.principal) == (89_597, 53_027, 3_056_430)


def test_fees_are_paid_first_of_all() -> None:
    claim = ClaimFigures(1, "CNY", 100_000, 0, 20_000, 0, 5_000)
    left = after_payment(claim, 6_000, on=ON, order=Order.BY_LAW)
    assert (left.fees, left.interest, left.principal_due) == (0, 19_000, 100_000)


def test_where_both_agree_the_principal_comes_first() -> None:
    left = after_payment(CLAIM, 300_000, on=ON, order=Order.PRINCIPAL_FIRST)
    assert left == ClaimFigures(2, "CNY", 1_395_791, 1_360_639, 189_597, 53_027, 0)


@pytest.mark.parametrize("order", Order)
def test_what_is_due_is_paid_before_what_is_not(order: Order) -> None:
    left = after_payment(CLAIM, 2_000_000, on=ON, order=order)
    # 16,957.91 + 1,895.97 + 530.27 = 19,384.15 is due; the other 615.85 goes to the principal not yet due.
    assert left == ClaimFigures(2, "CNY", 0, 1_299_054, 0, 0, 0)


@pytest.mark.parametrize(
    ("payment", "key"),
    [(0, "payment:not-positive"), (-1, "payment:not-positive"), (3_299_054, "payment:whole-claim"),
     (3_299_055, "payment:whole-claim")],
)  # fmt: skip
def test_a_payment_is_more_than_nothing_and_less_than_the_claim(payment: int, key: str) -> None:
    with pytest.raises(Refused, match=key):
        after_payment(CLAIM, payment, on=ON, order=Order.BY_LAW)


def test_one_cent_may_be_left() -> None:
    assert after_payment(CLAIM, 3_299_053, on=ON, order=Order.BY_LAW).total == 1


@given(
    parts=st.tuples(*[st.integers(0, 10**9)] * 5),
    share=st.fractions(min_value=0, max_value=1),
    order=st.sampled_from(Order),
)
def test_the_claim_is_smaller_by_exactly_the_payment_and_no_part_grows(parts, share, order) -> None:  # type: ignore[no-untyped-def]
    claim = ClaimFigures(3, "CNY", *parts)
    payment = int(claim.total * share)
    if not 0 < payment < claim.total:
        return
    left = after_payment(claim, payment, on=ON, order=order)
    assert (left.total, left.version) == (claim.total - payment, 4)
    for name in ("principal_due", "principal_not_due", "interest", "penalty", "fees"):
        assert 0 <= getattr(left, name) <= getattr(claim, name)


@pytest.mark.parametrize(
    ("paid_on", "key"),
    [(date(2025, 9, 23), "payment:before-claim"), (date(2025, 10, 2), "payment:day-in-future")],
)
def test_the_day_lies_between_the_figures_and_today(paid_on: date, key: str) -> None:
    with pytest.raises(Refused, match=key):
        check_paid_on(paid_on, as_of_on=date(2025, 9, 24), today=ON)


@pytest.mark.parametrize("paid_on", [date(2025, 9, 24), ON])
def test_the_day_of_the_figures_and_today_are_taken(paid_on: date) -> None:
    check_paid_on(paid_on, as_of_on=date(2025, 9, 24), today=ON)
