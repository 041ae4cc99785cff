"""A held offer is nobody's business but its own side's: no page, record, notice or docket moves."""

import re

import pytest
from sqlalchemy import func, select

from mediation.audit import RecordHead, RecordThread
from mediation.cases.models import Case
from mediation.notices import Notice
from mediation.outbox import Job
from tests.offers.table import case, make, show, terms, withdraw
from tests.stories import a_case
from tests.world import World

OTHERS = ["bai", "mo"]
# What differs from one rendering to the next by itself: the key of each form.
OWN_NOISE = re.compile(rb'name="(?:_key|csrf_token)" value="[^"]*"')


def page(world: World, name: str, path: str) -> bytes:
    """The page as that person reads it, without what changes by itself."""
    return OWN_NOISE.sub(b"", world.client(name).get(path).data)


@pytest.mark.parametrize("name", OTHERS)
def test_a_held_offer_changes_no_byte_of_the_table(world: World, name: str) -> None:
    number = a_case(world)
    before = page(world, name, f"/cases/{number}/offers")
    make(world, number, "lu")
    assert page(world, name, f"/cases/{number}/offers") == before


@pytest.mark.parametrize("name", OTHERS)
def test_a_held_counter_changes_no_byte_of_the_offer_it_answers(world: World, name: str) -> None:
    number = a_case(world)
    path = f"/cases/{number}/offers/{show(world, number, 'bai')}"
    before = page(world, name, path)
    make(world, number, "lu")
    assert page(world, name, path) == before


@pytest.mark.parametrize("name", [*OTHERS, "ren", "shi"])
def test_a_held_offer_has_no_page_for_anybody_else(world: World, name: str) -> None:
    number = a_case(world)
    offer_id = make(world, number, "lu")
    assert world.client(name).get(f"/cases/{number}/offers/{offer_id}").status_code in (403, 404)


def test_a_held_offer_answers_as_one_that_does_not_exist(world: World) -> None:
    number = a_case(world)
    offer_id, nothing = make(world, number, "lu"), "01a20b44-3335-772a-b4b4-cd9c1d5e1841"
    client = world.client("bai")
    data = {"sha256": "0" * 64, "seen_version": "0"}
    answers = [client.post(f"/cases/{number}/offers/{each}/acceptance", data=data) for each in (offer_id, nothing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert OWN_NOISE.sub(b"", answers[0].data) == OWN_NOISE.sub(b"", answers[1].data)


def test_a_held_offer_moves_nothing_of_the_case(world: World) -> None:
    number = a_case(world)
    before = case(world, number)
    world.clock.move(minutes=3)
    make(world, number, "lu")
    after = case(world, number)
    assert (after.turn, after.deadline_at, after.moved_at) == (before.turn, before.deadline_at, before.moved_at)


def test_a_held_offer_tells_nobody_and_writes_no_record(world: World) -> None:
    number = a_case(world)
    before = sizes(world, number)
    make(world, number, "lu")
    assert sizes(world, number) == before


def test_an_offer_taken_back_unseen_leaves_no_trace(world: World) -> None:
    number = a_case(world)
    pages, before = [page(world, name, f"/cases/{number}/offers") for name in OTHERS], sizes(world, number)
    withdraw(world, number, "lu", make(world, number, "lu"))
    world.clock.move(minutes=20)
    assert [page(world, name, f"/cases/{number}/offers") for name in OTHERS] == pages
    assert sizes(world, number) == before


def test_no_gap_tells_of_an_offer_taken_back_unseen(world: World) -> None:
    number = a_case(world)
    withdraw(world, number, "lu", make(world, number, "lu"))
    path = f"/cases/{number}/offers/{show(world, number, 'lu', terms(24))}"
    assert b"Plan 1" in page(world, "bai", path)
    assert b"Plan 2" not in page(world, "bai", path)


def test_the_own_side_sees_its_held_offer(world: World) -> None:
    number = a_case(world)
    make(world, number, "lu")
    assert b"Only your side sees this plan" in page(world, "lu", f"/cases/{number}/offers")


def test_when_it_shows_the_other_side_and_the_mediator_are_told(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    with world.reading() as session:
        told = session.scalars(select(Notice.account_id).where(Notice.kind == "offer:shown")).all()
    assert set(told) == {world.people["bai"], world.people["mo"]}


def test_a_page_read_before_the_worker_came_shows_the_offer(world: World) -> None:
    number = a_case(world)
    offer_id = make(world, number, "lu")
    world.clock.move(minutes=10)
    assert world.client("bai").get(f"/cases/{number}/offers/{offer_id}").status_code == 200


def sizes(world: World, number: str) -> tuple[int, ...]:
    """How long each thread of the record is, and how many notices and mails there are."""
    with world.reading() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        heads = select(RecordHead.size).join(RecordThread).where(RecordThread.case_id == found.id)
        mails = session.scalar(select(func.count()).select_from(Job).where(Job.kind == "notice:send"))
        notices = session.scalar(select(func.count()).select_from(Notice))
        return (*session.scalars(heads.order_by(RecordThread.name)), notices or 0, mails or 0)
