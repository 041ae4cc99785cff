"""A pause: who may ask for one, what stands still meanwhile, and that everything has its days again afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mediation import audit, jobs
from mediation.agreements import actions as agreements
from mediation.agreements import pausing
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.cases.actions import withdraw_case
from mediation.cases.pause_models import PauseReason
from mediation.cases.pauses import pause_seen_by
from mediation.notices import Notice
from mediation.outbox import Job
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import AgreementState, Stage
from mediation.rules.negotiation import OfferState
from mediation.rules.proposals import ProposalState
from tests.offers.table import accept, answer, case, make, offer, proposal, propose, refusal, settle, show, system
from tests.stories import a_case, identify
from tests.world import World

# 2025-09-24 10:00 in Shanghai, a Wednesday; seven days are over at the end of 1 October, a day off: 9 October.
PAUSED_UNTIL = datetime(2025, 10, 9, 16, 0, tzinfo=UTC)


def pause(
    world: World, number: str, name: str = "bai", *, days: int = 7, reason: PauseReason = PauseReason.ADVICE
) -> None:
    """That person asks for a pause."""
    with world.seat(name, number) as seat:
        pausing.pause_case(seat, reason, days, at=world.clock())


def resume(world: World, number: str, name: str = "bai") -> None:
    """That person lets mediation go on."""
    with world.seat(name, number) as seat:
        pausing.resume_case(seat, at=world.clock())


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
@pytest.mark.parametrize("other", ["bai", "lu", "mo"])
def test_each_at_the_table_may_pause_and_any_of_them_may_resume(world: World, name: str, other: str) -> None:
    number = a_case(world)
    pause(world, number, name)
    found = case(world, number)
    assert (found.stage, found.turn, found.deadline_at) == (Stage.PAUSED, None, PAUSED_UNTIL)
    resume(world, number, other)
    assert case(world, number).stage is Stage.OPEN


def test_the_registrar_does_not_pause(world: World) -> None:
    assert refusal(pause, world, a_case(world), "ren") == "seat:not-permitted"


@pytest.mark.parametrize("days", [0, 61])
def test_a_pause_has_at_least_a_day_and_at_most_sixty(world: World, days: int) -> None:
    assert refusal(pause, world, a_case(world), days=days) == "period:out-of-bounds"


@pytest.mark.parametrize("stage", [Stage.INVITED, Stage.JOINED, Stage.IN_FORCE])
def test_there_is_a_pause_only_while_the_table_is_open(world: World, stage: Stage) -> None:
    assert refusal(pause, world, a_case(world, stage), "lu") == "case:wrong-stage"


def test_what_is_not_paused_is_not_resumed(world: World) -> None:
    assert refusal(resume, world, a_case(world)) == "case:wrong-stage"


def test_an_open_plan_does_not_lapse_and_keeps_its_days(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    before = offer(world, offer_id).lapses_at
    world.clock.move(days=1)
    pause(world, number, days=30)
    world.clock.move(days=14)
    settle(world, number)
    assert offer(world, offer_id).status is OfferState.OPEN
    assert refusal(accept, world, number, "bai", offer_id) == "case:wrong-stage"
    resume(world, number)
    # It had until 9 October when it was paused on the 25th: fourteen days, which go on from 9 October.
    assert before == PAUSED_UNTIL
    assert offer(world, offer_id).lapses_at == datetime(2025, 10, 23, 16, 0, tzinfo=UTC)
    assert (case(world, number).turn, case(world, number).deadline_at) == (
        Role.BORROWER,
        offer(world, offer_id).lapses_at,
    )
    accept(world, number, "bai", offer_id)
    assert case(world, number).stage is Stage.TERMS_AGREED


def test_after_its_days_the_plan_lapses_as_ever(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    pause(world, number)
    world.clock.move(days=2)
    resume(world, number)
    world.clock.at = offer(world, offer_id).lapses_at
    jobs.run_due(world.engine, world.info, world.clock)
    assert offer(world, offer_id).status is OfferState.LAPSED


def test_a_held_plan_stays_held_and_shows_with_the_minutes_that_it_had_left(world: World) -> None:
    number = a_case(world)
    offer_id = make(world, number, "lu")
    world.clock.move(minutes=4)
    pause(world, number)
    world.clock.move(days=3)
    assert str(offer_id) not in world.client("bai").get(f"/cases/{number}/offers").text
    resume(world, number)
    assert offer(world, offer_id).shows_at == world.clock() + timedelta(minutes=6)
    world.clock.move(minutes=6)
    jobs.run_due(world.engine, world.info, world.clock)
    assert offer(world, offer_id).status is OfferState.OPEN


def test_the_window_to_sign_stands_still_and_goes_on(world: World) -> None:
    number, agreement_id = _signing(world)
    before = _agreement(world, number).signing_ends_at
    pause(world, number, days=30)
    world.clock.move(days=20)
    jobs.run_due(world.engine, world.info, world.clock)
    assert _agreement(world, number).state is AgreementState.SIGNING
    resume(world, number)
    after = _agreement(world, number).signing_ends_at
    assert before is not None
    assert after is not None
    assert after > before
    assert case(world, number).both_sides
    with world.seat("bai", number) as seat:
        agreements.sign(seat, agreement_id, seen_sha256="f" * 64, at=world.clock())
    world.clock.at = after
    jobs.run_due(world.engine, world.info, world.clock)
    assert _agreement(world, number).state is AgreementState.VOIDED


def test_the_end_of_mediation_moves_by_the_days_of_the_pause(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        seat.case.mediation_ends_at = datetime(2025, 10, 24, 16, 0, tzinfo=UTC)
    pause(world, number, days=20)
    world.clock.move(days=12)  # 6 October, a day off: what goes on starts with 9 October
    resume(world, number)
    # Thirty days were left on 24 September; thirty from 9 October end on 8 November, a Saturday: 10 November.
    assert case(world, number).mediation_ends_at == datetime(2025, 11, 10, 16, 0, tzinfo=UTC)


def test_a_pause_that_nobody_ends_ends_by_itself_with_its_days_whole(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    pause(world, number)
    promised = offer(world, offer_id).lapses_at
    world.clock.at = PAUSED_UNTIL + timedelta(hours=3)
    jobs.run_due(world.engine, world.info, world.clock)
    assert (case(world, number).stage, case(world, number).turn) == (Stage.OPEN, Role.BORROWER)
    assert offer(world, offer_id).lapses_at == promised == case(world, number).deadline_at
    assert offer(world, offer_id).status is OfferState.OPEN


def test_a_pause_ended_before_is_not_ended_again(world: World) -> None:
    number = a_case(world)
    pause(world, number)
    resume(world, number)
    world.clock.at = PAUSED_UNTIL
    with system(world, number) as seat:
        pausing.end_pause(seat, at=world.clock())
        assert [entry.kind for entry in _entries(seat)].count("case:resumed") == 1


def test_both_sides_are_told_the_same_and_read_the_same(world: World) -> None:
    number = a_case(world)
    pause(world, number, "mo")
    with world.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "case:paused")).all()
    assert {one.account_id for one in told} == {world.people["bai"], world.people["lu"]}
    assert len({str(sorted(one.facts.items())) for one in told}) == 1
    seen = []
    for name in ("bai", "lu"):
        with world.seat(name, number) as seat:
            seen.append(pause_seen_by(seat))
        page = world.client(name).get(f"/cases/{number}").text
        assert "Mediation is paused until" in page
        assert "Time to take advice" in page
    assert seen[0] == seen[1] is not None


def test_while_it_rests_nothing_is_said_or_put_forward(world: World) -> None:
    number = a_case(world)
    pause(world, number)
    assert refusal(make, world, number, "lu") == "case:wrong-stage"
    assert refusal(pause, world, number, "lu") == "case:wrong-stage"


@pytest.mark.parametrize("name", ["bai", "lu"])
def test_either_side_may_end_mediation_while_it_is_paused(world: World, name: str) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    pause(world, number)
    with world.seat(name, number) as seat:
        withdraw_case(seat, at=world.clock())
    settle(world, number)
    assert (case(world, number).stage, offer(world, offer_id).status) == (Stage.WITHDRAWN, OfferState.VOID)
    world.clock.at = PAUSED_UNTIL
    jobs.run_due(world.engine, world.info, world.clock)
    assert case(world, number).stage is Stage.WITHDRAWN


def test_once_everybody_has_signed_there_is_no_pause_before_the_seal(world: World) -> None:
    number, agreement_id = _signing(world)
    for name in ("bai", "lu", "mo"):
        with world.seat(name, number) as seat:
            agreements.sign(seat, agreement_id, seen_sha256="f" * 64, at=world.clock())
    assert refusal(pause, world, number) == "pause:awaiting-seal"


def test_a_proposal_keeps_its_days_and_its_answers(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    before = proposal(world, proposal_id).ends_at
    answer(world, number, "bai", proposal_id)
    world.clock.move(days=1)
    pause(world, number, days=30)
    world.clock.at = before + timedelta(hours=1)
    jobs.run_due(world.engine, world.info, world.clock)
    assert proposal(world, proposal_id).status is ProposalState.OPEN
    resume(world, number)
    assert proposal(world, proposal_id).ends_at > before
    answer(world, number, "lu", proposal_id)
    assert case(world, number).stage is Stage.TERMS_AGREED


def test_the_lenders_time_to_lay_open_its_papers_stands_still_too(world: World) -> None:
    number = a_case(world)
    jobs.sweep(world.engine, at=world.clock())
    world.clock.move(days=1)
    pause(world, number, days=30)
    world.clock.at = PAUSED_UNTIL + timedelta(hours=1)
    jobs.run_due(world.engine, world.info, world.clock)
    resume(world, number)
    # Its seven days, that would have ended with 9 October, had fourteen left to that day: they end with 24 October.
    world.clock.at = datetime(2025, 10, 24, 15, 59, tzinfo=UTC)
    jobs.run_due(world.engine, world.info, world.clock)
    assert _told(world, "duty:overdue") == 0
    world.clock.at = datetime(2025, 10, 24, 16, 0, tzinfo=UTC)
    jobs.run_due(world.engine, world.info, world.clock)
    assert _told(world, "duty:overdue") == 3


def test_a_paper_that_was_to_be_set_is_set_after_the_pause(world: World) -> None:
    number = _drawn_up(world)
    pause(world, number)
    resume(world, number)
    with world.reading() as session:
        found = select(Job.dedup).where(Job.kind == "agreement:render", Job.done_at.is_(None))
        assert any("after-pause" in one for one in session.scalars(found))


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_the_pages_pause_and_resume(world: World, name: str) -> None:
    number = a_case(world)
    client = world.client(name)
    assert "keeps the days that it has left" in client.get(f"/cases/{number}/pause").text
    wrong = client.post(f"/cases/{number}/pause", data={"days": "61", "reason": "away"})
    assert (wrong.status_code, "Choose between 1 and 60 days." in wrong.text) == (409, True)
    assert client.post(f"/cases/{number}/pause", data={"days": "7", "reason": "away"}).status_code == 303
    assert client.get(f"/cases/{number}/resumption").status_code == 200
    assert client.post(f"/cases/{number}/resumption").status_code == 303
    assert case(world, number).stage is Stage.OPEN


def test_the_borrowers_home_says_until_when_and_has_one_button(world: World) -> None:
    number = a_case(world)
    pause(world, number)
    page = world.client("bai").get("/home").text
    assert "Mediation is paused" in page
    assert f"/cases/{number}/resumption" in page
    assert "9 Oct" in page


def test_the_record_stands_after_a_pause(world: World) -> None:
    number = a_case(world)
    pause(world, number)
    resume(world, number)
    with world.seat("lu", number) as seat:
        assert [entry.kind for entry in _entries(seat)][-2:] == ["case:paused", "case:resumed"]
    world.verify_records()


def _entries(seat):  # type: ignore[no-untyped-def]
    found = [one for one in audit.threads_of(seat.session) if one.case_id == seat.case_id and one.name is Thread.CASE]
    return audit.read(seat.session, found[0])


def _drawn_up(world: World) -> str:
    number = a_case(world)
    accept(world, number, "bai", show(world, number, "lu"))
    identify(world, number)
    with world.seat("mo", number) as seat:
        agreements.draw_up(seat, Choices(), at=world.clock())
    return number


def _signing(world: World):  # type: ignore[no-untyped-def]
    number = _drawn_up(world)
    agreement_id = _agreement(world, number).id
    with system(world, number) as seat:
        agreements.start_signing(seat, agreement_id, "f" * 64, at=world.clock())
    return number, agreement_id


def _agreement(world: World, number: str) -> Agreement:
    with world.reading() as session:
        return session.scalars(select(Agreement).where(Agreement.case_id == case(world, number).id)).one()


def _told(world: World, kind: str) -> int:
    with world.reading() as session:
        return len(session.scalars(select(Notice.id).where(Notice.kind == kind)).all())
