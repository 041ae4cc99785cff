"""Dated legal rules as values, and what a check of them finds: a level, a key, the figures and the citation.

Levels: a *note* is to be read; a *query* asks for a figure or an explanation; a *block* stops a document that
would bind somebody to more than the rule allows. What is known only from memory is a note, whatever the check.
"""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from mediation.rules.settlement import Amount

DAYS_IN_A_YEAR = 365

Fact: TypeAlias = Amount | Decimal | date | time | int | str
RuleFigure: TypeAlias = Decimal | date | time
_Kind = TypeVar("_Kind", Decimal, date, time)


class Evidence(StrEnum):
    """How a rule is known: the legal text was seen, a secondary source was seen, or neither; the best first."""

    PRIMARY = "P"
    SECONDARY = "S"
    MEMORY = "M"


class FromMemory(StrEnum):
    """Which part of a rule nobody has checked against a source."""

    VALUE = "value"
    WORDING = "wording"
    NUMBER = "number"
    DATE = "date"


class Level(StrEnum):
    """How much a finding weighs; see the module's own line for what each one means."""

    NOTE = "note"
    QUERY = "query"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a query, 2 for a block."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class LprRow:
    """One publication of the one-year loan prime rate, as a fraction (0.0425), and how it is known."""

    published_on: date
    one_year: Decimal
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in our own words; in force from `from_on` (None: since before the book) until `until_on` included."""

    id: str
    jurisdiction: str
    topic: str
    says: str
    citation: str
    from_on: date | None
    until_on: date | None
    evidence: Evidence
    from_memory: frozenset[FromMemory]
    figures: Mapping[str, RuleFigure] = field(hash=False)
    check: str

    @property
    def is_from_memory(self) -> bool:
        """Whether what the rule says, or the figure it turns on, was never seen in a source."""
        return self.evidence is Evidence.MEMORY or FromMemory.VALUE in self.from_memory

    def resting_on(self, row: LprRow) -> "Rule":
        """The rule as it is known together with that publication: no better than either."""
        return replace(self, evidence=max(self.evidence, row.evidence, key=list(Evidence).index))

    def rate(self, name: str) -> Decimal:
        """A figure that is a rate (0.24) or a factor; TypeError when it is something else."""
        return _of_kind(self.figures[name], Decimal)

    def whole(self, name: str) -> int:
        """A figure that counts; TypeError when it is something else."""
        return int(_of_kind(self.figures[name], Decimal))

    def day(self, name: str) -> date:
        """A figure that is a day; TypeError when it is something else."""
        return _of_kind(self.figures[name], date)

    def clock(self, name: str) -> time:
        """A figure that is a time of day; TypeError when it is something else."""
        return _of_kind(self.figures[name], time)

    def is_in_force(self, on: date) -> bool:
        """Whether the rule holds on that day."""
        return (self.from_on or date.min) <= on <= (self.until_on or date.max)


@dataclass(frozen=True, slots=True)
class LawBook:
    """Every dated rule by its id, and the publications of the LPR, the oldest first."""

    rules: Mapping[str, Rule] = field(hash=False)
    lpr: tuple[LprRow, ...]

    def rule(self, number: str) -> Rule:
        """The rule of that id; KeyError for one that the book does not hold."""
        return self.rules[number]

    def lpr_on(self, day: date) -> LprRow | None:
        """The last publication on or before that day; None before the first of 2019-08-20 (CN-R02)."""
        return next((row for row in reversed(self.lpr) if row.published_on <= day), None)

    def may_lack_lpr(self, day: date) -> bool:
        """Whether a publication later than the newest in the book may already hold on that day.

        Two publications never lay further apart than CN-R02's longest gap; past it one is missing.
        """
        return (day - self.lpr[-1].published_on).days > self.rule("CN-R02").whole("longest_gap_days")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says, the same for every reader: its sentence stands under `key` and needs `facts`.

    In `facts` a Decimal is a rate, an Amount is money, an int counts.
    """

    level: Level
    key: str
    rule_id: str
    citation: str
    evidence: Evidence
    from_memory: frozenset[FromMemory] = frozenset()
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        if self.is_from_memory and self.level is not Level.NOTE:
            raise ValueError("what is known only from memory is a note")

    @property
    def is_from_memory(self) -> bool:
        """Whether the rule behind it is known only from memory."""
        return self.evidence is Evidence.MEMORY or FromMemory.VALUE in self.from_memory


def found(level: Level, key: str, rule: Rule, facts: Mapping[str, Fact] | None = None) -> Finding:
    """The finding of a check of `rule`; a rule known only from memory yields a note, whatever the level asked."""
    return Finding(
        level=Level.NOTE if rule.is_from_memory else level,
        key=key,
        rule_id=rule.id,
        citation=rule.citation,
        evidence=rule.evidence,
        from_memory=rule.from_memory,
        facts=MappingProxyType(dict(facts or {})),
    )


def blocks(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of the findings that stop the document."""
    return tuple(one for one in findings if one.level is Level.BLOCK)


def gravest(findings: Iterable[Finding]) -> Level:
    """The heaviest level among the findings; a note when there are none."""
    return max((one.level for one in findings), key=lambda level: level.rank, default=Level.NOTE)


def rule_from(written: Mapping[str, object]) -> Rule:
    """A rule as its file writes it; Value-, Key- or TypeError for what does not hold.

    'from' and 'until' may be a day, a month or a year: 'from' is then its first day and 'until' its last.
    """
    unknown = written.keys() - _FIELDS
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    figures, memory = written["figures"], written["from_memory"]
    if not isinstance(figures, Mapping) or not isinstance(memory, list):
        raise TypeError("figures is a mapping, from_memory a list")
    return Rule(
        **{name: _words(written[name], name) for name in ("id", "jurisdiction", "topic", "says", "citation", "check")},
        from_on=_day(written["from"], is_end=False),
        until_on=_day(written["until"], is_end=True),
        evidence=Evidence(_words(written["evidence"], "evidence")),
        from_memory=frozenset(FromMemory(part) for part in memory),
        figures=MappingProxyType({name: _figure(_words(text, name)) for name, text in figures.items()}),
    )


def lpr_row_from(written: Mapping[str, object]) -> LprRow:
    """A publication as its file writes it, in per cent; Value-, Key- or TypeError for what does not hold."""
    rate = Decimal(_words(written["one_year"], "one_year"))
    if not 0 < rate < 100:
        raise ValueError("a rate lies between 0 and 100 per cent")
    published_on = date.fromisoformat(_words(written["published"], "published"))
    return LprRow(published_on, rate / 100, Evidence(_words(written["evidence"], "evidence")))


def book_of(rules: Iterable[Rule], lpr: Iterable[LprRow]) -> LawBook:
    """The book of these rules and publications; ValueError for an id twice, or publications out of order."""
    listed, rows = list(rules), tuple(lpr)
    if len({rule.id for rule in listed}) != len(listed):
        raise ValueError("a rule stands twice")
    days = [row.published_on for row in rows]
    if not days or days != sorted(set(days)):
        raise ValueError("publications stand in order, each once")
    return LawBook(MappingProxyType({rule.id: rule for rule in listed}), rows)


_FIELDS = frozenset(
    {"id", "jurisdiction", "topic", "says", "citation", "from", "until", "evidence", "from_memory", "figures", "check"}
)
_PARTIAL_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")


def _of_kind(value: RuleFigure, kind: type[_Kind]) -> _Kind:
    if not isinstance(value, kind):
        raise TypeError(value)
    return value


def _words(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is text")
    return value


def _day(value: object, *, is_end: bool) -> date | None:
    if value is None:
        return None
    parts = _PARTIAL_DAY.fullmatch(_words(value, "from and until"))
    if parts is None:
        raise ValueError(value)
    year, month = int(parts[1]), int(parts[2] or (12 if is_end else 1))
    return date(year, month, int(parts[3] or (calendar.monthrange(year, month)[1] if is_end else 1)))


def _figure(text: str) -> RuleFigure:
    if ":" in text:
        return time.fromisoformat(text)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return date.fromisoformat(text)
    figure = Decimal(text) if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", text) else None
    if figure is None:
        raise ValueError(text)
    return figure
