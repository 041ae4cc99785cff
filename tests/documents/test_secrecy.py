"""The same history twice, once with what the lender shows the mediator alone: the borrower cannot tell them apart."""

import io
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from mediation import posting
from mediation.cases.seats import seat_of
from mediation.db import make_engine
from mediation.disclosures.document_models import Audience, Kind
from mediation.notices import Notice
from mediation.rules.duties import Item
from tests.databases import Handout
from tests.documents.made import a_pdf, add, fulfil, replace
from tests.leaks.test_noninterference import everything_got
from tests.stories import a_case
from tests.world import World, make_world


@pytest.fixture(scope="module")
def engines(databases: Handout, database_kind: str) -> Iterator[tuple[Engine, Engine]]:
    """Two fresh databases of one kind."""
    source = databases(database_kind)
    urls = source.fresh(), source.fresh()
    engines = make_engine(urls[0]), make_engine(urls[1])
    yield engines
    for engine, url in zip(engines, urls, strict=True):
        engine.dispose()
        source.drop(url)


def history(world: World, *, private: bool) -> dict[str, dict[str, object]]:
    """A case with shared documents, and all that the borrower got at three moments of it."""
    number = a_case(world)
    fulfil(world, number, Item.CONTRACT)
    seen = {"at first": got(world, number)}
    world.clock.move(minutes=1)
    if private:
        document_id = add(world, number, "lu", title="我们的底线", kind=Kind.FEES, audience=Audience.MEDIATOR)
        replace(world, number, "lu", document_id, a_pdf("a second version"))
        send_something_broken(world, number)
    world.clock.move(minutes=1)
    seen["in the middle"] = got(world, number)
    fulfil(world, number, Item.PAYMENTS)
    world.clock.move(days=20)
    seen["when it is overdue"] = got(world, number)
    return seen


def got(world: World, number: str) -> dict[str, object]:
    """Every answer to the borrower, and that the seat's own row has not moved."""
    with world.reading() as session:
        seat = seat_of(session, world.people["bai"], number)
        assert seat is not None
        case = (seat.case.moved_at, seat.case.turn, seat.case.deadline_at)
    return {**everything_got(world, number), "case": case}


def send_something_broken(world: World, number: str) -> None:
    """An upload that is refused leaves nothing that anybody else could notice."""
    form = {"title": "x", "kind": "fees", "audience": "mediator", "dated_on": "2025-09-01"}
    data = {**form, "file": (io.BytesIO(b"nothing"), "x.pdf")}
    path = f"/cases/{number}/documents"
    assert world.client("lu").post(path, data=data, content_type="multipart/form-data").status_code == 409


def test_what_the_lender_shows_the_mediator_changes_nothing_that_the_borrower_gets(
    engines: tuple[Engine, Engine],
) -> None:
    plain, busy = (
        history(make_world(engine), private=private) for engine, private in zip(engines, (False, True), strict=True)
    )
    assert {moment: set(pages) for moment, pages in plain.items()} == {m: set(pages) for m, pages in busy.items()}
    differing = [(m, path) for m, pages in plain.items() for path, answer in pages.items() if busy[m][path] != answer]
    assert not differing


def test_the_comparison_would_notice_one_shared_document(world: World) -> None:
    number = a_case(world)
    before = got(world, number)
    add(world, number, "lu", title="一份合同")
    after = got(world, number)
    assert {path for path in before if before[path] != after[path]} >= {f"/cases/{number}/documents", "letters"}


def test_no_notice_carries_the_title_or_the_kind(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", title="canarytitle", kind=Kind.HEALTH, audience=Audience.MEDIATOR)
    add(world, number, "lu", title="canarytitle")
    with world.reading() as session:
        letters = [
            posting.letter_of(session, notice, locale=locale, public_url="http://localhost")
            for notice in session.scalars(select(Notice))
            for locale in ("zh_Hans", "en")
        ]
    assert len(letters) == 6
    texts = [f"{letter.subject} {letter.text}" for letter in letters]
    assert not [text for text in texts if "canary" in text or "health" in text or "illness" in text or "疾病" in text]
