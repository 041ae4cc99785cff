"""The mediator's desk on the page, and what the mediator assumes in a case where no plan is agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.cases.findings import SaidFinding, said
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.i18n import N_, NP_
from mediation.offers import desk
from mediation.offers.assumptions import assumed_in, set_assumptions
from mediation.offers.desk import Found, Named, Worked
from mediation.offers.desk_forms import WAIVED, AssumptionsForm, DeskForm
from mediation.offers.desk_pictures import letters_of, picture_of
from mediation.offers.figures import Drawing, Figures, drawing_of, figures_of
from mediation.offers.forms import PlanForm
from mediation.offers.law_checks import findings_on_plan
from mediation.offers.readings import today_of
from mediation.offers.words import FREQUENCIES, GRACES, METHODS
from mediation.rules.bargaining import Dropped, Name
from mediation.rules.bargaining_points import Fair
from mediation.rules.plan_kinds import COMPONENTS, Terms
from mediation.web import guard
from mediation.web.pages import locale, see

blueprint = Blueprint("desk", __name__)

SENTENCES = {
    "desk:nothing-left": N_(
        "Where nothing is left in a month, no plan is searched. Speak with the borrower about help first."
    ),
    "desk:list-too-long": N_("At most %(most)s values can be tried here."),
    "desk:principal-share-out-of-range": N_("Say which part of the principal, between 0 and 100%%."),
    "assumptions:share-out-of-range": N_("Choose between 0 and 100%%."),
    "assumptions:share-too-fine": N_("Write it with at most %(decimals)s decimals of a per cent."),
    "assumptions:months-out-of-range": N_("Choose between %(least)s and %(most)s months."),
    "assumptions:low-above-high": N_("The figure for at most is below the one for at least."),
    "assumptions:reason-missing": N_("Say why. Both sides read it beside the figures."),
    "assumptions:reason-too-long": N_("Say it in at most %(characters)s characters."),
    "assumptions:none-for-currency": N_("Nothing is assumed for a case in %(currency)s."),
}
NAMES: Mapping[Name, str] = {
    Name.SOONEST_FINISHED: NP_("plan of the desk", "Soonest finished"),
    Name.LOWEST_MONTHLY: NP_("plan of the desk", "Lowest each month"),
    Name.LOWEST_TOTAL: NP_("plan of the desk", "Lowest in all"),
}
DROPPED: Mapping[Dropped, str] = {
    Dropped.NO_PLAN: NP_("why dropped", "%(count)s cannot be divided in that way"),
    Dropped.RATE: NP_("why dropped", "%(count)s bear more interest than the ceiling"),
    Dropped.TOO_LONG: NP_("why dropped", "%(count)s end later than allowed"),
    Dropped.SAVINGS: NP_("why dropped", "%(count)s ask more at once than the stated savings"),
    Dropped.CAP: NP_("why dropped", "%(count)s ask more of a month than can be paid"),
}
FAIRS: Mapping[Fair, str] = {
    Fair.NASH: NP_("fair division", "Nash: the product of both gains is greatest"),
    Fair.KALAI_SMORODINSKY: NP_("fair division", "Kalai and Smorodinsky: each gains the same share of what it could"),
    Fair.EGALITARIAN: NP_("fair division", "Egalitarian: the side that gains less gains most"),
}
# Why no point of fair division is shown.
NOT_WEIGHED: Mapping[str, str] = {
    "bargaining:no-gain": N_("No plan here leaves both sides as well off as what is assumed without an agreement."),
    "desk:nothing-assumed": N_("Nothing is assumed without an agreement, so no gain can be measured."),
    "desk:too-many-to-weigh": N_("Too many plans are kept to weigh each of them. Try fewer values."),
}
WAIVED_PARTS: Mapping[str, str] = {
    "principal": N_("Waived from the principal"),
    "interest": N_("Waived from the interest"),
    "penalty": N_("Waived from the penalty"),
    "fees": N_("Waived from the fees"),
}


@dataclass(frozen=True)
class Card:
    """A named plan as the page shows it; `lines` are its terms to be copied."""

    letter: str
    names: tuple[str, ...]
    plan: Named
    figures: Figures
    drawing: Drawing
    findings: list[SaidFinding]
    lines: tuple[str, ...]
    form: PlanForm


@blueprint.get("/cases/<number>/desk")
@guard.seated("plan:search")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The form, and what the usual values come to where the borrower has stated what is affordable."""
    start = desk.start_of(seat, at=at)
    form = DeskForm(formdata=None)
    form.begin(start)
    asked = desk.usual_search(start)
    return _page(seat, form, desk.searched(seat, asked, at=at) if asked else None, at=at)


def _search(seat: Seat, form: DeskForm, *, at: datetime) -> Found:
    """Before the door opens for writing: a search takes its time, and nobody else should wait for it."""
    return desk.searched(seat, form.asked(), at=at)


def _again(seat: Seat, form: DeskForm, *, at: datetime) -> ResponseReturnValue:
    return _page(seat, form, None, at=at)


@blueprint.post("/cases/<number>/desk")
@guard.seated("plan:search", form=DeskForm, again=_again, before=_search)
def search(seat: Seat, form: DeskForm, *, at: datetime) -> ResponseReturnValue:
    """What the chosen values come to; kept nowhere."""
    return _page(seat, form, form.proof, at=at)


@blueprint.get("/cases/<number>/assumptions")
@guard.seated("assumptions:set")
def edit_assumptions(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The figures that hold in this case now."""
    form, assumed = AssumptionsForm(formdata=None), assumed_in(seat, today_of(seat, at))
    if assumed is None:
        raise Refused("assumptions:none-for-currency", currency=seat.case.currency)
    form.show(assumed.chosen)
    return _assumptions_page(seat, form, at=at)


def _assumptions_page(seat: Seat, form: AssumptionsForm, *, at: datetime) -> ResponseReturnValue:
    assumed = assumed_in(seat, today_of(seat, at))
    return render_case("desk/assumptions.html", seat, current="offers", at=at, form=form, assumed=assumed)


@blueprint.post("/cases/<number>/assumptions")
@guard.seated("assumptions:set", form=AssumptionsForm, again=_assumptions_page)
def update_assumptions(seat: Seat, form: AssumptionsForm, *, at: datetime) -> ResponseReturnValue:
    """Both sides read the new figures, and why."""
    set_assumptions(seat, form.chosen(), form.reason.data or "", at=at)
    return see("offers.index", number=seat.case.number)


def _page(seat: Seat, form: DeskForm, found: Found | None, *, at: datetime) -> str:
    return render_case(
        "desk/show.html",
        seat,
        current="desk",
        at=at,
        form=form,
        start=desk.start_of(seat, at=at),
        found=found,
        cards=[] if found is None else [_card(seat, plan, found, at) for plan in found.named],
        letters={} if found is None else letters_of(found.named),
        picture=None if found is None else picture_of(found),
        shortest=[] if found is None else [tuple(_lines(row.plan)) for row in found.fewest if row.plan],
        dropped_words=DROPPED,
        waived_words=WAIVED,
        fair_words=FAIRS,
        not_weighed_words=NOT_WEIGHED,
        often_words=FREQUENCIES,
        grace_words=GRACES,
        method_words=METHODS,
    )


def _card(seat: Seat, plan: Named, found: Found, at: datetime) -> Card:
    words = i18n.translations(locale())
    return Card(
        letter=letters_of(found.named)[plan.candidate.place],
        names=tuple(words.pgettext("plan of the desk", NAMES[name]) for name in plan.names),
        plan=plan,
        figures=figures_of(plan.terms, plan.schedule, found.start.claim),
        drawing=drawing_of(plan.terms, plan.schedule),
        findings=said(findings_on_plan(seat, plan.terms, plan.schedule, at=at), locale()),
        lines=tuple(_lines(plan)),
        form=_as_form(plan, found),
    )


def _as_form(plan: Worked, found: Found) -> PlanForm:
    """The plan as the editor of a proposal would show it."""
    form = PlanForm(formdata=None)
    form.show(plan.terms, not_before=found.start.on)
    return form


def _lines(plan: Worked) -> list[str]:
    """The terms as a message could say them, one to a line."""
    words, terms, rows = i18n.translations(locale()), plan.terms, plan.schedule.instalments
    facts: dict[str, Any] = {
        "n": terms.instalments,
        "each": _money(rows[-2].amount if terms.instalments > 1 else rows[-1].amount, terms),
        "last": _money(rows[-1].amount, terms),
        "first_on": i18n.day(terms.first_due_on, locale()),
        "last_on": i18n.day(rows[-1].due_on, locale()),
        "agreed": _money(terms.agreed_total, terms),
        "total": _money(plan.schedule.total, terms),
        "rate": i18n.percent(terms.yearly_rate, locale()),
        "grace": words.pgettext("grace", GRACES[terms.grace]),
        "periods": terms.grace_periods,
    }
    found = [words.gettext("Amount agreed in all: %(agreed)s") % facts]
    found += [
        f"{words.gettext(WAIVED_PARTS[name])}: {_money(getattr(terms.waivers, name), terms)}"
        for name in COMPONENTS
        if getattr(terms.waivers, name)
    ]
    if terms.down_payment_on is not None:
        down = {"amount": _money(terms.down_payment, terms), "day": i18n.day(terms.down_payment_on, locale())}
        found.append(words.gettext("At once: %(amount)s on %(day)s") % down)
    found.append(
        words.gettext("Every month: %(n)s payments of %(each)s from %(first_on)s; the last, %(last)s, on %(last_on)s")
        % facts
    )
    if terms.grace_periods:
        found.append(words.gettext("A gentler start: %(grace)s, %(periods)s instalments") % facts)
    found.append(words.gettext("Interest during the plan: %(rate)s a year") % facts)
    return [*found, words.gettext("To pay in all: %(total)s") % facts]


def _money(minor: int, terms: Terms) -> str:
    return i18n.money(minor, terms.currency, locale())
