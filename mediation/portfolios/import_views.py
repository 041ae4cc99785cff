"""A file of loans on its way in: uploaded, its columns chosen, looked at, then imported whole or put aside."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.accounts.desks import Desk
from mediation.errors import NotFound, Refused
from mediation.portfolios import actions, parsing, previews, selections, wording
from mediation.portfolios.affected import CASES, affected_by
from mediation.portfolios.cells import Reading
from mediation.portfolios.columns import Columns, Field, check_columns, from_kept, header_key, suggest
from mediation.portfolios.error_files import errors_file
from mediation.portfolios.forms import ColumnsForm, RunForm, UploadForm
from mediation.portfolios.models import ImportState, LoanImport
from mediation.portfolios.parsing import Parsed, fingerprint_of
from mediation.portfolios.sheets import LARGEST_FILE, MOST_ROWS, Sheet, SheetKind, read_sheet
from mediation.web import guard
from mediation.web.pages import locale, render, see

blueprint = Blueprint("portfolios", __name__)

MEDIA_TYPES = {
    SheetKind.CSV: "text/csv",
    SheetKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Upload:
    """A file that was read: its content, its name, its sheet, and what its headers say."""

    content: bytes
    name: str
    sheet: Sheet
    suggested: Columns


@dataclass(frozen=True)
class Choice:
    """What the officer said of an uploaded file."""

    headers: tuple[str, ...]
    columns: Columns
    reading: Reading


def _read_upload(desk: Desk, form: UploadForm, *, at: datetime) -> Upload:
    content, name = form.content()
    sheet = read_sheet(content, name)
    return Upload(content, name, sheet, suggest(sheet.headers))


def _imports_again(desk: Desk, form: UploadForm, *, at: datetime) -> ResponseReturnValue:
    return render(
        "portfolios/imports.html",
        form=form,
        imports=selections.imports_seen_by(desk),
        facts=[(wording.fact_words(fact), fact is Field.CONTRACT_NUMBER) for fact in Field],
        state_words=wording.state_words,
        megabytes=LARGEST_FILE >> 20,
        most_rows=i18n.number(MOST_ROWS, locale()),
    )


def _read_columns(desk: Desk, form: ColumnsForm, *, at: datetime, import_id: UUID) -> Choice:
    batch = _open_import(desk, import_id)
    sheet = parsing.sheet_of(desk, batch)
    columns, reading = form.read()
    check_columns(sheet.headers, columns)
    return Choice(sheet.headers, columns, reading)


def _columns_again(desk: Desk, form: ColumnsForm, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    batch = _open_import(desk, import_id)
    sheet = parsing.sheet_of(desk, batch)
    return render(
        "portfolios/columns.html",
        form=form,
        batch=batch,
        sheet=sheet,
        lines=previews.column_lines(sheet),
        chosen=form.chosen,
        choices=wording.fact_choices(),
        is_remembered=selections.mapping_remembered(desk, header_key(sheet.headers)) is not None,
    )


def _check_again(desk: Desk, form: RunForm, *, at: datetime, import_id: UUID) -> Parsed:
    """The file is read outside the transaction: one that is long must not keep others from writing."""
    batch = _open_import(desk, import_id)
    if form.seen.data != fingerprint_of(batch):
        raise Refused("import:changed-meanwhile")
    parsed = parsing.parse(desk, batch)
    if parsed.checked.errors:
        raise Refused("import:rows-in-doubt", count=len(parsed.checked.errors))
    return parsed


def _preview_again(desk: Desk, form: RunForm, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    batch = _open_import(desk, import_id)
    parsed, columns = parsing.parse(desk, batch), from_kept(batch.mapping)
    return render(
        "portfolios/preview.html",
        form=form,
        batch=batch,
        sheet=parsed.sheet,
        checked=parsed.checked,
        seen=fingerprint_of(batch),
        counts=selections.counts_if_imported(desk, parsed.checked),
        before=selections.imported_before(desk, batch),
        affected=affected_by(desk, parsed.checked, current_app.extensions[CASES]),
        doubt=previews.doubt_of(parsed, columns),
        fit=previews.fit_of(parsed.checked),
        rates=previews.rates_read(parsed.checked),
        kept=previews.kept_table(parsed.checked, columns),
        attributes=previews.attributes_kept(parsed.sheet, columns),
    )


@blueprint.get("/loans/imports")
@guard.at_desk("loan:import")
def imports(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """What a file should hold, the way to send one, and the files sent before."""
    return _imports_again(desk, UploadForm(), at=at)


@blueprint.get("/loans/imports/template")
@guard.at_desk("loan:import")
def template(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """An empty file whose headers are known."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([wording.fact_words(fact) for fact in Field if fact is not Field.MONTHLY_RATE])
    return _download(text.getvalue().encode("utf-8-sig"), "loans", SheetKind.CSV)


@blueprint.post("/loans/imports")
@guard.at_desk("loan:import", form=UploadForm, again=_imports_again, before=_read_upload)
def upload(desk: Desk, form: UploadForm, *, at: datetime) -> ResponseReturnValue:
    """Keep the file; nothing of it is imported yet."""
    sent: Upload = form.proof
    import_id = actions.upload_file(desk, sent.sheet, sent.content, sent.name, sent.suggested, at=at)
    return see("portfolios.columns", import_id=import_id)


@blueprint.get("/loans/imports/<uuid:import_id>")
@guard.at_desk("loan:import")
def imported(desk: Desk, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """What became of a file; one that waits is looked at in its preview."""
    batch = selections.import_kept_by(desk, import_id)
    if batch.state is ImportState.UPLOADED:
        return redirect(url_for("portfolios.preview", import_id=import_id))
    same = batch.row_count - batch.new_count - batch.changed_count
    return render("portfolios/imported.html", batch=batch, same=same, state_words=wording.state_words)


@blueprint.get("/loans/imports/<uuid:import_id>/columns")
@guard.at_desk("loan:import")
def columns(desk: Desk, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """What each column states, as it was remembered or as its header suggests."""
    batch = selections.import_kept_by(desk, import_id)
    if batch.state is not ImportState.UPLOADED:
        return redirect(url_for("portfolios.imported", import_id=import_id))
    form = ColumnsForm()
    form.show(from_kept(batch.mapping), selections.reading_of(batch))
    return _columns_again(desk, form, at=at, import_id=import_id)


@blueprint.post("/loans/imports/<uuid:import_id>/columns")
@guard.at_desk("loan:import", form=ColumnsForm, again=_columns_again, before=_read_columns)
def map_columns(desk: Desk, form: ColumnsForm, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """Keep what the columns state, and remember it for the next such file."""
    said: Choice = form.proof
    actions.map_columns(desk, import_id, said.headers, said.columns, said.reading, at=at)
    return see("portfolios.preview", import_id=import_id)


@blueprint.get("/loans/imports/<uuid:import_id>/preview")
@guard.at_desk("loan:import")
def preview(desk: Desk, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """What the import would do; a file whose columns do not make a loan goes back to its columns."""
    batch = selections.import_kept_by(desk, import_id)
    if batch.state is not ImportState.UPLOADED:
        return redirect(url_for("portfolios.imported", import_id=import_id))
    if not _makes_a_loan(batch):
        return redirect(url_for("portfolios.columns", import_id=import_id))
    return _preview_again(desk, RunForm(), at=at, import_id=import_id)


@blueprint.get("/loans/imports/<uuid:import_id>/errors")
@guard.at_desk("loan:import")
def errors(desk: Desk, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """The lender's own file with what is wrong written beside each row, to be mended and sent again."""
    batch = selections.import_kept_by(desk, import_id)
    if batch.state is not ImportState.UPLOADED or not _makes_a_loan(batch):
        raise NotFound
    parsed = parsing.parse(desk, batch)
    kinds = {kind.value: kind for kind in SheetKind}
    kind = kinds.get(request.args.get("kind", ""), parsed.sheet.kind)
    heading = i18n.translations(locale()).gettext("What is wrong")
    content = errors_file(parsed.sheet, parsed.checked.errors, heading=heading, words=wording.problem_words, kind=kind)
    return _download(content, f"{batch.file_name.rpartition('.')[0] or batch.file_name}-problems", kind)


@blueprint.post("/loans/imports/<uuid:import_id>/run")
@guard.at_desk("loan:import", form=RunForm, again=_preview_again, before=_check_again)
def run(desk: Desk, form: RunForm, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """Import every row of the file."""
    parsed: Parsed = form.proof
    actions.import_loans(desk, import_id, parsed.checked, at=at, seen=form.seen.data)
    parsing.forget(form.seen.data)
    return see("portfolios.imported", import_id=import_id)


@blueprint.post("/loans/imports/<uuid:import_id>/discard")
@guard.at_desk("loan:import")
def discard(desk: Desk, *, at: datetime, import_id: UUID) -> ResponseReturnValue:
    """Put the file aside."""
    parsing.forget(fingerprint_of(selections.import_kept_by(desk, import_id)))
    actions.discard_import(desk, import_id, at=at)
    return see("portfolios.imports")


def _open_import(desk: Desk, import_id: UUID) -> LoanImport:
    """The import, as long as it is not decided; what is decided can be neither read anew nor run again."""
    batch = selections.import_kept_by(desk, import_id)
    if batch.state is not ImportState.UPLOADED:
        raise Refused("import:not-open", state=batch.state.value)
    return batch


def _makes_a_loan(batch: LoanImport) -> bool:
    stated = set(batch.mapping.values())
    return Field.CONTRACT_NUMBER in stated and bool(stated & {Field.PRINCIPAL, Field.OUTSTANDING_PRINCIPAL})


def _download(content: bytes, stem: str, kind: SheetKind) -> Response:
    return send_file(
        io.BytesIO(content), mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=f"{stem}.{kind.value}"
    )
