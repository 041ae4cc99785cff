"""What was typed into a form whose sender had been away too long: kept sealed until they have signed in again."""

from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Moment, Record

KEPT_FOR = timedelta(minutes=30)


class KeptForm(Record):
    """The last form that an account sent after its session had idled out, where it was going, and its fields sealed."""

    __tablename__ = "kept_form"

    actor: Mapped[str] = mapped_column(String(40), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    fields_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(Moment)


def sweep(session: Session, *, at: datetime) -> None:
    """Forms that nobody came back for are gone."""
    session.execute(delete(KeptForm).where(KeptForm.kept_at < at - KEPT_FOR))
