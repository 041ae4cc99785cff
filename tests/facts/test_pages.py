"""Told in confidence through the browser: shown first, confirmed after, refused at the field, and unseen by others."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from mediation.disclosures.document_models import Audience
from mediation.disclosures.fact_models import FactRelease, SealedFact
from tests.documents.made import add
from tests.facts.told import TEXT, TITLE, WORDS, let_know, let_see, prove, share, succeed, tell
from tests.guards.words import words_found
from tests.leaks.test_noninterference import everything_got
from tests.stories import a_case
from tests.world import World


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def hash_on(text: str) -> str:
    return text.partition('name="sha256" value="')[2][:64]


def kept(world: World, what: type) -> int:
    with world.reading() as session:
        return len(session.scalars(select(what)).all())


def test_it_is_told_through_the_form_and_listed(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    assert "Only the mediator reads it" in page(client, f"/cases/{number}/facts/new")
    form = {"title": TITLE, "text": TEXT, "document": "", "_key": "once"}
    answers = [client.post(f"/cases/{number}/facts", data=form) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert kept(world, SealedFact) == 1
    assert TITLE in page(client, f"/cases/{number}/facts")
    assert TEXT in page(world.client("mo"), answers[0].location)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Say it in a few words."),
        ("text", "", "Write what the mediator should know."),
        ("document", "x", "Choose one of the documents that are offered."),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(
    world: World, field: str, value: str, sentence: str
) -> None:
    number, client = a_case(world), world.client("bai")
    form = {"title": TITLE, "text": TEXT, "document": "", field: value}
    answer = client.post(f"/cases/{number}/facts", data=form)
    text = answer.get_data(as_text=True)
    assert (answer.status_code, text.count(sentence), f'id="{field}-error"' in text) == (409, 2, True)
    assert (TITLE if field != "title" else TEXT) in text
    assert kept(world, SealedFact) == 0


def test_the_form_offers_documents_of_ones_own_side_alone(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", title="我的材料", audience=Audience.MEDIATOR)
    add(world, number, "lu", title="对方的材料")
    text = page(world.client("bai"), f"/cases/{number}/facts/new")
    assert ("我的材料" in text, "对方的材料" in text) == (True, False)


def test_the_mediator_notes_proof_on_the_page_of_exactly_this_text(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/facts/{tell(world, number)}"
    client = world.client("mo")
    sha256 = hash_on(page(client, path))
    assert client.post(f"{path}/proof", data={"sha256": "0" * 64}).status_code == 409
    assert [client.post(f"{path}/proof", data={"sha256": sha256}).status_code for _ in range(2)] == [303, 409]
    assert "I have seen proof" not in page(client, path)
    assert "The mediator saw proof of this" in page(world.client("bai"), path)


def test_sharing_shows_every_word_first_and_acts_on_the_second_step_alone(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    path = f"/cases/{number}/facts/{tell(world, number)}"
    asked = page(client, f"{path}/sharing")
    assert (TITLE in asked, TEXT in asked, "cannot be taken back" in asked) == (True, True, True)
    assert let_see(world, "lu", number) == []
    assert client.post(f"{path}/sharing", data={"sha256": "0" * 64}).status_code == 409
    form = {"sha256": hash_on(asked), "_key": "once"}
    assert [client.post(f"{path}/sharing", data=form).location for _ in range(2)] == [path, path]
    assert kept(world, FactRelease) == 1
    assert TEXT in page(world.client("lu"), f"/cases/{number}/facts")
    assert client.get(f"{path}/sharing").status_code == 409


def test_verified_only_goes_from_the_words_over_a_page_that_shows_them_to_the_confirmation(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    fact_id = tell(world, number)
    path = f"/cases/{number}/facts/{fact_id}/verification"
    assert client.get(path).status_code == 409
    prove(world, number, fact_id)
    assert "What the other side is told" in page(client, path)
    empty = client.post(f"{path}/words", data={"title": " "})
    assert (empty.status_code, "Say it in a few words." in empty.get_data(as_text=True)) == (409, True)
    shown = client.post(f"{path}/words", data={"title": WORDS})
    text = shown.get_data(as_text=True)
    assert (shown.status_code, WORDS in text, "Verified by the mediator on" in text, TEXT in text) == (
        200, True, True, False,
    )  # fmt: skip
    assert let_see(world, "lu", number) == []
    other = client.post(path, data={"title": "别的话", "sha256": hash_on(text)})
    assert (other.status_code, "别的话" in other.get_data(as_text=True)) == (409, True)
    assert client.post(path, data={"title": WORDS, "sha256": hash_on(text)}).status_code == 303
    assert [one.shown.title for one in let_see(world, "lu", number)] == [WORDS]


def test_what_the_other_side_reads_is_what_the_page_showed_before_it_was_confirmed(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    asked = page(world.client("bai"), f"/cases/{number}/facts/{fact_id}/sharing")
    share(world, number, fact_id)
    read = page(world.client("lu"), f"/cases/{number}/facts")
    for text in (TITLE, TEXT):
        assert asked.count(text) >= 1
        assert read.count(text) == 1


@pytest.mark.parametrize("name", ["lu", "ren", "shi", "ming"])
def test_the_address_of_a_fact_answers_others_as_that_of_nothing(world: World, name: str) -> None:
    number = a_case(world)
    fact_id, nothing = tell(world, number), UUID("01a20b44-3335-772a-b4b4-cd9c1d5e1841")
    client = world.client(name)
    for ending in ("", "/sharing", "/verification"):
        found, empty = (client.get(f"/cases/{number}/facts/{one}{ending}") for one in (fact_id, nothing))
        assert found.status_code == empty.status_code
        assert found.status_code in (403, 404)
        assert found.data.replace(str(fact_id).encode(), b"") == empty.data.replace(str(nothing).encode(), b"")


def test_what_the_lender_tells_in_confidence_changes_nothing_that_the_borrower_gets(world: World) -> None:
    number = a_case(world)
    before = everything_got(world, number)
    prove(world, number, tell(world, number, "lu"))
    after = everything_got(world, number)
    # The page of one's own account lists one's sign-ins, of which each look here is one.
    assert [path for path in before if before[path] != after[path]] == ["/account"]


def test_the_comparison_would_notice_one_release(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number, "lu")
    before = everything_got(world, number)
    share(world, number, fact_id, "lu")
    after = everything_got(world, number)
    assert {path for path in before if before[path] != after[path]} >= {f"/cases/{number}/facts", "letters"}


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_no_page_says_a_forbidden_word(world: World, language: str) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", title="诊断证明", audience=Audience.MEDIATOR)
    fact_id, other = tell(world, number), tell(world, number, "lu")
    for each, name in ((fact_id, "bai"), (other, "lu")):
        prove(world, number, each)
        let_know(world, number, each, name)
    client = world.client("bai")
    mine = tell(world, number, title="另一件", document_id=document_id)
    prove(world, number, mine)
    paths = ["facts", "facts/new", *(f"facts/{mine}{each}" for each in ("", "/sharing", "/verification"))]
    paths += [f"documents/{document_id}", f"documents/{document_id}/release", "earlier"]
    for path in paths:
        assert (
            words_found(page(client, f"/cases/{number}/{path}?lang={language}").removeprefix("<!doctype html>")) == []
        )
    succeed(world, number)
    text = page(client, f"/cases/{number}/earlier?lang={language}")
    assert words_found(text.removeprefix("<!doctype html>")) == []


def test_a_new_mediator_and_what_stays_closed_is_said_where_the_side_looks(world: World) -> None:
    number = a_case(world)
    tell(world, number)
    client = world.client("bai")
    assert "/earlier" not in page(client, f"/cases/{number}/facts")
    succeed(world, number)
    assert f'href="/cases/{number}/earlier"' in page(client, f"/cases/{number}/facts")
    assert "/earlier" not in page(world.client("lu"), f"/cases/{number}/facts")
    assert "/earlier" not in page(world.client("ming"), f"/cases/{number}/facts")


def test_a_case_has_it_among_its_parts_once_it_may_be_read(world: World) -> None:
    number = a_case(world)
    assert f'href="/cases/{number}/facts"' in page(world.client("bai"), f"/cases/{number}")
    assert f'href="/cases/{number}/facts"' not in page(world.client("ren"), f"/cases/{number}")
