"""Opening to both sides a document that only the mediator has seen: what they will see, and the confirmation."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.disclosures import document_forms as words
from mediation.disclosures import document_releases
from mediation.disclosures.fact_forms import SeenForm
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.pages import see

blueprint = Blueprint("document_releases", __name__)

SENTENCES: dict[str, str] = {
    "document:already-open": N_("Both sides see this document already."),
    "document:changed": N_("The document has changed since this page was opened. Look at it again, then confirm."),
}


def _again(seat: Seat, form: SeenForm, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    paper = document_releases.own_paper(seat, document_id)
    return render_case(
        "documents/release.html",
        seat,
        current="documents",
        at=at,
        form=form,
        paper=paper,
        sha256=document_releases.shown_sha256(paper),
        words=words,
    )


@blueprint.get("/cases/<number>/documents/<uuid:document_id>/release")
@guard.seated("document:release")
def ask(seat: Seat, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    """What the other side would see, before anything is done."""
    document_releases.check_open(seat, document_releases.own_paper(seat, document_id))
    return _again(seat, SeenForm(), at=at, document_id=document_id)


@blueprint.post("/cases/<number>/documents/<uuid:document_id>/release")
@guard.seated("document:release", form=SeenForm, again=_again)
def create(seat: Seat, form: SeenForm, *, at: datetime, document_id: UUID) -> ResponseReturnValue:
    """Open it to both sides, as it was shown."""
    document_releases.release_document(seat, document_id, seen_sha256=form.sha256.data, at=at)
    return see("documents.show", number=seat.case.number, document_id=document_id)
