"""A side tells the mediator something in confidence; the mediator sees proof; the owner alone opens it, in steps."""

import secrets
import unicodedata
from datetime import datetime
from uuid import UUID

from mediation import audit
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.disclosures.consents import check_may_pass_on
from mediation.disclosures.fact_models import FactProof, FactRelease, SealedFact
from mediation.disclosures.fact_selections import (
    Fact,
    Shown,
    body_context,
    fact_seen_by,
    papers_to_go_with,
    shared_shown,
    shown_context,
    verified_shown,
)
from mediation.errors import NotFound, Refused, Stale
from mediation.keys import pack, ring_of
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role, Thread
from mediation.rules.chain import canonical
from mediation.rules.negotiation import Side
from mediation.rules.releases import Level, check_may_release

TITLE_MOST, TEXT_MOST = 120, 4000
SALT_BYTES = 32
# Marks that turn the line around: a text could read otherwise than it was typed.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
KINDS = {Level.VERIFIED: "fact:verified", Level.SHARED: "fact:shared"}


def tell_fact(seat: Seat, *, title: str, text: str, document_id: UUID | None, at: datetime) -> SealedFact:
    """The mediator knows it, and nobody else can notice it."""
    seat.require("fact:tell")
    title, text = plain_title(title), _plain_text(text)
    if mediator_in_place(seat.session, seat.case_id) is None:
        raise Refused("fact:no-mediator")
    if document_id is not None and document_id not in {paper.id for paper in papers_to_go_with(seat)}:
        raise Refused("fact:document-unknown", field="document")
    fact = _kept(seat, title, text, document_id, at)
    body = {"fact": str(fact.id), "sha256": fact_seen_by(seat, fact.id).sha256}
    audit.record(seat, "fact:told", body, at=at, thread=_thread_of(fact.side))
    tell_roles(seat.session, seat.case, "fact:told", (Role.MEDIATOR,), at=at)
    return fact


def note_proof(seat: Seat, fact_id: UUID, *, seen_sha256: str, at: datetime) -> None:
    """The mediator has seen proof of exactly this; the owner hears of it, and the other side nothing."""
    seat.require("fact:verify")
    fact = fact_seen_by(seat, fact_id)
    if fact.proven_at is not None:
        raise Refused("fact:already-proven")
    if fact.sha256 != seen_sha256:
        raise Stale("fact:changed")
    seat.session.add(FactProof(fact_id=fact.id, seen_by=seat.account_id, seen_at=at))
    seat.session.flush()
    body = {"fact": str(fact.id), "sha256": fact.sha256}
    audit.record(seat, "fact:proof-seen", body, at=at, thread=_thread_of(fact.side))
    tell_roles(seat.session, seat.case, "fact:proof-seen", (Role(fact.side.value),), at=at)


def release_verified(seat: Seat, fact_id: UUID, *, words: str, seen_sha256: str, at: datetime) -> FactRelease:
    """The other side knows these words, and on which day the mediator saw proof of what stands behind them."""
    seat.require("fact:release")
    fact = own_fact(seat, fact_id)
    check_open(seat, fact, Level.VERIFIED)
    return _release(seat, fact, verified_shown(seat, fact, plain_title(words)), seen_sha256, at)


def share_fact(seat: Seat, fact_id: UUID, *, seen_sha256: str, at: datetime) -> FactRelease:
    """The other side reads title and text as they were told."""
    seat.require("fact:release")
    fact = own_fact(seat, fact_id)
    check_open(seat, fact, Level.SHARED)
    return _release(seat, fact, shared_shown(fact), seen_sha256, at)


def check_open(seat: Seat, fact: Fact, level: Level) -> None:
    """Raise where the owner cannot take this step: taken already, not proven, or passing on was taken back."""
    check_may_release(level, released=fact.releases, is_proven=fact.proven_at is not None)
    check_may_pass_on(seat)


def own_fact(seat: Seat, fact_id: UUID) -> Fact:
    """A fact of one's own side: nobody opens what somebody else told."""
    fact = fact_seen_by(seat, fact_id)
    if not fact.is_mine:
        raise NotFound
    return fact


def plain_title(title: str) -> str:
    """A title in one line, composed (NFC), with nothing in it that a reader cannot see; refused at its field."""
    title = " ".join(unicodedata.normalize("NFC", title).split())
    if not title:
        raise Refused("fact:title-missing", field="title")
    if len(title) > TITLE_MOST:
        raise Refused("fact:title-too-long", field="title", most=TITLE_MOST)
    if _hides(title):
        raise Refused("fact:hides", field="title")
    return title


def _plain_text(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise Refused("fact:text-missing", field="text")
    if len(text) > TEXT_MOST:
        raise Refused("fact:text-too-long", field="text", most=TEXT_MOST, length=len(text))
    if _hides(text):
        raise Refused("fact:hides", field="text")
    return text


def _hides(text: str) -> bool:
    return any(
        letter in TURNING or (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t") for letter in text
    )


def _kept(seat: Seat, title: str, text: str, document_id: UUID | None, at: datetime) -> SealedFact:
    assert seat.account_id is not None
    fact_id = new_key()
    body = canonical({"salt": secrets.token_hex(SALT_BYTES), "title": title, "text": text})
    fact = SealedFact(
        id=fact_id,
        case_id=seat.case_id,
        side=_side(seat),
        body_sealed=pack(ring_of(seat.session).encrypt(body, context=body_context(seat.case_id, fact_id))),
        document_id=document_id,
        told_by=seat.account_id,
        told_at=at,
    )
    seat.session.add(fact)
    seat.session.flush()
    return fact


def _release(seat: Seat, fact: Fact, shown: Shown, seen_sha256: str, at: datetime) -> FactRelease:
    """What was confirmed is kept as it was shown; its entry names the release and not when the fact was told."""
    if shown.sha256 != seen_sha256:
        raise Stale("fact:changed")
    assert seat.account_id is not None
    release_id = new_key()
    context = shown_context(seat.case_id, release_id)
    release = FactRelease(
        id=release_id,
        fact_id=fact.id,
        level=shown.level,
        shown_sealed=pack(ring_of(seat.session).encrypt(canonical(shown.document), context=context)),
        released_by=seat.account_id,
        released_at=at,
    )
    seat.session.add(release)
    seat.session.flush()
    audit.record(seat, KINDS[shown.level], {"release": str(release.id), "sha256": shown.sha256}, at=at)
    other = Role.LENDER if fact.side is Side.BORROWER else Role.BORROWER
    tell_roles(seat.session, seat.case, "fact:released", (other, Role.MEDIATOR), at=at)
    return release


def _thread_of(side: Side) -> Thread:
    return ROOM_THREADS[CAUCUS_OF[side]]


def _side(seat: Seat) -> Side:
    assert seat.side is not None
    return seat.side
