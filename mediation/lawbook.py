"""Dated facts, read once from files and handed out frozen: calendars, guidelines, legal rules, assumptions.

A calendar year is one JSON file, in this package's data or in a folder that the mediation body keeps itself,
so that it adds next year's calendar the day it is published (and starts the processes anew):

    {"calendar": "cn", "year": 2027,
     "days_off": ["2027-01-01", "2027-02-05/2027-02-11"],
     "workdays": ["2027-01-30"],
     "source": "the notice, by name and number",
     "provisional": false}

`days_off` are the holidays and the days exchanged for them, one by one or as first/last; Saturdays and
Sundays are off without being named. `workdays` are the weekend days on which work is made up. A year of the
body's own folder takes the place of the same year that we ship, but a provisional year never replaces a
published one.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mediation.errors import MediationError, Refused
from mediation.rules.affordability import SPENDING, Guideline, Guidelines, PerHead, Profile
from mediation.rules.assumptions import Assumptions, read_assumptions
from mediation.rules.deadlines import Calendar
from mediation.rules.legal_rules import LawBook, book_of, lpr_row_from, rule_from

DATA = Path(__file__).parent / "data"
SHIPPED_CALENDARS = DATA / "calendars"
PROVISIONAL_CALENDARS = SHIPPED_CALENDARS / "provisional"
BENCHMARKS = DATA / "benchmarks"
LAW = DATA / "law"
ASSUMPTIONS = DATA / "assumptions"

SATURDAY = 5
SHORT_HASH = 12


class CalendarUnusable(MediationError):
    """A calendar file cannot be used as it is; the facts say which file and why."""


class BenchmarksUnusable(MediationError):
    """A file of spending guidelines cannot be used as it is; the facts say which file and why."""


class LawUnusable(MediationError):
    """A file of legal rules cannot be used as it is; the facts say why."""


class AssumptionsUnusable(MediationError):
    """A file of what is assumed without an agreement cannot be used as it is; the facts say which file and why."""


@dataclass(frozen=True, slots=True)
class _Year:
    calendar: str
    year: int
    days_off: frozenset[date]
    provisional: bool


_extra_calendars: Path | None = None


def use_extra_calendars(folder: Path | None) -> None:
    """From now on the calendars of this process include the years in that folder.

    Called once at start by whoever reads the settings; the files are read and checked now. Raises
    CalendarUnusable for a file that does not hold.
    """
    global _extra_calendars
    _calendars(folder)
    _extra_calendars = folder


def calendar(name: str, *, extra_calendars: Path | None = None) -> Calendar:
    """The working-day calendar of that name (cn is China's), with the added years given here or at start."""
    found = _calendars(extra_calendars or _extra_calendars).get(name)
    if found is None:
        raise Refused("calendar:unknown", calendar=name)
    return found


def with_closing_days(calendar: Calendar, days: Iterable[date]) -> Calendar:
    """The calendar with an institution's own closing days off as well; refuses days that it does not know."""
    closing = frozenset(days)
    for day in closing:
        calendar.is_working_day(day)
    return replace(calendar, days_off=calendar.days_off | closing)


def guidelines(profile: Profile, *, on: date) -> Guidelines | None:
    """The newest spending guidelines of that profile in force on that day; none where none are."""
    in_force = [
        each
        for each in _all_guidelines(BENCHMARKS)
        if each.profile is profile and each.valid_from <= on and (each.valid_until is None or on <= each.valid_until)
    ]
    return max(in_force, key=lambda each: each.valid_from, default=None)


def law() -> LawBook:
    """Every dated legal rule that we ship, and the publications of the LPR."""
    return _law(LAW)


def assumptions(currency: str) -> Assumptions | None:
    """The newest set of what is assumed without an agreement in that currency; none where nothing is assumed."""
    found = [each for each in _all_assumptions(ASSUMPTIONS) if each.currency == currency]
    return max(found, key=lambda each: each.dated, default=None)


@lru_cache(maxsize=1)
def version() -> str:
    """The law book's date and a hash over everything in it that we ship: the same on every machine.

    The years that a mediation body adds itself are not part of it: a deadline is kept as the date they gave.
    """
    dated = json.loads((DATA / "version.json").read_text("utf-8"))["dated"]
    return f"{dated}+{_content_hash()[:SHORT_HASH]}"


@lru_cache(maxsize=8)
def _calendars(extra: Path | None) -> Mapping[str, Calendar]:
    years = {("cn", year.year): year for year in _years_of_china()}
    for folder in (SHIPPED_CALENDARS, extra):
        years.update(_newer(_years_in(folder), years) if folder else {})
    names = {name for name, _ in years}
    return MappingProxyType({name: _joined(name, years.values()) for name in names})


def _newer(added: Iterable[_Year], known: Mapping[tuple[str, int], _Year]) -> dict[tuple[str, int], _Year]:
    read: dict[tuple[str, int], _Year] = {}
    for year in added:
        if read.setdefault((year.calendar, year.year), year) is not year:
            raise CalendarUnusable("calendar:year-twice", calendar=year.calendar, year=year.year)
    published = {key for key, year in known.items() if not year.provisional}
    return {key: year for key, year in read.items() if not (year.provisional and key in published)}


def _joined(name: str, known: Iterable[_Year]) -> Calendar:
    years = sorted((year for year in known if year.calendar == name), key=lambda year: year.year)
    first, last = years[0].year, years[-1].year
    if len(years) != last - first + 1:
        raise CalendarUnusable("calendar:years-missing", calendar=name, first=first, last=last)
    provisional = [date(year.year, 1, 1) for year in years if year.provisional]
    return Calendar(
        name=name,
        first=date(first, 1, 1),
        last=date(last, 12, 31),
        days_off=frozenset().union(*(year.days_off for year in years)),
        provisional_from=min(provisional, default=None),
    )


def _years_of_china() -> Iterator[_Year]:
    # Costs 30 ms, which only a reader of dates should pay.
    from chinese_calendar.constants import holidays, workdays

    for number in range(min(holidays).year, max(holidays).year + 1):
        yield _Year("cn", number, _days_off(number, holidays.keys(), workdays.keys()), provisional=False)


def _years_in(folder: Path) -> Iterator[_Year]:
    if not folder.is_dir():
        raise CalendarUnusable("calendar:folder-missing", folder=str(folder))
    for path in sorted(folder.glob("*.json")):
        try:
            yield _year_of(json.loads(path.read_text("utf-8-sig")))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalendarUnusable("calendar:file-malformed", file=path.name, why=str(error)) from error


def _year_of(found: Mapping[str, object]) -> _Year:
    """One year as its file writes it; a mistake is a Value-, Key-, Type- or AttributeError."""
    name, number, provisional = found["calendar"], found["year"], found["provisional"]
    if not isinstance(name, str) or type(number) is not int or not isinstance(provisional, bool):
        raise ValueError("calendar is text, year a number, provisional true or false")
    if not isinstance(found["source"], str) or not found["source"].strip():
        raise ValueError("the source is named")
    unknown = found.keys() - {"calendar", "year", "days_off", "workdays", "source", "provisional"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    holidays, workdays = _days(found["days_off"], number), _days(found["workdays"], number)
    if holidays & workdays:
        raise ValueError("a day is either off or worked")
    if any(day.weekday() < SATURDAY for day in workdays):
        raise ValueError("only a Saturday or Sunday is made up as a workday")
    return _Year(name, number, _days_off(number, holidays, workdays), provisional)


def _days(written: object, year: int) -> frozenset[date]:
    if not isinstance(written, list):
        raise ValueError("days are a list")
    days: set[date] = set()
    for text in written:
        first, _, last = text.partition("/")
        days.update(_days_between(date.fromisoformat(first), date.fromisoformat(last or first)))
    if any(day.year != year for day in days):
        raise ValueError(f"a day lies outside {year}")
    return frozenset(days)


def _days_between(first: date, last: date) -> Iterator[date]:
    if last < first:
        raise ValueError("a span ends before it begins")
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _days_off(year: int, holidays: Iterable[date], workdays: Iterable[date]) -> frozenset[date]:
    days = _days_between(date(year, 1, 1), date(year, 12, 31))
    weekends = {day for day in days if day.weekday() >= SATURDAY}
    return frozenset((weekends | {day for day in holidays if day.year == year}) - set(workdays))


@lru_cache(maxsize=4)
def _all_guidelines(folder: Path) -> tuple[Guidelines, ...]:
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(_guidelines_of(json.loads(path.read_text("utf-8"))))
        except (ValueError, KeyError, TypeError) as error:
            raise BenchmarksUnusable("benchmarks:file-malformed", file=path.name, why=str(error)) from error
    return tuple(found)


def _guidelines_of(found: Mapping[str, Any]) -> Guidelines:
    """One table as its file writes it; a mistake is a Value-, Key- or TypeError."""
    profile, until = Profile(found["profile"]), found["valid_until"]
    if not found["source"].strip() or found["is_configuration"] is not True:
        raise ValueError("the source is named, and the table is marked as configuration")
    if found["per_head"] != ["first_adult", "further_adult", "child"]:
        raise ValueError("figures are for the first adult, each further adult, each child")
    if unknown := found["guidelines"].keys() - set(SPENDING[profile]):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return Guidelines(
        profile=profile,
        currency=found["currency"],
        valid_from=date.fromisoformat(found["valid_from"]),
        valid_until=None if until is None else date.fromisoformat(until),
        source=found["source"],
        by_category=MappingProxyType({name: _guideline(each) for name, each in found["guidelines"].items()}),
    )


def _guideline(written: Mapping[str, list[int] | None]) -> Guideline:
    low, typical, high = (
        None if figures is None else PerHead(*figures)
        for figures in (written["low"], written["typical"], written["high"])
    )
    for lower, upper in ((low, typical), (typical, high), (low, high)):
        if lower and upper and any(getattr(lower, part) > getattr(upper, part) for part in PerHead.__slots__):
            raise ValueError("low, typical and high rise")
    return Guideline(low, typical, high)


@lru_cache(maxsize=4)
def _law(folder: Path) -> LawBook:
    """The book of a folder: files of `rules`, and files of `lpr` in per cent, in our own words and dated."""
    try:
        files = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
        rules = [rule_from(rule) for file in files for rule in file.get("rules", ())]
        return book_of(rules, [lpr_row_from(row) for file in files for row in file.get("lpr", ())])
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise LawUnusable("law:file-malformed", folder=folder.name, why=str(error)) from error


@lru_cache(maxsize=4)
def _all_assumptions(folder: Path) -> tuple[Assumptions, ...]:
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read_assumptions(json.loads(path.read_text("utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AssumptionsUnusable("assumptions:file-malformed", file=path.name, why=str(error)) from error
    return tuple(found)


def _content_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(DATA.rglob("*.json"), key=_name_in_data):
        # As text, so that a checkout with other line endings is the same law book.
        _feed(digest, _name_in_data(path), path.read_text("utf-8"))
    china = _calendars(None)["cn"]
    _feed(digest, "cn", " ".join(day.isoformat() for day in sorted(china.days_off)))
    return digest.hexdigest()


def _name_in_data(path: Path) -> str:
    return path.relative_to(DATA).as_posix()


def _feed(digest: "hashlib._Hash", name: str, text: str) -> None:
    for part in (name.encode(), text.encode()):
        digest.update(len(part).to_bytes(8, "big") + part)
