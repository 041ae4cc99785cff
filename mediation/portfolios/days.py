"""Days as spreadsheets and people write them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from mediation.errors import Refused

FIRST_YEAR, LAST_YEAR = 1970, 2100


class DayOrder(StrEnum):
    """Which number stands first in 05/01/2025."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True)
class Day:
    """A day; where the file names the month alone, its first, with `month_only` true."""

    on: date
    month_only: bool = False


@lru_cache(maxsize=4096)
def read_day(text: str, *, order: DayOrder | None = None) -> Day:
    """The day that a trimmed cell names: 2025-01-05, 2025/1/5, 2025年1月5日, 20250105, 45662, 'Mar-2018'.

    A time behind the day is dropped; a time zone is refused, for it could move the day. Refused:
    import:not-a-day, import:day-ambiguous, import:day-out-of-range, import:day-with-zone.
    """
    if _ZONED.fullmatch(text):
        raise Refused("import:day-with-zone")
    text = _TIME.sub("", text)
    for pattern, places in _WHOLE:
        found = pattern.fullmatch(text)
        if found:
            year, month, day = (found[place] for place in places)
            return Day(_day(int(year), _month(month), int(day)))
    for pattern, places in _MONTHS:
        found = pattern.fullmatch(text)
        if found:
            year, month = (found[place] for place in places)
            return Day(_day(int(year), _month(month), 1), month_only=True)
    if _SERIAL.fullmatch(text):
        return Day(_serial(int(text.partition(".")[0])))
    return Day(_by_order(text, order))


_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WORD = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_FLAGS = re.ASCII | re.IGNORECASE
_CLOCK = r"[ T]+\d{1,2}[:时]\d{2}(?:[:分]\d{2}(?:\.\d+)?秒?|分)?"
_TIME = re.compile(_CLOCK + r"\s*(?:[AP]M)?$", _FLAGS)
_ZONED = re.compile(r".+?" + _CLOCK + r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})", _FLAGS)
_WHOLE: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?", _FLAGS), (1, 2, 3)),
    (re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\.0)?", _FLAGS), (1, 2, 3)),
    (re.compile(rf"(\d{{1,2}})[-/ ]{_WORD}[-/ ,]+(\d{{4}})", _FLAGS), (3, 2, 1)),
    (re.compile(rf"{_WORD}[-/ ](\d{{1,2}})(?:st|nd|rd|th)?[-/ ,]+(\d{{4}})", _FLAGS), (3, 1, 2)),
)
_MONTHS: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?", _FLAGS), (1, 2)),
    (re.compile(r"((?:19|20)\d{2})(\d{2})(?:\.0)?", _FLAGS), (1, 2)),
    (re.compile(rf"{_WORD}[-/ ,]*(\d{{4}})", _FLAGS), (2, 1)),
    (re.compile(r"(\d{1,2})[-/](\d{4})", _FLAGS), (2, 1)),
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", _FLAGS)
_EITHER = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", _FLAGS)
_SHORT = re.compile(rf"\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2}}|(?:\d{{1,2}}[-/ ])?{_WORD}[-/ ]\d{{2}}", _FLAGS)
# Day 0 of Excel's calendar as it counts from 1900-03-01 on: it believes in 29 February 1900.
_DAY_ZERO = date(1899, 12, 30)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _NAMES.index(text[:3].casefold()) + 1


def _day(year: int, month: int, day: int) -> date:
    try:
        on = date(year, month, day)
    except ValueError:
        raise Refused("import:not-a-day") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("import:day-out-of-range", least=FIRST_YEAR, most=LAST_YEAR)
    return on


def _serial(number: int) -> date:
    on = _DAY_ZERO + timedelta(days=number)
    return _day(on.year, on.month, on.day)


def _by_order(text: str, order: DayOrder | None) -> date:
    found = _EITHER.fullmatch(text)
    if not found:
        raise Refused("import:day-ambiguous" if _SHORT.fullmatch(text) else "import:not-a-day")
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if first == second or second > 12:
        return _day(year, first, second)
    if first > 12:
        return _day(year, second, first)
    if order is None:
        raise Refused("import:day-ambiguous")
    return _day(year, second, first) if order is DayOrder.DAY_FIRST else _day(year, first, second)
