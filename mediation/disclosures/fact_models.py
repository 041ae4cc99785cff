"""What a side told the mediator in confidence, the proof seen of it, and what its owner released; all written once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.negotiation import Side
from mediation.rules.releases import Level


class SealedFact(Record):
    """Something that one side told only the mediator: title and text encrypted, with a document of its own or none."""

    __tablename__ = "sealed_fact"
    __table_args__ = (Index("ix_sealed_fact_case", "case_id", "told_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    told_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    told_at: Mapped[datetime] = mapped_column(Moment)


class FactProof(Record):
    """The mediator has seen proof of a fact; what the other side hears of that is for the owner to say."""

    __tablename__ = "fact_proof"

    fact_id: Mapped[UUID] = mapped_column(ForeignKey("sealed_fact.id"), primary_key=True)
    seen_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime] = mapped_column(Moment)


class FactRelease(Record):
    """Exactly what the other side was let see, as its owner confirmed it; nothing later changes a word of it."""

    __tablename__ = "fact_release"
    __table_args__ = (UniqueConstraint("fact_id", "level"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    fact_id: Mapped[UUID] = mapped_column(ForeignKey("sealed_fact.id"))
    level: Mapped[Level] = mapped_column(word(Level, "level"))
    shown_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    released_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime] = mapped_column(Moment)
