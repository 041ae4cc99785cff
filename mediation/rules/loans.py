"""Repayment in level instalments: what each one is, what is owed when some are missed, how a lender rounds."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self

from mediation.errors import Refused
from mediation.rules.money import Rounding, RoundingRule, check_amount, round_ratio

MOST_INSTALMENTS = 600
MOST_PERIODIC_RATE = 100
FITTED_RULES = tuple(RoundingRule(mode, multiple) for multiple in (1, 10, 100) for mode in Rounding)


class Frequency(StrEnum):
    """How far apart the due dates lie."""

    WEEKLY = "weekly"
    TWO_WEEKLY = "two_weekly"
    FOUR_WEEKLY = "four_weekly"
    MONTHLY = "monthly"

    @property
    def periods_in_a_year(self) -> int:
        """52, 26, 13 or 12: the yearly rate divided by it is the rate of one period."""
        return {"weekly": 52, "two_weekly": 26, "four_weekly": 13, "monthly": 12}[self]


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment; `remaining` is the principal still owed after it. Minor units."""

    number: int
    due_on: date
    principal: int
    interest: int
    amount: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every payment; `total` is their sum, interest included."""

    instalments: tuple[Instalment, ...]
    total: int
    interest_total: int


@dataclass(frozen=True, slots=True)
class ClaimFigures:
    """One version of a claim by component, in minor units."""

    version: int
    currency: str
    principal_due: int
    principal_not_due: int
    interest: int
    penalty: int
    fees: int

    @property
    def principal(self) -> int:
        """Outstanding principal, due or not."""
        return self.principal_due + self.principal_not_due

    @property
    def total(self) -> int:
        """Everything claimed."""
        return self.principal + self.interest + self.penalty + self.fees


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan repaid in level instalments, as its contract has it; `yearly_rate` is nominal (0.234)."""

    principal: int
    yearly_rate: Decimal
    term: int
    first_due_on: date
    frequency: Frequency = Frequency.MONTHLY

    @classmethod
    def at_monthly_rate(cls, principal: int, monthly_rate: Decimal, term: int, first_due_on: date) -> Self:
        """The loan whose contract states a rate per month (0.0195)."""
        return cls(principal, monthly_rate * 12, term, first_due_on)


@dataclass(frozen=True, slots=True)
class Missed:
    """One instalment due and unpaid, and the penalty it drew."""

    instalment: Instalment
    days_late: int
    penalty: int


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is owed on a loan on a day, in minor units; `interest` is that of the missed instalments."""

    principal_due: int
    principal_not_due: int
    interest: int
    penalty: int
    missed: tuple[Missed, ...]

    @property
    def principal(self) -> int:
        """Outstanding principal, due or not."""
        return self.principal_due + self.principal_not_due

    @property
    def total(self) -> int:
        """Everything owed."""
        return self.principal + self.interest + self.penalty

    def as_claim(self, *, version: int, currency: str, fees: int = 0) -> ClaimFigures:
        """These figures as one version of a claim."""
        parts = (self.principal_due, self.principal_not_due, self.interest, self.penalty)
        return ClaimFigures(version, currency, *parts, fees)


@dataclass(frozen=True, slots=True)
class RoundingFit:
    """The rule that explains most stated instalments, each rule's score, and the rows it does not explain."""

    rule: RoundingRule
    matched: int
    total: int
    per_rule: tuple[tuple[RoundingRule, int], ...]
    mismatched: tuple[int, ...]


def periodic_rate(yearly_rate: Decimal, frequency: Frequency) -> Fraction:
    """The exact rate of one period: yearly / 12, 52, 26 or 13; refused: plan:rate-out-of-range."""
    _check_rate(yearly_rate)
    return Fraction(yearly_rate) / frequency.periods_in_a_year


def level_instalment(principal: int, rate: Decimal | Fraction, n: int, rule: RoundingRule) -> int:
    """The level payment, in minor units, that repays `principal` in `n` periods at `rate` a period.

    Annuity formula P·r / (1 − (1 + r)^−n), P / n where r is 0, computed without any intermediate rounding.
    A Decimal rate is taken as it stands; pass a Fraction for one that no Decimal holds (0.05 / 12).
    Refused: plan:total-not-positive, money:too-large, plan:instalments-out-of-range, plan:rate-out-of-range.
    """
    return round_ratio(*_level(principal, rate, n), rule)


def due_dates(first_due_on: date, frequency: Frequency, count: int) -> list[date]:
    """`count` due dates from the first; months clamp from the original day (31 Jan, 28 Feb, 31 Mar).

    The end of a month counts as the missing day (Civil Code of the PRC, art. 202).
    Refused: plan:first-date-too-late where the calendar would end.
    """
    if first_due_on.year > date.max.year - MOST_INSTALMENTS // 12 - 1:
        raise Refused("plan:first-date-too-late", field="first_due_on", latest=date(9900, 1, 1))
    if frequency is Frequency.MONTHLY:
        return [_months_later(first_due_on, months) for months in range(count)]
    days = 364 // frequency.periods_in_a_year
    return [first_due_on + timedelta(days=days * place) for place in range(count)]


def repay(
    principal: int,
    rate: Decimal | Fraction,
    due_on: Sequence[date],
    rule: RoundingRule,
    *,
    interest_only: int = 0,
    accrued: int = 0,
) -> Schedule:
    """The schedule that repays `principal` on these days at `rate` a period, the last payment taking the residue.

    The level amount is rounded by `rule`, interest by its mode to one minor unit. The first `interest_only`
    payments carry no principal; `accrued` is older interest, added to the first. Refused, besides those of
    `level_instalment`: plan:instalment-too-small (one would be nothing, or the debt repaid before the last),
    plan:last-instalment-too-large (more than twice the level one).
    """
    level = level_instalment(principal, rate, len(due_on) - interest_only, rule)
    numerator, denominator = rate.as_integer_ratio()
    rows: list[Instalment] = []
    remaining = principal
    for number, day in enumerate(due_on, start=1):
        interest = round_ratio(remaining * numerator, denominator, rule.in_minor_units())
        share = level - interest if number > interest_only else 0
        if number == len(due_on):
            share = remaining
            _check_last(share + interest, level, len(due_on) - interest_only)
        interest += accrued if number == 1 else 0
        remaining -= share
        if share + interest <= 0 or share < 0 or remaining < 0:
            raise Refused("plan:instalment-too-small", field="instalments", instalments=len(due_on))
        rows.append(Instalment(number, day, share, interest, share + interest, remaining))
    interest_total = sum(row.interest for row in rows)
    check_amount(principal + interest_total, field="agreed_total")
    return Schedule(tuple(rows), principal + interest_total, interest_total)


def loan_schedule(loan: Loan, *, rounding: RoundingRule) -> Schedule:
    """The loan's contractual schedule; refused as in `repay`."""
    rate = periodic_rate(loan.yearly_rate, loan.frequency)
    _check_count(loan.term)
    return repay(loan.principal, rate, due_dates(loan.first_due_on, loan.frequency, loan.term), rounding)


def arrears(loan: Loan, paid: int, *, as_of: date, penalty_daily_rate: Decimal, rounding: RoundingRule) -> Arrears:
    """What is owed on `as_of` when the first `paid` instalments were paid on time and no other.

    An instalment due on `as_of` itself is due and draws no penalty yet; interest that runs since the last
    due date is not counted. Penalty: each missed amount × daily rate × days late, rounded one by one.
    Refused: loan:paid-out-of-range, plan:rate-out-of-range, and those of `repay`.
    """
    if not 0 <= paid <= loan.term:
        raise Refused("loan:paid-out-of-range", field="paid_instalments", least=0, most=loan.term)
    _check_rate(penalty_daily_rate, field="penalty_daily_rate")
    unpaid = loan_schedule(loan, rounding=rounding).instalments[paid:]
    numerator, denominator = penalty_daily_rate.as_integer_ratio()
    missed = []
    for row in unpaid:
        days = (as_of - row.due_on).days
        if days >= 0:
            penalty = round_ratio(row.amount * numerator * days, denominator, rounding.in_minor_units())
            missed.append(Missed(row, days, penalty))
    due = sum(one.instalment.principal for one in missed)
    return Arrears(
        principal_due=due,
        principal_not_due=sum(row.principal for row in unpaid) - due,
        interest=sum(one.instalment.interest for one in missed),
        penalty=sum(one.penalty for one in missed),
        missed=tuple(missed),
    )


def fit_rounding(
    samples: Iterable[tuple[int, Decimal | Fraction, int, int]],
    *,
    rules: Sequence[RoundingRule] = FITTED_RULES,
) -> RoundingFit:
    """Which of `rules` gives most of the stated instalments; the earlier rule where two explain as many.

    A sample is (principal, rate a period, number of instalments, stated instalment), in minor units; refused
    as in `level_instalment`. `mismatched` holds the places, from 0, of the samples that the winner misses.
    """
    rows = [(_quarters(*_level(principal, rate, n)), stated) for principal, rate, n, stated in samples]
    scores = tuple((rule, sum(round_ratio(level, 4, rule) == stated for level, stated in rows)) for rule in rules)
    rule, matched = max(scores, key=lambda score: score[1])
    missed = tuple(place for place, (level, stated) in enumerate(rows) if round_ratio(level, 4, rule) != stated)
    return RoundingFit(rule, matched, len(rows), scores, missed)


def _level(principal: int, rate: Decimal | Fraction, n: int) -> tuple[int, int]:
    if principal <= 0:
        raise Refused("plan:total-not-positive", field="agreed_total")
    check_amount(principal, field="agreed_total")
    _check_count(n)
    _check_rate(rate)
    numerator, denominator = rate.as_integer_ratio()
    if numerator == 0:
        return principal, n
    # With r = a/b: P·a·(a+b)^n / (b·((a+b)^n − b^n)), in whole numbers, so that no tie is missed.
    grown, flat = (numerator + denominator) ** n, denominator**n
    return principal * numerator * grown, denominator * (grown - flat)


def _quarters(numerator: int, denominator: int) -> int:
    """A small stand-in for the fraction, in quarters, which every rule rounds alike."""
    whole, rest = divmod(numerator, denominator)
    if rest == 0:
        return 4 * whole
    return 4 * whole + 2 + (2 * rest > denominator) - (2 * rest < denominator)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _check_count(n: int) -> None:
    if not 1 <= n <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)


def _check_rate(rate: Decimal | Fraction, *, field: str = "yearly_rate") -> None:
    # Fifty decimals at most: a rate such as 1E-999999 would make numbers that fill the memory.
    endless = isinstance(rate, Decimal) and (not rate.is_finite() or int(rate.as_tuple().exponent) < -50)
    if endless or not 0 <= rate <= MOST_PERIODIC_RATE:
        raise Refused("plan:rate-out-of-range", field=field, least=0, most=MOST_PERIODIC_RATE)


def _check_last(amount: int, level: int, n: int) -> None:
    if n > 1 and amount > 2 * level:
        raise Refused("plan:last-instalment-too-large", field="instalments", amount=amount, level=level)
