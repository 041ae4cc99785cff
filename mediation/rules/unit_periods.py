"""The annual percentage rate of the United States: the actuarial method of Regulation Z, Appendix J."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.cost import rounded_rate
from mediation.rules.day_counts import Unit, check_days, months_later, whole_units_back
from mediation.rules.roots import DIGITS, LEAST_RATE, MOST_RATE, MOST_TERMS, crossing


class UnitPeriod(StrEnum):
    """The most common interval between the flows, App. J (b)(4); a two-month one is month with multiple 2."""

    DAY = "day"
    WEEK = "week"
    SEMIMONTH = "semimonth"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class UnitFlow:
    """A flow after `whole` unit-periods and `part` of one (0 ≤ part < 1); an advance is above nought, a payment below.

    The amount is in any one unit.
    """

    whole: int
    part: Fraction
    amount: Decimal


def unit_periods_between(start: date, end: date, unit: UnitPeriod, *, multiple: int = 1) -> tuple[int, Fraction]:
    """How many whole unit-periods lie between two days, and what part of one more; App. J (b)(5).

    Months are counted back from the later day and have 30 days each where a remainder is left; the remainder
    of a year is whole months out of 12 or days out of 365. Refused: days:end-before-start,
    days:day-out-of-range, cost:unknown-unit-period (a multiple that the rule does not have).
    """
    check_days(start, end)
    if multiple < 1 or (multiple > 1 and unit not in (UnitPeriod.DAY, UnitPeriod.WEEK, UnitPeriod.MONTH)):
        raise Refused("cost:unknown-unit-period", field="unit_period", unit=unit.value, multiple=multiple)
    if unit is UnitPeriod.YEAR:
        return _years_between(start, end)
    if unit in (UnitPeriod.DAY, UnitPeriod.WEEK):
        days, length = (end - start).days, 7 if unit is UnitPeriod.WEEK else 1
    else:
        months, left = _months_back(start, end)
        days, length = 30 * months + left, 15 if unit is UnitPeriod.SEMIMONTH else 30
    whole, rest = divmod(days, length * multiple)
    return whole, Fraction(rest, length * multiple)


def unit_periods_in_a_year(unit: UnitPeriod, *, multiple: int = 1) -> Fraction:
    """365 days, 52 weeks, 24 semimonths, 12 months or one year, divided by the multiple; App. J (b)(5)."""
    return Fraction({"day": 365, "week": 52, "semimonth": 24, "month": 12, "year": 1}[unit], multiple)


def american_apr(flows: Sequence[UnitFlow], unit_periods_in_a_year: int | Fraction) -> Decimal:
    """The annual percentage rate as a fraction, 12 decimals: the unit-period rate i times the periods in a year.

    App. J (b)(8): Σ amount / ((1 + part·i)·(1 + i)^whole) = 0. Where every advance comes before every payment
    the worth of each payment falls against that of each advance as i rises, so there is at most one rate; other
    orders are refused rather than solved. Refused: cost:payment-before-advance, cost:no-rate,
    cost:too-many-flows, cost:part-out-of-range.
    """
    ordered = _in_order(flows)
    with localcontext(DIGITS):
        low, high = (1 + LEAST_RATE).ln(), (1 + MOST_RATE).ln()
        if _worth(ordered, low) >= 0 or _worth(ordered, high) <= 0:
            raise Refused("cost:no-rate", field="flows")
        rate = crossing(lambda growth: _worth(ordered, growth), low, high).exp() - 1
        periods = Fraction(unit_periods_in_a_year)
        return rounded_rate(rate * periods.numerator / periods.denominator)


def _years_between(start: date, end: date) -> tuple[int, Fraction]:
    whole = whole_units_back(start, end, Unit.YEAR)
    reached = months_later(end, -12 * whole)
    months, left = _months_back(start, reached)
    return whole, Fraction((reached - start).days, 365) if left else Fraction(months, 12)


def _months_back(start: date, end: date) -> tuple[int, int]:
    months = whole_units_back(start, end, Unit.MONTH)
    # Two ends of months are whole months apart, although counting back from a shorter one stops short of it.
    return months, max(0, (months_later(end, -months) - start).days)


def _in_order(flows: Sequence[UnitFlow]) -> list[UnitFlow]:
    if len(flows) > MOST_TERMS:
        raise Refused("cost:too-many-flows", field="flows", most=MOST_TERMS)
    if any(not 0 <= flow.part < 1 or flow.whole < 0 for flow in flows):
        raise Refused("cost:part-out-of-range", field="flows")
    moving = sorted((flow for flow in flows if flow.amount), key=lambda flow: (flow.whole, flow.part))
    paid = [flow.amount < 0 for flow in moving]
    if paid != sorted(paid):
        raise Refused("cost:payment-before-advance", field="flows")
    if not paid or paid[0] or not paid[-1]:
        raise Refused("cost:no-rate", field="flows")
    return moving


def _worth(flows: Sequence[UnitFlow], growth: Decimal) -> Decimal:
    factor = growth.exp()
    rate, total = factor - 1, Decimal(0)
    for flow in flows:
        total += flow.amount / ((1 + rate * flow.part.numerator / flow.part.denominator) * factor**flow.whole)
    return total
