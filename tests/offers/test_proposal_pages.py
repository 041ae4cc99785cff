"""The mediator's proposal in the browser: written, checked, put to both, answered in private; and no page tells how."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from mediation import posting
from mediation.cases import stating
from mediation.notices import Notice
from mediation.offers.proposal_models import Proposal, ProposalAnswer
from mediation.rules.proposals import ProposalState
from tests.contracts.test_old_debt import OLD
from tests.disclosures.household import stated_case
from tests.guards.words import words_found
from tests.leaks.test_noninterference import CHANCE
from tests.offers.browsing import PLAN, form_of, text_of
from tests.offers.table import answer, proposal, propose, settle, show, terms
from tests.stories import a_case
from tests.world import START, World

ALL = ("bai", "lu", "mo")


def newest(world: World) -> Proposal:
    """The newest proposal as it is kept."""
    with world.reading() as session:
        return session.scalars(select(Proposal).order_by(Proposal.made_at.desc())).first()  # type: ignore[return-value]


def answered(world: World) -> int:
    """How many answers are kept."""
    with world.reading() as session:
        return len(session.scalars(select(ProposalAnswer)).all())


def say(client: FlaskClient, path: str, answer: str, **more: str):  # type: ignore[no-untyped-def]
    """The form of the page sent with that answer."""
    return client.post(f"{path}/answer", data={**form_of(client.get(path), of="/answer"), "answer": answer, **more})


# --- from the editor to both sides ---


def test_the_mediator_writes_checks_and_puts_a_proposal_to_both(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    assert f"/cases/{number}/proposals/new" in client.get(f"/cases/{number}/offers").text
    typed = {**PLAN, "instalments": "26", "step": "check"}
    checked = client.post(f"/cases/{number}/proposals/draft", data=typed)
    assert "1,248.47" in text_of(checked.data)
    sent = client.post(f"/cases/{number}/proposals", data=form_of(checked, of="/proposals"))
    assert (sent.status_code, newest(world).status) == (303, ProposalState.OPEN)
    for name in ALL:
        assert "1,248.47" in text_of(world.client(name).get(str(sent.location)).data)


def test_a_plan_of_the_desk_becomes_a_proposal_with_one_button(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    client = world.client("mo")
    page = client.get(f"/cases/{number}/desk")
    assert "Make this a proposal to both sides" in text_of(page.data)
    edited = client.post(f"/cases/{number}/proposals/draft", data=form_of(page, of="/proposals/draft", step="edit"))
    assert (edited.status_code, "Put a proposal to both sides" in text_of(edited.data)) == (200, True)


def test_a_proposal_that_does_not_hold_is_said_at_its_field(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    typed = {**PLAN, "instalments": "0", "step": "check"}
    answered_ = client.post(f"/cases/{number}/proposals/draft", data=typed)
    assert (answered_.status_code, "Choose between 1 and 600 instalments" in text_of(answered_.data)) == (409, True)


def test_both_sides_read_the_same_consequences(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/proposals/{propose(world, number)}"
    pieces = {
        re.search(r'<section class="consequences".*?</section>', world.client(name).get(path).text, re.DOTALL)[0]  # type: ignore[index]
        for name in ALL
    }
    assert len({CHANCE.sub("", piece) for piece in pieces}) == 1


# --- an answer ---


def test_two_yeses_in_the_browser_agree_and_the_page_leads_to_the_plan(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/proposals/{propose(world, number)}"
    for name in ("bai", "lu"):
        assert say(world.client(name), path, "yes").status_code == 303
    page = text_of(world.client("bai").get(path).data)
    assert "Both agree; no effect until signed" in page
    plans = text_of(world.client("lu").get(f"/cases/{number}/offers").data)
    assert "Both accept this plan; no effect until signed" in plans


def test_an_answer_needs_to_be_chosen(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/proposals/{propose(world, number)}"
    client = world.client("bai")
    sent = client.post(f"{path}/answer", data=form_of(client.get(path), of="/answer"))
    assert (sent.status_code, answered(world)) == (422, 0)


def test_a_form_sent_twice_answers_once(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/proposals/{propose(world, number)}"
    client = world.client("bai")
    key = {"_key": "2d1f0c1e-7f6a-4f5c-8a0d-5d3c9b1f0d11", **form_of(client.get(path), of="/answer")}
    first, second = (say_again(client, path, key) for _ in range(2))
    assert (first.status_code, first.location, answered(world)) == (second.status_code, second.location, 1)


def say_again(client: FlaskClient, path: str, key: dict[str, str]):  # type: ignore[no-untyped-def]
    """The same form with the same key."""
    return client.post(f"{path}/answer", data={"sha256": key["sha256"], "answer": "no", "_key": key["_key"]})


def test_what_follows_a_yes_is_byte_for_byte_what_follows_a_no(world: World) -> None:
    pages = []
    for said in ("yes", "no"):
        number = a_case(world, contract=f"C-{said}")
        path = f"/cases/{number}/proposals/{propose(world, number)}"
        client = world.client("bai")
        sent = say(client, path, said)
        pages.append((sent.status_code, calm(client.get(path).text, number), calm(str(sent.location), number)))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("said", ["yes", "no"])
def test_an_answer_changes_no_byte_of_any_page_of_the_other_side_or_the_mediator(world: World, said: str) -> None:
    number = a_case(world)
    show(world, number, "lu")
    proposal_id = propose(world, number)
    clients = {name: world.client(name) for name in ("bai", "mo")}
    before = {name: everything_read(client, world, number, proposal_id) for name, client in clients.items()}
    answer(world, number, "lu", proposal_id, yes=said == "yes")
    after = {name: everything_read(client, world, number, proposal_id) for name, client in clients.items()}
    differing = {(name, path) for name, read in before.items() for path in read if read[path] != after[name][path]}
    # That a side has answered stands in the thread that it shares with the mediator, and nowhere how.
    assert differing == {("mo", f"/cases/{number}/record")}


@pytest.mark.parametrize("said", [{"bai": False}, {"bai": False, "lu": False}])
def test_at_the_end_the_borrowers_pages_tell_the_same_whatever_the_lender_said(
    world: World, said: dict[str, bool]
) -> None:
    ends = [at_the_end(world, given, f"C-{place}") for place, given in enumerate(({"bai": False, "lu": True}, said))]
    differing = {path for path, text in ends[0].items() if ends[1][path] != text}
    assert differing - {"/cases//appointment"} == set()  # there the mediator's cases are counted, and now there are two


def at_the_end(world: World, said: dict[str, bool], contract: str) -> dict[str, str]:
    """Everything that the borrower reads once the time to answer is over, in a world that was never so far before."""
    world.clock.at = START
    number = a_case(world, contract=contract)
    proposal_id = propose(world, number)
    for name, yes in said.items():
        answer(world, number, name, proposal_id, yes=yes)
    world.clock.at = proposal(world, proposal_id).ends_at
    settle(world, number)
    read = everything_read(world.client("bai"), world, number, proposal_id)
    return {calm(path, number): calm(text, number).replace(contract, "") for path, text in read.items()}


def test_an_old_debt_asks_for_its_own_yes_whatever_the_answer(world: World) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        stating.state_contract(seat, OLD, at=world.clock())
    path = f"/cases/{number}/proposals/{propose(world, number)}"
    client = world.client("bai")
    for said in ("yes", "no"):
        refused = say(client, path, said)
        assert (refused.status_code, answered(world)) == (409, 0)
    assert say(client, path, "no", old_debt_confirmed="y").status_code == 303


# --- how it reads ---


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_a_borrowers_pages_of_a_proposal_say_no_forbidden_word(world: World, language: str) -> None:
    number = a_case(world)
    path = f"/cases/{number}/proposals/{propose(world, number)}"
    client = world.client("bai", language=language)
    for each in (path, f"/cases/{number}/offers", f"/cases/{number}/home"):
        assert not words_found(text_of(client.get(each).data))


def test_the_home_asks_the_borrower_in_one_sentence(world: World) -> None:
    number = a_case(world)
    propose(world, number)
    page = text_of(world.client("bai").get(f"/cases/{number}/home").data)
    assert "The mediator has put a proposal to both sides, and each answers it in private." in page


def test_the_letter_about_a_proposal_says_no_amount(world: World) -> None:
    number = a_case(world)
    propose(world, number, terms(26))
    with world.reading() as session:
        found = session.scalars(select(Notice).where(Notice.kind == "proposal:made")).all()
        texts = [posting.letter_of(session, one, locale="en", public_url="http://localhost").text for one in found]
    assert {one.account_id for one in found} == {world.people["bai"], world.people["lu"]}
    assert not [text for text in texts if "1,248" in text or "1,374" in text]


def everything_read(client: FlaskClient, world: World, number: str, proposal_id: object) -> dict[str, str]:
    """Every page of the case as that person reads it."""
    rules = [str(rule) for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = [rule.replace("<number>", number).replace("<uuid:proposal_id>", str(proposal_id)) for rule in rules]
    mine = [path for path in paths if "<" not in path and number in path]
    return {path: CHANCE.sub("", client.get(path).text) for path in mine}


def calm(text: str, number: str) -> str:
    """Without what differs from case to case by itself."""
    return CHANCE.sub("", text).replace(number, "")
