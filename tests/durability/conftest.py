"""One world for the tests of a module, on a database whose commits reach the disk, with a real server before it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mediation.db import make_engine
from tests.databases import Handout
from tests.durability.web_server import WebServer
from tests.world import World, make_world


@dataclass
class Arena:
    """The world and its server."""

    kind: str
    world: World
    server: WebServer


@pytest.fixture(scope="module")
def arena(databases: Handout, database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Whatever the tests did to the server, the record verifies at the end."""
    source, folder = databases(database_kind, fsync=True), tmp_path_factory.mktemp("arena")
    url = source.fresh()
    engine = make_engine(url)
    world = make_world(engine, folder=folder)
    server = WebServer(world, folder)
    try:
        server.wait()
        yield Arena(database_kind, world, server)
    finally:
        server.stop()
    world.verify_records()
    engine.dispose()
    source.drop(url)
