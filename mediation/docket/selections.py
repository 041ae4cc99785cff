"""The rows of a docket: only the desk's own cases, in one statement, by an index that ends where the page ends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.engine import Row

from mediation.accounts.desks import Desk
from mediation.accounts.models import Engagement, Organisation
from mediation.cases.models import OVER, Case
from mediation.docket.listing import PAGE, TURNS, Asked, Near, Place, Sort, Tab
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage

CASE = Case.__table__.c
COUNTED = 100
LENDERS_SHOWN = 200
BOTH = 2  # ranks in one arm
BOTH_SIDES = "both"  # a run of cases that wait for both sides
# Written out: a planner that does not know how little is asked for reads and sorts everything.
ONE_MORE: ColumnElement[int] = literal_column(str(PAGE + 1))
WEEK = timedelta(days=7)

SHOWN = (CASE.id, CASE.number, CASE.contract_number, CASE.borrower_name, CASE.organisation_name, CASE.stage,
         CASE.turn, CASE.both_sides, CASE.deadline_at, CASE.zone, CASE.claim_total, CASE.currency,
         CASE.moved_at)  # fmt: skip
KEYS = {
    Sort.DEADLINE: CASE.deadline_at,
    Sort.MOVED: CASE.moved_at,
    Sort.NUMBER: CASE.number,
    Sort.CLAIM: CASE.claim_total,
}


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the places before and after it where there are more."""

    rows: Sequence[Row[Any]]
    earlier: Place | None
    later: Place | None


@dataclass(frozen=True)
class Surroundings:
    """How many cases each tab holds, counted no further than a hundred; id and name of the lenders that work here."""

    counts: Mapping[Tab, int]
    lenders: Sequence[tuple[UUID, str]]


def docket_page(desk: Desk, asked: Asked, *, at: datetime) -> Page:
    """The page that was asked for, of the cases that this desk works on."""
    desk.require("docket:read")
    backwards = asked.place is not None and asked.place.backwards
    rank = asked.place.rank if asked.place else None
    shape = _Shape(desk.role, asked.tab, asked.sort, asked.falls, backwards, rank, _filters_of(asked))
    rows = list(desk.session.execute(_statement(shape), _values(desk, asked, at)))
    return turn_page(rows, asked, lambda row: place_of(row, asked.sort))


def surroundings_of(desk: Desk) -> Surroundings:
    """What stands around every list of this desk, in one look: counts, and the lenders to choose from."""
    desk.require("docket:read")
    rows = desk.session.execute(_surrounding(desk.role), scope_values(desk)).all()
    counts = dict(zip(Tab, rows[0][: len(Tab)], strict=True))
    return Surroundings(counts, tuple((row.lender_id, row.lender) for row in rows if row.lender_id is not None))


def scope(role: Role) -> tuple[ColumnElement[bool], ...]:
    """What is this desk's at all: a mediator's own cases, a lender's, all that were submitted."""
    here = CASE.institution_id == bindparam("institution_id", type_=CASE.institution_id.type)
    if role is Role.MEDIATOR:
        return (CASE.mediator_id == bindparam("account_id", type_=CASE.mediator_id.type), here)
    if role is Role.LENDER:
        return (CASE.organisation_id == bindparam("organisation_id", type_=CASE.organisation_id.type), here)
    return (here, CASE.stage != text(f"'{Stage.DRAFT.value}'"))


def scope_values(desk: Desk) -> dict[str, Any]:
    """The values that every statement about this desk's cases is given."""
    return {
        "institution_id": desk.institution_id,
        "account_id": desk.account_id,
        "organisation_id": desk.organisation_id,
    }


def narrowing(names: frozenset[str]) -> tuple[ColumnElement[bool], ...]:
    """The conditions of the filters in force."""
    table = {
        "stage": CASE.stage == bindparam("stage", type_=CASE.stage.type),
        "turn": CASE.turn == bindparam("turn", type_=CASE.turn.type),
        "lender": CASE.organisation_id == bindparam("lender", type_=CASE.organisation_id.type),
        "from": CASE.deadline_at > bindparam("from", type_=CASE.deadline_at.type),
        "until": CASE.deadline_at <= bindparam("until", type_=CASE.deadline_at.type),
    }
    return tuple(condition for name, condition in table.items() if name in names)


def narrowing_values(desk: Desk, asked: Asked, at: datetime) -> dict[str, Any]:
    """The values of the filters in force."""
    values: dict[str, Any] = {"stage": asked.stage, "turn": asked.turn, "lender": asked.lender}
    if asked.deadline is not None:
        values["from"], values["until"] = _span(asked.deadline, ZoneInfo(desk.institution.zone), at)
    return {name: value for name, value in values.items() if value is not None}


def tab_condition(tab: Tab, role: Role) -> tuple[ColumnElement[bool], ...]:
    """What the rows of a tab have in common."""
    turns = ", ".join(f"'{turn}'" for turn in tab_turns(tab, role))
    if not turns:
        return _is_over(tab)
    return (text(f"(turn IN ({turns}){_also(tab, role)})"),)  # type: ignore[return-value]


def turn_page(rows: list[Row[Any]], asked: Asked, place: Callable[[Row[Any]], Place]) -> Page:
    """A page from one row more than it shows, read forwards or backwards."""
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if asked.place is not None and asked.place.backwards:
        rows.reverse()
        earlier, later = more, bool(rows)
    else:
        earlier, later = asked.place is not None and bool(rows), more
    return Page(
        rows,
        _turned(place(rows[0])) if earlier else None,
        place(rows[-1]) if later else None,
    )


def place_of(row: Row[Any], sort: Sort) -> Place:
    """Where this row stands in that order."""
    key = getattr(row, KEYS[sort].name)
    return Place(0 if key is not None else 1, key, row.id)


def tab_turns(tab: Tab, role: Role) -> tuple[Role, ...]:
    """Whose turn it is in the cases of a tab; none where the tab does not ask."""
    if tab is Tab.MINE:
        return (role,)
    return tuple(turn for turn in TURNS if turn is not role) if tab is Tab.WAITING else ()


@dataclass(frozen=True)
class _Shape:
    """All that a statement's text depends on; the values come with each request."""

    role: Role
    tab: Tab
    sort: Sort
    falls: bool
    backwards: bool
    rank: int | None
    filters: frozenset[str]


@lru_cache(maxsize=256)
def _statement(shape: _Shape) -> Any:
    """One arm for each run of an index that the list is merged from; each arm stops at the end of the page."""
    arms = [_arm(shape, turn, rank) for turn in _turns(shape) for rank in _ranks(shape)]
    if len(arms) == 1:
        return arms[0]
    merged = union_all(*(select(arm.subquery()) for arm in arms))
    columns = merged.selected_columns
    order = [columns.rank, columns["key"], columns.id]
    turned = [shape.backwards, _is_turned(shape), _is_turned(shape)]
    return merged.order_by(*(_by(column, turn) for column, turn in zip(order, turned, strict=True))).limit(ONE_MORE)


def _arm(shape: _Shape, turn: Role | str | None, rank: int) -> Select[Any]:
    key = KEYS[shape.sort]
    conditions = [*scope(shape.role), *narrowing(shape.filters)]
    if turn == "any":
        conditions += tab_condition(shape.tab, shape.role)
    else:
        conditions += _run(shape, turn)
    if shape.sort is Sort.DEADLINE and rank != BOTH:
        conditions.append(key.is_(None) if rank else key.is_not(None))
    if shape.rank == rank:
        conditions.append(_beyond(shape, key, rank))
    # The whole run of the index is named, for to PostgreSQL what IS NULL is not yet in order.
    turned = _is_turned(shape)
    by_key = key.asc().nulls_last() if rank == BOTH else _by(key, turned)
    order = [*([] if turn == "any" else [_by(CASE.turn, turned)]), by_key, _by(CASE.id, turned)]
    ranked = case((key.is_(None), literal_column("1")), else_=literal_column("0"))
    shown_rank: Any = ranked if rank == BOTH else literal_column(str(rank))
    shown = select(*SHOWN, shown_rank.label("rank"), literal_column(key.name).label("key"))
    return shown.where(*conditions).order_by(*order).limit(ONE_MORE)


def _run(shape: _Shape, turn: Role | str | None) -> list[Any]:
    """The conditions that one run of the index is entered with."""
    if turn == BOTH_SIDES:
        return [CASE.turn == text(f"'{Role.BORROWER}'"), text("both_sides")]
    named = [CASE.turn.is_(None) if turn is None else CASE.turn == text(f"'{turn}'")]
    is_theirs = shape.role is Role.LENDER and shape.tab is Tab.WAITING and turn is Role.BORROWER
    return [*named, text("NOT both_sides")] if is_theirs else named


def _turns(shape: _Shape) -> tuple[Role | str | None, ...]:
    """The values of `turn` that the index is entered with; one run where the order does not need them."""
    asked = tab_turns(shape.tab, shape.role)
    if shape.sort is not Sort.DEADLINE or shape.tab is Tab.CLOSED or ("turn" in shape.filters and not asked):
        return ("any",)
    if shape.role is Role.LENDER and shape.tab is Tab.MINE:
        return (*asked, BOTH_SIDES)
    return asked or (*TURNS, None)


def _ranks(shape: _Shape) -> tuple[int, ...]:
    """The ranks from the place on, in the direction of reading; only a deadline can be missing.

    Where the index itself has what has no deadline last, one arm reads both.
    """
    if shape.sort is not Sort.DEADLINE or shape.filters & {"from", "until"}:
        return (0,)
    if shape.rank is None:
        return (0, 1) if _is_turned(shape) else (BOTH,)
    return tuple(rank for rank in (0, 1) if (rank <= shape.rank if shape.backwards else rank >= shape.rank))


def _also(tab: Tab, role: Role) -> str:
    """Where both sides are waited for, `turn` names the borrower, and the case is the lender's all the same."""
    if role is not Role.LENDER:
        return ""
    return " OR both_sides" if tab is Tab.MINE else " AND NOT both_sides"


def _is_over(tab: Tab) -> tuple[ColumnElement[bool], ...]:
    # Written out, so that both databases see that the index of ended cases holds every row.
    return (text(OVER),) if tab is Tab.CLOSED else ()  # type: ignore[return-value]


def _beyond(shape: _Shape, key: Any, rank: int) -> ColumnElement[bool]:
    last = bindparam("last_id", type_=CASE.id.type)
    if rank:
        return CASE.id < last if _is_turned(shape) else CASE.id > last
    here, there = tuple_(key, CASE.id), tuple_(bindparam("last_key", type_=key.type), last)
    return here < there if _is_turned(shape) else here > there


def _is_turned(shape: _Shape) -> bool:
    return shape.falls != shape.backwards


def _by(column: Any, turned: bool) -> Any:
    return column.desc() if turned else column.asc()


def _filters_of(asked: Asked) -> frozenset[str]:
    names = {name for name in ("stage", "turn", "lender") if getattr(asked, name)}
    return frozenset(names | ({"from", "until"} if asked.deadline else set()))


def _values(desk: Desk, asked: Asked, at: datetime) -> dict[str, Any]:
    values = scope_values(desk) | narrowing_values(desk, asked, at)
    if asked.place is not None:
        values |= {"last_id": asked.place.id, "last_key": asked.place.key}
    return values


def _span(near: Near, zone: ZoneInfo, at: datetime) -> tuple[datetime, datetime]:
    """A day's deadlines end at 24:00, which is the next day's first moment: after `from`, up to `until`."""
    today = datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone)
    if near is Near.OVERDUE:
        return datetime(1970, 1, 1, tzinfo=zone), at
    return at, today + (WEEK if near is Near.WEEK else timedelta(days=1))


@lru_cache(maxsize=8)
def _surrounding(role: Role) -> Select[Any]:
    """One row for each lender, each with the counts; a lender's own desk has none to choose from."""
    counted = select(*(_count(role, tab).label(tab.value) for tab in Tab)).subquery("counted")
    if role is Role.LENDER:
        return select(*counted.c, null().label("lender_id"), null().label("lender"))
    lender, engaged = Organisation.__table__.c, Engagement.__table__.c
    lenders = (
        select(lender.id.label("lender_id"), lender.name.label("lender"))
        .join(Engagement.__table__, engaged.organisation_id == lender.id)
        .where(engaged.institution_id == bindparam("institution_id", type_=engaged.institution_id.type))
        .order_by(lender.name, lender.id)
        .limit(literal_column(str(LENDERS_SHOWN)))
        .subquery("lenders")
    )
    both = counted.outerjoin(lenders, true())
    return select(*counted.c, *lenders.c).select_from(both).order_by(lenders.c.lender, lenders.c.lender_id)


def _count(role: Role, tab: Tab) -> Any:
    if role is Role.LENDER and tab is Tab.MINE:
        # Two runs, each by an index of its own; a database asked for both at once may read everything.
        return _counted(role, text(f"turn = '{role}'")) + _counted(role, text("both_sides"))
    return _counted(role, *tab_condition(tab, role))


def _counted(role: Role, *conditions: Any) -> Any:
    rows = (
        select(literal_column("1"))
        .select_from(Case.__table__)
        .where(*scope(role), *conditions)
        .limit(literal_column(str(COUNTED)))
        .subquery()
    )
    return select(func.count()).select_from(rows).scalar_subquery()


def _turned(place: Place) -> Place:
    return Place(place.rank, place.key, place.id, backwards=True)
