"""Workers that can be killed at any instant and come back in no time: `python -m tests.durability.worker_host`.

Each line that comes in is a moment and the seconds after which to kill, or nothing; each that goes out says how
the worker ended, and after how many seconds.
"""

import os
import signal
import sys
import time
from datetime import datetime, timedelta

import config
from mediation import jobs
from mediation.agreements import paper, pdf, seal  # noqa: F401 (slow to load: a worker that comes back has them)
from mediation.app import info_of
from mediation.db import make_engine


def work(at: datetime) -> None:
    """Everything that is due at this moment is done."""
    began, settings = time.monotonic(), config.read()
    engine = make_engine(settings.database_url)
    jobs.run_due(engine, info_of(settings), lambda: at + timedelta(seconds=time.monotonic() - began))
    engine.dispose()


def one_life(at: datetime, killed_after: float | None) -> str:
    """How a worker of this moment ended."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            work(at)
        except BaseException:  # noqa: BLE001 (the other process must learn of it, whatever it is)
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        seconds = time.monotonic() - began
        if ended:
            return f"{'done' if status == 0 else 'failed'} {seconds}"
        if killed_after is not None and seconds >= killed_after:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return f"killed {seconds}"
        time.sleep(0.002)


if __name__ == "__main__":
    for line in sys.stdin:
        moment, _, after = line.strip().partition(" ")
        print(one_life(datetime.fromisoformat(moment), float(after) if after else None), flush=True)
