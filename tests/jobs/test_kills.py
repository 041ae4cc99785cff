"""kill -9 of a worker in the middle of a job: the job comes back, and its effect is there once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from mediation import db, jobs, outbox
from mediation.outbox import Job
from mediation.web import clock
from mediation.web.limits import RateCount
from tests.databases import ROOT
from tests.jobs.killed_worker import EFFECT, PHASES, duty


@pytest.mark.durable
@pytest.mark.parametrize("phase", PHASES)
def test_a_killed_workers_job_comes_back_and_acts_once(
    engine: Engine, phase: str, rounds: Callable[[int], int]
) -> None:
    for number in range(1, rounds(20) // 2 + 1):
        with db.transaction(engine) as session:
            outbox.enqueue(session, "test:effect", {}, at=clock.now())
        _kill_in(engine, phase)
        assert _effects(engine) == number - (phase != "after"), "nothing half-done is there"
        jobs.run_due(engine, {}, _after_the_lease, {"test:effect": duty()})
        assert (_effects(engine), _undone(engine)) == (number, 0)


@pytest.mark.durable
def test_while_the_lease_holds_nobody_else_takes_the_job(engine: Engine) -> None:
    with db.transaction(engine) as session:
        outbox.enqueue(session, "test:effect", {}, at=clock.now())
    _kill_in(engine, "work")
    assert jobs.run_due(engine, {}, clock.now, {"test:effect": duty()}) == 0


def _kill_in(engine: Engine, phase: str) -> None:
    url = engine.url.render_as_string(hide_password=False)
    call = [sys.executable, "-m", "tests.jobs.killed_worker", url, phase]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline().strip() == phase
        os.kill(victim.pid, signal.SIGKILL)


def _after_the_lease() -> datetime:
    return clock.now() + jobs.LEASE + timedelta(seconds=1)


def _effects(engine: Engine) -> int:
    with db.reading(engine) as session:
        row = session.get(RateCount, EFFECT)
        return row.count if row else 0


def _undone(engine: Engine) -> int:
    with db.reading(engine) as session:
        return session.query(Job).filter(Job.done_at.is_(None)).count()
