"""A lender's loans as imported, the imports themselves, and the column mappings remembered."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Minor, Moment, Rate, Record, new_key, word

# Facts without a column of their own stand among the attributes, whose other names are the file's headers: since
# no header begins with a space, neither can take the other's place.
DUE_DAY = " due_day"
MONTH_ONLY = " month_only"


class ImportState(StrEnum):
    """Nothing is imported silently or partly: a file is uploaded, then imported whole or discarded."""

    UPLOADED = "uploaded"
    IMPORTED = "imported"
    DISCARDED = "discarded"


class LoanImport(Record):
    """One file of loans, the mapping and currency chosen for it, and how its instalments were found to round."""

    __tablename__ = "loan_import"
    __table_args__ = (Index("ix_loan_import_organisation", "institution_id", "organisation_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    options: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    state: Mapped[ImportState] = mapped_column(word(ImportState, "state"))
    rounding: Mapped[str] = mapped_column(String(20), default="half_up")
    fit_matched: Mapped[int] = mapped_column(default=0)
    fit_total: Mapped[int] = mapped_column(default=0)
    row_count: Mapped[int] = mapped_column(default=0)
    new_count: Mapped[int] = mapped_column(default=0)
    changed_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    imported_at: Mapped[datetime | None] = mapped_column(Moment)


class ColumnMapping(Record):
    """The mapping that a lender chose for a set of headers, offered again for the next such file."""

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("organisation_id", "header_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    header_key: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, str]] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(Moment)


class Loan(Record):
    """One loan of a lender as its own file states it; what the file lacks stays empty."""

    __tablename__ = "loan"
    __table_args__ = (
        UniqueConstraint("institution_id", "organisation_id", "contract_number"),
        Index("ix_loan_overdue", "institution_id", "organisation_id", "overdue_days", "id"),
        Index("ix_loan_import", "import_id", "row_number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    import_id: Mapped[UUID] = mapped_column(ForeignKey("loan_import.id"))
    row_number: Mapped[int]
    row_sha256: Mapped[str] = mapped_column(String(64))
    contract_number: Mapped[str] = mapped_column(String(120))
    borrower_name: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    id_tail: Mapped[str] = mapped_column(String(4), default="")
    id_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    product: Mapped[str] = mapped_column(String(120), default="")
    currency: Mapped[str] = mapped_column(String(3))
    principal: Mapped[int | None] = mapped_column(Minor)
    yearly_rate: Mapped[Decimal | None] = mapped_column(Rate)
    term: Mapped[int | None]
    instalment: Mapped[int | None] = mapped_column(Minor)
    disbursed_on: Mapped[date | None]
    first_due_on: Mapped[date | None]
    outstanding_principal: Mapped[int | None] = mapped_column(Minor)
    paid_instalments: Mapped[int | None]
    paid_total: Mapped[int | None] = mapped_column(Minor)
    overdue_since_on: Mapped[date | None]
    overdue_days: Mapped[int | None]
    interest_due: Mapped[int | None] = mapped_column(Minor)
    penalty_due: Mapped[int | None] = mapped_column(Minor)
    fees_due: Mapped[int | None] = mapped_column(Minor)
    status: Mapped[str] = mapped_column(String(120), default="")
    original_lender: Mapped[str] = mapped_column(String(200), default="")
    original_contract: Mapped[str] = mapped_column(String(120), default="")
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    imported_at: Mapped[datetime] = mapped_column(Moment)
