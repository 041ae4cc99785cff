"""Loans as their contract has them: what is owed when instalments are missed, and how a lender rounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Self

from mediation.errors import Refused
from mediation.rules.money import Rounding, RoundingRule, round_ratio
from mediation.rules.repayment import (
    LEVEL,
    MOST_INSTALMENTS,
    MOST_PERIODIC_RATE,
    Frequency,
    Instalment,
    Method,
    Schedule,
    Shape,
    check_count,
    check_rate,
    due_dates,
    exact_level,
    level_instalment,
    periodic_rate,
    repay,
    repay_shaped,
)

__all__ = [
    "FITTED_RULES", "LEVEL", "MOST_INSTALMENTS", "MOST_PERIODIC_RATE", "Arrears", "ClaimFigures", "Frequency",
    "Instalment", "Loan", "Method", "Missed", "RoundingFit", "Schedule", "Shape", "arrears", "due_dates",
    "fit_rounding", "level_instalment", "loan_schedule", "periodic_rate", "repay", "repay_shaped",
]  # fmt: skip

FITTED_RULES = tuple(RoundingRule(mode, multiple) for multiple in (1, 10, 100) for mode in Rounding)


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
    """A loan repaid in instalments, as its contract has it; `yearly_rate` is nominal (0.234)."""

    principal: int
    yearly_rate: Decimal
    term: int
    first_due_on: date
    frequency: Frequency = Frequency.MONTHLY
    method: Method = Method.EQUAL_INSTALMENTS

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


def loan_schedule(loan: Loan, *, rounding: RoundingRule) -> Schedule:
    """The loan's contractual schedule; refused as in `repay`."""
    rate = periodic_rate(loan.yearly_rate, loan.frequency)
    check_count(loan.term)
    days = due_dates(loan.first_due_on, loan.frequency, loan.term)
    return repay_shaped(loan.principal, rate, days, rounding, Shape(method=loan.method))


def arrears(loan: Loan, paid: int, *, as_of: date, penalty_daily_rate: Decimal, rounding: RoundingRule) -> Arrears:
    """What is owed on `as_of` when the first `paid` instalments were paid on time and no other.

    An instalment due on `as_of` itself is due and draws no penalty yet; interest that runs since the last
    due date is not counted. Penalty: each missed amount × daily rate × days late, rounded one by one.
    Refused: loan:paid-out-of-range, plan:rate-out-of-range, and those of `repay`.
    """
    if not 0 <= paid <= loan.term:
        raise Refused("loan:paid-out-of-range", field="paid_instalments", least=0, most=loan.term)
    check_rate(penalty_daily_rate, field="penalty_daily_rate")
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
    rows = [(_quarters(*exact_level(principal, rate, n)), stated) for principal, rate, n, stated in samples]
    scores = tuple((rule, sum(round_ratio(level, 4, rule) == stated for level, stated in rows)) for rule in rules)
    rule, matched = max(scores, key=lambda score: score[1])
    missed = tuple(place for place, (level, stated) in enumerate(rows) if round_ratio(level, 4, rule) != stated)
    return RoundingFit(rule, matched, len(rows), scores, missed)


def _quarters(numerator: int, denominator: int) -> int:
    """A small stand-in for the fraction, in quarters, which every rule rounds alike."""
    whole, rest = divmod(numerator, denominator)
    if rest == 0:
        return 4 * whole
    return 4 * whole + 2 + (2 * rest > denominator) - (2 * rest < denominator)
