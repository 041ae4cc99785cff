"""Objections beyond the one that needs no reason: read by the registrar alone, and decided with a reason."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.cases import appointments, objections, seats
from mediation.cases.models import Case
from mediation.cases.panel_models import ReasonedObjection
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.notices import Notice
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Answer, Stage
from tests.stories import a_case
from tests.world import World

REASON = "调解员去年是出借方的顾问"
# Made on Wednesday 24 September 2025 at 10:00; two working days end on Friday at 24:00 in Shanghai.
DUE_AT = datetime(2025, 9, 26, 16, 0, tzinfo=UTC)


def contest(world: World, number: str, name: str = "bai", reason: str = REASON) -> UUID:
    with world.seat(name, number) as seat:
        return objections.object_with_reason(seat, reason, at=world.clock()).id


def decide(world: World, number: str, objection_id: UUID, *, upheld: bool, answer: str = "已核实") -> None:
    with world.seat("ren", number) as seat:
        objections.decide_objection(seat, objection_id, upheld=upheld, answer=answer, at=world.clock())


def case_of(world: World, number: str) -> Case:
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def told(world: World, name: str) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(Notice.kind).where(Notice.account_id == world.people[name])))


def kinds(world: World, number: str, name: str, thread: Thread) -> list[str]:
    with world.seat(name, number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, thread)]


def test_the_registrar_is_told_and_has_two_working_days(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    contest(world, number)
    with world.reading() as session:
        assert session.scalars(select(ReasonedObjection.due_at)).one() == DUE_AT
    assert told(world, "ren") == ["objection:made"]


def test_after_the_free_objection_a_side_may_object_with_a_reason(world: World) -> None:
    number = a_case(world, Stage.APPOINTED)
    with world.seat("bai", number) as seat:
        appointments.answer_appointment(seat, Answer.OBJECT, at=world.clock())
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    with pytest.raises(Refused, match="appointment:objection-used"), world.seat("bai", number) as seat:
        appointments.answer_appointment(seat, Answer.OBJECT, at=world.clock())
    decide(world, number, contest(world, number), upheld=True)
    case = case_of(world, number)
    assert (case.stage, case.turn, case.mediator_id) == (Stage.JOINED, Role.REGISTRAR, None)


@pytest.mark.parametrize(
    ("reason", "key"), [("  ", "objection:reason-missing"), ("字" * 2001, "objection:reason-too-long")]
)
def test_an_objection_has_a_reason_of_some_length(world: World, reason: str, key: str) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(Refused, match=key):
        contest(world, number, reason=reason)


def test_a_side_has_one_objection_waiting_at_a_time(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    contest(world, number)
    with pytest.raises(Refused, match="objection:waiting"):
        contest(world, number)
    contest(world, number, "lu")


def test_once_it_is_decided_a_new_reason_may_follow(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    decide(world, number, contest(world, number), upheld=False)
    contest(world, number, reason="新的理由")
    with world.seat("bai", number) as seat:
        assert [each.reason for each in objections.objections_seen_by(seat)] == ["新的理由", REASON]


def test_without_a_mediator_there_is_nobody_to_object_to(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    with pytest.raises(Refused, match="appointment:none"):
        contest(world, number)


@pytest.mark.parametrize("name", ["mo", "ren"])
def test_only_a_side_objects(world: World, name: str) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(NotPermitted):
        contest(world, number, name)


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_only_the_registrar_decides(world: World, name: str) -> None:
    number = a_case(world, Stage.OPEN)
    found = contest(world, number)
    with pytest.raises(NotPermitted), world.seat(name, number) as seat:
        objections.decide_objection(seat, found, upheld=True, answer="-", at=world.clock())


@pytest.mark.parametrize(
    ("answer", "key"), [(" ", "objection:answer-missing"), ("字" * 2001, "objection:answer-too-long")]
)
def test_a_decision_has_a_reason(world: World, answer: str, key: str) -> None:
    number = a_case(world, Stage.OPEN)
    found = contest(world, number)
    with pytest.raises(Refused, match=key):
        decide(world, number, found, upheld=False, answer=answer)


def test_nothing_is_decided_twice(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    found = contest(world, number)
    decide(world, number, found, upheld=False)
    with pytest.raises(Refused, match="objection:decided"):
        decide(world, number, found, upheld=True)


def test_an_objection_to_somebody_who_has_gone_falls_away(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    found = contest(world, number)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    with pytest.raises(Refused, match="objection:fell-away"):
        decide(world, number, found, upheld=True)


def test_the_objection_of_another_case_is_not_here(world: World) -> None:
    number, other = a_case(world, Stage.OPEN), a_case(world, Stage.OPEN, contract="XF-OTHER")
    found = contest(world, other)
    with pytest.raises(NotFound):
        decide(world, number, found, upheld=True)


def test_upheld_at_the_table_the_access_ends_at_once_and_what_lies_there_stands(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    mediator, found = world.client("mo"), contest(world, number)
    assert mediator.get(f"/cases/{number}/appointment").status_code == 200
    decide(world, number, found, upheld=True)
    assert mediator.get(f"/cases/{number}/appointment").status_code == 404
    with world.reading() as session:
        assert seats.seat_of(session, world.people["mo"], number) is None
    assert case_of(world, number).stage is Stage.OPEN
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())


def test_not_upheld_the_mediator_stays_and_the_side_reads_why(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    decide(world, number, contest(world, number), upheld=False, answer="顾问合同三年前已结束")
    assert case_of(world, number).mediator_id == world.people["mo"]
    assert told(world, "bai") == ["objection:decided"]
    assert "顾问合同三年前已结束" in world.client("bai").get(f"/cases/{number}/appointment").get_data(as_text=True)


def test_an_objection_does_not_stop_the_window_nor_tell_the_other_side(world: World) -> None:
    number = a_case(world, Stage.APPOINTED)
    before = case_of(world, number)
    contest(world, number)
    after = case_of(world, number)
    assert (before.turn, before.deadline_at, before.moved_at) == (after.turn, after.deadline_at, after.moved_at)
    assert told(world, "lu") == told(world, "mo") == []


def test_the_other_side_learns_only_that_a_new_mediator_is_sought(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    decide(world, number, contest(world, number), upheld=True)
    assert told(world, "lu") == ["mediator:replaced"]
    assert told(world, "mo") == ["mediator:released"]
    assert not {"mediator:contested", "objection:upheld"} & {*kinds(world, number, "lu", Thread.CASE)}
    assert kinds(world, number, "bai", Thread.CAUCUS_BORROWER) == ["mediator:contested", "objection:upheld"]


def test_the_reason_is_on_no_page_but_its_sides_and_the_registrars(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    decide(world, number, contest(world, number), upheld=False, answer="不成立的理由")
    for name, reads in (("bai", True), ("ren", True), ("lu", False), ("mo", False)):
        client = world.client(name)
        for path in ("appointment", "record", "objections"):
            page = client.get(f"/cases/{number}/{path}").get_data(as_text=True)
            assert reads or (REASON not in page and "不成立的理由" not in page), f"{name} at {path}"
        assert (REASON in client.get(f"/cases/{number}/appointment").get_data(as_text=True)) is reads


def test_the_reason_lies_sealed_in_the_database(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    decide(world, number, contest(world, number), upheld=False, answer="不成立的理由")
    with world.reading() as session:
        row = session.scalars(select(ReasonedObjection)).one()
    assert REASON.encode() not in row.reason_sealed
    assert row.answer_sealed is not None
    assert "不成立的理由".encode() not in row.answer_sealed


def test_the_registrar_finds_what_waits_on_the_page_of_the_panel(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    found = contest(world, number)
    page = world.client("ren").get("/desk/panel").get_data(as_text=True)
    assert f"/cases/{number}/appointment" in page
    decide(world, number, found, upheld=False)
    assert f"/cases/{number}/appointment" not in world.client("ren").get("/desk/panel").get_data(as_text=True)


def test_a_side_walks_from_the_page_to_the_decision(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    sent = world.client("bai").post(f"/cases/{number}/objections", data={"reason": REASON})
    assert sent.status_code == 303
    with world.reading() as session:
        found = session.scalars(select(ReasonedObjection.id)).one()
    door = f"/cases/{number}/objections/{found}"
    assert REASON in world.client("ren").get(door).get_data(as_text=True)
    assert world.client("ren").post(door, data={"decision": "upheld", "answer": ""}).status_code == 409
    assert world.client("ren").post(door, data={"decision": "upheld", "answer": "成立"}).status_code == 303
    assert case_of(world, number).mediator_id is None
