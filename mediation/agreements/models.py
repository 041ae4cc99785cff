"""Agreements from accepted offers, the confirmations of those who sign, and their files."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.lifecycle import AgreementState

_CURRENT = "state NOT IN ('declined', 'lapsed', 'voided', 'superseded', 'ended')"


class Agreement(Record):
    """One version of a settlement agreement, rendered once before anyone signs."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("case_id", "version"),
        Index("ix_agreement_number", "number"),
        Index("ix_agreement_sealed_sha256", "sealed_sha256"),
        Index(
            "uq_agreement_current",
            "case_id",
            unique=True,
            sqlite_where=text(_CURRENT),
            postgresql_where=text(_CURRENT),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"))
    version: Mapped[int]
    number: Mapped[str] = mapped_column(String(120))
    state: Mapped[AgreementState] = mapped_column(word(AgreementState, "state"))
    document: Mapped[str] = mapped_column(Text)
    document_sha256: Mapped[str] = mapped_column(String(64))
    unsigned_sha256: Mapped[str | None] = mapped_column(String(64))
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    drafted_at: Mapped[datetime] = mapped_column(Moment)
    rendered_at: Mapped[datetime | None] = mapped_column(Moment)
    signing_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    effective_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class Signature(Record):
    """One signer's confirmation of exactly this file, by its SHA-256, after proving again who they are."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("agreement_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(120))
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    intent_sha256: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(Moment)
