"""Rate limits whose counters live in the database: neither a restart nor a second process resets them."""

from datetime import datetime, timedelta

from flask import current_app, request
from flask_limiter import Limiter
from limits.storage import Storage
from sqlalchemy import String, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation import db
from mediation.db import Moment, Record


class RateCount(Record):
    """How often something was tried in the present window."""

    __tablename__ = "rate_count"

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(Moment)


class DatabaseStorage(Storage):
    """The storage of the `limits` library on our own database."""

    STORAGE_SCHEME = ["mediation"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a broken storage raises."""
        return Exception

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count once more; a window that has ended starts anew."""
        engine, at = self._engine(), self._now()
        insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
        fresh = insert(RateCount).values(key=key[:300], count=amount, ends_at=at + timedelta(seconds=expiry))
        over = RateCount.ends_at <= at
        counted = fresh.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((over, amount), else_=RateCount.count + amount),
                "ends_at": case((over, fresh.excluded.ends_at), else_=RateCount.ends_at),
            },
        ).returning(RateCount.count)
        with db.transaction(engine) as session:
            return int(session.execute(counted).scalar_one())

    def get(self, key: str) -> int:
        """How often it was tried in the present window."""
        with db.reading(self._engine()) as session:
            found = select(RateCount.count).where(RateCount.key == key[:300], RateCount.ends_at > self._now())
            return session.scalar(found) or 0

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since the epoch."""
        with db.reading(self._engine()) as session:
            ends_at = session.scalar(select(RateCount.ends_at).where(RateCount.key == key[:300]))
            return float((ends_at or self._now()).timestamp())

    def check(self) -> bool:
        """The database answers."""
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        with db.transaction(self._engine()) as session:
            return session.execute(delete(RateCount)).rowcount  # type: ignore[no-any-return,attr-defined]

    def clear(self, key: str) -> None:
        """Forget one count."""
        with db.transaction(self._engine()) as session:
            session.execute(delete(RateCount).where(RateCount.key == key[:300]))

    def _engine(self) -> Engine:
        return current_app.extensions["mediation_guard"].engine  # type: ignore[no-any-return]

    def _now(self) -> datetime:
        return current_app.extensions["mediation_guard"].now()  # type: ignore[no-any-return]


def sweep(session: Session, *, at: datetime) -> None:
    """Counts whose window has ended are gone."""
    session.execute(delete(RateCount).where(RateCount.ends_at <= at))


def address() -> str:
    """The address that asks, as the trusted proxy reports it."""
    return request.remote_addr or "unknown"


limiter = Limiter(key_func=address, storage_uri="mediation://", strategy="fixed-window", headers_enabled=True)
