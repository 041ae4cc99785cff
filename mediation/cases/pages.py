"""The frame of every page: who reads as what, the case's identity bar and parts, the tabs of each role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from mediation import i18n
from mediation.cases import moves
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.cases.standing import BOTH_SIDES, DEADLINES, STEPS, TURNS, standing_of, step_at
from mediation.i18n import NP_
from mediation.rules import deadlines
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side
from mediation.web import guard, pages

WITHOUT_MEDIATOR = frozenset(
    {Stage.DRAFT, Stage.SUBMITTED, Stage.ACCEPTED, Stage.REJECTED, Stage.INVITED, Stage.UNREACHABLE}
) | {Stage.DECLINED, Stage.LAPSED}
# What a feature above the cases adds to the case's own page.
Panel = Callable[..., dict[str, Any]]
PANELS = "case_panels"
HOUSE_OF_BORROWERS = frozenset({Role.BORROWER, Role.ADVISER})

# key, endpoint, words; an item shows when its page exists and the seat may open it.
PARTS = (
    ("overview", "cases.show", NP_("part of a case", "Overview")),
    ("invitation", "invitations.renewal", NP_("part of a case", "Invitation")),
    ("cost", "contracts.show", NP_("part of a case", "Cost")),
    ("mediator", "appointments.show", NP_("part of a case", "Mediator")),
    ("offers", "offers.index", NP_("part of a case", "Plans")),
    ("desk", "desk.show", NP_("part of a case", "Plan search")),
    ("messages", "messages.index", NP_("part of a case", "Messages")),
    ("ledger", "ledgers.index", NP_("part of a case", "Account")),
    ("means", "disclosures.index", NP_("part of a case", "Means")),
    ("documents", "documents.index", NP_("part of a case", "Documents")),
    ("facts", "facts.index", NP_("part of a case", "In confidence")),
    ("agreements", "agreements.show", NP_("part of a case", "Agreement")),
    ("advisers", "advisers.index", NP_("part of a case", "Advisers")),
    ("identity", "identities.edit", NP_("part of a case", "Identity")),
    ("record", "record.index", NP_("part of a case", "Record")),
)

# What the seat whose turn it is does next: stage, permission, endpoint, words.
NEXT = (
    (Stage.DRAFT, "case:submit", "openings.edit", NP_("next step", "Complete and submit")),
    (Stage.SUBMITTED, "case:register", "registry.show", NP_("next step", "Check the case")),
    (Stage.INVITED, "invitation:answer", "invitations.show", NP_("next step", "Decide whether to take part")),
    (Stage.INVITED, "invitation:renew", "invitations.renewal", NP_("next step", "Send a new invitation")),
    (Stage.UNREACHABLE, "invitation:renew", "invitations.renewal", NP_("next step", "Send a new invitation")),
    (Stage.JOINED, "mediator:appoint", "appointments.show", NP_("next step", "Appoint a mediator")),
    (Stage.JOINED, "appointment:declare", "appointments.show", NP_("next step", "Accept or decline")),
    (Stage.JOINED, "draw:give-number", "draws.show", NP_("next step", "Add a number to the draw")),
    (Stage.APPOINTED, "appointment:answer", "appointments.show", NP_("next step", "Answer about the mediator")),
    (Stage.OPEN, "offer:answer", "offers.index", NP_("next step", "See the plans")),
    (Stage.TERMS_AGREED, "agreement:draft", "agreements.show", NP_("next step", "Draw up the agreement")),
    (Stage.TERMS_AGREED, "identity:give", "identities.edit", NP_("next step", "Give these details")),
    (Stage.SIGNING, "agreement:sign", "agreements.show", NP_("next step", "Read and sign")),
    (Stage.PAUSED, "case:resume", "pauses.resumption", NP_("next step", "Go on with mediation")),
    (Stage.SUSPENDED, "case:reinstate", "pauses.reinstatement", NP_("next step", "Settle the question")),
)

# While the paper is being made nobody has anything to do, though the permissions stand.
ONLY_IN_TURN = frozenset({Stage.TERMS_AGREED, Stage.SIGNING})

CASE_TABS = (
    ("offers.index", NP_("tab", "Plans"), "plan"),
    ("messages.index", NP_("tab", "Messages"), "messages"),
)
HOME_TAB = ("home.show", NP_("tab", "Home"), "home")
ME_TAB = ("accounts.own", NP_("tab", "Me"), "me")
STAFF_TABS = {
    Role.LENDER: (
        ("docket.index", NP_("tab", "Cases")),
        ("portfolios.index", NP_("tab", "Loans")),
        ("portfolios.imports", NP_("tab", "Imports")),
        ("approvals.index", NP_("tab", "Approvals")),
    ),
    Role.MEDIATOR: (("docket.index", NP_("tab", "Cases")),),
    Role.REGISTRAR: (
        ("registry.index", NP_("tab", "Registration")),
        ("docket.index", NP_("tab", "Cases")),
        ("accounts.lenders", NP_("tab", "Lenders")),
        ("accounts.members", NP_("tab", "Members")),
        ("panel.index", NP_("tab", "Panel")),
        ("conduct.list_all", NP_("tab", "Reports")),
        ("record.verify", NP_("tab", "Records")),
    ),
    Role.AUDITOR: (
        ("record.verify", NP_("tab", "Records")),
        ("independence.index", NP_("tab", "Independence cards")),
    ),
}
ROLE_WORDS = {
    Role.BORROWER: NP_("role", "Borrower"),
    Role.LENDER: NP_("role", "Lender's officer"),
    Role.MEDIATOR: NP_("role", "Mediator"),
    Role.REGISTRAR: NP_("role", "Registrar"),
    Role.ADVISER: NP_("role", "Adviser"),
    Role.AUDITOR: NP_("role", "Auditor"),
}


@dataclass(frozen=True)
class Item:
    """One tab or one part of a case: where it leads, and whether the reader is there."""

    key: str
    label: str
    url: str
    icon: str = "file"
    current: bool = False


@dataclass(frozen=True)
class Reader:
    """The person whom the layouts greet."""

    name: str
    role_words: str
    tabs: tuple[Item, ...]


@dataclass(frozen=True)
class Bar:
    """The identity bar: number, stage, whose turn, until when, what next."""

    number: str
    title: str
    stage: str
    following: str
    turn: str
    turn_is_mine: bool
    deadline: date | None
    deadline_label: str
    tone: str
    next_words: str
    next_url: str


def render_case(template: str, seat: Seat, *, current: str, at: datetime, **values: Any) -> str:
    """A page of this case as this seat reads it; the template extends cases/_case.html."""
    stand_at(seat)
    parts = _parts(seat)
    return pages.render(
        template,
        seat=seat,
        case=seat.case,
        bar=bar_of(seat, at),
        parts=parts,
        current=current or next((part.key for part in parts if part.current), ""),
        steps=[_words("step", words) for words, _ in STEPS],
        step=step_at(seat.stage),
        in_borrowers_house=seat.role in HOUSE_OF_BORROWERS,
        **values,
    )


def use_panel(app: Flask, panel: Panel) -> None:
    """The case's own page shows what this adds to it: a feature above the cases hands it in at start."""
    app.extensions[PANELS] = (*app.extensions.get(PANELS, ()), panel)


def panels_of(seat: Seat, at: datetime) -> dict[str, Any]:
    """What every panel adds to the case's own page, as this seat may read it."""
    found: dict[str, Any] = {}
    for panel in current_app.extensions.get(PANELS, ()):
        found |= panel(seat, at=at)
    return found


def stand_at(seat: Seat) -> None:
    """The page is about this case: its zone, its institution, the tabs that lead into it."""
    g.who, g.zone = seat, seat.case.zone


def bar_of(seat: Seat, at: datetime) -> Bar:
    """The identity bar of a case in this reader's words."""
    case, standing = seat.case, standing_of(seat.stage, seat.role)
    at_home, is_beside_lender = seat.role in HOUSE_OF_BORROWERS, seat.advises is Side.LENDER
    next_words, next_url = _next(seat)
    on = last_day(case)
    label, tone = ("", "calm") if on is None else _nearness(case, on, at)
    return Bar(
        number=case.number,
        title=case.borrower_name if is_beside_lender or not at_home else case.organisation_name,
        stage=_words("stage", standing.label),
        following=_words("following", standing.following),
        turn=turn_words(case.turn, seat.role, both=case.both_sides),
        turn_is_mine=moves.waits_for(case, seat.role),
        deadline=on,
        deadline_label=label,
        tone=tone,
        next_words=next_words,
        next_url=next_url,
    )


def stage_words(stage: Stage, viewer: Role) -> str:
    """The stage in this viewer's words, in the language of the page."""
    return _words("stage", standing_of(stage, viewer).label)


def turn_words(turn: Role | None, viewer: Role, *, both: bool = False) -> str:
    """Whose turn it is in this viewer's words, its own where both sides are waited for; nothing when it is nobody's."""
    if both and viewer not in (Role.BORROWER, Role.LENDER):
        return _words("turn", BOTH_SIDES)
    whose = viewer if both else turn
    words = TURNS.get((whose, whose is viewer)) if whose else None
    return _words("turn", words) if words else ""


def deadline_words(kind: str) -> str:
    """What a deadline of this kind is for; nothing for a kind that readers need no word for."""
    return _words("deadline", DEADLINES[kind]) if kind in DEADLINES else ""


def last_day(case: Case) -> date | None:
    """The day at whose end the case's one deadline passes, in the case's zone."""
    if case.deadline_at is None:
        return None
    return deadlines.last_day(case.deadline_at, ZoneInfo(case.zone))


def lead() -> dict[str, Any]:
    """What the layouts of every page need: the institution, the reader, the way out, whether this is a demo."""
    who = g.get("who")
    return {
        "institution": getattr(who, "institution", None),
        "current_person": _reader(who) if current_user.is_authenticated else None,
        "sign_out_url": url_for("accounts.end_session") if current_user.is_authenticated else "",
        "is_demo": current_app.extensions["mediation_settings"].is_demo,
    }


def _reader(who: Any) -> Reader:
    role = getattr(who, "role", None) or current_user.role or Role.BORROWER
    return Reader(name=current_user.name, role_words=_words("role", ROLE_WORDS[role]), tabs=_tabs(role, who))


def _tabs(role: Role, who: Any) -> tuple[Item, ...]:
    if role not in HOUSE_OF_BORROWERS:
        return tuple(_tab(endpoint, words) for endpoint, words in STAFF_TABS.get(role, ()) if _exists(endpoint))
    tabs = [_tab(*HOME_TAB)] if _exists(HOME_TAB[0]) else []
    if isinstance(who, Seat):
        tabs += [_tab(*each, number=who.case.number) for each in CASE_TABS if _may_open(who, each[0])]
    return (*tabs, *([_tab(*ME_TAB)] if _exists(ME_TAB[0]) else []))


def _tab(endpoint: str, words: str, icon: str = "file", number: str = "") -> Item:
    url = url_for(endpoint, number=number) if number else url_for(endpoint)
    return Item(endpoint, _words("tab", words), url, icon, request.endpoint == endpoint)


def _parts(seat: Seat) -> tuple[Item, ...]:
    return tuple(
        Item(
            key,
            _words("part of a case", words),
            url_for(endpoint, number=seat.case.number),
            current=request.endpoint == endpoint,
        )
        for key, endpoint, words in PARTS
        if _may_open(seat, endpoint) and not (key == "mediator" and seat.stage in WITHOUT_MEDIATOR)
    )


def _next(seat: Seat) -> tuple[str, str]:
    is_mine = moves.waits_for(seat.case, seat.role)
    if not is_mine and (seat.case.turn is not None or seat.stage in ONLY_IN_TURN):
        return "", ""
    for stage, permission, endpoint, words in NEXT:
        if seat.stage is stage and seat.may(permission) and _may_open(seat, endpoint):
            url = url_for(endpoint, number=seat.case.number)
            return ("", "") if request.path.startswith(url) else (_words("next step", words), url)
    return "", ""


def _may_open(seat: Seat, endpoint: str) -> bool:
    """Whether the page exists and its own mark lets this seat in."""
    mark = guard.mark_of(current_app, endpoint) if _exists(endpoint) else None
    return mark is not None and mark.permission is not None and seat.may(mark.permission)


def _exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _nearness(case: Case, on: date, at: datetime) -> tuple[str, str]:
    days = (on - at.astimezone(ZoneInfo(case.zone)).date()).days
    catalogue = i18n.translations(pages.locale())
    if days < 0:
        return catalogue.pgettext("time left", "The time has passed"), "passed"
    if days == 0:
        return catalogue.pgettext("time left", "Today"), "soon"
    words = catalogue.npgettext("time left", "%(n)s day left", "%(n)s days left", days) % {"n": days}
    return words, "soon" if days <= 1 else "calm"


def _words(context: str, message: str) -> str:
    return i18n.translations(pages.locale()).pgettext(context, message)
