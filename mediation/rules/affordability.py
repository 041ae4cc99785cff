"""Income and spending statement → monthly surplus → affordable instalment, with what looks too high or too low."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from mediation.errors import Refused
from mediation.rules.loans import Frequency
from mediation.rules.money import HALF_UP, check_amount, round_ratio

MONTHS = 12
MOST_PEOPLE = 20
# Of the surplus a tenth stays with the household; a plan may take the rest.
KEPT_FREE, WHOLE = 1, 10


class Period(StrEnum):
    """How often an amount comes or goes."""

    WEEKLY = "weekly"
    TWO_WEEKLY = "two_weekly"
    FOUR_WEEKLY = "four_weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"

    @property
    def times_a_year(self) -> int:
        """52, 26, 13, 12 or 1, as a repayment plan counts its periods too."""
        return {"weekly": 52, "two_weekly": 26, "four_weekly": 13, "monthly": 12, "yearly": 1}[self]


class Told(StrEnum):
    """What an answer is: an amount, 'I do not know', or 'I would rather not say'."""

    GIVEN = "given"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"


class Profile(StrEnum):
    """By whose categories a household is described; the case's jurisdiction decides, never the reader's language."""

    CHINA = "cn"
    SFS = "sfs"  # the United Kingdom's Standard Financial Statement


# What comes in and what must go out, in the order in which it is asked.
INCOME: Mapping[Profile, tuple[str, ...]] = MappingProxyType(
    {
        Profile.CHINA: ("wage", "business", "partner", "pension", "other_income"),
        Profile.SFS: ("wage", "business", "partner", "benefits", "pension", "other_income"),
    }
)
SPENDING: Mapping[Profile, tuple[str, ...]] = MappingProxyType(
    {
        Profile.CHINA: (
            "housing", "utilities", "telecoms", "food", "transport", "health", "schooling", "elders", "insurance",
            "other",
        ),
        Profile.SFS: (
            "home_contents", "utilities", "water", "care_health", "travel", "school", "pensions_insurances",
            "professional", "other_essential", "communications_leisure", "food_housekeeping", "personal",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One answer: so many minor units each period, or that it is not known or kept back."""

    told: Told = Told.GIVEN
    amount: int = 0
    period: Period = Period.MONTHLY

    @property
    def monthly(self) -> int | None:
        """Minor units a month; None where no amount was given."""
        return monthly(self.amount, self.period) if self.told is Told.GIVEN else None


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives on this income: adults with the borrower among them, and children."""

    adults: int = 1
    children: int = 0


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt to somebody else. A priority debt is one whose arrears cost the home, the light or the freedom."""

    is_priority: bool
    payment: Figure
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a borrower stated; a category that is not in its mapping was not answered, debts None likewise."""

    profile: Profile
    currency: str
    income: Mapping[str, Figure]
    spending: Mapping[str, Figure]
    household: Household | None = None
    debts: tuple[Debt, ...] | None = None


@dataclass(frozen=True, slots=True)
class PerHead:
    """Minor units a month: for the first adult, for each further one, for each child."""

    first_adult: int
    further_adult: int
    child: int

    def of(self, household: Household) -> int:
        """The figure for this household."""
        return self.first_adult + (household.adults - 1) * self.further_adult + household.children * self.child


@dataclass(frozen=True, slots=True)
class Guideline:
    """What one category usually costs; none where nothing can be said."""

    low: PerHead | None = None
    typical: PerHead | None = None
    high: PerHead | None = None


@dataclass(frozen=True, slots=True)
class Guidelines:
    """A dated table of guidelines: configuration of the mediation body, never law."""

    profile: Profile
    currency: str
    valid_from: date
    valid_until: date | None
    source: str
    by_category: Mapping[str, Guideline] = field(default_factory=dict)


class Doubt(StrEnum):
    """Why a figure is asked about."""

    TOO_HIGH = "too_high"
    TOO_LOW = "too_low"


@dataclass(frozen=True, slots=True)
class Query:
    """A figure to talk about, in minor units a month, with the bound that it passes; `evidence` above it only."""

    category: str
    doubt: Doubt
    stated: int
    bound: int

    @property
    def asks_evidence(self) -> bool:
        """Whether a document is asked for: only where spending lies above the trigger."""
        return self.doubt is Doubt.TOO_HIGH


class Standing(StrEnum):
    """What the statement allows to say."""

    OPEN = "open"  # something without which nothing can be computed is not known
    SHORT = "short"  # nothing is left, or less: no plan is computed, other help comes first
    AFFORDABLE = "affordable"


@dataclass(frozen=True, slots=True)
class Reckoning:
    """All in minor units a month; `cap` and the figures before it are None while something is missing.

    `assumed` are the categories counted at their usual cost because they were not known or kept back.
    """

    standing: Standing
    income: int | None = None
    spending: int | None = None
    priority: int | None = None
    surplus: int | None = None
    cap: int | None = None
    assumed: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def buffer(self) -> int | None:
        """What stays free of the surplus."""
        return None if self.surplus is None or self.cap is None else max(self.surplus, 0) - self.cap


def monthly_equivalent(amount: int, period: Period) -> Fraction:
    """Exactly what an amount each period comes to in a month: weekly × 52 / 12, and so on (minor units)."""
    return Fraction(amount * period.times_a_year, MONTHS)


def monthly(amount: int, period: Period) -> int:
    """The monthly equivalent in whole minor units, each line rounded half up, so that shown lines add up.

    Refused: money:negative, money:too-large.
    """
    if amount < 0:
        raise Refused("money:negative", field="amount")
    check_amount(amount, field="amount")
    return round_ratio(*monthly_equivalent(amount, period).as_integer_ratio(), HALF_UP)


def reckon(statement: Statement, guidelines: Guidelines | None = None) -> Reckoning:
    """Income − necessary spending − payments on priority debts = surplus; cap = 90 % of it, rounded down.

    Income that is not known counts as nothing, and at least one amount must be given. Spending that is not
    known counts at its usual cost, never as nothing; where there is no usual cost, or where a payment on a
    priority debt is not known, nothing is computed. Other debts are not taken off: their creditors share the
    surplus (Standard Financial Statement). A surplus of nothing or less has the cap 0. Minor units a month.
    """
    assumed, missing = _assumed(statement, guidelines), _missing(statement)
    unguessed = [name for name in _not_known(statement) if name not in dict(assumed)]
    if unguessed and statement.household is None:
        unguessed = ["household"]  # the usual cost hangs on who lives there
    if missing or unguessed:
        return Reckoning(Standing.OPEN, assumed=assumed, missing=(*missing, *unguessed))
    income = _sum(statement.income.values())
    spending = _sum(statement.spending.values()) + sum(amount for _, amount in assumed)
    priority = _sum(debt.payment for debt in statement.debts or () if debt.is_priority)
    surplus = income - spending - priority
    cap = cap_of(surplus)
    standing = Standing.AFFORDABLE if cap else Standing.SHORT
    return Reckoning(standing, income, spending, priority, surplus, cap, assumed)


def cap_of(surplus: int) -> int:
    """The most that instalments may come to in a month: 90 % of the surplus, rounded down; 0 where nothing is left."""
    return max(surplus, 0) * (WHOLE - KEPT_FREE) // WHOLE


def cap_each(cap: int, frequency: Frequency) -> int:
    """The most that one instalment may be at this frequency, given the monthly cap; rounded down (minor units)."""
    return cap * MONTHS // frequency.periods_in_a_year


def over_cap(instalment: int, frequency: Frequency, cap: int) -> int:
    """By how many minor units one instalment exceeds what is affordable at its frequency; 0 where it does not."""
    return max(0, instalment - cap_each(cap, frequency))


def check_can_pay(reckoning: Reckoning) -> int:
    """The cap for which a plan may be computed; refused: means:not-complete, means:nothing-left."""
    if reckoning.cap is None:
        raise Refused("means:not-complete")
    if reckoning.standing is Standing.SHORT:
        raise Refused("means:nothing-left")
    return reckoning.cap


def queries(statement: Statement, guidelines: Guidelines | None) -> tuple[Query, ...]:
    """The spending that lies above its trigger or below its floor, in the order of the categories.

    Nothing is asked without a household, without guidelines, or where these are of another profile or currency.
    """
    household = statement.household
    if household is None or guidelines is None or not _fits(guidelines, statement):
        return ()
    found = (
        _query(category, statement.spending.get(category), guidelines.by_category.get(category), household)
        for category in SPENDING[statement.profile]
    )
    return tuple(query for query in found if query is not None)


def _query(category: str, figure: Figure | None, guideline: Guideline | None, household: Household) -> Query | None:
    stated = None if figure is None else figure.monthly
    if stated is None or guideline is None:
        return None
    if guideline.high is not None and stated > (most := guideline.high.of(household)):
        return Query(category, Doubt.TOO_HIGH, stated, most)
    if guideline.low is not None and stated < (least := guideline.low.of(household)):
        return Query(category, Doubt.TOO_LOW, stated, least)
    return None


def _fits(guidelines: Guidelines, statement: Statement) -> bool:
    return (guidelines.profile, guidelines.currency) == (statement.profile, statement.currency)


def _not_known(statement: Statement) -> list[str]:
    return [
        category
        for category in SPENDING[statement.profile]
        if category in statement.spending and statement.spending[category].monthly is None
    ]


def _assumed(statement: Statement, guidelines: Guidelines | None) -> tuple[tuple[str, int], ...]:
    household = statement.household
    if household is None or guidelines is None or not _fits(guidelines, statement):
        return ()
    usual = {name: guidelines.by_category.get(name, Guideline()).typical for name in _not_known(statement)}
    return tuple((name, per_head.of(household)) for name, per_head in usual.items() if per_head is not None)


def _missing(statement: Statement) -> tuple[str, ...]:
    """What must be answered before anything is computed; income as a whole, spending by category, debts."""
    given = [figure for figure in statement.income.values() if figure.told is Told.GIVEN]
    found = [] if given else ["income"]
    found += [name for name in SPENDING[statement.profile] if name not in statement.spending]
    debts = statement.debts
    if debts is None or any(debt.is_priority and debt.payment.monthly is None for debt in debts):
        found.append("debts")
    return tuple(found)


def _sum(figures: Iterable[Figure]) -> int:
    return sum(figure.monthly or 0 for figure in figures)
