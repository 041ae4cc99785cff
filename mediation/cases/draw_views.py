"""The draw of a mediator: promised by the registrar, a number from each side, and how anybody checks it."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from mediation.cases import draws
from mediation.cases.pages import render_case
from mediation.cases.panel_models import DrawState
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.rules.draws import MOST_DIGITS, ticket_text
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import see

blueprint = Blueprint("draws", __name__)

SENTENCES = {
    "draw:too-few": N_(
        "A draw needs at least %(least)s mediators with nothing against them. Choose one of the panel instead."
    ),
    "draw:somebody-is-asked": N_(
        "Somebody has been asked and has not answered yet. A draw begins when the seat is empty."
    ),
    "draw:none": N_("There is no draw in this case now."),
    "draw:window-over": N_("The time to add a number ended at %(ends_at)s."),
    "draw:window-runs": N_("Both sides may still add a number until %(ends_at)s."),
    "draw:number-given": N_("Your side has added its number already; each side adds one."),
    "draw:number-mistyped": N_("Write a number of at most %(most)s digits, for instance 20250924."),
}


@dataclass(frozen=True)
class Commands:
    """What anybody types to check a draw without this site."""

    seed: str
    of_list: str
    ticket: str


class PromiseForm(Form):
    """The registrar promises a draw; there is nothing to fill in, so nothing to steer it by."""


class MakingForm(Form):
    """The draw whose time is over is made; there is nothing to fill in."""


class NumberForm(Form):
    """The number that a side adds."""

    number = StringField(N_("A number of your own"), validators=[InputRequired(), Length(max=MOST_DIGITS + 20)])


@blueprint.get("/cases/<number>/draw")
@guard.seated("case:read")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The draw as it stands, and all that is needed to check it."""
    return _page(seat, at=at)


def _again(seat: Seat, form: Form, *, at: datetime) -> ResponseReturnValue:
    return _page(seat, form, at=at)


@blueprint.post("/cases/<number>/draw")
@guard.seated("mediator:appoint", form=PromiseForm, again=_again)
def create(seat: Seat, form: PromiseForm, *, at: datetime) -> ResponseReturnValue:
    """The draw is promised."""
    draws.open_draw(seat, at=at)
    return see("draws.show", number=seat.case.number)


@blueprint.post("/cases/<number>/draw/number")
@guard.seated("draw:give-number", form=NumberForm, again=_again)
def add_number(seat: Seat, form: NumberForm, *, at: datetime) -> ResponseReturnValue:
    """This side has added its number."""
    draws.give_number(seat, form.number.data or "", at=at)
    return see("draws.show", number=seat.case.number)


@blueprint.post("/cases/<number>/draw/making")
@guard.seated("mediator:appoint", form=MakingForm, again=_again)
def make(seat: Seat, form: MakingForm, *, at: datetime) -> ResponseReturnValue:
    """The draw whose time is over is made now."""
    draws.make_due_draw(seat, at=at)
    return see("draws.show", number=seat.case.number)


def _page(seat: Seat, form: Form | None = None, *, at: datetime) -> str:
    draw = draws.draw_seen_by(seat, at=at)
    made = draw.made if draw else None
    return render_case(
        "draws/show.html",
        seat,
        current="mediator",
        at=at,
        draw=draw,
        made=made,
        commands=_commands(draw, made) if draw and made else None,
        form=form,
        number_form=form if isinstance(form, NumberForm) else NumberForm(formdata=None),
        may_add=draw is not None and seat.may("draw:give-number") and draw.is_open_to(seat.side),
        has_added=draw is not None and seat.side in draw.numbers_given,
        may_make=draw is not None and seat.may("mediator:appoint") and draw.state is DrawState.OPEN and draw.is_over,
    )


def _commands(draw: draws.Shown, made: draws.Made) -> Commands:
    ticket = ticket_text(made.seed, draw.list_sha256, made.numbers, made.drawn.id)
    return Commands(
        seed=f"printf '%s' {made.seed} | sha256sum",
        of_list="sha256sum list.txt",
        ticket=f"printf '%s' '{ticket}' | sha256sum",
    )
