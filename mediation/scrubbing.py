"""Every kept file is read again at night and compared with what was kept: a flipped bit is found in time."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import files, outbox
from mediation.db import reading
from mediation.files import BlobStore, Damaged, KeptFile, StoredFile
from mediation.keys import KeyRing
from mediation.outbox import Duty, Later

KIND = "files:scrub"
BATCH = 200
BEGINS = time(19, 30)  # 03:30 in China, where nobody waits for a file

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """One file as its row remembers it."""

    id: UUID
    institution_id: UUID
    file: KeptFile


@dataclass(frozen=True)
class Flaw:
    """One file that is not what was kept, and why."""

    sha256: str
    why: str


@dataclass(frozen=True)
class Scrubbed:
    """What came of a batch: the last file looked at, how many there were, and which are not what was kept."""

    last: UUID
    count: int
    flaws: Sequence[Flaw]


def next_batch(session: Session, after: UUID | None) -> Sequence[Kept]:
    """The next files in the order of their keys, after that one."""
    found = select(StoredFile).order_by(StoredFile.id).limit(BATCH)
    rows = session.scalars(found if after is None else found.where(StoredFile.id > after))
    return [
        Kept(row.id, row.institution_id, KeptFile(row.sha256, row.size, row.blob, row.wrapped_key, row.nonce))
        for row in rows
    ]


def scrub(batch: Sequence[Kept], ring: KeyRing, store: BlobStore) -> Scrubbed:
    """Each file of the batch fetched, opened and hashed; what differs in a single bit is among the flaws."""
    flaws = [flaw for kept in batch if (flaw := _flaw(kept, ring, store)) is not None]
    for flaw in flaws:
        log.error("a file is not what was kept", extra={"event": flaw.why, "sha256": flaw.sha256})
    return Scrubbed(batch[-1].id, len(batch), flaws)


def scrub_all(engine: Any, info: Mapping[str, Any]) -> tuple[int, Sequence[Flaw]]:
    """Every file, batch by batch: how many there are, and which are not what was kept."""
    after, count, flaws = None, 0, list[Flaw]()
    while True:
        with reading(engine) as session:
            batch = next_batch(session, after)
        if not batch:
            return count, flaws
        done = scrub(batch, info["ring"], info["blobs"])
        after, count = done.last, count + done.count
        flaws += done.flaws


def promise(session: Session, *, at: datetime) -> None:
    """Tonight's round is promised once; a round that still has something to say is not begun beside."""
    waiting = select(outbox.Job.id).where(outbox.Job.kind == KIND, outbox.Job.done_at.is_(None)).limit(1)
    if session.scalar(waiting) is not None:
        return
    begins = datetime.combine(at.date(), BEGINS, at.tzinfo)
    if begins <= at:
        begins += timedelta(days=1)
    night = begins.date().isoformat()
    outbox.enqueue(session, KIND, {"night": night}, at=at, run_at=begins, dedup=f"{KIND}:{night}")


def _read(session: Session, payload: Mapping[str, str], *, at: datetime) -> Sequence[Kept] | None:
    return next_batch(session, UUID(payload["after"]) if "after" in payload else None) or None


def _work(batch: Sequence[Kept], info: Mapping[str, Any], *, at: datetime) -> Scrubbed:
    return scrub(batch, info["ring"], info["blobs"])


def _keep(session: Session, payload: Mapping[str, str], done: Scrubbed, *, at: datetime) -> Later | None:
    """The round goes on; a batch with a flaw comes back until the file is restored, and counts as failed till then."""
    if done.count == BATCH:
        after = str(done.last)
        further = {"night": payload["night"], "after": after}
        outbox.enqueue(session, KIND, further, at=at, dedup=f"{KIND}:{payload['night']}:{after}")
    if not done.flaws:
        return None
    return Later("; ".join(f"{flaw.why} {flaw.sha256}" for flaw in done.flaws))


DUTIES: Mapping[str, Duty] = {KIND: Duty(read=_read, work=_work, keep=_keep)}


def _flaw(kept: Kept, ring: KeyRing, store: BlobStore) -> Flaw | None:
    try:
        content = files.fetch(ring, store, kept.file, institution_id=kept.institution_id)
    except Damaged as no:
        return Flaw(kept.file.sha256, no.key)
    return None if len(content) == kept.file.size else Flaw(kept.file.sha256, "file:damaged")
