"""For fifteen seconds a message is its sender's alone; then it is said, once, whoever is first to notice."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mediation import audit, jobs
from mediation.app import create_app
from mediation.cases import actions as cases
from mediation.cases.models import Case
from mediation.errors import NotFound, Refused
from mediation.messages import actions, selections
from mediation.messages.holding import HELD_FOR
from mediation.messages.models import HeldMessage, Message
from mediation.notices import Notice
from mediation.rules.access import Role, Room, Thread
from tests.messages.talking import entries, heard, held_id, say, send
from tests.stories import a_case
from tests.world import World

TEXT = "我改主意了"
ALMOST = HELD_FOR - timedelta(milliseconds=1)


def page(world: World, name: str, number: str, room: Room = Room.JOINT) -> str:
    answer = world.client(name).get(f"/cases/{number}/rooms?room={room.value}", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def rows(world: World) -> tuple[int, int]:
    """How many messages wait, and how many were said."""
    with world.reading() as session:
        return len(session.scalars(select(HeldMessage)).all()), len(session.scalars(select(Message)).all())


def told(world: World) -> int:
    with world.reading() as session:
        return len(session.scalars(select(Notice).where(Notice.kind == "message:sent")).all())


def unread(world: World, number: str, name: str) -> int:
    with world.seat(name, number) as seat:
        return sum(selections.unread_by(seat).values())


def take_back(world: World, number: str, name: str, message_id: object) -> None:
    with world.seat(name, number) as seat:
        actions.take_back(seat, message_id, at=world.clock())


# --- while it waits -------------------------------------------------------------------------------------------


def test_only_its_sender_sees_a_message_that_waits(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += ALMOST
    assert {name: TEXT in page(world, name, number) for name in ("bai", "lu", "mo")} == {
        "bai": True,
        "lu": False,
        "mo": False,
    }


def test_what_waits_is_no_entry_no_notice_and_nothing_new_to_anybody(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    assert entries(world, number, Thread.CASE) == []
    assert (told(world), unread(world, number, "lu"), unread(world, number, "bai")) == (0, 0, 0)


def test_a_page_of_the_other_side_stays_as_it_is_while_a_message_waits(world: World) -> None:
    number = a_case(world)
    shown = shown_by(page(world, "lu", number))
    send(world, number, "bai", Room.JOINT, TEXT)
    answer = world.client("lu").get(f"/cases/{number}/rooms/joint/news?shown={shown}")
    assert answer.status_code == 204


def test_what_waits_is_kept_encrypted(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.CAUCUS_BORROWER, TEXT)
    with world.reading() as session:
        kept = session.scalars(select(HeldMessage)).one()
    assert TEXT.encode() not in kept.ciphertext + kept.wrapped_key


def test_another_officer_of_the_same_side_does_not_see_what_waits(world: World) -> None:
    number = a_case(world)
    send(world, number, "lu", Room.CAUCUS_LENDER, TEXT)
    with world.seat("lu", number) as seat:
        assert len(selections.held_by(seat, Room.CAUCUS_LENDER)) == 1
    with world.seat("mo", number) as seat:
        assert selections.held_by(seat, Room.CAUCUS_LENDER) == []


# --- when its time has come -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["rooms?room=joint", "rooms/joint/news"])
def test_a_reader_sees_it_as_soon_as_its_time_has_come_and_then_it_is_on_record(world: World, path: str) -> None:
    number = a_case(world)
    sent_at = world.clock()
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    answer = world.client("lu").get(f"/cases/{number}/{path}", follow_redirects=True)
    assert TEXT in answer.text
    (entry,) = entries(world, number, Thread.CASE)
    assert (entry.kind, entry.actor, entry.at_ms) == ("message:sent", "borrower", int(sent_at.timestamp() * 1000))


def test_nobody_is_shown_what_is_not_on_record_yet(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    answer = world.client("lu").get(f"/cases/{number}/rooms?room=joint")
    assert (answer.status_code, TEXT in answer.text, rows(world)) == (303, False, (0, 1))


def test_the_worker_says_it_when_nobody_looks(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    jobs.run_due(world.engine, world.info, world.clock)
    assert rows(world) == (1, 0)
    world.clock.at += HELD_FOR
    jobs.run_due(world.engine, world.info, world.clock)
    assert (rows(world), told(world)) == ((0, 1), 2)


def test_whoever_is_first_it_is_one_entry(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    for name in ("lu", "mo", "bai"):
        page(world, name, number)
    jobs.run_due(world.engine, world.info, world.clock)
    assert len(entries(world, number, Thread.CASE)) == 1
    assert (rows(world), told(world)) == ((0, 1), 2)


def test_whoever_writes_next_says_first_what_was_due(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    world.client("mo").post(f"/cases/{number}/joint-room/closing")
    assert [entry.kind for entry in entries(world, number, Thread.CASE)] == ["message:sent", "room:closed"]


def test_what_was_acknowledged_is_not_lost_when_saying_it_breaks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    with monkeypatch.context() as broken:
        broken.setattr(audit, "record", _break)
        jobs.run_due(world.engine, world.info, world.clock)
    assert rows(world) == (1, 0)
    assert TEXT in page(world, "lu", number)
    world.verify_records()


def test_another_process_on_the_same_database_shows_it_and_says_it_once(world: World) -> None:
    number = a_case(world)
    client, other = world.client("lu"), create_app(world.settings, engine=world.engine, now=world.clock, durable=False)
    cookie = client.get_cookie("mediation")
    assert cookie is not None
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    second = other.test_client()
    second.set_cookie("mediation", cookie.value)
    assert TEXT in second.get(f"/cases/{number}/rooms/joint/news", follow_redirects=True).text
    assert TEXT in client.get(f"/cases/{number}/rooms/joint/news").text
    assert len(entries(world, number, Thread.CASE)) == 1


def test_messages_are_said_in_the_order_in_which_they_were_sent(world: World) -> None:
    number = a_case(world)
    for name, text in (("bai", "一"), ("lu", "二"), ("bai", "三")):
        send(world, number, name, Room.JOINT, text)
        world.clock.move(seconds=2)
    world.clock.at += HELD_FOR
    page(world, "mo", number)
    assert heard(world, number, "mo", Room.JOINT) == ["一", "二", "三"]


def test_what_was_sent_before_the_room_was_closed_is_said_in_it(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    with world.seat("mo", number) as seat:
        actions.close_joint_room(seat, at=world.clock())
    world.clock.at += HELD_FOR
    assert TEXT in page(world, "lu", number)


def test_what_was_sent_before_the_case_ended_is_said(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    with world.seat("bai", number) as seat:
        cases.withdraw_case(seat, at=world.clock())
    world.clock.at += HELD_FOR
    jobs.run_due(world.engine, world.info, world.clock)
    assert rows(world) == (0, 1)


def test_a_word_of_the_mediator_is_contact_once_it_is_said(world: World) -> None:
    number = a_case(world)
    _await_contact(world, number)
    send(world, number, "mo", Room.JOINT)
    assert _case(world, number).deadline_kind == "contact-parties"
    world.clock.at += HELD_FOR
    page(world, "bai", number)
    assert _case(world, number).deadline_kind == "mediation"


def test_what_one_writes_meanwhile_does_not_make_anothers_message_count_as_read(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.JOINT, "先来的一句")
    world.clock.move(seconds=1)
    send(world, number, "lu", Room.JOINT, TEXT)
    world.clock.move(seconds=5)
    send(world, number, "bai", Room.JOINT, "我也在写")
    page(world, "bai", number)
    world.clock.move(seconds=10)
    jobs.run_due(world.engine, world.info, world.clock)
    assert rows(world) == (1, 2)
    assert unread(world, number, "bai") == 1


# --- taking it back -------------------------------------------------------------------------------------------


def test_what_was_taken_back_was_never_said(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += ALMOST
    answer = world.client("bai").post(f"/cases/{number}/held-messages/{held_id(world)}/taking-back")
    assert answer.status_code == 303
    world.clock.at += HELD_FOR
    jobs.run_due(world.engine, world.info, world.clock)
    assert [TEXT in page(world, name, number) for name in ("lu", "mo")] == [False, False]
    assert entries(world, number, Thread.CASE) == []
    assert (rows(world), told(world)) == ((0, 0), 0)


def test_what_was_taken_back_stands_in_the_composer_again(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    take_back(world, number, "bai", held_id(world))
    assert re.search(rf"<textarea[^>]*>\s*{TEXT}", page(world, "bai", number))


def test_what_was_taken_back_does_not_write_over_what_is_typed_by_now(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    with world.seat("bai", number) as seat:
        actions.keep_draft(seat, Room.JOINT, "换一种说法", page="", seen="", at=world.clock())
    take_back(world, number, "bai", held_id(world))
    assert re.search(r"<textarea[^>]*>\s*换一种说法", page(world, "bai", number))


def test_after_fifteen_seconds_nothing_is_taken_back(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    held = held_id(world)
    world.clock.at += HELD_FOR
    answer = world.client("bai").post(f"/cases/{number}/held-messages/{held}/taking-back")
    assert (answer.status_code, "The fifteen seconds were over" in answer.text) == (409, True)
    assert TEXT in page(world, "lu", number)


def test_after_fifteen_seconds_nothing_is_taken_back_though_nobody_has_said_it_yet(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.at += HELD_FOR
    with pytest.raises(Refused, match="message:said-already"):
        take_back(world, number, "bai", held_id(world))


@pytest.mark.parametrize("name", ["lu", "mo"])
def test_nobody_takes_back_or_finds_what_another_has_sent(world: World, name: str) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    with pytest.raises(NotFound):
        take_back(world, number, name, held_id(world))
    assert rows(world) == (1, 0)


def test_a_message_is_not_taken_back_by_way_of_another_case(world: World) -> None:
    number, other = a_case(world), a_case(world, contract="XF-2025-0002")
    send(world, number, "bai", Room.JOINT, TEXT)
    with pytest.raises(NotFound):
        take_back(world, other, "bai", held_id(world))


def test_a_form_of_taking_back_that_is_sent_twice_acts_once(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    client, path = world.client("bai"), f"/cases/{number}/held-messages/{held_id(world)}/taking-back"
    answers = [client.post(path, data={"_key": "once"}) for _ in range(2)]
    assert [(each.status_code, each.location) for each in answers] == [(303, answers[0].location)] * 2


def test_the_sender_sees_how_long_it_can_be_taken_back_and_needs_no_script_for_it(world: World) -> None:
    number = a_case(world)
    send(world, number, "bai", Room.JOINT, TEXT)
    world.clock.move(seconds=4)
    text = page(world, "bai", number)
    assert f'action="/cases/{number}/held-messages/{held_id(world)}/taking-back"' in text
    assert 'data-countdown="11"' in text


def shown_by(text: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', text)
    assert found is not None
    return found.group(1)


def _break(*_: object, **__: object) -> None:
    raise RuntimeError("the machine stops here")


def _case(world: World, number: str) -> Case:
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def _await_contact(world: World, number: str) -> None:
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.turn, case.deadline_kind = Role.MEDIATOR, "contact-parties"
        case.deadline_at = world.clock() + timedelta(days=2)
