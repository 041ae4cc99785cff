"""Days and parts of years: what the conventions promise of each other, and the time intervals of the law."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.day_counts import (
    DayCount,
    Unit,
    days,
    eu_interval,
    months_later,
    uk_interval,
    whole_units_back,
    year_fraction,
)

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
THIRTY = [DayCount.THIRTY_360_BOND, DayCount.THIRTY_360_US, DayCount.THIRTY_E_360, DayCount.THIRTY_E_360_ISDA]
ADDITIVE = [
    DayCount.THIRTY_E_360,
    DayCount.ACTUAL_360,
    DayCount.ACTUAL_364,
    DayCount.ACTUAL_365,
    DayCount.ACTUAL_365_25,
    DayCount.ACTUAL_ACTUAL_ISDA,
]


@given(three=st.tuples(DAYS, DAYS, DAYS).map(sorted), count=st.sampled_from(ADDITIVE))
def test_the_parts_of_a_time_add_up_to_it(three: list[date], count: DayCount) -> None:
    start, between, end = three
    parts = year_fraction(start, between, count) + year_fraction(between, end, count)
    assert parts == year_fraction(start, end, count)


@given(two=st.tuples(DAYS, DAYS).map(sorted), count=st.sampled_from(THIRTY))
def test_a_count_of_thirty_day_months_is_within_three_days_of_its_kin(two: list[date], count: DayCount) -> None:
    assert abs(days(*two, count) - days(*two, DayCount.THIRTY_E_360)) <= 3


@given(start=DAYS, years=st.integers(0, 40), count=st.sampled_from(list(DayCount)))
def test_whole_years_are_whole_or_nearly(start: date, years: int, count: DayCount) -> None:
    found = year_fraction(start, months_later(start, 12 * years), count)
    assert abs(found - years) <= Fraction(years + 1, 70)


@given(start=DAYS, count=st.sampled_from(list(DayCount)))
def test_no_time_passes_from_a_day_to_itself(start: date, count: DayCount) -> None:
    assert year_fraction(start, start, count) == 0


@pytest.mark.parametrize(
    ("count", "year"),
    [
        (DayCount.ACTUAL_360, 360),
        (DayCount.ACTUAL_364, 364),
        (DayCount.ACTUAL_365, 365),
        (DayCount.ACTUAL_365_25, 365.25),
    ],
)
def test_ninety_days_are_ninety_of_the_days_of_a_year(count: DayCount, year: float) -> None:
    assert year_fraction(date(2024, 1, 31), date(2024, 4, 30), count) == 90 / Fraction(year)


def test_a_year_of_actual_days_changes_at_new_year() -> None:
    """QuantLib, testActualActual: 61 days of 2003 and 121 of the leap year 2004."""
    found = year_fraction(date(2003, 11, 1), date(2004, 5, 1), DayCount.ACTUAL_ACTUAL_ISDA)
    assert found == Fraction(61, 365) + Fraction(121, 366)


def test_a_long_first_coupon_is_counted_by_the_coupons_before_it() -> None:
    """ISDA's memorandum of 1998: half a year and 153 of the 184 days of the half-year before it."""
    coupon = (date(2003, 1, 15), date(2003, 7, 15))
    found = year_fraction(date(2002, 8, 15), date(2003, 7, 15), DayCount.ACTUAL_ACTUAL_ICMA, coupon=coupon)
    assert found == Fraction(1, 2) + Fraction(153, 184) / 2


def test_a_coupon_shorter_than_a_fortnight_is_part_of_a_year_from_the_start() -> None:
    coupon = (date(2025, 3, 1), date(2025, 3, 8))
    found = year_fraction(date(2025, 3, 1), date(2025, 3, 8), DayCount.ACTUAL_ACTUAL_ICMA, coupon=coupon)
    assert found == Fraction(7, 365)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2008, 2, 29), date(2009, 2, 28), Fraction(1)),
        (date(2004, 2, 29), date(2004, 8, 31), Fraction(184, 366)),
        (date(2004, 3, 1), date(2004, 8, 31), Fraction(183, 365)),
    ],
)
def test_the_french_year_is_long_where_the_days_hold_a_leap_day(start: date, end: date, years: Fraction) -> None:
    assert year_fraction(start, end, DayCount.ACTUAL_ACTUAL_AFB) == years


def test_the_end_of_february_is_left_alone_where_the_contract_ends() -> None:
    ends = (date(2011, 8, 31), date(2012, 2, 29))
    assert days(*ends, DayCount.THIRTY_E_360_ISDA, terminates_on=ends[1]) == 179
    assert days(*ends, DayCount.THIRTY_E_360_ISDA) == 180


@pytest.mark.parametrize(
    ("start", "end", "unit", "whole", "left", "year"),
    [
        ("2012-01-12", "2012-04-15", "month", 3, 3, 365),
        ("2012-03-12", "2012-05-01", "month", 1, 20, 366),
        ("2012-01-12", "2012-02-15", "year", 0, 34, 365),
        ("2012-01-12", "2013-02-15", "year", 1, 34, 365),
        ("2012-01-12", "2012-02-15", "week", 4, 6, 365),
        ("2025-01-31", "2025-02-28", "month", 1, 0, 365),
        ("2025-01-30", "2025-02-28", "month", 0, 29, 366),
        ("2025-01-31", "2025-03-30", "month", 1, 28, 366),
        ("2024-02-29", "2025-02-28", "year", 1, 0, 365),
    ],
)
def test_the_european_interval_counts_back_and_divides_by_the_year_that_ends_with_its_days(
    start: str, end: str, unit: str, whole: int, left: int, year: int
) -> None:
    found = eu_interval(date.fromisoformat(start), date.fromisoformat(end), Unit(unit))
    assert (found.whole, found.days) == (whole, left)
    assert found.years == Fraction(whole, Unit(unit).in_a_year) + Fraction(left, year)


@pytest.mark.parametrize(
    ("start", "end", "unit", "years"),
    [
        ("2025-01-31", "2025-02-28", "month", Fraction(1, 12)),
        ("2025-01-12", "2025-02-15", "month", Fraction(1, 12) + Fraction(3, 365)),
        ("2024-01-12", "2024-02-15", "month", Fraction(1, 12) + Fraction(3, 366)),
        ("2020-01-01", "2020-01-23", "week", Fraction(3, 52) + Fraction(1, 366)),
        ("2023-12-25", "2024-01-03", "week", Fraction(1, 52) + Fraction(2, 366)),
        ("2023-12-26", "2024-01-03", "week", Fraction(1, 52) + Fraction(1, 366)),
        ("2023-12-29", "2024-01-02", "month", Fraction(2, 365) + Fraction(2, 366)),
        ("2024-01-15", "2026-03-15", "year", Fraction(2) + Fraction(59, 365)),
    ],
)
def test_the_british_interval_counts_on_and_each_day_belongs_to_its_own_year(
    start: str, end: str, unit: str, years: Fraction
) -> None:
    assert uk_interval(date.fromisoformat(start), date.fromisoformat(end), Unit(unit)).years == years


@given(start=DAYS, span=st.integers(0, 9000), unit=st.sampled_from(list(Unit)))
def test_days_left_over_are_fewer_than_a_unit(start: date, span: int, unit: Unit) -> None:
    end = start + timedelta(days=span)
    most = {Unit.WEEK: 6, Unit.MONTH: 30, Unit.YEAR: 365}[unit]
    assert 0 <= eu_interval(start, end, unit).days <= most
    assert 0 <= uk_interval(start, end, unit).days <= most


@given(start=DAYS, span=st.integers(0, 9000), more=st.integers(1, 400))
def test_a_later_end_is_never_fewer_units_away_in_weeks(start: date, span: int, more: int) -> None:
    end = start + timedelta(days=span)
    assert whole_units_back(start, end, Unit.WEEK) <= whole_units_back(start, end + timedelta(days=more), Unit.WEEK)


@given(day=DAYS.filter(lambda day: day.day <= 28), months=st.integers(-400, 400))
def test_months_on_and_back_end_where_they_began(day: date, months: int) -> None:
    assert months_later(months_later(day, months), -months) == day


@pytest.mark.parametrize("count", list(DayCount))
def test_an_end_before_the_start_is_refused(count: DayCount) -> None:
    with pytest.raises(Refused, match="days:end-before-start"):
        year_fraction(date(2025, 2, 2), date(2025, 2, 1), count)


@pytest.mark.parametrize("wrong", [date(1799, 12, 31), date(9001, 1, 1)])
def test_a_year_that_nobody_lends_in_is_refused(wrong: date) -> None:
    with pytest.raises(Refused, match="days:day-out-of-range"):
        eu_interval(min(wrong, date(2025, 1, 1)), max(wrong, date(2025, 1, 1)), Unit.MONTH)
