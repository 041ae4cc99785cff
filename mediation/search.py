"""Search tokens: written with the case, read by the docket; short pieces, so that two-character names are found.

A value is kept whole under a mark, so that an exact number or name comes first. Chinese is cut into single
characters and pairs, everything else into fours: two figures occur in every number, four together rarely do.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, delete, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Record

LONGEST = 40
PIECE = 4
MOST_PIECES = 12
WHOLE = "="
_WORD = re.compile(r"\w+")
_RUN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


class SearchToken(Record):
    """One token under which a case is found inside its institution."""

    __tablename__ = "search_token"
    __table_args__ = (Index("ix_search_token_case", "case_id"),)

    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)


def index_case(session: Session, institution_id: UUID, case_id: UUID, words: Iterable[str]) -> None:
    """The case is found under these words (its number, contract, names) and no others."""
    session.execute(delete(SearchToken).where(SearchToken.case_id == case_id))
    rows = [
        {"institution_id": institution_id, "case_id": case_id, "token": token} for token in sorted(tokens_of(words))
    ]
    if rows:
        session.execute(insert(SearchToken), rows)


def tokens_of(words: Iterable[str]) -> frozenset[str]:
    """Every token of these words: each whole, and the pieces it may be found by."""
    found: set[str] = set()
    for word in words:
        if folded := fold(word):
            found.add(whole(folded))
        for is_chinese, run in _runs(folded):
            found.update(_pieces(run, 2) if is_chinese else _pieces(run, PIECE))
            if is_chinese:
                found.update(run)
    return frozenset(found)


def tokens_asked(query: str) -> tuple[str, ...]:
    """The tokens that every case found by this query has; none when it holds no letter or figure."""
    found: dict[str, None] = {}
    for is_chinese, run in _runs(fold(query)):
        found.update(dict.fromkeys(_pieces(run, 2 if is_chinese else PIECE)))
    return tuple(found)[:MOST_PIECES]


def whole(folded: str) -> str:
    """The token of a value that is asked for exactly as it stands."""
    return WHOLE + folded[: LONGEST - len(WHOLE)]


def holds(query: str, values: Iterable[str]) -> bool:
    """Whether every part of the query stands in one of a case's own values: pieces alone may meet by chance."""
    folded = [fold(value) for value in values]
    return all(any(part in value for value in folded) for part in _WORD.findall(fold(query)))


def fold(text: str) -> str:
    """The form in which texts are compared: compatibility forms, case and outer space folded away."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _runs(folded: str) -> Iterator[tuple[bool, str]]:
    for word in _WORD.findall(folded):
        for run in _RUN.findall(word):
            yield _is_chinese(run[0]), run[:LONGEST]


def _is_chinese(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" or letter >= "\U00020000"


def _pieces(run: str, length: int) -> Iterator[str]:
    """The pieces of that length, or the run itself where it is shorter."""
    yield from (run[i : i + length] for i in range(max(1, len(run) - length + 1)))
