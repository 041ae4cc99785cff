"""The mediator's proposal: two yeses agree, one no or silence does not, and nobody learns how anybody answered."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from mediation import audit
from mediation.agreements.assembling import accepted_offer, signers_of
from mediation.audit import RecordHead, RecordThread
from mediation.cases import appointments
from mediation.cases.models import Case, Seating
from mediation.notices import Notice
from mediation.offers import proposals
from mediation.offers.models import Acceptance, Offer
from mediation.offers.proposal_models import ProposalAnswer
from mediation.outbox import Job
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import OfferState
from mediation.rules.proposals import ProposalState
from tests.offers.table import (
    accept,
    answer,
    case,
    make,
    offer,
    proposal,
    propose,
    refusal,
    settle,
    show,
    take_back,
    terms,
    withdraw,
)
from tests.stories import a_case
from tests.world import World, add_person


def end(world: World, number: str, proposal_id: UUID) -> None:
    """The time to answer passes, and the worker comes."""
    world.clock.at = proposal(world, proposal_id).ends_at
    settle(world, number)


def kinds(world: World, number: str, thread: Thread = Thread.CASE, reader: str = "mo") -> list[str]:
    """What the record tells, in order."""
    with world.seat(reader, number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, thread)]


# --- what comes of the answers ---


def test_two_yeses_agree_to_exactly_the_proposal(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id)
    answer(world, number, "lu", proposal_id)
    row = proposal(world, proposal_id)
    assert (row.status, case(world, number).stage) == (ProposalState.AGREED, Stage.TERMS_AGREED)
    plan = offer(world, row.offer_id)
    assert (plan.status, plan.sha256, plan.document, plan.by) == (
        OfferState.ACCEPTED, row.sha256, row.document, None,
    )  # fmt: skip


def test_each_yes_is_kept_with_the_hash_of_what_was_agreed(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    for name in ("lu", "bai"):
        answer(world, number, name, proposal_id)
    with world.reading() as session:
        yeses = session.scalars(select(Acceptance)).all()
    assert {(one.account_id, one.role) for one in yeses} == {
        (world.people["bai"], Role.BORROWER), (world.people["lu"], Role.LENDER),
    }  # fmt: skip
    assert {one.offer_sha256 for one in yeses} == {proposal(world, proposal_id).sha256}


@pytest.mark.parametrize("said", [{"bai": False, "lu": True}, {"bai": True, "lu": False}, {"bai": False, "lu": False},
                                  {"bai": True}, {"lu": True}, {"bai": False}, {}])  # fmt: skip
def test_anything_but_two_yeses_comes_to_nothing_at_the_end_of_the_time(world: World, said: dict[str, bool]) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    for name, yes in said.items():
        answer(world, number, name, proposal_id, yes=yes)
    assert proposal(world, proposal_id).status is ProposalState.OPEN
    end(world, number, proposal_id)
    assert (proposal(world, proposal_id).status, case(world, number).stage) == (ProposalState.NOT_AGREED, Stage.OPEN)
    assert kinds(world, number)[-1] == "proposal:not-agreed"


def test_silence_is_never_a_yes(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id)
    end(world, number, proposal_id)
    assert refusal(answer, world, number, "lu", proposal_id) == "proposal:not-agreed"


def test_a_side_of_two_says_yes_when_both_have(world: World) -> None:
    number = a_case(world)
    second_borrower(world, number)
    proposal_id = propose(world, number)
    for name in ("bai", "lu"):
        answer(world, number, name, proposal_id)
    before = proposal(world, proposal_id).status
    answer(world, number, "wen", proposal_id)
    assert (before, proposal(world, proposal_id).status) == (ProposalState.OPEN, ProposalState.AGREED)


def test_one_no_of_a_side_of_two_is_no_yes(world: World) -> None:
    number = a_case(world)
    second_borrower(world, number)
    proposal_id = propose(world, number)
    for name, yes in (("bai", False), ("lu", True), ("wen", True)):
        answer(world, number, name, proposal_id, yes=yes)
    end(world, number, proposal_id)
    assert proposal(world, proposal_id).status is ProposalState.NOT_AGREED


# --- what is refused ---


def test_an_answer_is_given_once(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id, yes=False)
    assert refusal(answer, world, number, "bai", proposal_id) == "proposal:answered"


def test_one_officer_answers_for_the_lender(world: World) -> None:
    number = a_case(world)
    add_person(world, "liu", "刘青", role=Role.LENDER)
    proposal_id = propose(world, number)
    answer(world, number, "lu", proposal_id, yes=False)
    assert refusal(answer, world, number, "liu", proposal_id) == "proposal:answered"


def test_another_text_than_the_one_that_lies_there_is_not_answered(world: World) -> None:
    number = a_case(world)
    assert refusal(answer, world, number, "bai", propose(world, number), sha256="0" * 64) == "proposal:changed"


def test_one_proposal_lies_open_at_a_time(world: World) -> None:
    number = a_case(world)
    propose(world, number)
    assert refusal(propose, world, number) == "proposal:waiting-for-answers"


@pytest.mark.parametrize(("seconds", "said"), [(-1, "done"), (0, "proposal:not-agreed")])
def test_an_answer_is_in_time_before_the_end(world: World, seconds: int, said: str) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    world.clock.at = proposal(world, proposal_id).ends_at + timedelta(seconds=seconds)
    assert refusal(answer, world, number, "bai", proposal_id) == said


def test_a_proposal_is_the_mediators_to_make_and_the_parties_to_answer(world: World) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        assert refusal(proposals.make_proposal, seat, terms(26), at=world.clock()) == "seat:not-permitted"
    proposal_id = propose(world, number)
    assert refusal(answer, world, number, "mo", proposal_id) == "seat:not-permitted"


def test_terms_that_do_not_fit_the_claim_are_no_proposal(world: World) -> None:
    number = a_case(world)
    assert refusal(propose, world, number, plan=terms(agreed_total=1)) == "plan:total-differs"


@pytest.mark.parametrize("days", [2, 15])
def test_days_to_answer_lie_between_three_and_fourteen(world: World, days: int) -> None:
    assert refusal(propose, world, a_case(world), reply_days=days) == "period:out-of-bounds"


# --- what ends it besides ---


def test_a_proposal_taken_back_forgets_every_answer(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id)
    take_back(world, number, proposal_id)
    assert (proposal(world, proposal_id).status, answers_kept(world)) == (ProposalState.TAKEN_BACK, 0)
    assert refusal(answer, world, number, "lu", proposal_id) == "proposal:taken-back"


def test_a_mediator_who_steps_back_takes_the_proposal_along(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    assert refusal(answer, world, number, "lu", proposal_id) == "proposal:void"
    settle(world, number)
    assert (proposal(world, proposal_id).status, answers_kept(world)) == (ProposalState.VOID, 0)
    assert case(world, number).turn is Role.REGISTRAR


def test_another_plan_agreed_on_ends_the_proposal(world: World) -> None:
    number = a_case(world)
    plan = show(world, number, "lu")
    proposal_id = propose(world, number)
    answer(world, number, "lu", proposal_id)
    accept(world, number, "bai", plan)
    assert (proposal(world, proposal_id).status, answers_kept(world)) == (ProposalState.VOID, 0)


def test_an_agreed_proposal_takes_the_place_of_whatever_lies_on_the_table(world: World) -> None:
    number = a_case(world)
    plan = show(world, number, "lu")
    held = make(world, number, "bai")
    proposal_id = propose(world, number)
    for name in ("bai", "lu"):
        answer(world, number, name, proposal_id)
    assert [offer(world, one).status for one in (plan, held)] == [OfferState.SUPERSEDED, OfferState.SUPERSEDED]
    assert refusal(withdraw, world, number, "bai", held) == "offer:superseded"


def test_plans_are_put_forward_and_answered_while_a_proposal_lies_open(world: World) -> None:
    number = a_case(world)
    propose(world, number)
    accept(world, number, "bai", show(world, number, "lu"))
    assert case(world, number).stage is Stage.TERMS_AGREED


# --- whose turn it is ---


def test_both_sides_are_waited_for_until_the_same_end(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    found = case(world, number)
    assert (found.both_sides, found.deadline_at) == (True, proposal(world, proposal_id).ends_at)


def test_the_turn_stays_with_both_whoever_has_answered(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    before = moved(world, number)
    world.clock.move(minutes=3)
    answer(world, number, "bai", proposal_id)
    assert moved(world, number) == before


def test_a_plan_that_lapses_meanwhile_leaves_the_turn_with_both(world: World) -> None:
    number = a_case(world)
    plan = show(world, number, "lu", reply_days=3)
    propose(world, number, reply_days=14)
    world.clock.at = offer(world, plan).lapses_at
    settle(world, number)
    assert case(world, number).both_sides


# --- what nobody learns ---


def test_an_answer_tells_nobody_and_writes_in_its_own_sides_thread_alone(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    notices, sizes = told(world), heads(world, number)
    answer(world, number, "lu", proposal_id)
    after = heads(world, number)
    assert told(world) == notices
    assert {name for name in sizes if sizes[name] != after[name]} == {"caucus-lender"}


def test_the_record_of_an_answer_is_the_same_for_yes_and_no(world: World) -> None:
    bodies = []
    for yes in (True, False):
        number = a_case(world, contract=f"C-{yes}")
        proposal_id = propose(world, number)
        answer(world, number, "bai", proposal_id, yes=yes)
        with world.seat("bai", number) as seat:
            body = audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)[-1].body or {}
        bodies.append({**body, "proposal": ""})
    assert bodies[0] == bodies[1]
    assert set(bodies[0]) == {"proposal", "sha256"}


def test_what_is_kept_of_an_answer_is_encrypted_and_of_one_length(world: World) -> None:
    sizes = set()
    for yes in (True, False):
        number = a_case(world, contract=f"C-{yes}")
        answer(world, number, "bai", propose(world, number), yes=yes)
    with world.reading() as session:
        for row in session.scalars(select(ProposalAnswer)):
            assert b"yes" not in row.answer_sealed
            sizes.add(len(row.answer_sealed))
    assert len(sizes) == 1


def test_a_proposal_that_came_to_nothing_keeps_no_answer(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id)
    end(world, number, proposal_id)
    assert answers_kept(world) == 0


def test_both_sides_and_the_mediator_are_told_alike_that_it_was_not_agreed(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    answer(world, number, "bai", proposal_id)
    end(world, number, proposal_id)
    with world.reading() as session:
        found = session.scalars(select(Notice).where(Notice.kind == "proposal:not-agreed")).all()
    assert {one.account_id for one in found} == {world.people[name] for name in ("bai", "lu", "mo")}
    assert {tuple(sorted(one.facts)) for one in found} == {("number",)}


def test_the_agreement_is_recorded_by_the_clock_and_not_by_whoever_came_last(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    for name in ("bai", "lu"):
        answer(world, number, name, proposal_id)
    with world.seat("mo", number) as seat:
        entry = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert (entry.kind, entry.actor) == ("proposal:agreed", "system")


def test_the_plan_that_both_agreed_to_is_found_by_the_agreement(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    for name in ("bai", "lu"):
        answer(world, number, name, proposal_id)
    with world.seat("mo", number) as seat:
        assert accepted_offer(seat).id == proposal(world, proposal_id).offer_id
        assert signers_of(seat)[Role.LENDER] == {world.people["lu"]}
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Offer)) == 1


def second_borrower(world: World, number: str) -> None:
    account_id = add_person(world, "wen", "温柔")
    with world.writing() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        session.add(Seating(case_id=found.id, account_id=account_id, role=Role.BORROWER, since_at=world.clock()))


def answers_kept(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(ProposalAnswer)) or 0


def moved(world: World, number: str) -> tuple[object, ...]:
    found = case(world, number)
    return (found.turn, found.both_sides, found.deadline_at, found.deadline_kind, found.moved_at, found.stage)


def told(world: World) -> tuple[int, int]:
    with world.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Notice)) or 0,
            session.scalar(select(func.count()).select_from(Job)) or 0,
        )


def heads(world: World, number: str) -> dict[str, int]:
    with world.reading() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        lengths = select(RecordThread.name, RecordHead.size).join(RecordHead, RecordHead.thread_id == RecordThread.id)
        return {name.value: size for name, size in session.execute(lengths.where(RecordThread.case_id == found.id))}
