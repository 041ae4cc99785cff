"""Every rate at which a sum of amounts at different times comes to nought, with a count that cannot be wrong unseen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import gcd, lcm

from mediation.errors import Refused

ROOT_PLACES = 24
LEAST_RATE = Decimal("-0.999999999999")
MOST_RATE = Decimal(10) ** 9
MOST_TERMS = 2000
MOST_CHANGES = 12

# No rate in the domain makes a number that 60 digits cannot hold: the exponents have no limit worth naming.
DIGITS = Context(prec=60, Emax=10**15, Emin=-(10**15))
_NARROW = Decimal("1E-34")
_TOUCHING = Decimal("1E-25")

Function = Callable[[Decimal], Decimal]


@dataclass(frozen=True, slots=True)
class Term:
    """An amount, in any one unit, and when it moves, in units of time after (or before) any one moment."""

    time: Fraction
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Root:
    """A rate per unit of time, to ROOT_PLACES decimals; `touches`: the sum reaches nought there and turns back."""

    rate: Decimal
    touches: bool = False


def roots(terms: Sequence[Term]) -> tuple[Root, ...]:
    """Every rate i per unit of time with Σ amount·(1 + i)^−time = 0, from LEAST_RATE to MOST_RATE, rising.

    Amounts that change sign once (a loan, then its payments) have exactly one rate, by Descartes' rule of
    signs, which holds for any powers. Where they change sign s times the sum is divided by one of its powers
    and differentiated, which takes one change away (Descartes' own proof); between the roots of that the sum
    only rises or only falls, so at most one root lies in each stretch and none is missed. Two roots are told
    apart, and from a mere approach, while the turning value between them is more than 1E-25 of the sum of
    the absolute terms; below that they are given as one that touches.
    Refused: cost:too-many-flows, cost:too-many-changes (of sign).
    """
    if len(terms) > MOST_TERMS:
        raise Refused("cost:too-many-flows", field="flows", most=MOST_TERMS)
    with localcontext(DIGITS):
        powers, unit = _powers(terms)
        if _changes(powers) > MOST_CHANGES:
            raise Refused("cost:too-many-changes", field="flows", most=MOST_CHANGES)
        low, high = (1 + LEAST_RATE).ln() * unit, (1 + MOST_RATE).ln() * unit
        found = _crossings(powers, low, high)
        return tuple(Root(_rounded((place / unit).exp() - 1), touches) for place, touches in found)


def crossing(value: Function, low: Decimal, high: Decimal) -> Decimal:
    """Where `value`, of opposite signs at `low` and `high`, changes sign; within 1E-34 of the larger end.

    Chandrupatla's method (Advances in Engineering Software 28, 1997): the bracket always holds the change, by
    inverse quadratic interpolation where that is safe and by halves elsewhere. Call it under DIGITS.
    """
    ahead, behind, third = high, low, low
    at_ahead, at_behind, at_third = value(ahead), value(behind), value(low)
    narrow = _NARROW * max(abs(low), abs(high), Decimal(1))
    share = Decimal("0.5")
    while at_ahead and at_behind and abs(ahead - behind) > narrow:
        probe = ahead + share * (behind - ahead)
        at_probe = value(probe)
        if (at_probe > 0) == (at_ahead > 0):
            third, at_third = ahead, at_ahead
        else:
            third, behind, at_third, at_behind = behind, ahead, at_behind, at_ahead
        ahead, at_ahead = probe, at_probe
        share = _share((ahead, behind, third), (at_ahead, at_behind, at_third), narrow)
    return ahead if abs(at_ahead) <= abs(at_behind) else behind


def _powers(terms: Sequence[Term]) -> tuple[list[tuple[int, Decimal]], Decimal]:
    """The terms as whole powers of (1 + i)^−unit, rising, none of them nought, and that unit of time."""
    amounts: dict[Fraction, Decimal] = {}
    for term in terms:
        amounts[term.time] = amounts.get(term.time, Decimal(0)) + term.amount
    times = sorted(time for time, amount in amounts.items() if amount)
    if not times:
        return [], Decimal(1)
    parts = lcm(*(time.denominator for time in times))
    steps = [int((time - times[0]) * parts) for time in times]
    common = gcd(*steps) or 1
    powers = [(step // common, amounts[time]) for step, time in zip(steps, times, strict=True)]
    return powers, Decimal(common) / parts


def _changes(powers: Sequence[tuple[int, Decimal]]) -> int:
    return sum((one > 0) != (two > 0) for (_, one), (_, two) in zip(powers, powers[1:], strict=False))


def _crossings(powers: Sequence[tuple[int, Decimal]], low: Decimal, high: Decimal) -> list[tuple[Decimal, bool]]:
    """Every place between, as the logarithm of growth over one unit, and whether the sum only touches nought there."""
    if not _changes(powers):
        return []
    turns = [place for place, _ in _crossings(_without_a_change(powers), low, high)]
    found = [(place, True) for place in turns if _is_nought(powers, place)]
    touched = {place for place, _ in found}
    ends = [low, *turns, high]
    signs = [Decimal(0) if place in touched else _value(powers, place) for place in ends]
    for place in range(len(ends) - 1):
        if signs[place] * signs[place + 1] < 0:
            found.append((crossing(lambda at: _value(powers, at), ends[place], ends[place + 1]), False))
    found += [(end, False) for end, sign in ((low, signs[0]), (high, signs[-1])) if not sign]
    return sorted(found)


def _without_a_change(powers: Sequence[tuple[int, Decimal]]) -> list[tuple[int, Decimal]]:
    for (pivot, one), (_, two) in zip(powers, powers[1:], strict=False):
        if (one > 0) != (two > 0):
            return [(power, amount * (power - pivot)) for power, amount in powers if power != pivot]
    return list(powers)


def _value(powers: Sequence[tuple[int, Decimal]], place: Decimal) -> Decimal:
    factor = (-place).exp()
    total, grown, reached = Decimal(0), Decimal(1), 0
    for power, amount in powers:
        grown *= factor ** (power - reached)
        reached = power
        total += amount * grown
    return total


def _is_nought(powers: Sequence[tuple[int, Decimal]], place: Decimal) -> bool:
    size = _value([(power, abs(amount)) for power, amount in powers], place)
    return abs(_value(powers, place)) <= _TOUCHING * size


def _share(places: tuple[Decimal, ...], values: tuple[Decimal, ...], narrow: Decimal) -> Decimal:
    """How far from the first place towards the second the next probe lies."""
    (a, b, c), (fa, fb, fc) = places, values
    half = Decimal("0.5")
    if fa == fb or fc in (fa, fb) or a == b:
        return half
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (phi * phi < xi and (1 - phi) ** 2 < 1 - xi):
        return half
    share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    least = min(half, narrow / abs(b - a) / 2)
    return min(max(share, least), 1 - least)


def _rounded(rate: Decimal) -> Decimal:
    return rate.quantize(Decimal(1).scaleb(-ROOT_PLACES))
