"""The blueprint on which this feature's pages stand, and the way back to where somebody came from."""

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from mediation.rules.access import Role
from mediation.web.pages import see

blueprint = Blueprint("accounts", __name__)

# Where each role begins its day; the first page that this deployment has.
PLACES = {
    Role.LENDER: ("docket.index", "portfolios.index"),
    Role.MEDIATOR: ("docket.index",),
    Role.REGISTRAR: ("registry.index", "docket.index", "accounts.lenders"),
    Role.AUDITOR: ("record.verify",),
    None: ("home.show",),
}


def see_place(person: Any) -> Response:
    """The answer that leads somebody who has signed in to their own first page."""
    return see("accounts.places" if person.must_choose else place_of(person.role))


def place_of(role: Role | None) -> str:
    """The endpoint at which this role begins; without one, the person's own page."""
    there = (endpoint for endpoint in PLACES.get(role, ()) if endpoint in current_app.view_functions)
    return next(there, "accounts.own")


def url_of(endpoint: str) -> str:
    """The address of a page that a higher feature brings, or nothing where it is not there."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def way_back() -> str:
    """Where the page asks to return to: a path of this site, or nothing."""
    path = request.values.get("then", "")
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_local and len(path) <= 500 else ""


def see_back(person: Any) -> Response:
    """The answer that leads back to where the person came from, else to their place."""
    response = see_place(person)
    if path := way_back():
        response.location = path
    return response
