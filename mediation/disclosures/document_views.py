"""The documents of a case: what is on file for whom, a new one, its versions, and each file as a download."""

import io
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mediation import files
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.disclosures import document_forms as words
from mediation.disclosures import document_selections as selections
from mediation.disclosures import documents, duties, uploads
from mediation.disclosures.document_forms import DocumentForm, VersionForm
from mediation.disclosures.document_models import Audience, Kind
from mediation.disclosures.documents import Filed
from mediation.errors import NotFound
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.limits import address, limiter
from mediation.web.pages import see

blueprint = Blueprint("documents", __name__)

PER_HOUR = "20/hour"
ACCEPTED = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
SENTENCES: dict[str, str] = {
    **uploads.SENTENCES,
    "document:kind-unknown": N_("Choose one of the kinds that are offered."),
    "document:title-missing": N_("Say in a few words what it is."),
    "document:title-too-long": N_("A title has at most %(most)s characters."),
    "document:title-hides": N_("The title holds characters that nobody can see. Type it again."),
    "document:no-mediator": N_(
        "There is no mediator just now who could read it in private. Wait until a new one is appointed."
    ),
    "document:date-out-of-range": N_("The date lies between %(earliest)s and today."),
    "document:same-file": N_("This is the very file that is on record already. Choose the newer one."),
    "file:damaged": N_("This file is not what was kept, so it is not handed out. Call the mediation body."),
    "file:missing": N_("This file cannot be found just now. Call the mediation body."),
    "file:gone": N_("This file is not kept any more."),
    "file:key-missing": N_("This file cannot be opened just now. Call the mediation body."),
}


def _whose() -> str:
    """Uploads are counted for the account that sends them, wherever it is."""
    return f"account {current_user.account_id}" if current_user.is_authenticated else address()


def _lay_down(seat: Seat, form: VersionForm, *, at: datetime, **_: Any) -> Filed:
    """Reading, making anew and storing take time: all of it happens before the case is locked."""
    upload = form.read()
    kept = files.lay_down(
        seat.session, upload.content, institution_id=seat.institution_id, limit=uploads.LARGEST_UPLOAD
    )
    return Filed(kept=kept, media_type=upload.media_type, dated_on=form.dated_on.data)


@blueprint.get("/cases/<number>/documents")
@guard.seated("document:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What the lender owes, what both sides see, and what only the mediator sees."""
    papers = selections.documents_seen_by(seat)
    lines = duties.checklist_seen_by(seat, at=at)
    return render_case(
        "documents/index.html",
        seat,
        current="documents",
        at=at,
        lines=lines,
        shared=[paper for paper in papers if not paper.is_private],
        private=[paper for paper in papers if paper.is_private],
        by_id={paper.id: paper for paper in papers},
        words=words,
    )


def _new_again(seat: Seat, form: DocumentForm, *, at: datetime) -> ResponseReturnValue:
    assert seat.side is not None
    form.offer(documents.KINDS_OF[seat.side])
    return render_case(
        "documents/new.html", seat, current="documents", at=at, form=form, accept=ACCEPTED, most=_megabytes()
    )


@blueprint.get("/cases/<number>/documents/new")
@guard.seated("document:add")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The form of a new document; from the checklist with its kind chosen, for both to see."""
    form = DocumentForm()
    asked = request.args.get("kind", "")
    if asked in {kind.value for kind in documents.LENDERS_KINDS} and seat.may("duty:answer"):
        form.kind.data, form.audience.data = asked, Audience.BOTH.value
        form.title.data = words.kind_words(Kind(asked))
    return _new_again(seat, form, at=at)


@blueprint.post("/cases/<number>/documents")
@limiter.shared_limit(PER_HOUR, scope="uploads", key_func=_whose)
@guard.seated("document:add", form=DocumentForm, again=_new_again, before=_lay_down)
def create(seat: Seat, form: DocumentForm, *, at: datetime) -> ResponseReturnValue:
    """Put the document on file."""
    documents.add_document(
        seat,
        form.proof,
        kind=Kind(form.kind.data),
        audience=Audience(form.audience.data),
        title=form.title.data or "",
        at=at,
    )
    return see("documents.index", number=seat.case.number)


def _show_again(seat: Seat, form: VersionForm, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    paper = selections.document_seen_by(seat, document_id)
    return render_case(
        "documents/show.html",
        seat,
        current="documents",
        at=at,
        form=form,
        paper=paper,
        words=words,
        accept=ACCEPTED,
        most=_megabytes(),
        may_replace=paper.is_mine and seat.may("document:add"),
    )


@blueprint.get("/cases/<number>/documents/<uuid:document_id>")
@guard.seated("document:read")
def show(seat: Seat, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    """One document with its versions."""
    return _show_again(seat, VersionForm(), at=at, document_id=document_id)


@blueprint.post("/cases/<number>/documents/<uuid:document_id>/versions")
@limiter.shared_limit(PER_HOUR, scope="uploads", key_func=_whose)
@guard.seated("document:add", form=VersionForm, again=_show_again, before=_lay_down)
def replace(seat: Seat, form: VersionForm, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    """Put a newer version beside the earlier ones."""
    documents.replace_document(seat, document_id, form.proof, at=at)
    return see("documents.show", number=seat.case.number, document_id=document_id)


@blueprint.get("/cases/<number>/documents/<uuid:document_id>/file")
@guard.seated("document:read")
def file(seat: Seat, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    """The file of a version, always as a download and never as a page of ours."""
    found = selections.file_seen_by(seat, document_id, _asked_version())
    return _download(seat, found)


def _asked_version() -> int | None:
    asked = request.args.get("version", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 6):
        raise NotFound
    return int(asked) if asked else None


def _download(seat: Seat, found: selections.Download) -> Response:
    """A name of our own making: what the sender called it stays with the sender."""
    ending = words.TYPES[found.version.media_type]
    response = send_file(
        io.BytesIO(found.content),
        mimetype=found.version.media_type,
        as_attachment=True,
        download_name=f"{seat.case.number}-{found.paper.kind.value}-v{found.version.number}.{ending}",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def _megabytes() -> int:
    return uploads.LARGEST_UPLOAD >> 20
