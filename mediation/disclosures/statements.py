"""The statement as it was stated: lines that hold, who reads which, what it comes to; read back without computing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.seats import Seat
from mediation.disclosures.answers import NO, YES, Line
from mediation.disclosures.drafts import Draft
from mediation.disclosures.models import MeansStatement, MeansVerification, Section
from mediation.disclosures.questions import ANY_DEBT, Kind
from mediation.disclosures.sharing import Readers
from mediation.keys import pack, ring_of, unpack
from mediation.rules.affordability import (
    Debt,
    Doubt,
    Guidelines,
    Household,
    Profile,
    Query,
    Reckoning,
    Standing,
    Statement,
    Told,
    queries,
    reckon,
)
from mediation.rules.chain import canonical

PLACE = b"means-statement/"
LINE = b"means-line"
_FIGURES = ("income", "spending", "priority", "surplus", "cap")


@dataclass(frozen=True)
class StatedSection:
    """One section as stated."""

    readers: Readers
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Stated:
    """One version of the whole."""

    id: UUID
    case_id: UUID
    version: int
    sha256: str
    stated_by: UUID
    stated_at: datetime
    profile: Profile
    currency: str
    guidelines_from: date | None
    sections: Mapping[Section, StatedSection]
    reckoning: Reckoning
    queries: tuple[Query, ...]

    @property
    def readers(self) -> Mapping[Section, Readers]:
        """Who reads which section."""
        return {section: each.readers for section, each in self.sections.items()}

    def line(self, section: Section, key: str) -> Line | None:
        """The line of that key, where it was stated."""
        stated = self.sections.get(section)
        return next((line for line in stated.lines if line.key == key), None) if stated else None


def statement_of(draft: Draft) -> Statement:
    """The draft as the rules take it; what does not hold yet is not in it."""
    return Statement(
        profile=draft.profile,
        currency=draft.currency,
        income={line.key: line.figure for line in draft.lines(Section.INCOME)},
        spending={line.key: line.figure for line in draft.lines(Section.SPENDING)},
        household=_household(draft.lines(Section.HOUSEHOLD)),
        debts=_debts(draft),
    )


def document_of(draft: Draft, guidelines: Guidelines | None, *, salt: str) -> dict[str, Any]:
    """The JSON value whose SHA-256 the record keeps; salted, since figures alone could be guessed from a hash."""
    statement = statement_of(draft)
    reckoning = reckon(statement, guidelines)
    return {
        "v": 1,
        "salt": salt,
        "profile": draft.profile.value,
        "currency": draft.currency,
        "guidelines_from": guidelines.valid_from.isoformat() if guidelines else "",
        "sections": {
            section.value: {
                "readers": draft.section(section).readers.value,
                "lines": [line.document for line in draft.lines(section)],
            }
            for section in Section
            if draft.lines(section)
        },
        "reckoning": {
            "standing": reckoning.standing.value,
            **{name: getattr(reckoning, name) for name in _FIGURES},
            "assumed": [[name, amount] for name, amount in reckoning.assumed],
            "missing": list(reckoning.missing),
        },
        "queries": [[q.category, q.doubt.value, q.stated, q.bound] for q in queries(statement, guidelines)],
    }


def keep_statement(seat: Seat, document: dict[str, Any], at: datetime) -> MeansStatement:
    """The next version is kept, encrypted; the earlier ones stay as they were."""
    assert seat.account_id is not None
    newest = _newest(seat.session, seat.case_id)
    text = canonical(document)
    row = MeansStatement(
        case_id=seat.case_id,
        version=newest.version + 1 if newest else 1,
        sha256=hashlib.sha256(text).hexdigest(),
        stated_by=seat.account_id,
        stated_at=at,
    )
    row.sealed = pack(ring_of(seat.session).encrypt(text, context=_context(seat.case_id, row.version)))
    seat.session.add(row)
    seat.session.flush()
    return row


def newest_of(session: Session, case_id: UUID) -> Stated | None:
    """The statement that counts: the newest version of the case, whoever asks."""
    row = _newest(session, case_id)
    return None if row is None else _open(session, row)


def verified_in(session: Session, stated: Stated) -> frozenset[tuple[Section, str]]:
    """The lines of which a document was seen, exactly as they now stand: a changed line has to be seen anew."""
    rows = select(MeansVerification.token).where(
        MeansVerification.case_id == stated.case_id, MeansVerification.ended_at.is_(None)
    )
    kept = {bytes(token) for token in session.scalars(rows)}
    ring = ring_of(session)
    return frozenset(
        (section, line.key)
        for section, each in stated.sections.items()
        for line in each.lines
        if kept & set(ring.tokens(LINE, line_text(stated.case_id, section, line)))
    )


def line_text(case_id: UUID, section: Section, line: Line) -> bytes:
    """What a token stands for: this case, this section, this line as it was stated."""
    return case_id.bytes + canonical({"section": section.value, "line": line.document})


def _newest(session: Session, case_id: UUID) -> MeansStatement | None:
    found = select(MeansStatement).where(MeansStatement.case_id == case_id)
    return session.scalars(found.order_by(MeansStatement.version.desc()).limit(1)).first()


def _open(session: Session, row: MeansStatement) -> Stated:
    text = ring_of(session).decrypt(unpack(row.sealed), context=_context(row.case_id, row.version))
    kept = json.loads(text)
    return Stated(
        id=row.id,
        case_id=row.case_id,
        version=row.version,
        sha256=row.sha256,
        stated_by=row.stated_by,
        stated_at=row.stated_at,
        profile=Profile(kept["profile"]),
        currency=kept["currency"],
        guidelines_from=date.fromisoformat(kept["guidelines_from"]) if kept["guidelines_from"] else None,
        sections={section: _section(kept["sections"][section]) for section in Section if section in kept["sections"]},
        reckoning=_reckoning(kept["reckoning"]),
        queries=tuple(Query(name, Doubt(doubt), stated, bound) for name, doubt, stated, bound in kept["queries"]),
    )


def _section(kept: dict[str, Any]) -> StatedSection:
    return StatedSection(Readers(kept["readers"]), tuple(Line.from_document(line) for line in kept["lines"]))


def _reckoning(kept: dict[str, Any]) -> Reckoning:
    return Reckoning(
        standing=Standing(kept["standing"]),
        **{name: kept[name] for name in _FIGURES},
        assumed=tuple((name, amount) for name, amount in kept["assumed"]),
        missing=tuple(kept["missing"]),
    )


def _household(lines: tuple[Line, ...]) -> Household | None:
    """Who lives there, once all of it was told."""
    told = {line.key: line for line in lines if line.told is Told.GIVEN}
    if not {"partner", "children", "dependants"} <= told.keys():
        return None
    adults = 1 + (told["partner"].text == YES) + (told["dependants"].amount or 0)
    return Household(adults=adults, children=told["children"].amount or 0)


def _debts(draft: Draft) -> tuple[Debt, ...] | None:
    """Every debt to others; none where it was not said, or not all of it holds."""
    lines = {line.key: line for line in draft.lines(Section.DEBTS)}
    owes = lines.get(ANY_DEBT)
    if owes is not None and owes.text == NO:
        return ()
    if owes is None or owes.told is not Told.GIVEN or not draft.is_done(Section.DEBTS):
        return None
    listed = (line for line in lines.values() if line.kind is Kind.DEBT)
    return tuple(Debt(bool(line.is_priority), line.figure, line.balance) for line in listed)


def _context(case_id: UUID, version: int) -> bytes:
    return PLACE + case_id.bytes + version.to_bytes(4)
