"""The mediator's desk: many plans tried at once within what the borrower can afford; kept nowhere, told to nobody.

It stands on what the borrower told the mediator alone, so neither the sides nor the record learn of a search.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

import numpy as np

from mediation import lawbook
from mediation.cases import contracts
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.disclosures.means import cap_seen_by, statement_seen_by
from mediation.disclosures.models import Section
from mediation.errors import Refused
from mediation.offers.assumptions import assumed_in
from mediation.offers.tables import claim_of, rounding_of
from mediation.rules import bargaining, consequences
from mediation.rules.bargaining import Candidate, Dropped, Limits, Name, Search
from mediation.rules.bargaining_points import Fair, Point, fairest
from mediation.rules.candidates import Basis, Easing, Grid, terms_at
from mediation.rules.consequences import NoAgreement
from mediation.rules.legal_rules import LprRow
from mediation.rules.loans import MOST_INSTALMENTS, Frequency, due_dates
from mediation.rules.money import HALF_UP, round_ratio
from mediation.rules.plan_kinds import Terms, Waivers
from mediation.rules.plans import ClaimFigures, Schedule, schedule
from mediation.rules.rate_caps import CURRENCY, Ceiling, ceiling_from_now

# A list of more is read by nobody; a fair point among more takes too long to find.
MOST_SHOWN = 60
MOST_WEIGHED = 5_000
USUAL_LONGEST = 60
NONE = Decimal(0)


class Waived(StrEnum):
    """What a plan may give up, each more than the one before it."""

    NOTHING = "nothing"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


USUALLY_WAIVED = (Waived.NOTHING, Waived.PENALTY, Waived.INTEREST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is tried. Money in minor units; `principal_share` is of the principal, the other rates are yearly."""

    cap: int
    longest: int
    first_due_on: date
    waived: tuple[Waived, ...]
    principal_share: Decimal
    yearly_rates: tuple[Decimal, ...]
    easings: tuple[Easing, ...]
    down_payments: tuple[int, ...]
    discount_rate: Decimal


@dataclass(frozen=True)
class Start:
    """What a search begins from: the stated cap and savings, the day, the ceiling of interest, the rate of discount."""

    on: date
    claim: ClaimFigures
    cap: int | None
    savings: int | None
    ceiling: Ceiling | None
    discount_rate: Decimal | None
    lpr: LprRow | None

    @property
    def first_due_on(self) -> date:
        """A month from the day."""
        return due_dates(self.on, Frequency.MONTHLY, 2)[1]


@dataclass(frozen=True)
class Worked:
    """A plan of the search with every payment."""

    terms: Terms
    schedule: Schedule
    candidate: Candidate


@dataclass(frozen=True)
class Named(Worked):
    """A plan with the names that it goes by, in the order of `Name`."""

    names: tuple[Name, ...]


@dataclass(frozen=True)
class Fewest:
    """The shortest possible plan where so much is waived; `plan` is None where nothing within the limits is one."""

    waived: Waived
    waivers: Waivers
    agreed: int
    plan: Worked | None

    @property
    def each(self) -> int:
        """What its payments are, the last but one where there are several; 0 without a plan."""
        if self.plan is None:
            return 0
        amounts = [row.amount for row in self.plan.schedule.instalments]
        return amounts[-2] if self.plan.terms.instalments > 1 else amounts[-1]

    @property
    def last(self) -> int:
        """What its last payment is; 0 without a plan."""
        return 0 if self.plan is None else self.plan.schedule.instalments[-1].amount


@dataclass(frozen=True)
class FairPoint:
    """One rule of fair division and the plan that it picks."""

    fair: Fair
    plan: Worked


@dataclass(frozen=True)
class Found:
    """What a search came to. `shown` are the kept plans by their monthly amount, evenly thinned where they are many.

    `fair` is empty where none could be weighed; then `not_weighed` is the key of the reason.
    """

    asked: Asked
    start: Start
    tried: int
    possible: int
    dropped: tuple[tuple[Dropped, int], ...]
    fewest: tuple[Fewest, ...]
    named: tuple[Named, ...]
    kept: int
    shown: tuple[Worked, ...]
    fair: tuple[FairPoint, ...]
    not_weighed: str
    without: NoAgreement | None


def start_of(seat: Seat, *, at: datetime) -> Start:
    """From what the mediator of this case begins."""
    seat.require("plan:search")
    on = local_day(seat.case, at)
    assumed = assumed_in(seat, on)
    return Start(
        on=on,
        claim=claim_of(seat),
        cap=cap_seen_by(seat),
        savings=_savings_seen_by(seat),
        ceiling=_ceiling_of(seat, at),
        discount_rate=None if assumed is None else assumed.chosen.discount_rate,
        lpr=None if assumed is None else assumed.lpr,
    )


def usual_search(start: Start) -> Asked | None:
    """What is tried before the mediator has chosen anything; None where no cap is known or nothing is left."""
    if not start.cap or not start.discount_rate:
        return None
    whole = start.claim.total
    return Asked(
        cap=start.cap,
        longest=USUAL_LONGEST,
        first_due_on=start.first_due_on,
        waived=tuple(choice for choice in USUALLY_WAIVED if _waivers(choice, NONE, start.claim).total < whole),
        principal_share=NONE,
        yearly_rates=(NONE,),
        easings=(Easing(),),
        down_payments=(0,),
        discount_rate=start.discount_rate,
    )


def searched(seat: Seat, asked: Asked, *, at: datetime) -> Found:
    """The plans that are possible within what is asked, and those among them that no other beats.

    Refused: plan:instalments-out-of-range, desk:nothing-left (a cap of nothing), and as in `check_grid`, each with
    the field of what is asked.
    """
    seat.require("plan:search")
    start = start_of(seat, at=at)
    basis, grid, limits = _basis(seat, asked, start), _grid(asked, start.claim), _limits(asked, start)
    try:
        found = bargaining.search(basis, grid, limits)
    except Refused as no:
        raise Refused(no.key, field=FIELDS.get(no.field or "", no.field), **no.facts) from no
    kept = [_worked(found, int(place)) for place in _thinned(found)]
    without = _without_agreement(seat, kept[0], start) if kept else None
    fair, not_weighed = _fair_points(found, without)
    return Found(
        asked=asked,
        start=start,
        tried=grid.size,
        possible=int(found.figures.possible.size),
        dropped=found.dropped,
        fewest=tuple(_fewest(found, asked, start.claim)),
        named=_named(found),
        kept=int(found.kept.size),
        shown=tuple(kept),
        fair=fair,
        not_weighed=not_weighed,
        without=without,
    )


# Where a refusal of the grid belongs among what is asked.
FIELDS = {
    "waivers": "waived",
    "agreed_total": "waived",
    "yearly_rate": "yearly_rates",
    "grace": "easings",
    "grace_periods": "easings",
    "instalments": "longest",
    "down_payment": "down_payments",
    "down_payment_on": "first_due_on",
}


def _savings_seen_by(seat: Seat) -> int | None:
    stated = statement_seen_by(seat)
    line = stated.line(Section.SAVINGS, "savings") if stated else None
    return None if line is None else line.amount


def _ceiling_of(seat: Seat, at: datetime) -> Ceiling | None:
    if seat.case.currency != CURRENCY:
        return None
    return ceiling_from_now(contracts.facts_of(seat, contracts.said_by_both(seat), at=at), lawbook.law())


def _basis(seat: Seat, asked: Asked, start: Start) -> Basis:
    if not 1 <= asked.longest <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="longest", least=1, most=MOST_INSTALMENTS)
    if asked.cap <= 0:
        raise Refused("desk:nothing-left", field="cap")
    return Basis(
        claim=start.claim,
        on=start.on,
        first_due_on=asked.first_due_on,
        discount_rate=asked.discount_rate,
        rounding=rounding_of(seat.case),
    )


def _grid(asked: Asked, claim: ClaimFigures) -> Grid:
    return Grid(
        waivers=tuple(_waived(asked, claim)),
        yearly_rates=asked.yearly_rates,
        easings=asked.easings,
        down_payments=asked.down_payments,
        instalments=tuple(range(1, asked.longest + 1)),
    )


def _waived(asked: Asked, claim: ClaimFigures) -> dict[Waivers, Waived]:
    """Each sum that is given up, once, under the first of the choices that comes to it."""
    found: dict[Waivers, Waived] = {}
    for choice in asked.waived:
        found.setdefault(_waivers(choice, asked.principal_share, claim), choice)
    return found


def _waivers(choice: Waived, principal_share: Decimal, claim: ClaimFigures) -> Waivers:
    if choice is Waived.NOTHING:
        return Waivers()
    if choice is Waived.PENALTY:
        return Waivers(penalty=claim.penalty)
    share, whole = principal_share.as_integer_ratio()
    principal = round_ratio(claim.principal * share, whole, HALF_UP) if choice is Waived.PRINCIPAL else 0
    return Waivers(principal=principal, interest=claim.interest, penalty=claim.penalty, fees=claim.fees)


def _limits(asked: Asked, start: Start) -> Limits:
    return Limits(
        cap=asked.cap,
        savings=max(asked.down_payments, default=0) if start.savings is None else start.savings,
        rate_ceiling=None if start.ceiling is None else start.ceiling.yearly_rate,
        last_due_by=due_dates(asked.first_due_on, Frequency.MONTHLY, asked.longest)[-1],
    )


def _worked(found: Search, place: int) -> Worked:
    chosen = bargaining.candidate(found.basis, found.grid, found.figures, place)
    return Worked(chosen.terms, schedule(chosen.terms, rounding=found.basis.rounding), chosen)


def _named(found: Search) -> tuple[Named, ...]:
    """Each named plan once, with all its names."""
    names: dict[int, list[Name]] = {}
    for name, chosen in found.named:
        names.setdefault(chosen.place, []).append(name)
    plans = [(_worked(found, place), tuple(each)) for place, each in names.items()]
    return tuple(Named(plan.terms, plan.schedule, plan.candidate, each) for plan, each in plans)


def _thinned(found: Search) -> list[int]:
    """The kept places by monthly amount; of many every so-manieth, the named ones always among them."""
    order = found.kept[np.lexsort((found.figures.total[found.kept], found.figures.monthly[found.kept]))]
    if order.size <= MOST_SHOWN:
        return [int(place) for place in order]
    named = {chosen.place for _, chosen in found.named}
    step = -(-int(order.size) // (MOST_SHOWN - len(named)))
    return [int(place) for at, place in enumerate(order) if at % step == 0 or int(place) in named]


def _fewest(found: Search, asked: Asked, claim: ClaimFigures) -> list[Fewest]:
    """For each sum that is waived the shortest possible plan; of equally short ones the one that asks least."""
    rows = []
    possible = (found.figures.dropped == 0).reshape(found.grid.shape)
    total = found.figures.total.reshape(found.grid.shape)
    for at, (waivers, choice) in enumerate(_waived(asked, claim).items()):
        lengths = possible[at].any(axis=(0, 1, 2))
        plan = None
        if lengths.any():
            length = int(lengths.argmax())
            least = np.where(possible[at, ..., length], total[at, ..., length], np.iinfo(np.int64).max)
            where = np.unravel_index(int(least.argmin()), least.shape)
            plan = _worked(found, int(np.ravel_multi_index((at, *where, length), found.grid.shape)))
        rows.append(Fewest(choice, waivers, terms_at(found.basis, found.grid, at * _each(found)).agreed_total, plan))
    return rows


def _each(found: Search) -> int:
    """How many candidates there are for each sum that is waived."""
    return found.grid.size // len(found.grid.waivers)


def _without_agreement(seat: Seat, plan: Worked, start: Start) -> NoAgreement | None:
    """What is assumed without an agreement; the plan matters nothing to it."""
    assumed = assumed_in(seat, start.on)
    if assumed is None:
        return None
    return consequences.of(
        plan.terms,
        plan.schedule,
        start.claim,
        assumed.figures,
        yearly_rate=assumed.chosen.discount_rate,
        on=start.on,
        contract_yearly_rate=contracts.said_by_both(seat).yearly_rate,
    ).no_agreement


def _fair_points(found: Search, without: NoAgreement | None) -> tuple[tuple[FairPoint, ...], str]:
    """What each rule of fair division picks among the kept plans, or why nothing is weighed."""
    if without is None:
        return (), "desk:nothing-assumed"
    if found.kept.size > MOST_WEIGHED:
        return (), "desk:too-many-to-weigh"
    worth, owes = without.net_present_value, without.borrower_owes
    stands = Point(Fraction(worth.low + worth.high, 2), Fraction(-owes.low - owes.high, 2))
    points = [
        Point(Fraction(int(found.figures.present_value[place])), Fraction(-int(found.figures.total[place])))
        for place in found.kept
    ]
    try:
        picked = [(fair, int(found.kept[fairest(points, stands, fair)])) for fair in Fair]
    except Refused as no:
        return (), no.key
    return tuple(FairPoint(fair, _worked(found, place)) for fair, place in picked), ""
