"""The panel's particulars, draws, objections with a reason, how cases came out, and independence cards."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Minor, Moment, Record, new_key, word
from mediation.rules.appointing import Language, Payer
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side


class DrawState(StrEnum):
    """Where a draw stands."""

    OPEN = "open"
    DRAWN = "drawn"
    VOID = "void"


class PanelEntry(Record):
    """What the institution's panel says of a mediator; one who has no row works for the institution, in Mandarin."""

    __tablename__ = "panel_entry"

    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    body: Mapped[str] = mapped_column(String(200), default="")
    paid_by: Mapped[Payer] = mapped_column(word(Payer, "paid_by"))
    # For one case, in the institution's currency.
    fee: Mapped[int] = mapped_column(Minor)
    most_open: Mapped[int]
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class PanelLanguage(Record):
    """A language in which a mediator of the panel can hold talks."""

    __tablename__ = "panel_language"

    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    language: Mapped[Language] = mapped_column(word(Language, "language"), primary_key=True)


class ShareRule(Record):
    """How much of a mediator's work one lender may be, from that version on; no figures: no limit."""

    __tablename__ = "share_rule"

    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    percent: Mapped[int | None]
    from_cases: Mapped[int | None]
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class AppointmentReason(Record):
    """Why a mediator was asked although something spoke against it; both sides read this."""

    __tablename__ = "appointment_reason"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    # The hindrances, each by its word, a space between.
    despite: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(500))
    given_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime] = mapped_column(Moment)


class Draw(Record):
    """A draw among candidates: its seed is sealed until it is made, its promise and its list are fixed from the start.

    `passed_over` are the ids that came first and could not be asked any more, a space between.
    """

    __tablename__ = "draw"
    __table_args__ = (
        Index(
            "uq_draw_open",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_draw_case", "case_id", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    state: Mapped[DrawState] = mapped_column(word(DrawState, "state"))
    seed_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seed_sha256: Mapped[str] = mapped_column(String(64))
    list_text: Mapped[str] = mapped_column(Text)
    list_sha256: Mapped[str] = mapped_column(String(64))
    left_out: Mapped[int]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    passed_over: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class DrawNumber(Record):
    """The number that a side gave to a draw, once."""

    __tablename__ = "draw_number"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(word(Side, "side"), primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    given_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime] = mapped_column(Moment)


class ReasonedObjection(Record):
    """A side objects to the mediator in place with a reason that only the registrar reads and decides on."""

    __tablename__ = "reasoned_objection"
    __table_args__ = (
        Index(
            "uq_reasoned_objection_waiting",
            "appointment_id",
            "side",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_reasoned_objection_case", "case_id", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    upheld: Mapped[bool | None]
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)


class CaseOutcome(Record):
    """How one case came out, written in the transaction that sealed its agreement or ended it without one."""

    __tablename__ = "case_outcome"
    __table_args__ = (Index("ix_case_outcome_mediator", "mediator_id", "institution_id", "closed_at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    mediator_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    is_settled: Mapped[bool]
    stage: Mapped[Stage] = mapped_column(word(Stage, "stage"))
    currency: Mapped[str] = mapped_column(String(3))
    # What was claimed of what the case settles; without a settlement, the whole claim.
    claimed: Mapped[int] = mapped_column(Minor)
    principal_waived: Mapped[int] = mapped_column(Minor)
    interest_waived: Mapped[int] = mapped_column(Minor)
    penalty_waived: Mapped[int] = mapped_column(Minor)
    fees_waived: Mapped[int] = mapped_column(Minor)
    # From the mediator's acceptance to the end, in days of the case's own zone.
    days: Mapped[int | None]
    objections: Mapped[int]
    closed_at: Mapped[datetime] = mapped_column(Moment)


class IndependenceCard(Record):
    """What both sides were shown of a mediator who accepted, as its exact text; it never changes afterwards."""

    __tablename__ = "independence_card"
    __table_args__ = (
        UniqueConstraint("sha256"),
        Index("ix_independence_card_institution", "institution_id", "made_at"),
    )

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Moment)
