"""The mediator's proposals, and the answers to them: sealed while they count, gone once they do not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.proposals import ProposalState


class Proposal(Record):
    """One proposal put to both sides; `document` is its canonical JSON as an offer's is, `sha256` that text's hash.

    It stands with the appointment of the mediator who made it. `offer_id` is the plan that it became.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_open",
            "case_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_proposal_case", "case_id", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    claim_version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[ProposalState] = mapped_column(word(ProposalState, "status"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    offer_id: Mapped[UUID | None] = mapped_column(ForeignKey("offer.id"))


class ProposalAnswer(Record):
    """One person's answer to exactly that text, encrypted: a yes and a no are of one length, and neither is shown.

    The row is deleted when the proposal comes to nothing.
    """

    __tablename__ = "proposal_answer"
    __table_args__ = (UniqueConstraint("proposal_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    proposal_sha256: Mapped[str] = mapped_column(String(64))
    answer_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime] = mapped_column(Moment)
