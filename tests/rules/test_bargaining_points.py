"""Fair points between two sides: on a list against trying all, on a curve against what is published."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.bargaining_points import Fair, Point, fairest, fairest_on_curve

POINTS = st.lists(st.tuples(st.integers(-20, 60), st.integers(-20, 60)), min_size=1, max_size=12)
WITHOUT = st.tuples(st.integers(-10, 10), st.integers(-10, 10))


def points(pairs: list[tuple[int, int]]) -> list[Point]:
    return [Point(Fraction(one), Fraction(two)) for one, two in pairs]


def point(pair: tuple[int, int]) -> Point:
    return points([pair])[0]


def gains(pairs: list[tuple[int, int]], without: tuple[int, int]) -> list[tuple[int, int, int]]:
    """The deals that leave both as well off, each with its place and what it gains each."""
    found = [(place, one - without[0], two - without[1]) for place, (one, two) in enumerate(pairs)]
    return [gain for gain in found if min(gain[1:]) >= 0]


@given(pairs=POINTS, without=WITHOUT)
def test_no_deal_has_a_greater_product_of_gains_than_nash_takes(
    pairs: list[tuple[int, int]], without: tuple[int, int]
) -> None:
    open_to_both = gains(pairs, without)
    assume(open_to_both)
    taken = fairest(points(pairs), point(without), Fair.NASH)
    products = {place: one * two for place, one, two in open_to_both}
    assert products[taken] == max(products.values())


@given(pairs=POINTS, without=WITHOUT)
def test_no_deal_leaves_its_worse_off_side_better_off_than_the_egalitarian(
    pairs: list[tuple[int, int]], without: tuple[int, int]
) -> None:
    open_to_both = gains(pairs, without)
    assume(open_to_both)
    assume(all(max(gain[side] for gain in open_to_both) for side in (1, 2)))
    taken = fairest(points(pairs), point(without), Fair.EGALITARIAN)
    least = {place: min(one, two) for place, one, two in open_to_both}
    assert least[taken] == max(least.values())


@given(pairs=POINTS, without=WITHOUT, fair=st.sampled_from(list(Fair)))
def test_no_other_deal_is_better_for_both(pairs: list[tuple[int, int]], without: tuple[int, int], fair: Fair) -> None:
    open_to_both = gains(pairs, without)
    assume(open_to_both)
    one, two = pairs[fairest(points(pairs), point(without), fair)]
    assert not any(other > one and another > two for other, another in pairs)


@given(
    pairs=POINTS,
    without=WITHOUT,
    scale=st.fractions("1/7", 9, max_denominator=20),
    shift=st.integers(-50, 50),
    fair=st.sampled_from([Fair.NASH, Fair.KALAI_SMORODINSKY]),
)
def test_the_unit_in_which_a_side_counts_decides_nothing(
    pairs: list[tuple[int, int]], without: tuple[int, int], scale: Fraction, shift: int, fair: Fair
) -> None:
    open_to_both = gains(pairs, without)
    assume(len({gain[1:] for gain in open_to_both}) == len(open_to_both) > 0)
    # Where two deals are equally fair the greater sum of gains decides, which has no unit of its own.
    assume(fair is Fair.KALAI_SMORODINSKY or len({one * two for _, one, two in open_to_both}) == len(open_to_both))
    assume(all(max(gain[side] for gain in open_to_both) for side in (1, 2)))
    other = [Point(one.first * scale + shift, one.second) for one in points(pairs)]
    moved = Point(without[0] * scale + shift, Fraction(without[1]))
    assert fairest(other, moved, fair) == fairest(points(pairs), point(without), fair)


def test_the_three_rules_differ_where_they_should() -> None:
    """Gains (10, 0), (8, 3), (5, 5), (3, 6): products 0, 24, 25, 18; shares of (10, 6): 0.5, 0.5 and 0.83, 0.3."""
    deals = points([(10, 0), (8, 3), (5, 5), (3, 6)])
    nowhere = Point(Fraction(0), Fraction(0))
    assert fairest(deals, nowhere, Fair.NASH) == 2
    assert fairest(deals, nowhere, Fair.EGALITARIAN) == 2
    assert fairest(deals, nowhere, Fair.KALAI_SMORODINSKY) == 2
    lopsided = points([(100, 1), (60, 2), (10, 3), (2, 4)])
    assert fairest(lopsided, nowhere, Fair.NASH) == 1
    assert fairest(lopsided, nowhere, Fair.KALAI_SMORODINSKY) == 1
    assert fairest(lopsided, nowhere, Fair.EGALITARIAN) == 2


def test_of_equal_products_the_greater_sum_is_taken() -> None:
    assert fairest(points([(4, 3), (2, 6)]), Point(Fraction(0), Fraction(0)), Fair.NASH) == 1


def test_of_equal_deals_the_earlier_is_taken() -> None:
    assert fairest(points([(1, 9), (5, 5), (5, 5)]), Point(Fraction(0), Fraction(0)), Fair.NASH) == 1


def test_where_one_side_can_gain_nothing_the_other_gains_most() -> None:
    for fair in Fair:
        assert fairest(points([(0, 3), (0, 7), (-1, 9)]), Point(Fraction(0), Fraction(0)), fair) == 1


@pytest.mark.parametrize("pairs", [[], [(-1, 5)], [(5, -1), (-1, 5)]])
def test_no_deal_that_leaves_a_side_worse_off_is_taken(pairs: list[tuple[int, int]]) -> None:
    with pytest.raises(Refused, match="bargaining:no-gain"):
        fairest(points(pairs), Point(Fraction(0), Fraction(0)), Fair.NASH)


def test_more_deals_than_can_be_weighed_are_refused() -> None:
    with pytest.raises(Refused, match="bargaining:too-many-points"):
        fairest([Point(Fraction(1), Fraction(1))] * 200_001, Point(Fraction(0), Fraction(0)), Fair.NASH)


def straight(x: Decimal) -> Decimal:
    return 100 - x


def test_on_a_straight_line_of_money_the_gain_is_halved() -> None:
    """Splitting 100 with 10 and 30 to walk away with leaves 60 to share: 40 and 60, by every rule."""
    for fair in Fair:
        found = fairest_on_curve(straight, Decimal(0), Decimal(100), (Decimal(10), Decimal(30)), fair)
        assert found == (Decimal(40), Decimal(60)), fair


def test_on_a_bent_line_the_rules_part() -> None:
    """y = min(10, 30 − x) to 30 (Kalai and Smorodinsky's figure): (15, 15) is out of reach, so each rule differs."""

    def bent(x: Decimal) -> Decimal:
        return min(10 - x / 1000, 30 - x)

    ends = Decimal(0), Decimal(30), (Decimal(0), Decimal(0))
    nash, shares, equal = (fairest_on_curve(bent, *ends, fair) for fair in Fair)
    assert abs(nash[0] - Decimal(20)) < Decimal("0.1")
    assert abs(shares[0] - Decimal("22.5")) < Decimal("0.1")
    assert abs(equal[0] - equal[1]) < Decimal("1E-19")
    assert abs(equal[0] - Decimal(10)) < Decimal("0.1")


@given(n=st.integers(1, 1000), without=st.decimals("0", "0.6", places=2))
def test_the_published_curve_keeps_its_answer_in_every_unit(n: int, without: Decimal) -> None:
    def curve(x: Decimal) -> Decimal:
        return max(Decimal(0), 1 - (10 * x / n) ** 2).sqrt()

    high = Decimal(n) / 10
    x, y = fairest_on_curve(curve, Decimal(0), high, (without * high, without), Fair.KALAI_SMORODINSKY)
    assert abs(x / high - y) < Decimal("1E-15")
    assert abs(y - Decimal("0.5").sqrt()) < Decimal("1E-15")


@pytest.mark.parametrize(
    ("low", "high", "without", "key"),
    [
        (0, 0, (0, 0), "bargaining:curve-not-falling"),
        (0, 100, (0, 100), "bargaining:no-gain"),
        (0, 100, (100, 0), "bargaining:no-gain"),
        (0, 100, (60, 60), "bargaining:no-gain"),
    ],
)
def test_a_curve_without_a_gain_for_both_is_refused(low: int, high: int, without: tuple[int, int], key: str) -> None:
    with pytest.raises(Refused, match=key):
        fairest_on_curve(straight, Decimal(low), Decimal(high), (Decimal(without[0]), Decimal(without[1])), Fair.NASH)
