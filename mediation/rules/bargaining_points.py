"""Three fair points between two sides who may walk away, on a list of deals or on a curve of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.roots import DIGITS, crossing

Curve = Callable[[Decimal], Decimal]

MOST_POINTS = 200_000


class Fair(StrEnum):
    """What is fair between two sides, each measured from where it stands without a deal.

    nash: the greatest product of the two gains (Nash, Econometrica 18, 1950). kalai_smorodinsky: each gains the
    same share of the most it could gain (Econometrica 43, 1975). egalitarian: both gain the same (Kalai,
    Econometrica 45, 1977).
    """

    NASH = "nash"
    KALAI_SMORODINSKY = "kalai_smorodinsky"
    EGALITARIAN = "egalitarian"


@dataclass(frozen=True, slots=True)
class Point:
    """What a deal is worth to the one side and to the other, each in its own unit."""

    first: Fraction
    second: Fraction


def fairest(points: Sequence[Point], without: Point, fair: Fair) -> int:
    """The place of the fairest of these deals; `without` is what each side has without any.

    On a list no deal may fit exactly: the last two rules take the deal whose worse-off side gains most (of its
    greatest gain on the list, for kalai_smorodinsky), then the better-off one. Exact, in fractions; of equal
    deals the earlier. A deal that leaves a side worse off than none is never taken. Where one side can gain
    nothing at all, the deal is the one that gives the other most. Refused: bargaining:no-gain (no deal leaves
    both as well off), bargaining:too-many-points.
    """
    if len(points) > MOST_POINTS:
        raise Refused("bargaining:too-many-points", field="points", most=MOST_POINTS)
    gains = [(place, point.first - without.first, point.second - without.second) for place, point in enumerate(points)]
    open_to_both = [gain for gain in gains if gain[1] >= 0 and gain[2] >= 0]
    if not open_to_both:
        raise Refused("bargaining:no-gain", field="points")
    most = max(one for _, one, _ in open_to_both), max(two for _, _, two in open_to_both)
    if not all(most):
        return max(open_to_both, key=lambda gain: (gain[1] + gain[2], -gain[0]))[0]
    return max(open_to_both, key=lambda gain: (*_merit(gain[1], gain[2], most, fair), -gain[0]))[0]


def fairest_on_curve(
    curve: Curve, low: Decimal, high: Decimal, without: tuple[Decimal, Decimal], fair: Fair
) -> tuple[Decimal, Decimal]:
    """The fair point where the second side has `curve(x)` when the first has x, from `low` to `high`.

    The curve falls and is concave (the deals and their lotteries), so that each rule has one answer; 20
    decimals. Refused: bargaining:curve-not-falling (as far as its ends tell), bargaining:no-gain.
    """
    with localcontext(DIGITS):
        least = max(low, without[0])
        if high <= low or curve(high) >= curve(low):
            raise Refused("bargaining:curve-not-falling", field="points")
        if least >= high or curve(least) <= without[1]:
            raise Refused("bargaining:no-gain", field="points")
        most = high
        if curve(high) < without[1]:
            most = crossing(lambda x: curve(x) - without[1], least, high)
        if fair is Fair.NASH:
            x = _greatest(lambda x: (x - without[0]) * (curve(x) - without[1]), least, most)
        else:
            slope = Decimal(1)
            if fair is Fair.KALAI_SMORODINSKY:
                slope = (curve(least) - without[1]) / (most - without[0])
            x = _meeting(lambda x: curve(x) - without[1] - slope * (x - without[0]), least, most)
        places = Decimal("1E-20")
        return x.quantize(places), curve(x).quantize(places)


def _merit(one: Fraction, two: Fraction, most: tuple[Fraction, Fraction], fair: Fair) -> tuple[Fraction, Fraction]:
    if fair is Fair.NASH:
        return one * two, one + two
    if fair is Fair.KALAI_SMORODINSKY:
        one, two = one / most[0], two / most[1]
    return min(one, two), max(one, two)


def _meeting(falling: Curve, low: Decimal, high: Decimal) -> Decimal:
    """Where a falling function meets nought, or the end nearest to it."""
    if falling(low) <= 0:
        return low
    return high if falling(high) >= 0 else crossing(falling, low, high)


def _greatest(hill: Curve, low: Decimal, high: Decimal) -> Decimal:
    """The top of a function that rises and then falls, by golden section, within 1E-25 of the span."""
    golden = (Decimal(5).sqrt() - 1) / 2
    narrow = (high - low) * Decimal("1E-25")
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = hill(left), hill(right)
    while high - low > narrow:
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = hill(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = hill(right)
    return (low + high) / 2
