"""What is typed and not sent is kept for whoever typed it, and for nobody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mediation import jobs
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.keys import Unreadable
from mediation.messages import actions
from mediation.messages.drafts import KEPT_FOR, draft_in
from mediation.messages.models import MessageDraft
from mediation.rules.access import Room, Thread
from mediation.rules.lifecycle import Stage
from tests.messages.talking import entries
from tests.stories import a_case
from tests.world import PASSWORD, World

TYPED = "我想先问一下"


def keep(world: World, number: str, name: str, text: str, *, page: str = "one", seen: str = "") -> bool:
    with world.seat(name, number) as seat:
        return actions.keep_draft(seat, Room.CAUCUS_BORROWER, text, page=page, seen=seen, at=world.clock())


def draft(world: World, number: str, name: str, room: Room = Room.CAUCUS_BORROWER) -> str:
    with world.seat(name, number) as seat:
        return draft_in(seat, room).text


def kept(world: World) -> list[MessageDraft]:
    with world.reading() as session:
        return list(session.scalars(select(MessageDraft)))


def composer(text: str) -> str:
    found = re.search(r"<textarea[^>]*>\s*([^<]*)</textarea>", text)
    assert found is not None
    return found.group(1).strip()


def room_page(world: World, name: str, number: str, room: Room = Room.CAUCUS_BORROWER) -> str:
    return world.client(name).get(f"/cases/{number}/rooms?room={room.value}").text


def test_what_was_typed_is_in_the_box_again(world: World) -> None:
    number = a_case(world)
    sent = world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/draft", data={"text": TYPED, "page": "one"})
    assert sent.status_code == 204
    text = room_page(world, "bai", number)
    assert (composer(text), "nobody else can see it" in text) == (TYPED, True)


def test_a_draft_stays_in_its_room(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    assert composer(room_page(world, "bai", number, Room.JOINT)) == ""


def test_nobody_else_reads_a_draft(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    assert draft(world, number, "mo") == ""
    assert composer(room_page(world, "mo", number)) == ""


def test_a_draft_is_kept_encrypted_and_opens_in_its_own_room_alone(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    (row,) = kept(world)
    assert TYPED.encode() not in row.text_sealed
    with world.writing() as session:
        session.scalars(select(MessageDraft)).one().room = Room.JOINT
    with pytest.raises(Unreadable):
        draft(world, number, "bai", Room.JOINT)


def test_a_draft_is_no_entry_of_the_record(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    assert [entries(world, number, thread) for thread in (Thread.CASE, Thread.CAUCUS_BORROWER)] == [[], []]


def test_sending_clears_the_draft(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": TYPED})
    assert kept(world) == []
    assert composer(room_page(world, "bai", number)) == ""


def test_a_refused_message_leaves_the_draft(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": " "})
    assert draft(world, number, "bai") == TYPED


def test_emptying_the_box_forgets_the_draft(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    keep(world, number, "bai", " \n")
    assert kept(world) == []


def test_of_two_windows_the_newest_counts_and_says_so(world: World) -> None:
    number = a_case(world)
    client, path = world.client("bai"), f"/cases/{number}/rooms/caucus-borrower/draft"
    answers = []
    for page, text in (("one", "一"), ("two", "二"), ("two", "二二"), ("one", "一一")):
        world.clock.move(seconds=10)
        answers.append(client.post(path, data={"text": text, "page": page, "seen": ""}).headers.get("Draft-Replaced"))
    assert answers == [None, "yes", None, "yes"]
    assert draft(world, number, "bai") == "一一"


def test_a_window_that_was_opened_on_the_newest_draft_replaces_nothing(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", "一")
    found = re.search(r'name="seen"[^>]*value="([^"]+)"', room_page(world, "bai", number))
    assert found is not None
    world.clock.move(seconds=10)
    assert keep(world, number, "bai", "二", page="two", seen=found.group(1)) is False


def test_after_thirty_days_a_draft_is_gone(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", TYPED)
    jobs.sweep(world.engine, at=world.clock() + KEPT_FOR)
    assert len(kept(world)) == 1
    jobs.sweep(world.engine, at=world.clock() + KEPT_FOR + timedelta(seconds=1))
    assert kept(world) == []


def test_a_draft_does_not_grow_without_end(world: World) -> None:
    number = a_case(world)
    keep(world, number, "bai", "字" * 20_000)
    with pytest.raises(Refused, match="message:too-long"):
        keep(world, number, "bai", "字" * 20_001)


def test_nobody_keeps_a_draft_in_a_room_that_they_do_not_hear(world: World) -> None:
    number = a_case(world)
    with pytest.raises(NotFound):
        keep(world, number, "lu", TYPED)
    with pytest.raises(NotPermitted):
        keep(world, number, "ren", TYPED)


def test_nobody_keeps_a_draft_in_a_case_in_which_nobody_writes_any_more(world: World) -> None:
    number = a_case(world, Stage.IN_FORCE)
    with pytest.raises(Refused, match="case:wrong-stage"):
        keep(world, number, "bai", TYPED)


# --- what was typed is not lost -------------------------------------------------------------------------------


def test_a_message_sent_after_idling_out_is_there_after_signing_in(world: World) -> None:
    number = a_case(world)
    client = world.client("bai")
    world.clock.move(minutes=31)
    sent = client.post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": TYPED, "may_pass_on": "y"})
    assert sent.location == "/sign-in?then=/again"
    client.post("/sign-in", data={"sign_in_name": "bai", "password": PASSWORD, "then": "/again"})
    text = client.get("/again").text
    assert composer(text) == TYPED
    assert re.search(r'<input[^>]*checked[^>]*name="may_pass_on"', text)
    assert f'action="/cases/{number}/rooms/caucus-borrower/messages"' in text


def test_a_message_that_came_from_an_expired_page_is_there_to_be_sent_again(world: World) -> None:
    number = a_case(world)
    world.app.config["WTF_CSRF_ENABLED"] = True
    answer = world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": TYPED})
    assert (answer.status_code, composer(answer.text)) == (422, TYPED)


@pytest.mark.parametrize("text", ["字" * 4001, "付\x07款"])
def test_a_message_that_is_refused_is_there_to_be_mended(world: World, text: str) -> None:
    number = a_case(world)
    answer = world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": text})
    assert answer.status_code in (409, 422)
    assert composer(answer.text) == text.replace("\x07", "")


def test_a_message_into_a_room_that_has_just_closed_is_kept_on_the_page(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        actions.close_joint_room(seat, at=world.clock())
    answer = world.client("bai").post(f"/cases/{number}/rooms/joint/messages", data={"text": TYPED})
    assert (answer.status_code, TYPED in answer.text) == (409, True)
