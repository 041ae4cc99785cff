"""What I agreed to, and the way to take each of it back."""

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.cases import actions, consents
from mediation.cases.consents import Given
from mediation.cases.invitation_forms import consent_words
from mediation.cases.models import Purpose
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.pages import see

blueprint = Blueprint("consents", __name__)

SENTENCES = {"consent:taken-back-already": N_("This consent has been taken back already.")}


@blueprint.get("/cases/<number>/consents")
@guard.seated("consent:take-back")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Each consent with its words, since when it holds, and whether it was taken back."""
    return render_case(
        "consents/index.html", seat, current="", at=at, given=consents.consents_of(seat), words=consent_words(seat)
    )


@blueprint.get("/cases/<number>/consents/<purpose>/end")
@guard.seated("consent:take-back")
def show(seat: Seat, *, at: datetime, purpose: str) -> ResponseReturnValue:
    """What taking it back means; of the consent to mediation, the page on which mediation is ended."""
    one = _given(seat, purpose)
    if one.purpose is Purpose.MEDIATION:
        return see("cases.withdrawal", number=seat.case.number)
    return render_case("consents/end.html", seat, current="", at=at, one=one, words=consent_words(seat)[one.purpose])


@blueprint.post("/cases/<number>/consents/<purpose>/end")
@guard.seated("consent:take-back")
def end(seat: Seat, *, at: datetime, purpose: str) -> ResponseReturnValue:
    """It is taken back; without what mediation needs, mediation has ended too."""
    one = _given(seat, purpose)
    consents.take_back(seat, one.purpose, at=at)
    if one.ends_mediation:
        actions.withdraw_case(seat, at=at)
        return see("cases.show", number=seat.case.number)
    return see("consents.index", number=seat.case.number)


def _given(seat: Seat, purpose: str) -> Given:
    found = next((one for one in consents.consents_of(seat) if one.purpose.value == purpose), None)
    if found is None:
        raise NotFound
    return found
