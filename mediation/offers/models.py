"""A negotiation, its offers with their stored documents, and the acceptances."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.negotiation import OfferState, Side


class Negotiation(Record):
    """One negotiation of a case. Its version is the writer's and moves with held offers: forms carry `seen_version`."""

    __tablename__ = "negotiation"
    __table_args__ = (
        Index(
            "uq_negotiation_current",
            "case_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    kind: Mapped[str] = mapped_column(String(40), default="whole")
    is_current: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=0)
    round_limit: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Moment)


class Offer(Record):
    """One plan on the table; `document` is its canonical JSON, stored once and for ever, `sha256` that text's hash.

    Where the mediator proposed it and both agreed (`by_mediator`), it is of neither side, whatever `side` says.
    """

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("negotiation_id", "number"),
        Index(
            "uq_offer_accepted",
            "negotiation_id",
            unique=True,
            sqlite_where=text("status = 'accepted'"),
            postgresql_where=text("status = 'accepted'"),
        ),
        Index(
            "uq_offer_open",
            "negotiation_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_offer_case", "case_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    negotiation_id: Mapped[UUID] = mapped_column(ForeignKey("negotiation.id"))
    number: Mapped[int]
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    counters: Mapped[int | None]
    claim_version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Moment)
    shows_at: Mapped[datetime] = mapped_column(Moment)
    lapses_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[OfferState] = mapped_column(word(OfferState, "status"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    decline_reason: Mapped[str] = mapped_column(String(500), default="")  # given before reasons were sealed
    decline_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason_released: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_final: Mapped[bool] = mapped_column(default=False, server_default=false())
    by_mediator: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def by(self) -> Side | None:
        """Whose plan it is; of neither side where the mediator proposed it."""
        return None if self.by_mediator else self.side


class Acceptance(Record):
    """One signing member's yes, bound to the SHA-256 of exactly what was accepted."""

    __tablename__ = "acceptance"
    __table_args__ = (UniqueConstraint("offer_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    offer_sha256: Mapped[str] = mapped_column(String(64))
    accepted_at: Mapped[datetime] = mapped_column(Moment)
