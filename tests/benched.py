"""How much CPU a request takes, in our process and in the database's, as a ratio to a floor of the same run."""

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, text

from tests.world import World

ROUNDS = 5
PORTIONS = 24
PORTION = 0.025  # seconds
MOST_CALLS = 4  # in a portion: whatever is called a dozen times at a stretch has the caches to itself
WARMING = 12


@dataclass(frozen=True)
class Subject:
    """Something to be measured: its name, what one call does, and in how many portions of a round it takes part.

    What is measured in fewer portions is slow, or uses something up: it is called once in each.
    """

    name: str
    act: Callable[[], object]
    aim: float | None = None
    portions: int = PORTIONS


@dataclass(frozen=True)
class Figure:
    """What one call costs, in milliseconds of CPU: the median of the rounds, the process's part and the database's."""

    name: str
    total: float
    process: float
    database: float
    aim: float | None


def measure(engine: Engine, subjects: Sequence[Subject]) -> list[Figure]:
    """Every subject in turn, in small portions, round after round: what disturbs one disturbs all."""
    portions = [_portion_of(subject) for subject in subjects]
    rounds = [_round(engine, subjects, portions) for _ in range(ROUNDS)]
    return [
        Figure(
            subject.name,
            median(process + database for process, database in found),
            median(process for process, _ in found),
            median(database for _, database in found),
            subject.aim,
        )
        for subject, found in zip(subjects, zip(*rounds, strict=True), strict=True)
    ]


def cookie_of(world: World, name: str) -> str:
    """The cookie of a browser in which that person has signed in."""
    client = world.client(name)
    client.get("/")  # from now on it carries what a form needs, and is not written anew
    kept = client.get_cookie(world.app.config["SESSION_COOKIE_NAME"])
    assert kept is not None
    return f"{kept.key}={kept.value}"


def get(app: Any, path: str, cookie: str = "") -> Callable[[], bytes]:
    """One request to this address, past any client: the environment is made once."""
    environment = _environment("GET", path, cookie)
    return lambda: _answered(app, dict(environment), 200)


def post(app: Any, cookie: str, path: str, form: dict[str, str]) -> bytes:
    """One form sent to this address, which acts and leads elsewhere."""
    body = urlencode(form).encode()
    environment = _environment("POST", path, cookie) | {
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }  # fmt: skip
    return _answered(app, environment, 303)


def _environment(method: str, path: str, cookie: str) -> dict[str, Any]:
    path_info, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path_info, "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_ACCEPT_LANGUAGE": "zh-CN", "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        **({"HTTP_COOKIE": cookie} if cookie else {}),
    }  # fmt: skip


def _answered(app: Any, environment: dict[str, Any], expected: int) -> bytes:
    answered: list[str] = []
    body = app.wsgi_app(environment, lambda status, headers, exc=None: answered.append(status))
    try:
        page = b"".join(body)
    finally:
        body.close()
    if int(answered[0][:3]) != expected:
        raise AssertionError(f"{environment['PATH_INFO']} answers {answered[0]}")
    return page


def _portion_of(subject: Subject) -> int:
    """How many calls fill a portion; the first ones also warm up what both sides remember."""
    if subject.portions < PORTIONS:
        subject.act()
        return 1
    for _ in range(WARMING):
        began = time.perf_counter()
        subject.act()
        took = time.perf_counter() - began
    return max(1, min(MOST_CALLS, int(PORTION / max(took, 1e-4))))


def _round(engine: Engine, subjects: Sequence[Subject], portions: Sequence[int]) -> list[tuple[float, float]]:
    """Milliseconds of CPU for a call of each subject, in our process and in the database's."""
    spent = [[0.0, 0.0] for _ in subjects]
    servers = _servers(engine)
    gc.collect()
    for portion in range(PORTIONS):
        for place, subject in enumerate(subjects):
            if portion >= subject.portions:
                continue
            before, began = _cpu(servers), time.process_time()
            for _ in range(portions[place]):
                subject.act()
            spent[place][0] += time.process_time() - began
            spent[place][1] += _cpu(servers) - before
    calls = [count * subject.portions for count, subject in zip(portions, subjects, strict=True)]
    return [
        (process * 1000 / count, database * 1000 / count)
        for (process, database), count in zip(spent, calls, strict=True)
    ]


def _servers(engine: Engine) -> Sequence[int]:
    """The server's processes that serve this database; SQLite has none of its own."""
    if engine.dialect.name == "sqlite":
        return ()
    named = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    with engine.connect() as connection:
        return connection.scalars(text(named)).all()


def _cpu(servers: Sequence[int]) -> float:
    return sum(_cpu_of(pid) for pid in servers)


def _cpu_of(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
