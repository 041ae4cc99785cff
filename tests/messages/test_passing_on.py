"""What was said in private reaches the other side only with its author's leave, by the mediator, and once."""

import re

import pytest
from sqlalchemy import select

from mediation import jobs
from mediation.cases import appointments
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.messages import actions
from mediation.messages.models import LeaveToPassOn
from mediation.rules.access import Room, Thread
from tests.messages.talking import entries, heard, held_id, let_pass, said_id, say
from tests.stories import a_case
from tests.world import World

TEXT = "如果能免违约金，我可以每月还一千二"
ROOMS = {
    "bai": (Room.CAUCUS_BORROWER, Room.CAUCUS_LENDER, "lu"),
    "lu": (Room.CAUCUS_LENDER, Room.CAUCUS_BORROWER, "bai"),
}


def pass_on(world: World, number: str, room: Room, name: str = "mo") -> None:
    message_id = said_id(world, room)
    with world.seat(name, number) as seat:
        actions.pass_on(seat, message_id, at=world.clock())


def passed_on(world: World, number: str, author: str = "bai") -> None:
    source, _, _ = ROOMS[author]
    say(world, number, author, source, TEXT, may_pass_on=True)
    pass_on(world, number, source)
    let_pass(world, number)


def page(world: World, name: str, number: str, room: Room) -> str:
    return world.client(name).get(f"/cases/{number}/rooms?room={room.value}").text


def refusal(world: World, number: str, room: Room) -> str:
    with pytest.raises(Refused) as no:
        pass_on(world, number, room)
    return no.value.key


@pytest.mark.parametrize("author", list(ROOMS))
def test_with_leave_the_mediator_tells_the_other_side(world: World, author: str) -> None:
    number = a_case(world)
    passed_on(world, number, author)
    _, target, reader = ROOMS[author]
    assert heard(world, number, reader, target) == [TEXT]
    assert "The mediator passes on what the other side said in private, with its leave" in page(
        world, reader, number, target
    )


def test_it_is_a_message_of_the_mediator(world: World) -> None:
    number = a_case(world)
    passed_on(world, number)
    text = page(world, "lu", number, Room.CAUCUS_LENDER)
    said = text.partition('<ol class="messages"')[2].partition("</ol>")[0]
    assert re.search(r'class="message of-mediator', said)
    assert world.account("bai").name not in said


def test_without_leave_nothing_is_passed_on(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT)
    assert refusal(world, number, Room.CAUCUS_BORROWER) == "message:not-to-be-passed-on"
    assert "passing-on" not in page(world, "mo", number, Room.CAUCUS_BORROWER)


def test_without_leave_the_address_of_passing_on_says_no(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT)
    path = f"/cases/{number}/messages/{said_id(world, Room.CAUCUS_BORROWER)}/passing-on"
    answer = world.client("mo").post(path)
    assert (answer.status_code, "has not said that it may be passed on" in answer.text) == (409, True)
    assert heard(world, number, "lu", Room.CAUCUS_LENDER) == []


@pytest.mark.parametrize("name", ["bai", "lu", "ren"])
def test_only_the_mediator_passes_on(world: World, name: str) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    with pytest.raises(NotPermitted):
        pass_on(world, number, Room.CAUCUS_BORROWER, name)


def test_the_mark_is_the_authors_alone_to_set(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    say(world, number, "bai", Room.JOINT, TEXT, may_pass_on=True)
    with world.reading() as session:
        assert session.scalars(select(LeaveToPassOn)).all() == []


def test_the_mark_is_offered_in_ones_own_caucus_and_nowhere_else(world: World) -> None:
    number = a_case(world)
    offered = {
        (name, room)
        for name, rooms in {"bai": (Room.JOINT, Room.CAUCUS_BORROWER), "mo": Room}.items()
        for room in rooms
        if 'name="may_pass_on"' in page(world, name, number, room)
    }
    assert offered == {("bai", Room.CAUCUS_BORROWER)}


def test_the_form_carries_the_mark(world: World) -> None:
    number = a_case(world)
    world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": TEXT, "may_pass_on": "y"})
    let_pass(world, number)
    assert "May be passed on to the other side" in page(world, "bai", number, Room.CAUCUS_BORROWER)
    assert f"/messages/{said_id(world, Room.CAUCUS_BORROWER)}/passing-on" in page(
        world, "mo", number, Room.CAUCUS_BORROWER
    )


def test_what_everybody_hears_is_not_passed_on(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.JOINT, TEXT)
    with pytest.raises(NotFound):
        pass_on(world, number, Room.JOINT)


def test_what_the_mediator_says_or_has_passed_on_is_not_passed_on(world: World) -> None:
    number = a_case(world)
    passed_on(world, number)
    with pytest.raises(NotFound):
        pass_on(world, number, Room.CAUCUS_LENDER)


def test_it_is_passed_on_once(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    pass_on(world, number, Room.CAUCUS_BORROWER)
    assert refusal(world, number, Room.CAUCUS_BORROWER) == "message:passed-on-already"
    let_pass(world, number)
    assert refusal(world, number, Room.CAUCUS_BORROWER) == "message:passed-on-already"
    assert heard(world, number, "lu", Room.CAUCUS_LENDER) == [TEXT]


def test_for_fifteen_seconds_the_mediator_may_take_it_back_and_no_side_notices(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    before = page(world, "bai", number, Room.CAUCUS_BORROWER)
    pass_on(world, number, Room.CAUCUS_BORROWER)
    assert calm(page(world, "bai", number, Room.CAUCUS_BORROWER)) == calm(before)
    with world.seat("mo", number) as seat:
        actions.take_back(seat, held_id(world), at=world.clock())
    let_pass(world, number)
    assert heard(world, number, "lu", Room.CAUCUS_LENDER) == []
    assert [entry.kind for entry in entries(world, number, Thread.CAUCUS_BORROWER)] == ["message:sent"]
    pass_on(world, number, Room.CAUCUS_BORROWER)


def test_the_author_sees_that_it_was_passed_on(world: World) -> None:
    number = a_case(world)
    passed_on(world, number)
    assert "Passed on to the other side" in page(world, "bai", number, Room.CAUCUS_BORROWER)


def test_each_side_has_its_own_entry_and_no_thread_names_the_other(world: World) -> None:
    number = a_case(world)
    passed_on(world, number)
    source, target = entries(world, number, Thread.CAUCUS_BORROWER), entries(world, number, Thread.CAUCUS_LENDER)
    assert [entry.kind for entry in source] == ["message:sent", "message:leave-used"]
    assert [(entry.kind, entry.actor) for entry in target] == [("message:passed-on", "mediator")]
    assert source[0].body is not None
    assert target[0].body is not None
    assert source[0].body["may_pass_on"] is True
    assert str(source[0].body["message"]) not in str(target[0].body)
    assert entries(world, number, Thread.CASE) == []


def test_no_page_of_the_other_side_names_the_private_message(world: World) -> None:
    number = a_case(world)
    passed_on(world, number)
    source = str(said_id(world, Room.CAUCUS_BORROWER))
    pages = [page(world, "lu", number, room) for room in (Room.JOINT, Room.CAUCUS_LENDER)]
    assert not [text for text in pages if source in text]


def test_leave_that_is_not_used_shows_the_other_side_nothing(world: World) -> None:
    number = a_case(world)
    before = page(world, "lu", number, Room.CAUCUS_LENDER)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    assert calm(page(world, "lu", number, Room.CAUCUS_LENDER)) == calm(before)


def test_a_successor_passes_on_nothing_that_was_said_to_another(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    world.clock.move(hours=1)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    with pytest.raises(NotFound):
        pass_on(world, number, Room.CAUCUS_BORROWER, "ming")


def test_what_is_being_passed_on_is_said_by_the_worker_too(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    pass_on(world, number, Room.CAUCUS_BORROWER)
    world.clock.move(seconds=15)
    jobs.run_due(world.engine, world.info, world.clock)
    assert heard(world, number, "lu", Room.CAUCUS_LENDER) == [TEXT]
    world.verify_records()


def test_a_page_that_is_open_learns_that_it_was_passed_on(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, TEXT, may_pass_on=True)
    found = re.search(r'name="shown" value="([^"]*)"', page(world, "bai", number, Room.CAUCUS_BORROWER))
    assert found is not None
    pass_on(world, number, Room.CAUCUS_BORROWER)
    path = f"/cases/{number}/rooms/caucus-borrower/news"
    assert world.client("bai").get(path, query_string={"shown": found.group(1)}).status_code == 204
    let_pass(world, number)
    assert "Passed on" in world.client("bai").get(path, query_string={"shown": found.group(1)}).text


def calm(text: str) -> str:
    """A page without what differs each time it is asked for: form keys and tokens."""
    return re.sub(r'(name="(?:_key|csrf_token)" value=")[^"]*', r"\1", text)
