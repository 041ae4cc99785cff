"""Migrations stand in one line, import no model, go down again, and make exactly what the models say."""

import ast
import importlib
import pkgutil

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

import mediation
from mediation.db import Record, make_engine
from tests.databases import alembic_config
from tests.guards.source import Module, body_of, called_name, module, modules

FOLDER = "migrations/versions"


def test_no_migration_imports_the_product() -> None:
    found = importers(modules(FOLDER))
    assert not found, f"A migration must mean the same in ten years: write its tables out: {found}"


def test_every_migration_goes_down_again() -> None:
    found = one_way(modules(FOLDER))
    assert not found, f"Write downgrade() by hand: {found}"


def test_no_migration_rebuilds_a_table() -> None:
    found = rebuilders(modules(FOLDER))
    assert not found, f"On SQLite batch mode drops every trigger of the table; add a column or a new table: {found}"


def test_migrations_stand_in_one_line() -> None:
    found = [(one.revision, one.down_revision) for one in reversed(list(_scripts().walk_revisions()))]
    numbers = [f"{number:04d}" for number in range(1, len(found) + 1)]
    assert found == list(zip(numbers, [None, *numbers], strict=False)), "Number them 0001, 0002, …, each on the last."


def test_models_and_migrations_say_the_same(engine: Engine) -> None:
    _import_all()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_ours})
        found = compare_metadata(context, Record.metadata)
        connection.rollback()
    assert not found, f"Write a migration for what the models say, or take it back: {found}"


def test_each_migration_goes_down_and_up_again(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    command.upgrade(config, "head")
    before = _everything_in(empty_database_url)
    for one in _scripts().walk_revisions():
        command.downgrade(config, one.down_revision or "base")
    assert _everything_in(empty_database_url) == {("table", "alembic_version")}
    command.upgrade(config, "head")
    assert _everything_in(empty_database_url) == before


def test_the_walls_around_the_record_stand(engine: Engine) -> None:
    with engine.connect() as connection:
        walled = {table for kind, table in _triggers(connection) if kind == "trigger"}
        connection.rollback()
    assert {"record_entry", "record_body", "record_head"} <= {name.split(".")[0] for name in walled}


def test_these_guards_bite() -> None:
    assert importers([module("from mediation.db import Record")])
    assert one_way([module("def downgrade():\n    pass\n")])
    assert rebuilders([module("with op.batch_alter_table('record_entry') as batch: ...")])


def importers(found: list[Module]) -> list[str]:
    return [
        one.at(node)
        for one in found
        for node in ast.walk(one.tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mediation"))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("mediation") for alias in node.names))
    ]


def one_way(found: list[Module]) -> list[str]:
    ways = [(one, {each.name: body_of(each) for each in one.public_functions()}) for one in found]
    return [
        one.path
        for one, functions in ways
        if not functions.get("downgrade") or isinstance(functions["downgrade"][0], ast.Pass | ast.Raise)
    ]


def rebuilders(found: list[Module]) -> list[str]:
    return [
        one.at(node)
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call) and called_name(node) == "batch_alter_table"
    ]


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config("sqlite://"))


def _import_all() -> None:
    for found in pkgutil.walk_packages(mediation.__path__, "mediation."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def _everything_in(url: str) -> set[tuple[str, str]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        tables = inspect(connection)
        found = {("table", name) for name in tables.get_table_names()}
        found |= {
            ("index", f"{table}.{index['name']}") for _, table in set(found) for index in tables.get_indexes(table)
        }
        found |= _triggers(connection)
        connection.rollback()
    engine.dispose()
    return found


def _triggers(connection: Connection) -> set[tuple[str, str]]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"))
        return {("trigger", f"{table}.{name}") for table, name in rows}
    rows = connection.execute(text("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"))
    functions = connection.execute(
        text("SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'")
    )
    return {("trigger", f"{table}.{name}") for table, name in rows} | {("function", name) for (name,) in functions}
