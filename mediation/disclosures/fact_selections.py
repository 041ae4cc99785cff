"""What was told in confidence as its reader sees it, and what the other side was let see: word by word as confirmed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select

from mediation.cases.hearing import heard_since, mediator_hears_since
from mediation.cases.seats import Seat, seated_since
from mediation.disclosures.document_selections import Paper, documents_seen_by
from mediation.disclosures.fact_models import FactProof, FactRelease, SealedFact
from mediation.errors import NotFound
from mediation.keys import ring_of, unpack
from mediation.rules.access import Role
from mediation.rules.chain import canonical
from mediation.rules.negotiation import Side
from mediation.rules.releases import Level


@dataclass(frozen=True)
class Shown:
    """Exactly what the other side sees: a title with the day of the proof, or the whole text with an open document."""

    level: Level
    title: str
    text: str
    verified_on: date | None
    document_id: UUID | None
    salt: str

    @property
    def document(self) -> dict[str, object]:
        """The JSON value that is confirmed and kept; salted, since a short title could be guessed from a hash."""
        return {
            "v": 1,
            "salt": self.salt,
            "level": self.level.value,
            "title": self.title,
            "text": self.text,
            "verified_on": self.verified_on.isoformat() if self.verified_on else "",
            "document": str(self.document_id) if self.document_id else "",
        }

    @property
    def sha256(self) -> str:
        """What binds a confirmation to every word of it."""
        return hashlib.sha256(canonical(self.document)).hexdigest()


@dataclass(frozen=True)
class Released:
    """Something that a side let the other see, and since when."""

    side: Side
    shown: Shown
    released_at: datetime
    paper: Paper | None

    @property
    def is_shared(self) -> bool:
        """Whether the whole text is read, and not only that something was verified."""
        return self.shown.level is Level.SHARED


@dataclass(frozen=True)
class Fact:
    """Something told in confidence, to its own side and to the mediator who hears it."""

    id: UUID
    side: Side
    title: str
    text: str
    salt: str
    told_at: datetime
    is_mine: bool
    document_id: UUID | None
    paper: Paper | None
    proven_at: datetime | None
    releases: Mapping[Level, Released]

    @property
    def sha256(self) -> str:
        """What binds a confirmation of proof to exactly this text."""
        value = {"salt": self.salt, "title": self.title, "text": self.text}
        return hashlib.sha256(canonical(value)).hexdigest()

    @property
    def is_sealed(self) -> bool:
        """Whether the other side knows nothing of it."""
        return not self.releases


def facts_seen_by(seat: Seat) -> Sequence[Fact]:
    """What was told in confidence and this seat reads, the newest first: a side its own, a mediator what it hears."""
    seat.require("fact:read")
    return _facts(seat, SealedFact.case_id == seat.case_id)


def fact_seen_by(seat: Seat, fact_id: UUID) -> Fact:
    """One of them; NotFound where this seat does not read it, as where there is none."""
    seat.require("fact:read")
    found = _facts(seat, and_(SealedFact.case_id == seat.case_id, SealedFact.id == fact_id))
    if not found:
        raise NotFound
    return found[0]


def releases_seen_by(seat: Seat) -> Sequence[Released]:
    """What either side let the other see, the newest first; a party reads of the other side's alone here."""
    seat.require("fact:read")
    papers = _papers(seat)
    found = (
        select(FactRelease, SealedFact.side)
        .join(SealedFact, SealedFact.id == FactRelease.fact_id)
        .where(SealedFact.case_id == seat.case_id)
        .order_by(FactRelease.released_at.desc(), FactRelease.id.desc())
    )
    if seat.side is not None:
        found = found.where(SealedFact.side != seat.side)
    return [_released(seat, row, side, papers) for row, side in seat.session.execute(found)]


def papers_to_go_with(seat: Seat) -> Sequence[Paper]:
    """The documents of one's own side that the mediator who sits can open."""
    seat.require("fact:tell")
    if seat.side is None:
        return []
    since = mediator_hears_since(seat.session, seat.case_id, seat.side)
    return [
        paper
        for paper in documents_seen_by(seat)
        if paper.is_mine and (not paper.is_private or (since is not None and paper.newest.put_at >= since))
    ]


def verified_shown(seat: Seat, fact: Fact, words: str) -> Shown:
    """What the other side would learn of a proven fact: the title that its owner words for it, and the day."""
    on = fact.proven_at.astimezone(seat.zone).date() if fact.proven_at else None
    return Shown(Level.VERIFIED, words, "", on, None, fact.salt)


def shared_shown(fact: Fact) -> Shown:
    """What the other side would read of a fact; its document only where that is open to both already."""
    is_open = fact.paper is not None and not fact.paper.is_private
    return Shown(Level.SHARED, fact.title, fact.text, None, fact.document_id if is_open else None, fact.salt)


def body_context(case_id: UUID, fact_id: UUID) -> bytes:
    """What the ciphertext of a fact is bound to: under another fact or case it does not open."""
    return f"sealed-fact/{case_id}/{fact_id}".encode()


def shown_context(case_id: UUID, release_id: UUID) -> bytes:
    """What the ciphertext of a release is bound to."""
    return f"fact-release/{case_id}/{release_id}".encode()


def _facts(seat: Seat, asked: ColumnElement[bool]) -> list[Fact]:
    found = (
        select(SealedFact, FactProof.seen_at)
        .outerjoin(FactProof, FactProof.fact_id == SealedFact.id)
        .where(asked, _heard(seat))
        .order_by(SealedFact.told_at.desc(), SealedFact.id.desc())
    )
    rows = seat.session.execute(found).all()
    papers = _papers(seat) if rows else {}
    return [_fact(seat, fact, proven_at, papers) for fact, proven_at in rows]


def _heard(seat: Seat) -> ColumnElement[bool]:
    """A side hears its own; a mediator what was told since it took the seat, and before it what that side opened."""
    own = SealedFact.side == seat.side
    if seat.is_further:
        # Whoever came to a side later was not whom the first person confided in.
        return and_(own, SealedFact.told_at >= seated_since(seat))
    if seat.side is not None:
        return own
    if seat.role is not Role.MEDIATOR:
        return false()
    return or_(*(and_(SealedFact.side == side, SealedFact.told_at >= heard_since(seat, side)) for side in Side))


def _papers(seat: Seat) -> Mapping[UUID, Paper]:
    return {paper.id: paper for paper in documents_seen_by(seat)}


def _fact(seat: Seat, row: SealedFact, proven_at: datetime | None, papers: Mapping[UUID, Paper]) -> Fact:
    context = body_context(row.case_id, row.id)
    body = json.loads(ring_of(seat.session).decrypt(unpack(row.body_sealed), context=context))
    found = seat.session.scalars(select(FactRelease).where(FactRelease.fact_id == row.id))
    return Fact(
        id=row.id,
        side=row.side,
        title=body["title"],
        text=body["text"],
        salt=body["salt"],
        told_at=row.told_at,
        is_mine=row.side is seat.side,
        document_id=row.document_id,
        paper=papers.get(row.document_id) if row.document_id else None,
        proven_at=proven_at,
        releases={release.level: _released(seat, release, row.side, papers) for release in found},
    )


def _released(seat: Seat, row: FactRelease, side: Side, papers: Mapping[UUID, Paper]) -> Released:
    context = shown_context(seat.case_id, row.id)
    kept = json.loads(ring_of(seat.session).decrypt(unpack(row.shown_sealed), context=context))
    shown = Shown(
        level=Level(kept["level"]),
        title=kept["title"],
        text=kept["text"],
        verified_on=date.fromisoformat(kept["verified_on"]) if kept["verified_on"] else None,
        document_id=UUID(kept["document"]) if kept["document"] else None,
        salt=kept["salt"],
    )
    paper = papers.get(shown.document_id) if shown.document_id else None
    return Released(side, shown, row.released_at, paper)
