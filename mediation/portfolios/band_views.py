"""The lender's own limits on the page: what its officers may agree to by themselves, and each version that was set."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.accounts.desks import Desk
from mediation.i18n import N_, NP_
from mediation.portfolios import bands, own_record
from mediation.portfolios.band_forms import PLACES, BandsForm
from mediation.web import guard
from mediation.web.pages import locale, render, see

blueprint = Blueprint("bands", __name__)

SENTENCES = {
    "bands:no-authority": N_(
        "Only an officer whose authority covers it may set the lender's own limits. The institution puts such an "
        "authority on file."
    ),
    "bands:too-many": N_("At most %(most)s bands can be set."),
    "bands:first-not-zero": N_("The first band begins at 0 days, so that no loan is left out."),
    "bands:not-ascending": N_("Each band begins later than the one before it, which begins at %(days)s days."),
    "bands:days-out-of-range": N_("Choose between %(fewest)s and %(longest)s days."),
    "bands:months-out-of-range": N_("Choose between %(fewest)s and %(longest)s months."),
    "bands:share-out-of-range": N_("Choose between 0 and 100%%."),
    "bands:share-too-fine": N_("Write it with at most %(decimals)s decimals of a per cent."),
    "bands:row-left-out": N_("A row was left out. Fill the bands in one after the other."),
    "bands:figure-missing": N_("Fill in this figure too."),
    "bands:in-force-too-early": N_(
        "Limits that hold already change on %(earliest)s at the earliest, so that nobody widens them for what they "
        "say today."
    ),
}
HAPPENED = {
    "policy:kept": NP_("record of a lender", "Limits set"),
    "approval:asked": NP_("record of a lender", "A second officer was asked"),
    "approval:given": NP_("record of a lender", "Approved"),
    "approval:returned": NP_("record of a lender", "Returned"),
    "approval:taken-back": NP_("record of a lender", "Taken back"),
}


@dataclass(frozen=True)
class Line:
    """One entry of the lender's own record."""

    number: int
    at: datetime
    words: str
    case: str


@blueprint.get("/desk/policy")
@guard.at_desk("policy:read")
def show(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The limits that hold, those to come, and the ones before; who may set others does it here."""
    return _page(desk, at=at)


def _again(desk: Desk, form: BandsForm, *, at: datetime) -> ResponseReturnValue:
    return _page(desk, form, at=at)


@blueprint.post("/desk/policy")
@guard.at_desk("policy:keep", form=BandsForm, again=_again)
def update(desk: Desk, form: BandsForm, *, at: datetime) -> ResponseReturnValue:
    """The limits are set, from the day named."""
    bands.keep_bands(desk, form.bands(), form.in_force_on.data, at=at)
    return see("bands.show")


def _page(desk: Desk, form: BandsForm | None = None, *, at: datetime) -> str:
    policy = bands.policy_seen_at(desk, at=at)
    if form is None:
        form = BandsForm(formdata=None, in_force_on=policy.earliest)
        newest = policy.coming or policy.current
        form.show(newest.bands if newest else ())
    state = own_record.state_seen_at(desk)
    filled = max((place for place in PLACES if not form.is_empty(place)), default=0)
    return render(
        "bands/show.html",
        policy=policy,
        form=form,
        places=PLACES,
        filled=filled,
        state=state,
        entries=_lines(desk, state.verdict.size) if state else (),
    )


def _lines(desk: Desk, size: int) -> list[Line]:
    words = i18n.translations(locale())
    return [
        Line(
            number=entry.seq + 1,
            at=datetime.fromtimestamp(entry.at_ms / 1000, UTC),
            words=words.pgettext("record of a lender", HAPPENED[entry.kind]),
            case=str((entry.body or {}).get("case", "")),
        )
        for entry in own_record.entries_seen_at(desk, size=size)
    ]
