"""How long it is from one day to another: the day counts of lenders, and the time intervals of the law."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from mediation.errors import Refused

FIRST_YEAR = 1800
LAST_YEAR = 9000


class DayCount(StrEnum):
    """How days become a part of a year.

    thirty_360_bond: 30/360 of ISDA 2006 s. 4.16(f); thirty_360_us: the same with the end of February as a
    30th; thirty_e_360: Eurobond, s. 4.16(g); thirty_e_360_isda: s. 4.16(h), German. actual_actual_isda:
    s. 4.16(b); actual_actual_icma: ICMA rule 251 (ISMA), by coupon periods; actual_actual_afb: French (AFB
    1994), whole years counted back, as read in ISDA's memorandum of 1998.
    """

    THIRTY_360_BOND = "thirty_360_bond"
    THIRTY_360_US = "thirty_360_us"
    THIRTY_E_360 = "thirty_e_360"
    THIRTY_E_360_ISDA = "thirty_e_360_isda"
    ACTUAL_360 = "actual_360"
    ACTUAL_364 = "actual_364"
    ACTUAL_365 = "actual_365"
    ACTUAL_365_25 = "actual_365_25"
    ACTUAL_ACTUAL_ISDA = "actual_actual_isda"
    ACTUAL_ACTUAL_ICMA = "actual_actual_icma"
    ACTUAL_ACTUAL_AFB = "actual_actual_afb"


class Unit(StrEnum):
    """What a time interval is counted in before its days."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"

    @property
    def in_a_year(self) -> int:
        """1, 12 or 52."""
        return {"year": 1, "month": 12, "week": 52}[self]


@dataclass(frozen=True, slots=True)
class Interval:
    """So many whole units and `days` more; `years` is the whole as a part of a year."""

    unit: Unit
    whole: int
    days: int
    years: Fraction


def days(start: date, end: date, count: DayCount, *, terminates_on: date | None = None) -> int:
    """Days from `start` to `end` as `count` has them: of 30-day months, or as they are.

    `terminates_on` is the last day of the contract, whose end of February thirty_e_360_isda leaves as it is.
    Refused: days:end-before-start, days:day-out-of-range.
    """
    check_days(start, end)
    first, last = start.day, end.day
    if count is DayCount.THIRTY_360_BOND:
        first = min(first, 30)
        last = 30 if last == 31 and first == 30 else last
    elif count is DayCount.THIRTY_360_US:
        last = 30 if _ends_february(start) and _ends_february(end) else last
        first = 30 if _ends_february(start) else min(first, 30)
        last = 30 if last == 31 and first == 30 else last
    elif count is DayCount.THIRTY_E_360:
        first, last = min(first, 30), min(last, 30)
    elif count is DayCount.THIRTY_E_360_ISDA:
        first = 30 if _ends_february(start) else min(first, 30)
        last = 30 if _ends_february(end) and end != terminates_on else min(last, 30)
    else:
        return (end - start).days
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def year_fraction(
    start: date,
    end: date,
    count: DayCount,
    *,
    coupon: tuple[date, date] | None = None,
    terminates_on: date | None = None,
) -> Fraction:
    """The exact part of a year from `start` to `end`.

    `coupon` is the regular coupon period that actual_actual_icma counts by: the one that `end` lies in, or
    for a long last period the one that `start` lies in; without it the days themselves are the period.
    Refused as in `days`; days:end-before-start also for a coupon period that ends before it starts.
    """
    if count is DayCount.ACTUAL_ACTUAL_ISDA:
        return _by_calendar_years(start, end)
    if count is DayCount.ACTUAL_ACTUAL_AFB:
        return _by_years_back(start, end)
    if count is DayCount.ACTUAL_ACTUAL_ICMA:
        return _by_coupons(start, end, coupon or (start, end))
    year = {
        DayCount.ACTUAL_364: Fraction(364),
        DayCount.ACTUAL_365: Fraction(365),
        DayCount.ACTUAL_365_25: Fraction(1461, 4),
    }.get(count, Fraction(360))
    return days(start, end, count, terminates_on=terminates_on) / year


def eu_interval(start: date, end: date, unit: Unit) -> Interval:
    """The interval of Directive 2008/48/EC Annex I (now (EU) 2023/2225 Annex III), remark (c), with days.

    Whole units are counted back from `end`; the days that are left, without `start`, are divided by those of
    the complete year that ends with them (365, or 366 where it has a leap day). Two ends of months are
    whole months apart. Refused as in `days`.
    """
    whole = whole_units_back(start, end, unit)
    reached = end if not whole else _units_later(end, -whole, unit)
    if _ends_month(start) and _ends_month(end) and (reached.year, reached.month) == (start.year, start.month):
        reached = start
    left = (reached - start).days
    year = (reached - months_later(reached, -12)).days
    return Interval(unit, whole, left, Fraction(whole, unit.in_a_year) + Fraction(left, year))


def uk_interval(start: date, end: date, unit: Unit) -> Interval:
    """The interval of the FCA's CONC App 1.1.10 and 1.2, from `start` on: whole units, then days.

    Each day that is left is 1/365 of a year, 1/366 where it lies in a leap year. A month ends on the day of
    the same number, or on the last of its month where there is none. Refused as in `days`.
    """
    check_days(start, end)
    whole = (end - start).days // 7 if unit is Unit.WEEK else _months_between(start, end) // (12 // unit.in_a_year)
    reached = _units_later(start, whole, unit)
    left = _by_calendar_years(reached + timedelta(days=1), end + timedelta(days=1))
    return Interval(unit, whole, (end - reached).days, Fraction(whole, unit.in_a_year) + left)


def whole_units_back(start: date, end: date, unit: Unit) -> int:
    """How many whole units lie between, counted back from `end`; two ends of months are whole months apart."""
    check_days(start, end)
    if unit is Unit.WEEK:
        return (end - start).days // 7
    months = 12 * (end.year - start.year) + end.month - start.month
    if months and months_later(end, -months) < start and not (_ends_month(start) and _ends_month(end)):
        months -= 1
    return months // (12 // unit.in_a_year)


def months_later(day: date, months: int) -> date:
    """The same day so many months later (earlier, where negative), or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def check_days(start: date, end: date) -> None:
    """Passes two days in order, of years that the arithmetic holds; refused as in `days`."""
    if not (FIRST_YEAR <= start.year <= LAST_YEAR and FIRST_YEAR <= end.year <= LAST_YEAR):
        raise Refused("days:day-out-of-range", field="on", first=FIRST_YEAR, last=LAST_YEAR)
    if end < start:
        raise Refused("days:end-before-start", field="on", start=start, end=end)


def _by_calendar_years(start: date, end: date) -> Fraction:
    check_days(start, end)
    total, reached = Fraction(0), start
    while reached < end:
        turn = min(end, date(reached.year + 1, 1, 1))
        total += Fraction((turn - reached).days, 366 if calendar.isleap(reached.year) else 365)
        reached = turn
    return total


def _by_years_back(start: date, end: date) -> Fraction:
    check_days(start, end)
    whole, reached = 0, end
    while (earlier := _year_before(reached)) >= start:
        whole, reached = whole + 1, earlier
    leaps = [date(year, 2, 29) for year in (start.year, reached.year) if calendar.isleap(year)]
    year = 366 if any(start <= leap < reached for leap in leaps) else 365
    return whole + Fraction((reached - start).days, year)


def _year_before(day: date) -> date:
    earlier = months_later(day, -12)
    # A year before the last of February is the last of February (AFB).
    return date(earlier.year, 2, 29) if _ends_february(day) and calendar.isleap(earlier.year) else earlier


def _by_coupons(start: date, end: date, coupon: tuple[date, date]) -> Fraction:
    check_days(start, end)
    check_days(*coupon)
    if start == end:
        return Fraction(0)
    opens, closes = coupon
    months = (24 * (closes - opens).days + 365) // 730
    if not months:
        opens, closes, months = start, months_later(start, 12), 12
    back, ahead = [opens], [closes]
    while back[-1] > start:
        back.append(months_later(opens, -months * len(back)))
    while ahead[-1] < end:
        ahead.append(months_later(closes, months * len(ahead)))
    edges = [*reversed(back), *ahead]
    parts = (
        Fraction(max(0, (min(end, last) - max(start, first)).days), (last - first).days)
        for first, last in zip(edges, edges[1:], strict=False)
    )
    return Fraction(months, 12) * sum(parts, Fraction(0))


def _months_between(start: date, end: date) -> int:
    months = 12 * (end.year - start.year) + end.month - start.month
    return months if months_later(start, months) <= end else months - 1


def _units_later(day: date, units: int, unit: Unit) -> date:
    if unit is Unit.WEEK:
        return day + timedelta(days=7 * units)
    return months_later(day, units * (12 // unit.in_a_year))


def _ends_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _ends_february(day: date) -> bool:
    return day.month == 2 and _ends_month(day)
