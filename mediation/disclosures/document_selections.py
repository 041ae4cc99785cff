"""Which documents a seat sees, and the file of a version; what it does not see does not exist for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select

from mediation import files
from mediation.cases.models import Seating
from mediation.cases.seats import Seat
from mediation.disclosures.document_models import Audience, Document, DocumentVersion, Kind
from mediation.errors import NotFound
from mediation.keys import ring_of, unpack
from mediation.rules.access import Role
from mediation.rules.negotiation import Side


@dataclass(frozen=True)
class Version:
    """One file of a document."""

    number: int
    sha256: str
    size: int
    media_type: str
    dated_on: date
    put_at: datetime


@dataclass(frozen=True)
class Paper:
    """A document as its reader sees it, the newest version first."""

    id: UUID
    kind: Kind
    side: Side
    audience: Audience
    title: str
    is_mine: bool
    versions: Sequence[Version]

    @property
    def newest(self) -> Version:
        """The version that counts."""
        return self.versions[0]

    @property
    def is_private(self) -> bool:
        """Whether the other side does not see it."""
        return self.audience is Audience.MEDIATOR


@dataclass(frozen=True)
class Download:
    """The file of one version, as it was kept."""

    paper: Paper
    version: Version
    content: bytes


def documents_seen_by(seat: Seat) -> Sequence[Paper]:
    """Every document of the case that this seat sees, the newest first."""
    seat.require("document:read")
    return _papers(seat, Document.case_id == seat.case_id)


def document_seen_by(seat: Seat, document_id: UUID) -> Paper:
    """One document; NotFound where this seat does not see it, as where there is none."""
    seat.require("document:read")
    found = _papers(seat, and_(Document.case_id == seat.case_id, Document.id == document_id))
    if not found:
        raise NotFound
    return found[0]


def file_seen_by(seat: Seat, document_id: UUID, number: int | None = None) -> Download:
    """The file of that version, else of the newest; raises Damaged when it is not what was kept."""
    paper = document_seen_by(seat, document_id)
    chosen = [version for version in paper.versions if number in (None, version.number)]
    if not chosen:
        raise NotFound
    content = files.fetch_row(seat.session, chosen[0].sha256, institution_id=seat.institution_id)
    return Download(paper, chosen[0], content)


def title_context(case_id: UUID, document_id: UUID) -> bytes:
    """What a title's ciphertext is bound to: under another document or case it does not open."""
    return f"document-title/{case_id}/{document_id}".encode()


def _papers(seat: Seat, asked: ColumnElement[bool]) -> list[Paper]:
    found = (
        select(Document, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(asked, _seen(seat))
        .order_by(Document.put_at.desc(), Document.id.desc(), DocumentVersion.number.desc())
    )
    rows: dict[UUID, tuple[Document, list[Version]]] = {}
    for document, version in seat.session.execute(found):
        rows.setdefault(document.id, (document, []))[1].append(
            Version(
                version.number,
                version.sha256,
                version.size,
                version.media_type,
                version.dated_on,
                version.put_at,
            )
        )
    return [_paper(seat, document, versions) for document, versions in rows.values()]


def _seen(seat: Seat) -> ColumnElement[bool]:
    """Shared ones; of the private ones a side its own, and a mediator what was put there since it took the seat."""
    shared = Document.audience == Audience.BOTH
    if seat.side is not None:
        return or_(shared, Document.side == seat.side)
    if seat.role is not Role.MEDIATOR:
        return false()
    since = (
        select(Seating.since_at)
        .where(Seating.case_id == seat.case_id, Seating.account_id == seat.account_id, Seating.ended_at.is_(None))
        .scalar_subquery()
    )
    return or_(shared, DocumentVersion.put_at >= since)


def _paper(seat: Seat, document: Document, versions: list[Version]) -> Paper:
    context = title_context(document.case_id, document.id)
    title = ring_of(seat.session).decrypt(unpack(document.title_sealed), context=context).decode()
    return Paper(
        id=document.id,
        kind=document.kind,
        side=document.side,
        audience=document.audience,
        title=title,
        is_mine=document.side is seat.side,
        versions=versions,
    )
