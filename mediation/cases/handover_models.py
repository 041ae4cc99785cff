"""A side opens to the mediator who now sits what it had told earlier ones; written once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.negotiation import Side


class Handover(Record):
    """One side's release for exactly one mediator's seat: whoever comes after that one is asked for anew."""

    __tablename__ = "handover"
    __table_args__ = (UniqueConstraint("seat_id", "side"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    released_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime] = mapped_column(Moment)
