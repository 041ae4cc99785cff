"""The job table: work promised in the transaction that needs it, done later, at least once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Moment, Record, new_key


class Job(Record):
    """One piece of work; a crashed worker's job returns by itself when its lease (run_at) has run out."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "run_at",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, str]] = mapped_column(JSON)
    dedup: Mapped[str | None] = mapped_column(String(200), unique=True)
    run_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(80))
    failure: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, str],
    *,
    at: datetime,
    dedup: str | None = None,
    run_at: datetime | None = None,
) -> None:
    """The job is promised with this transaction; the same dedup key promises it once."""
    if dedup is not None and session.scalar(select(Job.id).where(Job.dedup == dedup)) is not None:
        return
    session.add(Job(kind=kind, payload=payload, dedup=dedup, run_at=run_at or at, asked_at=at))
    session.flush()


@dataclass(frozen=True)
class Later:
    """What `read` or `keep` answers when the work is not done yet: why, and when to come back if that is known."""

    why: str
    run_at: datetime | None = None


@dataclass(frozen=True)
class Duty:
    """What the worker does for one kind of job, in up to three steps, each of which may be repeated.

    `read` gathers facts in a reading session; `work` does what is slow (rendering, sealing, posting) outside any
    transaction; `keep` writes the outcome in one transaction, and is the only step that changes anything.
    """

    keep: Callable[..., Later | None]  # (session, payload, result, *, at) -> None once it is done
    read: Callable[..., Any] | None = None  # (session, payload, *, at) -> facts; None: nothing left to do
    work: Callable[..., Any] | None = None  # (facts, info, *, at) -> result
