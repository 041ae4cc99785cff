"""The record of what a lender decides by itself: one thread for each lender at an institution, read by its officers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts.desks import Desk
from mediation.audit import Entry, RecordHead, RecordThread, ThreadState
from mediation.rules import chain
from mediation.rules.access import THREAD_READERS, Thread

SHOWN = 20


def record_at_lender(
    session: Session,
    institution_id: UUID,
    organisation_id: UUID,
    kind: str,
    body: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """One entry more in the lender's own thread, which begins with its first entry."""
    thread = thread_of(session, institution_id, organisation_id)
    if thread is None:
        thread = _begun(session, institution_id, organisation_id)
    (actor,) = THREAD_READERS[Thread.LENDER]
    audit.append(session, thread, kind, actor, body, at=at)


def thread_of(session: Session, institution_id: UUID, organisation_id: UUID) -> RecordThread | None:
    """The thread of this lender here, once it has begun."""
    found = select(RecordThread).where(
        RecordThread.institution_id == institution_id,
        RecordThread.name == Thread.LENDER,
        RecordThread.origin.endswith(f"/{Thread.LENDER.value}/{organisation_id}"),
    )
    return session.scalars(found).first()


def state_seen_at(desk: Desk) -> ThreadState | None:
    """Whether the thread of this officer's own lender verifies; nothing before it has begun."""
    desk.require("policy:read")
    thread = _own(desk)
    return audit.verify(desk.session, thread) if thread else None


def entries_seen_at(desk: Desk, *, size: int) -> Sequence[Entry]:
    """The newest entries of that thread among the first `size`: the ones that verify."""
    desk.require("policy:read")
    thread = _own(desk)
    start = max(0, size - SHOWN)
    return audit.read(desk.session, thread, start - 1, size - start)[::-1] if thread else []


def _own(desk: Desk) -> RecordThread | None:
    if desk.organisation_id is None:
        return None
    return thread_of(desk.session, desk.institution_id, desk.organisation_id)


def _begun(session: Session, institution_id: UUID, organisation_id: UUID) -> RecordThread:
    """Two officers who begin it at one moment meet at its origin, which stands once."""
    found = select(RecordThread.origin).where(
        RecordThread.institution_id == institution_id, RecordThread.name == Thread.INSTITUTION
    )
    origin = f"{session.scalars(found).one()}/{Thread.LENDER.value}/{organisation_id}"
    thread = RecordThread(institution_id=institution_id, case_id=None, name=Thread.LENDER, origin=origin)
    session.add(thread)
    session.flush()
    session.add(RecordHead(thread_id=thread.id, size=0, frontier=b"", root=chain.empty_root()))
    session.flush()
    return thread
