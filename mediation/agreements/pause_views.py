"""The ways aside of a case: a pause and its end, a suspension and its end, each on a page that says what it means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired

from mediation import i18n
from mediation.agreements import pausing, suspending
from mediation.cases import pauses
from mediation.cases.pages import render_case
from mediation.cases.pause_models import PauseReason, SuspensionReason
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.rules.deadlines import PERIODS, Term
from mediation.rules.negotiation import Side
from mediation.web import guard, pages
from mediation.web.forms import Form
from mediation.web.pages import see

blueprint = Blueprint("pauses", __name__)

SENTENCES: dict[str, str] = {
    "pause:none": N_("Mediation is not paused."),
    "pause:awaiting-seal": N_("Everybody has signed, and only the seal is missing. It is set within minutes."),
    "suspension:none": N_("Mediation is not suspended."),
    "suspension:assigned-by-lender": N_("Only the lender can assign the claim. Choose the lender's side."),
}
MOST_DAYS = PERIODS[Term.PAUSE].most
REASONS: Mapping[PauseReason, str] = {
    PauseReason.PAPERS: N_("Time to gather papers"),
    PauseReason.ADVICE: N_("Time to take advice"),
    PauseReason.AWAY: N_("Away, or not able to take part just now"),
    PauseReason.OTHER_MATTER: N_("Another matter is to be settled first"),
    PauseReason.NOT_SAID: N_("No reason is given"),
}
SUSPENDED_FOR: Mapping[SuspensionReason, str] = {
    SuspensionReason.PARTY_DIED: N_("Somebody has died"),
    SuspensionReason.CAPACITY: N_("It is doubtful whether somebody can be bound"),
    SuspensionReason.CLAIM_ASSIGNED: N_("The claim has been assigned to somebody else"),
}


class PauseForm(Form):
    """For how many days, and why in neutral words."""

    days = IntegerField(N_("For how many days"), default=14)
    reason = RadioField(
        N_("Why"),
        choices=[(reason.value, words) for reason, words in REASONS.items()],
        default=PauseReason.NOT_SAID.value,
        validators=[InputRequired()],
    )

    @property
    def count(self) -> int:
        """The days; refused at the field where they are out of bounds."""
        days = self.days.data
        if days is None or not 1 <= days <= MOST_DAYS:
            raise Refused("period:out-of-bounds", field="days", least=1, most=MOST_DAYS)
        return int(days)


class SuspensionForm(Form):
    """Which question, and about which side."""

    reason = RadioField(
        N_("Which question must be settled?"),
        choices=[(reason.value, words) for reason, words in SUSPENDED_FOR.items()],
        validators=[InputRequired()],
    )
    side = RadioField(
        N_("About which side?"),
        choices=[("borrower", N_("The borrower")), ("lender", N_("The lender"))],
        validators=[InputRequired()],
    )


class GoingOnForm(Form):
    """A deed that needs no more than the press of its button."""


@blueprint.get("/cases/<number>/pause")
@guard.seated("case:pause")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What a pause stops, and for how long."""
    return _new(seat, PauseForm(formdata=None), at=at)


def _new(seat: Seat, form: PauseForm, *, at: datetime) -> ResponseReturnValue:
    return _page("pauses/new.html", seat, form, at, most=MOST_DAYS)


@blueprint.post("/cases/<number>/pause")
@guard.seated("case:pause", form=PauseForm, again=_new)
def create(seat: Seat, form: PauseForm, *, at: datetime) -> ResponseReturnValue:
    """Mediation rests."""
    pausing.pause_case(seat, PauseReason(form.reason.data), form.count, at=at)
    _say(N_("Mediation is paused. The other side and the mediator are told the same."))
    return see("cases.show", number=seat.case.number)


def _resumption(seat: Seat, form: GoingOnForm, *, at: datetime) -> ResponseReturnValue:
    return _page("pauses/resumption.html", seat, form, at, pause=pauses.pause_seen_by(seat))


@blueprint.get("/cases/<number>/resumption")
@guard.seated("case:resume")
def resumption(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What going on means."""
    return _resumption(seat, GoingOnForm(formdata=None), at=at)


@blueprint.post("/cases/<number>/resumption")
@guard.seated("case:resume", form=GoingOnForm, again=_resumption)
def resume(seat: Seat, form: GoingOnForm, *, at: datetime) -> ResponseReturnValue:
    """Mediation goes on."""
    pausing.resume_case(seat, at=at)
    return see("cases.show", number=seat.case.number)


@blueprint.get("/cases/<number>/suspension")
@guard.seated("case:suspend")
def suspension(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What a suspension does, and for which question."""
    return _suspension(seat, SuspensionForm(formdata=None), at=at)


def _suspension(seat: Seat, form: SuspensionForm, *, at: datetime) -> ResponseReturnValue:
    return _page("pauses/suspension.html", seat, form, at)


@blueprint.post("/cases/<number>/suspension")
@guard.seated("case:suspend", form=SuspensionForm, again=_suspension)
def suspend(seat: Seat, form: SuspensionForm, *, at: datetime) -> ResponseReturnValue:
    """Mediation is suspended."""
    suspending.suspend_case(seat, SuspensionReason(form.reason.data), Side(form.side.data), at=at)
    return see("cases.show", number=seat.case.number)


def _reinstatement(seat: Seat, form: GoingOnForm, *, at: datetime) -> ResponseReturnValue:
    return _page("pauses/reinstatement.html", seat, form, at, suspension=pauses.suspension_seen_by(seat))


@blueprint.get("/cases/<number>/reinstatement")
@guard.seated("case:reinstate")
def reinstatement(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What letting mediation go on means."""
    return _reinstatement(seat, GoingOnForm(formdata=None), at=at)


@blueprint.post("/cases/<number>/reinstatement")
@guard.seated("case:reinstate", form=GoingOnForm, again=_reinstatement)
def reinstate(seat: Seat, form: GoingOnForm, *, at: datetime) -> ResponseReturnValue:
    """The question is settled, and mediation goes on."""
    suspending.reinstate_case(seat, at=at)
    return see("cases.show", number=seat.case.number)


def _page(template: str, seat: Seat, form: Form, at: datetime, **values: Any) -> str:
    return render_case(template, seat, current="overview", at=at, form=form, **values)


def _say(sentence: str) -> None:
    flash(i18n.translations(pages.locale()).gettext(sentence), "done")
