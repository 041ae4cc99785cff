"""From agreed terms to the seal, whoever is waited for finds it on their own page, with the day it ends."""

import re

import pytest

from mediation.cases.identities import give_identity
from mediation.rules.access import Role
from tests.agreements.signing import agreed, paper, sign, the_case
from tests.stories import ID_NUMBER
from tests.world import World

ROW = re.compile(r'<th scope="row" class="mono"><a href="/cases/([^"]+)">')


def test_the_borrower_is_asked_who_they_are_while_everybody_waits_for_it(world: World) -> None:
    number = agreed(world)
    page = world.client("bai").get("/home").get_data(as_text=True)
    assert "For the agreement we need your name, identity number and an address for letters." in page
    assert f'href="/cases/{number}/identity"' in page
    assert "9 October 2025" in page
    assert page.count("button is-primary") == 1


def test_the_mediators_docket_waits_for_the_borrower_until_then(world: World) -> None:
    number = agreed(world)
    assert (_listed(world, "mo", "mine"), _listed(world, "mo", "waiting")) == ([], [number])
    _identify(world, number)
    assert (_listed(world, "mo", "mine"), _listed(world, "mo", "waiting")) == ([number], [])
    assert the_case(world, number).deadline_kind == "contact-parties"


def test_while_the_paper_is_made_nobody_is_asked_for_anything(world: World) -> None:
    from tests.agreements.signing import drawn_up

    number = agreed(world)
    _identify(world, number)
    drawn_up(world, number)
    for name in ("bai", "lu", "mo"):
        page = world.client(name).get(f"/cases/{number}").get_data(as_text=True)
        assert "button is-primary" not in page


@pytest.mark.parametrize("sort", ["", "&sort=moved"])
def test_both_sides_find_the_paper_among_what_needs_them(world: World, sort: str) -> None:
    number, _ = paper(world)
    assert _listed(world, "lu", f"mine{sort}") == [number]
    assert _listed(world, "lu", f"waiting{sort}") == []
    assert _listed(world, "mo", f"waiting{sort}") == [number]
    assert "is ready for you to read and sign" in _home(world)


def test_the_counts_of_the_tabs_say_the_same(world: World) -> None:
    paper(world)
    page = world.client("lu").get("/docket").get_data(as_text=True)
    assert re.findall(r'<span class="count">(\d+)<', page)[:2] == ["1", "0"]


@pytest.mark.parametrize(("first", "then"), [("bai", "lu"), ("lu", "bai")])
def test_whoever_has_signed_waits_for_the_other(world: World, first: str, then: str) -> None:
    number, agreement_id = paper(world)
    sign(world, first, number, agreement_id)
    case = the_case(world, number)
    assert (case.turn, case.both_sides) == ({"bai": Role.BORROWER, "lu": Role.LENDER}[then], False)
    assert _listed(world, "lu", "mine") == ([number] if then == "lu" else [])
    assert ("Ready for you" in _home(world)) is (then == "bai")


def test_after_both_the_mediator_has_two_working_days(world: World) -> None:
    number, agreement_id = paper(world)
    for name in ("lu", "bai"):
        sign(world, name, number, agreement_id)
    case = the_case(world, number)
    assert (case.turn, case.deadline_kind) == (Role.MEDIATOR, "confirm-agreement")
    assert case.deadline_at is not None
    assert case.deadline_at.isoformat() == "2025-09-26T16:00:00+00:00"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "by the end of 9 October 2025"), ("zh-CN", "截至2025年10月9日（周四）")]
)
def test_the_end_is_the_same_day_wherever_it_is_said(world: World, language: str, words: str) -> None:
    number, _ = paper(world)
    page = world.client("bai", language=language).get(f"/cases/{number}/agreement").get_data(as_text=True)
    assert words in page
    assert "00:00" not in page


def _identify(world: World, number: str) -> None:
    with world.seat("bai", number) as seat:
        give_identity(seat, name="白露", number=ID_NUMBER, address="江城市湖滨路8号302室", at=world.clock())


def _listed(world: World, name: str, tab: str) -> list[str]:
    return ROW.findall(world.client(name).get(f"/docket?tab={tab}").get_data(as_text=True))


def _home(world: World) -> str:
    return world.client("bai").get("/home").get_data(as_text=True)
