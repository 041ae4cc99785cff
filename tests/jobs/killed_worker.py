"""A worker that says where it is and then waits there, to be killed: `python -m tests.jobs.killed_worker URL PHASE`."""

import sys
import time
from datetime import datetime

from sqlalchemy.orm import Session

from mediation import jobs
from mediation.db import make_engine
from mediation.outbox import Duty
from mediation.web import clock
from mediation.web.limits import RateCount

PHASES = ("read", "work", "keep", "after")
EFFECT = "effect"


def duty(phase: str = "") -> Duty:
    """Counts one effect; stops for good in the phase that is named."""

    def read(session: Session, payload: dict[str, str], *, at: datetime) -> str:
        _wait_in("read", phase)
        return "facts"

    def work(facts: str, info: dict[str, object], *, at: datetime) -> str:
        _wait_in("work", phase)
        return "result"

    def keep(session: Session, payload: dict[str, str], result: str, *, at: datetime) -> None:
        row = session.get(RateCount, EFFECT) or RateCount(key=EFFECT, count=0, ends_at=at)
        row.count += 1
        session.add(row)
        session.flush()
        _wait_in("keep", phase)

    return Duty(read=read, work=work, keep=keep)


def _wait_in(here: str, phase: str) -> None:
    if here == phase:
        print(here, flush=True)
        time.sleep(600)


if __name__ == "__main__":
    url, chosen = sys.argv[1:]
    jobs.run_due(make_engine(url), {}, clock.now, {"test:effect": duty(chosen)})
    _wait_in("after", chosen)
