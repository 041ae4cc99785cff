"""The page on which the registrar sets how many plans each side may put forward."""

from datetime import datetime

from flask import flash
from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import InputRequired

from mediation import i18n
from mediation.accounts import rounds
from mediation.accounts.desks import Desk
from mediation.accounts.doors import blueprint
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import locale, render, see

SENTENCES = {
    "rounds:out-of-range": N_("Each side may put forward between %(lowest)s and %(highest)s plans."),
}


class RoundsForm(Form):
    """How many plans each side may put forward."""

    limit = IntegerField(N_("At most so many plans from each side"), validators=[InputRequired()])


def _page(desk: Desk, form: RoundsForm | None = None, *, at: datetime) -> ResponseReturnValue:
    if form is None:
        form = RoundsForm(formdata=None)
        form.limit.data = rounds.round_limit_at(desk)
    return render("accounts/rounds.html", form=form, least=rounds.LEAST_ROUNDS, most=rounds.MOST_ROUNDS)


@blueprint.get("/desk/rounds")
@guard.at_desk("rounds:keep")
def edit_rounds(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The limit that holds now."""
    return _page(desk, at=at)


@blueprint.post("/desk/rounds")
@guard.at_desk("rounds:keep", form=RoundsForm, again=_page)
def update_rounds(desk: Desk, form: RoundsForm, *, at: datetime) -> ResponseReturnValue:
    """Tables laid from now on have the new limit."""
    rounds.keep_round_limit(desk, form.limit.data, at=at)
    flash(i18n.translations(locale()).gettext(N_("This holds for talks that begin from now on.")), "done")
    return see("accounts.edit_rounds")
