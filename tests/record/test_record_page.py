"""The record as a page: the threads that one may read, each verified, each entry a sentence."""

import html
import re

import pytest
from sqlalchemy import Engine, select

from mediation import audit
from mediation.audit import RecordHead, RecordThread
from mediation.cases.models import Appointment, Case, Seating
from mediation.docket import threads
from mediation.rules.access import OF_NO_CASE, Role, Room, Thread
from mediation.rules.chain import Flaw
from tests.messages import talking
from tests.record.tampering import tamper
from tests.stories import a_case
from tests.world import World, make_world


def page(world: World, person: str, number: str, rest: str = "", language: str = "en") -> str:
    answer = world.client(person, language=language).get(f"/cases/{number}/record{rest}")
    assert answer.status_code == 200
    return answer.text


def whisper(world: World, person: str, number: str, room: Room, text: str = "just between us") -> None:
    talking.say(world, number, person, room, text)


def test_a_side_sees_no_trace_of_the_other_sides_private_talk(world: World) -> None:
    number = a_case(world)
    before = page(world, "bai", number)
    whisper(world, "lu", number, Room.CAUCUS_LENDER)
    assert content(page(world, "bai", number)) == content(before)
    assert "caucus-lender" not in before


def content(text: str) -> str:
    """A page without its frame."""
    return text[text.index("<main") : text.index("</main>")]


def test_the_other_sides_thread_cannot_be_asked_for(world: World) -> None:
    number = a_case(world)
    whisper(world, "lu", number, Room.CAUCUS_LENDER)
    text = page(world, "bai", number, "?thread=caucus-lender")
    assert "wrote a message" not in text


def test_the_mediator_reads_both_private_talks_and_the_notes_apart(world: World) -> None:
    number = a_case(world)
    whisper(world, "lu", number, Room.CAUCUS_LENDER)
    whisper(world, "bai", number, Room.CAUCUS_BORROWER)
    text = page(world, "mo", number, "?thread=caucus-lender")
    assert all(f"?thread={thread.value}" in text for thread in Thread if thread not in OF_NO_CASE)
    assert "The lender wrote a message." in text
    assert "The borrower wrote a message." not in text


def test_a_successor_reads_nothing_that_a_side_told_its_predecessor(world: World) -> None:
    number = a_case(world)
    whisper(world, "lu", number, Room.CAUCUS_LENDER)
    world.clock.move(hours=1)
    succeed(world, number, "ming")
    assert "The lender wrote a message." not in page(world, "ming", number, "?thread=caucus-lender")


def succeed(world: World, number: str, name: str) -> None:
    """Another mediator sits in the place of the one before."""
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        seated = select(Seating).where(Seating.case_id == case.id, Seating.role == Role.MEDIATOR)
        session.scalars(seated).one().ended_at = world.clock()
        asked = session.scalars(select(Appointment).where(Appointment.case_id == case.id)).one()
        asked.mediator_id = case.mediator_id = world.people[name]
        session.flush()
        session.add(Seating(case_id=case.id, account_id=case.mediator_id, role=Role.MEDIATOR, since_at=world.clock()))


def test_the_words_that_were_said_are_not_on_the_record_page(world: World) -> None:
    number = a_case(world)
    whisper(world, "bai", number, Room.JOINT, "I lost my job")
    assert "I lost my job" not in page(world, "bai", number)
    assert "You wrote a message." in page(world, "bai", number)


def test_the_registrar_reads_the_case_alone(world: World) -> None:
    number = a_case(world)
    whisper(world, "bai", number, Room.CAUCUS_BORROWER)
    text = page(world, "ren", number)
    assert "caucus" not in text
    assert "?thread=case" in text


def test_a_stranger_finds_no_record(world: World) -> None:
    number = a_case(world)
    assert world.client("shi").get(f"/cases/{number}/record").status_code == 404


def test_older_entries_are_an_address(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        for _ in range(60):
            audit.record(seat, "room:opened", {"room": "joint"}, at=world.clock())
    newest = page(world, "mo", number)
    older = page(world, "mo", number, "?before=10")
    assert 'id="entry-60"' in newest
    assert 'id="entry-10"' not in newest
    assert 'id="entry-10"' in older


@pytest.mark.parametrize("column", ["salt", "nonce", "ciphertext", "wrapped_key"])
def test_a_changed_content_shows_as_broken(engine: Engine, column: str) -> None:
    world = make_world(engine)
    number = a_case(world)
    whisper(world, "bai", number, Room.JOINT)
    tamper(engine, "record_body", column, bytes(32 if column == "salt" else 12))
    assert "not the one that was recorded" in page(world, "bai", number)


@pytest.mark.parametrize("column", ["leaf", "leaf_hash"])
def test_a_changed_entry_shows_as_broken(engine: Engine, column: str) -> None:
    world = make_world(engine)
    number = a_case(world)
    whisper(world, "bai", number, Room.JOINT)
    tamper(engine, "record_entry", column, bytes(32))
    assert "Only the entries before the first broken one" in page(world, "bai", number)


def test_a_false_frontier_is_found_before_the_next_entry(engine: Engine) -> None:
    world = make_world(engine)
    number = a_case(world)
    whisper(world, "bai", number, Room.JOINT)
    tamper(engine, "record_head", "frontier", bytes(32), "size > 0")
    with world.reading() as session:
        head = session.scalars(select(RecordHead).where(RecordHead.size > 0)).first()
        assert head is not None
        state = audit.verify(session, session.get_one(RecordThread, head.thread_id))
    assert state.verdict.flaw is Flaw.ROOT


def test_the_auditor_checks_every_thread_and_reads_none(world: World) -> None:
    number = a_case(world)
    whisper(world, "bai", number, Room.JOINT, "I lost my job")
    text = world.client("audit").get("/record").text
    assert "Every thread verifies" in text
    assert number not in text
    assert "wrote a message" not in text


def test_the_registrar_reads_the_institutions_own_thread(world: World) -> None:
    text = world.client("ren").get("/record").text
    assert "You gave somebody a place here." in text


def test_the_check_stops_at_the_first_broken_thread(engine: Engine) -> None:
    world = make_world(engine)
    number = a_case(world)
    whisper(world, "bai", number, Room.CAUCUS_BORROWER)
    tamper(engine, "record_entry", "leaf_hash", bytes(32))
    text = world.client("audit").get("/record").text
    assert "A thread does not verify" in text
    assert "does not match its fingerprint" in text


def test_a_check_goes_on_where_the_page_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a_case(world)
    monkeypatch.setattr(threads, "CHECKED", 3)
    client, path, pages = world.client("audit"), "/record", []
    while path:
        pages.append(client.get(path).text)
        path = html.unescape(next(iter(re.findall(r'href="(/record\?after[^"]+)"', pages[-1])), ""))
    assert ["Every thread verifies" in text for text in pages] == [False, True]


def test_nobody_else_checks_the_records(world: World) -> None:
    assert [world.client(person).get("/record").status_code for person in ("lu", "mo", "bai")] == [403, 403, 404]
