"""The table of offers on the page: what lies there, a plan of one's own, an answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mediation import lawbook
from mediation.cases.pages import render_case
from mediation.errors import Refused, Stale
from mediation.offers import actions, law_page, readings
from mediation.offers.affordable import Above, above, yardstick_of
from mediation.offers.consequences import preview_of
from mediation.offers.figures import approach_of, compared, drawing_of, figures_of
from mediation.offers.forms import AcceptForm, PlanForm, RefusalForm, TableForm, WithdrawalForm, first_choice
from mediation.offers.sentences import SENTENCES
from mediation.offers.tables import Plan, claim_of, rounding_of
from mediation.offers.words import CHANGES, FREQUENCIES, GRACES, METHODS, STATES, TONES
from mediation.rules import plans
from mediation.rules.law import AcknowledgingAct
from mediation.rules.negotiation import Side
from mediation.web import guard, refusals
from mediation.web.pages import render, see

__all__ = ["SENTENCES", "blueprint"]

blueprint = Blueprint("offers", __name__)

PREVIEW, CHECK = "preview", "check"


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
    return _form_page(seat, form, at=at, **_if_it_holds(seat, form, at))


def _again(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    if _asks_for_a_piece(form):
        return render("offers/_worked_out.html", problems=_problems(form))
    return _form_page(seat, form, at=at)


@blueprint.post("/cases/<number>/offers/draft")
@guard.seated("offer:make", form=PlanForm, again=_again)
def draft(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    """The plan worked out, kept nowhere: beside its form, or on the page on which it is checked and sent.

    A borrower's own plan above what they can afford is asked about once on the way, and never held up.
    """
    if form.step.data not in (PREVIEW, CHECK):
        return _form_page(seat, form, at=at)
    terms, schedule = _read(seat, form, at)
    if _asks_for_a_piece(form):
        return render("offers/_worked_out.html", **_worked_out(seat, terms, schedule))
    if form.step.data == PREVIEW:
        return _form_page(seat, form, at=at, terms=terms, schedule=schedule)
    too_much = _above(seat, terms, schedule)
    if too_much and seat.side is Side.BORROWER and not form.sure.data:
        return _page("offers/above.html", seat, at, form=form, terms=terms, above=too_much)
    until = readings.answer_by(seat, form.reply_days.data, at=at)
    return _page(
        "offers/check.html",
        seat,
        at,
        form=form,
        until=until,
        law=law_page.plan_at_law(seat, terms, schedule, AcknowledgingAct.PROPOSING, at=at),
        preview=preview_of(seat, Plan(terms, claim_of(seat), schedule), on=readings.today_of(seat, at)),
        **_worked_out(seat, terms, schedule),
    )


@blueprint.post("/cases/<number>/offers")
@guard.seated("offer:make", form=PlanForm, again=_again)
def create(seat: Any, form: PlanForm, *, at: datetime) -> ResponseReturnValue:
    """Put the plan forward; it is held back for ten minutes."""
    terms, _ = _read(seat, form, at)
    confirmed = form.old_debt_confirmed.data
    days = form.reply_days.data
    made = actions.make_offer(seat, terms, reply_days=days, seen=form.seen, old_debt_confirmed=confirmed, at=at)
    return see("offers.sent", number=seat.case.number, offer_id=made.id)


@blueprint.get("/cases/<number>/offers/<uuid:offer_id>/sent")
@guard.seated("offer:read")
def sent(seat: Any, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """What happens next with a plan just put forward; later, the plan as it stands."""
    shown = readings.offer_seen_by(seat, offer_id, at=at)
    return _page("offers/sent.html", seat, at, offer=shown, choices=readings.choices_of(seat, at=at))


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
    """Accept exactly the plan whose hash the page carried."""
    confirmed, sha256 = form.old_debt_confirmed.data, form.sha256.data
    actions.accept_offer(seat, offer_id, seen_sha256=sha256, seen=form.seen, old_debt_confirmed=confirmed, at=at)
    return see("offers.show", number=seat.case.number, offer_id=offer_id)


@blueprint.post("/cases/<number>/offers/<uuid:offer_id>/refusal")
@guard.seated("offer:answer", form=RefusalForm, again=_show_refusal_again)
def refuse(seat: Any, form: RefusalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """Say no to a plan."""
    actions.decline_offer(seat, offer_id, reason=form.reason.data or "", seen=form.seen, at=at)
    return see("offers.index", number=seat.case.number)


def _index_again(seat: Any, form: WithdrawalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    return _index(seat, at=at, form=form)


@blueprint.post("/cases/<number>/offers/<uuid:offer_id>/withdrawal")
@guard.seated("offer:withdraw", form=WithdrawalForm, again=_index_again)
def withdraw(seat: Any, form: WithdrawalForm, *, offer_id: UUID, at: datetime) -> ResponseReturnValue:
    """Take one's own plan back."""
    actions.withdraw_offer(seat, offer_id, seen=form.seen, at=at)
    return see("offers.index", number=seat.case.number)


def _index(seat: Any, *, at: datetime, form: TableForm | None = None) -> str:
    offers, earlier = readings.offers_seen_by(seat, at=at), readings.earlier_offers_seen_by(seat, at=at)
    told = [*offers, *earlier]
    return _page(
        "offers/index.html",
        seat,
        at,
        offers=offers,
        earlier=earlier,
        choices=readings.choices_of(seat, at=at),
        figures={each.id: figures_of(each.plan.terms, each.plan.schedule, each.plan.claim) for each in told},
        above=_above_of(seat, told),
        approach=approach_of(offers),
        sentences=_sentences(form),
        changes=_changes(seat, form, at),
    )


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
    return _page(
        "offers/show.html",
        seat,
        at,
        offer=shown,
        law=law_page.plan_at_law(seat, shown.plan.terms, shown.plan.schedule, AcknowledgingAct.ACCEPTING, at=at),
        preview=preview_of(seat, shown.plan, on=readings.today_of(seat, shown.made_at)),
        figures=figures_of(shown.plan.terms, shown.plan.schedule, shown.plan.claim),
        other=other,
        rows=compared(shown, other) if other else (),
        above=_above(seat, shown.plan.terms, shown.plan.schedule),
        drawing=drawing_of(shown.plan.terms, shown.plan.schedule),
        choices=choices,
        refusal=refusal or RefusalForm(formdata=None),
        sentences=_sentences(form),
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
    worked_out = _worked_out(seat, terms, schedule) if terms and schedule else bare
    changes = _changes(seat, form, at)
    if changes:
        form.seen_version.data = str(choices.seen)  # what changed is on this page
    return _page(
        "offers/new.html",
        seat,
        at,
        form=form,
        answered=next((one for one in offers if one.id == choices.answerable), None),
        choices=choices,
        changes=changes,
        has_errors=bool(form.errors),
        **worked_out,
    )


def _worked_out(seat: Any, terms: plans.Terms, schedule: plans.Schedule) -> dict[str, Any]:
    claim = claim_of(seat)
    return {
        "claim": claim,
        "terms": terms,
        "schedule": schedule,
        "figures": figures_of(terms, schedule, claim),
        "drawing": drawing_of(terms, schedule),
        "above": _above(seat, terms, schedule),
    }


def _page(template: str, seat: Any, at: datetime, **values: Any) -> str:
    return render_case(
        template,
        seat,
        current="offers",
        at=at,
        state_words=STATES,
        tones=TONES,
        change_words=CHANGES,
        often_words=FREQUENCIES,
        grace_words=GRACES,
        method_words=METHODS,
        **values,
    )


def _sentences(form: TableForm | None) -> list[str]:
    """What to say above a page whose form came back."""
    if form is None:
        return []
    return [refusals.sentence(no) for no in form.refused or [form.first_refusal()]]


def _changes(seat: Any, form: TableForm | None, at: datetime) -> list[readings.Change]:
    if form is None or not any(isinstance(no, Stale) for no in form.refused):
        return []
    return readings.changes_since(seat, form.seen, at=at)


def _read(seat: Any, form: PlanForm, at: datetime) -> tuple[plans.Terms, plans.Schedule]:
    claim, rounding = claim_of(seat), rounding_of(seat.case)
    terms = form.terms(claim, rounding)
    readings.answer_by(seat, form.reply_days.data, at=at)
    today, calendar = readings.today_of(seat, at), lawbook.calendar(seat.case.calendar)
    return terms, plans.check_terms(terms, claim, not_before=today, rounding=rounding, calendar=calendar)


def _if_it_holds(seat: Any, form: PlanForm, at: datetime) -> dict[str, Any]:
    """What a form that nobody has changed yet comes to; nothing where that still needs an answer."""
    try:
        terms, schedule = _read(seat, form, at)
    except Refused:
        return {}
    return {"terms": terms, "schedule": schedule}


def _above(seat: Any, terms: plans.Terms, schedule: plans.Schedule) -> Above | None:
    return above(yardstick_of(seat), terms, schedule)


def _above_of(seat: Any, told: list[readings.Shown]) -> dict[UUID, Above]:
    """The offers above what the borrower can afford, as far as this seat may know."""
    yardstick = yardstick_of(seat) if told else None
    found = {one.id: above(yardstick, one.plan.terms, one.plan.schedule) for one in told}
    return {offer_id: each for offer_id, each in found.items() if each is not None}


def _asks_for_a_piece(form: PlanForm) -> bool:
    """Whether an open page asks only what the plan comes to, while somebody types."""
    return form.step.data == PREVIEW and "HX-Request" in request.headers


def _problems(form: PlanForm) -> list[str]:
    """Why the plan cannot be worked out yet; whoever still types is not corrected at a field."""
    if form.refused:
        return [refusals.sentence(no) for no in form.refused]
    return [f"{field.label.text}: {field.errors[0]}" for field in form if field.errors]


def _first_form(seat: Any, at: datetime) -> PlanForm:
    offers = readings.offers_seen_by(seat, at=at)
    choices = readings.choices_of(seat, at=at)
    today = readings.today_of(seat, at)
    form = PlanForm(formdata=None, first_due_on=first_choice(today), seen_version=str(choices.seen))
    open_one = next((one for one in offers if one.id == choices.answerable), None)
    start = open_one or readings.newest_of(offers, own=True)
    if start is not None:
        form.show(start.plan.terms, not_before=today)
    return form
