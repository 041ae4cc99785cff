"""Bring a file of loans in: uploaded, its columns mapped, then imported whole or not at all."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from mediation import audit, files
from mediation.accounts.desks import Desk
from mediation.accounts.models import Organisation
from mediation.db import new_key
from mediation.errors import Refused
from mediation.keys import KeyRing, pack, ring_of
from mediation.portfolios.cells import Reading
from mediation.portfolios.checking import Checked, check_rows
from mediation.portfolios.columns import Columns, as_kept, from_kept, header_key, suggest
from mediation.portfolios.loan_rows import LoanRow
from mediation.portfolios.models import DUE_DAY, MONTH_ONLY, ColumnMapping, ImportState, Loan, LoanImport
from mediation.portfolios.parsing import fingerprint_of
from mediation.portfolios.selections import Counts, Known, import_kept_by, known_loans, mapping_remembered, options_of
from mediation.portfolios.sheets import Sheet, read_sheet

BATCH = 500
# What has no column of its own: kept sealed, among the attributes, or as the row's place in its file.
_ELSEWHERE = frozenset({"row_number", "due_day", "month_only", "attributes", "id_number"})
_STATED = tuple(fact.name for fact in fields(LoanRow) if fact.name not in _ELSEWHERE)


def import_file(desk: Desk, content: bytes, file_name: str, reading: Reading, *, at: datetime) -> Counts:
    """A file whose headers are known is in the portfolio, uploaded, mapped and imported in one go, or not at all."""
    desk.require("loan:import")
    sheet = read_sheet(content, file_name)
    batch_id = upload_file(desk, sheet, content, file_name, suggest(sheet.headers), at=at)
    columns = from_kept(import_kept_by(desk, batch_id).mapping)
    map_columns(desk, batch_id, sheet.headers, columns, reading, at=at)
    return import_loans(desk, batch_id, check_rows(sheet, columns, reading), at=at)


def upload_file(desk: Desk, sheet: Sheet, content: bytes, file_name: str, suggested: Columns, *, at: datetime) -> UUID:
    """The file is kept encrypted, with the mapping remembered for such headers or else the one suggested."""
    desk.require("loan:import")
    kept = files.store_row(
        desk.session, content, institution_id=desk.institution_id, media_type="application/octet-stream", at=at
    )
    remembered = mapping_remembered(desk, header_key(sheet.headers))
    batch = LoanImport(
        id=new_key(),
        institution_id=desk.institution_id,
        organisation_id=desk.organisation_id,
        account_id=desk.account_id,
        file_name=file_name[:200],
        file_sha256=kept.sha256,
        currency=desk.institution.currency,
        mapping=remembered or as_kept(suggested),
        options={},
        state=ImportState.UPLOADED,
        row_count=sheet.row_count,
        created_at=at,
    )
    desk.session.add(batch)
    desk.session.flush()
    return batch.id


def map_columns(
    desk: Desk, import_id: UUID, headers: tuple[str, ...], columns: Columns, reading: Reading, *, at: datetime
) -> None:
    """The officer's choice of columns, currency and readings is kept, and remembered for the next such file."""
    desk.require("loan:import")
    _one_at_a_time(desk)
    batch = _uploaded(desk, import_id)
    batch.mapping, batch.currency, batch.options = as_kept(columns), reading.currency, options_of(reading)
    key = header_key(headers)
    found = select(ColumnMapping).where(
        ColumnMapping.organisation_id == desk.organisation_id, ColumnMapping.header_key == key
    )
    remembered = desk.session.scalars(found).first()
    if remembered is None:
        remembered = ColumnMapping(organisation_id=desk.organisation_id, header_key=key)
        desk.session.add(remembered)
    remembered.mapping, remembered.kept_at = as_kept(columns), at
    desk.session.flush()


def import_loans(desk: Desk, import_id: UUID, checked: Checked, *, at: datetime, seen: str = "") -> Counts:
    """Every row of the file is in the portfolio; with one row in doubt, none is.

    `seen` is the fingerprint of the reading that the officer looked at: under another one nothing is imported.
    """
    desk.require("loan:import")
    _one_at_a_time(desk)
    batch = _uploaded(desk, import_id)
    if checked.currency != batch.currency or (seen and seen != fingerprint_of(batch)):
        raise Refused("import:changed-meanwhile")
    if checked.errors:
        raise Refused("import:rows-in-doubt", count=len(checked.errors))
    counts = _keep_rows(desk, batch, checked, at)
    batch.state, batch.imported_at = ImportState.IMPORTED, at
    batch.new_count, batch.changed_count = counts.new, counts.changed
    if checked.fit is not None:
        batch.rounding = str(checked.fit.rule)
        batch.fit_matched, batch.fit_total = checked.fit.matched, checked.fit.total
    # A file that says nothing new decides nothing, so the record stays as it is.
    if counts.new or counts.changed:
        audit.record_at_desk(desk, "loans:imported", _recorded(batch, checked), at=at)
    return counts


def discard_import(desk: Desk, import_id: UUID, *, at: datetime) -> None:
    """The file is put aside; nothing of it was imported."""
    desk.require("loan:import")
    _uploaded(desk, import_id).state = ImportState.DISCARDED


def _one_at_a_time(desk: Desk) -> None:
    """Officers of one lender who import at the same moment do so one after the other."""
    held = select(Organisation.id).where(Organisation.id == desk.organisation_id)
    desk.session.execute(held.with_for_update(key_share=True))


def _uploaded(desk: Desk, import_id: UUID) -> LoanImport:
    batch = import_kept_by(desk, import_id)
    if batch.state is not ImportState.UPLOADED:
        raise Refused("import:not-open", state=batch.state.value)
    return batch


def _recorded(batch: LoanImport, checked: Checked) -> dict[str, object]:
    return {
        "file_sha256": batch.file_sha256,
        "rows": len(checked.rows),
        "new": batch.new_count,
        "changed": batch.changed_count,
        "rounding": batch.rounding,
    }


def _keep_rows(desk: Desk, batch: LoanImport, checked: Checked, at: datetime) -> Counts:
    known, counts = known_loans(desk), Counts.of(())
    for part in _parts(zip(checked.rows, checked.digests, strict=True)):
        counts += _keep_part(desk, batch, part, known, at)
    return counts


def _keep_part(desk: Desk, batch: LoanImport, part: list[tuple[LoanRow, str]], known: Known, at: datetime) -> Counts:
    fresh: list[dict[str, Any]] = []
    for row, digest in part:
        kept = known.get(row.contract_number)
        if kept is None:
            fresh.append({"id": new_key(), **_values(desk, batch, row, digest, at)})
        elif kept.row_sha256 != digest:
            changed = _values(desk, batch, row, digest, at)
            if not row.id_number:
                # What the lender added by hand when it opened a case is not wiped by a file without it.
                del changed["id_tail"], changed["id_number_sealed"]
            desk.session.execute(update(Loan).where(Loan.id == kept.id).values(**changed))
    if fresh:
        desk.session.execute(insert(Loan), fresh)
    return Counts.of((known.get(row.contract_number), digest) for row, digest in part)


def _values(desk: Desk, batch: LoanImport, row: LoanRow, digest: str, at: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _STATED},
        "institution_id": desk.institution_id,
        "organisation_id": desk.organisation_id,
        "import_id": batch.id,
        "row_number": row.row_number,
        "row_sha256": digest,
        "currency": batch.currency,
        "id_tail": row.id_number[-4:],
        "id_number_sealed": _sealed(ring_of(desk.session), row.id_number),
        "attributes": _attributes(row),
        "imported_at": at,
    }


def _attributes(row: LoanRow) -> dict[str, str]:
    attributes = dict(row.attributes)
    if row.due_day is not None:
        attributes[DUE_DAY] = str(row.due_day)
    if row.month_only:
        attributes[MONTH_ONLY] = " ".join(row.month_only)
    return attributes


def _sealed(ring: KeyRing, id_number: str) -> bytes | None:
    if not id_number:
        return None
    return pack(ring.encrypt(id_number.encode(), context=b"loan-id-number"))


def _parts(rows: Iterable[tuple[LoanRow, str]]) -> Iterator[list[tuple[LoanRow, str]]]:
    left = iter(rows)
    while part := list(islice(left, BATCH)):
        yield part
