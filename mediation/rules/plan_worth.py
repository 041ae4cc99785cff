"""What each of many plans is worth on a day, to the minor unit, from the figures of `plan_grid.summaries`."""

from datetime import date
from decimal import Decimal, localcontext
from itertools import accumulate

import numpy as np

from mediation.rules.candidates import Basis, Easing, Grid, Whole, first_due_on, terms_at
from mediation.rules.cost import Flow, present_value
from mediation.rules.loans import due_dates
from mediation.rules.money import HALF_UP, round_minor
from mediation.rules.plan_grid import Summaries
from mediation.rules.plan_kinds import Grace
from mediation.rules.plans import schedule
from mediation.rules.roots import DIGITS

# How far out a sum may be, as a part of it, many times over: of some 600 floats, and of as many decimals.
FLOAT_ERROR = 1e-12
DECIMAL_ERROR = Decimal("1E-40")

_HALF = Decimal("0.5")


def last_days(basis: Basis, grid: Grid) -> Whole:
    """The last day for each gentler start and number of instalments, as `date.toordinal`; shape (G, 1, T)."""
    rows = [_days(basis, grid, easing) for easing in grid.easings]
    return np.array([[[days[count - 1].toordinal() for count in grid.instalments]] for days in rows], np.int64)


def present_values(basis: Basis, grid: Grid, plans: Summaries) -> Whole:
    """The value on `basis.on` of everything paid, in minor units; in the grid's shape, 0 where no plan is.

    Equal to `cost.present_value` of each plan's schedule. The sums are made in floats; where one comes too near
    the middle between two minor units for a float to tell, it is made again in decimals, and where those cannot
    tell either, from the schedule itself.
    """
    worth = [_worth(basis, grid, easing) for easing in grid.easings]
    spared = [_spared(easing) for easing in grid.easings]
    counts = np.array(grid.instalments, np.int64)
    paid = np.array(grid.down_payments, np.int64)[:, None]
    to = np.array(worth, np.float64)
    # Only a plan that no schedule has is spared for longer than it lasts.
    first = to[np.arange(len(spared)), np.minimum(spared, to.shape[1] - 1)][:, None, None]
    before, last = to[:, counts - 1][:, None, :], to[:, counts][:, None, :]
    values = plans.first * first + plans.level * (before - first) + plans.last * (last - before) + paid
    # In a plan of one instalment the first and the last are the same.
    values = np.where(plans.holds, np.where(counts == 1, plans.last * last + paid, values), 0)
    whole = np.floor(values + 0.5).astype(np.int64)
    unclear = np.abs(values - np.floor(values) - 0.5) <= values * FLOAT_ERROR
    for place in np.flatnonzero(unclear):
        whole.flat[place] = _exactly(basis, grid, plans, worth, int(place))
    return whole


def _exactly(basis: Basis, grid: Grid, plans: Summaries, worth: list[list[Decimal]], place: int) -> int:
    _, _, easing, down, length = (int(each) for each in np.unravel_index(place, grid.shape))
    count, spared, to = grid.instalments[length], _spared(grid.easings[easing]), worth[easing]
    first, level, last = (int(each.flat[place]) for each in (plans.first, plans.level, plans.last))
    with localcontext(DIGITS):
        value = last * (to[count] - to[count - 1]) + grid.down_payments[down]
        if count > 1:
            value += first * to[spared] + level * (to[count - 1] - to[spared])
        if abs(value % 1 - _HALF) > value * DECIMAL_ERROR:
            return round_minor(value, HALF_UP)
    rows = schedule(terms_at(basis, grid, place), rounding=basis.rounding).instalments
    return present_value([Flow(row.due_on, row.amount) for row in rows], basis.discount_rate, on=basis.on)


def _worth(basis: Basis, grid: Grid, easing: Easing) -> list[Decimal]:
    """What one minor unit on each of the first n due dates is worth together, for n from 0 up."""
    with localcontext(DIGITS):
        a_day_later = (-(1 + basis.discount_rate).ln() / 365).exp()
        factors = [a_day_later ** (day - basis.on).days for day in _days(basis, grid, easing)]
        return list(accumulate(factors, initial=Decimal(0)))


def _spared(easing: Easing) -> int:
    """How many instalments are as large as the first."""
    return max(easing.spares(Grace.INTEREST_ONLY), 1)


def _days(basis: Basis, grid: Grid, easing: Easing) -> list[date]:
    return due_dates(first_due_on(basis, easing), basis.frequency, max(grid.instalments))
