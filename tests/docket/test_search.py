"""Search: exactly what was asked first, then the newest, only among the reader's own cases."""

import pytest
from sqlalchemy import update

from mediation import search
from mediation.cases.models import Case
from mediation.rules.lifecycle import Stage
from tests.bench_world import fill
from tests.docket.test_lists import NEXT, every_case, numbers, page, walk
from tests.stories import a_case
from tests.world import World


def named(world: World, name: str, *, contract: str, stage: Stage = Stage.OPEN, mediator: str = "mo") -> str:
    """A case of that borrower, to be found by its number, contract and name; its number."""
    number = a_case(world, stage, contract=contract, mediator=mediator)
    with world.writing() as session:
        session.execute(update(Case).where(Case.number == number).values(borrower_name=name))
        case = session.query(Case).filter_by(number=number).one()
        search.index_case(session, case.institution_id, case.id, (number, contract, name))
    return number


def found(world: World, query: str, person: str = "mo") -> list[str]:
    return numbers(page(world, f"/docket?q={query}", person))


def test_a_name_of_two_characters_is_found(world: World) -> None:
    number = named(world, "王伟", contract="A-1")
    named(world, "李娜", contract="A-2")
    assert found(world, "王伟") == [number]


def test_what_matches_exactly_stands_before_what_is_newer(world: World) -> None:
    exact = named(world, "王伟", contract="A-1")
    newer = named(world, "王伟明", contract="A-2")
    assert found(world, "王伟") == [exact, newer]


def test_a_surname_alone_finds_the_newest_first(world: World) -> None:
    older, newer = named(world, "欧阳修", contract="A-1"), named(world, "欧文", contract="A-2")
    assert found(world, "欧") == [newer, older]


def test_pieces_that_meet_by_chance_are_not_a_match(world: World) -> None:
    named(world, "王伟强 伟强张", contract="A-1")
    assert found(world, "强张伟") == []
    assert found(world, "王伟张") == []


@pytest.mark.parametrize("query", ["XF-2025-7781", "xf-2025-7781", "ＸＦ-2025-7781", "7781", "2025-7781"])
def test_a_contract_is_found_however_it_is_written(world: World, query: str) -> None:
    number = named(world, "王伟", contract="XF-2025-7781")
    assert found(world, query) == [number]


def test_search_stays_inside_the_readers_cases(world: World) -> None:
    named(world, "王伟", contract="A-1", mediator="ming")
    draft = named(world, "王伟", contract="A-2", stage=Stage.DRAFT)
    assert found(world, "王伟") == []
    assert draft not in found(world, "王伟", "ren")
    assert draft in found(world, "王伟", "lu")


@pytest.mark.parametrize("query", ["...", "%25", "'", "🙂", "-", "a%20OR%201=1", "=", "王" * 90])
def test_a_query_that_means_nothing_finds_nothing(world: World, query: str) -> None:
    named(world, "李娜", contract="B-1")
    assert found(world, query) == []


def test_every_match_is_shown_once_in_the_one_order(world: World) -> None:
    fill(world, 400)
    shown = [number for one in walk(world, "/docket?q=王", NEXT) for number in numbers(one)]
    wanted = [case for case in every_case(world) if "王" in case.borrower_name]
    assert shown == [case.number for case in sorted(wanted, key=lambda case: case.id, reverse=True)]


def test_a_search_can_be_narrowed_by_a_filter(world: World) -> None:
    fill(world, 200)
    shown = set(numbers(page(world, "/docket?q=WH-2025&stage=terms_agreed")))
    assert shown == {case.number for case in every_case(world) if case.stage is Stage.TERMS_AGREED}


def test_tokens_are_whole_values_and_their_pieces() -> None:
    assert search.tokens_of(["王伟", "A12bc"]) == {"=王伟", "=a12bc", "王", "伟", "王伟", "a12b", "12bc"}


@pytest.mark.parametrize(("query", "holds"), [("王 7781", True), ("王伟", True), ("伟王", False), ("778", True)])
def test_a_match_holds_every_part_of_the_query(query: str, holds: bool) -> None:
    assert search.holds(query, ("王伟", "XF-7781")) is holds
