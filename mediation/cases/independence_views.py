"""The check of the independence cards: each figure as both sides saw it, beside what it comes out to now."""

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mediation.accounts.desks import Desk
from mediation.cases import independence
from mediation.cases.panel_words import FIGURES
from mediation.web import guard
from mediation.web.pages import render

blueprint = Blueprint("independence", __name__)

SENTENCES: dict[str, str] = {}


@blueprint.get("/record/independence")
@guard.at_desk("figures:read")
def index(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The newest cards, each computed again as of the moment at which it was made."""
    cards = independence.cards_audited_at(desk, before=_moment(request.args.get("before", "")))
    older = cards[-1].made_at.isoformat() if len(cards) == independence.PAGE else ""
    return render("panel/audit.html", cards=cards, figures=FIGURES, older=older)


def _moment(text: str) -> datetime | None:
    """The moment in the address; anything else counts as none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
