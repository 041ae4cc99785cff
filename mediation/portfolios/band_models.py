"""A lender's own limits: each version written once and encrypted, in force from a day until a newer one is."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key


class PolicyVersion(Record):
    """The bands of one lender at one institution; nobody outside the lender ever reads them."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("institution_id", "organisation_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    version: Mapped[int]
    in_force_on: Mapped[date]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)
