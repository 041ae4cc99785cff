"""Changing the record behind the product's back, as somebody with the database's own keys might."""

from sqlalchemy import Connection, Engine, text


def tamper(engine: Engine, table: str, column: str, value: bytes, where: str = "seq = 0") -> None:
    """Those rows now say this, the table's walls taken down first."""
    with engine.begin() as connection:
        _take_down(connection, table)
        done = connection.execute(text(f"UPDATE {table} SET {column} = :value WHERE {where}"), {"value": value})
        assert done.rowcount, f"nothing to tamper with in {table}"


def _take_down(connection: Connection, table: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    named = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    for name in connection.scalars(named, {"table": table}).all():
        connection.execute(text(f"DROP TRIGGER {name}"))
