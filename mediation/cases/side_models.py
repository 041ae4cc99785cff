"""Who is invited to a side beside its first person: an adviser, or a further borrower; and what advisers advised."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.negotiation import Side


class SideInvitation(Record):
    """One person invited to a side, from the hash of the secret code to the end of the seat."""

    __tablename__ = "side_invitation"
    __table_args__ = (
        Index("ix_side_invitation_case", "case_id"),
        Index("ix_side_invitation_account", "account_id", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    # Of a further borrower: the end of the identity number, which is asked for and must come again before signing.
    id_tail: Mapped[str] = mapped_column(String(4), default="")
    # Of an adviser: the words of Scope, blanks between them, and the moment from which the seat is over.
    scope: Mapped[str] = mapped_column(String(100), default="")
    seat_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    joined_at: Mapped[datetime | None] = mapped_column(Moment)
    terms_sha256: Mapped[str] = mapped_column(String(64), default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_as: Mapped[str] = mapped_column(String(40), default="")


class AdviceNote(Record):
    """What an adviser advised its side: read by that side and its author, by nobody else."""

    __tablename__ = "advice_note"
    __table_args__ = (Index("ix_advice_note_case", "case_id", "side", "given_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    given_at: Mapped[datetime] = mapped_column(Moment)
