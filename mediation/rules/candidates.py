"""Which plans a search tries: every combination of waiver, rate, gentler start, down payment and length."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import prod

import numpy as np
import numpy.typing as npt

from mediation.errors import Refused
from mediation.rules.loans import MOST_INSTALMENTS, ClaimFigures, Frequency, due_dates
from mediation.rules.money import HALF_UP, RoundingRule
from mediation.rules.plan_grid import MILLION, Summaries, summaries
from mediation.rules.plan_kinds import Disputed, Grace, Terms, Waivers, check_kind
from mediation.rules.plans import check_claim, check_terms

Whole = npt.NDArray[np.int64]

MOST_CANDIDATES = 500_000

_NOTHING = Disputed()


@dataclass(frozen=True, slots=True)
class Easing:
    """A gentler start: its kind, and for how many periods."""

    grace: Grace = Grace.NONE
    periods: int = 0

    def spares(self, grace: Grace) -> int:
        """For how many periods it spares in that way."""
        return self.periods if self.grace is grace else 0


@dataclass(frozen=True, slots=True)
class Grid:
    """What is tried, each with each; a candidate's place counts through these rows, the last one fastest."""

    waivers: tuple[Waivers, ...]
    yearly_rates: tuple[Decimal, ...]
    easings: tuple[Easing, ...]
    down_payments: tuple[int, ...]
    instalments: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many there are of each."""
        return tuple(len(getattr(self, name)) for name in Grid.__slots__)

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Basis:
    """What all candidates share.

    on: the day on which plans are valued and a down payment is made. first_due_on: of the first instalment
    where nothing is spared; a full grace moves it by its periods. discount_rate: the effective yearly rate,
    above 0, at which later money is worth less to the lender now. disputed: what every plan leaves open.
    """

    claim: ClaimFigures
    on: date
    first_due_on: date
    discount_rate: Decimal
    frequency: Frequency = Frequency.MONTHLY
    rounding: RoundingRule = HALF_UP
    disputed: Disputed = _NOTHING


def check_grid(basis: Basis, grid: Grid) -> None:
    """Passes a grid of which each entry, taken by itself, can be part of a plan on this claim.

    Refused: search:nothing-to-try (an empty row, field = its name), search:too-many-plans,
    search:discount-rate-not-positive (at 0 time costs the lender nothing, and only the longest plans would
    stay), plan:down-payment-out-of-range (below 0), and what `plans.check_claim`, `plans.check_terms` and
    `plan_kinds.check_kind` refuse of a waiver, a rate, a gentler start, a down payment's day or a length.
    """
    for name, count in zip(Grid.__slots__, grid.shape, strict=True):
        if not count:
            raise Refused("search:nothing-to-try", field=name)
    if grid.size > MOST_CANDIDATES:
        raise Refused("search:too-many-plans", field="instalments", plans=grid.size, most=MOST_CANDIDATES)
    if not basis.discount_rate.is_finite() or basis.discount_rate <= 0:
        raise Refused("search:discount-rate-not-positive", field="discount_rate")
    check_claim(basis.claim)
    for waivers in grid.waivers:
        lump = _lump_sum(basis, waivers)
        check_terms(lump, basis.claim, not_before=basis.on, rounding=basis.rounding)
    _check_entries(basis, grid, lump)


def terms_at(basis: Basis, grid: Grid, place: int) -> Terms:
    """The terms of the candidate at a place of the grid."""
    waived, rate, easing, down, length = (int(each) for each in np.unravel_index(place, grid.shape))
    paid = grid.down_payments[down]
    return replace(
        _lump_sum(basis, grid.waivers[waived]),
        instalments=grid.instalments[length],
        first_due_on=first_due_on(basis, grid.easings[easing]),
        yearly_rate=grid.yearly_rates[rate],
        grace=grid.easings[easing].grace,
        grace_periods=grid.easings[easing].periods,
        down_payment=paid,
        down_payment_on=basis.on if paid else None,
    )


def summaries_of(basis: Basis, grid: Grid) -> Summaries:
    """The figures of every candidate of a checked grid, in the grid's shape."""
    agreed = [_lump_sum(basis, waivers).agreed_total for waivers in grid.waivers]
    rates = [int(rate * MILLION) for rate in grid.yearly_rates]
    return summaries(
        agreed_total=_along(agreed, 4),
        yearly_millionths=_along(rates, 3),
        interest_only=_along([easing.spares(Grace.INTEREST_ONLY) for easing in grid.easings], 2),
        full_grace=_along([easing.spares(Grace.FULL) for easing in grid.easings], 2),
        down_payment=_along(grid.down_payments, 1),
        instalments=_along(grid.instalments, 0),
        frequency=basis.frequency,
        rounding=basis.rounding,
    )


def first_due_on(basis: Basis, easing: Easing) -> date:
    """The day of the first instalment after a gentler start."""
    return due_dates(basis.first_due_on, basis.frequency, easing.spares(Grace.FULL) + 1)[-1]


def _lump_sum(basis: Basis, waivers: Waivers) -> Terms:
    claim = basis.claim
    return Terms(
        claim_version=claim.version,
        currency=claim.currency,
        agreed_total=claim.total - waivers.total - basis.disputed.total,
        waivers=waivers,
        instalments=1,
        frequency=basis.frequency,
        first_due_on=basis.first_due_on,
        disputed=basis.disputed,
    )


def _check_entries(basis: Basis, grid: Grid, lump: Terms) -> None:
    """Each entry in a plan that has room for it: the highest rate and the most instalments, or none of them."""
    for rate in grid.yearly_rates:
        check_kind(replace(lump, yearly_rate=rate))
    for count in grid.instalments:
        check_kind(replace(lump, instalments=count))
    roomy = replace(lump, instalments=MOST_INSTALMENTS, yearly_rate=Decimal(1))
    for easing in grid.easings:
        check_kind(replace(roomy, grace=easing.grace, grace_periods=easing.periods))
        check_terms(
            replace(lump, first_due_on=first_due_on(basis, easing)),
            basis.claim,
            not_before=basis.on,
            rounding=basis.rounding,
        )
    most = lump.agreed_total - 1
    if min(grid.down_payments) < 0:
        raise Refused("plan:down-payment-out-of-range", field="down_payment", most=most, currency=lump.currency)
    if max(grid.down_payments) and most:
        check_kind(replace(lump, down_payment=1, down_payment_on=basis.on))


def _along(entries: list[int] | tuple[int, ...], places: int) -> Whole:
    """The entries along one direction of the grid, with so many directions after it."""
    return np.array(entries, np.int64).reshape(-1, *[1] * places)
