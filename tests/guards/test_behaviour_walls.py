"""What is written once stays as it was written, whoever asks the database otherwise."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from mediation.cases import contracts, objections, stating
from mediation.cases.models import AppointmentAnswer, Case, Declination, Rejection
from mediation.cases.panel_models import Draw, DrawState
from mediation.db import make_engine
from mediation.disclosures.document_models import Audience, DutyOverdue
from mediation.offers import assumptions
from mediation.rules.negotiation import Side
from tests.approvals.limits import authorise, set_limits
from tests.databases import Handout
from tests.documents.made import add
from tests.facts.told import open_paper, prove, share
from tests.furnished import furnish
from tests.house import open_house

# Rows that are written once, and the columns that are written once in rows that otherwise move on.
WRITTEN_ONCE = ("record_thread", "record_entry", "claim", "undertaking", "consent", "declination", "rejection",
                "appointment_answer", "acceptance", "signature", "document", "document_version", "duty_statement",
                "duty_overdue", "contract_statement", "case_assumption", "policy_version", "sealed_fact",
                "fact_proof", "fact_release", "document_release")  # fmt: skip
# Written once as well; no row of theirs stands in this house, so only the walls themselves are looked at.
WITHOUT_A_ROW = ("handover", "share_rule", "appointment_reason", "draw_number", "case_outcome", "independence_card",
                 "consent_end", "payment_list", "ledger_payment", "ledger_withdrawal", "ledger_answer",
                 "reported_payment", "payment_outcome", "conduct_report", "conduct_forwarding",
                 "conduct_answer")  # fmt: skip
NEVER_CHANGED = ("record_body",)
HALF = Decimal("0.5")
FIXED = {
    "offer": ("negotiation_id", "number", "side", "claim_version", "document", "sha256", "made_at"),
    "proposal": ("case_id", "appointment_id", "account_id", "claim_version", "document", "sha256", "made_at"),
    "agreement": ("case_id", "offer_id", "version", "number", "document", "document_sha256"),
    "record_head": ("thread_id",),
    "draw": ("case_id", "seed_sealed", "seed_sha256", "list_text", "list_sha256", "opened_at", "ends_at"),
    "reasoned_objection": ("case_id", "appointment_id", "side", "reason_sealed", "made_at"),
}
WALLED = (*WRITTEN_ONCE, *NEVER_CHANGED, *FIXED)
ON_SQLITE = {
    *(
        f"{table}_{wall}"
        for table in (*WRITTEN_ONCE, *WITHOUT_A_ROW)
        for wall in ("no_update", "no_replace", "no_delete")
    ),
    *(f"{table}_{wall}" for table in NEVER_CHANGED for wall in ("no_update", "no_replace")),
    *(f"{table}_{wall}" for table in FIXED for wall in ("fixed", "no_replace", "no_delete")),
    "record_head_append",
    "record_head_begin",
}
ON_POSTGRESQL = {
    *(
        f"{table}_{wall}"
        for table in (*WRITTEN_ONCE, *WITHOUT_A_ROW, *NEVER_CHANGED)
        for wall in ("written_once", "no_truncate")
    ),
    *(f"{table}_{wall}" for table in FIXED for wall in ("fixed", "no_delete", "no_truncate")),
    "record_head_append",
}


@pytest.fixture(scope="module")
def lived_in(databases: Handout, database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database on which each of these tables has a row."""
    source, folder = databases(database_kind), tmp_path_factory.mktemp("house")
    url, made = furnish(source, "house", open_house, folder)
    engine = make_engine(url)
    house = made.moved_to(engine, folder)
    at = house.world.clock()
    authorise(house.world, "lu")
    set_limits(house.world, "lu")
    number, fact_id = house.cases["open"], house.ids["open"]["fact_id"]
    prove(house.world, number, fact_id)
    share(house.world, number, fact_id)
    open_paper(house.world, number, add(house.world, number, "bai", audience=Audience.MEDIATOR))
    with house.world.seat("lu", house.cases["open"]) as seat:
        stating.state_contract(seat, contracts.Stated(principal=1), at=at)
    with house.world.seat("mo", house.cases["open"]) as seat:
        chosen = assumptions.Chosen(
            recovery_low=HALF, recovery_high=HALF, months_low=1, months_high=2, court_fee_low=HALF,
            court_fee_high=HALF, discount_rate=HALF,
        )  # fmt: skip
        assumptions.set_assumptions(seat, chosen, "-", at=at)
    with house.world.seat("bai", house.cases["open"]) as seat:
        objections.object_with_reason(seat, "-", at=at)
    with house.world.writing() as session:
        case = session.query(Case).filter(Case.number == house.cases["invited"]).one()
        session.add(
            Draw(
                case_id=case.id, state=DrawState.VOID, seed_sealed=b"-", seed_sha256="-", list_text="-",
                list_sha256="-", left_out=0, opened_by=house.world.people["ren"], opened_at=at, ends_at=at,
            )
        )  # fmt: skip
        session.add(Declination(case_id=case.id, account_id=house.world.people["bai"], declined_at=at))
        session.add(Rejection(case_id=case.id, reason="-", rejected_by=house.world.people["ren"], rejected_at=at))
        session.add(DutyOverdue(case_id=case.id, items="contract", noted_at=at))
        asked = session.execute(text("SELECT id FROM appointment LIMIT 1")).scalar_one()
        session.flush()
        session.add(
            AppointmentAnswer(
                appointment_id=_uuid(asked),
                side=Side.LENDER,
                account_id=house.world.people["lu"],
                objects=False,
                answered_at=at + timedelta(seconds=1),
            )
        )
    yield engine
    engine.dispose()
    source.drop(url)


@pytest.mark.parametrize("table", WALLED)
def test_every_walled_table_has_a_row_to_try_it_on(lived_in: Engine, table: str) -> None:
    with lived_in.connect() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0
        connection.rollback()


@pytest.mark.parametrize("table", [*WRITTEN_ONCE, *NEVER_CHANGED])
def test_no_column_of_a_row_that_is_written_once_changes(lived_in: Engine, table: str) -> None:
    yielding = [column for column in _columns(lived_in, table) if _yields(lived_in, _update(table, column))]
    assert not yielding


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, all_ in FIXED.items() for column in all_])
def test_no_fixed_column_changes(lived_in: Engine, table: str, column: str) -> None:
    assert not _yields(lived_in, _changed(lived_in, table, column))


@pytest.mark.parametrize("table", [*WRITTEN_ONCE, *FIXED])
def test_no_such_row_is_deleted(lived_in: Engine, table: str) -> None:
    assert not _yields(lived_in, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", WALLED)
def test_no_such_row_is_written_over(lived_in: Engine, table: str) -> None:
    columns = ", ".join(_columns(lived_in, table))
    key = ", ".join(inspect(lived_in).get_pk_constraint(table)["constrained_columns"])
    again = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE true"
    change = _changed(lived_in, table, FIXED[table][-1] if table in FIXED else columns.split(", ")[-1])
    ways = [f"{again} ON CONFLICT ({key}) DO UPDATE SET {change.partition(' SET ')[2].replace('+ 1000', '* 0')}"]
    ways += [again.replace("INSERT", "INSERT OR REPLACE", 1)] if lived_in.dialect.name == "sqlite" else []
    assert not [way for way in ways if _yields(lived_in, way)]


@pytest.mark.postgresql
@pytest.mark.parametrize("table", WALLED)
def test_no_such_table_is_truncated(lived_in: Engine, table: str) -> None:
    assert not _yields(lived_in, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE record_head SET size = size + 1",
        "UPDATE record_head SET size = size + 2",
        "UPDATE record_head SET size = size",
        "UPDATE record_head SET size = 0",
        "UPDATE record_head SET root = frontier",
        "INSERT INTO record_head (thread_id, size, frontier, root) "
        "SELECT thread_id, 1, frontier, root FROM record_head",
    ],
)
def test_the_head_of_a_thread_moves_only_by_appending(lived_in: Engine, change: str) -> None:
    assert not _yields(lived_in, change)


def test_a_body_may_be_erased_and_the_proof_still_stands(lived_in: Engine) -> None:
    with lived_in.connect() as connection:
        erased = connection.execute(text("DELETE FROM record_body")).rowcount
        left = connection.execute(text("SELECT count(*) FROM record_entry")).scalar_one()
        connection.rollback()
    assert erased == left > 0


def test_every_wall_stands_and_no_other(lived_in: Engine) -> None:
    with lived_in.connect() as connection:
        found = _walls(connection)
        connection.rollback()
    assert found == (ON_SQLITE if lived_in.dialect.name == "sqlite" else ON_POSTGRESQL)


def test_these_tests_notice_a_wall_that_is_down(lived_in: Engine) -> None:
    assert _yields(lived_in, "UPDATE offer SET status = status")
    assert _yields(lived_in, "DELETE FROM job")


def _yields(engine: Engine, statement: str) -> bool:
    """Whether the database would do it; nothing is kept of it."""
    with engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except DBAPIError as no:
            if "append-only" not in str(no.orig):
                raise
            return False
        finally:
            connection.rollback()
    return True


def _columns(engine: Engine, table: str) -> list[str]:
    return [column["name"] for column in inspect(engine).get_columns(table)]


def _update(table: str, column: str) -> str:
    return f"UPDATE {table} SET {column} = {column}"


def _changed(engine: Engine, table: str, column: str) -> str:
    """An update to another value of the column's own type."""
    kind = str(next(c["type"] for c in inspect(engine).get_columns(table) if c["name"] == column)).upper()
    if "UUID" in kind or "CHAR(32)" in kind:
        other = "'00000000-0000-0000-0000-000000000000'" if engine.dialect.name != "sqlite" else f"'{'0' * 32}'"
    elif "INT" in kind:
        other = f"{column} + 1000"
    elif "TIME" in kind:
        other = "'2001-01-01 00:00:00'"
    elif "BOOL" in kind or "BYTEA" in kind or "BLOB" in kind:
        other = "NULL"
    else:
        other = "'x'"
    return f"UPDATE {table} SET {column} = {other}"


def _walls(connection: Connection) -> set[str]:
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
    )
    return set(connection.execute(text(asked)).scalars())


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
