"""A later mediator reads nothing that was told to an earlier one, until that side opens it: one side, one mediator."""

import pytest
from sqlalchemy import select

from mediation.cases import appointments, handovers
from mediation.disclosures import document_selections as documents
from mediation.disclosures import means
from mediation.disclosures.document_models import Audience
from mediation.disclosures.models import Section
from mediation.docket import threads
from mediation.messages import selections as messages
from mediation.notices import Notice
from mediation.rules.access import Room, Thread
from mediation.rules.lifecycle import Answer, Stage
from tests.disclosures.household import CAP, given, keep, state, stated_case
from tests.documents.made import a_pdf, add, replace
from tests.facts.told import TITLE, earlier, hand_over, kinds, seen, step_back, succeed, tell
from tests.messages.talking import say
from tests.offers.table import refusal
from tests.sides.made import further
from tests.stories import a_case
from tests.world import World

OWN = {"bai": (Room.CAUCUS_BORROWER, Thread.CAUCUS_BORROWER), "lu": (Room.CAUCUS_LENDER, Thread.CAUCUS_LENDER)}


def heard(world: World, name: str, number: str, room: Room) -> list[str]:
    with world.seat(name, number) as seat:
        return [said.text for said in messages.talk_heard_by(seat, room).messages]


def papers(world: World, name: str, number: str) -> list[str]:
    with world.seat(name, number) as seat:
        return [paper.title for paper in documents.documents_seen_by(seat)]


def cap(world: World, name: str, number: str) -> int | None:
    with world.seat(name, number) as seat:
        return means.cap_seen_by(seat)


def entries(world: World, name: str, number: str, thread: Thread) -> list[str]:
    with world.seat(name, number) as seat:
        size = next(one.size for one in threads.states_for(seat) if one.thread is thread)
        return [entry.kind for entry in threads.reading_for(seat, thread, size=size).entries]


def told(world: World, name: str) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(Notice.kind).where(Notice.account_id == world.people[name])))


def full(world: World) -> str:
    """A case in which both sides have told the mediator everything that can be told."""
    number = a_case(world)
    for name, (room, _) in OWN.items():
        say(world, number, name, room, f"{name} says")
        add(world, number, name, title=f"{name} shows", audience=Audience.MEDIATOR)
        tell(world, number, name, title=f"{name} tells")
    say(world, number, "mo", Room.NOTES, "mo notes")
    stated_case(world, number)
    world.clock.move(minutes=1)
    return number


def read_by(world: World, name: str, number: str) -> dict[str, object]:
    """All that was told in private, as that mediator reads it."""
    return {
        "said": [heard(world, name, number, room) for room, _ in OWN.values()],
        "shown": sorted(papers(world, name, number)),
        "told": sorted(fact.title for fact in seen(world, name, number)),
        "cap": cap(world, name, number),
        "recorded": [len(entries(world, name, number, thread)) for _, thread in OWN.values()],
    }


NOTHING = {"said": [[], []], "shown": [], "told": [], "cap": None, "recorded": [0, 0]}
BORROWERS = {"said": [["bai says"], []], "shown": ["bai shows"], "told": ["bai tells"], "cap": CAP, "recorded": [5, 0]}
LENDERS = {"said": [[], ["lu says"]], "shown": ["lu shows"], "told": ["lu tells"], "cap": None, "recorded": [0, 4]}


def test_the_first_mediator_reads_all_of_it(world: World) -> None:
    found = read_by(world, "mo", full(world))
    assert found == {
        "said": [["bai says"], ["lu says"]], "shown": ["bai shows", "lu shows"], "told": ["bai tells", "lu tells"],
        "cap": CAP, "recorded": [4, 3],
    }  # fmt: skip


def test_a_successor_reads_nothing_of_it(world: World) -> None:
    number = full(world)
    succeed(world, number)
    assert read_by(world, "ming", number) == NOTHING


@pytest.mark.parametrize(("name", "found"), [("bai", BORROWERS), ("lu", LENDERS)])
def test_once_a_side_opens_it_the_successor_reads_that_sides_and_nothing_of_the_others(
    world: World, name: str, found: dict[str, object]
) -> None:
    number = full(world)
    succeed(world, number)
    hand_over(world, number, name)
    assert read_by(world, "ming", number) == found


def test_the_notes_of_an_earlier_mediator_stay_closed_whatever_is_opened(world: World) -> None:
    number = full(world)
    succeed(world, number)
    for name in OWN:
        hand_over(world, number, name)
    assert heard(world, "ming", number, Room.NOTES) == []
    assert entries(world, "ming", number, Thread.NOTES) == []


def test_what_the_new_mediator_is_told_or_shown_is_read_at_once(world: World) -> None:
    number = full(world)
    succeed(world, number)
    say(world, number, "bai", Room.CAUCUS_BORROWER, "新的话")
    add(world, number, "bai", title="新的材料", audience=Audience.MEDIATOR)
    tell(world, number, title="新的情况")
    keep(world, number, Section.INCOME, "wage", given("5,300"))
    state(world, number)
    found = read_by(world, "ming", number)
    assert (found["said"], found["shown"], found["told"]) == ([["新的话"], []], ["新的材料"], ["新的情况"])
    assert found["cap"] == CAP + 9_000


def test_a_newer_version_of_an_old_private_document_shows_that_version_alone(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", title="工资条", audience=Audience.MEDIATOR)
    succeed(world, number)
    replace(world, number, "bai", document_id, a_pdf("newer"))
    client, path = world.client("ming"), f"/cases/{number}/documents/{document_id}/file"
    assert [client.get(f"{path}?version={one}").status_code for one in (1, 2)] == [404, 200]


def test_a_document_that_is_closed_to_the_new_mediator_does_not_go_with_something_new(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", title="工资条", audience=Audience.MEDIATOR)
    succeed(world, number)
    assert refusal(tell, world, number, document_id=document_id) == "fact:document-unknown"
    say(world, number, "bai", Room.CAUCUS_BORROWER, "有一份工资条")
    hand_over(world, number, "bai")
    tell(world, number, document_id=document_id)
    assert [fact.paper and fact.paper.title for fact in seen(world, "ming", number)] == ["工资条"]


def test_the_page_counts_exactly_what_is_covered(world: World) -> None:
    number = full(world)
    succeed(world, number)
    found = earlier(world, "bai", number)
    assert found is not None
    assert dict(found.counts) == {"message:sent": 1, "document:added": 1, "fact:told": 1, "means:stated": 1}
    assert (found.mediator, found.others) == ("明哲", 0)
    say(world, number, "bai", Room.CAUCUS_BORROWER, "新的话")
    assert earlier(world, "bai", number) == found


def test_a_release_for_one_side_or_one_mediator_is_none_for_another(world: World) -> None:
    number = full(world)
    succeed(world, number)
    hand_over(world, number, "bai")
    world.people["zhou"] = _a_third_mediator(world)
    succeed(world, number, "zhou", earlier="ming")
    assert read_by(world, "zhou", number) == NOTHING
    found = earlier(world, "bai", number)
    assert found is not None
    assert (found.counts["message:sent"], found.others) == (1, 1)


def test_what_was_not_shown_is_not_opened(world: World) -> None:
    number = full(world)
    succeed(world, number)
    other = earlier(world, "lu", number)
    assert other is not None
    for seen_sha256 in ("0" * 64, other.sha256):
        with world.seat("bai", number) as seat:
            no = refusal(handovers.release_earlier, seat, seen_sha256=seen_sha256, at=world.clock())
        assert no == "earlier:changed"
    assert read_by(world, "ming", number) == NOTHING


def test_there_is_nothing_to_open_to_the_first_mediator_nor_twice_nor_to_nobody(world: World) -> None:
    number = full(world)
    assert refusal(hand_over, world, number, "bai") == "earlier:nothing-withheld"
    step_back(world, number)
    assert refusal(hand_over, world, number, "bai") == "earlier:nothing-withheld"
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    assert refusal(hand_over, world, number, "bai") == "earlier:nothing-withheld"
    world.clock.move(minutes=1)
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    assert [refusal(hand_over, world, number, "bai") for _ in range(2)] == ["done", "earlier:nothing-withheld"]


@pytest.mark.parametrize("name", ["ming", "ren"])
def test_no_mediator_and_no_registrar_opens_anything(world: World, name: str) -> None:
    number = full(world)
    succeed(world, number)
    with world.seat(name, number) as seat:
        assert not seat.may("earlier:release")
        no = refusal(handovers.release_earlier, seat, seen_sha256="0" * 64, at=world.clock())
    assert no == "seat:not-permitted"


def test_whoever_came_to_the_side_later_neither_reads_nor_opens_what_the_first_person_told(world: World) -> None:
    number = full(world)
    further(world, number)
    assert [fact.title for fact in seen(world, "shi", number)] == []
    succeed(world, number)
    assert refusal(hand_over, world, number, "shi") == "seat:not-permitted"
    tell(world, number, "shi", title="石川的情况")
    assert [fact.title for fact in seen(world, "shi", number)] == ["石川的情况"]
    assert sorted(fact.title for fact in seen(world, "bai", number)) == ["bai tells", "石川的情况"]


def test_opening_is_an_entry_in_that_sides_own_thread_and_the_other_side_notices_nothing(world: World) -> None:
    number = full(world)
    succeed(world, number)
    before = (kinds(world, number, "lu"), told(world, "lu"), kinds(world, number, "lu", Thread.CAUCUS_LENDER))
    hand_over(world, number, "bai")
    assert kinds(world, number, "bai", Thread.CAUCUS_BORROWER)[-1] == "earlier:released"
    assert before == (kinds(world, number, "lu"), told(world, "lu"), kinds(world, number, "lu", Thread.CAUCUS_LENDER))
    assert told(world, "ming")[-1] == "earlier:released"


def test_each_side_that_told_something_is_told_that_it_stays_closed(world: World) -> None:
    number = a_case(world)
    tell(world, number)
    succeed(world, number)
    assert ("earlier:withheld" in told(world, "bai"), "earlier:withheld" in told(world, "lu")) == (True, False)


def test_after_an_objection_what_was_told_meanwhile_stays_closed_too(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    for mediator in ("mo", "ming"):
        with world.seat("ren", number) as seat:
            appointments.propose_mediator(seat, world.people[mediator], at=world.clock())
        with world.seat(mediator, number) as seat:
            appointments.accept_appointment(seat, at=world.clock())
        if mediator == "mo":
            tell(world, number)
            world.clock.move(minutes=1)
            with world.seat("lu", number) as seat:
                appointments.answer_appointment(seat, Answer.OBJECT, at=world.clock())
    assert seen(world, "ming", number) == []
    hand_over(world, number, "bai")
    assert [fact.title for fact in seen(world, "ming", number)] == [TITLE]


def test_a_successor_who_has_not_accepted_reads_nothing_whatever_was_opened_before(world: World) -> None:
    number = full(world)
    step_back(world, number)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    client = world.client("ming")
    paths = ("rooms?room=caucus-borrower", "facts", "documents", "means", "record?thread=caucus-borrower")
    assert {client.get(f"/cases/{number}/{path}").status_code for path in paths} <= {403, 404, 409}


def test_the_page_asks_once_more_and_opens_on_the_second_step_alone(world: World) -> None:
    number = full(world)
    succeed(world, number)
    client, path = world.client("bai"), f"/cases/{number}/earlier"
    page = client.get(path).get_data(as_text=True)
    for words in (
        "1 message between you",
        "1 file that you showed",
        "1 thing told in confidence",
        "income and spending",
    ):
        assert words in page
    assert read_by(world, "ming", number) == NOTHING
    form = {"sha256": page.partition('name="sha256" value="')[2][:64], "_key": "once"}
    assert [client.post(path, data=form).location for _ in range(2)] == [path, path]
    assert "There is nothing to open" in client.get(path).get_data(as_text=True)
    assert read_by(world, "ming", number) == BORROWERS


def _a_third_mediator(world: World):  # type: ignore[no-untyped-def]
    from mediation.accounts import actions as accounts
    from mediation.accounts import credentials
    from mediation.rules.access import Role

    with world.desk("ren") as desk:
        account = credentials.add_account(desk.session, "zhou", "周平", email="zhou@example.org", at=world.clock())
        desk.session.flush()
        accounts.add_member(desk, account, Role.MEDIATOR, at=world.clock())
        return account.id
