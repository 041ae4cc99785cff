"""What must hold before this deployment may work: the database, the clock, the keys, the places, the calendars."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

import config
from mediation import db, lawbook
from mediation.accounts import selections
from mediation.agreements import pdf
from mediation.agreements.seal import Seal
from mediation.audit import RecordBody
from mediation.errors import MediationError

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
CLOCKS_MAY_DIFFER = timedelta(seconds=2)
CALENDAR_WARNS = timedelta(days=61)
LEAST_SECRET = 32


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNS = "warns"
    STOPS = "stops"


@dataclass(frozen=True)
class Finding:
    """One check: its name, how it came out, and what was found; never a secret."""

    check: str
    state: State
    detail: str


def examine(engine: Engine, info: dict[str, Any], *, at: datetime) -> list[Finding]:
    """Every check of this deployment."""
    settings: config.Settings = info["settings"]
    try:
        found = [_schema(engine), _durable(engine), _clock(engine, at)]
    except SQLAlchemyError as error:
        return [Finding("database", State.STOPS, f"does not answer: {type(error).__name__}")]
    if found[0].state is State.OK:
        found += [_keys(engine, info), *_calendars(engine, info, at)]
    return [*found, _secret(settings), _blobs(info), _post(settings), _seal(settings, at), _fonts()]


def stops(findings: list[Finding]) -> list[Finding]:
    """Those that forbid to start."""
    return [finding for finding in findings if finding.state is State.STOPS]


def _schema(engine: Engine) -> Finding:
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with engine.execution_options(write=False).connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
    if here == newest:
        return Finding("schema", State.OK, f"at revision {here}")
    return Finding("schema", State.STOPS, f"at revision {here}, not {newest}: run `python -m mediation migrate`")


def _durable(engine: Engine) -> Finding:
    unsafe = db.check_durable(engine)
    if unsafe:
        return Finding("durability", State.STOPS, f"acknowledged writes may be lost: {', '.join(unsafe)}")
    return Finding("durability", State.OK, f"{engine.dialect.name} keeps what it acknowledges")


def _clock(engine: Engine, at: datetime) -> Finding:
    apart = abs(at - db.database_time(engine))
    state = State.STOPS if apart > CLOCKS_MAY_DIFFER else State.OK
    return Finding("clock", state, f"{apart.total_seconds():.1f} s from the database's")


def _keys(engine: Engine, info: dict[str, Any]) -> Finding:
    """The keys open what was kept last: a key file of another deployment is noticed here, not by a party."""
    ring = info["ring"]
    with db.reading(engine) as session:
        bodies = session.scalars(select(RecordBody).order_by(RecordBody.thread_id.desc()).limit(3)).all()
    unknown = [body for body in bodies if not _is_known(ring, body.wrapped_key)]
    if unknown:
        return Finding("keys", State.STOPS, "the newest records were written under a key that is not in these files")
    return Finding("keys", State.OK, f"{ring.writing_id} writes, {len(ring.ids)} can be read with")


def _is_known(ring: Any, wrapped_key: bytes) -> bool:
    return wrapped_key[2 : 2 + wrapped_key[1]].decode("ascii", "replace") in ring.ids


def _calendars(engine: Engine, info: dict[str, Any], at: datetime) -> Iterator[Finding]:
    with db.reading(engine, info) as session:
        named = {(one.calendar, one.zone) for one in selections.institutions(session)}
    for name, zone in sorted(named):
        try:
            known = lawbook.calendar(name)
        except MediationError:
            yield Finding("calendar", State.STOPS, f"{name} is not known")
            continue
        left = known.last - at.astimezone(ZoneInfo(zone)).date()
        state = State.WARNS if left < CALENDAR_WARNS else State.OK
        yield Finding("calendar", state, f"{name} ends on {known.last}, in {left.days} days")


def _secret(settings: config.Settings) -> Finding:
    if len(settings.secret_key) < LEAST_SECRET:
        return Finding("secret", State.STOPS, f"the secret key has fewer than {LEAST_SECRET} characters")
    return Finding("secret", State.OK, "long enough")


def _blobs(info: dict[str, Any]) -> Finding:
    """Something can be written, flushed, read and removed."""
    probe = b"doctor " + secrets.token_bytes(16)
    try:
        name = info["blobs"].put(probe)
        same = info["blobs"].get(name) == probe
        info["blobs"].delete(name)
    except OSError as error:
        return Finding("files", State.STOPS, f"the folder of files cannot be written: {error.strerror}")
    return Finding("files", State.OK if same else State.STOPS, "written, flushed, read and removed")


def _post(settings: config.Settings) -> Finding:
    if settings.smtp_url:
        return Finding("post", State.OK, "by SMTP")
    state = State.STOPS if settings.is_production else State.WARNS
    return Finding("post", state, "no SMTP server is set: notices lie in the mail folder and reach nobody")


def _seal(settings: config.Settings, at: datetime) -> Finding:
    if settings.seal_file is None:
        state = State.STOPS if settings.is_production else State.WARNS
        return Finding("seal", state, "no seal is set: agreements cannot be sealed")
    try:
        seal = Seal.load(settings.seal_file, settings.seal_passphrase, at=at)
    except MediationError as no:
        return Finding("seal", State.STOPS, no.key)
    return Finding("seal", State.OK, f"usable until {seal.certificate.not_valid_after_utc.date()}")


def _fonts() -> Finding:
    """Paper needs its fonts installed: a missing one would leave names with holes in them."""
    try:
        pdf.check_glyphs("调解协议")
    except (MediationError, OSError) as missing:
        return Finding("fonts", State.STOPS, f"{missing}: install fontconfig and fonts-noto-cjk")
    return Finding("fonts", State.OK, "Chinese can be printed")
