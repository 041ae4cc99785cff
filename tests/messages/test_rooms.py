"""What is said in a room is heard by those who sit in it, and by nobody else in any way."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.accounts.models import Membership
from mediation.cases import appointments
from mediation.cases.models import Case
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.keys import Unreadable
from mediation.messages import actions, selections
from mediation.messages.models import JointRoom, Message
from mediation.notices import Notice
from mediation.outbox import Job
from mediation.rules.access import Role, Room, Thread
from tests.messages import talking
from tests.stories import a_case
from tests.world import World, add_person

SECRET = "下个月我会有一笔年终奖"
CAUCUS = {Room.CAUCUS_BORROWER: "bai", Room.CAUCUS_LENDER: "lu"}


def say(world: World, number: str, name: str, room: Room, text: str = SECRET) -> None:
    talking.say(world, number, name, room, text)


def heard(world: World, number: str, name: str, room: Room) -> list[str]:
    with world.seat(name, number) as seat:
        return [said.text for said in selections.talk_heard_by(seat, room).messages]


def refusal(world: World, number: str, name: str, room: Room, text: str = SECRET) -> str:
    with pytest.raises(Refused) as no:
        say(world, number, name, room, text)
    return no.value.key


def told(world: World, name: str) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(Notice.kind).where(Notice.account_id == world.people[name])))


def page(world: World, name: str | None, path: str) -> tuple[int, str]:
    response = world.client(name).get(path)
    return response.status_code, response.get_data(as_text=True)


# --- who hears ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", list(CAUCUS))
def test_what_is_said_in_a_caucus_is_read_by_that_side_and_the_mediator(world: World, room: Room) -> None:
    number = a_case(world)
    say(world, number, CAUCUS[room], room)
    assert heard(world, number, CAUCUS[room], room) == heard(world, number, "mo", room) == [SECRET]


@pytest.mark.parametrize("room", list(CAUCUS))
@pytest.mark.parametrize("name", ["bai", "lu", "ren", "audit", "shi", "ming", "an", None])
def test_nobody_else_finds_a_caucus_at_its_address(world: World, room: Room, name: str | None) -> None:
    if name == CAUCUS[room]:
        name = "lu" if name == "bai" else "bai"
    number = a_case(world)
    say(world, number, CAUCUS[room], room)
    for path in (f"/cases/{number}/rooms?room={room.value}", f"/cases/{number}/rooms/{room.value}/news"):
        status, text = page(world, name, path)
        assert status in (303, 403, 404)
        assert SECRET not in text


def test_a_caucus_of_the_other_side_looks_like_a_room_that_does_not_exist(world: World) -> None:
    number = a_case(world)
    say(world, number, "lu", Room.CAUCUS_LENDER)
    theirs = page(world, "bai", f"/cases/{number}/rooms?room=caucus-lender")
    nothing = page(world, "bai", f"/cases/{number}/rooms?room=caucus-nobody")
    assert theirs[0] == 404
    assert theirs[1].replace("caucus-lender", "") == nothing[1].replace("caucus-nobody", "")


def test_the_other_side_does_not_write_into_a_caucus(world: World) -> None:
    number = a_case(world)
    response = world.client("bai").post(f"/cases/{number}/rooms/caucus-lender/messages", data={"text": "在吗"})
    assert response.status_code == 404
    assert heard(world, number, "lu", Room.CAUCUS_LENDER) == []


def test_a_mediator_who_stepped_back_hears_nothing_any_more(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    for room in Room:
        assert page(world, "mo", f"/cases/{number}/rooms?room={room.value}")[0] == 404


def test_an_officer_who_left_the_lender_hears_nothing_any_more(world: World) -> None:
    number = a_case(world)
    say(world, number, "lu", Room.CAUCUS_LENDER)
    with world.writing() as session:
        member = session.scalars(select(Membership).where(Membership.account_id == world.people["lu"])).one()
        member.ended_at = world.clock()
    assert page(world, "lu", f"/cases/{number}/rooms?room=caucus-lender")[0] == 404


def test_another_officer_of_the_lender_hears_the_lenders_side(world: World) -> None:
    number = a_case(world)
    say(world, number, "lu", Room.CAUCUS_LENDER)
    add_person(world, "lin", "林青", role=Role.LENDER)
    assert heard(world, number, "lin", Room.CAUCUS_LENDER) == [SECRET]


def test_a_successor_does_not_read_what_was_said_to_another_in_private(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER)
    say(world, number, "mo", Room.NOTES, "先听借款人说")
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    world.clock.move(hours=1)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    assert heard(world, number, "ming", Room.CAUCUS_BORROWER) == heard(world, number, "ming", Room.NOTES) == []
    say(world, number, "bai", Room.CAUCUS_BORROWER, "您好")
    assert heard(world, number, "ming", Room.CAUCUS_BORROWER) == ["您好"]


@pytest.mark.parametrize("name", ["bai", "lu"])
def test_the_mediators_notes_are_the_mediators_alone(world: World, name: str) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.NOTES)
    assert heard(world, number, "mo", Room.NOTES) == [SECRET]
    with pytest.raises(NotFound):
        heard(world, number, name, Room.NOTES)


def test_the_joint_room_is_heard_by_all_three(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.JOINT, "大家好")
    assert [heard(world, number, name, Room.JOINT) for name in ("bai", "lu", "mo")] == [["大家好"]] * 3


def test_the_registrar_hears_no_room(world: World) -> None:
    number = a_case(world)
    with world.seat("ren", number) as seat:
        assert seat.rooms() == ()
        with pytest.raises(NotPermitted):
            actions.send_message(seat, Room.JOINT, SECRET, at=world.clock())


# --- the joint room's door ------------------------------------------------------------------------------------


def test_a_closed_joint_room_takes_no_message_of_a_party(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        actions.close_joint_room(seat, at=world.clock())
    assert refusal(world, number, "bai", Room.JOINT) == refusal(world, number, "lu", Room.JOINT) == "room:closed"


def test_what_was_said_stays_readable_in_a_closed_joint_room(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.JOINT, "您好")
    with world.seat("mo", number) as seat:
        actions.close_joint_room(seat, at=world.clock())
    status, text = page(world, "lu", f"/cases/{number}/rooms?room=joint")
    assert (status, "您好" in text, "<textarea" in text) == (200, True, False)


@pytest.mark.parametrize("name", ["bai", "lu", "ren"])
def test_only_the_mediator_opens_and_closes_the_joint_room(world: World, name: str) -> None:
    number = a_case(world)
    for way in ("opening", "closing"):
        assert world.client(name).post(f"/cases/{number}/joint-room/{way}").status_code == 403


def test_the_joint_room_closes_with_the_mediators_seat(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    assert refusal(world, number, "bai", Room.JOINT) == "message:no-mediator"


def test_without_a_mediator_nothing_is_said_in_private_to_a_stranger(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    assert refusal(world, number, "bai", Room.CAUCUS_BORROWER) == "message:no-mediator"


def test_opening_the_joint_room_is_the_mediators_contact(world: World) -> None:
    number = a_case(world)
    _await_contact(world, number)
    with world.writing() as session:
        session.delete(session.scalars(select(JointRoom)).one())
    with world.seat("mo", number) as seat:
        actions.open_joint_room(seat, at=world.clock())
    assert _case(world, number).deadline_kind == "mediation"


def test_a_word_in_a_caucus_moves_nothing_that_the_other_side_sees(world: World) -> None:
    number = a_case(world)
    _await_contact(world, number)
    before = _columns(world, number)
    world.clock.move(hours=1)
    say(world, number, "mo", Room.CAUCUS_LENDER)
    assert _columns(world, number) == before


# --- the text -------------------------------------------------------------------------------------------------


def test_a_message_is_kept_encrypted(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER)
    with world.reading() as session:
        kept = session.scalars(select(Message)).one()
    assert SECRET.encode() not in kept.ciphertext + kept.wrapped_key
    assert kept.text_sha256 != ""


def test_a_message_does_not_open_in_another_room(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER)
    with world.writing() as session:
        session.scalars(select(Message)).one().room = Room.JOINT
    with pytest.raises(Unreadable):
        heard(world, number, "lu", Room.JOINT)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "message:empty"),
        (" \n\t ", "message:empty"),
        ("字" * 4001, "message:too-long"),
        ("ab\x00c", "message:control-characters"),
        ("ab\x1bc", "message:control-characters"),
        ("ab\x85c", "message:control-characters"),
        ("ab\ud800c", "message:control-characters"),
        ("付\u202e1234", "message:control-characters"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused(world: World, text: str, key: str) -> None:
    assert refusal(world, a_case(world), "bai", Room.JOINT, text) == key


def test_a_text_of_four_thousand_characters_is_kept_whole(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.JOINT, "字" * 4000)
    assert heard(world, number, "lu", Room.JOINT) == ["字" * 4000]


def test_letters_are_composed_and_lines_end_alike(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.JOINT, "e\u0301\r\n第二行\r第三行 ")
    assert heard(world, number, "lu", Room.JOINT) == ["é\n第二行\n第三行"]


def test_what_is_written_is_shown_and_never_run(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.JOINT, "<script>alert(1)</script>")
    _, text = page(world, "lu", f"/cases/{number}/rooms?room=joint")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_a_refused_message_stays_in_the_composer(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        actions.close_joint_room(seat, at=world.clock())
        actions.open_joint_room(seat, at=world.clock())
    response = world.client("bai").post(f"/cases/{number}/rooms/joint/messages", data={"text": "写好的话" * 1001})
    assert response.status_code == 409
    assert "写好的话" in response.get_data(as_text=True)


# --- the record -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "room", "thread"),
    [
        ("bai", Room.JOINT, Thread.CASE),
        ("bai", Room.CAUCUS_BORROWER, Thread.CAUCUS_BORROWER),
        ("lu", Room.CAUCUS_LENDER, Thread.CAUCUS_LENDER),
        ("mo", Room.NOTES, Thread.NOTES),
    ],
)
def test_a_message_is_one_entry_in_the_thread_of_its_room(world: World, name: str, room: Room, thread: Thread) -> None:
    number = a_case(world)
    say(world, number, name, room)
    with world.seat("mo", number) as seat:
        grown = {each: len(audit.entries_seen_by(seat, each)) for each in seat.threads()}
    assert {each for each, size in grown.items() if size} == {thread}


def test_the_record_names_a_text_by_its_hash_and_never_copies_it(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER)
    with world.seat("bai", number) as seat:
        entry = audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)[0]
    assert set(entry.body or ()) == {"message", "room", "text_sha256"}


# --- notices --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "room", "hearers"),
    [
        ("bai", Room.JOINT, {"lu", "mo"}),
        ("bai", Room.CAUCUS_BORROWER, {"mo"}),
        ("lu", Room.CAUCUS_LENDER, {"mo"}),
        ("mo", Room.CAUCUS_BORROWER, {"bai"}),
        ("mo", Room.CAUCUS_LENDER, {"lu"}),
        ("mo", Room.JOINT, {"bai", "lu"}),
        ("mo", Room.NOTES, set()),
    ],
)
def test_those_who_hear_the_room_are_told_and_nobody_else(
    world: World, name: str, room: Room, hearers: set[str]
) -> None:
    number = a_case(world)
    say(world, number, name, room)
    assert {each for each in world.people if told(world, each)} == hearers


def test_a_reader_is_told_once_until_looking(world: World) -> None:
    number = a_case(world)
    for text in ("一", "二", "三"):
        say(world, number, "mo", Room.CAUCUS_BORROWER, text)
    assert told(world, "bai") == ["message:sent"]
    page(world, "bai", f"/cases/{number}/rooms")
    say(world, number, "mo", Room.CAUCUS_BORROWER, "四")
    assert told(world, "bai") == ["message:sent"] * 2


def test_a_notice_repeats_no_word_of_what_was_said(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.CAUCUS_BORROWER)
    with world.reading() as session:
        kept = [str(each.facts) for each in session.scalars(select(Notice))]
        promised = [str(each.payload) for each in session.scalars(select(Job))]
    assert not [each for each in kept + promised if SECRET in each or "caucus" in each]


# --- reading --------------------------------------------------------------------------------------------------


def unread(world: World, number: str, name: str) -> dict[Room, int]:
    with world.seat(name, number) as seat:
        return {room: count for room, count in selections.unread_by(seat).items() if count}


def test_what_others_say_is_new_until_the_room_is_opened(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.CAUCUS_BORROWER, "一")
    say(world, number, "mo", Room.CAUCUS_BORROWER, "二")
    assert unread(world, number, "bai") == {Room.CAUCUS_BORROWER: 2}
    page(world, "bai", f"/cases/{number}/rooms")
    assert unread(world, number, "bai") == {}


def test_one_readers_mark_is_not_anothers(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.JOINT)
    page(world, "bai", f"/cases/{number}/rooms?room=joint")
    assert unread(world, number, "lu") == {Room.JOINT: 1}


def test_nobody_sees_whether_another_has_read(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.JOINT)
    before = page(world, "mo", f"/cases/{number}/rooms?room=joint")[1]
    page(world, "bai", f"/cases/{number}/rooms?room=joint")
    assert calm(page(world, "mo", f"/cases/{number}/rooms?room=joint")[1]) == calm(before)


def test_a_long_room_is_read_in_pages(world: World) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        for n in range(53):
            actions.send_message(seat, Room.JOINT, f"第{n}条", at=world.clock())
    talking.let_pass(world, number)
    with world.seat("bai", number) as seat:
        newest = selections.talk_heard_by(seat, Room.JOINT)
        older = selections.talk_heard_by(seat, Room.JOINT, before=newest.messages[0].id)
    assert [said.text for said in older.messages] == ["第0条", "第1条", "第2条"]
    assert (newest.has_older, older.has_older) == (True, False)


def test_a_place_in_another_room_is_no_place_to_read_from(world: World) -> None:
    number = a_case(world)
    say(world, number, "lu", Room.CAUCUS_LENDER)
    with world.reading() as session:
        foreign = session.scalars(select(Message.id)).one()
    assert page(world, "bai", f"/cases/{number}/rooms?room=joint&before={foreign}")[0] == 404


# --- news for a page that stays open --------------------------------------------------------------------------


def shown_by(text: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', text)
    assert found is not None
    return found.group(1)


def test_a_page_that_shows_everything_gets_nothing_new(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.JOINT)
    shown = shown_by(page(world, "bai", f"/cases/{number}/rooms?room=joint")[1])
    assert page(world, "bai", f"/cases/{number}/rooms/joint/news?shown={shown}") == (204, "")


def test_a_new_message_reaches_a_page_that_is_open(world: World) -> None:
    number = a_case(world)
    shown = shown_by(page(world, "bai", f"/cases/{number}/rooms?room=joint")[1])
    say(world, number, "lu", Room.JOINT, "新的一条")
    status, text = page(world, "bai", f"/cases/{number}/rooms/joint/news?shown={shown}")
    assert (status, "新的一条" in text, "<html" in text) == (200, True, False)


def test_an_open_page_learns_that_the_joint_room_has_closed(world: World) -> None:
    number = a_case(world)
    shown = shown_by(page(world, "bai", f"/cases/{number}/rooms?room=joint")[1])
    with world.seat("mo", number) as seat:
        actions.close_joint_room(seat, at=world.clock())
    status, text = page(world, "bai", f"/cases/{number}/rooms/joint/news?shown={shown}")
    assert (status, "The joint room is closed" in text) == (200, True)


def test_a_page_left_open_does_not_keep_a_session_alive(world: World) -> None:
    number = a_case(world)
    client = world.client("bai")
    for _ in range(40):
        world.clock.move(minutes=1)
        client.get(f"/cases/{number}/rooms/joint/news")
    assert client.get(f"/cases/{number}/rooms").status_code == 303


def test_an_open_page_whose_seat_has_ended_is_loaded_anew(world: World) -> None:
    number = a_case(world)
    mediator = world.client("mo")
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    response = mediator.get(f"/cases/{number}/rooms/joint/news", headers={"HX-Request": "true"})
    assert (response.status_code, response.data, response.headers["HX-Refresh"]) == (403, b"", "true")


# --- non-interference -----------------------------------------------------------------------------------------


def calm(text: str) -> str:
    """A page without what differs each time it is asked for: form keys and tokens."""
    return re.sub(r'(name="(?:_key|csrf_token)" value=")[^"]*', r"\1", text)


def borrowers_view(world: World, number: str) -> dict[str, tuple[int, str]]:
    paths = {
        str(rule)
        for rule in world.app.url_map.iter_rules()
        if rule.arguments == {"number"} and "GET" in (rule.methods or ())
    }
    seen = {path: page(world, "bai", path.replace("<number>", number)) for path in sorted(paths)}
    seen |= {room.value: page(world, "bai", f"/cases/{number}/rooms?room={room.value}") for room in Room}
    return {path: (status, calm(text)) for path, (status, text) in seen.items()}


def test_a_lenders_caucus_leaves_every_byte_that_the_borrower_sees_as_it_was(world: World) -> None:
    number = a_case(world)
    say(world, number, "mo", Room.JOINT, "大家好")
    borrowers_view(world, number)
    before, notices, columns = borrowers_view(world, number), told(world, "bai"), _columns(world, number)
    world.clock.move(seconds=1)
    for n in range(3):
        say(world, number, "lu", Room.CAUCUS_LENDER, f"底线 {n}")
        say(world, number, "mo", Room.CAUCUS_LENDER, f"知道了 {n}")
    say(world, number, "mo", Room.NOTES, "只有我知道")
    page(world, "lu", f"/cases/{number}/rooms")
    page(world, "mo", f"/cases/{number}/rooms?room=caucus-lender")
    assert borrowers_view(world, number) == before
    assert (told(world, "bai"), _columns(world, number)) == (notices, columns)


def _await_contact(world: World, number: str) -> None:
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.turn, case.deadline_kind = Role.MEDIATOR, "contact-parties"
        case.deadline_at = world.clock() + timedelta(days=2)


def _case(world: World, number: str) -> Case:
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def _columns(world: World, number: str) -> dict[str, object]:
    case = _case(world, number)
    return {column.name: getattr(case, column.key) for column in Case.__table__.columns}
