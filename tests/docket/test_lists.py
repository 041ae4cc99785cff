"""The docket: what needs me by deadline, and every list an address."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from mediation.cases.models import Case
from mediation.docket import listing
from mediation.docket.listing import Sort, Tab
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from tests.bench_world import fill
from tests.stories import a_case
from tests.world import World

ROW = re.compile(r'<th scope="row" class="mono"><a href="/cases/([^"]+)">')
NEXT = re.compile(r'rel="next" href="([^"]+)"')
PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')


def page(world: World, path: str = "/docket", person: str = "mo", language: str = "en") -> str:
    """The page as that person reads it."""
    answer = world.client(person, language=language).get(path.replace("&amp;", "&"))
    assert answer.status_code == 200
    return answer.text


def numbers(text: str) -> list[str]:
    return ROW.findall(text)


def set_case(world: World, number: str, **values: object) -> None:
    with world.writing() as session:
        session.execute(update(Case).where(Case.number == number).values(**values))


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(world.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(world.engine, "before_cursor_execute", note)


def test_what_needs_me_stands_by_deadline_and_last_what_has_none(world: World) -> None:
    late, early, never = (a_case(world, contract=contract) for contract in "ABC")
    for number, days in ((late, 5), (early, 2), (never, None)):
        ends = None if days is None else world.clock.at + timedelta(days=days)
        set_case(world, number, turn=Role.MEDIATOR, deadline_at=ends)
    assert numbers(page(world)) == [early, late, never]


def test_tabs_part_the_cases_by_whose_turn_it_is(world: World) -> None:
    mine, theirs, ended = a_case(world), a_case(world, contract="B"), a_case(world, Stage.OPEN, contract="C")
    set_case(world, mine, turn=Role.MEDIATOR)
    set_case(world, theirs, turn=Role.LENDER)
    set_case(world, ended, stage=Stage.NOT_SETTLED)
    found = {tab: set(numbers(page(world, f"/docket?tab={tab}"))) for tab in Tab}
    assert found == {Tab.MINE: {mine}, Tab.WAITING: {theirs}, Tab.ALL: {mine, theirs, ended}, Tab.CLOSED: {ended}}


def test_a_mediator_sees_no_case_of_another(world: World) -> None:
    number = a_case(world, mediator="ming")
    assert numbers(page(world, "/docket?tab=all")) == []
    assert numbers(page(world, "/docket?tab=all", "ming")) == [number]


def test_a_draft_is_the_lenders_alone(world: World) -> None:
    number = a_case(world, Stage.DRAFT)
    assert numbers(page(world, "/docket?tab=all", "lu")) == [number]
    assert numbers(page(world, "/docket?tab=all", "ren")) == []


def test_what_the_address_misspells_is_left_out_and_said(world: World) -> None:
    number = a_case(world)
    text = page(world, "/docket?tab=all&stage=won&sort=luck&lender=me&deadline=never&turn=adviser&after=~~&colour=red")
    assert numbers(text) == [number]
    assert [word for word in ("a stage", "an order", "a lender", "a deadline", "a turn", "a page")
            if f"asks for {word} that does not exist" not in text] == []  # fmt: skip


@pytest.mark.parametrize("place", ["0~x~y", "0~" + "0" * 32 + "~0001-01-01T00:00:00+23:00", "1~" + "0" * 32 + "~x",
                                   "9", "~", "0~" + "0" * 32 + "~2025-09-24T00:00:00"])  # fmt: skip
def test_a_place_that_no_row_has_leads_to_the_first_page(place: str) -> None:
    asked, ignored = listing.read({"after": place})
    assert (asked.place, ignored) == (None, ("page",))


def test_a_list_that_was_read_is_written_back_into_its_address() -> None:
    words = {"tab": "waiting", "stage": "open", "turn": "lender", "deadline": "week", "sort": "-claim"}
    asked, ignored = listing.read(words)
    assert (asked.address(), ignored) == (words, ())


@pytest.mark.parametrize("sort", ["deadline", "-deadline", "moved", "-moved", "number", "-number", "claim", "-claim"])
def test_paging_shows_every_case_once_and_leads_back(many: World, sort: str) -> None:
    for tab in ("waiting", "all"):
        forward = list(walk(many, f"/docket?tab={tab}&sort={sort}", NEXT))
        seen = [number for one in forward for number in numbers(one)]
        back = [numbers(one) for one in walk(many, PREVIOUS.findall(forward[-1])[0], PREVIOUS)]
        assert (len(seen), len(set(seen))) == (many_of(many, tab), many_of(many, tab)), tab
        assert back[::-1] == [numbers(one) for one in forward[:-1]], tab


def walk(world: World, path: str, way: re.Pattern[str]) -> Iterator[str]:
    while path:
        yield (text := page(world, path))
        path = next(iter(way.findall(text)), "")


def many_of(world: World, tab: str) -> int:
    with world.reading() as session:
        cases = session.query(Case)
        return cases.filter(Case.turn.in_([Role.BORROWER, Role.LENDER])).count() if tab == "waiting" else cases.count()


@pytest.fixture
def many(world: World) -> World:
    """A hundred and sixty cases of every kind, all of them Mo's."""
    fill(world, 160)
    return world


def test_the_largest_claim_stands_first(many: World) -> None:
    with many.reading() as session:
        claims = [number for number, _ in session.query(Case.number, Case.claim_total).order_by(
            Case.claim_total.desc(), Case.id.desc())]  # fmt: skip
    shown = [number for one in walk(many, "/docket?tab=all&sort=claim", NEXT) for number in numbers(one)]
    assert shown == claims


def test_ten_and_a_thousand_cases_ask_the_database_as_often(world: World) -> None:
    counts = []
    client = world.client("mo")
    for first, more in ((0, 10), (10, 990)):
        fill(world, more, first=first)
        with statements(world) as asked:
            assert client.get("/docket").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_a_full_page_weighs_at_most_sixty_kilobytes(many: World) -> None:
    client = many.client("ren", language="zh-CN")
    heaviest = max(len(client.get(f"/docket?tab={tab}").data) for tab in Tab)
    assert 20_000 < heaviest <= 60 * 1024


def test_counts_stop_at_ninety_nine(many: World) -> None:
    fill(many, 90, first=5000)
    assert re.findall(r'tab=all">[^<]* <span class="count">([^<]+)<', page(many)) == ["99+"]


@pytest.mark.parametrize("filtered", [
    "stage=terms_agreed", "turn=lender", "stage=open&turn=borrower",
    "deadline=overdue", "deadline=today", "deadline=week",
])  # fmt: skip
def test_a_filter_leaves_exactly_its_cases(many: World, filtered: str) -> None:
    asked, _ = listing.read(dict(pair.split("=") for pair in filtered.split("&")))
    shown = {number for one in walk(many, f"/docket?tab=all&{filtered}", NEXT) for number in numbers(one)}
    assert shown == {case.number for case in every_case(many) if is_meant(many, case, asked)}
    assert shown


def every_case(world: World) -> list[Case]:
    with world.reading() as session:
        return session.query(Case).all()


def is_meant(world: World, case: Case, asked: listing.Asked) -> bool:
    """The filters said again, by day in Shanghai."""
    if (asked.stage and case.stage is not asked.stage) or (asked.turn and case.turn is not asked.turn):
        return False
    if asked.deadline is None:
        return True
    days = None if case.deadline_at is None else (case.deadline_at - world.clock.at).total_seconds() / 86400
    spans = {"overdue": (-99, 0), "today": (0, 14 / 24), "week": (0, 6 + 14 / 24)}
    low, high = spans[asked.deadline.value]
    return days is not None and low < days <= high


def test_one_lenders_cases_can_be_chosen_by_the_registrar_alone(many: World) -> None:
    other = next(case for case in every_case(many) if case.organisation_id != many.organisation_id)
    text = page(many, f"/docket?tab=all&lender={other.organisation_id}", "ren")
    assert {case.organisation_id for case in every_case(many) if case.number in numbers(text)} == {
        other.organisation_id
    }
    assert 'name="lender"' not in page(many, "/docket?tab=all", "lu")


def test_an_empty_list_says_why(world: World) -> None:
    first = page(world)
    number = a_case(world)
    set_case(world, number, turn=Role.LENDER)
    cleared, no_match = page(world), page(world, "/docket?tab=all&stage=signing")
    assert "No case has been given to you yet" in first
    assert "Nothing needs you at the moment" in cleared
    assert "No case matches" in no_match


def test_a_deadline_says_how_far_it_is(world: World) -> None:
    for contract, days in (("A", -2), ("B", 0), ("C", 3)):
        number = a_case(world, contract=contract)
        ends = world.clock.at.replace(hour=16) + timedelta(days=days)
        set_case(world, number, turn=Role.MEDIATOR, deadline_at=ends)
    shown = re.findall(r'cdate-label">([^<]+)<', page(world))
    assert shown == ["2 days over", "Today", "3 days left"]


def test_nobody_without_a_docket_opens_it(world: World) -> None:
    assert world.client("bai").get("/docket").status_code == 404
    assert world.client("audit").get("/docket").status_code == 403


def test_sorting_again_by_the_same_column_turns_it_round() -> None:
    once = listing.read({"tab": "all"})[0].sorted_by(Sort.CLAIM)
    assert (once.address()["sort"], once.sorted_by(Sort.CLAIM).address()["sort"]) == ("claim", "-claim")
