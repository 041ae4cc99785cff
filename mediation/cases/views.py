"""A case at a glance for each seat, and the two serious steps beside the line: withdrawing, doubtful capacity."""

from datetime import datetime

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.cases import actions, capacity, identities, pauses, reaching, selections, versions
from mediation.cases.forms import CapacityForm, ConfirmationForm
from mediation.cases.pages import deadline_words, panels_of, render_case
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.rules.negotiation import Side
from mediation.web import guard, pages
from mediation.web.pages import see

blueprint = Blueprint("cases", __name__)

SENTENCES = {
    "capacity:in-question": N_("The institution must settle a question first. Until then no plan can be put forward."),
    "capacity:already-reported": N_("The registrar has been told already."),
    "capacity:not-reported": N_("There is no open report."),
}


def _withdrawal_again(seat: Seat, form: ConfirmationForm, *, at: datetime) -> ResponseReturnValue:
    return render_case("cases/withdrawal.html", seat, current="overview", at=at, form=form)


def _report_again(seat: Seat, form: CapacityForm, *, at: datetime) -> ResponseReturnValue:
    report = capacity.open_report(seat)
    return render_case("cases/capacity.html", seat, current="overview", at=at, form=form, report=report)


@blueprint.get("/cases/<number>")
@guard.seated("case:read")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The case at a glance: where it stands, what is claimed, what is paused, who is there."""
    return render_case(
        "cases/show.html",
        seat,
        current="overview",
        at=at,
        claim=selections.claim_seen_by(seat),
        versions=versions.versions_seen_by(seat),
        pause=pauses.pause_seen_by(seat),
        suspension=pauses.suspension_seen_by(seat),
        undertaking=selections.undertaking_seen_by(seat),
        rejection=selections.rejection_seen_by(seat),
        people=selections.people_seen_by(seat),
        other_names=identities.other_names_seen_by(seat),
        ways=reaching.ways_seen_by(seat),
        report=capacity.open_report(seat),
        deadline_for=deadline_words(seat.case.deadline_kind),
        **panels_of(seat, at),
    )


@blueprint.get("/cases/<number>/withdrawal")
@guard.seated("case:withdraw")
def withdrawal(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What withdrawing means, on one page; no reason is asked."""
    return _withdrawal_again(seat, ConfirmationForm(), at=at)


@blueprint.post("/cases/<number>/withdrawal")
@guard.seated("case:withdraw", form=ConfirmationForm, again=_withdrawal_again)
def withdraw(seat: Seat, form: ConfirmationForm, *, at: datetime) -> ResponseReturnValue:
    """End mediation before an agreement takes effect."""
    actions.withdraw_case(seat, at=at)
    _say(N_("Mediation has ended. The other side is told only that it was withdrawn."))
    return see("cases.show", number=seat.case.number)


@blueprint.get("/cases/<number>/capacity")
@guard.seated("capacity:report")
def show_capacity(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What a report of doubtful capacity does, and the open one if there is one."""
    return _report_again(seat, CapacityForm(), at=at)


@blueprint.post("/cases/<number>/capacity")
@guard.seated("capacity:report", form=CapacityForm, again=_report_again)
def report_capacity(seat: Seat, form: CapacityForm, *, at: datetime) -> ResponseReturnValue:
    """Hand the question to the registrar."""
    capacity.report_capacity(seat, Side(form.side.data), at=at)
    return see("cases.show", number=seat.case.number)


@blueprint.post("/cases/<number>/capacity/clearance")
@guard.seated("capacity:clear")
def clear_capacity(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The question is settled."""
    capacity.clear_capacity(seat, at=at)
    return see("cases.show", number=seat.case.number)


def _say(sentence: str) -> None:
    flash(i18n.translations(pages.locale()).gettext(sentence), "done")
