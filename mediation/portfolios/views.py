"""A lender's loans: the list, and everything that its file states of one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask, current_app, request, url_for
from flask.typing import ResponseReturnValue

from mediation.accounts.desks import Desk
from mediation.portfolios import selections, wording
from mediation.portfolios.affected import CASES, CaseFinder
from mediation.portfolios.import_views import blueprint
from mediation.portfolios.sentences import SENTENCES
from mediation.web import guard
from mediation.web.pages import render

__all__ = ["SENTENCES", "blueprint", "use_cases"]


def use_cases(app: Flask, finder: CaseFinder) -> None:
    """The list of loans shows which contracts have an open case, as this finder says."""
    app.extensions[CASES] = finder


@blueprint.get("/loans")
@guard.at_desk("loan:read")
def index(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The lender's loans, the longest overdue first."""
    asked = {name: _printable(request.args.get(name, "")) for name in ("q", "overdue", "after")}
    search, overdue = asked["q"][: selections.LONGEST_SEARCH], asked["overdue"] == "yes"
    after = asked["after"] if selections.is_place(asked["after"]) else ""
    page = selections.loans_seen_by(desk, search=search, overdue=overdue, after=after)
    filters = {"q": search, "overdue": "yes" if overdue else ""}
    return render(
        "portfolios/index.html",
        lines=page.lines,
        open_cases=_open_cases(desk, [line.contract_number for line in page.lines]),
        search=search,
        overdue=overdue,
        is_first_use=not page.lines and not selections.has_loans(desk),
        has_ignored=asked["after"] != after or asked["overdue"] not in ("", "yes"),
        next_url=_url(**filters, after=page.following) if page.following else "",
        first_url=_url(**filters) if after else "",
    )


@blueprint.get("/loans/<uuid:loan_id>")
@guard.at_desk("loan:read")
def show(desk: Desk, *, at: datetime, loan_id: UUID) -> ResponseReturnValue:
    """One loan: every fact that a file may state, and the other columns as they stand in the file."""
    loan = selections.loan_kept_by(desk, loan_id)
    return render(
        "portfolios/show.html",
        loan=loan,
        facts=wording.facts_of(loan),
        attributes=wording.attributes_of(loan),
        source=selections.import_kept_by(desk, loan.import_id),
        open_number=_open_cases(desk, [loan.contract_number]).get(loan.contract_number, ""),
        may_open=desk.may("case:draft"),
    )


def _open_cases(desk: Desk, contract_numbers: Sequence[str]) -> Mapping[str, str]:
    finder: CaseFinder = current_app.extensions.get(CASES, _no_cases)
    return finder(desk, contract_numbers) if contract_numbers else {}


def _no_cases(_desk: Desk, _contract_numbers: Sequence[str], /) -> Mapping[str, str]:
    return {}


def _url(**words: Any) -> str:
    written = urlencode({name: word for name, word in words.items() if word})
    return f"{url_for('portfolios.index')}{'?' if written else ''}{written}"


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()
