"""The worker: takes what is due from the job table, does it outside any lock, keeps the outcome once."""

import logging
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from mediation import db, posting, scrubbing
from mediation.accounts import credentials, sessions
from mediation.agreements import duties as agreement_duties
from mediation.cases import appointment_duties
from mediation.cases import duties as case_duties
from mediation.disclosures import duty_jobs
from mediation.messages import drafts as message_drafts
from mediation.messages import duties as message_duties
from mediation.offers import duties as offer_duties
from mediation.outbox import Duty, Job, Later
from mediation.web import idempotency, kept_forms, limits
from mediation.web.clock import Clock

LEASE = timedelta(seconds=60)
RENEWED_EVERY = 20.0
BATCH = 10
PAUSE = 1.0
LONGEST_AWAY = 30.0
AWAY = (OperationalError, InterfaceError)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
SWEPT_EVERY = timedelta(hours=1)
CLOCKS_MAY_DIFFER = timedelta(seconds=2)

DUTIES: Mapping[str, Duty] = {
    **posting.DUTIES,
    **credentials.DUTIES,
    **case_duties.DUTIES,
    **appointment_duties.DUTIES,
    **message_duties.DUTIES,
    **offer_duties.DUTIES,
    **agreement_duties.DUTIES,
    **duty_jobs.DUTIES,
    **scrubbing.DUTIES,
}

log = logging.getLogger(__name__)


class ClocksDiffer(Exception):
    """This machine and the database disagree on the time: every deadline would be decided wrongly."""


@dataclass(frozen=True)
class Claim:
    """A job that is ours while the lease holds; the owner's token is new each time, so that it fences."""

    id: UUID
    kind: str
    payload: dict[str, str]
    attempts: int
    owner: str


def work_forever(engine: Engine, info: dict[str, Any], now: Clock, stop: threading.Event | None = None) -> None:
    """Do what is due, second by second, until somebody ends the process; a job at hand is finished first.

    While the database is away the worker waits, longer each time up to half a minute, and goes on when it is back.
    """
    stop = stop or _stop_on_signals()
    log.info("worker started", extra={"event": "worker:started"})
    swept_at: datetime | None = None
    away = 0.0
    while not stop.is_set():
        try:
            swept_at = _swept(engine, now, swept_at)
            done = _do_batch(engine, info, now, DUTIES, stop)
        except AWAY as broken:
            if not away:
                facts = {"event": "worker:database-away", "reason": type(broken).__name__}
                log.warning("the database is away; waiting for it", extra=facts)
            away = min(max(away * 2, PAUSE), LONGEST_AWAY)
            stop.wait(away)
            continue
        if away:
            log.info("the database is back", extra={"event": "worker:database-back"})
            away = 0.0
        if not done:
            stop.wait(PAUSE)
    log.info("worker stopped", extra={"event": "worker:stopped"})


def run_due(engine: Engine, info: dict[str, Any], now: Clock, duties: Mapping[str, Duty] = DUTIES) -> int:
    """Do everything that is due at this moment, also what that brings about; return how many jobs were tried."""
    tried, stop = 0, threading.Event()
    while done := _do_batch(engine, info, now, duties, stop):
        tried += done
    return tried


def check_clocks(engine: Engine, now: Clock) -> None:
    """Raise ClocksDiffer when this machine's clock and the database's are more than two seconds apart."""
    apart = abs(now() - db.database_time(engine))
    if apart > CLOCKS_MAY_DIFFER:
        raise ClocksDiffer(f"this machine's clock and the database's differ by {apart.total_seconds():.1f} s")


def sweep(engine: Engine, *, at: datetime) -> None:
    """What has had its time is gone (sessions, codes, keys of old forms, rate counts), and what is next is promised."""
    with db.transaction(engine) as session:
        sessions.sweep(session, at=at)
        idempotency.sweep(session, at=at)
        kept_forms.sweep(session, at=at)
        message_drafts.sweep(session, at=at)
        limits.sweep(session, at=at)
        duty_jobs.promise(session, at=at)
        scrubbing.promise(session, at=at)


def _swept(engine: Engine, now: Clock, last: datetime | None) -> datetime:
    """When the sweep was done last: now, where it was time for it."""
    at = now()
    if last is not None and at - last < SWEPT_EVERY:
        return last
    check_clocks(engine, now)
    sweep(engine, at=at)
    return at


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, then twice as long each time, at most an hour."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _do_batch(
    engine: Engine, info: dict[str, Any], now: Clock, duties: Mapping[str, Duty], stop: threading.Event
) -> int:
    claims = _claim_due(engine, now, duties)
    done = 0
    with _renewed(engine, now, claims):
        for claim in claims:
            if stop.is_set():
                _give_back(engine, now, claim)
                continue
            _do(engine, info, now, duties[claim.kind], claim)
            done += 1
    return done


def _claim_due(engine: Engine, now: Clock, duties: Mapping[str, Duty]) -> list[Claim]:
    at = now()
    due = (
        select(Job.id)
        .where(Job.done_at.is_(None), Job.run_at <= at, Job.kind.in_(sorted(duties)))
        .order_by(Job.run_at, Job.id)
        .limit(BATCH)
    )
    with db.reading(engine) as session:
        if session.scalar(due.limit(1)) is None:
            return []
    with db.transaction(engine) as session:
        ids = session.scalars(due.with_for_update(skip_locked=True)).all()
        owner = f"{os.getpid()}:{secrets.token_hex(16)}"
        claimed = update(Job).where(Job.id.in_(ids)).values(run_at=at + LEASE, attempts=Job.attempts + 1, owner=owner)
        session.execute(claimed, execution_options={"synchronize_session": False})
        rows = {row.id: row for row in session.scalars(select(Job).where(Job.id.in_(ids)))}
        return [Claim(id, rows[id].kind, rows[id].payload, rows[id].attempts, owner) for id in ids]


def _do(engine: Engine, info: dict[str, Any], now: Clock, duty: Duty, claim: Claim) -> None:
    facts = {"event": "job:done", "job": str(claim.id), "kind": claim.kind, "attempts": claim.attempts}
    try:
        later = _walk(engine, info, now, duty, claim)
    except Exception as broken:  # noqa: BLE001 (whatever breaks one job must not end the worker: it is kept and tried again)
        later = Later(f"{type(broken).__name__}: {broken}"[:2000])
        # Kept before it is told: where the database itself is away, that is the one thing to tell.
        _put_off(engine, now, claim, later)
        log.exception("job failed", extra={**facts, "event": "job:failed"})
        return
    if later is not None:
        facts["event"] = "job:later"
    log.info("job tried", extra=facts)


def _walk(engine: Engine, info: dict[str, Any], now: Clock, duty: Duty, claim: Claim) -> Later | None:
    """Read, work, keep; each step may run again after a crash, and only the last one changes anything."""
    facts: Any = None
    if duty.read is not None:
        with db.reading(engine, info) as session:
            facts = duty.read(session, claim.payload, at=now())
        if facts is None:
            return _finish(engine, info, now, claim, None, None)
        if isinstance(facts, Later):
            _put_off(engine, now, claim, facts)
            return facts
    result = duty.work(facts, info, at=now()) if duty.work is not None else facts
    return _finish(engine, info, now, claim, duty, result)


def _finish(
    engine: Engine, info: dict[str, Any], now: Clock, claim: Claim, duty: Duty | None, result: Any
) -> Later | None:
    """The outcome and the end of the job are one transaction; a worker that lost its lease keeps nothing."""
    with db.transaction(engine, info) as session:
        at = now()
        if not _set(session, claim, done_at=at, owner=None, failure=""):
            return Later("another worker has taken this job")
        later = duty.keep(session, claim.payload, result, at=at) if duty is not None else None
        if later is not None:
            again = later.run_at or at + wait_after(claim.attempts)
            session.flush()
            session.execute(
                update(Job).where(Job.id == claim.id).values(done_at=None, run_at=again, failure=later.why[:2000])
            )
        return later


def _put_off(engine: Engine, now: Clock, claim: Claim, later: Later) -> None:
    with db.transaction(engine) as session:
        again = later.run_at or now() + wait_after(claim.attempts)
        _set(session, claim, owner=None, run_at=again, failure=later.why[:2000])


def _give_back(engine: Engine, now: Clock, claim: Claim) -> None:
    """Not begun: the next worker may have it at once, and the attempt is not counted."""
    with db.transaction(engine) as session:
        _set(session, claim, owner=None, run_at=now(), attempts=claim.attempts - 1)


def _set(session: Session, claim: Claim, **values: Any) -> bool:
    """Change the job if it is still ours; the token fences a worker whose lease has run out."""
    mine = (Job.id == claim.id) & (Job.owner == claim.owner) & Job.done_at.is_(None)
    changed = session.execute(
        update(Job).where(mine).values(**values), execution_options={"synchronize_session": False}
    )
    return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]


@contextmanager
def _renewed(engine: Engine, now: Clock, claims: list[Claim]) -> Iterator[None]:
    """While the work is at hand the lease is renewed, so that a long rendering is not begun twice."""
    if not claims:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(engine, now, claims[0].owner, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(engine: Engine, now: Clock, owner: str, over: threading.Event) -> None:
    while not over.wait(RENEWED_EVERY):
        try:
            with db.transaction(engine) as session:
                session.execute(
                    update(Job).where(Job.owner == owner, Job.done_at.is_(None)).values(run_at=now() + LEASE)
                )
        except Exception:  # noqa: BLE001 (a database that is away for a moment; the next round tries again)
            log.exception("lease not renewed", extra={"event": "worker:lease-not-renewed"})


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


def waiting(engine: Engine, *, at: datetime) -> tuple[int, int]:
    """How many jobs are due and not done, and how many of them have failed at least once."""
    with db.reading(engine) as session:
        late = select(func.count()).where(Job.done_at.is_(None), Job.run_at <= at)
        failed = select(func.count()).where(Job.done_at.is_(None), Job.failure != "")
        return session.scalar(late) or 0, session.scalar(failed) or 0
