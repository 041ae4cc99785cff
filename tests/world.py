"""The one cast of the tests: borrower Bai, officer Lu, mediator Mo, registrar Ren, adviser An, stranger Shi."""

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import config
from mediation import audit, db
from mediation.accounts import actions as accounts
from mediation.accounts import credentials, desks, passwords, sessions
from mediation.accounts.models import Account, Engagement, Institution, Membership, Organisation
from mediation.app import create_app, guard_of, info_of
from mediation.cases import seats
from mediation.keys import create_master_key_file
from mediation.rules.access import Role
from mediation.rules.lenders import LenderType
from mediation.web import guard

START = datetime(2025, 9, 24, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, a Wednesday
PASSWORD = "four quiet words here"


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for the many apps of one run of tests, each of which would compile its own."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled from the same source, if anything."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """The next app need not compile it."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()
# Apps whose test has ended, each with the settings of Flask that it began with: an app is slow to make.
AT_REST: list[tuple[Flask, dict[str, Any]]] = []


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        """Time passes."""
        self.at += timedelta(**by)
        return self.at


@dataclasses.dataclass
class World:
    """An institution with its people on one database, and the app on top of it."""

    engine: Engine
    settings: config.Settings
    info: dict[str, Any]
    clock: MovableClock
    app: Flask
    institution_id: UUID
    organisation_id: UUID
    people: dict[str, UUID]

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One writing transaction as the guard would open it."""
        with db.transaction(self.engine, self.info) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One reading session as the guard would open it."""
        with db.reading(self.engine, self.info) as session:
            yield session

    @contextmanager
    def desk(self, name: str) -> Iterator[desks.Desk]:
        """That person's desk in a writing transaction."""
        with self.writing() as session:
            desk = desks.desk_of(session, self.people[name], locking=True)
            assert desk is not None, f"{name} has no desk"
            yield desk

    @contextmanager
    def seat(self, name: str, number: str) -> Iterator[seats.Seat]:
        """That person's seat at a case in a writing transaction, the case locked."""
        with self.writing() as session:
            seat = seats.seat_of(session, self.people[name], number, locking=True)
            assert seat is not None, f"{name} has no seat at {number}"
            yield seat

    def client(self, name: str | None = None, *, language: str = "en") -> FlaskClient:
        """A browser, signed in as that person without the slow password."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        if name is not None:
            with self.writing() as session:
                account = session.get_one(Account, self.people[name])
                token = sessions.start(session, account, agent="test", at=self.clock())
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True
        return client

    def account(self, name: str) -> Account:
        """That person's account as it stands."""
        with self.reading() as session:
            return session.get_one(Account, self.people[name])

    def moved_to(self, engine: Engine, folder: Path) -> "World":
        """The same world on a copy of its database and of its folder, with a clock of its own."""
        settings = make_settings(engine, folder)
        clock = MovableClock(self.clock())
        return dataclasses.replace(
            self,
            engine=engine,
            settings=settings,
            info=info_of(settings),
            clock=clock,
            app=_app(settings, engine, clock),
            people=dict(self.people),
        )

    def rest(self) -> None:
        """Nobody uses this world any more: the next one may have its app."""
        AT_REST.append((self.app, self.app.config["AS_MADE"]))

    def verify_records(self) -> None:
        """Raise when any thread of the record does not verify."""
        with self.reading() as session:
            for thread in audit.threads_of(session):
                state = audit.verify(session, thread)
                assert state.verdict.ok, f"{thread.origin} is broken: {state.verdict}"


def make_world(engine: Engine, *, at: datetime = START, folder: Path | None = None) -> World:
    """A world on a fresh migrated database."""
    folder = folder or Path(tempfile.mkdtemp(prefix="mediation-world-"))
    settings = make_settings(engine, folder)
    clock, info = MovableClock(at), info_of(settings)
    with db.transaction(engine, info) as session:
        institution = _institution(session, at)
        organisation = Organisation(name="江岸消费金融有限公司", credit_code="91420100MA4K000007", created_at=at)
        session.add(organisation)
        session.flush()
        audit.open_threads(session, institution.id, host=settings.host)
        people = _people(session, institution, organisation, at)
        ids = institution.id, organisation.id
    return World(engine, settings, info, clock, _app(settings, engine, clock), *ids, people)


def make_settings(engine: Engine, folder: Path) -> config.Settings:
    """Settings of a test: everything under one folder."""
    key = folder / "master.key"
    if not key.exists():
        create_master_key_file(key)
    environment = {
        "MEDIATION_FOLDER": str(folder),
        "MEDIATION_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "MEDIATION_MASTER_KEY_FILE": str(key),
        "MEDIATION_PUBLIC_URL": "http://localhost",
    }
    return config.read(environment)


def add_person(world: World, name: str, title: str, *, role: Role | None = None, email: str = "") -> UUID:
    """One more account, at a desk where a role is given."""
    with world.desk("ren") as desk:
        account = _account(desk.session, name, title, world.clock(), email=email)
        if role is not None:
            organisation_id = world.organisation_id if role is Role.LENDER else None
            accounts.add_member(desk, account, role, organisation_id=organisation_id, at=world.clock())
        world.people[name] = account.id
        return account.id


def engagement_of(session: Session, world: World) -> Engagement:
    """The lender as the institution has it on file."""
    return session.scalars(select(Engagement).where(Engagement.institution_id == world.institution_id)).one()


def _app(settings: config.Settings, engine: Engine, clock: MovableClock) -> Flask:
    if not AT_REST:
        app = create_app(settings, engine=engine, now=clock, durable=False)
        app.jinja_env.bytecode_cache = COMPILED
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        app.config["AS_MADE"] = dict(app.config)
        return app
    app, as_made = AT_REST.pop()
    app.config.clear()
    app.config.update(as_made, AS_MADE=as_made, SECRET_KEY=settings.secret_key)
    app.extensions["mediation_settings"] = settings
    guard.post(app, guard_of(settings, engine, clock))
    return app


def _institution(session: Session, at: datetime) -> Institution:
    institution = Institution(
        code="WH",
        name="江城人民调解委员会",
        name_en="Jiangcheng People's Mediation Committee",
        domain="tiaojie.example.cn",
        telephone="027-5550 0110",
        legal_aid="江城法律援助中心",
        legal_aid_telephone="12348",
        created_at=at,
    )
    session.add(institution)
    session.flush()
    return institution


def _people(session: Session, institution: Institution, organisation: Organisation, at: datetime) -> dict[str, UUID]:
    ren = _account(session, "ren", "任敏", at)
    session.add(Membership(account_id=ren.id, institution_id=institution.id, role=Role.REGISTRAR, since_at=at))
    session.flush()
    desk = desks.desk_of(session, ren.id)
    assert desk is not None
    people = {"ren": ren.id}
    for name, title, role in (
        ("lu", "陆远", Role.LENDER),
        ("mo", "莫文", Role.MEDIATOR),
        ("ming", "明哲", Role.MEDIATOR),
        ("audit", "申正", Role.AUDITOR),
    ):
        account = _account(session, name, title, at)
        accounts.add_member(
            desk, account, role, organisation_id=organisation.id if role is Role.LENDER else None, at=at
        )
        people[name] = account.id
    for name, title in (("bai", "白露"), ("an", "安宁"), ("shi", "石川")):
        people[name] = _account(session, name, title, at, email=f"{name}@example.org").id
    accounts.keep_lender(
        desk,
        organisation,
        lender_type=LenderType.CONSUMER_FINANCE,
        licence="L1042010000001",
        service_address="江城市滨江路1号",
        payee=(organisation.name, "江城银行滨江支行", "6217000012340007890"),
        at=at,
    )
    accounts.keep_authority(
        desk,
        people["lu"],
        title="授权委托书 2025-07",
        covers_settlement=True,
        valid_from_on=date(2025, 1, 1),
        valid_until_on=date(2027, 12, 31),
        at=at,
    )
    return people


def _account(session: Session, name: str, title: str, at: datetime, *, email: str = "") -> Account:
    account = credentials.add_account(session, name, title, email=email or f"{name}@example.org", at=at)
    account.password_hash = _hashed()
    session.flush()
    return account


@lru_cache(maxsize=1)
def _hashed() -> str:
    return passwords.hash_password(PASSWORD)


Maker = Callable[..., World]
