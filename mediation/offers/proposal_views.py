"""The mediator's proposal on the page: the editor, what lies before both sides, the answer of each in private."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.i18n import N_, NP_
from mediation.offers import approvals, law_page, proposal_readings, proposals, readings
from mediation.offers.consequences import preview_of
from mediation.offers.editor_views import (
    CHECK,
    PREVIEW,
    above_cap,
    asks_for_a_piece,
    if_it_holds,
    page,
    problems,
    read,
    sentences_of,
    worked_out,
)
from mediation.offers.figures import compared, drawing_of, figures_of
from mediation.offers.forms import AnswerForm, PlanForm, TakeBackForm, first_choice
from mediation.offers.limits import outside_limits, plan_proposed
from mediation.offers.proposal_readings import ShownProposal, last_day_to_answer
from mediation.offers.tables import Plan, claim_of
from mediation.rules import plans
from mediation.rules.law import AcknowledgingAct
from mediation.rules.proposals import ProposalState
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import render, see

blueprint = Blueprint("proposals", __name__)

SENTENCES = {
    "proposal:waiting-for-answers": N_(
        "Your proposal still waits for answers, until %(ends_at)s at the latest. Take it back first if you want to "
        "put another one to both sides."
    ),
    "proposal:answered": N_("Your side has answered this proposal. An answer is given once."),
    "proposal:changed": N_("What you saw is not the proposal that lies here now. Read it again, then answer."),
    "proposal:agreed": N_("Both sides agreed to this proposal on %(closed_at)s. It has no effect until it is signed."),
    "proposal:not-agreed": N_("The time to answer this proposal ended on %(closed_at)s. It was not agreed to by both."),
    "proposal:taken-back": N_("The mediator took this proposal back on %(closed_at)s, so it is answered no more."),
    "proposal:void": N_("This proposal no longer stands since %(closed_at)s, so it is answered no more."),
}
STATES = {
    ProposalState.OPEN: NP_("state of a proposal", "Waiting for both sides"),
    ProposalState.AGREED: NP_("state of a proposal", "Both agree; no effect until signed"),
    ProposalState.NOT_AGREED: NP_("state of a proposal", "Not agreed to by both"),
    ProposalState.TAKEN_BACK: NP_("state of a proposal", "Taken back by the mediator"),
    ProposalState.VOID: NP_("state of a proposal", "No longer stands"),
}


@blueprint.get("/cases/<number>/proposals/new")
@guard.seated("proposal:make")
def new(seat: Any, *, at: datetime) -> ResponseReturnValue:
    """A form for a proposal, beginning from the newest plan that both have seen, else the bare claim."""
    form = _first_form(seat, at)
    return _form_page(seat, form, at=at, **if_it_holds(seat, form, at, until=last_day_to_answer))


def _again(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    if asks_for_a_piece(form):
        return render("offers/_worked_out.html", problems=problems(form))
    return _form_page(seat, form, at=at)


@blueprint.post("/cases/<number>/proposals/draft")
@guard.seated("proposal:make", form=PlanForm, again=_again)
def draft(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    """The proposal worked out, kept nowhere: beside its form, or on the page on which it is checked and sent."""
    if form.step.data not in (PREVIEW, CHECK):
        return _form_page(seat, form, at=at, **if_it_holds(seat, form, at, until=last_day_to_answer))
    terms, schedule = read(seat, form, at, until=last_day_to_answer)
    if asks_for_a_piece(form):
        return render("offers/_worked_out.html", **worked_out(seat, terms, schedule))
    if form.step.data == PREVIEW:
        return _form_page(seat, form, at=at, terms=terms, schedule=schedule)
    return page(
        "proposals/check.html",
        seat,
        at,
        form=form,
        until=last_day_to_answer(seat, form.reply_days.data, at=at),
        law=law_page.plan_at_law(seat, terms, schedule, AcknowledgingAct.ANSWERING_PROPOSAL, at=at),
        preview=preview_of(seat, Plan(terms, claim_of(seat), schedule), on=readings.today_of(seat, at)),
        **worked_out(seat, terms, schedule),
    )


@blueprint.post("/cases/<number>/proposals")
@guard.seated("proposal:make", form=PlanForm, again=_again)
def create(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    """Put the proposal to both sides."""
    terms, _ = read(seat, form, at, until=last_day_to_answer)
    made = proposals.make_proposal(seat, terms, reply_days=form.reply_days.data, at=at)
    return see("proposals.show", number=seat.case.number, proposal_id=made.id)


@blueprint.get("/cases/<number>/proposals/<uuid:proposal_id>")
@guard.seated("offer:read")
def show(seat: Any, *, proposal_id: UUID, at: datetime) -> ResponseReturnValue:
    """One proposal: every payment, what it means for both, and the reader's own answer in private."""
    return _show(seat, proposal_id, at=at)


def _answer_again(seat: Any, form: AnswerForm, *, proposal_id: UUID, at: datetime) -> ResponseReturnValue:
    return _show(seat, proposal_id, at=at, form=form)


@blueprint.post("/cases/<number>/proposals/<uuid:proposal_id>/answer")
@guard.seated("proposal:answer", form=AnswerForm, again=_answer_again)
def answer(seat: Any, form: AnswerForm, *, proposal_id: UUID, at: datetime) -> ResponseReturnValue:
    """Answer exactly the proposal whose hash the page carried; whatever the answer, the same page follows."""
    plan = plan_proposed(seat, proposal_id)
    if form.says_yes and outside_limits(seat, plan.terms, plan.claim, at=at):
        asked = approvals.ask_to_answer(seat, proposal_id, seen_sha256=form.sha256.data, at=at)
        return see("approvals.show", number=seat.case.number, approval_id=asked.id)
    proposals.answer_proposal(
        seat,
        proposal_id,
        says_yes=form.says_yes,
        seen_sha256=form.sha256.data,
        old_debt_confirmed=form.old_debt_confirmed.data,
        at=at,
    )
    return see("proposals.show", number=seat.case.number, proposal_id=proposal_id)


def _taken_back_again(seat: Any, form: TakeBackForm, *, proposal_id: UUID, at: datetime) -> ResponseReturnValue:
    return _show(seat, proposal_id, at=at, refused=form)


@blueprint.post("/cases/<number>/proposals/<uuid:proposal_id>/withdrawal")
@guard.seated("proposal:withdraw", form=TakeBackForm, again=_taken_back_again)
def withdraw(seat: Any, form: TakeBackForm, *, proposal_id: UUID, at: datetime) -> ResponseReturnValue:
    """Take the proposal back."""
    proposals.take_back_proposal(seat, proposal_id, at=at)
    return see("offers.index", number=seat.case.number)


def _show(
    seat: Any, proposal_id: UUID, *, at: datetime, form: AnswerForm | None = None, refused: Form | None = None
) -> str:
    shown = proposal_readings.proposal_seen_by(seat, proposal_id, at=at)
    plan = shown.plan
    beside = _beside(seat, shown, at)
    return page(
        "proposals/show.html",
        seat,
        at,
        proposal=shown,
        proposal_words=STATES,
        figures=figures_of(plan.terms, plan.schedule, plan.claim),
        beside=beside,
        rows=compared(shown, beside) if beside else (),
        above=above_cap(seat, plan.terms, plan.schedule),
        drawing=drawing_of(plan.terms, plan.schedule),
        preview=preview_of(seat, plan, on=readings.today_of(seat, shown.made_at)),
        law=law_page.plan_at_law(seat, plan.terms, plan.schedule, AcknowledgingAct.ANSWERING_PROPOSAL, at=at),
        form=form or AnswerForm(formdata=None),
        outside=outside_limits(seat, plan.terms, plan.claim, at=at),
        sentences=sentences_of(form or refused),
    )


def _beside(seat: Any, shown: ShownProposal, at: datetime) -> readings.Shown | None:
    """The reader's own side's newest plan; for the others at the table, the newest that lies there."""
    offers = [one for one in readings.offers_seen_by(seat, at=at) if one.place is not None and one.by is not None]
    own = readings.newest_of(offers, own=True)
    return own or next(iter(offers), None) if seat.side is None else own


def _form_page(
    seat: Any,
    form: PlanForm,
    *,
    at: datetime,
    terms: plans.Terms | None = None,
    schedule: plans.Schedule | None = None,
) -> str:
    bare = {"claim": claim_of(seat), "figures": None}
    found = worked_out(seat, terms, schedule) if terms and schedule else bare
    return page(
        "offers/new.html", seat, at, doors="proposals", form=form, answered=None, has_errors=bool(form.errors), **found
    )


def _first_form(seat: Any, at: datetime) -> PlanForm:
    today = readings.today_of(seat, at)
    form = PlanForm(formdata=None, first_due_on=first_choice(today))
    start = next((one for one in readings.offers_seen_by(seat, at=at) if one.place is not None), None)
    if start is not None:
        form.show(start.plan.terms, not_before=today)
    return form
