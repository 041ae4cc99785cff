"""Search in a desk's cases: what matches exactly first, then the newest, the same on both databases."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, select, union_all
from sqlalchemy.engine import Row
from sqlalchemy.orm import aliased

from mediation import search
from mediation.accounts.desks import Desk
from mediation.docket.listing import PAGE, Asked, Place, Tab
from mediation.docket.selections import (
    CASE,
    SHOWN,
    Page,
    narrowing,
    narrowing_values,
    scope,
    scope_values,
    tab_condition,
    turn_page,
)
from mediation.rules.access import Role
from mediation.search import SearchToken

PROBED = 400
# Pieces may meet by chance, and the rows' own values are checked after reading: read some more than a page.
READ = PAGE * 2 + 1
# The rarest lead; what the others would still rule out, the check of the rows does.
LEADING = 3
EXACT, LOOSE = 0, 1


def found_page(desk: Desk, asked: Asked, *, at: datetime) -> Page:
    """The page of the search that was asked for; a query without letter or figure finds nothing."""
    desk.require("docket:read")
    tokens = search.tokens_asked(asked.q)
    if not tokens:
        return Page([], None, None)
    ordered = _rarest_first(desk, tokens)
    filters = frozenset(narrowing_values(desk, asked, at))
    backwards = asked.place is not None and asked.place.backwards
    statement = _statement(desk.role, asked.tab, filters, len(ordered), asked.place and asked.place.rank, backwards)
    values = scope_values(desk) | narrowing_values(desk, asked, at) | {"whole": search.whole(search.fold(asked.q))}
    values |= {f"token_{place}": token for place, token in enumerate(ordered)}
    if asked.place is not None:
        values["last_id"] = asked.place.id
    return _checked(list(desk.session.execute(statement, values)), asked)


def _checked(rows: list[Row[Any]], asked: Asked) -> Page:
    kept = [row for row in rows if _is_meant(row, asked.q)]
    page = turn_page(kept, asked, lambda row: Place(row.rank, None, row.id))
    if len(rows) < READ or len(kept) > PAGE:
        return page
    # Every row read was looked at: the next page goes on behind the last of them.
    last = Place(rows[-1].rank, None, rows[-1].id, asked.place is not None and asked.place.backwards)
    return replace(page, earlier=last) if last.backwards else replace(page, later=last)


def _is_meant(row: Row[Any], query: str) -> bool:
    return search.holds(query, (row.number, row.contract_number, row.borrower_name, row.organisation_name))


def _rarest_first(desk: Desk, tokens: tuple[str, ...]) -> list[str]:
    """The tokens by how often they occur, counted no further than needed to see which is rare."""
    if len(tokens) == 1:
        return list(tokens)
    values = {f"token_{place}": token for place, token in enumerate(tokens)}
    counts = desk.session.execute(_probing(len(tokens)), values | {"institution_id": desk.institution_id}).one()
    return [token for _, _, token in sorted(zip(counts, range(len(tokens)), tokens, strict=True))][:LEADING]


@lru_cache(maxsize=16)
def _probing(count: int) -> Select[Any]:
    return select(*(_how_many(place) for place in range(count)))


def _how_many(place: int) -> Any:
    some = (
        select(literal_column("1"))
        .where(*_is_token(SearchToken, f"token_{place}"))
        .limit(literal_column(str(PROBED)))
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


@lru_cache(maxsize=256)
def _statement(role: Role, tab: Tab, filters: frozenset[str], count: int, rank: int | None, backwards: bool) -> Any:
    ranks = [each for each in (EXACT, LOOSE) if rank is None or (each <= rank if backwards else each >= rank)]
    arms = [_arm(role, tab, filters, count, each, rank == each, backwards) for each in ranks]
    merged = union_all(*(select(arm.subquery()) for arm in arms))
    columns = merged.selected_columns
    order = (columns.rank.desc(), columns.id.asc()) if backwards else (columns.rank.asc(), columns.id.desc())
    return merged.order_by(*order).limit(literal_column(str(READ)))


def _arm(
    role: Role, tab: Tab, filters: frozenset[str], count: int, rank: int, begins_here: bool, backwards: bool
) -> Select[Any]:
    """The cases with every token, newest first by the token's own index; whole matches are an arm of their own."""
    token = SearchToken
    conditions = [*scope(role), *tab_condition(tab, role), *narrowing(filters)]
    if rank == EXACT:
        conditions += _is_token(token, "whole")
    else:
        conditions += [
            *_is_token(token, "token_0"),
            ~_has("whole"),
            *(_has(f"token_{place}") for place in range(1, count)),
        ]
    if begins_here:
        last = bindparam("last_id", type_=CASE.id.type)
        conditions.append(token.case_id > last if backwards else token.case_id < last)
    order = token.case_id.asc() if backwards else token.case_id.desc()
    shown = select(*SHOWN, literal_column(str(rank)).label("rank")).join(token, token.case_id == CASE.id)
    return shown.where(*conditions).order_by(order).limit(literal_column(str(READ)))


def _has(name: str) -> Any:
    other = aliased(SearchToken)
    return exists().where(and_(*_is_token(other, name), other.case_id == SearchToken.case_id)).correlate(SearchToken)


def _is_token(table: Any, name: str) -> list[Any]:
    here = bindparam("institution_id", type_=SearchToken.institution_id.type)
    return [table.institution_id == here, table.token == bindparam(name, type_=SearchToken.token.type)]
