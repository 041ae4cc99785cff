"""Names that nobody has: they close after ten wrong attempts like any other, so that they do not stand out."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mediation.accounts.credentials import FAILURES, LOCKED_FOR, account_named, count_failure
from mediation.web.limits import RateCount

FORGOTTEN_AFTER = timedelta(days=1)


def locked_until(session: Session, sign_in_name: str, at: datetime) -> datetime | None:
    """Until when too many wrong attempts have closed this name, whether somebody has it or not."""
    account = account_named(session, sign_in_name)
    if account is not None:
        until = account.locked_until
    else:
        kept = session.get(RateCount, _key(sign_in_name))
        until = kept.ends_at if kept and kept.count >= FAILURES else None
    return until if until and at < until else None


def count_attempt(session: Session, sign_in_name: str, *, at: datetime) -> None:
    """One wrong attempt more at this name."""
    account = account_named(session, sign_in_name)
    if account is not None:
        count_failure(session, account.id, at=at)
        return
    kept = session.get(RateCount, _key(sign_in_name), with_for_update=True)
    if kept is None:
        kept = RateCount(key=_key(sign_in_name), count=0, ends_at=at)
        session.add(kept)
    if kept.ends_at <= at:
        kept.count, kept.ends_at = 0, at + FORGOTTEN_AFTER
    kept.count += 1
    if kept.count == FAILURES:
        kept.ends_at = at + LOCKED_FOR


def _key(sign_in_name: str) -> str:
    return f"sign-in:{hashlib.sha256(sign_in_name.strip().casefold().encode()).hexdigest()}"
