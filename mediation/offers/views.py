"""The table of offers on the page: what lies there, a plan of one's own, an answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mediation.disclosures.ledger_standing import ledger_seen_by
from mediation.errors import Stale
from mediation.offers import actions, approvals, law_page, proposal_readings, readings, talks
from mediation.offers.affordable import Above, above, yardstick_of
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
from mediation.offers.figures import Figures, approach_of, compared, drawing_of, figures_of
from mediation.offers.forms import AcceptForm, PlanForm, RefusalForm, TableForm, WithdrawalForm, first_choice
from mediation.offers.limits import outside_limits, plan_offered
from mediation.offers.members import yes_so_far
from mediation.offers.proposal_readings import ShownProposal
from mediation.offers.proposal_views import STATES as PROPOSAL_STATES
from mediation.offers.sentences import SENTENCES
from mediation.offers.tables import Plan, claim_of
from mediation.rules import plans
from mediation.rules.law import AcknowledgingAct
from mediation.rules.negotiation import Side
from mediation.web import guard
from mediation.web.pages import render, see

__all__ = ["SENTENCES", "blueprint", "panel"]

blueprint = Blueprint("offers", __name__)

# What a plan may begin from besides the last one: an earlier plan, or the part of the claim that nobody disputes.
COPY, PART, UNDISPUTED = "copy", "part", "undisputed"


@blueprint.get("/cases/<number>/offers")
@guard.seated("offer:read")
def index(seat: Any, *, at: datetime) -> ResponseReturnValue:
    """The offers that this seat may read, the newest first."""
    return _index(seat, at=at)


@blueprint.get("/cases/<number>/offers/new")
@guard.seated("offer:make")
def new(seat: Any, *, at: datetime) -> ResponseReturnValue:
    """A form for a plan: the other side's open plan to change, else one's own last, else the bare claim."""
    form = _first_form(seat, at)
    return _form_page(seat, form, at=at, **if_it_holds(seat, form, at))


def _again(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    if asks_for_a_piece(form):
        return render("offers/_worked_out.html", problems=problems(form))
    return _form_page(seat, form, at=at)


@blueprint.post("/cases/<number>/offers/draft")
@guard.seated("offer:make", form=PlanForm, again=_again)
def draft(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    """The plan worked out, kept nowhere: beside its form, or on the page on which it is checked and sent.

    A borrower's own plan above what they can afford is asked about once on the way, and never held up.
    """
    if form.step.data not in (PREVIEW, CHECK):
        return _form_page(seat, form, at=at)
    terms, schedule = read(seat, form, at)
    if asks_for_a_piece(form):
        return render("offers/_worked_out.html", **worked_out(seat, terms, schedule))
    if form.step.data == PREVIEW:
        return _form_page(seat, form, at=at, terms=terms, schedule=schedule)
    too_much = above_cap(seat, terms, schedule)
    if too_much and seat.side is Side.BORROWER and not form.sure.data:
        return page("offers/above.html", seat, at, form=form, terms=terms, above=too_much)
    until = readings.answer_by(seat, form.reply_days.data, at=at)
    return page(
        "offers/check.html",
        seat,
        at,
        form=form,
        until=until,
        law=law_page.plan_at_law(seat, terms, schedule, AcknowledgingAct.PROPOSING, at=at),
        preview=preview_of(seat, Plan(terms, claim_of(seat), schedule), on=readings.today_of(seat, at)),
        outside=outside_limits(seat, terms, claim_of(seat), at=at),
        **worked_out(seat, terms, schedule),
    )


@blueprint.post("/cases/<number>/offers")
@guard.seated("offer:make", form=PlanForm, again=_again)
def create(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    """Put the plan forward; it is held back for ten minutes. Outside the lender's limits it waits inside its house."""
    terms, _ = read(seat, form, at)
    confirmed = form.old_debt_confirmed.data
    days = form.reply_days.data
    final = form.is_final.data
    if outside_limits(seat, terms, claim_of(seat), at=at):
        asked = approvals.ask_to_offer(seat, terms, reply_days=days, seen=form.seen, is_final=final, at=at)
        return see("approvals.show", number=seat.case.number, approval_id=asked.id)
    made = actions.make_offer(
        seat, terms, reply_days=days, seen=form.seen, old_debt_confirmed=confirmed, is_final=final, at=at
    )
    return see("offers.sent", number=seat.case.number, offer_id=made.id)


@blueprint.get("/cases/<number>/offers/<uuid:offer_id>/sent")
@guard.seated("offer:read")
def sent(seat: Any, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """What happens next with a plan just put forward; later, the plan as it stands."""
    shown = readings.offer_seen_by(seat, offer_id, at=at)
    return page("offers/sent.html", seat, at, offer=shown, choices=readings.choices_of(seat, at=at))


@blueprint.get("/cases/<number>/offers/<uuid:offer_id>")
@guard.seated("offer:read")
def show(seat: Any, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """One plan: how it differs, every payment, what each answer means."""
    return _show(seat, offer_id, at=at)


def _show_accept_again(seat: Any, form: AcceptForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    return _show(seat, offer_id, at=at, form=form)


def _show_refusal_again(seat: Any, form: RefusalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    return _show(seat, offer_id, at=at, form=form, refusal=form)


@blueprint.post("/cases/<number>/offers/<uuid:offer_id>/acceptance")
@guard.seated("offer:answer", form=AcceptForm, again=_show_accept_again)
def accept(seat: Any, form: AcceptForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """Accept exactly the plan whose hash the page carried; outside the lender's limits the yes waits in its house."""
    confirmed, sha256 = form.old_debt_confirmed.data, form.sha256.data
    plan = plan_offered(seat, offer_id)
    if outside_limits(seat, plan.terms, plan.claim, at=at):
        asked = approvals.ask_to_accept(seat, offer_id, seen_sha256=sha256, seen=form.seen, at=at)
        return see("approvals.show", number=seat.case.number, approval_id=asked.id)
    actions.accept_offer(seat, offer_id, seen_sha256=sha256, seen=form.seen, old_debt_confirmed=confirmed, at=at)
    return see("offers.show", number=seat.case.number, offer_id=offer_id)


@blueprint.post("/cases/<number>/offers/<uuid:offer_id>/refusal")
@guard.seated("offer:answer", form=RefusalForm, again=_show_refusal_again)
def refuse(seat: Any, form: RefusalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """Say no to a plan."""
    reason, released = form.reason.data or "", form.is_released.data
    actions.decline_offer(seat, offer_id, reason=reason, is_released=released, seen=form.seen, at=at)
    return see("offers.index", number=seat.case.number)


def _index_again(seat: Any, form: WithdrawalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    return _index(seat, at=at, form=form)


@blueprint.post("/cases/<number>/offers/<uuid:offer_id>/withdrawal")
@guard.seated("offer:withdraw", form=WithdrawalForm, again=_index_again)
def withdraw(seat: Any, form: WithdrawalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """Take one's own plan back."""
    actions.withdraw_offer(seat, offer_id, seen=form.seen, at=at)
    return see("offers.index", number=seat.case.number)


def panel(seat: Any, *, at: datetime) -> dict[str, Any]:
    """What the case's own page shows of the talks, to whoever reads the plans."""
    return {"talks": talks.talks_of(readings.offers_seen_by(seat, at=at)) if seat.may("offer:read") else None}


def _index(seat: Any, *, at: datetime, form: TableForm | None = None) -> str:
    offers, earlier = readings.offers_seen_by(seat, at=at), readings.earlier_offers_seen_by(seat, at=at)
    told, proposed = [*offers, *earlier], proposal_readings.proposals_seen_by(seat, at=at)
    return page(
        "offers/index.html",
        seat,
        at,
        offers=offers,
        earlier=earlier,
        choices=readings.choices_of(seat, at=at),
        figures=_figures(told),
        above=_above_of(seat, told),
        approach=approach_of(offers),
        talks=talks.talks_of(offers),
        disputed=seat.may("offer:make") and ledger_seen_by(seat).disputed.total,
        proposals=proposed,
        proposal_words=PROPOSAL_STATES,
        proposal_figures=_figures(proposed),
        sentences=sentences_of(form),
        changes=_changes(seat, form, at),
    )


def _figures(told: Sequence[readings.Shown | ShownProposal]) -> dict[UUID, Figures]:
    return {each.id: figures_of(each.plan.terms, each.plan.schedule, each.plan.claim) for each in told}


def _show(
    seat: Any,
    offer_id: UUID,
    *,
    at: datetime,
    form: TableForm | None = None,
    refusal: RefusalForm | None = None,
) -> str:
    shown = readings.offer_seen_by(seat, offer_id, at=at)
    offers = readings.offers_seen_by(seat, at=at)
    other = next((one for one in offers if one.by is not shown.by and one.place is not None), None)
    choices = readings.choices_of(seat, at=at)
    return page(
        "offers/show.html",
        seat,
        at,
        offer=shown,
        law=law_page.plan_at_law(seat, shown.plan.terms, shown.plan.schedule, AcknowledgingAct.ACCEPTING, at=at),
        preview=preview_of(seat, shown.plan, on=readings.today_of(seat, shown.made_at)),
        figures=figures_of(shown.plan.terms, shown.plan.schedule, shown.plan.claim),
        yes=yes_so_far(seat, offer_id),
        other=other,
        rows=compared(shown, other) if other else (),
        above=above_cap(seat, shown.plan.terms, shown.plan.schedule),
        drawing=drawing_of(shown.plan.terms, shown.plan.schedule),
        choices=choices,
        refusal=refusal or RefusalForm(formdata=None),
        outside=outside_limits(seat, shown.plan.terms, shown.plan.claim, at=at),
        sentences=sentences_of(form),
        changes=_changes(seat, form, at),
    )


def _form_page(
    seat: Any,
    form: PlanForm,
    *,
    at: datetime,
    terms: plans.Terms | None = None,
    schedule: plans.Schedule | None = None,
) -> str:
    offers = readings.offers_seen_by(seat, at=at)
    choices = readings.choices_of(seat, at=at)
    bare = {"claim": claim_of(seat), "figures": None}
    found = worked_out(seat, terms, schedule) if terms and schedule else bare
    changes = _changes(seat, form, at)
    if changes:
        form.seen_version.data = str(choices.seen)  # what changed is on this page
    return page(
        "offers/new.html",
        seat,
        at,
        form=form,
        answered=next((one for one in offers if one.id == choices.answerable), None),
        choices=choices,
        changes=changes,
        has_errors=bool(form.errors),
        **found,
    )


def _changes(seat: Any, form: TableForm | None, at: datetime) -> list[readings.Change]:
    if form is None or not any(isinstance(no, Stale) for no in form.refused):
        return []
    return readings.changes_since(seat, form.seen, at=at)


def _above_of(seat: Any, told: list[readings.Shown]) -> dict[UUID, Above]:
    """The offers above what the borrower can afford, as far as this seat may know."""
    yardstick = yardstick_of(seat) if told else None
    found = {one.id: above(yardstick, one.plan.terms, one.plan.schedule) for one in told}
    return {offer_id: each for offer_id, each in found.items() if each is not None}


def _first_form(seat: Any, at: datetime) -> PlanForm:
    offers = readings.offers_seen_by(seat, at=at)
    choices = readings.choices_of(seat, at=at)
    today = readings.today_of(seat, at)
    form = PlanForm(formdata=None, first_due_on=first_choice(today), seen_version=str(choices.seen))
    told = [*offers, *readings.earlier_offers_seen_by(seat, at=at)]
    copied = next((one for one in told if str(one.id) == request.args.get(COPY)), None)
    open_one = next((one for one in offers if one.id == choices.answerable), None)
    start = copied or open_one or readings.newest_of(offers, own=True)
    if start is not None:
        form.show(start.plan.terms, not_before=today)
    if request.args.get(PART) == UNDISPUTED:
        form.leave_open(ledger_seen_by(seat).disputed, claim_of(seat))
    return form
