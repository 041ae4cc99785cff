"""What a lender's officer wants to say outside the lender's own limits, and what a second officer made of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word


class ApprovalKind(StrEnum):
    """What the officer wants to say; kept encrypted, for an answer to the mediator's proposal stays sealed."""

    OFFER = "offer"
    ACCEPTANCE = "acceptance"
    ANSWER = "answer"


class ApprovalState(StrEnum):
    """Where it stands inside the lender's own house; nobody else learns of any of it."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    TAKEN_BACK = "taken_back"


class Approval(Record):
    """One thing that waits for a second officer, encrypted; whoever asked never approves or returns it."""

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("decided_by <> asked_by OR state = 'taken_back'", name="second_officer"),
        CheckConstraint("(state = 'waiting') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at_a_moment"),
        Index(
            "uq_approval_waiting",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_approval_case", "case_id", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    # What is asked for, its kind included.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[ApprovalState] = mapped_column(word(ApprovalState, "state"), default=ApprovalState.WAITING)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # What came of it, once approved: the plan put forward or accepted; of an answer in private, nothing is named.
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))
