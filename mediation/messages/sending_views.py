"""What becomes of a message beside being sent: taken back, passed on with its author's leave, kept as a draft."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.i18n import N_
from mediation.messages import actions
from mediation.messages.forms import DraftForm, PressedForm
from mediation.rules.access import Room
from mediation.web import guard
from mediation.web.limits import limiter
from mediation.web.pages import is_uuid, see

blueprint = Blueprint("sending", __name__)

SENTENCES = {
    "message:said-already": N_(
        "The fifteen seconds were over: the message has been said and stands. You can write another one beside it."
    ),
    "message:not-to-be-passed-on": N_(
        "Whoever wrote this has not said that it may be passed on. Ask them in private; they can write it again and "
        "mark it."
    ),
    "message:passed-on-already": N_("You have passed this on already."),
}


@blueprint.post("/cases/<number>/held-messages/<message_id>/taking-back")
@limiter.limit("60/minute")
@guard.seated("message:take-back", form=PressedForm)
def take_back(seat: Seat, form: PressedForm, *, message_id: str, at: datetime) -> ResponseReturnValue:
    """Take back what is not said yet; what was typed is in the composer again."""
    return _see(seat, actions.take_back(seat, _id(message_id), at=at), "composer")


@blueprint.post("/cases/<number>/messages/<message_id>/passing-on")
@limiter.limit("60/minute")
@guard.seated("message:pass-on", form=PressedForm)
def pass_on(seat: Seat, form: PressedForm, *, message_id: str, at: datetime) -> ResponseReturnValue:
    """Pass on to the other side what its author allowed to be passed on."""
    return _see(seat, actions.pass_on(seat, _id(message_id), at=at), "newest")


@blueprint.post("/cases/<number>/rooms/<room>/draft")
@limiter.limit("30/minute")
@guard.seated("message:send", form=DraftForm)
def keep_draft(seat: Seat, form: DraftForm, *, room: str, at: datetime) -> ResponseReturnValue:
    """Keep what is typed so far; the header says where another window's draft had to give way."""
    text, page, seen = form.text.data or "", form.page.data or "", form.seen.data or ""
    replaced = actions.keep_draft(seat, _room(room), text, page=page[:64], seen=seen, at=at)
    return Response(status=204, headers={"Draft-Replaced": "yes"} if replaced else {})


def _see(seat: Seat, room: Room, anchor: str) -> ResponseReturnValue:
    return see("messages.index", number=seat.case.number, room=room.value, _anchor=anchor)


def _id(text: str) -> UUID:
    if not is_uuid(text):
        raise NotFound
    return UUID(text)


def _room(name: str) -> Room:
    try:
        return Room(name)
    except ValueError:
        raise NotFound from None
