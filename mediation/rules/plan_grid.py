"""Many level plans at once, for searches: the figures of each, equal to the cent to those of `plans.schedule`."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from mediation.rules.money import HALF_UP, LIMIT, Rounding, RoundingRule
from mediation.rules.plan_kinds import MOST_GRACE
from mediation.rules.repayment import MOST_INSTALMENTS, Frequency, level_instalment, periodic_rate

Whole = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]

MILLION = 10**6

# What `Summaries.refused` counts in: the place of the key that `plans.schedule` would raise; 0 is a plan that holds.
KEYS = (
    "",
    "plan:instalments-out-of-range",
    "plan:rate-out-of-range",
    "plan:grace-periods-out-of-range",
    "plan:grace-needs-rate",
    "plan:total-not-positive",
    "money:too-large",
    "plan:down-payment-out-of-range",
    "plan:instalment-too-small",
    "plan:last-instalment-too-large",
)
_TOO_SMALL, _TOO_LARGE = KEYS.index("plan:instalment-too-small"), KEYS.index("plan:last-instalment-too-large")


@dataclass(frozen=True, slots=True, eq=False)
class Summaries:
    """One figure of every candidate, all in the shape to which the candidates broadcast; int64 minor units.

    level: the level instalment. first, last: the amounts of the first and the last instalment, the down payment
    not counted among them. largest: the most that falls due on one instalment (first, level, last).
    total: everything paid, down payment and interest included. interest_total: the interest in it.
    refused: int8, the place in KEYS of the reason why `plans.schedule` refuses this plan; 0 where it holds.
    Where it is not 0 the figures of that candidate are all 0.
    """

    level: Whole
    first: Whole
    last: Whole
    largest: Whole
    total: Whole
    interest_total: Whole
    refused: npt.NDArray[np.int8]

    @property
    def holds(self) -> Truth:
        """Which candidates are plans at all; same shape."""
        return np.equal(self.refused, 0)


def summaries(
    *,
    agreed_total: npt.ArrayLike,
    instalments: npt.ArrayLike,
    yearly_millionths: npt.ArrayLike = 0,
    interest_only: npt.ArrayLike = 0,
    full_grace: npt.ArrayLike = 0,
    down_payment: npt.ArrayLike = 0,
    frequency: Frequency = Frequency.MONTHLY,
    rounding: RoundingRule = HALF_UP,
) -> Summaries:
    """The figures of level plans, one for each candidate; arguments are whole numbers of any shapes that broadcast.

    `agreed_total` in minor units (the claim less what is waived), `instalments` a count without the down
    payment, `yearly_millionths` the nominal yearly rate in millionths (15.6 % is 156_000), `interest_only` and
    `full_grace` periods of grace (one of the two at most), `down_payment` minor units. So a grid of
    terms (T,) by rates (R,) by totals (W,) is asked for as terms[:, None, None], rates[:, None], totals, and
    each result has the shape (T, R, W).

    Equal to `plans.schedule(Terms(…), rounding=rounding)` in every figure and in every refusal: the level
    amount comes from the annuity formula in floats only where their error cannot reach a rounding boundary,
    and from whole numbers of any length elsewhere; interest is int64 throughout. Numbers that int64 cannot
    hold are beyond LIMIT, and are marked money:too-large. Never raises Refused; ValueError where an argument
    is not of whole numbers or the shapes do not broadcast.
    """
    given = (agreed_total, instalments, yearly_millionths, interest_only, full_grace, down_payment)
    columns = np.broadcast_arrays(*map(_whole, given))
    shape = columns[0].shape
    total, count, rate, only, full, down = (column.ravel() for column in columns)
    refused = _refusals(total, count, rate, only, full, down)
    kept = np.flatnonzero(refused == 0)
    figures = np.zeros((6, total.size), np.int64)
    if kept.size:
        chosen = [column[kept] for column in (total - down, count, rate, only, full)]
        figures[:, kept], refused[kept] = _repaid(chosen, _Reckoning.of(chosen, frequency, rounding))
    figures[4] += np.where(refused == 0, down, 0)
    refused[(refused == 0) & (figures[4] > LIMIT)] = KEYS.index("money:too-large")
    figures[:, refused != 0] = 0
    level, first, last, largest, paid, interest = (row.reshape(shape) for row in figures)
    return Summaries(level, first, last, largest, paid, interest, refused.reshape(shape))


@dataclass(frozen=True, slots=True)
class _Reckoning:
    """How the interest of one period is reckoned; `wide` where principal times millionths may overflow int64."""

    frequency: Frequency
    rounding: RoundingRule
    wide: bool

    @classmethod
    def of(cls, chosen: list[Whole], frequency: Frequency, rounding: RoundingRule) -> "_Reckoning":
        principal, _, rate, _, full = (int(column.max()) for column in chosen)
        return cls(frequency, rounding, principal * rate * max(full, 1) >= 2**61)

    @property
    def parts(self) -> int:
        """What divides principal times yearly millionths to give the interest of one period."""
        return MILLION * self.frequency.periods_in_a_year

    def interest(self, principal: Whole, millionths: Whole) -> Whole:
        """The rounded interest of one period."""
        if not self.wide:
            return _rounded(principal * millionths, self.parts, self.rounding.mode)
        many, rest = np.divmod(principal, self.parts)
        # Half-even looks at the whole part too, so an odd one is left in the part that is rounded.
        odd = many * millionths % 2
        return many * millionths - odd + _rounded(rest * millionths + odd * self.parts, self.parts, self.rounding.mode)


def _whole(given: npt.ArrayLike) -> Whole:
    array = np.asarray(given)
    if array.dtype.kind == "i":
        return array.astype(np.int64, copy=False)
    if array.dtype.kind == "u" or (array.dtype.kind == "O" and all(type(each) is int for each in array.flat)):
        edge = 2 * LIMIT
        return np.array([max(-edge, min(edge, int(each))) for each in array.flat], np.int64).reshape(array.shape)
    raise ValueError("candidates are whole numbers")


def _refusals(total: Whole, count: Whole, rate: Whole, only: Whole, full: Whole, down: Whole) -> npt.NDArray[np.int8]:
    wrong_grace = (only < 0) | (only > np.minimum(MOST_GRACE, count - 1)) | (full < 0) | (full > MOST_GRACE)
    reasons = {
        "plan:instalments-out-of-range": (count < 1) | (count > MOST_INSTALMENTS),
        "plan:rate-out-of-range": (rate < 0) | (rate > MILLION),
        "plan:grace-periods-out-of-range": wrong_grace | ((only > 0) & (full > 0)),
        "plan:grace-needs-rate": (only > 0) & (rate == 0),
        "plan:total-not-positive": total <= 0,
        "money:too-large": total > LIMIT,
        "plan:down-payment-out-of-range": (down < 0) | (down >= total),
    }
    places = [KEYS.index(key) for key in reasons]
    return np.select(list(reasons.values()), places, default=0).astype(np.int8)


def _repaid(chosen: list[Whole], by: _Reckoning) -> tuple[Whole, npt.NDArray[np.int8]]:
    """The six figures of each plan, as rows, and its place in KEYS; the down payment is in none of them."""
    principal, count, rate, only, full = chosen
    paying = count - only
    spared, accrued = by.interest(principal, rate), by.interest(principal, rate * full)
    level = _levels(principal, rate, paying, by)
    sound = _first_row_holds(level, spared, accrued, only, paying)
    level = np.where(sound, level, 0)
    left = _balances(np.where(sound, principal, 0), rate, level, paying, by)
    last = left + by.interest(left, rate)
    refused = np.select(
        [~sound, (paying > 1) & (last > 2 * level), last + np.where(count == 1, accrued, 0) <= 0],
        [_TOO_SMALL, _TOO_LARGE, _TOO_SMALL],
        default=0,
    ).astype(np.int8)
    level = np.where(paying > 1, level, last)
    total = only * spared + (paying - 1) * level + last + accrued
    first = np.where(only > 0, spared, level) + accrued
    last = last + np.where(count == 1, accrued, 0)
    largest = np.maximum(np.maximum(first, last), level)
    return np.stack((level, first, last, largest, total, total - principal)), refused


def _first_row_holds(level: Whole, spared: Whole, accrued: Whole, only: Whole, paying: Whole) -> Truth:
    """Whether the rows before the last are payments: interest falls with the balance, so the first decides."""
    # Older interest in the first row alone can make a payment of one whose level is nothing.
    nothing = (level == 0) & ~((accrued > 0) & (paying == 2))
    holds: Truth = ~((only > 0) & (spared == 0)) & ((paying == 1) | ((level >= spared) & ~nothing))
    return holds


def _levels(principal: Whole, rate: Whole, count: Whole, by: _Reckoning) -> Whole:
    """The level instalments, exact: floats decide only those that lie clear of every rounding boundary."""
    mode, multiple = by.rounding.mode, by.rounding.multiple
    level = _rounded(principal, count * multiple, mode) * multiple
    bearing = np.flatnonzero(rate)
    each = rate[bearing] / by.parts
    # P·r / (1 − (1 + r)^−n) through log1p and expm1 is out by a few units of the last binary place; a thousand
    # of them are allowed for.
    exact = principal[bearing] * each / -np.expm1(-count[bearing] * np.log1p(each))
    halves = 2 * exact / multiple
    unclear = np.abs(halves - np.rint(halves)) <= 2.0**-42 * halves + 2.0**-42
    level[bearing] = _by_halves(np.floor(halves).astype(np.int64), mode) * multiple
    for place in bearing[unclear]:
        level[place] = _level(int(principal[place]), int(rate[place]), int(count[place]), by)
    return level


def _level(principal: int, millionths: int, count: int, by: _Reckoning) -> int:
    rate = periodic_rate(Decimal(millionths) / MILLION, by.frequency)
    return level_instalment(principal, rate, count, by.rounding)


def _by_halves(halves: Whole, mode: Rounding) -> Whole:
    """Values known to lie strictly between `halves`/2 and the next half, rounded."""
    if mode is Rounding.DOWN:
        return halves // 2
    if mode is Rounding.UP:
        return halves // 2 + 1
    return (halves + 1) // 2


def _balances(principal: Whole, rate: Whole, level: Whole, count: Whole, by: _Reckoning) -> Whole:
    """What is owed after all payments but the last; the longest plans stand first so that each step is one slice."""
    order = np.argsort(-count, kind="stable")
    left, rate, level, count = principal[order], rate[order], level[order], count[order]
    paying = np.searchsorted(-count, -np.arange(1, int(count[0]) + 1), side="left")
    for active in paying[: int(count[0]) - 1]:
        still = left[:active]
        still += by.interest(still, rate[:active])
        still -= level[:active]
        # A debt repaid too early is told by its sign; left to grow it would leave int64.
        np.maximum(still, -1, out=still)
    balances = np.empty_like(left)
    balances[order] = left
    return balances


def _rounded(numerator: Whole, denominator: Whole | int, mode: Rounding) -> Whole:
    """Whole units of a fraction, as `money.round_ratio` has them."""
    if mode is Rounding.DOWN:
        return numerator // denominator
    if mode is Rounding.UP:
        return -(-numerator // denominator)
    if mode is Rounding.HALF_UP:
        return (2 * numerator + denominator) // (2 * denominator)
    whole, rest = np.divmod(numerator, denominator)
    upwards = (2 * rest > denominator) | ((2 * rest == denominator) & (whole % 2 == 1))
    even: Whole = whole + upwards
    return even
