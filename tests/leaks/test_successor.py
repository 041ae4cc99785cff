"""Whoever stepped back finds nothing any more; whoever came after reads what a side opens, and of the other nothing."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from mediation import search
from mediation.cases.models import Case
from mediation.db import make_engine
from tests.databases import Handout
from tests.facts.told import hand_over, succeed
from tests.furnished import furnish
from tests.house import open_house
from tests.leaks.canaries import Planted, letters, pages_read_by, plant, seen_in

# What each side told the earlier mediator alone.
BORROWERS = frozenset({
    "borrower's caucus", "borrower's paper", "borrower's fact", "what was verified", "hardship", "released income",
    "spending in summary",
})  # fmt: skip
LENDERS = frozenset({"lender's caucus", "officer's paper", "officer's fact"})
AT_THE_TABLE = {"borrower", "officer", "mediator"}
Seen = dict[str, frozenset[str]]


@pytest.fixture(scope="module")
def planted(databases: Handout, database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """A house with secrets whose mediator has stepped back, and another has accepted."""
    source, place = databases(database_kind), tmp_path_factory.mktemp("succession")
    url, house = furnish(source, "house", open_house, place)
    engine = make_engine(url)
    planted = plant(house.moved_to(engine, place))
    succeed(planted.house.world, planted.number)
    yield planted
    engine.dispose()
    source.drop(url)


@pytest.fixture(scope="module")
def seen(planted: Planted) -> Seen:
    """What the one who left, and the one who came, find on any page: at first, and after each side has opened it."""
    found = {"left": seen_by(planted, "mediator"), "at first": seen_by(planted, "other mediator")}
    for name, moment in (("bai", "after the borrower"), ("lu", "after both")):
        hand_over(planted.house.world, planted.number, name)
        found[moment] = seen_by(planted, "other mediator")
    return {**found, "left, after both": seen_by(planted, "mediator")}


def seen_by(planted: Planted, actor: str) -> frozenset[str]:
    """The secrets that stand on some page of this actor; what a search only repeats is none."""
    pages = [text for path, text in pages_read_by(planted, actor).items() if "?q=" not in path]
    return frozenset(
        name for name, (written, _) in planted.secrets.items() if any(seen_in(text, written) for text in pages)
    )


def told_to_the_mediator(planted: Planted) -> frozenset[str]:
    """What one side, or nobody, told the mediator who sat: whatever a mediator may read and not both sides as well."""
    found = {name for name, (_, readers) in planted.secrets.items() if "mediator" in readers}
    shared = {name for name in found if planted.secrets[name][1] >= AT_THE_TABLE}
    return frozenset(found - shared) | BORROWERS | LENDERS


@pytest.mark.parametrize("moment", ["left", "left, after both"])
def test_whoever_stepped_back_finds_nothing_at_any_address(seen: Seen, moment: str) -> None:
    assert seen[moment] == frozenset()


def test_whoever_came_after_finds_what_all_three_know_and_nothing_told_in_private(planted: Planted, seen: Seen) -> None:
    assert seen["at first"] >= {"joint room", "words for it"}
    assert seen["at first"] & told_to_the_mediator(planted) == frozenset()


def test_once_the_borrower_opens_it_the_new_mediator_reads_the_borrowers_alone(planted: Planted, seen: Seen) -> None:
    assert seen["after the borrower"] & told_to_the_mediator(planted) == BORROWERS


def test_once_both_open_it_all_is_read_but_the_notes_of_the_one_who_left(planted: Planted, seen: Seen) -> None:
    assert "mediator's notes" in told_to_the_mediator(planted)
    assert seen["after both"] & told_to_the_mediator(planted) == BORROWERS | LENDERS


def test_no_letter_to_either_of_them_carries_anything(planted: Planted, seen: Seen) -> None:
    told = letters(planted)
    private = {name: planted.secrets[name][0] for name in BORROWERS | LENDERS | {"mediator's notes"}}
    assert told["ming"]
    leaks = [
        (reader, name)
        for reader in ("mo", "ming")
        for text in told[reader]
        for name, written in private.items()
        if seen_in(text, written)
    ]
    assert leaks == []


def test_the_case_is_in_no_list_and_no_search_of_whoever_stepped_back(planted: Planted) -> None:
    world, client = planted.house.world, planted.house.world.app.test_client(use_cookies=False)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == planted.number)).one()
        search.index_case(session, case.institution_id, case.id, [case.number])
    for path in ("/docket?tab=all", f"/docket?q={planted.number}"):
        pages = {
            actor: client.get(path, headers=planted.house.cookie_of(actor)).get_data(as_text=True)
            for actor in ("mediator", "other mediator")
        }
        link = f'href="/cases/{planted.number}"'
        assert {actor: link in text for actor, text in pages.items()} == {"mediator": False, "other mediator": True}


def test_an_open_page_of_whoever_stepped_back_gets_no_more_news(planted: Planted) -> None:
    client = planted.house.world.app.test_client(use_cookies=False)
    for room in ("joint", "caucus-borrower", "caucus-lender", "mediator-notes"):
        for address in (f"rooms/{room}/news", f"rooms?room={room}"):
            path = f"/cases/{planted.number}/{address}"
            assert client.get(path, headers=planted.house.cookie_of("mediator")).status_code == 404
