"""The record as a seat or a desk may read it: which threads, whether each verifies, what each entry says."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from mediation import audit
from mediation.accounts.desks import Desk
from mediation.audit import Entry, RecordThread, ThreadState
from mediation.cases.hearing import heard_since
from mediation.cases.seats import Seat, seated_since
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, THREAD_READERS, Role, Thread
from mediation.rules.chain import Flaw

SHOWN = 50
CHECKED = 400
SIDE_OF = {ROOM_THREADS[room]: side for side, room in CAUCUS_OF.items()}


@dataclass(frozen=True)
class Reading:
    """Some entries of one thread, the newest first, and where the older ones begin."""

    entries: Sequence[Entry]
    older: int | None


@dataclass(frozen=True)
class Broken:
    """Where a thread stops verifying."""

    origin: str
    seq: int | None
    flaw: Flaw


@dataclass(frozen=True)
class Check:
    """How far a check of an institution's threads came, and the first that is broken."""

    total: int
    checked: int
    broken: Broken | None
    last: UUID | None


def states_for(seat: Seat) -> list[ThreadState]:
    """Whether each thread that this seat may read verifies, and no word of any other."""
    seat.require("record:read")
    return audit.states_seen_by(seat)


def reading_for(seat: Seat, thread: Thread, *, size: int, before: int | None = None) -> Reading:
    """The newest entries before that one, among the first `size`: the ones that verify."""
    seat.require("record:read")
    end = size if before is None else min(before, size)
    start = max(0, end - SHOWN)
    entries = audit.entries_seen_by(seat, thread, after=start - 1, limit=end - start)
    since_ms = _hears_since(seat, thread)
    return Reading([entry for entry in entries[::-1] if entry.at_ms >= since_ms], start if start else None)


def _hears_since(seat: Seat, thread: Thread) -> int:
    """A successor reads what a side told an earlier mediator once that side has opened it; earlier notes never.

    Whoever came to a side later reads in private what was written since.
    """
    if thread is Thread.CASE or not (seat.role is Role.MEDIATOR or seat.is_further):
        return 0
    side = SIDE_OF.get(thread)
    since = seated_since(seat) if side is None or seat.is_further else heard_since(seat, side)
    assert since is not None
    return int(since.timestamp() * 1000)


def institution_state(desk: Desk) -> ThreadState | None:
    """Whether the institution's own thread verifies, for a desk that may read it."""
    desk.require("record:verify")
    thread = _own_thread(desk)
    return audit.verify(desk.session, thread) if thread else None


def institution_reading(desk: Desk, *, size: int, before: int | None = None) -> Reading:
    """The newest entries of the institution's own thread, among the first `size`."""
    desk.require("record:verify")
    thread = _own_thread(desk)
    end = size if before is None else min(before, size)
    start = max(0, end - SHOWN)
    entries = audit.read(desk.session, thread, start - 1, end - start) if thread else []
    return Reading(entries[::-1], start if start else None)


def check_threads(desk: Desk, *, after: UUID | None = None) -> Check:
    """The next threads of the institution, checked as far as one page may take; no content is read out.

    A lender's own thread is checked at the lender's own desk: here the mere count would tell that it has begun.
    """
    desk.require("record:verify")
    some = select(RecordThread).where(*_counted(desk)).order_by(RecordThread.id).limit(CHECKED + 1)
    threads = desk.session.scalars(some if after is None else some.where(RecordThread.id > after)).all()
    checked = 0
    for thread in threads[:CHECKED]:
        verdict = audit.verify(desk.session, thread).verdict
        checked += 1
        if verdict.flaw is not None:
            return Check(_total(desk), checked, Broken(thread.origin, verdict.seq, verdict.flaw), None)
    return Check(_total(desk), checked, None, threads[CHECKED - 1].id if len(threads) > CHECKED else None)


def _total(desk: Desk) -> int:
    counted = select(func.count()).where(*_counted(desk))
    return desk.session.scalar(counted) or 0


def _counted(desk: Desk) -> tuple[ColumnElement[bool], ...]:
    return RecordThread.institution_id == desk.institution_id, RecordThread.name != Thread.LENDER


def _own_thread(desk: Desk) -> RecordThread | None:
    """The auditor checks threads and reads none."""
    if desk.role not in THREAD_READERS[Thread.INSTITUTION]:
        return None
    return desk.session.scalars(
        select(RecordThread).where(
            RecordThread.institution_id == desk.institution_id, RecordThread.name == Thread.INSTITUTION
        )
    ).first()
