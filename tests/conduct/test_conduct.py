"""A borrower reports collection against the standstill to the registrar, who alone may lay it before the lender."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.disclosures import conduct
from mediation.disclosures.conduct_models import ConductReport
from mediation.errors import NotFound
from mediation.notices import Notice
from mediation.rules.access import Thread
from mediation.rules.lifecycle import Stage
from tests.conduct.reporting import DAY, WHAT, answer, forward, report
from tests.documents.made import a_pdf
from tests.offers.table import refusal
from tests.stories import a_case
from tests.world import World

TYPED = {"way": "message", "happened_on": DAY.isoformat(), "what": WHAT, "by_whom": "某外包公司"}


@pytest.mark.parametrize("name", ["lu", "mo", "ren"])
def test_nobody_but_the_borrower_reports(world: World, name: str) -> None:
    assert refusal(report, world, a_case(world), name) == "seat:not-permitted"


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_nobody_but_the_registrar_forwards_or_answers(world: World, name: str) -> None:
    number = a_case(world)
    report_id = report(world, number)
    assert refusal(forward, world, number, report_id, name) == "seat:not-permitted"
    assert refusal(answer, world, number, report_id, name) == "seat:not-permitted"


def test_only_the_registrar_is_told_and_the_entry_is_in_the_borrowers_own_thread(world: World) -> None:
    number = a_case(world)
    report(world, number)
    assert _told(world, "conduct:reported") == {world.people["ren"]}
    with world.seat("bai", number) as seat:
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)]
        assert audit.entries_seen_by(seat, Thread.CASE) == []
    assert kinds == ["conduct:reported"]


def test_the_lender_cannot_know_of_a_report_before_it_is_forwarded(world: World) -> None:
    number = a_case(world)
    report_id = report(world, number, with_proof=True)
    with world.seat("lu", number) as seat:
        assert conduct.reports_seen_by(seat) == []
    client = world.client("lu")
    assert "There is no report." in client.get(f"/cases/{number}/conduct").text
    nothing = client.get(f"/cases/{number}/conduct/{world.organisation_id}")
    for path in ("", "/proof"):
        page = client.get(f"/cases/{number}/conduct/{report_id}{path}")
        assert (page.status_code, len(page.text)) == (404, len(nothing.text))


def test_forwarded_the_lender_reads_it_as_it_was_made_and_not_the_answer(world: World) -> None:
    number = a_case(world)
    report_id = report(world, number, with_proof=True)
    answer(world, number, report_id, text="私下的答复")
    forward(world, number, report_id)
    page = world.client("lu").get(f"/cases/{number}/conduct/{report_id}")
    assert WHAT in page.text
    assert "自称客服" in page.text
    assert "私下的答复" not in page.text
    assert world.client("lu").get(f"/cases/{number}/conduct/{report_id}/proof").data.startswith(b"%PDF-")
    assert _told(world, "conduct:forwarded") == {world.people["lu"], world.people["bai"]}
    with world.seat("lu", number) as seat:
        assert [entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE)] == ["conduct:forwarded"]


def test_the_mediator_learns_that_there_is_a_report_and_not_what_it_says(world: World) -> None:
    number = a_case(world)
    report_id = report(world, number)
    with world.seat("mo", number) as seat:
        entries = audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)
    assert [entry.kind for entry in entries] == ["conduct:reported"]
    assert WHAT not in str(entries[0].body)
    assert world.client("mo").get(f"/cases/{number}/conduct/{report_id}").status_code == 403


def test_the_borrower_reads_the_registrars_answer_and_is_told(world: World) -> None:
    number = a_case(world)
    report_id = report(world, number)
    answer(world, number, report_id)
    assert "已与出借方核实并要求停止" in world.client("bai").get(f"/cases/{number}/conduct/{report_id}").text
    assert _told(world, "conduct:answered") == {world.people["bai"]}


def test_it_is_forwarded_once_and_answered_once(world: World) -> None:
    number = a_case(world)
    report_id = report(world, number)
    forward(world, number, report_id)
    answer(world, number, report_id)
    assert refusal(forward, world, number, report_id) == "conduct:forwarded-already"
    assert refusal(answer, world, number, report_id) == "conduct:answered-already"


@pytest.mark.parametrize("on", [date(2025, 9, 23), date(2025, 9, 25)])
def test_the_day_lies_between_the_undertaking_and_today(world: World, on: date) -> None:
    assert refusal(report, world, a_case(world), on=on) == "conduct:day-out-of-range"


@pytest.mark.parametrize(("what", "key"), [(" ", "conduct:words-missing"), ("长" * 2001, "conduct:words-too-long")])
def test_it_says_what_happened_in_a_few_words(world: World, what: str, key: str) -> None:
    assert refusal(report, world, a_case(world), what=what) == key


def test_at_most_twenty_reports_wait(world: World) -> None:
    number = a_case(world)
    for _ in range(conduct.MOST_OPEN):
        report(world, number)
    assert refusal(report, world, number) == "conduct:too-many-open"


@pytest.mark.parametrize("stage", [Stage.IN_FORCE, Stage.WITHDRAWN])
def test_it_is_reported_while_the_undertaking_holds(world: World, stage: Stage) -> None:
    number = a_case(world, Stage.JOINED)
    with world.seat("ren", number) as seat:
        seat.case.stage = stage
    assert refusal(report, world, number) == "case:wrong-stage"


def test_a_report_of_another_case_does_not_exist(world: World) -> None:
    first, second = a_case(world), a_case(world, contract="XF-2025-0002")
    report_id = report(world, first)
    with pytest.raises(NotFound):
        forward(world, second, report_id)


def test_its_words_stand_nowhere_in_the_clear(world: World) -> None:
    report(world, a_case(world), what="canaryconductwords", by_whom="canaryconductwhom")
    with world.reading() as session:
        row = session.scalars(select(ConductReport)).one()
    assert b"canary" not in row.what_sealed
    assert b"canary" not in (row.by_whom_sealed or b"")


def test_the_pages_report_forward_and_answer(world: World) -> None:
    number = a_case(world)
    bai, ren = world.client("bai"), world.client("ren")
    assert "The lender does not know of it" in bai.get(f"/cases/{number}/conduct/new").text
    proof = {"file": (io.BytesIO(a_pdf("a list of calls")), "calls.pdf")}
    sent = bai.post(f"/cases/{number}/conduct", data={**TYPED, **proof}, content_type="multipart/form-data")
    assert sent.status_code == 303
    with world.reading() as session:
        report_id = session.scalars(select(ConductReport.id)).one()
    assert f"/cases/{number}/conduct/{report_id}" in ren.get("/conduct").text
    assert ren.post(f"/cases/{number}/conduct/{report_id}/forwarding").status_code == 303
    assert ren.post(f"/cases/{number}/conduct/{report_id}/answer", data={"text": " "}).status_code == 409
    assert ren.post(f"/cases/{number}/conduct/{report_id}/answer", data={"text": "已核实处理"}).status_code == 303
    assert "Every report is answered." in ren.get("/conduct").text
    world.verify_records()


def test_a_file_that_is_not_what_it_says_is_told_at_its_field(world: World) -> None:
    number = a_case(world)
    wrong = {"file": (io.BytesIO(b"MZ not a picture"), "calls.png")}
    page = world.client("bai").post(
        f"/cases/{number}/conduct", data={**TYPED, **wrong}, content_type="multipart/form-data"
    )
    assert (page.status_code, "it is something else inside" in page.text, WHAT in page.text) == (409, True, True)


@pytest.mark.parametrize("name", ["bai", "lu", "mo", "audit"])
def test_the_list_is_the_registrars(world: World, name: str) -> None:
    assert world.client(name).get("/conduct").status_code in (403, 404)


def _told(world: World, kind: str) -> set[object]:
    with world.reading() as session:
        return set(session.scalars(select(Notice.account_id).where(Notice.kind == kind)))
