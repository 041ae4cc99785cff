"""The borrower's home of a case, or the list of cases where there are several."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.cases import pages as case_pages
from mediation.cases.home import Home, home_of, seats_at_home
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.rules.lifecycle import Stage
from mediation.web import guard, pages
from mediation.web.pages import render, see

blueprint = Blueprint("home", __name__)

SENTENCES: dict[str, str] = {}

LEADS = (
    ("cases.show", N_("The case and its figures")),
    ("contracts.show", N_("What the loan costs, and what the law says")),
    ("disclosures.index", N_("My situation and what I can afford")),
    ("offers.index", N_("Plans")),
    ("agreements.show", N_("The settlement agreement")),
    ("messages.index", N_("Messages, also in private with the mediator")),
    ("conduct.index", N_("Asked for payment though that is to rest")),
    ("identities.edit", N_("Who I am, before signing")),
    ("advisers.index", N_("Advisers and their advice")),
    ("consents.index", N_("What I agreed to")),
    ("record.index", N_("What has happened so far")),
)


@dataclass(frozen=True)
class Line:
    """One case in the list of several."""

    number: str
    lender: str
    stage: str
    url: str


@blueprint.get("/home")
@guard.signed_in()
def show(who: Any, *, at: datetime) -> ResponseReturnValue:
    """The home of the one case, or the list of several; staff find their docket."""
    found = seats_at_home(who.session, who.account_id, now=at)
    if not found and who.person.role is not None:
        return see("docket.index")
    if len(found) == 1:
        return _page(found[0], at=at)
    return render("home/index.html", lines=[_line(seat) for seat in found])


@blueprint.get("/cases/<number>/home")
@guard.seated("case:read")
def case(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The home of this case; staff find the case itself."""
    if seat.role not in case_pages.HOUSE_OF_BORROWERS:
        return see("cases.show", number=seat.case.number)
    return _page(seat, at=at)


def _page(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    home = home_of(seat, now=at)
    words, url = _button(seat, home, at)
    return case_pages.render_case(
        "home/show.html",
        seat,
        current="",
        at=at,
        home=home,
        sentence=i18n.translations(pages.locale()).pgettext("home", home.sentence) if home.sentence else "",
        button_words=words,
        button_url=url,
        leads=_leads(seat),
    )


def _button(seat: Seat, home: Home, at: datetime) -> tuple[str, str]:
    """The one button: what is asked of the borrower, what may be done meanwhile, or else a look at the case."""
    if home.has_passed:
        return "", ""
    bar = case_pages.bar_of(seat, at=at)
    if bar.next_words:
        return bar.next_words, bar.next_url
    words = i18n.translations(pages.locale()).gettext(N_("See how things stand"))
    return words, url_for("cases.show", number=seat.case.number)


def _leads(seat: Seat) -> list[dict[str, str]]:
    spoken = i18n.translations(pages.locale())
    return [
        {"label": spoken.gettext(words), "url": url_for(endpoint, number=seat.case.number)}
        for endpoint, words in LEADS
        if _opens(seat, endpoint)
    ]


def _opens(seat: Seat, endpoint: str) -> bool:
    """Whether there is such a page for this seat; who one is matters only once one takes part."""
    if endpoint == "identities.edit" and seat.stage is Stage.INVITED:
        return False
    mark = guard.mark_of(current_app, endpoint) if endpoint in current_app.view_functions else None
    return mark is not None and mark.permission is not None and seat.may(mark.permission)


def _line(seat: Seat) -> Line:
    stage = case_pages.stage_words(seat.stage, seat.role)
    return Line(seat.case.number, seat.case.organisation_name, stage, url_for("home.case", number=seat.case.number))
