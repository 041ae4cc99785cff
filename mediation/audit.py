"""The case record: kinds, append, read as a seat, verify. Every decision is one entry in the thread its kind names."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Record, new_key, word
from mediation.errors import Stale
from mediation.keys import Sealed, Unreadable, ring_of
from mediation.rules import chain
from mediation.rules.access import OF_NO_CASE, Role, Thread

SALT_BYTES = 32

# A kind is `thing:happened`; its meaning never changes, a new one is added. Each names its thread; None means
# that the room of what happened decides.
KINDS: Mapping[str, Thread | None] = {
    "case:opened": Thread.CASE,
    "case:submitted": Thread.CASE,
    "case:accepted": Thread.CASE,
    "case:rejected": Thread.CASE,
    "case:withdrawn": Thread.CASE,
    "invitation:issued": Thread.CASE,
    "invitation:renewed": Thread.CASE,
    "invitation:identified": Thread.CASE,
    "invitation:contact-wrong": Thread.CASE,
    "invitation:declined": Thread.CASE,
    "invitation:lapsed": Thread.CASE,
    "consent:given": Thread.CASE,
    "contract:stated": Thread.CASE,
    "old-debt:confirmed": Thread.CAUCUS_BORROWER,
    "capacity:reported": Thread.CASE,
    "capacity:cleared": Thread.CASE,
    "mediator:proposed": Thread.CASE,
    "mediator:accepted": Thread.CASE,
    "mediator:declined": Thread.CASE,
    "mediator:agreed": Thread.CASE,
    "mediator:objected": None,  # the objecting side's own thread: the other side learns only that a new one is sought
    "mediator:confirmed": Thread.CASE,
    "mediator:recused": Thread.CASE,
    "mediator:left": Thread.CASE,
    "draw:opened": Thread.CASE,
    "draw:number-given": Thread.CASE,
    "draw:void": Thread.CASE,
    "mediator:drawn": Thread.CASE,
    "mediator:contested": None,  # the objecting side's own thread, like an objection without a reason
    "objection:upheld": None,
    "objection:not-upheld": None,
    "room:opened": Thread.CASE,
    "room:closed": Thread.CASE,
    "message:sent": None,
    "message:passed-on": None,
    "message:leave-used": None,
    "offer:made": Thread.CASE,
    "offer:withdrawn": Thread.CASE,
    "offer:declined": Thread.CASE,
    "offer:accepted": Thread.CASE,
    "offer:accepted-by-one": None,  # the side's own thread: the other side learns only what all of a side agreed to
    "offer:lapsed": Thread.CASE,
    "proposal:made": Thread.CASE,
    "proposal:answered": None,  # the answering side's own thread, without the answer; it is written down nowhere
    "proposal:agreed": Thread.CASE,
    "proposal:not-agreed": Thread.CASE,
    "proposal:taken-back": Thread.CASE,
    "proposal:void": Thread.CASE,
    "offer:superseded": Thread.CASE,
    "assumptions:changed": Thread.CASE,
    "means:stated": Thread.CAUCUS_BORROWER,
    "means:verified": Thread.CAUCUS_BORROWER,
    "means:unverified": Thread.CAUCUS_BORROWER,
    "document:added": None,
    "document:replaced": None,
    "document:released": Thread.CASE,
    "fact:told": None,
    "fact:proof-seen": None,
    "fact:verified": Thread.CASE,
    "fact:shared": Thread.CASE,
    "earlier:released": None,
    "duty:stated": Thread.CASE,
    "duty:overdue": Thread.CASE,
    "ledger:stated": Thread.CASE,
    "ledger:taken-back": Thread.CASE,
    "ledger:row-agreed": Thread.CASE,
    "ledger:row-disputed": Thread.CASE,
    "ledger:row-left-open": Thread.CASE,
    "case:paused": Thread.CASE,
    "case:resumed": Thread.CASE,
    "case:suspended": Thread.CASE,
    "case:reinstated": Thread.CASE,
    # The lender may know of a report only once the registrar has forwarded it.
    "conduct:reported": Thread.CAUCUS_BORROWER,
    "conduct:answered": Thread.CAUCUS_BORROWER,
    "conduct:forwarded": Thread.CASE,
    "payment:reported": Thread.CASE,
    "payment:disputed": Thread.CASE,
    "payment:taken-back": Thread.CASE,
    "payment:confirmed": Thread.CASE,
    "identity:given": Thread.CASE,
    "agreement:drafted": Thread.CASE,
    "agreement:rendered": Thread.CASE,
    "agreement:declined": Thread.CASE,
    "agreement:signed": Thread.CASE,
    "agreement:sealed": Thread.CASE,
    "agreement:lapsed": Thread.CASE,
    "agreement:voided": Thread.CASE,
    "agreement:taken-back": Thread.CASE,
    "agreement:dropped": Thread.CASE,
    "terms:left": Thread.CASE,
    "terms:overtaken": Thread.CASE,
    "consent:taken-back": Thread.CASE,
    "adviser:invited": None,  # the inviting side's own thread: nobody else learns of it before the adviser comes
    "adviser:joined": Thread.CASE,
    "adviser:ended": None,  # the case's once the adviser was seated, else the inviting side's own
    "borrower:invited": Thread.CASE,
    "borrower:uninvited": Thread.CASE,
    "borrower:joined": Thread.CASE,
    "case:not-settled": Thread.CASE,
    "loans:imported": Thread.INSTITUTION,
    "policy:kept": Thread.LENDER,
    "approval:asked": Thread.LENDER,
    "approval:given": Thread.LENDER,
    "approval:returned": Thread.LENDER,
    "approval:taken-back": Thread.LENDER,
    "member:joined": Thread.INSTITUTION,
    "member:left": Thread.INSTITUTION,
    "lender:kept": Thread.INSTITUTION,
    "rounds:kept": Thread.INSTITUTION,
    "authority:kept": Thread.INSTITUTION,
    "panel:kept": Thread.INSTITUTION,
    "panel:limit-set": Thread.INSTITUTION,
}


class RecordThread(Record):
    """One append-only thread and the origin that its leaves name."""

    __tablename__ = "record_thread"
    __table_args__ = (UniqueConstraint("case_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("mediation_case.id"))
    name: Mapped[Thread] = mapped_column(word(Thread, "name"))
    origin: Mapped[str] = mapped_column(String(200), unique=True)


class RecordEntry(Record):
    """The exact bytes of one leaf, and their RFC 6962 hash."""

    __tablename__ = "record_entry"

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("record_thread.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class RecordBody(Record):
    """What an entry says, encrypted; erasing it leaves the proof standing."""

    __tablename__ = "record_body"

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("record_thread.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)


class RecordHead(Record):
    """Size, frontier and root of a thread; changed only by appending."""

    __tablename__ = "record_head"

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("record_thread.id"), primary_key=True)
    size: Mapped[int] = mapped_column(default=0)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True)
class Entry:
    """One line of the record as a reader sees it; the body is None once erased."""

    seq: int
    at_ms: int
    kind: str
    actor: str
    body: Mapping[str, Any] | None
    leaf_hash: bytes


@dataclass(frozen=True)
class ThreadState:
    """Whether one thread verifies, how long it is, and its root."""

    thread: Thread
    size: int
    root: bytes
    verdict: chain.Verdict


def open_threads(session: Session, institution_id: UUID, *, host: str, case_id: UUID | None = None) -> None:
    """The four threads of a case exist, or without a case the institution's one."""
    names = [Thread.INSTITUTION] if case_id is None else [t for t in Thread if t not in OF_NO_CASE]
    for name in names:
        path = f"institution/{institution_id}" if case_id is None else f"case/{case_id}"
        origin = f"{host}/{path}" + ("" if name in (Thread.CASE, Thread.INSTITUTION) else f"/{name.value}")
        thread = RecordThread(institution_id=institution_id, case_id=case_id, name=name, origin=origin)
        session.add(thread)
        session.flush()
        session.add(RecordHead(thread_id=thread.id, size=0, frontier=b"", root=chain.empty_root()))
    session.flush()


def record(seat: Any, kind: str, body: Mapping[str, Any], *, at: datetime, thread: Thread | None = None) -> None:
    """One entry more in the case's thread that the kind names; `thread` only where the kind leaves it open."""
    name = KINDS[kind] or thread
    if name is None:
        raise ValueError(f"{kind} needs a thread")
    found = _thread(seat.session, seat.institution_id, seat.case_id, name)
    append(seat.session, found, kind, seat.role, body, at=at)


def record_at_desk(desk: Any, kind: str, body: Mapping[str, Any], *, at: datetime) -> None:
    """One entry more in the institution's thread."""
    found = _thread(desk.session, desk.institution_id, None, Thread.INSTITUTION)
    append(desk.session, found, kind, desk.role, body, at=at)


def append(
    session: Session, thread: RecordThread, kind: str, actor: Role, body: Mapping[str, Any], *, at: datetime
) -> None:
    """The thread is one entry longer; its head is locked, so that seq has no gap."""
    head = session.scalars(select(RecordHead).where(RecordHead.thread_id == thread.id).with_for_update()).one()
    text = chain.canonical(dict(body))
    salt = secrets.token_bytes(SALT_BYTES)
    leaf = chain.leaf_bytes(
        log=thread.origin,
        seq=head.size,
        ts_ms=_never_back(session, thread.id, head.size, int(at.timestamp() * 1000)),
        kind=kind,
        actor=actor.value,
        body_commitment=chain.commitment(thread.origin, salt, text),
    )
    hashed = chain.leaf_hash(leaf)
    sealed = ring_of(session).encrypt(text, context=_context(thread.origin, head.size))
    session.add(RecordEntry(thread_id=thread.id, seq=head.size, leaf=leaf, leaf_hash=hashed))
    session.add(
        RecordBody(
            thread_id=thread.id,
            seq=head.size,
            salt=salt,
            wrapped_key=sealed.wrapped_key,
            nonce=sealed.nonce,
            ciphertext=sealed.ciphertext,
        )
    )
    session.flush()
    _grow(session, head, hashed)


def entries_seen_by(seat: Any, thread: Thread, *, after: int = -1, limit: int = 200) -> list[Entry]:
    """The entries of one thread that this seat may read, oldest first."""
    if thread not in seat.threads():
        return []
    return read(seat.session, _thread(seat.session, seat.institution_id, seat.case_id, thread), after, limit)


def read(session: Session, thread: RecordThread, after: int = -1, limit: int = 200) -> list[Entry]:
    """The entries of a thread with their bodies opened."""
    found = (
        select(RecordEntry, RecordBody)
        .outerjoin(RecordBody, (RecordBody.thread_id == RecordEntry.thread_id) & (RecordBody.seq == RecordEntry.seq))
        .where(RecordEntry.thread_id == thread.id, RecordEntry.seq > after)
        .order_by(RecordEntry.seq)
        .limit(limit)
    )
    return [_entry(session, thread, entry, body) for entry, body in session.execute(found)]


def states_seen_by(seat: Any) -> list[ThreadState]:
    """Whether each thread that this seat may read verifies."""
    return [
        verify(seat.session, _thread(seat.session, seat.institution_id, seat.case_id, name)) for name in seat.threads()
    ]


def verify(session: Session, thread: RecordThread) -> ThreadState:
    """The whole thread checked against its head: every leaf, every hash, every body that is still there."""
    head = session.scalars(select(RecordHead).where(RecordHead.thread_id == thread.id)).one()
    verdict = chain.verify_thread(_leaves(session, thread), origin=thread.origin, size=head.size, root=head.root)
    if verdict.ok and not _is_head(head):
        verdict = chain.Verdict(verdict.size, chain.Flaw.ROOT)
    if verdict.ok:
        verdict = _verify_bodies(session, thread, verdict)
    return ThreadState(thread.name, head.size, head.root, verdict)


def threads_of(session: Session, *, institution_id: UUID | None = None) -> Sequence[RecordThread]:
    """Every thread, or every thread of one institution."""
    found = select(RecordThread).order_by(RecordThread.origin)
    if institution_id is not None:
        found = found.where(RecordThread.institution_id == institution_id)
    return session.scalars(found).all()


def _thread(session: Session, institution_id: UUID, case_id: UUID | None, name: Thread) -> RecordThread:
    found = select(RecordThread).where(
        RecordThread.institution_id == institution_id,
        RecordThread.case_id == case_id if case_id else RecordThread.case_id.is_(None),
        RecordThread.name == name,
    )
    return session.scalars(found).one()


def _never_back(session: Session, thread_id: UUID, size: int, ts_ms: int) -> int:
    """The order is seq; a clock set back must not make the times disagree with it."""
    if size == 0:
        return ts_ms
    last = session.scalar(
        select(RecordEntry.leaf).where(RecordEntry.thread_id == thread_id, RecordEntry.seq == size - 1)
    )
    return max(ts_ms, chain.read_leaf(last or b"").ts_ms)


def _grow(session: Session, head: RecordHead, hashed: bytes) -> None:
    frontier = chain.append(_split(head.frontier), head.size, hashed)
    grown = session.execute(
        update(RecordHead)
        .where(RecordHead.thread_id == head.thread_id, RecordHead.size == head.size)
        .values(size=head.size + 1, frontier=b"".join(frontier), root=chain.root(frontier, head.size + 1))
    )
    if grown.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale("record:moved")


def _split(frontier: bytes) -> tuple[bytes, ...]:
    return tuple(frontier[i : i + 32] for i in range(0, len(frontier), 32))


def _context(origin: str, seq: int) -> bytes:
    return f"record_body/{origin}/{seq}".encode()


def _entry(session: Session, thread: RecordThread, entry: RecordEntry, body: RecordBody | None) -> Entry:
    leaf = chain.read_leaf(entry.leaf)
    opened: Any = None if body is None else chain.parse(_open(session, thread, body))
    return Entry(leaf.seq, leaf.ts_ms, leaf.kind, leaf.actor, opened, entry.leaf_hash)


def _open(session: Session, thread: RecordThread, body: RecordBody) -> bytes:
    sealed = Sealed(body.wrapped_key, body.nonce, body.ciphertext)
    return ring_of(session).decrypt(sealed, context=_context(thread.origin, body.seq))


def _leaves(session: Session, thread: RecordThread) -> Iterator[tuple[int, bytes, bytes]]:
    found = (
        select(RecordEntry.seq, RecordEntry.leaf, RecordEntry.leaf_hash)
        .where(RecordEntry.thread_id == thread.id)
        .order_by(RecordEntry.seq)
    )
    yield from session.execute(found).yield_per(1000)


def _is_head(head: RecordHead) -> bool:
    """Whether the next entry would grow from the root that stands: a false frontier would break it unseen."""
    try:
        return chain.root(_split(head.frontier), head.size) == head.root
    except ValueError:
        return False


def _verify_bodies(session: Session, thread: RecordThread, verdict: chain.Verdict) -> chain.Verdict:
    found = (
        select(RecordEntry.leaf, RecordBody)
        .join(RecordBody, (RecordBody.thread_id == RecordEntry.thread_id) & (RecordBody.seq == RecordEntry.seq))
        .where(RecordEntry.thread_id == thread.id)
        .order_by(RecordEntry.seq)
    )
    for leaf, body in session.execute(found).yield_per(500):
        if not _is_committed_to(session, thread, leaf, body):
            return chain.Verdict.broken(body.seq, "body")
    return verdict


def _is_committed_to(session: Session, thread: RecordThread, leaf: bytes, body: RecordBody) -> bool:
    """Whether the body opens, and is the one that the leaf committed to."""
    try:
        return chain.verify_body(leaf, body.salt, _open(session, thread, body))
    except Unreadable:
        return False
