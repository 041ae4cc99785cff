"""Before the seal everybody may still turn back, and whatever is left behind is nobody's agreement."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from mediation import audit, jobs, notices
from mediation.accounts import actions as accounts
from mediation.accounts.models import Membership
from mediation.agreements import actions
from mediation.agreements.assembling import Choices, signers_of
from mediation.agreements.leaving import leave_terms
from mediation.cases.actions import withdraw_case
from mediation.errors import Refused
from mediation.offers.actions import make_offer
from mediation.outbox import Job
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import AgreementState, Stage
from tests.agreements.signing import TERMS, agreed, drawn_up, paper, sign, the_agreement, the_case
from tests.stories import a_case, identify
from tests.world import World, add_person


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_agreed_terms_can_be_left_before_there_is_a_paper(world: World, name: str) -> None:
    number = agreed(world)
    answer = world.client(name).post(f"/cases/{number}/terms/departure")
    assert answer.status_code == 303
    assert (the_case(world, number).stage, the_case(world, number).turn) == (Stage.OPEN, Role.MEDIATOR)
    with world.seat("bai", number) as seat:
        assert audit.entries_seen_by(seat, Thread.CASE)[-1].kind == "terms:left"
        make_offer(seat, TERMS, at=world.clock())


def test_everybody_else_at_the_table_is_told(world: World) -> None:
    number = agreed(world)
    with world.seat("bai", number) as seat:
        leave_terms(seat, at=world.clock())
    assert _told(world, "terms:left") == {world.people["lu"], world.people["mo"]}


def test_the_page_says_what_going_back_means(world: World) -> None:
    number = agreed(world)
    page = world.client("bai").get(f"/cases/{number}/agreement").get_data(as_text=True)
    assert f"/cases/{number}/terms/departure" in page
    assert world.client("lu").get(f"/cases/{number}/terms/departure").status_code == 200


def test_leaving_voids_a_draft_that_is_being_set_in_type(world: World) -> None:
    number = agreed(world)
    identify(world, number)
    agreement_id = drawn_up(world, number)
    with world.seat("lu", number) as seat:
        leave_terms(seat, at=world.clock())
    assert the_agreement(world, agreement_id).state is AgreementState.VOIDED


def test_what_lies_before_its_signers_is_declined_and_not_left(world: World) -> None:
    number, _ = paper(world)
    with pytest.raises(Refused, match="case:wrong-stage"), world.seat("bai", number) as seat:
        leave_terms(seat, at=world.clock())


@pytest.mark.parametrize("signed", [(), ("bai",), ("bai", "lu", "mo")])
def test_withdrawing_before_the_seal_voids_the_paper_and_no_job_fails(world: World, signed: tuple[str, ...]) -> None:
    number, agreement_id = paper(world)
    for name in signed:
        sign(world, name, number, agreement_id)
    with world.seat("bai", number) as seat:
        withdraw_case(seat, at=world.clock())
    world.clock.move(days=40)
    _work(world)
    assert the_agreement(world, agreement_id).state is AgreementState.VOIDED
    assert the_case(world, number).stage is Stage.WITHDRAWN
    with world.seat("lu", number) as seat:
        assert audit.entries_seen_by(seat, Thread.CASE)[-1].kind == "agreement:dropped"
    with world.reading() as session:
        assert [job.kind for job in session.scalars(select(Job)) if job.failure or job.done_at is None] == []


def test_a_mediator_takes_back_its_own_draft_before_anybody_has_signed(world: World) -> None:
    number, agreement_id = paper(world)
    page = world.client("mo").get(f"/cases/{number}/agreement").get_data(as_text=True)
    assert f"/cases/{number}/agreement/{agreement_id}/replacement" in page
    with world.seat("mo", number) as seat:
        actions.draw_up_anew(seat, agreement_id, at=world.clock())
    with world.seat("mo", number) as seat:
        assert audit.entries_seen_by(seat, Thread.CASE)[-1].kind == "agreement:taken-back"
        assert actions.draw_up(seat, Choices(grace_days=5), at=world.clock()).version == 2
    assert _told(world, "agreement:taken-back") == {world.people["bai"], world.people["lu"]}


def test_once_somebody_has_signed_the_mediators_draft_stands(world: World) -> None:
    number, agreement_id = paper(world)
    sign(world, "bai", number, agreement_id)
    assert "/replacement" not in world.client("mo").get(f"/cases/{number}/agreement").get_data(as_text=True)
    with pytest.raises(Refused, match="agreement:not-to-be-replaced"), world.seat("mo", number) as seat:
        actions.draw_up_anew(seat, agreement_id, at=world.clock())


def test_once_the_officer_has_left_another_with_authority_signs(world: World) -> None:
    number = agreed(world)
    identify(world, number)
    add_person(world, "lan", "蓝田", role=Role.LENDER)
    _empower(world, "lan")
    _leave(world, "lu")
    with world.seat("mo", number) as seat:
        assert signers_of(seat)[Role.LENDER] == {world.people["lan"]}
        assert "蓝田" in actions.draw_up(seat, Choices(), at=world.clock()).document


def test_a_paper_that_names_an_officer_who_left_is_drawn_up_again(world: World) -> None:
    number, agreement_id = paper(world)
    sign(world, "bai", number, agreement_id)
    add_person(world, "lan", "蓝田", role=Role.LENDER)
    _empower(world, "lan")
    _leave(world, "lu")
    with pytest.raises(Refused, match="agreement:officer-changed"):
        sign(world, "lan", number, agreement_id)
    with world.seat("mo", number) as seat:
        actions.draw_up_anew(seat, agreement_id, at=world.clock())


@pytest.mark.parametrize(("typed", "status"), [("0", 303), ("100", 303), ("100.01", 409), ("9999", 409), ("-1", 422)])
def test_the_rate_on_what_is_overdue_stays_within_bounds(world: World, typed: str, status: int) -> None:
    number = agreed(world)
    identify(world, number)
    form = {
        "grace_days": "3", "cure_days": "15", "default_yearly_rate": typed,
        "credit_treatment": "updated_on_settlement", "credit_working_days": "10",
    }  # fmt: skip
    answer = world.client("mo").post(f"/cases/{number}/agreement/draft", data=form)
    if typed == "100":
        assert answer.status_code in (303, 409)  # a court would not support so much, and the law's rules say so
        return
    assert answer.status_code == status
    if status == 409:
        assert 'id="default_yearly_rate-error"' in answer.get_data(as_text=True)


def test_whoever_signs_sees_what_an_overdue_payment_costs(world: World) -> None:
    number = agreed(world)
    identify(world, number)
    with world.seat("mo", number) as seat:
        actions.draw_up(seat, Choices(default_yearly_rate=Decimal("0.06")), at=world.clock())
    page = world.client("bai").get(f"/cases/{number}/agreement").get_data(as_text=True)
    assert "6% a year on what is overdue" in page


def test_nobody_hears_of_a_mediator_after_the_case_has_ended(world: World) -> None:
    number = a_case(world, Stage.APPOINTED)
    with world.seat("bai", number) as seat:
        withdraw_case(seat, at=world.clock())
    _work(world, days=5)
    from mediation.cases.appointments import confirm_if_due
    from mediation.cases.seats import Seat, lock_case

    with world.writing() as session:
        case = lock_case(session, the_case(world, number).id)
        confirm_if_due(Seat.system(session, case), at=world.clock())
    assert _told(world, "mediator:confirmed") == set()


def _work(world: World, *, days: int = 0) -> None:
    world.clock.move(days=days)
    jobs.run_due(world.engine, world.info, world.clock)


def _told(world: World, kind: str) -> set[object]:
    with world.reading() as session:
        return set(session.scalars(select(notices.Notice.account_id).where(notices.Notice.kind == kind)))


def _empower(world: World, name: str) -> None:
    from datetime import date

    with world.desk("ren") as desk:
        accounts.keep_authority(
            desk, world.people[name], title="授权委托书 2025-09", covers_settlement=True,
            valid_from_on=date(2025, 1, 1), valid_until_on=date(2027, 12, 31), at=world.clock(),
        )  # fmt: skip


def _leave(world: World, name: str) -> None:
    with world.desk("ren") as desk:
        found = select(Membership.id).where(Membership.account_id == world.people[name])
        accounts.end_member(desk, desk.session.scalars(found).one(), at=world.clock())
