"""Accounts, failures that count, one-time codes, and the start of a session."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation import notices, outbox
from mediation.accounts import passwords, sessions
from mediation.accounts.models import Account, Institution, Membership, OneTimeCode
from mediation.errors import Refused
from mediation.keys import ring_of
from mediation.notices import Notice

FAILURES = 10
LOCKED_FOR = timedelta(minutes=15)
CODE_HOLDS = timedelta(minutes=10)
CODE_ATTEMPTS = 5
MOST_CODES, CODES_WITHIN = 5, timedelta(minutes=30)


def account_named(session: Session, sign_in_name: str) -> Account | None:
    """The account that signs in under this name, if there is one that may."""
    found = session.scalars(select(Account).where(Account.sign_in_name == sign_in_name.strip().casefold())).first()
    return None if found is None or found.disabled_at else found


def own_account(session: Session, account_id: UUID) -> Account:
    """The account of whoever asks."""
    return session.get_one(Account, account_id)


def has_password(session: Session, account_id: UUID) -> bool:
    """Whether this account signs in by a password, too."""
    return own_account(session, account_id).password_hash is not None


def is_locked(account: Account | None, at: datetime) -> bool:
    """Whether too many wrong attempts have closed the account for a while."""
    return bool(account and account.locked_until and at < account.locked_until)


def count_failure(session: Session, account_id: UUID, *, at: datetime) -> None:
    """One wrong attempt more; the tenth closes the account for fifteen minutes, restart or not."""
    account = session.get_one(Account, account_id, with_for_update=True)
    account.failures += 1
    if account.failures >= FAILURES:
        account.failures = 0
        account.locked_until = at + LOCKED_FOR


def sign_in(
    session: Session, account_id: UUID, *, agent: str, locale: str = "", at: datetime, is_proven: bool = True
) -> str:
    """The account has a new session, whose token is returned; its failures are forgotten.

    Who has chosen no language yet is written to in the one in which they signed in.
    """
    account = session.get_one(Account, account_id, with_for_update=True)
    if account.disabled_at is not None or is_locked(account, at):
        raise Refused("sign-in:locked", until=account.locked_until or at)
    account.failures = 0
    account.locked_until = None
    account.locale = account.locale or locale
    return sessions.start(session, account, agent=agent, at=at, is_proven=is_proven)


def send_code(session: Session, account: Account, institution_id: UUID, *, at: datetime) -> str:
    """A six-digit code is on its way to the account's address; the earlier ones no longer work."""
    code = make_code(session, account, at=at)
    notices.tell(
        session,
        "sign-in:code",
        institution_id=institution_id,
        account_id=account.id,
        address=account.email,
        locale=account.locale,
        facts={"code_sealed": notices.sealed_fact(session, code)},
        at=at,
    )
    return code


def ask_code(session: Session, sign_in_name: str, *, at: datetime) -> None:
    """A code is asked for; the worker looks whether anybody signs in under that name, so that no answer tells."""
    outbox.enqueue(session, "sign-in:send-code", {"name": sign_in_name.strip().casefold()[:200]}, at=at)


def answer_asked(session: Session, payload: dict[str, str], result: object, *, at: datetime) -> None:
    """A code is on its way to whoever signs in under the name, if there is somebody."""
    account = account_named(session, payload["name"])
    if account is not None:
        send_code_again(session, account, at=at)


def send_code_again(session: Session, account: Account, *, at: datetime) -> None:
    """A code is on its way, unless too many have been sent of late or there is no address to send it to."""
    institution_id = institution_of(session, account.id)
    if institution_id is not None and account.email and may_send_code(session, account, at):
        send_code(session, account, institution_id, at=at)


def may_send_code(session: Session, account: Account, at: datetime) -> bool:
    """Whether this account has not been sent too many codes of late."""
    sent = select(func.count()).where(OneTimeCode.account_id == account.id, OneTimeCode.created_at > at - CODES_WITHIN)
    return (session.scalar(sent) or 0) < MOST_CODES


def make_code(session: Session, account: Account, *, at: datetime) -> str:
    """There is a new six-digit code for the account; the earlier ones no longer work."""
    for earlier in session.scalars(
        select(OneTimeCode).where(OneTimeCode.account_id == account.id, OneTimeCode.used_at.is_(None))
    ):
        earlier.used_at = at
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        OneTimeCode(
            account_id=account.id,
            code_hash=_code_hash(session, account.id, code),
            created_at=at,
            expires_at=at + CODE_HOLDS,
        )
    )
    return code


def take_code(session: Session, account_id: UUID, code: str, *, at: datetime) -> bool:
    """Whether this was the code; it is used up, or one of its five attempts is."""
    kept = session.scalars(
        select(OneTimeCode)
        .where(OneTimeCode.account_id == account_id, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > at)
        .order_by(OneTimeCode.created_at.desc())
        .with_for_update()
    ).first()
    if kept is None or kept.attempts >= CODE_ATTEMPTS:
        return False
    kept.attempts += 1
    if not secrets.compare_digest(kept.code_hash, _code_hash(session, account_id, code.strip())):
        return False
    kept.used_at = at
    return True


def set_password(session: Session, account_id: UUID, hashed: str, *, at: datetime) -> None:
    """The account has this password; its other sessions are for the caller to end."""
    account = session.get_one(Account, account_id, with_for_update=True)
    account.password_hash = hashed
    account.failures = 0


def choose_language(session: Session, account_id: UUID, locale: str) -> None:
    """The account reads and is written to in this language from now on."""
    session.get_one(Account, account_id, with_for_update=True).locale = locale


def add_account(
    session: Session, sign_in_name: str, name: str, *, email: str = "", phone: str = "", locale: str = "", at: datetime
) -> Account:
    """A person who may sign in once a password or a code is there."""
    folded = sign_in_name.strip().casefold()
    if session.scalar(select(Account.id).where(Account.sign_in_name == folded)) is not None:
        raise Refused("account:name-taken", field="sign_in_name", name=folded)
    account = Account(sign_in_name=folded, name=name, email=email, phone=phone, locale=locale, created_at=at)
    session.add(account)
    session.flush()
    return account


def hash_new_password(password: str, *, about: tuple[str, ...] = ()) -> str:
    """The hash of a password that is good enough; slow on purpose, so never inside a transaction."""
    passwords.check_password(password, about=about)
    return passwords.hash_password(password)


def institution_of(session: Session, account_id: UUID) -> UUID | None:
    """The institution in whose name this account is written to: its own, else whoever wrote last, else the first."""
    place = select(Membership.institution_id).where(Membership.account_id == account_id, Membership.ended_at.is_(None))
    told = select(Notice.institution_id).where(Notice.account_id == account_id).order_by(Notice.made_at.desc())
    first = select(Institution.id).order_by(Institution.created_at)
    return next((found for asked in (place, told, first) if (found := session.scalar(asked.limit(1)))), None)


def _code_hash(session: Session, account_id: UUID, code: str) -> bytes:
    return ring_of(session).token(b"one-time-code", account_id.bytes + code.encode())


DUTIES: Mapping[str, outbox.Duty] = {"sign-in:send-code": outbox.Duty(keep=answer_asked)}
