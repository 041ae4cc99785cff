"""The rooms of a case: reading, writing, the joint room's door, and news for a page that stays open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from mediation.cases.pages import render_case, stand_at
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.i18n import N_, NP_
from mediation.messages import actions, selections
from mediation.messages.selections import Said, Talk
from mediation.rules.access import CAUCUS_OF, Room
from mediation.web import guard, marks
from mediation.web.forms import Form
from mediation.web.limits import limiter
from mediation.web.pages import is_uuid, render, see

blueprint = Blueprint("messages", __name__)

SENTENCES = {
    "message:empty": N_("Write something first."),
    "message:too-long": N_("A message has at most %(most)s characters; this one has %(length)s."),
    "message:control-characters": N_(
        "The text holds characters that nobody can see. Type it again, or paste plain text."
    ),
    "message:no-mediator": N_("There is no mediator just now. You can write again as soon as a new one is appointed."),
    "room:closed": N_("The mediator has closed the joint room. You can write to the mediator in private."),
    "room:already-open": N_("The joint room is open already."),
    "room:already-closed": N_("The joint room is closed already."),
}
CHANNELS = {Room.JOINT: "shared", Room.NOTES: "notes"}

# Who hears it, said at the room, at the composer and on the button; in a caucus by who writes.
ROOM_WORDS = {
    (Room.JOINT, False): NP_("room", "All three together"),
    (Room.JOINT, True): NP_("room", "All three together"),
    (Room.CAUCUS_BORROWER, False): NP_("room", "In private with the mediator"),
    (Room.CAUCUS_LENDER, False): NP_("room", "In private with the mediator"),
    (Room.CAUCUS_BORROWER, True): NP_("room", "In private with the borrower"),
    (Room.CAUCUS_LENDER, True): NP_("room", "In private with the lender"),
    (Room.NOTES, True): NP_("room", "My notes"),
}
TAB_WORDS = {
    (Room.JOINT, False): NP_("tab of rooms", "All three together"),
    (Room.JOINT, True): NP_("tab of rooms", "All three together"),
    (Room.CAUCUS_BORROWER, False): NP_("tab of rooms", "In private"),
    (Room.CAUCUS_LENDER, False): NP_("tab of rooms", "In private"),
    (Room.CAUCUS_BORROWER, True): NP_("tab of rooms", "Borrower only"),
    (Room.CAUCUS_LENDER, True): NP_("tab of rooms", "Lender only"),
    (Room.NOTES, True): NP_("tab of rooms", "My notes"),
}
SEND_WORDS = {
    (Room.JOINT, False): NP_("send", "Send to the other side and the mediator"),
    (Room.JOINT, True): NP_("send", "Send to both sides"),
    (Room.CAUCUS_BORROWER, False): NP_("send", "Tell only the mediator"),
    (Room.CAUCUS_LENDER, False): NP_("send", "Tell only the mediator"),
    (Room.CAUCUS_BORROWER, True): NP_("send", "Tell only the borrower"),
    (Room.CAUCUS_LENDER, True): NP_("send", "Tell only the lender"),
    (Room.NOTES, True): NP_("send", "Keep this note"),
}


class MessageForm(Form):
    """What is said."""

    text = TextAreaField(N_("Your message"))


@dataclass(frozen=True)
class Tab:
    """One room in the row of rooms."""

    key: str
    label: str
    url: str
    count: int | None


@dataclass(frozen=True)
class Day:
    """What was said on one day of the case's zone."""

    on: date
    messages: Sequence[Said]


@blueprint.get("/cases/<number>/rooms")
@guard.seated("room:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """One room with its composer, and the row of rooms that this seat hears."""
    return _page(seat, _asked_room(seat), MessageForm(), at=at)


@blueprint.get("/cases/<number>/rooms/<room>/news")
@guard.seated("room:read")
def news(seat: Seat, *, room: str, at: datetime) -> ResponseReturnValue:
    """What the page that is open shows of the room now; nothing (204) where it shows it already."""
    heard = _room(seat, room)
    if request.args.get("shown", "") == _shown(seat, heard):
        return Response(status=204)
    stand_at(seat)
    talk = selections.talk_heard_by(seat, heard)
    _note_reading(seat, talk)
    return render("messages/_talk.html", **_talk_values(seat, talk))


def _again(seat: Seat, form: MessageForm, *, room: str, at: datetime) -> ResponseReturnValue:
    return _page(seat, _room(seat, room), form, at=at)


@blueprint.post("/cases/<number>/rooms/<room>/messages")
@limiter.limit("60/minute")
@guard.seated("message:send", form=MessageForm, again=_again)
def create(seat: Seat, form: MessageForm, *, room: str, at: datetime) -> ResponseReturnValue:
    """Say it in this room."""
    heard = _room(seat, room)
    actions.send_message(seat, heard, form.text.data or "", at=at)
    return see("messages.index", number=seat.case.number, room=heard.value, _anchor="newest")


@blueprint.post("/cases/<number>/joint-room/opening")
@guard.seated("room:open")
def open_joint(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Open the joint room."""
    actions.open_joint_room(seat, at=at)
    return see("messages.index", number=seat.case.number, room=Room.JOINT.value)


@blueprint.post("/cases/<number>/joint-room/closing")
@guard.seated("room:open")
def close_joint(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Close the joint room."""
    actions.close_joint_room(seat, at=at)
    return see("messages.index", number=seat.case.number, room=Room.JOINT.value)


def _asked_room(seat: Seat) -> Room:
    """The room in the address; without one, a party's own caucus, where nothing reaches the other side by mistake."""
    if "room" in request.args:
        return _room(seat, request.args["room"])
    rooms = seat.rooms()
    if not rooms:
        raise NotFound
    return CAUCUS_OF[seat.side] if seat.side is not None else rooms[0]


def _room(seat: Seat, name: str) -> Room:
    try:
        room = Room(name)
    except ValueError:
        raise NotFound from None
    selections.check_hears(seat, room)
    return room


def _page(seat: Seat, room: Room, form: MessageForm, *, at: datetime) -> str:
    before = request.args.get("before", "")
    if before and not is_uuid(before):
        raise NotFound
    talk = selections.talk_heard_by(seat, room, before=UUID(before) if before else None)
    unread = selections.unread_by(seat)
    _note_reading(seat, talk)
    return render_case(
        "messages/index.html",
        seat,
        current="messages",
        at=at,
        form=form,
        tabs=_tabs(seat, unread, room),
        room_words=ROOM_WORDS[room, seat.side is None],
        send_words=SEND_WORDS[room, seat.side is None],
        may_write=seat.may("message:send") and (room is not Room.JOINT or _may_speak_jointly(seat)),
        **_talk_values(seat, talk),
    )


def _talk_values(seat: Seat, talk: Talk) -> dict[str, Any]:
    return {
        "talk": talk,
        "days": _days(seat, talk.messages),
        "channel": CHANNELS.get(talk.room, "private"),
        "shown": _shown(seat, talk.room),
        "is_joint": talk.room is Room.JOINT,
        "is_notes": talk.room is Room.NOTES,
        "is_open": selections.is_joint_room_open(seat),
    }


def _tabs(seat: Seat, unread: Mapping[Room, int], current: Room) -> list[Tab]:
    return [
        Tab(
            key=room.value,
            label=TAB_WORDS[room, seat.side is None],
            url=url_for("messages.index", number=seat.case.number, room=room.value),
            count=(unread.get(room) or None) if room is not current else None,
        )
        for room in seat.rooms()
    ]


def _may_speak_jointly(seat: Seat) -> bool:
    return seat.side is None or selections.is_joint_room_open(seat)


def _shown(seat: Seat, room: Room) -> str:
    """What tells a page that shows the room's present state from one that does not."""
    open_words = "open" if room is Room.JOINT and selections.is_joint_room_open(seat) else ""
    return f"{selections.newest_heard_by(seat, room)}{open_words}"


def _days(seat: Seat, messages: Sequence[Said]) -> list[Day]:
    days: dict[date, list[Said]] = {}
    for message in messages:
        days.setdefault(message.sent_at.astimezone(seat.zone).date(), []).append(message)
    return [Day(on, said) for on, said in days.items()]


def _note_reading(seat: Seat, talk: Talk) -> None:
    """The newest page of a room was shown: note it, only where there was something new."""
    if talk.is_newest and talk.messages and selections.has_unread(seat, talk.room):
        read_at = talk.messages[-1].sent_at
        marks.note_after_answer(partial(selections.mark_read, seat=seat, room=talk.room, read_at=read_at))
