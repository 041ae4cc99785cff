"""Who advises our side: inviting with a scope and an end, ending it at once; and the adviser's own page."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.cases import advice, advisers
from mediation.cases.advisers import MOST, Wish
from mediation.cases.invited import today_in
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.cases.side_forms import SCOPE_WORDS, AdviceForm, AdviserForm, EndForm
from mediation.errors import NotFound
from mediation.i18n import N_
from mediation.rules.negotiation import Side
from mediation.web import guard
from mediation.web.limits import limiter
from mediation.web.pages import see

blueprint = Blueprint("advisers", __name__)

USUAL = timedelta(days=90)

SENTENCES = {
    "adviser:name-missing": N_("Write the adviser's name."),
    "adviser:contact-missing": N_("Give a telephone number or an e-mail address; one of them is enough."),
    "adviser:nothing-to-read": N_("Choose at least one thing that the adviser may read."),
    "adviser:writes-unheard": N_("Only somebody who reads the private talk can write in it. Tick that too."),
    "adviser:not-yours-to-give": N_("The borrower alone may let somebody read this."),
    "adviser:end-is-past": N_("Choose a day after today."),
    "adviser:end-too-far": N_("At most %(days)s days from today. You can invite the same person again later."),
    "adviser:enough": N_("Your side has %(most)s advisers or open invitations already. End one first."),
    "adviser:ended-already": N_("This has ended already."),
    "adviser:terms-needed": N_("Whoever advises here agrees to all of these. You are free not to."),
    "room:only-read-here": N_(
        "In this room an adviser reads and does not write. Advise your side on the page of advice."
    ),
    "advice:empty": N_("Write something first."),
    "advice:too-long": N_("Advice has at most %(most)s characters; this has %(length)s."),
}


@blueprint.get("/cases/<number>/advisers")
@guard.seated("adviser:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Who sits beside this side and what was advised; for the adviser, their own seat and their own notes."""
    return _page(seat, AdviceForm(), at=at)


def _page(seat: Seat, form: AdviceForm, *, at: datetime) -> ResponseReturnValue:
    shown = advisers.advisers_seen_by(seat, now=at)
    return render_case(
        "advisers/index.html",
        seat,
        current="advisers",
        at=at,
        form=form,
        current_ones=[one for one in shown if one.is_open],
        earlier=[one for one in shown if not one.is_open],
        notes=advice.advice_seen_by(seat),
        scope_words=SCOPE_WORDS,
        most=MOST,
    )


@blueprint.get("/cases/<number>/advisers/new")
@guard.seated("adviser:invite")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Whom to invite; nothing is ticked beforehand."""
    return _form_page(seat, AdviserForm(data={"ends_on": today_in(seat, at) + USUAL}), at=at)


def _form_page(seat: Seat, form: AdviserForm, *, at: datetime) -> ResponseReturnValue:
    gives_means = seat.may("means:state") or seat.may("means:keep")
    return render_case(
        "advisers/new.html",
        seat,
        current="advisers",
        at=at,
        form=form,
        gives_means=gives_means,
        is_lenders=seat.side is Side.LENDER,
    )


@blueprint.post("/cases/<number>/advisers")
@limiter.limit("20/hour")
@guard.seated("adviser:invite", form=AdviserForm, again=_form_page)
def create(seat: Seat, form: AdviserForm, *, at: datetime) -> ResponseReturnValue:
    """Somebody is invited to sit beside us."""
    wish = Wish(
        name=form.name.data or "",
        phone=form.phone.data or "",
        email=form.email.data or "",
        scope=form.scope(),
        ends_on=form.ends_on.data,
    )
    advisers.invite_adviser(seat, wish, at=at)
    return see("advisers.index", number=seat.case.number)


@blueprint.get("/cases/<number>/advisers/<uuid:invitation_id>/end")
@guard.seated("adviser:end")
def ask_end(seat: Seat, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """What ending does, before it is done."""
    return _end_page(seat, EndForm(), invitation_id=invitation_id, at=at)


def _end_page(seat: Seat, form: EndForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    one = advisers.adviser_seen_by(seat, invitation_id, now=at)
    return render_case("advisers/end.html", seat, current="advisers", at=at, form=form, one=one)


@blueprint.post("/cases/<number>/advisers/<uuid:invitation_id>/end")
@guard.seated("adviser:end", form=EndForm, again=_end_page)
def end(seat: Seat, form: EndForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """This adviser is gone."""
    advisers.end_adviser(seat, invitation_id, at=at)
    return see("advisers.index", number=seat.case.number)


@blueprint.post("/cases/<number>/advice")
@limiter.limit("60/hour")
@guard.seated("advice:give", form=AdviceForm, again=_page)
def advise(seat: Seat, form: AdviceForm, *, at: datetime) -> ResponseReturnValue:
    """The side has the advice."""
    advice.give_advice(seat, form.text.data or "", at=at)
    return see("advisers.index", number=seat.case.number)


@blueprint.get("/cases/<number>/advisers/own/end")
@guard.seated("adviser:leave")
def ask_leave(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What giving up the seat does, before it is done."""
    return _leave_page(seat, EndForm(), at=at)


def _leave_page(seat: Seat, form: EndForm, *, at: datetime) -> ResponseReturnValue:
    own = advisers.advisers_seen_by(seat, now=at)
    if not own:
        raise NotFound
    return render_case("advisers/leave.html", seat, current="advisers", at=at, form=form, one=own[0])


@blueprint.post("/cases/<number>/advisers/own/end")
@guard.seated("adviser:leave", form=EndForm, again=_leave_page)
def leave(seat: Seat, form: EndForm, *, at: datetime) -> ResponseReturnValue:
    """The seat is given up; nothing of the case can be read any more."""
    advisers.leave_side(seat, at=at)
    return see("home.show")
