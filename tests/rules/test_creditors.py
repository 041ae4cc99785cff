"""One sum among several creditors: pro rata to the cent, and what the refusal of one leaves as it was."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.creditors import Creditor, Division, Share, after_refusal, divide

CASE, CARD, SHOP = Creditor("case", 3_299_054), Creditor("card", 1_200_000), Creditor("shop", 500_946)
CREDITORS = st.lists(st.integers(1, 10**9), min_size=1, max_size=8).map(
    lambda balances: [Creditor(str(place), balance) for place, balance in enumerate(balances)]
)
SUMS = st.integers(0, 10**10)


def amounts(division: Division) -> list[int]:
    return [share.amount for share in division.shares]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key


def test_a_cap_of_1260_is_shared_by_what_is_owed() -> None:
    # 50,000.00 owed in all: 65.98108 %, 24 % and 10.01892 % of 1,260.00.
    assert amounts(divide(126_000, [CASE, CARD, SHOP])) == [83_136, 30_240, 12_624]


def test_the_odd_cent_goes_to_the_largest_remainder() -> None:
    assert amounts(divide(100, [Creditor("a", 1), Creditor("b", 2)])) == [1, 2]
    assert amounts(divide(100, [Creditor("a", 100), Creditor("b", 200)])) == [33, 67]


def test_equal_remainders_favour_the_earlier_creditor() -> None:
    assert amounts(divide(10, [Creditor(name, 100) for name in "abc"])) == [4, 3, 3]


def test_what_exceeds_all_debts_is_set_aside() -> None:
    assert divide(500, [Creditor("a", 100), Creditor("b", 300)]) == Division(
        (Share("a", 100), Share("b", 300)), set_aside=100
    )


@given(SUMS, CREDITORS)
def test_every_cent_is_somewhere_and_nobody_gets_more_than_is_owed(available: int, creditors: list[Creditor]) -> None:
    division = divide(available, creditors)
    assert division.total == available
    assert all(0 <= share.amount <= each.balance for share, each in zip(division.shares, creditors, strict=True))


@given(SUMS, CREDITORS)
def test_nobody_is_a_whole_cent_from_its_exact_share(available: int, creditors: list[Creditor]) -> None:
    owed = sum(each.balance for each in creditors)
    shared = min(available, owed)
    for share, each in zip(divide(available, creditors).shares, creditors, strict=True):
        assert abs(share.amount * owed - shared * each.balance) < owed


@given(SUMS, CREDITORS, st.integers(0, 7))
def test_a_refusal_leaves_every_other_share_and_the_whole_sum_as_they_were(
    available: int, creditors: list[Creditor], place: int
) -> None:
    division, gone = divide(available, creditors), creditors[place % len(creditors)].key
    after = after_refusal(division, gone)
    assert after.shares == tuple(share for share in division.shares if share.key != gone)
    assert (after.total, after.set_aside) == (available, division.set_aside + division.of(gone))


@given(SUMS, CREDITORS, st.integers(0, 7))
def test_the_shares_kept_are_what_the_rest_of_the_sum_comes_to_anew_within_a_cent(
    available: int, creditors: list[Creditor], place: int
) -> None:
    division, gone = divide(available, creditors), creditors[place % len(creditors)]
    rest = [each for each in creditors if each is not gone]
    kept = after_refusal(division, gone.key)
    anew = amounts(divide(sum(amounts(kept)), rest)) if rest else []
    assert all(abs(one - other) <= 1 for one, other in zip(amounts(kept), anew, strict=True))


def test_to_share_what_is_freed_is_a_new_division_in_which_everybody_has_another_figure() -> None:
    kept = after_refusal(divide(126_000, [CASE, CARD, SHOP]), "card")
    assert amounts(kept) == [83_136, 12_624]
    assert amounts(divide(126_000, [CASE, SHOP])) == [109_390, 16_610]


@given(SUMS, CREDITORS)
def test_when_all_refuse_everything_is_set_aside(available: int, creditors: list[Creditor]) -> None:
    division = divide(available, creditors)
    for each in creditors:
        division = after_refusal(division, each.key)
    assert division == Division((), set_aside=available)


@pytest.mark.parametrize(
    ("available", "creditors", "key"),
    [
        (-1, [CASE], "money:negative"),
        (10**13 + 1, [CASE], "money:too-large"),
        (1, [], "money:no-parts"),
        (1, [CASE, CASE], "creditors:twice"),
        (1, [Creditor("a", 0)], "creditors:nothing-owed"),
        (1, [Creditor("a", -5)], "creditors:nothing-owed"),
    ],
)
def test_what_cannot_be_divided_is_refused(available: int, creditors: list[Creditor], key: str) -> None:
    assert refusal(lambda: divide(available, creditors)) == key


def test_a_creditor_who_is_not_there_cannot_refuse() -> None:
    assert refusal(lambda: after_refusal(divide(1, [CASE]), "shop")) == "creditors:unknown"
