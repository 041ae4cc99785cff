"""A suspension: by the registrar alone, for a question about one side of which the other learns nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mediation import jobs
from mediation.agreements import actions as agreements
from mediation.agreements import pausing, suspending
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.cases.actions import withdraw_case
from mediation.cases.models import Appointment
from mediation.cases.pause_models import PauseReason, SuspensionReason
from mediation.cases.pauses import suspension_seen_by
from mediation.cases.telling import tell_roles
from mediation.notices import Notice
from mediation.outbox import Job
from mediation.rules.access import Role
from mediation.rules.lifecycle import AgreementState, AppointmentState, Stage
from mediation.rules.negotiation import OfferState, Side
from tests.offers.table import accept, case, make, offer, refusal, settle, show
from tests.stories import a_case, identify
from tests.world import World

DIED, DOUBT, ASSIGNED = SuspensionReason.PARTY_DIED, SuspensionReason.CAPACITY, SuspensionReason.CLAIM_ASSIGNED


def suspend(
    world: World, number: str, name: str = "ren", *, reason: SuspensionReason = DIED, side: Side = Side.BORROWER
) -> None:
    """That person suspends the case."""
    with world.seat(name, number) as seat:
        suspending.suspend_case(seat, reason, side, at=world.clock())


def reinstate(world: World, number: str, name: str = "ren") -> None:
    """That person lets it go on."""
    with world.seat(name, number) as seat:
        suspending.reinstate_case(seat, at=world.clock())


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_nobody_but_the_registrar_suspends_or_lets_go_on(world: World, name: str) -> None:
    number = a_case(world)
    assert refusal(suspend, world, number, name) == "seat:not-permitted"
    suspend(world, number)
    assert refusal(reinstate, world, number, name) == "seat:not-permitted"
    assert (case(world, number).stage, case(world, number).turn) == (Stage.SUSPENDED, Role.REGISTRAR)


@pytest.mark.parametrize("stage", [Stage.INVITED, Stage.IN_FORCE])
def test_it_is_suspended_only_between_the_yes_and_the_seal(world: World, stage: Stage) -> None:
    assert refusal(suspend, world, a_case(world, stage)) == "case:wrong-stage"


def test_only_a_lender_assigns_a_claim(world: World) -> None:
    number = a_case(world)
    assert refusal(suspend, world, number, reason=ASSIGNED) == "suspension:assigned-by-lender"
    assert refusal(suspend, world, number, reason=ASSIGNED, side=Side.LENDER) == "done"


def test_open_and_held_plans_are_void_at_once(world: World) -> None:
    number = a_case(world)
    shown = show(world, number, "lu")
    held = make(world, number, "bai")
    suspend(world, number)
    assert [offer(world, one).status for one in (shown, held)] == [OfferState.VOID, OfferState.VOID]
    world.clock.move(minutes=30)
    reinstate(world, number)
    assert str(held) not in world.client("lu").get(f"/cases/{number}/offers").text
    assert refusal(accept, world, number, "bai", shown) == "offer:void"
    assert refusal(make, world, number, "lu") == "done"


def test_a_paper_without_its_seal_is_void_and_talk_begins_again_at_the_table(world: World) -> None:
    number = a_case(world)
    accept(world, number, "bai", show(world, number, "lu"))
    identify(world, number)
    with world.seat("mo", number) as seat:
        agreements.draw_up(seat, Choices(), at=world.clock())
    suspend(world, number)
    with world.reading() as session:
        assert session.scalars(select(Agreement.state)).all() == [AgreementState.VOIDED]
    reinstate(world, number)
    assert (case(world, number).stage, case(world, number).turn) == (Stage.OPEN, Role.MEDIATOR)


def test_the_side_in_question_is_told_nothing_until_it_is_settled(world: World) -> None:
    number = a_case(world)
    suspend(world, number)
    with world.seat("ren", number) as seat:
        tell_roles(seat.session, seat.case, "document:added", (Role.BORROWER, Role.LENDER), at=world.clock())
    assert _told(world, "case:suspended") == {world.people["lu"], world.people["mo"]}
    assert _told(world, "document:added") == {world.people["lu"]}
    reinstate(world, number)
    assert world.people["bai"] in _told(world, "case:reinstated")


def test_what_was_on_its_way_to_that_side_is_never_sent(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    assert _unsent(world) >= 1
    suspend(world, number)
    assert _unsent(world) == 0


@pytest.mark.parametrize("reason", [DIED, DOUBT])
def test_both_sides_read_that_a_question_is_open_and_not_which(world: World, reason: SuspensionReason) -> None:
    number = a_case(world)
    suspend(world, number, reason=reason)
    for name in ("bai", "lu"):
        with world.seat(name, number) as seat:
            seen = suspension_seen_by(seat)
        assert seen is not None
        assert (seen.reason, seen.side) == (None, None)
        page = world.client(name).get(f"/cases/{number}").text
        assert "must settle a question first" in page
        assert "died" not in page
        assert "doubtful" not in page
    assert ("died" in world.client("mo").get(f"/cases/{number}").text) is (reason is DIED)


def test_that_the_claim_was_assigned_both_sides_read(world: World) -> None:
    number = a_case(world)
    suspend(world, number, reason=ASSIGNED, side=Side.LENDER)
    for name in ("bai", "lu"):
        page = world.client(name).get(f"/cases/{number}").text
        assert "The claim has been assigned to somebody else" in page
        assert "unless the borrower agrees to that apart" in page


def test_a_paused_case_is_suspended_and_goes_back_to_the_table(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    with world.seat("bai", number) as seat:
        pausing.pause_case(seat, PauseReason.AWAY, 20, at=world.clock())
    suspend(world, number)
    assert offer(world, offer_id).status is OfferState.VOID
    world.clock.move(days=40)
    jobs.run_due(world.engine, world.info, world.clock)
    assert case(world, number).stage is Stage.SUSPENDED
    reinstate(world, number)
    assert case(world, number).stage is Stage.OPEN


def test_a_window_for_objections_begins_again_whole(world: World) -> None:
    number = a_case(world, Stage.APPOINTED)
    suspend(world, number)
    world.clock.move(days=5)
    jobs.run_due(world.engine, world.info, world.clock)
    assert _appointment(world).state is AppointmentState.OBJECTION_WINDOW
    reinstate(world, number)
    # Monday, 29 September 2025: two working days end with 30 September and 9 October, after the holidays.
    assert _appointment(world).objections_end_at == datetime(2025, 10, 9, 16, 0, tzinfo=UTC)
    assert case(world, number).deadline_at == _appointment(world).objections_end_at


def test_without_a_mediator_the_registrar_is_waited_for_again(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    suspend(world, number)
    reinstate(world, number)
    assert (case(world, number).stage, case(world, number).turn) == (Stage.JOINED, Role.REGISTRAR)


def test_a_suspended_case_may_be_ended(world: World) -> None:
    number = a_case(world)
    suspend(world, number)
    with world.seat("lu", number) as seat:
        withdraw_case(seat, at=world.clock())
    settle(world, number)
    assert case(world, number).stage is Stage.WITHDRAWN
    assert world.people["bai"] not in _told(world, "case:withdrawn")


def test_the_registrars_pages_suspend_and_let_go_on(world: World) -> None:
    number = a_case(world)
    client = world.client("ren")
    assert "is sent nothing more" in client.get(f"/cases/{number}/suspension").text
    assert client.post(f"/cases/{number}/suspension", data={"reason": "capacity"}).status_code == 422
    answer = client.post(f"/cases/{number}/suspension", data={"reason": "capacity", "side": "borrower"})
    assert answer.status_code == 303
    assert f"/cases/{number}/reinstatement" in client.get(f"/cases/{number}").text
    assert client.post(f"/cases/{number}/reinstatement").status_code == 303
    assert case(world, number).stage is Stage.OPEN
    world.verify_records()


def _told(world: World, kind: str) -> set[object]:
    with world.reading() as session:
        return set(session.scalars(select(Notice.account_id).where(Notice.kind == kind)))


def _unsent(world: World) -> int:
    with world.reading() as session:
        mine = select(Notice.id).where(Notice.account_id == world.people["bai"])
        names = [f"notice:{one}" for one in session.scalars(mine)]
        return len(session.scalars(select(Job.id).where(Job.dedup.in_(names), Job.done_at.is_(None))).all())


def _appointment(world: World) -> Appointment:
    with world.reading() as session:
        return session.scalars(select(Appointment)).one()
