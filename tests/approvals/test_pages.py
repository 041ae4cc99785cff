"""The pages of limits and approvals: an officer is told before sending, a second one decides, others see nothing."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from mediation import i18n
from mediation.cases import pages as cases
from mediation.cases.models import Case
from mediation.offers.approval_models import ApprovalState
from mediation.offers.proposals import make_proposal
from mediation.rules.lifecycle import Stage
from tests.approvals.limits import TODAY, ask, beyond, inside, kept, limit, send_back, set_limits, staff
from tests.guards.words import words_found
from tests.offers.browsing import form_of, put_forward, text_of, work_out
from tests.offers.table import case, offer, show
from tests.stories import a_case
from tests.world import World

LONG = {"instalments": "36", "waived_principal": "911.23"}
OTHERS = ["bai", "mo", "ren", "audit", "an", "shi"]
# What differs from one rendering to the next by itself: the key of each form.
OWN_NOISE = re.compile(rb'name="(?:_key|csrf_token)" value="[^"]*"')


def send(world: World, number: str, **typed: str) -> str:
    """Lu's plan checked and sent; where its page leads."""
    checked = work_out(world, "lu", number, "check", **typed)
    sent = world.client("lu").post(f"/cases/{number}/offers", data=form_of(checked, of="/offers"))
    assert sent.status_code == 303, text_of(sent.data)
    return str(sent.location)


def post(client: FlaskClient, number: str, approval_id: UUID, what: str, **data: str) -> int:
    return client.post(f"/cases/{number}/approvals/{approval_id}/{what}", data=data).status_code


def text_at(world: World, name: str, path: str) -> str:
    return text_of(world.client(name).get(path).data)


# --- the officer ---


def test_an_officer_is_told_before_sending_what_lies_outside(world: World) -> None:
    limit(world)
    text = text_of(work_out(world, "lu", a_case(world), "check", **LONG).data)
    assert "Months to the last payment: 36 , at most 24" in text
    assert "Principal given up: ¥911.23 , at most ¥0.00" in text
    assert "Ask a second officer" in text


def test_inside_the_limits_the_page_is_as_it_was(world: World) -> None:
    limit(world)
    number = a_case(world)
    text = text_of(work_out(world, "lu", number, "check", instalments="12").data)
    assert "Send the plan" in text
    assert "second officer" not in text
    assert put_forward(world, "lu", number, instalments="12").startswith(f"/cases/{number}/offers/")


def test_a_plan_outside_goes_to_the_second_officer(world: World) -> None:
    limit(world)
    number = a_case(world)
    path = send(world, number, **LONG)
    text = text_at(world, "lu", path)
    assert "You asked, so a second officer decides." in text
    assert "方正 · 郭安" in text
    assert "Days to answer 7" in text
    assert "Something of your side's waits" in text_at(world, "lu", f"/cases/{number}/offers")


def test_a_yes_outside_goes_to_the_second_officer(world: World) -> None:
    limit(world)
    number = a_case(world)
    path = f"/cases/{number}/offers/{show(world, number, 'bai', beyond())}"
    page = world.client("lu").get(path)
    assert "This lies outside the limits of your side" in text_of(page.data)
    answer = world.client("lu").post(f"{path}/acceptance", data=form_of(page, of="/acceptance"))
    assert "/approvals/" in str(answer.location)
    assert case(world, number).stage is Stage.OPEN
    assert "Accept this plan" not in text_at(world, "lu", path)


def test_a_yes_to_the_mediators_proposal_outside_goes_to_the_second_officer(world: World) -> None:
    limit(world)
    number = a_case(world)
    with world.seat("mo", number) as seat:
        made = make_proposal(seat, beyond(), at=world.clock())
    path = f"/cases/{number}/proposals/{made.id}"
    page = world.client("lu").get(path)
    assert "This lies outside the limits of your side" in text_of(page.data)
    answer = world.client("lu").post(f"{path}/answer", data=form_of(page, of="/answer", answer="yes"))
    assert "/approvals/" in str(answer.location), text_of(answer.data)


def test_the_officer_takes_it_back_on_its_page(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    assert post(world.client("lu"), number, approval_id, "withdrawal") == 303
    assert kept(world, approval_id).state is ApprovalState.TAKEN_BACK


# --- the second officer ---


def test_the_list_shows_what_waits_and_until_when_the_case_does(world: World) -> None:
    limit(world)
    number = a_case(world)
    show(world, number, "bai", inside())
    approval_id = ask(world, number)
    page = world.client("fang").get("/desk/approvals").text
    assert f"/cases/{number}/approvals/{approval_id}" in page
    assert "陆远" in page
    assert i18n.day(cases.last_day(case(world, number)) or TODAY, "en") in page


def test_the_list_forgets_what_is_decided_and_what_belongs_to_a_case_that_moved_on(world: World) -> None:
    limit(world)
    first, second = a_case(world), a_case(world, contract="XF-2")
    send_back(world, first, ask(world, first))
    ask(world, second)
    with world.writing() as session:
        session.query(Case).filter(Case.number == second).one().stage = Stage.WITHDRAWN
    assert "Nothing waits for approval." in world.client("fang").get("/desk/approvals").text


def test_a_second_officer_approves_on_the_page(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    assert post(world.client("fang"), number, approval_id, "approval") == 303
    made = kept(world, approval_id).offer_id
    assert offer(world, made).status.value == "held"  # type: ignore[arg-type]
    assert f"/offers/{made}" in world.client("lu").get(f"/cases/{number}/approvals/{approval_id}").text


def test_a_second_officer_returns_it_on_the_page_and_the_officer_reads_why(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    assert post(world.client("fang"), number, approval_id, "return") == 409
    assert post(world.client("fang"), number, approval_id, "return", reason="期数太长") == 303
    assert "期数太长" in world.client("lu").get(f"/cases/{number}/approvals/{approval_id}").text


@pytest.mark.parametrize(
    ("name", "what", "said"),
    [
        ("lu", "approval", "Whoever asks never approves or returns it."),
        ("fang", "withdrawal", "Only the officer who asked can take it back."),
    ],
)
def test_a_refusal_is_said_on_the_page(world: World, name: str, what: str, said: str) -> None:
    limit(world)
    number = a_case(world)
    answer = world.client(name).post(f"/cases/{number}/approvals/{ask(world, number)}/{what}")
    assert answer.status_code == 409
    assert said in text_of(answer.data)


def test_a_form_sent_twice_approves_once(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    client, data = world.client("fang"), {"_key": "k" * 32}
    answers = [client.post(f"/cases/{number}/approvals/{approval_id}/approval", data=data) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]


def test_no_word_of_the_pages_blames_or_impersonates(world: World) -> None:
    limit(world)
    number = a_case(world)
    client = world.client("fang", language="zh")
    for path in ("/desk/approvals", f"/cases/{number}/approvals/{ask(world, number)}"):
        assert not words_found(text_of(client.get(path).data))


# --- everybody else ---


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_outside_the_lender_opens_what_waits(world: World, name: str) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    client = world.client(name)
    assert client.get("/desk/approvals").status_code in (403, 404)
    assert client.get(f"/cases/{number}/approvals/{approval_id}").status_code in (403, 404)
    assert {post(client, number, approval_id, what) for what in ("approval", "return", "withdrawal")} <= {403, 404}


@pytest.mark.parametrize("name", ["bai", "mo", "ren"])
def test_what_waits_changes_no_byte_of_anybody_elses_pages(world: World, name: str) -> None:
    number = a_case(world)
    theirs = show(world, number, "bai", beyond())
    limit(world)
    paths = [f"/cases/{number}", f"/cases/{number}/offers", f"/cases/{number}/offers/{theirs}",
             f"/cases/{number}/record", "/docket", "/record"]  # fmt: skip
    client = world.client(name)
    before = [OWN_NOISE.sub(b"", client.get(path).data) for path in paths]
    approval_id = ask(world, number)
    assert [OWN_NOISE.sub(b"", client.get(path).data) for path in paths] == before
    send_back(world, number, approval_id)
    assert [OWN_NOISE.sub(b"", client.get(path).data) for path in paths] == before


@pytest.mark.parametrize("name", ["ren", "audit"])
def test_that_a_lender_has_set_limits_changes_no_byte_of_the_check_of_records(world: World, name: str) -> None:
    staff(world)
    client = world.client(name)
    before = OWN_NOISE.sub(b"", client.get("/record").data)
    set_limits(world)
    assert OWN_NOISE.sub(b"", client.get("/record").data) == before
