"""Back to the table: either side or the mediator leaves the agreed plan before there is a paper to sign."""

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.agreements import leaving
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.web import guard
from mediation.web.pages import see

blueprint = Blueprint("terms", __name__)

SENTENCES: dict[str, str] = {}


@blueprint.get("/cases/<number>/terms/departure")
@guard.seated("terms:leave")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What leaving the agreed plan means, before it is done."""
    return render_case("agreements/departure.html", seat, current="agreements", at=at)


@blueprint.post("/cases/<number>/terms/departure")
@guard.seated("terms:leave")
def leave(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The negotiation is open again."""
    leaving.leave_terms(seat, at=at)
    return see("offers.index", number=seat.case.number)
