"""A fact that the lender states in place of a document it owes."""

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.disclosures import document_forms as words
from mediation.disclosures import duties
from mediation.disclosures.document_forms import FactForm
from mediation.errors import NotFound
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.pages import see

blueprint = Blueprint("duties", __name__)

SENTENCES: dict[str, str] = {
    "duty:overdue": N_(
        "%(count)s items that you owe both sides are overdue. Lay them open first; then you can call an offer final."
    ),
    "duty:not-owed": N_("This is not asked of you in this case."),
    "duty:fact-missing": N_("Say in a sentence what is so."),
    "duty:fact-too-long": N_("A statement has at most %(most)s characters; this one has %(length)s."),
    "duty:fact-hides": N_("The text holds characters that nobody can see. Type it again, or paste plain text."),
}


def _again(seat: Seat, form: FactForm, *, at: datetime, item: str) -> ResponseReturnValue:
    line = _line(seat, item, at)
    return render_case("documents/fact.html", seat, current="documents", at=at, form=form, line=line, words=words)


@blueprint.get("/cases/<number>/duties/<item>/statement")
@guard.seated("duty:answer")
def new(seat: Seat, *, at: datetime, item: str) -> ResponseReturnValue:
    """The form of a fact that stands in place of a document."""
    return _again(seat, FactForm(), at=at, item=item)


@blueprint.post("/cases/<number>/duties/<item>/statement")
@guard.seated("duty:answer", form=FactForm, again=_again)
def create(seat: Seat, form: FactForm, *, at: datetime, item: str) -> ResponseReturnValue:
    """State the fact."""
    duties.state_fact(seat, _line(seat, item, at).item, form.text.data or "", at=at)
    return see("documents.index", number=seat.case.number)


def _line(seat: Seat, item: str, at: datetime) -> duties.Line:
    for line in duties.checklist_seen_by(seat, at=at):
        if line.item.value == item:
            return line
    raise NotFound
