"""Either side may end mediation; doubtful capacity stops plans until the registrar has settled it."""

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.cases import actions, capacity
from mediation.cases.models import Case, Invitation, Seating
from mediation.errors import NotPermitted, Refused
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side
from tests.cases.made import a_submitted_case
from tests.stories import a_case
from tests.world import World


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("bai", Stage.JOINED),
        ("lu", Stage.APPOINTED),
        ("bai", Stage.OPEN),
        ("lu", Stage.SIGNING),
        ("bai", Stage.SIGNING),
    ],
)
def test_either_side_ends_mediation_before_effect(world: World, name: str, stage: Stage) -> None:
    number = a_case(world, stage)
    with world.seat(name, number) as seat:
        seat = actions.withdraw_case(seat, at=world.clock())
    assert (seat.stage, seat.case.turn, seat.case.deadline_at) == (Stage.WITHDRAWN, None, None)


def test_nobody_withdraws_from_an_agreement_in_force(world: World) -> None:
    number = a_case(world, Stage.IN_FORCE)
    with pytest.raises(Refused, match="case:wrong-stage"), world.seat("bai", number) as seat:
        actions.withdraw_case(seat, at=world.clock())


def test_the_mediator_does_not_end_mediation_for_a_party(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(NotPermitted), world.seat("mo", number) as seat:
        actions.withdraw_case(seat, at=world.clock())


def test_withdrawing_asks_for_no_reason(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    client = world.client("bai")
    page = client.get(f"/cases/{number}/withdrawal").get_data(as_text=True)
    assert "<textarea" not in page
    assert client.post(f"/cases/{number}/withdrawal").status_code == 303


def test_the_other_side_reads_that_it_ended_and_not_through_whom(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    world.client("bai").post(f"/cases/{number}/withdrawal")
    page = world.client("lu").get(f"/cases/{number}").get_data(as_text=True)
    assert "Mediation was withdrawn before an agreement took effect" in page


def test_a_withdrawn_case_kills_the_invitation(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        actions.accept_case(seat, at=world.clock())
    with world.seat("lu", number) as seat:
        actions.withdraw_case(seat, at=world.clock())
        invitation = seat.session.scalars(select(Invitation)).one()
    assert (invitation.ended_at, invitation.ended_as) == (world.clock(), "withdrawn")


@pytest.mark.parametrize("name", ["mo", "ren"])
def test_no_plan_is_put_forward_while_capacity_is_in_question(world: World, name: str) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat(name, number) as seat:
        capacity.report_capacity(seat, Side.BORROWER, at=world.clock())
    with pytest.raises(Refused, match="capacity:in-question"), world.seat("lu", number) as seat:
        capacity.check_capacity(seat)


def test_plans_go_on_once_the_registrar_has_settled_the_question(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    world.client("mo").post(f"/cases/{number}/capacity", data={"side": "borrower"})
    world.client("ren").post(f"/cases/{number}/capacity/clearance")
    with world.seat("lu", number) as seat:
        capacity.check_capacity(seat)
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE)]
    assert kinds == ["capacity:reported", "capacity:cleared"]


def test_capacity_may_be_questioned_again_after_it_was_settled(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    for _ in range(2):
        with world.seat("mo", number) as seat:
            capacity.report_capacity(seat, Side.BORROWER, at=world.clock())
        with world.seat("ren", number) as seat:
            capacity.clear_capacity(seat, at=world.clock())
    with world.seat("mo", number) as seat:
        capacity.report_capacity(seat, Side.LENDER, at=world.clock())
        assert capacity.open_report(seat) is not None


def test_a_party_does_not_question_the_others_capacity(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(NotPermitted), world.seat("lu", number) as seat:
        capacity.report_capacity(seat, Side.BORROWER, at=world.clock())


def test_a_mediator_who_was_only_asked_reads_names_and_no_figure(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        session.add(Seating(case_id=case.id, account_id=world.people["mo"], role=Role.MEDIATOR, since_at=world.clock()))
    page = world.client("mo").get(f"/cases/{number}").get_data(as_text=True)
    assert "白露" in page
    assert "16,957.91" not in page
    assert "undertaking" not in page


def test_the_parties_read_that_a_question_is_open_and_not_about_whom(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("mo", number) as seat:
        capacity.report_capacity(seat, Side.BORROWER, at=world.clock())
    page = world.client("lu").get(f"/cases/{number}").get_data(as_text=True)
    assert "A question is open at the institution" in page
    with world.seat("lu", number) as seat:
        assert audit.entries_seen_by(seat, Thread.CASE)[-1].body == {}
