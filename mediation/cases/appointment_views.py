"""The mediator's page of a case: the registrar chooses, the mediator declares, each side accepts or objects."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from mediation.cases import appointments, draws, handovers, independence, objections, panel
from mediation.cases.pages import render_case
from mediation.cases.panel_models import DrawState
from mediation.cases.panel_words import FIGURES, HINDRANCES, LANGUAGES, PAYERS
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.rules.lifecycle import Answer
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import is_uuid, see

blueprint = Blueprint("appointments", __name__)

SENTENCES = {
    "appointment:not-on-panel": N_("Choose a mediator from the list."),
    "appointment:mediator-in-place": N_(
        "This case has a mediator. A new one is appointed only when that seat is empty."
    ),
    "appointment:draw-runs": N_("A draw has been promised for this seat. It is made first."),
    "appointment:reason-missing": N_("Something speaks against this mediator. Give a reason, which both sides read."),
    "appointment:reason-too-long": N_("Use at most %(most)s characters."),
    "appointment:none": N_("No appointment waits for this answer now."),
    "appointment:declaration-missing": N_("Say in a few words what ties you to either side."),
    "appointment:declaration-too-long": N_("Use at most %(most)s characters."),
    "appointment:already-answered": N_("Your side has answered already; each side answers once."),
    "appointment:window-over": N_(
        "The time to answer ended at %(ends_at)s. Nobody objected, so the appointment stands."
    ),
    "appointment:objection-used": N_(
        "Your side has already turned down one mediator in this case. A further objection needs a reason."
    ),
    "appointment:wrong-state": N_("The appointment has moved on. The page now shows where it stands."),
}


class ChoiceForm(Form):
    """Which member of the panel is asked."""

    mediator = RadioField(N_("Mediator"), choices=[], validate_choice=False)
    reason = TextAreaField(N_("Reason, where something speaks against this mediator"))


class DeclarationForm(Form):
    """What the mediator declares, and so whether it accepts."""

    interest = RadioField(
        N_("Do you have a tie to either side?"),
        choices=[
            ("none", N_("I have no tie to either side, and I accept")),
            ("tie", N_("I have a tie to one side, so I do not accept")),
            ("unable", N_("I have no tie, but I cannot take this case")),
        ],
        validators=[InputRequired()],
    )
    declaration = TextAreaField(N_("What is the tie?"), validators=[Length(max=appointments.DECLARATION_MOST)])


class AnswerForm(Form):
    """What a side says to the announced mediator."""

    answer = RadioField(
        N_("Your side's answer"),
        choices=[
            (Answer.ACCEPT.value, N_("We accept this mediator")),
            (Answer.OBJECT.value, N_("We would like another mediator")),
        ],
        validators=[InputRequired()],
    )


@blueprint.get("/cases/<number>/appointment")
@guard.seated("case:read")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Who mediates this case, or how that is being decided."""
    return _page(seat, at=at)


def _choice_again(seat: Seat, form: ChoiceForm, *, at: datetime) -> ResponseReturnValue:
    return _page(seat, choice=form, at=at)


@blueprint.post("/cases/<number>/appointment")
@guard.seated("mediator:appoint", form=ChoiceForm, again=_choice_again)
def create(seat: Seat, form: ChoiceForm, *, at: datetime) -> ResponseReturnValue:
    """Ask this member of the panel."""
    chosen = form.mediator.data or ""
    if not is_uuid(chosen):
        raise Refused("appointment:not-on-panel", field="mediator")
    appointments.propose_mediator(seat, UUID(chosen), reason=form.reason.data or "", at=at)
    return see("appointments.show", number=seat.case.number)


def _declaration_again(seat: Seat, form: DeclarationForm, *, at: datetime) -> ResponseReturnValue:
    return _page(seat, declaration=form, at=at)


@blueprint.post("/cases/<number>/appointment/declaration")
@guard.seated("appointment:declare", form=DeclarationForm, again=_declaration_again)
def declare(seat: Seat, form: DeclarationForm, *, at: datetime) -> ResponseReturnValue:
    """Accept free of ties, or decline: then this case no longer exists for the one who declined."""
    if form.interest.data == "none":
        appointments.accept_appointment(seat, at=at)
        return see("appointments.show", number=seat.case.number)
    words = (form.declaration.data or "").strip() if form.interest.data == "tie" else ""
    if form.interest.data == "tie" and not words:
        raise Refused("appointment:declaration-missing", field="declaration")
    appointments.decline_appointment(seat, words, at=at)
    return see("accounts.start")


def _answer_again(seat: Seat, form: AnswerForm, *, at: datetime) -> ResponseReturnValue:
    return _page(seat, answer=form, at=at)


@blueprint.post("/cases/<number>/appointment/answer")
@guard.seated("appointment:answer", form=AnswerForm, again=_answer_again)
def answer(seat: Seat, form: AnswerForm, *, at: datetime) -> ResponseReturnValue:
    """Accept this mediator or object, once and without a reason."""
    appointments.answer_appointment(seat, Answer(form.answer.data), at=at)
    return see("appointments.show", number=seat.case.number)


@blueprint.get("/cases/<number>/appointment/recusal")
@guard.seated("appointment:recuse")
def ask_recusal(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What stepping back means, before it is done."""
    return render_case("appointments/recusal.html", seat, current="mediator", at=at)


@blueprint.post("/cases/<number>/appointment/recusal")
@guard.seated("appointment:recuse")
def recuse(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Step back; the case no longer exists for the one who did."""
    appointments.recuse_mediator(seat, at=at)
    return see("accounts.start")


def _page(
    seat: Seat,
    *,
    at: datetime,
    choice: ChoiceForm | None = None,
    declaration: DeclarationForm | None = None,
    answer: AnswerForm | None = None,
) -> str:
    asked = panel.appointment_seen_by(seat, at=at)
    may_choose = seat.may("mediator:appoint") and (asked is None or asked.is_unanswered)
    draw = draws.draw_seen_by(seat, at=at)
    draw_runs = draw is not None and draw.state is DrawState.OPEN
    candidates = panel.candidates_for(seat, at=at) if may_choose and not draw_runs else []
    return render_case(
        "appointments/show.html",
        seat,
        current="mediator",
        at=at,
        asked=asked,
        candidates=candidates,
        may_choose=may_choose,
        may_answer=seat.may("appointment:answer") and asked is not None and asked.is_open_to(seat.side),
        objection_used=seat.side is not None and asked is not None and seat.side in asked.objected_before,
        ended=panel.ended_appointments_seen_by(seat),
        card=independence.card_seen_by(seat, asked.id) if asked is not None else None,
        draw=draw,
        draw_runs=draw_runs,
        may_draw=may_choose and asked is None,
        may_object_with_reason=seat.may("objection:make") and asked is not None,
        objections=objections.objections_seen_by(seat),
        is_withheld=handovers.is_withheld(seat),
        languages=LANGUAGES,
        payers=PAYERS,
        hindrances=HINDRANCES,
        figures=FIGURES,
        choice=choice or ChoiceForm(),
        declaration=declaration or DeclarationForm(),
        answer=answer or AnswerForm(),
        form=choice or declaration or answer,
    )
