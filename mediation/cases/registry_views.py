"""The registrar's desk: the cases that wait, one case checked, accepted or not."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mediation.accounts.desks import Desk
from mediation.cases import actions, selections
from mediation.cases.forms import ConfirmationForm, RejectionForm
from mediation.cases.pages import render_case, stage_words
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import is_uuid, render, see

blueprint = Blueprint("registry", __name__)

SENTENCES = {"rejection:reason-missing": N_("Say why, so that the lender can mend it.")}


def _check_again(seat: Seat, form: Form | None = None, *, at: datetime) -> ResponseReturnValue:
    return render_case(
        "cases/check.html",
        seat,
        current="overview",
        at=at,
        form=form if isinstance(form, RejectionForm) else RejectionForm(formdata=None),
        refused=form,
        claim=selections.claim_seen_by(seat),
        undertaking=selections.undertaking_seen_by(seat),
        loan=selections.loan_of(seat),
        twins=selections.twins_of(seat),
        stage_words=lambda stage: stage_words(stage, seat.role),
    )


@blueprint.get("/registry")
@guard.at_desk("registry:read")
def index(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The cases that wait to be accepted, the longest waiting first, and those decided last."""
    asked = request.args.get("after", "")
    after = UUID(asked) if is_uuid(asked) else None
    waiting = selections.submitted_cases(desk, after=after)
    return render(
        "cases/registry.html",
        waiting=waiting,
        decided=[] if after else selections.decided_cases(desk),
        count=selections.count_submitted(desk),
        next_after=waiting[-1].id if len(waiting) == selections.PAGE else None,
        stage_words=lambda stage: stage_words(stage, desk.role),
    )


@blueprint.get("/cases/<number>/registration")
@guard.seated("case:register")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """One submitted case with everything that speaks for or against accepting it."""
    return _check_again(seat, at=at)


@blueprint.post("/cases/<number>/acceptance")
@guard.seated("case:register", form=ConfirmationForm, again=_check_again)
def accept(seat: Seat, form: ConfirmationForm, *, at: datetime) -> ResponseReturnValue:
    """Accept the case and invite the borrower."""
    actions.accept_case(seat, at=at)
    return see("cases.show", number=seat.case.number)


@blueprint.post("/cases/<number>/rejection")
@guard.seated("case:register", form=RejectionForm, again=_check_again)
def reject(seat: Seat, form: RejectionForm, *, at: datetime) -> ResponseReturnValue:
    """Say why the case is not taken."""
    actions.reject_case(seat, form.reason.data, at=at)
    return see("cases.show", number=seat.case.number)
