"""Many plans at once have, to the cent, the figures and the refusals that each has alone."""

from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.money import HALF_UP, LIMIT, Rounding, RoundingRule
from mediation.rules.plan_grid import KEYS, Summaries, summaries
from mediation.rules.plans import Frequency, Grace, Terms, Waivers, schedule

HALF_EVEN = RoundingRule(Rounding.HALF_EVEN)
RULES = st.builds(RoundingRule, st.sampled_from(Rounding), st.sampled_from([1, 10, 100, 10000]))

Candidate = tuple[int, int, int, int, int, int]
CANDIDATES = st.lists(
    st.tuples(
        st.integers(10**4, 10**8) | st.integers(-1, 300) | st.integers(1, LIMIT + 1),
        st.integers(1, 30) | st.sampled_from([0, 1, 2, 61, 601]),
        st.just(0) | st.integers(1, 360000) | st.sampled_from([-1, 120000, 10**6, 10**6 + 1]),
        st.integers(0, 4) | st.just(61),
        st.just(0) | st.integers(0, 61),
        st.just(0) | st.integers(-1, 10**5),
    ),
    min_size=1,
    max_size=12,
)


def alone(candidate: Candidate, frequency: Frequency, rule: RoundingRule) -> str | tuple[int, ...]:
    total, n, millionths, only, full, down = candidate
    grace = Grace.INTEREST_ONLY if only else Grace.FULL if full else Grace.NONE
    rate = Decimal(millionths) / 10**6
    first_on = date(2025, 10, 31)
    terms = Terms(
        1, "CNY", total, Waivers(), n, frequency, first_on, rate, grace, only or full,
        down_payment=down, down_payment_on=date(2025, 10, 15) if down else None,
    )  # fmt: skip
    try:
        shown = schedule(terms, rounding=rule)
    except Refused as no:
        return no.key
    amounts = [row.amount for row in shown.instalments[bool(down) :]]
    return amounts[0], amounts[-1], max(amounts), shown.total, shown.interest_total


def together(candidates: list[Candidate], frequency: Frequency, rule: RoundingRule) -> list[str | tuple[int, ...]]:
    total, n, millionths, only, full, down = np.array(candidates).T
    many = summaries(
        agreed_total=total, instalments=n, yearly_millionths=millionths, interest_only=only, full_grace=full,
        down_payment=down, frequency=frequency, rounding=rule,
    )  # fmt: skip
    return [KEYS[many.refused[place]] or figures_at(many, place) for place in range(len(candidates))]


def figures_at(many: Summaries, place: int) -> tuple[int, ...]:
    shown = (many.first, many.last, many.largest, many.total, many.interest_total)
    return tuple(int(figure[place]) for figure in shown)


@given(candidates=CANDIDATES, frequency=st.sampled_from(Frequency), rule=RULES)
@example([(9 * 10**12, 3, 10**6, 0, 0, 0), (LIMIT - 7, 7, 999999, 0, 60, 3)], Frequency.WEEKLY, HALF_UP)
@example([(5200054000000, 1, 999999, 0, 0, 0), (5204054000000, 1, 999999, 0, 0, 0)], Frequency.WEEKLY, HALF_EVEN)
@example([(LIMIT, 9, 123457, 0, 59, 0), (3, 2, 1, 0, 0, 0)], Frequency.MONTHLY, HALF_EVEN)
@example([(300, 2, 0, 0, 0, 0), (301, 2, 0, 0, 0, 0)], Frequency.MONTHLY, RoundingRule(Rounding.DOWN, 100))
@example([(40, 2, 10**5, 0, 60, 0), (40, 3, 10**5, 0, 60, 0)], Frequency.MONTHLY, RoundingRule(Rounding.DOWN, 100))
@example([(300, 600, 10**6, 0, 0, 0), (9000, 600, 10**6, 0, 0, 0)], Frequency.MONTHLY, RoundingRule(Rounding.UP, 10000))
def test_many_plans_have_the_figures_and_refusals_that_each_has_alone(
    candidates: list[Candidate], frequency: Frequency, rule: RoundingRule
) -> None:
    candidates = [(*one[:3], one[3], 0 if one[3] else one[4], one[5]) for one in candidates]
    assert together(candidates, frequency, rule) == [alone(one, frequency, rule) for one in candidates]


def test_scenario_a_has_its_plans() -> None:
    many = summaries(agreed_total=3246027, instalments=[24, 26, 36, 1])
    assert many.level.tolist() == [135251, 124847, 90167, 3246027]
    assert many.last.tolist() == [135254, 124852, 90182, 3246027]
    assert many.holds.all()
    assert set(many.total.tolist()) == {3246027}
    assert not many.interest_total.any()


def test_twenty_six_is_the_fewest_within_the_cap_of_scenario_a() -> None:
    terms = np.arange(1, 61)
    assert terms[summaries(agreed_total=3246027, instalments=terms).largest <= 126000].min() == 26


def test_results_have_the_shape_to_which_the_axes_broadcast() -> None:
    terms, rates, totals = np.arange(1, 13), np.array([0, 60000, 120000]), np.array([10**6, 2 * 10**6])
    many = summaries(agreed_total=totals, instalments=terms[:, None, None], yearly_millionths=rates[:, None])
    assert many.level.shape == many.refused.shape == many.holds.shape == (12, 3, 2)
    assert int(many.level[11, 2, 0]) == 88849
    assert summaries(agreed_total=100, instalments=1).total.shape == ()


@pytest.mark.parametrize(
    ("total", "levels"),
    [
        (10050, {"half_up": 5101, "half_even": 5100, "up": 5101, "down": 5100}),
        (30150, {"half_up": 15302, "half_even": 15302, "up": 15302, "down": 15301}),
        (20100, {"half_up": 10201, "half_even": 10201, "up": 10201, "down": 10201}),
    ],
)
def test_an_instalment_that_comes_out_on_a_tie_or_even_is_decided_exactly(total: int, levels: dict[str, int]) -> None:
    """Two months at 1 % are P·1.0201 / 2.01 each: 100.50 gives 51.005, and 201.00 gives 102.01."""
    rules = {name: RoundingRule.parse(name) for name in levels}
    many = {
        name: summaries(agreed_total=total, instalments=2, yearly_millionths=120000, rounding=rule)
        for name, rule in rules.items()
    }
    assert {name: int(one.level) for name, one in many.items()} == levels


def test_the_largest_payment_is_found_wherever_it_falls() -> None:
    many = summaries(
        agreed_total=100000, instalments=6, yearly_millionths=120000, interest_only=[0, 2, 0], full_grace=[0, 0, 3]
    )
    assert many.largest.tolist() == [17255, 25629, 17255 + 3000]
    assert many.first.tolist() == [17255, 1000, 17255 + 3000]


@pytest.mark.parametrize("totals", [[10**18, 1200], [10**30, 1200], np.array([2**63 + 5, 1200], np.uint64)])
def test_what_int64_cannot_hold_is_marked_and_has_no_figures(totals: npt.ArrayLike) -> None:
    many = summaries(agreed_total=totals, instalments=12)
    assert [KEYS[place] for place in many.refused] == ["money:too-large", ""]
    assert many.total.tolist() == [0, 1200]


def test_two_kinds_of_grace_in_one_plan_are_marked() -> None:
    many = summaries(agreed_total=10**6, instalments=12, yearly_millionths=10, interest_only=1, full_grace=1)
    assert KEYS[many.refused[()]] == "plan:grace-periods-out-of-range"


@pytest.mark.parametrize("wrong", [1.5, [float("nan")], [True], ["12"], [None]])
def test_what_is_no_whole_number_is_an_error(wrong: object) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        summaries(agreed_total=10**6, instalments=wrong)  # type: ignore[arg-type]
