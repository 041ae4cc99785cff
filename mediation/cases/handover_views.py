"""What a side told an earlier mediator, opened to the one who sits now: what it covers, and the confirmation."""

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from mediation.cases import handovers
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import see

blueprint = Blueprint("handovers", __name__)

SENTENCES: dict[str, str] = {
    "earlier:nothing-withheld": N_("There is nothing to open: the mediator who sits now reads all that you have told."),
    "earlier:changed": N_("What would be opened has changed since this page was opened. Read it again, then confirm."),
}


class EarlierForm(Form):
    """Exactly what was shown to be covered."""

    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])


def _again(seat: Seat, form: EarlierForm, *, at: datetime) -> ResponseReturnValue:
    earlier = handovers.earlier_of(seat)
    return render_case("handovers/show.html", seat, current="", at=at, form=form, earlier=earlier)


@blueprint.get("/cases/<number>/earlier")
@guard.seated("earlier:release")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What lies closed to the new mediator, and what opening it means."""
    return _again(seat, EarlierForm(), at=at)


@blueprint.post("/cases/<number>/earlier")
@guard.seated("earlier:release", form=EarlierForm, again=_again)
def create(seat: Seat, form: EarlierForm, *, at: datetime) -> ResponseReturnValue:
    """Open it to the mediator who sits now."""
    handovers.release_earlier(seat, seen_sha256=form.sha256.data, at=at)
    return see("handovers.show", number=seat.case.number)
