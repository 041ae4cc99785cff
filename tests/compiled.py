"""SQL compiled once for the many engines of one run: what it compiles to hangs on the kind of database alone."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Connection

KEPT: dict[Any, Any] = {}


def share() -> None:
    """From now on, every engine of this process finds what another of its kind has compiled."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[assignment,method-assign]
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[assignment,method-assign]
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    if "compiled_cache" not in connection.get_execution_options():
        connection.execution_options(compiled_cache=KEPT)
