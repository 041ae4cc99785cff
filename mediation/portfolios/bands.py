"""A lender's own limits: who may set them, what holds on a day, and every version that was set."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.accounts.desks import Desk
from mediation.accounts.models import Account
from mediation.accounts.selections import policy_officers
from mediation.db import new_key
from mediation.errors import NotPermitted, Refused
from mediation.keys import pack, ring_of, unpack
from mediation.portfolios.band_models import PolicyVersion
from mediation.portfolios.own_record import record_at_lender
from mediation.rules import policy_bands
from mediation.rules.chain import canonical
from mediation.rules.policy_bands import Band

PLACE = b"policy-version/"


@dataclass(frozen=True)
class Version:
    """One version as the lender's officers read it."""

    version: int
    bands: tuple[Band, ...]
    in_force_on: date
    kept_by: str
    kept_at: datetime


@dataclass(frozen=True)
class Policy:
    """What an officer reads of the lender's limits: which hold, which come, which were, and who may set them."""

    current: Version | None
    coming: Version | None
    earlier: tuple[Version, ...]
    officers: tuple[str, ...]
    may_keep: bool
    earliest: date


def bands_on(session: Session, institution_id: UUID, organisation_id: UUID, on: date) -> tuple[Band, ...]:
    """The limits of this lender here on that day; none where it has set none."""
    held = _in_force(_rows(session, institution_id, organisation_id), on)
    return () if held is None else _opened(session, held)


def policy_seen_at(desk: Desk, *, at: datetime) -> Policy:
    """Every version of the limits of this officer's own lender."""
    desk.require("policy:read")
    on, organisation_id = _today(desk, at), _organisation(desk)
    rows = _rows(desk.session, desk.institution_id, organisation_id)
    held = _in_force(rows, on)
    coming = rows[-1] if rows and rows[-1].in_force_on > on else None
    current, following = (None if row is None else _version(desk.session, row) for row in (held, coming))
    officers = policy_officers(desk.session, desk.institution_id, organisation_id, on)
    return Policy(
        current=current,
        coming=following,
        earlier=tuple(_version(desk.session, row) for row in reversed(rows) if row not in (held, coming)),
        officers=tuple(officer.name for officer in officers),
        may_keep=desk.account_id in {officer.id for officer in officers},
        earliest=_earliest(held, on),
    )


def keep_bands(desk: Desk, bands: Sequence[Band], in_force_on: date, *, at: datetime) -> PolicyVersion:
    """From that day on these limits hold for what the lender's officers say; only they learn of it.

    Limits that hold already change from the next day on at the earliest: nobody widens them for what they say today.
    """
    desk.require("policy:keep")
    on, organisation_id = _today(desk, at), _organisation(desk)
    _check_officer(desk, organisation_id, on)
    policy_bands.check_bands(bands)
    rows = _rows(desk.session, desk.institution_id, organisation_id)
    earliest = _earliest(_in_force(rows, on), on)
    if in_force_on < earliest:
        raise Refused("bands:in-force-too-early", field="in_force_on", earliest=earliest)
    version = rows[-1].version + 1 if rows else 1
    row = _keep(desk, organisation_id, version, bands, in_force_on, at)
    said = {"version": version, "policy": str(row.id), "account": str(desk.account_id), "in_force_on": str(in_force_on)}
    record_at_lender(desk.session, desk.institution_id, organisation_id, "policy:kept", said, at=at)
    return row


def _check_officer(desk: Desk, organisation_id: UUID, on: date) -> None:
    officers = policy_officers(desk.session, desk.institution_id, organisation_id, on)
    if desk.account_id not in {officer.id for officer in officers}:
        raise Refused("bands:no-authority")


def _organisation(desk: Desk) -> UUID:
    if desk.organisation_id is None:
        raise NotPermitted("desk:not-permitted", permission="policy:read")
    return desk.organisation_id


def _today(desk: Desk, at: datetime) -> date:
    return at.astimezone(ZoneInfo(desk.institution.zone)).date()


def _earliest(held: PolicyVersion | None, on: date) -> date:
    return on if held is None else on + timedelta(days=1)


def _rows(session: Session, institution_id: UUID, organisation_id: UUID) -> list[PolicyVersion]:
    found = select(PolicyVersion).where(
        PolicyVersion.institution_id == institution_id, PolicyVersion.organisation_id == organisation_id
    )
    return list(session.scalars(found.order_by(PolicyVersion.version)))


def _in_force(rows: Sequence[PolicyVersion], on: date) -> PolicyVersion | None:
    """The newest of the versions whose day has come: one set later replaces one that was to come."""
    return next((row for row in reversed(rows) if row.in_force_on <= on), None)


def _keep(
    desk: Desk, organisation_id: UUID, version: int, bands: Sequence[Band], in_force_on: date, at: datetime
) -> PolicyVersion:
    key = new_key()
    text = canonical({"bands": policy_bands.bands_document(bands)})
    row = PolicyVersion(
        id=key,
        institution_id=desk.institution_id,
        organisation_id=organisation_id,
        version=version,
        in_force_on=in_force_on,
        sealed=pack(ring_of(desk.session).encrypt(text, context=PLACE + key.bytes)),
        kept_by=desk.account_id,
        kept_at=at,
    )
    desk.session.add(row)
    desk.session.flush()
    return row


def _opened(session: Session, row: PolicyVersion) -> tuple[Band, ...]:
    text = ring_of(session).decrypt(unpack(row.sealed), context=PLACE + row.id.bytes)
    return policy_bands.bands_from(json.loads(text)["bands"])


def _version(session: Session, row: PolicyVersion) -> Version:
    name = session.get_one(Account, row.kept_by).name
    return Version(row.version, _opened(session, row), row.in_force_on, name, row.kept_at)
