"""Which documents a seat sees, and the file of a version; what it does not see does not exist for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from mediation import files
from mediation.cases.hearing import heard_since
from mediation.cases.seats import Seat, seated_since
from mediation.disclosures.document_models import Audience, Document, DocumentRelease, DocumentVersion, Kind
from mediation.errors import NotFound
from mediation.keys import ring_of, unpack
from mediation.rules.access import CAUCUS_OF, Role
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
    released_at: datetime | None = None

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


def audience_of(session: Session, document: Document) -> Audience:
    """Who besides its own side sees it by now: what its owner has opened is for both, with whatever follows it."""
    return document.audience if session.get(DocumentRelease, document.id) is None else Audience.BOTH


def title_context(case_id: UUID, document_id: UUID) -> bytes:
    """What a title's ciphertext is bound to: under another document or case it does not open."""
    return f"document-title/{case_id}/{document_id}".encode()


def _papers(seat: Seat, asked: ColumnElement[bool]) -> list[Paper]:
    found = (
        select(Document, DocumentVersion, DocumentRelease.released_at)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .outerjoin(DocumentRelease, DocumentRelease.document_id == Document.id)
        .where(asked, _seen(seat))
        .order_by(Document.put_at.desc(), Document.id.desc(), DocumentVersion.number.desc())
    )
    rows: dict[UUID, tuple[Document, datetime | None, list[Version]]] = {}
    for document, version, released_at in seat.session.execute(found):
        rows.setdefault(document.id, (document, released_at, []))[2].append(
            Version(
                version.number,
                version.sha256,
                version.size,
                version.media_type,
                version.dated_on,
                version.put_at,
            )
        )
    return [_paper(seat, *row) for row in rows.values()]


def _seen(seat: Seat) -> ColumnElement[bool]:
    """Shared ones; of the private ones a side its own, and a mediator what it hears: since its seat, or all of it."""
    shared = or_(Document.audience == Audience.BOTH, DocumentRelease.document_id.is_not(None))
    if seat.side is not None:
        is_beside = seat.advises or seat.is_further
        return _seen_beside(seat, shared) if is_beside else or_(shared, Document.side == seat.side)
    if seat.role is not Role.MEDIATOR:
        return false()
    heard = (and_(Document.side == side, DocumentVersion.put_at >= heard_since(seat, side)) for side in Side)
    return or_(shared, *heard)


def _seen_beside(seat: Seat, shared: ColumnElement[bool]) -> ColumnElement[bool]:
    """What a further person and an adviser see: less than the side that they sit beside.

    A further person sees of what only the mediator was shown what came since. An adviser sees it with the private
    talk; and of what the borrower showed the lender, the lender's adviser sees nothing: that was released to the
    lender alone.
    """
    own = Document.side == seat.side
    if seat.is_further:
        return or_(shared, and_(own, DocumentVersion.put_at >= seated_since(seat)))
    assert seat.side is not None
    open_to_it = shared if seat.side is Side.BORROWER else and_(shared, own)
    return or_(open_to_it, own) if seat.may_read(CAUCUS_OF[seat.side]) else open_to_it


def _paper(seat: Seat, document: Document, released_at: datetime | None, versions: list[Version]) -> Paper:
    context = title_context(document.case_id, document.id)
    title = ring_of(seat.session).decrypt(unpack(document.title_sealed), context=context).decode()
    return Paper(
        id=document.id,
        kind=document.kind,
        side=document.side,
        audience=document.audience if released_at is None else Audience.BOTH,
        title=title,
        is_mine=document.side is seat.side,
        versions=versions,
        released_at=released_at,
    )
