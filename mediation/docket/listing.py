"""What a docket's address asks for: one frozen value, read from the query string and written back into it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage

PAGE = 50
LONGEST_QUERY = 80


class Tab(StrEnum):
    """Which of the reader's cases: what needs them first."""

    MINE = "mine"
    WAITING = "waiting"
    ALL = "all"
    CLOSED = "closed"


class Sort(StrEnum):
    """What the list is ordered by; each has the direction that a reader expects."""

    DEADLINE = "deadline"
    MOVED = "moved"
    NUMBER = "number"
    CLAIM = "claim"


class Near(StrEnum):
    """Deadlines that lie near: passed, ending today, ending within seven days."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"


FALLS_BY_NATURE = frozenset({Sort.MOVED, Sort.CLAIM})
TURNS = (Role.BORROWER, Role.LENDER, Role.MEDIATOR, Role.REGISTRAR)
FILTERS = ("stage", "turn", "deadline", "lender", "q")

Key = datetime | str | int | None


@dataclass(frozen=True)
class Place:
    """A row's place in the order: its rank (those without a key come last), its key, its id."""

    rank: int
    key: Key
    id: UUID
    backwards: bool = False


@dataclass(frozen=True)
class Asked:
    """One list: its tab, filters, order and the place that this page begins after."""

    tab: Tab = Tab.MINE
    stage: Stage | None = None
    turn: Role | None = None
    deadline: Near | None = None
    lender: UUID | None = None
    q: str = ""
    sort: Sort = Sort.DEADLINE
    turned: bool = False
    place: Place | None = None

    @classmethod
    def first(cls, tab: Tab) -> "Asked":
        """The first page of a tab, in its usual order."""
        return cls(tab=tab, sort=_usual_sort(tab))

    @property
    def falls(self) -> bool:
        """Whether the highest stands first."""
        return (self.sort in FALLS_BY_NATURE) != self.turned

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the tab narrows the list."""
        return any(getattr(self, name) for name in FILTERS)

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the choices beside the search narrows it."""
        return any(getattr(self, name) for name in FILTERS if name != "q")

    def without(self, name: str) -> "Asked":
        """The first page of the same list without one filter."""
        return replace(self, place=None, **{name: "" if name == "q" else None})  # type: ignore[arg-type]

    def sorted_by(self, sort: Sort) -> "Asked":
        """The first page of the same cases in that order; the order there is, turned round."""
        return replace(self, sort=sort, turned=sort is self.sort and not self.turned, place=None)

    def at(self, place: Place | None) -> "Asked":
        """Another page of the same list."""
        return replace(self, place=place)

    def address(self) -> dict[str, str]:
        """The query string that asks for this list; what goes without saying is left out."""
        words = {
            "tab": self.tab.value if self.tab is not Tab.MINE and not self.q else "",
            "stage": self.stage.value if self.stage else "",
            "turn": self.turn.value if self.turn else "",
            "deadline": self.deadline.value if self.deadline else "",
            "lender": str(self.lender) if self.lender else "",
            "q": self.q,
            "sort": self._order() if (self.sort, self.turned) != (_usual_sort(self.tab), False) else "",
        }
        if self.place is not None:
            words["before" if self.place.backwards else "after"] = _written(self.place)
        return {name: word for name, word in words.items() if word}

    def kept(self) -> list[tuple[str, str]]:
        """What the filter form sends along unseen: the tab and the order."""
        return [(name, word) for name, word in self.address().items() if name in ("tab", "sort")]

    def _order(self) -> str:
        return f"-{self.sort.value}" if self.turned else self.sort.value


def read(words: Mapping[str, str]) -> tuple[Asked, tuple[str, ...]]:
    """The list that these words ask for, and the names of the words that mean nothing and were left out."""
    ignored: list[str] = []
    query = _printable(words.get("q", "")).strip()[:LONGEST_QUERY]
    # A search looks into every case of the reader's.
    tab = Tab.ALL if query else _word(Tab, words, "tab", ignored) or Tab.MINE
    turned, sort = _sort(words, tab, ignored)
    turn = _word(Role, words, "turn", ignored)
    if turn is not None and turn not in TURNS:
        turn = None
        ignored.append("turn")
    asked = Asked(
        tab=tab,
        stage=_word(Stage, words, "stage", ignored),
        turn=turn,
        deadline=_word(Near, words, "deadline", ignored),
        lender=_uuid(words, "lender", ignored),
        q=query,
        sort=sort,
        turned=turned,
    )
    return replace(asked, place=_place(words, asked, ignored)), tuple(ignored)


def _usual_sort(tab: Tab) -> Sort:
    """What is over has no deadline: the newest stands first."""
    return Sort.MOVED if tab is Tab.CLOSED else Sort.DEADLINE


def _sort(words: Mapping[str, str], tab: Tab, ignored: list[str]) -> tuple[bool, Sort]:
    written = words.get("sort", "")
    found = _word(Sort, {"sort": written.removeprefix("-")}, "sort", ignored)
    return (False, _usual_sort(tab)) if found is None else (written.startswith("-"), found)


Word = TypeVar("Word", bound=StrEnum)


def _word(choices: type[Word], words: Mapping[str, str], name: str, ignored: list[str]) -> Word | None:
    written = words.get(name, "")
    if not written:
        return None
    try:
        return choices(written)
    except ValueError:
        ignored.append(name)
        return None


def _uuid(words: Mapping[str, str], name: str, ignored: list[str]) -> UUID | None:
    written = words.get(name, "")
    if not written:
        return None
    try:
        return UUID(written)
    except ValueError:
        ignored.append(name)
        return None


def _place(words: Mapping[str, str], asked: Asked, ignored: list[str]) -> Place | None:
    backwards = "before" in words
    written = words.get("before") or words.get("after") or ""
    if not written:
        return None
    try:
        return _read_place(written, asked, backwards)
    except (ValueError, OverflowError):
        ignored.append("page")
        return None


def _written(place: Place) -> str:
    key = place.key.isoformat() if isinstance(place.key, datetime) else "" if place.key is None else str(place.key)
    return f"{place.rank}~{place.id.hex}~{key}"


def _read_place(written: str, asked: Asked, backwards: bool) -> Place:
    rank, ident, text = written.split("~", 2)
    key = _read_key(text, asked)
    if rank not in ("0", "1") or (key is None) != (bool(asked.q) or rank == "1"):
        raise ValueError("a place that no row has")
    return Place(int(rank), key, UUID(ident), backwards)


def _read_key(key: str, asked: Asked) -> Key:
    if asked.q or not key:
        return None
    if asked.sort is Sort.NUMBER:
        return _printable(key)
    if asked.sort is Sort.CLAIM:
        return _within_int64(int(key))
    at = datetime.fromisoformat(key)
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return at.astimezone(UTC)


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _within_int64(number: int) -> int:
    if abs(number) >= 2**63:
        raise ValueError("beyond any amount")
    return number
