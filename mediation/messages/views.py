"""The rooms of a case: reading, writing, the joint room's door, and news for a page that stays open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.cases import handovers
from mediation.cases.pages import render_case, stand_at
from mediation.cases.seats import Seat
from mediation.errors import NotFound, Refused
from mediation.i18n import N_
from mediation.messages import actions, drafts, holding, selections
from mediation.messages.forms import MessageForm
from mediation.messages.phrases import phrases_for
from mediation.messages.room_words import CHANNELS, PASS_ON_WORDS, ROOM_WORDS, SEND_WORDS, TAB_WORDS
from mediation.messages.selections import Held, Said, Talk
from mediation.rules.access import CAUCUS_OF, Room
from mediation.web import guard, marks
from mediation.web.limits import limiter
from mediation.web.pages import is_uuid, locale, render, see
from mediation.web.written_first import write_first

blueprint = Blueprint("messages", __name__)

SENTENCES = {
    "message:empty": N_("Write something first."),
    "message:too-long": N_("A message has at most %(most)s characters; this one has %(length)s."),
    "message:control-characters": N_(
        "The text holds characters that nobody can see. Type it again, or paste plain text."
    ),
    "message:no-mediator": N_("There is no mediator just now. You can write again as soon as a new one is appointed."),
    "message:first-in-joint": N_(
        "Nothing was sent. Until now you wrote in private; this room is read by the other side too. Look once more, "
        "and send it if it is meant for everybody."
    ),
    "message:first-in-private": N_(
        "Nothing was sent. Until now you wrote in another room; look who reads this one, and send it if it is meant "
        "for them."
    ),
    "room:closed": N_("The mediator has closed the joint room. You can write to the mediator in private."),
    "room:already-open": N_("The joint room is open already."),
    "room:already-closed": N_("The joint room is closed already."),
}
ASKED = frozenset({"message:first-in-joint", "message:first-in-private"})
# In this sign-in: the case in which somebody last wrote, and the rooms of it that they wrote in.
WROTE_IN = "wrote_in"


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


@dataclass(frozen=True)
class Waiting:
    """One message of the reader's own that is not said yet, and how many seconds are left to take it back."""

    held: Held
    seconds: int


@blueprint.get("/cases/<number>/rooms")
@guard.seated("room:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """One room with its composer, and the row of rooms that this seat hears."""
    if (anew := _written_first(seat, at)) is not None:
        return anew
    room = _asked_room(seat)
    return _page(seat, room, MessageForm(text=drafts.draft_in(seat, room).text), at=at)


@blueprint.get("/cases/<number>/rooms/<room>/news")
@guard.seated("room:read")
def news(seat: Seat, *, room: str, at: datetime) -> ResponseReturnValue:
    """What the page that is open shows of the room now; nothing (204) where it shows it already."""
    heard = _room(seat, room)
    if (anew := _written_first(seat, at)) is not None:
        return anew
    if request.args.get("shown", "") == selections.state_of(seat, heard):
        return Response(status=204)
    stand_at(seat)
    talk = selections.talk_heard_by(seat, heard)
    _note_reading(seat, talk)
    return render("messages/_talk.html", seat=seat, **_talk_values(seat, talk, at))


def _again(seat: Seat, form: MessageForm, *, room: str, at: datetime) -> ResponseReturnValue:
    return _page(seat, _room(seat, room), form, at=at)


@blueprint.post("/cases/<number>/rooms/<room>/messages")
@limiter.limit("60/minute")
@guard.seated("message:send", form=MessageForm, again=_again)
def create(seat: Seat, form: MessageForm, *, room: str, at: datetime) -> ResponseReturnValue:
    """Say it in this room; a quick phrase is only put into the composer."""
    heard = _room(seat, room)
    if form.phrase.data:
        form.text.data = _with_phrase(seat, heard, form)
        return _page(seat, heard, form, at=at)
    wrote_in = _checked_switch(seat, heard, form)
    actions.send_message(seat, heard, form.text.data or "", may_pass_on=form.may_pass_on.data, at=at)
    cookie[WROTE_IN] = wrote_in
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


def _written_first(seat: Seat, at: datetime) -> ResponseReturnValue | None:
    """What is due is recorded before anybody is shown it; then the same page is asked for anew."""
    if not holding.is_behind(seat, at=at):
        return None
    is_written = write_first(partial(holding.catch_up, case_id=seat.case_id, at=at))
    return redirect(request.full_path.rstrip("?"), 303) if is_written else None


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


def _checked_switch(seat: Seat, room: Room, form: MessageForm) -> dict[str, Any]:
    """The rooms written in so far and this one; whoever writes in another for the first time is asked once."""
    kept = cookie.get(WROTE_IN) or {}
    rooms = kept.get("rooms", []) if kept.get("case") == seat.case.number else []
    if rooms and room is not Room.NOTES and room.value not in rooms and form.sure.data != room.value:
        raise Refused("message:first-in-joint" if room is Room.JOINT else "message:first-in-private", field="text")
    with_this = [*rooms, room.value] if room is not Room.NOTES and room.value not in rooms else rooms
    return {"case": seat.case.number, "rooms": with_this}


def _with_phrase(seat: Seat, room: Room, form: MessageForm) -> str:
    phrases, number = phrases_for(seat.role, room), form.phrase.data or ""
    typed = (form.text.data or "").rstrip()
    if not number.isdecimal() or int(number) >= len(phrases):
        return typed
    chosen = i18n.translations(locale()).pgettext("quick phrase", phrases[int(number)])
    return f"{typed}\n{chosen}" if typed else chosen


def _page(seat: Seat, room: Room, form: MessageForm, *, at: datetime) -> str:
    before = request.args.get("before", "")
    if before and not is_uuid(before):
        raise NotFound
    talk = selections.talk_heard_by(seat, room, before=UUID(before) if before else None)
    unread = selections.unread_by(seat)
    _note_reading(seat, talk)
    form.seen.data = drafts.draft_in(seat, room).kept
    if any(no.key in ASKED for no in form.refused):
        form.sure.data = room.value
    return render_case(
        "messages/index.html",
        seat,
        current="messages",
        at=at,
        form=form,
        tabs=_tabs(seat, unread, room),
        room_words=ROOM_WORDS[room, seat.side is None],
        send_words=SEND_WORDS[room, seat.side is None],
        may_write=seat.may_write(room) and (room is not Room.JOINT or _may_speak_jointly(seat)),
        may_mark=seat.advises is None and seat.side is not None and room is CAUCUS_OF[seat.side],
        phrases=phrases_for(seat.role, room),
        is_withheld=room is not Room.JOINT and handovers.is_withheld(seat),
        **_talk_values(seat, talk, at),
    )


def _talk_values(seat: Seat, talk: Talk, at: datetime) -> dict[str, Any]:
    held = selections.held_by(seat, talk.room) if talk.is_newest else ()
    return {
        "talk": talk,
        "number": seat.case.number,
        "days": _days(seat, talk.messages),
        "waiting": [Waiting(each, max(0, round((each.until - at).total_seconds()))) for each in held],
        "passing": selections.on_its_way_from(seat),
        "pass_on_words": PASS_ON_WORDS.get(talk.room, ""),
        "channel": CHANNELS.get(talk.room, "private"),
        "shown": selections.state_of(seat, talk.room),
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
