"""The docket: what needs the reader, by deadline; every list is an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from mediation import i18n
from mediation.accounts.desks import Desk
from mediation.cases.pages import stage_words
from mediation.docket import finding, listing, selections
from mediation.docket.lines import Heads, lines_of, options
from mediation.docket.listing import Asked, Near, Sort, Tab
from mediation.docket.selections import COUNTED, Page
from mediation.i18n import N_, NP_
from mediation.rules.access import Role
from mediation.rules.lifecycle import ORDER, Stage
from mediation.web import guard
from mediation.web.pages import locale, render

blueprint = Blueprint("docket", __name__)

SENTENCES: dict[str, str] = {}

TABS = {
    Tab.MINE: NP_("docket", "Needs me"),
    Tab.WAITING: NP_("docket", "Waiting for others"),
    Tab.ALL: NP_("docket", "All"),
    Tab.CLOSED: NP_("docket", "Ended"),
}
NEARS = {
    Near.OVERDUE: NP_("docket", "Deadline passed"),
    Near.TODAY: NP_("docket", "Ends today"),
    Near.WEEK: NP_("docket", "Ends within seven days"),
}
TURN_WORDS = {
    Role.BORROWER: NP_("docket", "Waiting for the borrower"),
    Role.LENDER: NP_("docket", "Waiting for the lender"),
    Role.MEDIATOR: NP_("docket", "Waiting for the mediator"),
    Role.REGISTRAR: NP_("docket", "Waiting for the registrar"),
}
IGNORED = {
    "tab": N_("The address asks for a list that does not exist; this is the usual one."),
    "stage": N_("The address asks for a stage that does not exist; it was left out."),
    "turn": N_("The address asks for a turn that does not exist; it was left out."),
    "deadline": N_("The address asks for a deadline that does not exist; it was left out."),
    "lender": N_("The address asks for a lender that does not exist; it was left out."),
    "sort": N_("The address asks for an order that does not exist; this is the usual one."),
    "page": N_("The address asks for a page that does not exist; this is the first one."),
}
FIRST_USE = {
    Role.MEDIATOR: N_("No case has been given to you yet. Once you accept an appointment, the case stands here."),
    Role.LENDER: N_("There is no case yet. A case is opened from one of your loans."),
    Role.REGISTRAR: N_("No case has been submitted yet. As soon as a lender submits one, it stands here."),
}
CLEARED = {
    Tab.MINE: N_("Nothing needs you at the moment."),
    Tab.WAITING: N_("Nobody else is being waited for."),
    Tab.CLOSED: N_("No case has ended yet."),
}

NO_MATCH = N_("No case matches.")
SEE_WAITING = N_("See who is waited for")
SEE_ALL = N_("See all cases")
CLEAR = N_("Clear filters")
LOANS = N_("See the loans")

NUMBER, DEADLINE = NP_("column", "Mediation number"), NP_("column", "Deadline")
CLAIM, MOVED = NP_("column", "Claim"), NP_("column", "Last movement")
HEADS = (
    NUMBER,
    NP_("column", "Borrower"),
    NP_("column", "Stage"),
    NP_("column", "Whose turn"),
    DEADLINE,
    CLAIM,
    MOVED,
)
OTHER, LENDERS_OTHER = NP_("column", "Lender"), NP_("column", "Contract")
SORTS = {NUMBER: Sort.NUMBER, DEADLINE: Sort.DEADLINE, CLAIM: Sort.CLAIM, MOVED: Sort.MOVED}


@dataclass(frozen=True)
class Link:
    """A tab or a filter in force, and where it leads."""

    key: str
    label: str
    url: str
    count: str | None = None


@dataclass(frozen=True)
class Column:
    """A heading; one that can be ordered by leads to that order."""

    label: str
    url: str = ""
    sorted: str = ""
    figures: bool = False


@dataclass(frozen=True)
class Emptiness:
    """Why a list is empty, and what to do next."""

    kind: str
    reason: str
    next_words: str = ""
    next_url: str = ""


@blueprint.get("/docket")
@guard.at_desk("docket:read")
def index(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The cases of this desk, as the address asks for them."""
    asked, ignored = listing.read(request.args)
    around = selections.surroundings_of(desk)
    if asked.lender and asked.lender not in dict(around.lenders):
        asked, ignored = asked.without("lender"), (*ignored, "lender")
    page = (finding.found_page if asked.q else selections.docket_page)(desk, asked, at=at)
    columns = _columns(desk, asked)
    heads = Heads(*(columns[place].label for place in (3, 4, 5, 7)))
    lines = lines_of(page.rows, desk.role, heads, at=at)
    return render(
        "docket/index.html",
        asked=asked,
        lines=lines,
        columns=columns,
        tabs=_tabs(around.counts),
        chips=_chips(desk, asked, dict(around.lenders)),
        choices=_choices(desk, asked, around.lenders),
        ignored=[_gettext(IGNORED[name]) for name in ignored],
        empty=None if lines else _emptiness(desk, asked, around.counts),
        next_of_mine=lines[0] if lines and asked.tab is Tab.MINE and not asked.q else None,
        clear_url=_url(Asked.first(asked.tab)) if asked.is_filtered else "",
        **_ways(asked, page),
    )


def _ways(asked: Asked, page: Page) -> dict[str, Any]:
    return {
        "previous_url": _url(asked.at(page.earlier)) if page.earlier else "",
        "next_url": _url(asked.at(page.later)) if page.later else "",
        "first_url": _url(asked.at(None)) if asked.place else "",
    }


def _tabs(counts: Mapping[Tab, int]) -> list[Link]:
    return [
        Link(tab.value, _pgettext("docket", words), _url(Asked.first(tab)), _counted(counts[tab]))
        for tab, words in TABS.items()
    ]


def _counted(count: int) -> str:
    return f"{COUNTED - 1}+" if count >= COUNTED else str(count)


def _columns(desk: Desk, asked: Asked) -> list[Column]:
    other = LENDERS_OTHER if desk.role is Role.LENDER else OTHER
    heads = (*HEADS[:2], other, *HEADS[2:])
    return [_column(asked, _pgettext("column", words), SORTS.get(words)) for words in heads]


def _column(asked: Asked, label: str, sort: Sort | None) -> Column:
    """A search has an order of its own, so its columns cannot be ordered."""
    if asked.q or sort is None:
        return Column(label, figures=sort is Sort.CLAIM)
    order = ("descending" if asked.falls else "ascending") if asked.sort is sort else ""
    return Column(label, _url(asked.sorted_by(sort)), order, figures=sort is Sort.CLAIM)


def _chips(desk: Desk, asked: Asked, lenders: Mapping[UUID, str]) -> list[Link]:
    words = {
        "stage": stage_words(asked.stage, desk.role) if asked.stage else "",
        "turn": _pgettext("docket", TURN_WORDS[asked.turn]) if asked.turn else "",
        "deadline": _pgettext("docket", NEARS[asked.deadline]) if asked.deadline else "",
        "lender": lenders.get(asked.lender, "") if asked.lender else "",
        "q": asked.q,
    }
    return [Link(name, label, _url(asked.without(name))) for name, label in words.items() if label]


def _choices(desk: Desk, asked: Asked, lenders: Sequence[tuple[UUID, str]]) -> dict[str, Markup]:
    """What each filter offers, the one in force chosen; what does not change is written once."""
    chosen = {"stage": asked.stage, "turn": asked.turn, "deadline": asked.deadline}
    offered = {name: _offered(name, str(value or ""), desk.role, locale()) for name, value in chosen.items()}
    if not lenders:
        return offered
    return {**offered, "lender": options([(str(key), name) for key, name in lenders], str(asked.lender or ""))}


@lru_cache(maxsize=512)
def _offered(name: str, chosen: str, role: Role, language: str) -> Markup:
    if name == "stage":
        stages = (*ORDER, *(stage for stage in Stage if stage not in ORDER))
        return options([(stage.value, stage_words(stage, role)) for stage in stages if _is_seen(role, stage)], chosen)
    table: Mapping[Any, str] = TURN_WORDS if name == "turn" else NEARS
    return options([(value.value, _pgettext("docket", words)) for value, words in table.items()], chosen)


def _is_seen(role: Role, stage: Stage) -> bool:
    """A draft is the lender's alone."""
    return stage is not Stage.DRAFT or role is Role.LENDER


def _emptiness(desk: Desk, asked: Asked, counts: Mapping[Tab, int]) -> Emptiness:
    if asked.is_filtered or asked.place:
        return Emptiness("no-match", _gettext(NO_MATCH), _gettext(CLEAR), _url(Asked.first(asked.tab)))
    if not counts[Tab.ALL]:
        loans = "portfolios.index" if desk.may("loan:read") and "portfolios.index" in current_app.view_functions else ""
        words = _gettext(LOANS) if loans else ""
        return Emptiness("first", _gettext(FIRST_USE[desk.role]), words, url_for(loans) if loans else "")
    onward = Tab.WAITING if asked.tab is Tab.MINE and counts[Tab.WAITING] else Tab.ALL
    words = _gettext(SEE_WAITING if onward is Tab.WAITING else SEE_ALL)
    return Emptiness("cleared", _gettext(CLEARED.get(asked.tab, CLEARED[Tab.MINE])), words, _url(Asked.first(onward)))


def _url(asked: Asked) -> str:
    """This page with another list; the path is the reader's own, so that no route need be looked up."""
    words = urlencode(asked.address())
    return f"{request.script_root}{request.path}{'?' if words else ''}{words}"


def _gettext(message: str) -> str:
    return i18n.translations(locale()).gettext(message)


def _pgettext(context: str, message: str) -> str:
    return i18n.translations(locale()).pgettext(context, message)
