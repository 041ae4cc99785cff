"""What every editor of a plan needs: the plan read and worked out, its page, and why it does not hold yet."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import request

from mediation import lawbook
from mediation.cases.pages import render_case
from mediation.errors import Refused
from mediation.offers import approval_readings, readings
from mediation.offers.affordable import Above, above, yardstick_of
from mediation.offers.figures import drawing_of, figures_of
from mediation.offers.forms import PlanForm
from mediation.offers.limit_words import LIMITS
from mediation.offers.tables import claim_of, rounding_of
from mediation.offers.words import CHANGES, FREQUENCIES, GRACES, METHODS, STATES, TONES
from mediation.rules import plans
from mediation.web import refusals
from mediation.web.forms import Form

PREVIEW, CHECK = "preview", "check"
Until = Callable[..., date]


def page(template: str, seat: Any, at: datetime, **values: Any) -> str:
    """A page of this case about plans, with the words for them."""
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
        limit_words=LIMITS,
        waiting=approval_readings.waiting_seen_by(seat),
        **values,
    )


def read(
    seat: Any, form: PlanForm, at: datetime, *, until: Until = readings.answer_by
) -> tuple[plans.Terms, plans.Schedule]:
    """The terms that the form means, with every payment; refused at the field that does not hold."""
    claim, rounding = claim_of(seat), rounding_of(seat.case)
    terms = form.terms(claim, rounding)
    until(seat, form.reply_days.data, at=at)
    today, calendar = readings.today_of(seat, at), lawbook.calendar(seat.case.calendar)
    return terms, plans.check_terms(terms, claim, not_before=today, rounding=rounding, calendar=calendar)


def if_it_holds(seat: Any, form: PlanForm, at: datetime, *, until: Until = readings.answer_by) -> dict[str, Any]:
    """What a form that nobody has changed yet comes to; nothing where that still needs an answer."""
    try:
        terms, schedule = read(seat, form, at, until=until)
    except Refused:
        return {}
    return {"terms": terms, "schedule": schedule}


def worked_out(seat: Any, terms: plans.Terms, schedule: plans.Schedule) -> dict[str, Any]:
    """What the page says of a plan that holds."""
    claim = claim_of(seat)
    return {
        "claim": claim,
        "terms": terms,
        "schedule": schedule,
        "figures": figures_of(terms, schedule, claim),
        "drawing": drawing_of(terms, schedule),
        "above": above_cap(seat, terms, schedule),
    }


def above_cap(seat: Any, terms: plans.Terms, schedule: plans.Schedule) -> Above | None:
    """How far the plan lies above what the borrower can afford, as far as this seat may know."""
    return above(yardstick_of(seat), terms, schedule)


def asks_for_a_piece(form: PlanForm) -> bool:
    """Whether an open page asks only what the plan comes to, while somebody types."""
    return form.step.data == PREVIEW and "HX-Request" in request.headers


def problems(form: PlanForm) -> list[str]:
    """Why the plan cannot be worked out yet; whoever still types is not corrected at a field."""
    if form.refused:
        return [refusals.sentence(no) for no in form.refused]
    return [f"{field.label.text}: {field.errors[0]}" for field in form if field.errors]


def sentences_of(form: Form | None) -> list[str]:
    """What to say above a page whose form came back."""
    if form is None:
        return []
    return [refusals.sentence(no) for no in form.refused or [form.first_refusal()]]
