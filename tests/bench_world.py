"""An institution with many cases, made by our own seeded generator and written in bulk."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, select, text
from sqlalchemy.orm import Session

from mediation.accounts.models import Engagement, Organisation
from mediation.cases.models import Case, CourtStatus
from mediation.portfolios.models import ImportState, Loan, LoanImport
from mediation.rules.access import Role
from mediation.rules.lenders import LenderType
from mediation.rules.lifecycle import Stage
from mediation.search import SearchToken, tokens_of
from tests.world import World

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文玉兰红建国志海燕晓雪梅春林峰浩宇轩子涵欣怡思远嘉宁安若晨"
LENDERS = ("江岸消费金融有限公司", "云栖小额贷款有限公司", "南岭融资担保有限公司", "松原资产管理有限公司")
# Stage, whose turn, how many of a hundred.
MIX: Sequence[tuple[Stage, Role | None, int]] = (
    (Stage.OPEN, Role.BORROWER, 17), (Stage.OPEN, Role.LENDER, 14), (Stage.OPEN, Role.MEDIATOR, 9),
    (Stage.APPOINTED, Role.BORROWER, 5), (Stage.TERMS_AGREED, Role.MEDIATOR, 5), (Stage.SIGNING, Role.BORROWER, 4),
    (Stage.OPEN, None, 4), (Stage.IN_FORCE, None, 15), (Stage.PERFORMED, None, 9), (Stage.NOT_SETTLED, None, 9),
    (Stage.WITHDRAWN, None, 5), (Stage.DECLINED, None, 4),
)  # fmt: skip
BATCH = 20_000


def fill(world: World, count: int, *, first: int = 0, seed: int = 20250924) -> None:
    """The institution has that many cases more, all of them the mediator Mo's; their numbers go on from `first`."""
    chance = random.Random(seed + first)
    with world.writing() as session:
        lenders = _lenders(session, world)
        batch_id = _import(session, world)
    for start in range(first, first + count, BATCH):
        cases = list(_cases(world, chance, lenders, batch_id, range(start, min(start + BATCH, first + count))))
        _write(world.engine, Loan.__table__, [_loan(case, batch_id) for case in cases])  # type: ignore[arg-type]
        _write(world.engine, Case.__table__, cases)  # type: ignore[arg-type]
        _write(world.engine, SearchToken.__table__, list(_tokens(cases)))  # type: ignore[arg-type]
    _settle(world.engine)


def a_name(chance: random.Random) -> str:
    """A Chinese name of two or three characters."""
    return chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2))))


def _lenders(session: Session, world: World) -> list[tuple[UUID, str]]:
    at, found = world.clock(), [(world.organisation_id, LENDERS[0])]
    known = {lender.name: lender for lender in session.scalars(select(Organisation))}
    for place, name in enumerate(LENDERS[1:], 1):
        if name in known:
            found.append((known[name].id, name))
            continue
        lender = Organisation(name=name, credit_code=f"91420100MA4K00010{place}", created_at=at)
        session.add(lender)
        session.flush()
        session.add(_engagement(world, lender))
        found.append((lender.id, name))
    return found


def _engagement(world: World, lender: Organisation) -> Engagement:
    return Engagement(
        institution_id=world.institution_id, organisation_id=lender.id, lender_type=LenderType.CONSUMER_FINANCE,
        licence="L", service_address="江城市", payee_name=lender.name, payee_bank="江城银行",
        payee_account="621700001", kept_by=None, kept_at=world.clock(),
    )  # fmt: skip


def _import(session: Session, world: World) -> UUID:
    batch = LoanImport(
        institution_id=world.institution_id, organisation_id=world.organisation_id, account_id=world.people["lu"],
        file_name="loans.csv", file_sha256="1" * 64, currency="CNY", state=ImportState.IMPORTED,
        created_at=world.clock(),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch.id


def _cases(
    world: World, chance: random.Random, lenders: list[tuple[UUID, str]], batch_id: UUID, places: range
) -> Iterator[dict[str, Any]]:
    now = world.clock()
    mix = [(stage, turn) for stage, turn, share in MIX for _ in range(share)]
    for place in places:
        stage, turn = chance.choice(mix)
        lender_id, lender = chance.choice(lenders)
        opened = now - timedelta(days=200) + timedelta(seconds=place * 17)
        ends = datetime(2025, 9, 24, 16, tzinfo=UTC) + timedelta(days=chance.randint(-5, 14))
        yield {
            "id": _key(chance, opened), "institution_id": world.institution_id, "number": f"WH-2025-{place:06d}",
            "organisation_id": lender_id, "organisation_name": lender, "loan_id": _key(chance, opened),
            "contract_number": f"XF{chance.randrange(10**12):012d}", "borrower_name": a_name(chance),
            "borrower_phone": "", "borrower_email": "", "currency": "CNY", "zone": "Asia/Shanghai", "calendar": "cn",
            "rounding": "half_up", "court_status": CourtStatus.NONE, "borrower_court_status": None, "stage": stage,
            "claim_total": chance.randrange(100_000, 20_000_000), "claim_version": 1,
            "mediator_id": world.people["mo"], "turn": turn, "deadline_at": ends if turn else None,
            "deadline_kind": "reply-to-offer" if turn else "", "mediation_ends_at": None, "opened_at": opened,
            "submitted_at": opened, "moved_at": now - timedelta(minutes=chance.randrange(60 * 24 * 90)),
            "closing_reason": "",
        }  # fmt: skip


def _key(chance: random.Random, at: datetime) -> UUID:
    """A UUIDv7 of that moment, the same in every run."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | chance.getrandbits(12) << 64 | 2 << 62
                | chance.getrandbits(62))  # fmt: skip


def _loan(case: dict[str, Any], batch_id: UUID) -> dict[str, Any]:
    return {
        "id": case["loan_id"], "institution_id": case["institution_id"], "organisation_id": case["organisation_id"],
        "import_id": batch_id, "row_number": 2, "row_sha256": "1" * 64, "contract_number": case["contract_number"],
        "borrower_name": case["borrower_name"], "phone": "", "email": "", "address": "", "id_tail": "", "product": "",
        "currency": "CNY", "status": "", "original_lender": "", "original_contract": "", "attributes": "{}",
        "imported_at": case["opened_at"],
    }  # fmt: skip


def _tokens(cases: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for case in cases:
        for token in tokens_of((case["number"], case["contract_number"], case["borrower_name"])):
            yield {"institution_id": case["institution_id"], "token": token, "case_id": case["id"]}


def _write(engine: Engine, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows of values as they stand: COPY on PostgreSQL, one prepared statement on SQLite."""
    names = list(rows[0])
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        if engine.dialect.name == "postgresql":
            with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(list(row.values()))
            return
        marks = ", ".join("?" * len(names))
        driver.executemany(
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})",
            ([_as_sqlite_keeps_it(value) for value in row.values()] for row in rows),
        )


def _as_sqlite_keeps_it(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


def _settle(engine: Engine) -> None:
    """The planner knows what lies there, as it would after a night."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
