"""What takes a case from the line for a while: a pause that either side asks for, a suspension by the registrar."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side


class PauseReason(StrEnum):
    """Why mediation rests for a while; neutral words that both sides may read."""

    PAPERS = "papers"
    ADVICE = "advice"
    AWAY = "away"
    OTHER_MATTER = "other_matter"
    NOT_SAID = "not_said"


class SuspensionReason(StrEnum):
    """What the institution must settle before mediation can go on."""

    PARTY_DIED = "party_died"
    CAPACITY = "capacity"
    CLAIM_ASSIGNED = "claim_assigned"


class Pause(Record):
    """Mediation rests until a moment or until a party resumes it; the clocks as they stood when it began."""

    __tablename__ = "pause"
    __table_args__ = (Index("ix_pause_case", "case_id", "paused_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    asked_as: Mapped[Role] = mapped_column(word(Role, "asked_as"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[PauseReason] = mapped_column(word(PauseReason, "reason"))
    left_stage: Mapped[Stage] = mapped_column(word(Stage, "left_stage"))
    turn: Mapped[Role | None] = mapped_column(word(Role, "turn"))
    both_sides: Mapped[bool]
    deadline_at: Mapped[datetime | None] = mapped_column(Moment)
    deadline_kind: Mapped[str] = mapped_column(String(40), default="")
    mediation_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    objections_end_at: Mapped[datetime | None] = mapped_column(Moment)
    signing_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    proposal_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class PausedOffer(Record):
    """When an offer was to show and to lapse before the pause, so that it keeps the days that it had left."""

    __tablename__ = "paused_offer"

    pause_id: Mapped[UUID] = mapped_column(ForeignKey("pause.id"), primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    shows_at: Mapped[datetime] = mapped_column(Moment)
    lapses_at: Mapped[datetime] = mapped_column(Moment)


class Suspension(Record):
    """The registrar stopped mediation for a question about one side; only the institution knows which."""

    __tablename__ = "suspension"
    __table_args__ = (Index("ix_suspension_case", "case_id", "suspended_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    reason: Mapped[SuspensionReason] = mapped_column(word(SuspensionReason, "reason"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    left_stage: Mapped[Stage] = mapped_column(word(Stage, "left_stage"))
    mediation_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    suspended_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    suspended_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
