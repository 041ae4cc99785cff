"""A side puts a document on file, for the mediator alone or for both sides, or a newer version beside the earlier."""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from mediation import audit, files
from mediation.cases import moves
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.disclosures.document_models import Audience, Document, DocumentVersion, Kind
from mediation.disclosures.document_selections import audience_of, title_context
from mediation.errors import NotFound, Refused
from mediation.files import KeptFile
from mediation.keys import pack, ring_of
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role, Room, Thread
from mediation.rules.negotiation import Side

TITLE_MOST = 120
EARLIEST = date(1980, 1, 1)
LENDERS_KINDS = (Kind.CONTRACT, Kind.DISBURSEMENT, Kind.PAYMENTS, Kind.FEES, Kind.ASSIGNMENT, Kind.CREDIT_REPORT)
BORROWERS_KINDS = (Kind.INCOME, Kind.SPENDING, Kind.HEALTH, Kind.RECEIPT, Kind.CONTRACT)
KINDS_OF = {Side.LENDER: (*LENDERS_KINDS, Kind.OTHER), Side.BORROWER: (*BORROWERS_KINDS, Kind.OTHER)}
# Marks that turn the line around: a title could read otherwise than it was typed.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A file that lies in the store already, with what its sender says of it."""

    kept: KeptFile
    media_type: str
    dated_on: date


def add_document(seat: Seat, filed: Filed, *, kind: Kind, audience: Audience, title: str, at: datetime) -> Document:
    """The document is on file; whoever is not to see it can notice nothing of it."""
    seat.require("document:add")
    side, title = _side(seat), _plain_title(title)
    if kind not in KINDS_OF[side]:
        raise Refused("document:kind-unknown", field="kind")
    _check_heard(seat, audience)
    _check_dated(seat, filed, at)
    document = _kept(seat, side, kind, audience, title, at)
    version = _keep_version(seat, document, filed, 1, at)
    body = {**_body(document, version), "title_sha256": hashlib.sha256(title.encode()).hexdigest()}
    audit.record(seat, "document:added", body, at=at, thread=_thread_of(document, audience))
    _tell(seat, document, audience, at=at)
    return document


def replace_document(seat: Seat, document_id: UUID, filed: Filed, *, at: datetime) -> DocumentVersion:
    """A newer version stands before the earlier ones, which stay: nothing on file is taken away in silence."""
    seat.require("document:add")
    document = _own(seat, document_id)
    audience = audience_of(seat.session, document)
    _check_heard(seat, audience)
    _check_dated(seat, filed, at)
    count, newest = _standing(seat, document)
    if newest == filed.kept.sha256:
        raise Refused("document:same-file", field="file")
    version = _keep_version(seat, document, filed, count + 1, at)
    audit.record(seat, "document:replaced", _body(document, version), at=at, thread=_thread_of(document, audience))
    _tell(seat, document, audience, at=at)
    return version


def _side(seat: Seat) -> Side:
    assert seat.side is not None
    return seat.side


def _plain_title(title: str) -> str:
    """The title in one line, composed (NFC), with nothing in it that a reader cannot see."""
    title = " ".join(unicodedata.normalize("NFC", title).split())
    if not title:
        raise Refused("document:title-missing", field="title")
    if len(title) > TITLE_MOST:
        raise Refused("document:title-too-long", field="title", most=TITLE_MOST)
    if any(unicodedata.category(letter) in ("Cc", "Cs") or letter in TURNING for letter in title):
        raise Refused("document:title-hides", field="title")
    return title


def _check_heard(seat: Seat, audience: Audience) -> None:
    """What is shown to the mediator alone must not wait for a stranger."""
    if audience is Audience.MEDIATOR and mediator_in_place(seat.session, seat.case_id) is None:
        raise Refused("document:no-mediator", field="audience")


def _check_dated(seat: Seat, filed: Filed, at: datetime) -> None:
    today = moves.local_day(seat.case, at)
    if not EARLIEST <= filed.dated_on <= today:
        raise Refused("document:date-out-of-range", field="dated_on", earliest=EARLIEST, today=today)


def _own(seat: Seat, document_id: UUID) -> Document:
    """A document of one's own side; any other does not exist here, though it may be read."""
    document = seat.session.get(Document, document_id)
    if document is None or document.case_id != seat.case_id or document.side is not seat.side:
        raise NotFound
    return document


def _standing(seat: Seat, document: Document) -> tuple[int, str]:
    """How many versions there are, and the hash of the newest."""
    found = select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    newest = seat.session.scalars(found.order_by(DocumentVersion.number.desc()).limit(1)).one()
    counted = select(func.count()).where(DocumentVersion.document_id == document.id)
    return seat.session.scalar(counted) or 0, newest.sha256


def _kept(seat: Seat, side: Side, kind: Kind, audience: Audience, title: str, at: datetime) -> Document:
    document_id = new_key()
    sealed = ring_of(seat.session).encrypt(title.encode(), context=title_context(seat.case_id, document_id))
    document = Document(
        id=document_id,
        case_id=seat.case_id,
        side=side,
        audience=audience,
        kind=kind,
        title_sealed=pack(sealed),
        put_at=at,
    )
    seat.session.add(document)
    seat.session.flush()
    return document


def _keep_version(seat: Seat, document: Document, filed: Filed, number: int, at: datetime) -> DocumentVersion:
    assert seat.account_id is not None
    row = files.name_row(
        seat.session, filed.kept, institution_id=seat.institution_id, media_type=filed.media_type, at=at
    )
    version = DocumentVersion(
        document_id=document.id,
        number=number,
        sha256=row.sha256,
        size=row.size,
        media_type=filed.media_type,
        dated_on=filed.dated_on,
        put_by=seat.account_id,
        put_at=at,
    )
    seat.session.add(version)
    seat.session.flush()
    return version


def _body(document: Document, version: DocumentVersion) -> dict[str, object]:
    return {
        "document": str(document.id),
        "version": version.number,
        "kind": document.kind.value,
        "sha256": version.sha256,
        "size": version.size,
        "media_type": version.media_type,
        "dated_on": version.dated_on.isoformat(),
    }


def _thread_of(document: Document, audience: Audience) -> Thread:
    room = Room.JOINT if audience is Audience.BOTH else CAUCUS_OF[document.side]
    return ROOM_THREADS[room]


def _tell(seat: Seat, document: Document, audience: Audience, *, at: datetime) -> None:
    """Whoever may see it hears that it is there; nobody else hears anything."""
    other = Role.LENDER if document.side is Side.BORROWER else Role.BORROWER
    roles = (other, Role.MEDIATOR) if audience is Audience.BOTH else (Role.MEDIATOR,)
    tell_roles(seat.session, seat.case, "document:added", roles, at=at, but=seat.account_id)
