"""A private document is opened to both by its owner, with every version, and counts from that moment."""

import io

import pytest

from mediation import audit
from mediation.disclosures import document_releases, duties
from mediation.disclosures import document_selections as selections
from mediation.disclosures.document_models import Audience, Kind
from mediation.errors import NotFound, NotPermitted
from mediation.rules.access import Thread
from mediation.rules.duties import Item
from tests.documents.made import a_pdf, add, replace
from tests.facts.told import kinds, open_paper, step_back, succeed
from tests.offers.table import refusal
from tests.stories import a_case
from tests.world import World


def titles(world: World, name: str, number: str) -> list[str]:
    with world.seat(name, number) as seat:
        return [paper.title for paper in selections.documents_seen_by(seat)]


def private(world: World, number: str, name: str = "bai", title: str = "诊断证明") -> object:
    kind = Kind.HEALTH if name == "bai" else Kind.FEES
    return add(world, number, name, title=title, kind=kind, audience=Audience.MEDIATOR)


@pytest.mark.parametrize(("owner", "other"), [("bai", "lu"), ("lu", "bai")])
def test_an_opened_document_is_seen_by_both_sides(world: World, owner: str, other: str) -> None:
    number = a_case(world)
    document_id = private(world, number, owner)
    assert titles(world, other, number) == []
    open_paper(world, number, document_id, owner)
    assert [titles(world, name, number) for name in (owner, other, "mo")] == [["诊断证明"]] * 3
    assert world.client(other).get(f"/cases/{number}/documents/{document_id}/file").status_code == 200


def test_opening_is_one_entry_of_the_case_and_what_came_before_stays_in_the_sides_own_thread(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number)
    open_paper(world, number, document_id)
    replace(world, number, "bai", document_id, a_pdf("a newer one"))
    assert kinds(world, number, "bai", Thread.CAUCUS_BORROWER) == ["document:added"]
    assert kinds(world, number, "lu") == ["document:released", "document:replaced"]


def test_every_version_is_opened_and_each_that_follows(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number)
    replace(world, number, "bai", document_id, a_pdf("second"))
    open_paper(world, number, document_id)
    replace(world, number, "bai", document_id, a_pdf("third"))
    with world.seat("lu", number) as seat:
        paper = selections.document_seen_by(seat, document_id)
    assert [version.number for version in paper.versions] == [3, 2, 1]


def test_a_version_put_beside_it_after_the_page_was_shown_must_be_looked_at_first(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number)
    with world.seat("bai", number) as seat:
        seen = document_releases.shown_sha256(selections.document_seen_by(seat, document_id))
    replace(world, number, "bai", document_id, a_pdf("second"))
    with world.seat("bai", number) as seat:
        given = {"seen_sha256": seen, "at": world.clock()}
        assert refusal(document_releases.release_document, seat, document_id, **given) == "document:changed"
    assert titles(world, "lu", number) == []


def test_it_is_opened_once_and_what_was_open_from_the_first_needs_no_opening(world: World) -> None:
    number = a_case(world)
    document_id, shared = private(world, number), add(world, number, "bai")
    open_paper(world, number, document_id)
    for each in (document_id, shared):
        assert refusal(open_paper, world, number, each) == "document:already-open"


@pytest.mark.parametrize("name", ["lu", "mo"])
def test_nobody_opens_a_document_of_somebody_else(world: World, name: str) -> None:
    number = a_case(world)
    document_id = private(world, number)
    with pytest.raises((NotFound, NotPermitted)), world.seat(name, number) as seat:
        document_releases.release_document(seat, document_id, seen_sha256="0" * 64, at=world.clock())
    assert titles(world, "lu", number) == []


def test_a_document_may_be_opened_and_replaced_while_there_is_no_mediator(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number)
    step_back(world, number)
    open_paper(world, number, document_id)
    assert replace(world, number, "bai", document_id, a_pdf("newer")) == 2
    assert titles(world, "lu", number) == ["诊断证明"]


def test_the_successor_sees_an_opened_document_as_both_sides_do(world: World) -> None:
    number = a_case(world)
    opened, closed = private(world, number), private(world, number, title="另一份")
    succeed(world, number)
    assert titles(world, "ming", number) == []
    open_paper(world, number, opened)
    assert titles(world, "ming", number) == ["诊断证明"]
    assert world.client("ming").get(f"/cases/{number}/documents/{closed}").status_code == 404


def test_what_the_lender_owes_is_there_from_the_moment_it_is_opened(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number, "lu")
    world.clock.move(days=20)
    open_paper(world, number, document_id, "lu")
    with world.seat("bai", number) as seat:
        lines = {line.item: line for line in duties.checklist_seen_by(seat, at=world.clock())}
    assert (lines[Item.FEES].is_open, lines[Item.FEES].came_late) == (False, True)


def test_the_page_shows_every_file_before_it_asks_and_opens_on_the_second_step_alone(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number)
    replace(world, number, "bai", document_id, a_pdf("second"))
    client, path = world.client("bai"), f"/cases/{number}/documents/{document_id}"
    assert f'href="{path}/release"' in client.get(path).get_data(as_text=True)
    page = client.get(f"{path}/release").get_data(as_text=True)
    assert (page.count("?version=1"), page.count("?version=2"), "cannot be taken back" in page) == (1, 1, True)
    assert titles(world, "lu", number) == []
    sha256 = page.partition('name="sha256" value="')[2][:64]
    form = {"sha256": sha256, "_key": "once"}
    assert [client.post(f"{path}/release", data=form).location for _ in range(2)] == [path, path]
    assert titles(world, "lu", number) == ["诊断证明"]
    assert f'href="{path}/release"' not in client.get(path).get_data(as_text=True)


def test_the_entry_names_the_file_and_not_its_title(world: World) -> None:
    number = a_case(world)
    open_paper(world, number, private(world, number))
    with world.seat("lu", number) as seat:
        (entry,) = audit.entries_seen_by(seat, Thread.CASE)
    assert entry.body is not None
    assert entry.body["versions"] == 1
    assert "诊断证明" not in str(entry.body)


def test_an_upload_beside_it_counts_as_shared_in_the_browser_too(world: World) -> None:
    number = a_case(world)
    document_id = private(world, number)
    open_paper(world, number, document_id)
    data = {"dated_on": "2025-09-20", "file": (io.BytesIO(a_pdf("newer")), "newer.pdf")}
    path = f"/cases/{number}/documents/{document_id}"
    assert (
        world.client("bai").post(f"{path}/versions", data=data, content_type="multipart/form-data").status_code == 303
    )
    assert "Version 2" in world.client("lu").get(path).get_data(as_text=True)
