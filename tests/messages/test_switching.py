"""Two channels are not confused: whoever turns to another room is asked once; quick phrases are put in, not sent."""

import re

import pytest

from mediation.messages.phrases import phrases_for
from mediation.rules.access import Role, Room
from tests.messages.talking import heard, let_pass
from tests.stories import a_case
from tests.world import World

TEXT = "这句话只想告诉调解员"


def post(client, number: str, room: Room, **data: str):  # type: ignore[no-untyped-def]
    return client.post(f"/cases/{number}/rooms/{room.value}/messages", data={"text": TEXT, **data})


def sure_of(text: str) -> str:
    found = re.search(r'name="sure"[^>]*value="([^"]*)"', text)
    assert found is not None
    return found.group(1)


def test_the_first_message_of_a_sign_in_asks_nothing(world: World) -> None:
    assert post(world.client("bai"), a_case(world), Room.JOINT).status_code == 303


def test_whoever_wrote_in_private_is_asked_before_the_other_side_reads(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    post(client, number, Room.CAUCUS_BORROWER)
    answer = post(client, number, Room.JOINT)
    assert (answer.status_code, "this room is read by the other side too" in answer.text) == (409, True)
    assert TEXT in answer.text
    let_pass(world, number)
    assert heard(world, number, "lu", Room.JOINT) == []


def test_whoever_is_sure_presses_the_same_button_once_more(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    post(client, number, Room.CAUCUS_BORROWER)
    sure = sure_of(post(client, number, Room.JOINT).text)
    assert post(client, number, Room.JOINT, sure=sure).status_code == 303
    assert post(client, number, Room.CAUCUS_BORROWER).status_code == 303
    assert post(client, number, Room.JOINT).status_code == 303


def test_being_sure_of_one_room_is_not_being_sure_of_another(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    post(client, number, Room.CAUCUS_BORROWER)
    sure = sure_of(post(client, number, Room.CAUCUS_LENDER).text)
    assert sure == "caucus-lender"
    assert post(client, number, Room.JOINT, sure=sure).status_code == 409


def test_the_mediator_is_asked_before_writing_to_the_other_side(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    post(client, number, Room.CAUCUS_BORROWER)
    answer = post(client, number, Room.CAUCUS_LENDER)
    assert (answer.status_code, "look who reads this one" in answer.text) == (409, True)


def test_notes_are_read_by_nobody_else_and_ask_nothing(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    post(client, number, Room.CAUCUS_BORROWER)
    assert post(client, number, Room.NOTES).status_code == 303


def test_a_new_sign_in_and_another_case_begin_anew(world: World) -> None:
    number, other = a_case(world), a_case(world, contract="XF-2025-0002")
    client = world.client("bai")
    post(client, number, Room.CAUCUS_BORROWER)
    assert post(client, other, Room.JOINT).status_code == 303
    assert post(world.client("bai"), number, Room.JOINT).status_code == 303


def test_the_row_of_rooms_has_the_question_for_whoever_leaves_with_something_typed(world: World) -> None:
    text = world.client("bai").get(f"/cases/{a_case(world)}/rooms").text
    assert "What you have typed stays here as a draft and goes nowhere else." in text


# --- quick phrases --------------------------------------------------------------------------------------------


def test_a_quick_phrase_is_put_into_the_message_and_nothing_is_sent(world: World) -> None:
    number = a_case(world)
    answer = post(world.client("bai"), number, Room.CAUCUS_BORROWER, phrase="1")
    let_pass(world, number)
    assert answer.status_code == 200
    assert re.search(
        rf"<textarea[^>]*>\s*{TEXT}\s*I need a few days to put my papers together.</textarea>", answer.text
    )
    assert heard(world, number, "mo", Room.CAUCUS_BORROWER) == []


@pytest.mark.parametrize("number_of_phrase", ["9", "-1", "x", "²"])
def test_a_phrase_that_does_not_exist_leaves_what_was_typed(world: World, number_of_phrase: str) -> None:
    answer = post(world.client("bai"), a_case(world), Room.CAUCUS_BORROWER, phrase=number_of_phrase)
    assert answer.status_code == 200
    assert re.search(rf"<textarea[^>]*>\s*{TEXT}</textarea>", answer.text)


@pytest.mark.parametrize("role", [Role.BORROWER, Role.LENDER, Role.MEDIATOR])
def test_each_role_has_its_own_phrases_in_private_and_at_the_table(role: Role) -> None:
    own = {*phrases_for(role, Room.CAUCUS_BORROWER)} | {*phrases_for(role, Room.JOINT)}
    assert len(own) >= 6
    assert phrases_for(role, Room.NOTES) == ()


def test_phrases_are_in_the_language_of_the_page(world: World) -> None:
    number = a_case(world)
    text = world.client("bai", language="zh-Hans").get(f"/cases/{number}/rooms").text
    assert "我需要几天时间准备材料。" in text
