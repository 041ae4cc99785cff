"""How a sum is repaid: due dates, level instalments and the other shapes, every row to the minor unit."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.money import RoundingRule, check_amount, round_ratio

MOST_INSTALMENTS = 600
MOST_PERIODIC_RATE = 100


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


class Method(StrEnum):
    """What stays the same from one instalment to the next.

    equal_instalments (等额本息): principal and interest together. equal_principal (等额本金): the principal, so
    that the instalments fall with their interest.
    """

    EQUAL_INSTALMENTS = "equal_instalments"
    EQUAL_PRINCIPAL = "equal_principal"


@dataclass(frozen=True, slots=True)
class Shape:
    """Which instalments do not follow the method; money in minor units, 0 for none.

    interest_only: so many first ones carry no principal. step_after: so many first ones, instead, are of
    `step_amount`, interest included. balloon: the principal that is left for the last one, which carries its
    interest too. accrued: older interest, added to the first.
    """

    method: Method = Method.EQUAL_INSTALMENTS
    interest_only: int = 0
    step_after: int = 0
    step_amount: int = 0
    balloon: int = 0
    accrued: int = 0


LEVEL = Shape()


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


def periodic_rate(yearly_rate: Decimal, frequency: Frequency) -> Fraction:
    """The exact rate of one period: yearly / 12, 52, 26 or 13; refused: plan:rate-out-of-range."""
    check_rate(yearly_rate)
    return Fraction(yearly_rate) / frequency.periods_in_a_year


def level_instalment(principal: int, rate: Decimal | Fraction, n: int, rule: RoundingRule) -> int:
    """The level payment, in minor units, that repays `principal` in `n` periods at `rate` a period.

    Annuity formula P·r / (1 − (1 + r)^−n), P / n where r is 0, computed without any intermediate rounding.
    A Decimal rate is taken as it stands; pass a Fraction for one that no Decimal holds (0.05 / 12).
    Never rises with `n`, never falls with `principal` or `rate`, under every rule.
    Refused: plan:total-not-positive, money:too-large, plan:instalments-out-of-range, plan:rate-out-of-range.
    """
    return round_ratio(*exact_level(principal, rate, n), rule)


def exact_level(principal: int, rate: Decimal | Fraction, n: int) -> tuple[int, int]:
    """The level payment before rounding, as numerator and denominator; refused as in `level_instalment`."""
    _check_owed(principal, rate, n)
    numerator, denominator = rate.as_integer_ratio()
    if numerator == 0:
        return principal, n
    # With r = a/b: P·a·(a+b)^n / (b·((a+b)^n − b^n)), in whole numbers, so that no tie is missed.
    grown, flat = (numerator + denominator) ** n, denominator**n
    return principal * numerator * grown, denominator * (grown - flat)


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
    return repay_shaped(principal, rate, due_on, rule, Shape(interest_only=interest_only, accrued=accrued))


def repay_shaped(
    principal: int, rate: Decimal | Fraction, due_on: Sequence[date], rule: RoundingRule, shape: Shape
) -> Schedule:
    """The schedule of that shape; what follows the method repays what the other instalments leave.

    The regular amount (the level instalment, or the equal principal) is rounded by `rule`, interest by its
    mode to one minor unit; the last of the regular instalments takes the residue, so that a balloon stays as
    it was stated. With a balloon B the level amount is that of the principal less B, plus the interest on B.
    Under equal principal, interest in all never falls with the rate nor with the number of instalments;
    under a level amount that holds only up to the rounding of each period's interest.

    Refused, besides those of `level_instalment`: plan:instalment-too-small (one would be nothing, or the debt
    repaid before the last), plan:last-instalment-too-large (the last regular one more than twice the regular
    amount), plan:step-amount-too-small (less than the interest), plan:step-amount-too-large,
    plan:balloon-out-of-range.
    """
    _check_owed(principal, rate, len(due_on) - shape.interest_only - shape.step_after - bool(shape.balloon))
    if not 0 <= shape.balloon < principal:
        raise Refused("plan:balloon-out-of-range", field="balloon", most=principal - 1)
    rows = tuple(_rows(principal, rate, due_on, rule, shape))
    interest_total = sum(row.interest for row in rows)
    check_amount(principal + interest_total, field="agreed_total")
    return Schedule(rows, principal + interest_total, interest_total)


def check_count(n: int) -> None:
    """Passes 1 to MOST_INSTALMENTS; refused: plan:instalments-out-of-range."""
    if not 1 <= n <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)


def check_rate(rate: Decimal | Fraction, *, field: str = "yearly_rate") -> None:
    """Passes a rate from 0 to MOST_PERIODIC_RATE of fifty decimals at most; refused: plan:rate-out-of-range."""
    # A rate such as 1E-999999 would make numbers that fill the memory.
    endless = isinstance(rate, Decimal) and (not rate.is_finite() or int(rate.as_tuple().exponent) < -50)
    if endless or not 0 <= rate <= MOST_PERIODIC_RATE:
        raise Refused("plan:rate-out-of-range", field=field, least=0, most=MOST_PERIODIC_RATE)


def _check_owed(principal: int, rate: Decimal | Fraction, n: int) -> None:
    if principal <= 0:
        raise Refused("plan:total-not-positive", field="agreed_total")
    check_amount(principal, field="agreed_total")
    check_count(n)
    check_rate(rate)


def _rows(
    principal: int, rate: Decimal | Fraction, due_on: Sequence[date], rule: RoundingRule, shape: Shape
) -> Iterator[Instalment]:
    numerator, denominator = rate.as_integer_ratio()
    first_regular = 1 + shape.interest_only + shape.step_after
    last_regular = len(due_on) - bool(shape.balloon)
    remaining, regular = principal, 0
    for number, day in enumerate(due_on, start=1):
        interest = round_ratio(remaining * numerator, denominator, rule.in_minor_units())
        if number == first_regular:
            regular = _regular(remaining, rate, last_regular - number + 1, rule, shape)
        if number < first_regular:
            share = _early(interest, remaining, shape)
        elif number < last_regular:
            share = regular - interest if shape.method is Method.EQUAL_INSTALMENTS else regular
        elif number == last_regular:
            share = remaining - shape.balloon
            _check_residue(share, interest, regular, last_regular - first_regular + 1, shape)
        else:
            share = remaining
        interest += shape.accrued if number == 1 else 0
        remaining -= share
        if share + interest <= 0 or share < 0 or remaining < 0:
            raise Refused("plan:instalment-too-small", field="instalments", instalments=len(due_on))
        yield Instalment(number, day, share, interest, share + interest, remaining)


def _early(interest: int, remaining: int, shape: Shape) -> int:
    """The principal in an instalment before the regular ones."""
    if not shape.step_after:
        return 0
    share = shape.step_amount - interest
    if share < 0:
        raise Refused("plan:step-amount-too-small", field="step_amount", least=interest)
    if share >= remaining - shape.balloon:
        raise Refused("plan:step-amount-too-large", field="step_amount")
    return share


def _regular(principal: int, rate: Decimal | Fraction, n: int, rule: RoundingRule, shape: Shape) -> int:
    """The amount that comes back: the level instalment, or the principal in each."""
    if shape.method is Method.EQUAL_PRINCIPAL:
        return level_instalment(principal - shape.balloon, Fraction(0), n, rule)
    level, parts = exact_level(principal - shape.balloon, rate, n)
    numerator, denominator = rate.as_integer_ratio()
    return round_ratio(level * denominator + shape.balloon * numerator * parts, parts * denominator, rule)


def _check_residue(share: int, interest: int, regular: int, n: int, shape: Shape) -> None:
    amount = share + (interest if shape.method is Method.EQUAL_INSTALMENTS else 0)
    if n > 1 and amount > 2 * regular:
        raise Refused("plan:last-instalment-too-large", field="instalments", amount=amount, level=regular)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
