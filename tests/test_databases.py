"""The databases that tests stand on are what they claim to be."""

import socket

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from mediation.db import check_durable
from tests.databases import Handout, PostgresqlDatabases


def test_each_database_is_migrated(engine: Engine) -> None:
    assert "alembic_version" in inspect(engine).get_table_names()


def test_each_test_has_a_database_to_itself(databases: Handout, database_kind: str) -> None:
    source = databases(database_kind)
    urls = {source.fresh(), source.fresh()}
    for url in urls:
        source.drop(url)
    assert len(urls) == 2


@pytest.mark.durable
def test_a_durable_database_keeps_what_it_acknowledged(engine: Engine) -> None:
    assert check_durable(engine) == []


@pytest.mark.sqlite
def test_a_mark_keeps_a_test_to_one_kind(engine: Engine) -> None:
    assert engine.dialect.name == "sqlite"


@pytest.mark.postgresql
def test_a_given_server_is_left_as_it_was(databases: Handout, database_kind: str) -> None:
    server = databases(database_kind).fresh()
    given = PostgresqlDatabases(server)
    made = _name(given.fresh())
    given.close()
    engine = create_engine(server)
    with engine.connect() as connection:
        left = connection.execute(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": made})
        assert left.scalar() == 0
    engine.dispose()
    databases(database_kind).drop(server)


def test_the_network_is_closed() -> None:
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def _name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]
