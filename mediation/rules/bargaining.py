"""The plan search of the mediator's desk: all candidates weighed, what cannot be is dropped, what is beaten left out.

What a plan costs the borrower is judged by two figures, what it asks of a month and what it asks altogether;
what it is worth to the lender by its value today. The cap holds for every instalment, a larger first one and
the last included. A down payment lies outside the monthly cap and may not exceed the stated savings; it costs
the borrower nothing in those two figures, so the larger one mostly stands: search only among sums that the
borrower is ready to pay at once.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mediation.rules.candidates import Basis, Easing, Grid, check_grid, summaries_of, terms_at
from mediation.rules.frontier import Truth, Whole, undominated
from mediation.rules.plan_grid import Summaries
from mediation.rules.plan_kinds import Terms
from mediation.rules.plan_worth import last_days, present_values

__all__ = [
    "Basis", "Candidate", "Dropped", "Easing", "Figures", "Grid", "Limits", "Name", "Search", "figures", "search",
]  # fmt: skip


class Dropped(StrEnum):
    """Why a candidate is no plan for this case; where several hold, the first of these is counted.

    no_plan: `plans.schedule` refuses it. rate: it bears more than the ceiling. too_long: it has more instalments,
    or a later last day, than allowed. savings: its down payment is above them. cap: it asks more of a month.
    """

    NO_PLAN = "no_plan"
    RATE = "rate"
    TOO_LONG = "too_long"
    SAVINGS = "savings"
    CAP = "cap"


class Name(StrEnum):
    """What the three plans are that the desk names."""

    SOONEST_FINISHED = "soonest_finished"
    LOWEST_MONTHLY = "lowest_monthly"
    LOWEST_TOTAL = "lowest_total"


@dataclass(frozen=True, slots=True)
class Limits:
    """What no plan may exceed; exactly as much is allowed. Minor units; None is no limit.

    cap: what the instalments of a month may come to, weekly ones reckoned times 52/12 and so on. savings: what
    a down payment may be. rate_ceiling: of the nominal yearly rate, as law or licence has it.
    """

    cap: int
    savings: int = 0
    rate_ceiling: Decimal | None = None
    most_instalments: int | None = None
    last_due_by: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One plan: its place in the grid, its terms, and the figures by which it was judged, in minor units."""

    place: int
    terms: Terms
    monthly: int
    total: int
    present_value: int
    last_due_on: date


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """The figures of every candidate, flat, by place; int64 minor units, 0 where there is no plan.

    monthly: the largest instalment as a month's amount, rounded up. total: everything paid. present_value: of
    everything paid, rounded half-up. last_due_on: as `date.toordinal`. dropped: int8, 0 for a plan that is
    possible, otherwise the place of the reason in Dropped, counted from 1.
    """

    monthly: Whole
    total: Whole
    present_value: Whole
    last_due_on: Whole
    dropped: npt.NDArray[np.int8]

    @property
    def possible(self) -> Whole:
        """The places of the plans that nothing forbids, ascending."""
        return np.flatnonzero(self.dropped == 0)


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What was found.

    kept: the places of the plans that no other beats, ascending. dropped: how many for each reason.
    fewest_instalments: of any possible plan, for each of the grid's waivers; None where it has none. named: the
    three plans to begin with, among those kept; empty where no plan is possible.
    """

    basis: Basis
    grid: Grid
    figures: Figures
    kept: Whole
    dropped: tuple[tuple[Dropped, int], ...]
    fewest_instalments: tuple[int | None, ...]
    named: tuple[tuple[Name, Candidate], ...]


def search(basis: Basis, grid: Grid, limits: Limits) -> Search:
    """The plans of the grid that are possible and that no other possible one dominates (`frontier.undominated`).

    Named: the kept plan with the earliest last day, the one that asks least of a month, the one that asks least
    altogether; of equal ones the one that asks less altogether, then of a month: no two kept plans are equal in
    both. Refused as in `figures`. Source: product.md, "Fairness" and scenario A.
    """
    found = figures(basis, grid, limits)
    at = found.possible
    kept = at[undominated(found.present_value[at], found.monthly[at], found.total[at])]
    return Search(
        basis=basis,
        grid=grid,
        figures=found,
        kept=kept,
        dropped=tuple((why, int((found.dropped == place).sum())) for place, why in enumerate(Dropped, start=1)),
        fewest_instalments=_fewest(grid, found),
        named=_named(basis, grid, found, kept),
    )


def figures(basis: Basis, grid: Grid, limits: Limits) -> Figures:
    """The figures of every candidate, equal to the minor unit to those of its schedule; refused: `check_grid`."""
    check_grid(basis, grid)
    plans = summaries_of(basis, grid)
    monthly = -(-plans.largest * basis.frequency.periods_in_a_year // 12)
    last_due_on = np.broadcast_to(last_days(basis, grid), grid.shape)
    return Figures(
        monthly=monthly.ravel(),
        total=plans.total.ravel(),
        present_value=present_values(basis, grid, plans).ravel(),
        last_due_on=last_due_on.ravel(),
        dropped=_dropped(grid, limits, plans, monthly, last_due_on).ravel(),
    )


def candidate(basis: Basis, grid: Grid, found: Figures, place: int) -> Candidate:
    """The plan at a place; `plans.schedule(candidate.terms, rounding=basis.rounding)` has its instalments."""
    return Candidate(
        place=place,
        terms=terms_at(basis, grid, place),
        monthly=int(found.monthly[place]),
        total=int(found.total[place]),
        present_value=int(found.present_value[place]),
        last_due_on=date.fromordinal(int(found.last_due_on[place])),
    )


def _dropped(grid: Grid, limits: Limits, plans: Summaries, monthly: Whole, last_due_on: Whole) -> npt.NDArray[np.int8]:
    reasons = {
        Dropped.NO_PLAN: ~plans.holds,
        Dropped.RATE: _above(grid.yearly_rates, limits.rate_ceiling)[:, None, None, None],
        Dropped.TOO_LONG: _above(grid.instalments, limits.most_instalments)
        | (last_due_on > (limits.last_due_by or date.max).toordinal()),
        Dropped.SAVINGS: _above(grid.down_payments, limits.savings)[:, None],
        Dropped.CAP: monthly > limits.cap,
    }
    conditions = [np.broadcast_to(reason, grid.shape) for reason in reasons.values()]
    places = list(range(1, len(reasons) + 1))
    return np.select(conditions, places, default=0).astype(np.int8)


def _above(entries: tuple[int, ...] | tuple[Decimal, ...], most: int | Decimal | None) -> Truth:
    return np.array([most is not None and entry > most for entry in entries], np.bool_)


def _fewest(grid: Grid, found: Figures) -> tuple[int | None, ...]:
    possible = (found.dropped == 0).reshape(grid.shape).any(axis=(1, 2, 3))
    lengths = np.array(grid.instalments)
    return tuple(int(lengths[row].min()) if row.any() else None for row in possible)


def _named(basis: Basis, grid: Grid, found: Figures, kept: Whole) -> tuple[tuple[Name, Candidate], ...]:
    if not kept.size:
        return ()
    monthly, total = found.monthly[kept], found.total[kept]
    first = {
        Name.SOONEST_FINISHED: found.last_due_on[kept],
        Name.LOWEST_MONTHLY: monthly,
        Name.LOWEST_TOTAL: total,
    }
    # lexsort takes its last key first, and leaves equal ones as they stand.
    best = {name: kept[np.lexsort((monthly, total, by))[0]] for name, by in first.items()}
    return tuple((name, candidate(basis, grid, found, int(place))) for name, place in best.items())
