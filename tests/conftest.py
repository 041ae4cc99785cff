"""What every test stands on: a fresh database of each kind, and no way out to the network."""

import ipaddress
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mediation.db import make_engine, transaction
from tests import compiled
from tests.databases import KINDS, Databases, Handout, open_databases

if TYPE_CHECKING:
    from tests.world import World

settings.register_profile("tenth", max_examples=20, deadline=None)
settings.register_profile("whole", max_examples=200, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", default=",".join(KINDS), help="databases to test against, with commas between")
    parser.addoption("--soak", action="store_true", help="whole rounds of the long tests, not a tenth")


def pytest_configure(config: pytest.Config) -> None:
    unknown = set(_chosen(config)) - set(KINDS)
    if unknown:
        raise pytest.UsageError(f"--databases knows {', '.join(KINDS)}, not {', '.join(sorted(unknown))}")
    sys.addaudithook(_refuse_the_network)
    compiled.share()
    settings.load_profile("whole" if config.getoption("--soak") else "tenth")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever counts its rounds is a long test: `make soak` runs it whole, chosen by this mark."""
    for item in items:
        if "rounds" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.soak)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    only = [kind for kind in KINDS if metafunc.definition.get_closest_marker(kind)]
    kinds = [kind for kind in _chosen(metafunc.config) if not only or kind in only]
    metafunc.parametrize("database_kind", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def databases() -> Iterator[Handout]:
    """Opens each kind of database when a test first asks for it, and closes all at the end."""
    opened: dict[tuple[str, bool], Databases] = {}

    def of_kind(kind: str, *, fsync: bool = False) -> Databases:
        if (kind, fsync) not in opened:
            opened[kind, fsync] = open_databases(kind, fsync=fsync)
        return opened[kind, fsync]

    yield of_kind
    for each in opened.values():
        each.close()


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: a test that stands on a database runs once on each."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, databases: Handout, database_kind: str) -> Iterator[str]:
    """A fresh migrated database; a test marked `durable` gets one whose commits reach the disk."""
    source = databases(database_kind, fsync=request.node.get_closest_marker("durable") is not None)
    url = request.getfixturevalue("cast")[0] if "world" in request.fixturenames else source.fresh()
    yield url
    source.drop(url)


@pytest.fixture
def cast(request: pytest.FixtureRequest, databases: Handout, database_kind: str, tmp_path: Path) -> "tuple[str, World]":
    """A fresh database on which the cast is at its institution, and that world."""
    from tests.furnished import furnish  # tests of the pure rules must not load the web
    from tests.world import make_world

    source = databases(database_kind, fsync=request.node.get_closest_marker("durable") is not None)
    return furnish(source, "world", make_world, tmp_path)


@pytest.fixture
def empty_database_url(databases: Handout, database_kind: str) -> Iterator[str]:
    """A database without a table: for tests of the migrations themselves."""
    source = databases(database_kind)
    url = source.empty()
    yield url
    source.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The product's own engine on a fresh migrated database; every connection taken must have come back."""
    engine = make_engine(database_url)
    yield engine
    assert engine.pool.checkedout() == 0, "a session or connection was left open"  # type: ignore[attr-defined]
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """One open writing transaction, kept when the test ends well."""
    with transaction(engine) as session:
        yield session


@pytest.fixture
def world(engine: Engine, tmp_path: Path, cast: "tuple[str, World]") -> "Iterator[World]":
    """The cast at its institution; whatever the test wrote, the record must still verify."""
    world = cast[1].moved_to(engine, tmp_path)
    yield world
    world.verify_records()
    world.rest()


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How many rounds of `whole` to run: all in `make soak`, a tenth in `make test`."""
    soak = bool(request.config.getoption("--soak"))
    return lambda whole: whole if soak else max(1, whole // 10)


def _chosen(config: pytest.Config) -> list[str]:
    return [kind.strip() for kind in str(config.getoption("--databases")).split(",") if kind.strip()]


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host is not None and not _is_here(host):
        raise RuntimeError(f"A test may reach this machine only, not {host!r}: run what it needs on 127.0.0.1.")


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in ("", "localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback or name in ("0.0.0.0", "::")
    except ValueError:
        return False
