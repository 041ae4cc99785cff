"""A form sent twice acts once: its key is kept in the transaction of what it did."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Request, Response
from sqlalchemy import Index, String, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Moment, Record
from mediation.errors import Refused

KEPT_FOR = timedelta(days=30)
FIELD = "_key"
IGNORED = frozenset({FIELD, "csrf_token"})


class IdempotencyKey(Record):
    """One form that has acted, by its sender and key, and where its answer leads."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_kept", "kept_at"),)

    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    route: Mapped[str] = mapped_column(String(300))
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(String(500), default="")
    kept_at: Mapped[datetime] = mapped_column(Moment)


@dataclass(frozen=True)
class Attempt:
    """One sending of one form."""

    actor: str
    key: str
    route: str
    body_hash: str

    @classmethod
    def of(cls, request: Request, account_id: UUID | None) -> "Attempt | None":
        """The attempt that this request is; none without an account or a key."""
        key = request.form.get(FIELD, "")[:64]
        if account_id is None or not key or not key.isprintable():
            return None
        return cls(str(account_id), key, request.path[:300], _hash(request))

    def replay(self, session: Session) -> str | None:
        """Where the first sending led; refused when the same key now carries something else."""
        kept = self._kept(session)
        if kept is not None and not self._is(kept):
            raise Refused("form:key-used-otherwise")
        return None if kept is None else kept.location

    def led_to(self, session: Session) -> str | None:
        """Where the first sending of exactly this form led; none where it has not acted."""
        kept = self._kept(session)
        return kept.location if kept is not None and self._is(kept) else None

    def claim(self, session: Session, at: datetime) -> None:
        """The key is taken; a second sending at the same time waits here and then finds it."""
        session.add(
            IdempotencyKey(actor=self.actor, key=self.key, route=self.route, body_hash=self.body_hash, kept_at=at)
        )
        session.flush()

    def finish(self, session: Session, response: Response) -> None:
        """The answer is kept with the key; an answer that leads nowhere keeps no row."""
        mine = (IdempotencyKey.actor == self.actor) & (IdempotencyKey.key == self.key)
        if not response.location:
            session.execute(delete(IdempotencyKey).where(mine))
            return
        session.execute(
            update(IdempotencyKey).where(mine).values(status=response.status_code, location=response.location)
        )

    def _kept(self, session: Session) -> IdempotencyKey | None:
        return session.get(IdempotencyKey, (self.actor, self.key))

    def _is(self, kept: IdempotencyKey) -> bool:
        return (kept.route, kept.body_hash) == (self.route, self.body_hash)


def sweep(session: Session, *, at: datetime) -> None:
    """Keys older than thirty days are gone."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.kept_at < at - KEPT_FOR))


def _hash(request: Request) -> str:
    digest = hashlib.sha256()
    for name in sorted(set(request.form) - IGNORED):
        for value in request.form.getlist(name):
            digest.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    for name in sorted(request.files):
        for upload in request.files.getlist(name):
            digest.update(f"{name}:{upload.filename}:".encode())
            digest.update(hashlib.file_digest(upload.stream, "sha256").digest())  # type: ignore[arg-type]
            upload.stream.seek(0)
    return digest.hexdigest()
