"""What waits for a second officer of the lender: the list, one page for each, and what the officers may do there."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length

from mediation.accounts.desks import Desk
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.i18n import N_, NP_
from mediation.offers import approval_readings, approvals
from mediation.offers.approval_models import ApprovalKind, ApprovalState
from mediation.offers.approvals import LONGEST_REASON
from mediation.offers.figures import figures_of
from mediation.offers.limit_words import LIMITS
from mediation.offers.words import FREQUENCIES, GRACES, METHODS
from mediation.web import guard, refusals
from mediation.web.forms import Form
from mediation.web.pages import render, see

blueprint = Blueprint("approvals", __name__)

SENTENCES = {
    "offer:needs-approval": N_(
        "This lies outside the limits of your side, so a second officer has to approve it before it is said."
    ),
    "approval:take-back-first": N_(
        "Something of your side's waits for a second officer. Take it back or decide on it first."
    ),
    "approval:not-needed": N_("This lies inside the limits of your side, so nobody has to approve it."),
    "approval:decided": N_("This was decided on %(decided_at)s."),
    "approval:own": N_("Whoever asks never approves or returns it. A second officer does."),
    "approval:not-yours": N_("Only the officer who asked can take it back. You can return it instead."),
    "approval:no-authority": N_(
        "Your authority does not cover this. The institution puts such an authority of an officer on file."
    ),
    "approval:reason-missing": N_("Say why, so that the officer who asked knows what to change."),
    "approval:officer-left": N_(
        "The officer who asked works here no more, so nothing is said in their name. Return it, and ask anew."
    ),
}
KINDS = {
    ApprovalKind.OFFER: NP_("waits for approval", "A plan of your side"),
    ApprovalKind.ACCEPTANCE: NP_("waits for approval", "A yes to the borrower's plan"),
    ApprovalKind.ANSWER: NP_("waits for approval", "A yes to the mediator's proposal"),
}
STATES = {
    ApprovalState.WAITING: NP_("state of an approval", "Waits for a second officer"),
    ApprovalState.APPROVED: NP_("state of an approval", "Approved"),
    ApprovalState.RETURNED: NP_("state of an approval", "Returned"),
    ApprovalState.TAKEN_BACK: NP_("state of an approval", "Taken back"),
}


class ApproveForm(Form):
    """A second officer's yes."""


class ReturnForm(Form):
    """A second officer's no, and why."""

    reason = TextAreaField(N_("Why"), validators=[Length(max=LONGEST_REASON)])


class TakeBackForm(Form):
    """Taking back what one asked for."""


@blueprint.get("/desk/approvals")
@guard.at_desk("approval:list")
def index(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """Everything of this lender's that waits for a second officer."""
    return render("approvals/index.html", lines=approval_readings.approvals_listed_at(desk))


@blueprint.get("/cases/<number>/approvals/<uuid:approval_id>")
@guard.seated("approval:read")
def show(seat: Seat, *, approval_id: UUID, at: datetime) -> ResponseReturnValue:
    """One thing that was asked for, beside the limits that it does not keep."""
    return _page(seat, approval_id, at=at)


def _again(seat: Seat, form: Form, *, approval_id: UUID, at: datetime) -> ResponseReturnValue:
    return _page(seat, approval_id, form, at=at)


@blueprint.post("/cases/<number>/approvals/<uuid:approval_id>/approval")
@guard.seated("approval:decide", form=ApproveForm, again=_again)
def approve(seat: Seat, form: ApproveForm, *, approval_id: UUID, at: datetime) -> ResponseReturnValue:
    """It is said now."""
    approvals.approve(seat, approval_id, at=at)
    return see("approvals.show", number=seat.case.number, approval_id=approval_id)


@blueprint.post("/cases/<number>/approvals/<uuid:approval_id>/return")
@guard.seated("approval:decide", form=ReturnForm, again=_again)
def send_back(seat: Seat, form: ReturnForm, *, approval_id: UUID, at: datetime) -> ResponseReturnValue:
    """It is not said, and the officer who asked reads why."""
    approvals.return_to_officer(seat, approval_id, reason=form.reason.data or "", at=at)
    return see("approvals.show", number=seat.case.number, approval_id=approval_id)


@blueprint.post("/cases/<number>/approvals/<uuid:approval_id>/withdrawal")
@guard.seated("approval:decide", form=TakeBackForm, again=_again)
def take_back(seat: Seat, form: TakeBackForm, *, approval_id: UUID, at: datetime) -> ResponseReturnValue:
    """It no longer waits."""
    approvals.take_back(seat, approval_id, at=at)
    return see("approvals.show", number=seat.case.number, approval_id=approval_id)


def _page(seat: Seat, approval_id: UUID, form: Form | None = None, *, at: datetime) -> str:
    shown = approval_readings.approval_seen_by(seat, approval_id, at=at)
    plan = shown.plan
    return render_case(
        "approvals/show.html",
        seat,
        current="offers",
        at=at,
        approval=shown,
        figures=figures_of(plan.terms, plan.schedule, plan.claim),
        form=form if isinstance(form, ReturnForm) else ReturnForm(formdata=None),
        sentences=[refusals.sentence(no) for no in form.refused] if form else [],
        limit_words=LIMITS,
        kind_words=KINDS,
        state_words=STATES,
        often_words=FREQUENCIES,
        grace_words=GRACES,
        method_words=METHODS,
    )
