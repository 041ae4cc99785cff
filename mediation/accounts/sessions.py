"""Sessions on the server: started, found, kept alive, listed and ended; the cookie holds only a token."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.orm import Session

from mediation.accounts.models import Account, Membership, OneTimeCode, SignIn
from mediation.errors import NotFound
from mediation.rules.access import Role

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
STAFF_IDLE = timedelta(minutes=15)
STAFF_ABSOLUTE = timedelta(hours=8)
TOUCHED_EVERY = timedelta(minutes=1)
PROOF_HOLDS = timedelta(minutes=5)
KEPT_AFTER = timedelta(days=1)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
STRICT = frozenset({Role.MEDIATOR, Role.REGISTRAR, Role.AUDITOR})

# Asked at every request: columns, and a statement that is built once.
_OPENED_BY = (
    select(
        SignIn.id,
        SignIn.started_at,
        SignIn.seen_at,
        SignIn.proven_at,
        SignIn.institution_id.label("chosen_id"),
        Account.id.label("account_id"),
        Account.name,
        Account.locale,
        Membership.role,
        Membership.institution_id,
        Membership.organisation_id,
    )
    .join_from(SignIn, Account, Account.id == SignIn.account_id)
    .outerjoin(Membership, (Membership.account_id == Account.id) & Membership.ended_at.is_(None))
    .where(SignIn.token_sha256 == bindparam("token_sha256"), SignIn.ended_at.is_(None), Account.disabled_at.is_(None))
    # Of several places the one chosen in this session, else the oldest.
    .order_by(
        case((Membership.institution_id == SignIn.institution_id, 0), else_=1), Membership.since_at, Membership.id
    )
)


@dataclass(frozen=True)
class Person:
    """Whoever has signed in, as the rim knows them."""

    account_id: UUID
    name: str
    locale: str
    sign_in_id: UUID
    token: str = field(repr=False)
    seen_at: datetime
    proven_at: datetime
    role: Role | None
    institution_id: UUID | None
    organisation_id: UUID | None
    must_choose: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What flask-login keeps in the cookie: the session's token, never the account."""
        return self.token

    def has_proven(self, at: datetime) -> bool:
        """Whether the person proved who they are within the last five minutes."""
        return at - self.proven_at <= PROOF_HOLDS


def start(session: Session, account: Account, *, agent: str, at: datetime, is_proven: bool = True) -> str:
    """A new session exists; the token is returned once and kept only as its hash.

    A password or a one-time code has just proved who is there; the code of an invitation proves nothing of the kind.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_sha256=_hash(token),
            account_id=account.id,
            agent=agent[:200],
            started_at=at,
            seen_at=at,
            proven_at=at if is_proven else NEVER,
        )
    )
    session.flush()
    return token


def person_of(session: Session, token: str, at: datetime) -> Person | None:
    """The person whose session this token opens, unless it has ended, idled or grown too old."""
    places = session.execute(_OPENED_BY, {"token_sha256": _hash(token)}).all()
    if not places:
        return None
    found = places[0]
    idle, absolute = (STAFF_IDLE, STAFF_ABSOLUTE) if found.role in STRICT else (IDLE, ABSOLUTE)
    if at - found.seen_at > idle or at - found.started_at > absolute:
        return None
    return Person(
        account_id=found.account_id,
        name=found.name,
        locale=found.locale,
        sign_in_id=found.id,
        token=token,
        seen_at=found.seen_at,
        proven_at=found.proven_at,
        role=found.role,
        institution_id=found.institution_id,
        organisation_id=found.organisation_id,
        must_choose=len(places) > 1 and found.chosen_id is None,
    )


def touch(session: Session, sign_in_id: UUID, *, at: datetime) -> None:
    """The session was seen now."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=at))


def idle_account_of(session: Session, token: str) -> UUID | None:
    """Whose session this token opened until it idled out or grew too old; none of one that somebody ended."""
    found = select(SignIn.account_id).join(Account, Account.id == SignIn.account_id)
    open_once = (SignIn.token_sha256 == _hash(token), SignIn.ended_at.is_(None), Account.disabled_at.is_(None))
    return session.scalar(found.where(*open_once))


def choose_place(session: Session, sign_in_id: UUID, membership_id: UUID, *, account_id: UUID) -> None:
    """In this session the person works at that place of their own."""
    found = select(Membership.institution_id).where(
        Membership.id == membership_id, Membership.account_id == account_id, Membership.ended_at.is_(None)
    )
    institution_id = session.scalar(found)
    if institution_id is None:
        raise NotFound
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(institution_id=institution_id))


def prove(session: Session, sign_in_id: UUID, *, at: datetime) -> None:
    """The person has just proved again who they are."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(proven_at=at))


def end(session: Session, sign_in_id: UUID, *, account_id: UUID, at: datetime) -> None:
    """That session of this account is over."""
    ended = session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.account_id == account_id, SignIn.ended_at.is_(None))
        .values(ended_at=at)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound


def end_all(session: Session, account_id: UUID, *, at: datetime) -> None:
    """No session of this account is left."""
    session.execute(
        update(SignIn).where(SignIn.account_id == account_id, SignIn.ended_at.is_(None)).values(ended_at=at)
    )


def sessions_of(session: Session, account_id: UUID, *, at: datetime) -> Sequence[SignIn]:
    """The sessions of an account that may still open something, the last seen first."""
    found = (
        select(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
        .where(SignIn.started_at >= at - ABSOLUTE, SignIn.seen_at >= at - IDLE)
    )
    return session.scalars(found.order_by(SignIn.seen_at.desc())).all()


def end_others(session: Session, account_id: UUID, *, kept: UUID, at: datetime) -> None:
    """Of this account's sessions only that one is left."""
    others = (SignIn.account_id == account_id) & (SignIn.id != kept) & SignIn.ended_at.is_(None)
    session.execute(update(SignIn).where(others).values(ended_at=at))


def sweep(session: Session, *, at: datetime) -> None:
    """Sessions and one-time codes that have opened nothing for a day are gone."""
    session.execute(delete(SignIn).where(SignIn.started_at < at - ABSOLUTE - KEPT_AFTER))
    session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < at - KEPT_AFTER))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
