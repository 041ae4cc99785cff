"""The registrar's page of the borrower's side: who else is invited to it, and taking an unused invitation back."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.cases import further_borrowers
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.cases.side_forms import EndForm, FurtherBorrowerForm
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.pages import see

blueprint = Blueprint("further_borrowers", __name__)

SENTENCES = {
    "borrower:name-missing": N_("Write the name as on the identity card."),
    "borrower:tail-missing": N_("Write exactly the last 4 characters of the identity number."),
    "borrower:contact-missing": N_("Give a telephone number or an e-mail address; one of them is enough."),
    "borrower:enough": N_("At most %(most)s further persons can be on the borrower's side."),
    "borrower:invitation-over": N_("This invitation is over already."),
}


@blueprint.get("/cases/<number>/borrowers")
@guard.seated("borrower:add")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Who is on the borrower's side, who is invited, and a form for one more."""
    return _page(seat, FurtherBorrowerForm(), at=at)


def _page(seat: Seat, form: FurtherBorrowerForm, *, at: datetime) -> ResponseReturnValue:
    further = further_borrowers.further_seen_by(seat, now=at)
    return render_case("further_borrowers/index.html", seat, current="", at=at, form=form, further=further)


@blueprint.post("/cases/<number>/borrowers")
@guard.seated("borrower:add", form=FurtherBorrowerForm, again=_page)
def create(seat: Seat, form: FurtherBorrowerForm, *, at: datetime) -> ResponseReturnValue:
    """One more person is invited."""
    further_borrowers.invite_borrower(
        seat,
        name=form.name.data or "",
        id_tail=form.id_tail.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        at=at,
    )
    return see("further_borrowers.index", number=seat.case.number)


@blueprint.post("/cases/<number>/borrowers/<uuid:invitation_id>/end")
@guard.seated("borrower:add", form=EndForm)
def end(seat: Seat, form: EndForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """The code opens nothing any more."""
    further_borrowers.take_invitation_back(seat, invitation_id, at=at)
    return see("further_borrowers.index", number=seat.case.number)
