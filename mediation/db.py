"""Engine, sessions and column types; the only place where a transaction begins and ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import uuid_utils
from sqlalchemy import BigInteger, DateTime, Engine, Enum, MetaData, String, create_engine, event, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(DeclarativeBase):
    """What is kept: one class, one table."""

    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it as text without the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Rate(TypeDecorator[Decimal]):
    """A Decimal kept as text: no database may turn it into a float."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


Minor = BigInteger


def word(choices: type[StrEnum], name: str) -> TypeEngine[Any]:
    """A closed set kept by its values in a text column with a CHECK."""
    return Enum(
        choices,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda closed: [member.value for member in closed],
    )


def new_key() -> UUID:
    """A fresh UUIDv7: sorted by time, never a secret."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def make_engine(url: str) -> Engine:
    """An engine whose every transaction is explicit; SQLite in WAL with synchronous FULL."""
    if not url.startswith("sqlite"):
        # Whoever waits longer for a case than this is told to try again, instead of waiting without end.
        patience = {"options": "-c lock_timeout=10s"}
        return create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8, connect_args=patience)
    engine = create_engine(url, connect_args={"timeout": 20, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def transaction(engine: Engine, info: dict[str, Any] | None = None) -> Iterator[Session]:
    """One writing transaction: everything in it is kept, or nothing; `info` hands in the keys and stores."""
    with Session(engine, expire_on_commit=False, info=info) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine, info: dict[str, Any] | None = None) -> Iterator[Session]:
    """A session that the database itself forbids to write."""
    with Session(_calm(engine), expire_on_commit=False, info=info) as session:
        yield session


def check_durable(engine: Engine) -> list[str]:
    """What makes this database lose acknowledged writes on a power cut; empty when nothing does."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = {
                "synchronous": connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2,
                "journal_mode": connection.exec_driver_sql("PRAGMA journal_mode").scalar() in ("wal", "memory"),
                "foreign_keys": connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1,
            }
        else:
            found = {
                name: connection.exec_driver_sql(f"SHOW {name}").scalar() != "off"
                for name in ("fsync", "synchronous_commit", "full_page_writes")
            }
        connection.rollback()
    return [name for name, sound in found.items() if not sound]


def database_time(engine: Engine) -> datetime:
    """What time the database believes it is."""
    is_sqlite = engine.dialect.name == "sqlite"
    asked = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')" if is_sqlite else "SELECT clock_timestamp()"
    with engine.execution_options(write=False).connect() as connection:
        told = connection.execute(text(asked)).scalar_one()
        connection.rollback()
    return (datetime.fromisoformat(told) if isinstance(told, str) else told).astimezone(UTC)


def _calm(engine: Engine) -> Engine:
    """The same engine for reading alone; every page asks for it, so it is made once and lives with its engine."""
    found: Engine | None = getattr(engine, "mediation_calm", None)
    if found is None:
        found = engine.execution_options(write=False, postgresql_readonly=True)
        engine.mediation_calm = found  # type: ignore[attr-defined]
    return found


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=wal",
        "synchronous=FULL",
        "foreign_keys=on",
        "recursive_triggers=on",
        "busy_timeout=20000",
        "mmap_size=268435456",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'off' if writes else 'on'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
