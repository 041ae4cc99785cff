"""An objection with a reason: a side writes it to the registrar, and the registrar answers it."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired

from mediation.cases import objections, panel
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import see

blueprint = Blueprint("objections", __name__)

SENTENCES = {
    "objection:reason-missing": N_("Say in a few words what makes you doubt that the mediator is independent."),
    "objection:reason-too-long": N_("Use at most %(most)s characters."),
    "objection:waiting": N_("The registrar has your objection already and decides on it first."),
    "objection:answer-missing": N_("Give the side that objected a reason for the decision."),
    "objection:answer-too-long": N_("Use at most %(most)s characters."),
    "objection:decided": N_("This objection has been decided already."),
    "objection:fell-away": N_("The mediator no longer sits in this case, so there is nothing left to decide."),
}


class ObjectionForm(Form):
    """Why this side doubts the mediator."""

    reason = TextAreaField(N_("What makes you doubt that the mediator is independent?"))


class DecisionForm(Form):
    """What the registrar decides, and why."""

    decision = RadioField(
        N_("Your decision"),
        choices=[
            ("upheld", N_("Another mediator is appointed")),
            ("not_upheld", N_("The mediator stays")),
        ],
        validators=[InputRequired()],
    )
    answer = TextAreaField(N_("Reason, for the side that objected"))


def _new_page(seat: Seat, form: ObjectionForm | None = None, *, at: datetime) -> ResponseReturnValue:
    return render_case(
        "objections/index.html",
        seat,
        current="mediator",
        at=at,
        form=form or ObjectionForm(),
        asked=panel.appointment_seen_by(seat, at=at),
        objections=objections.objections_seen_by(seat),
    )


@blueprint.get("/cases/<number>/objections")
@guard.seated("objection:make")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What this side has objected to with a reason, and the form for another."""
    return _new_page(seat, at=at)


@blueprint.post("/cases/<number>/objections")
@guard.seated("objection:make", form=ObjectionForm, again=_new_page)
def create(seat: Seat, form: ObjectionForm, *, at: datetime) -> ResponseReturnValue:
    """The registrar has the objection."""
    objections.object_with_reason(seat, form.reason.data or "", at=at)
    return see("objections.index", number=seat.case.number)


def _decision_page(
    seat: Seat, form: DecisionForm | None = None, *, at: datetime, objection_id: UUID
) -> ResponseReturnValue:
    found = next((each for each in objections.objections_seen_by(seat) if each.id == objection_id), None)
    if found is None:
        raise NotFound
    return render_case(
        "objections/show.html", seat, current="mediator", at=at, form=form or DecisionForm(), objection=found
    )


@blueprint.get("/cases/<number>/objections/<uuid:objection_id>")
@guard.seated("objection:decide")
def show(seat: Seat, *, at: datetime, objection_id: UUID) -> ResponseReturnValue:
    """One objection with its reason, and the form to decide it."""
    return _decision_page(seat, at=at, objection_id=objection_id)


@blueprint.post("/cases/<number>/objections/<uuid:objection_id>")
@guard.seated("objection:decide", form=DecisionForm, again=_decision_page)
def decide(seat: Seat, form: DecisionForm, *, at: datetime, objection_id: UUID) -> ResponseReturnValue:
    """The objection is decided."""
    upheld = form.decision.data == "upheld"
    objections.decide_objection(seat, objection_id, upheld=upheld, answer=form.answer.data or "", at=at)
    return see("appointments.show", number=seat.case.number)
