"""A lender's loans and imports, as its own officers read them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from mediation import files
from mediation.accounts.desks import Desk
from mediation.errors import NotFound
from mediation.portfolios.cells import Reading
from mediation.portfolios.checking import Checked
from mediation.portfolios.days import DayOrder
from mediation.portfolios.models import ColumnMapping, ImportState, Loan, LoanImport
from mediation.rules.money import RateUnit

PAGE = 50
LONGEST_SEARCH = 120


@dataclass(frozen=True)
class LoanLine:
    """One loan as the list shows it."""

    id: UUID
    contract_number: str
    borrower_name: str
    product: str
    currency: str
    principal: int | None
    outstanding_principal: int | None
    overdue_days: int | None
    status: str


@dataclass(frozen=True)
class LoanPage:
    """One page of loans, and where the next one begins."""

    lines: Sequence[LoanLine]
    following: str


@dataclass(frozen=True, slots=True)
class KnownLoan:
    """A loan that is in the portfolio: its id, and what its row said."""

    id: UUID
    row_sha256: str


Known = Mapping[str, KnownLoan]


@dataclass(frozen=True)
class Counts:
    """What an import brings: loans not known before, loans that changed, loans that are known so already."""

    new: int
    changed: int
    same: int

    @classmethod
    def of(cls, rows: Iterable[tuple[KnownLoan | None, str]]) -> Self:
        """The rows counted: each what is known of its contract, and what the row says."""
        new = changed = same = 0
        for kept, digest in rows:
            new += kept is None
            changed += kept is not None and kept.row_sha256 != digest
            same += kept is not None and kept.row_sha256 == digest
        return cls(new, changed, same)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.new + other.new, self.changed + other.changed, self.same + other.same)


def loans_seen_by(desk: Desk, *, search: str = "", overdue: bool = False, after: str = "") -> LoanPage:
    """The lender's loans, the longest overdue first; `search` is the beginning of a contract number or a name."""
    days = func.coalesce(Loan.overdue_days, -1)
    columns = [getattr(Loan, name) for name in LoanLine.__annotations__]
    found = select(*columns, days).where(
        Loan.institution_id == desk.institution_id, Loan.organisation_id == desk.organisation_id
    )
    if overdue:
        found = found.where(days > 0)
    if search:
        found = found.where(
            or_(
                Loan.contract_number.istartswith(search, autoescape=True),
                Loan.borrower_name.istartswith(search, autoescape=True),
            )
        )
    if position := _position(after):
        found = found.where(tuple_(days, Loan.contract_number) < tuple_(*position))
    rows = desk.session.execute(found.order_by(days.desc(), Loan.contract_number.desc()).limit(PAGE + 1)).all()
    lines = [LoanLine(*row[:-1]) for row in rows[:PAGE]]
    following = f"{rows[PAGE - 1][-1]}:{rows[PAGE - 1].contract_number}" if len(rows) > PAGE else ""
    return LoanPage(lines, following)


def has_loans(desk: Desk) -> bool:
    """Whether the lender has imported anything yet."""
    found = select(Loan.id).where(
        Loan.institution_id == desk.institution_id, Loan.organisation_id == desk.organisation_id
    )
    return desk.session.scalar(found.limit(1)) is not None


def is_place(after: str) -> bool:
    """Whether this names a place in the list of loans."""
    return _position(after) is not None


def known_loans(desk: Desk) -> Known:
    """Every loan of the lender by its contract number, with what its row said when it was imported last."""
    found = select(Loan.contract_number, Loan.id, Loan.row_sha256).where(
        Loan.institution_id == desk.institution_id, Loan.organisation_id == desk.organisation_id
    )
    return {number: KnownLoan(loan_id, digest) for number, loan_id, digest in desk.session.execute(found)}


def counts_if_imported(desk: Desk, checked: Checked) -> Counts:
    """What this file would bring to the portfolio as it stands."""
    known = known_loans(desk)
    rows = zip(checked.rows, checked.digests, strict=True)
    return Counts.of((known.get(row.contract_number), digest) for row, digest in rows)


def loan_kept_by(desk: Desk, loan_id: UUID) -> Loan:
    """One loan of this lender; any other does not exist."""
    loan = desk.session.get(Loan, loan_id)
    if loan is None or (loan.institution_id, loan.organisation_id) != (desk.institution_id, desk.organisation_id):
        raise NotFound
    return loan


def imports_seen_by(desk: Desk, *, limit: int = 30) -> Sequence[LoanImport]:
    """The lender's imports, newest first."""
    found = select(LoanImport).where(
        LoanImport.institution_id == desk.institution_id, LoanImport.organisation_id == desk.organisation_id
    )
    return desk.session.scalars(found.order_by(LoanImport.created_at.desc()).limit(limit)).all()


def import_kept_by(desk: Desk, import_id: UUID) -> LoanImport:
    """One import of this lender; any other does not exist."""
    batch = desk.session.get(LoanImport, import_id)
    if batch is None or (batch.institution_id, batch.organisation_id) != (desk.institution_id, desk.organisation_id):
        raise NotFound
    return batch


def imported_before(desk: Desk, batch: LoanImport) -> LoanImport | None:
    """The latest import of the very same file by this lender, if there was one."""
    found = select(LoanImport).where(
        LoanImport.institution_id == desk.institution_id,
        LoanImport.organisation_id == desk.organisation_id,
        LoanImport.file_sha256 == batch.file_sha256,
        LoanImport.state == ImportState.IMPORTED,
        LoanImport.id != batch.id,
    )
    return desk.session.scalars(found.order_by(LoanImport.imported_at.desc()).limit(1)).first()


def content_of(desk: Desk, batch: LoanImport) -> bytes:
    """The file as it was uploaded."""
    return files.fetch_row(desk.session, batch.file_sha256, institution_id=desk.institution_id)


def mapping_remembered(desk: Desk, header_key: str) -> dict[str, str] | None:
    """The mapping that this lender chose for such headers."""
    found = select(ColumnMapping.mapping).where(
        ColumnMapping.organisation_id == desk.organisation_id, ColumnMapping.header_key == header_key
    )
    return desk.session.scalar(found)


def reading_of(batch: LoanImport) -> Reading:
    """What the officer said about the file."""
    said = batch.options or {}
    return Reading(
        currency=batch.currency,
        rate_unit=RateUnit(said["rate_unit"]) if "rate_unit" in said else None,
        day_order=DayOrder(said["day_order"]) if "day_order" in said else None,
        round_fractions=said.get("round_fractions") == "yes",
    )


def options_of(reading: Reading) -> dict[str, str]:
    """What the officer said about the file, as the import keeps it."""
    said = {"rate_unit": reading.rate_unit, "day_order": reading.day_order}
    written = {name: str(value) for name, value in said.items() if value is not None}
    return {**written, "round_fractions": "yes"} if reading.round_fractions else written


def _position(after: str) -> tuple[int, str] | None:
    days, _, number = after.partition(":")
    if not number or not number.isprintable() or not re.fullmatch(r"-1|[0-9]{1,6}", days, re.ASCII):
        return None
    return int(days), number
