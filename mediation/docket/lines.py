"""The lines of a docket as strings, made once per word and not once per cell."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import get_template_attribute, url_for
from markupsafe import Markup

from mediation import i18n
from mediation.cases import pages as case_pages
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.web.pages import locale

SOON_DAYS = 1
_MOMENT = timedelta(microseconds=1)


class Line(NamedTuple):
    """One case in a list; a tuple, so that the template takes it apart once per row; cells are whole `td`s."""

    number: str
    url: str
    name: str
    other: str
    standing_cells: Markup
    claim: str
    moved_cell: Markup


class Heads(NamedTuple):
    """The column headings that cells repeat where a phone shows a row as a card."""

    stage: str
    turn: str
    due: str
    moved: str


def lines_of(rows: Iterable[Any], role: Role, heads: Heads, *, at: datetime) -> list[Line]:
    """The rows as this role reads them, in the language of the page."""
    before, after = _around(url_for("cases.show", number="~"))
    language, is_lender, is_mediator = locale(), role is Role.LENDER, role is Role.MEDIATOR
    zones = _memoised(ZoneInfo)
    last_days = _memoised(lambda end: (end[0] - _MOMENT).astimezone(end[1]).date() if end[0] else None)
    todays = _memoised(lambda zone: at.astimezone(ZoneInfo(zone)).date())
    lines = []
    for row in rows:
        number, zone, today = row.number, zones(row.zone), todays(row.zone)
        due_on = last_days((row.deadline_at, zone))
        lines.append(
            Line(
                number,
                before + quote(number, safe="") + after,
                row.borrower_name,
                row.contract_number if is_lender else row.organisation_name,
                _standing(heads, row.stage, row.turn, row.both_sides, role, due_on, today, language),
                # Whoever is only asked to mediate sees names and no figure.
                ""
                if is_mediator and row.stage == Stage.JOINED
                else i18n.money(row.claim_total, row.currency, language),
                _moved(heads.moved, row.moved_at.astimezone(zone).date(), today, language),
            )
        )
    return lines


def options(choices: Sequence[tuple[str, str]], chosen: str) -> Markup:
    """The options of a filter: value and words, the chosen one marked."""
    return _cell("options", choices, chosen)


def _around(url: str) -> tuple[str, str]:
    before, _, after = url.partition("~")
    return before, after


class _Memory(dict[Any, Any]):
    """What is made of each value, once in a page."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, value: Any) -> Any:
        self[value] = made = self.make(value)
        return made


def _memoised(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return _Memory(make).__getitem__


@lru_cache(maxsize=8192)
def _standing(
    heads: Heads,
    stage: Stage,
    turn: Role | None,
    both: bool,
    role: Role,
    on: date | None,
    today: date,
    language: str,
) -> Markup:
    """The cells of stage, turn and last day: many cases stand alike, so their cells are written once."""
    is_mine = turn is role or (both and role is Role.LENDER)
    return Markup("").join(
        (
            _cell("words", heads.stage, case_pages.stage_words(stage, role)),
            _cell("turn", heads.turn, case_pages.turn_words(turn, role, both=both), is_mine),
            _due(heads.due, on, today, language),
        )
    )


def _due(head: str, on: date | None, today: date, language: str) -> Markup:
    """The cell of a last day: the day, how far it is in words, and its tone."""
    if on is None:
        return _cell("words", head, "")
    words, days = i18n.translations(language), (on - today).days
    if days < 0:
        left = words.npgettext("time left", "%(n)s day over", "%(n)s days over", -days) % {"n": -days}
    elif days == 0:
        left = words.pgettext("time left", "Today")
    else:
        left = words.npgettext("time left", "%(n)s day left", "%(n)s days left", days) % {"n": days}
    tone = "limit" if days < 0 else "soon" if days <= SOON_DAYS else "calm"
    return _cell("due", head, _near_day(on, today, language), on.isoformat(), left, tone)


@lru_cache(maxsize=4096)
def _moved(head: str, on: date, today: date, language: str) -> Markup:
    return _cell("moved", head, _near_day(on, today, language), on.isoformat())


def _near_day(on: date, today: date, language: str) -> str:
    """A day without its year where that is this year's."""
    if on.year == today.year:
        return i18n.short_day(on, language)
    short = i18n.short_day(on, language)
    return f"{short} {on.year}" if language == "en" else f"{on.year}年{short}"


def _cell(kind: str, *values: Any) -> Markup:
    """A whole cell, as the template of cells writes it."""
    return Markup(get_template_attribute("docket/_cells.html", kind)(*values))
