"""The card's figures: one year, the mean of each case's own share, and no figure that points at one person."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.rules.independence import FEWEST_SHOWN, Past, Settled, figures_of

NOTHING = Past(
    running=0, running_with_lender=0, ended=0, unsettled_with_lender=0, settled=(), announced=0, objections=0
)
SETTLED = st.integers(0, 10**12).flatmap(lambda claim: st.builds(Settled, st.just(claim), st.integers(0, claim)))


def test_a_newcomers_card_is_empty() -> None:
    figures = figures_of(NOTHING)
    assert (figures.in_year, figures.with_lender, figures.waiver, figures.objections) == (0, 0, None, None)


def test_cases_with_the_lender_are_those_that_run_settled_or_ended_without() -> None:
    past = replace(
        NOTHING, running=7, running_with_lender=3, ended=6, unsettled_with_lender=1, settled=[Settled(100, 10)] * 2
    )
    figures = figures_of(past)
    assert (figures.in_year, figures.with_lender) == (13, 6)
    assert (figures.running, figures.settled, figures.not_settled) == (3, 2, 1)


def test_the_average_waiver_is_the_mean_of_each_cases_own_share() -> None:
    # 10 %, 20 %, 30 %, 0 % and 25 %: 17 %, however large each claim is.
    settled = [Settled(1_000, 100), Settled(10, 2), Settled(100_000, 30_000), Settled(7, 0), Settled(4, 1)]
    assert figures_of(replace(NOTHING, settled=settled)).waiver == 170


@pytest.mark.parametrize(("waived", "thousandths"), [(1, 0), (2, 0), (3, 1), (4, 1)])
def test_it_is_rounded_half_up_to_a_thousandth(waived: int, thousandths: int) -> None:
    # One case of 1 000 with that much waived among five: 0.2, 0.4, 0.6 and 0.8 thousandths.
    settled = [Settled(1_000, waived), *[Settled(1_000, 0)] * 4]
    assert figures_of(replace(NOTHING, settled=settled)).waiver == thousandths


@pytest.mark.parametrize(("count", "is_shown"), [(FEWEST_SHOWN - 1, False), (FEWEST_SHOWN, True)])
def test_an_average_of_too_few_cases_is_not_shown(count: int, is_shown: bool) -> None:
    figures = figures_of(replace(NOTHING, settled=[Settled(100, 50)] * count))
    assert (figures.waiver is not None) is is_shown


@pytest.mark.parametrize(("announced", "shown"), [(FEWEST_SHOWN - 1, None), (FEWEST_SHOWN, 2)])
def test_objections_against_too_few_appointments_are_not_shown(announced: int, shown: int | None) -> None:
    assert figures_of(replace(NOTHING, announced=announced, objections=2)).objections == shown


def test_a_claim_of_nothing_waives_nothing() -> None:
    assert figures_of(replace(NOTHING, settled=[Settled(0, 0)] * 5)).waiver == 0


@given(st.lists(SETTLED, min_size=FEWEST_SHOWN, max_size=12))
def test_an_average_lies_between_nothing_and_everything(settled: list[Settled]) -> None:
    waiver = figures_of(replace(NOTHING, settled=settled)).waiver
    assert waiver is not None
    assert 0 <= waiver <= 1000
