"""Offers made, answered and taken back: who may, when, and what is then true."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from mediation import audit
from mediation.cases.models import CapacityReport, Case, Seating
from mediation.offers.models import Acceptance, Offer
from mediation.offers.tables import document_of, plan_of
from mediation.rules import chain, plans
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import HOLD, OfferState, Side
from tests.offers.table import (
    CLAIM,
    SECOND,
    accept,
    case,
    decline,
    make,
    offer,
    refusal,
    settle,
    show,
    terms,
    withdraw,
)
from tests.stories import a_case
from tests.world import World, add_person


def kinds(world: World, number: str) -> list[str]:
    """What the case's own thread tells, oldest first."""
    with world.seat("ren", number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, audit.Thread.CASE)]


# --- scenario A ---


def test_scenario_a_is_walked_to_the_cent(world: World) -> None:
    number, penalty = a_case(world), plans.Waivers(penalty=53_027)
    lump = show(world, number, "lu", terms(1))
    thirty_six = show(world, number, "bai", terms(36, waived=penalty))
    twenty_four = show(world, number, "lu", terms(24, waived=penalty))
    twenty_six = show(world, number, "bai", terms(26, waived=penalty))
    accept(world, number, "lu", twenty_six)
    figures = [
        (len(rows), rows[0].amount, rows[-1].amount, schedule.total)
        for schedule in (plan_of(offer(world, each)).schedule for each in (lump, thirty_six, twenty_four, twenty_six))
        for rows in (schedule.instalments,)
    ]
    assert figures == [
        (1, CLAIM, CLAIM, 3_299_054),
        (36, 90_167, 90_182, 3_246_027),
        (24, 135_251, 135_254, 3_246_027),
        (26, 124_847, 124_852, 3_246_027),
    ]


def test_an_accepted_offer_agrees_the_terms_and_asks_the_borrower_who_they_are(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    accept(world, number, "bai", offer_id)
    kept = case(world, number)
    assert (kept.stage, kept.turn) == (Stage.TERMS_AGREED, Role.BORROWER)
    assert offer(world, offer_id).status is OfferState.ACCEPTED


def test_the_record_tells_of_each_answer_once(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    second = show(world, number, "bai")
    decline(world, number, "lu", second, reason="第一期太晚")
    third = show(world, number, "lu")
    withdraw(world, number, "lu", third)
    accept(world, number, "bai", show(world, number, "lu"))
    told = ["offer:made", "offer:made", "offer:declined", "offer:made", "offer:withdrawn", "offer:made"]
    assert kinds(world, number) == [*told, "offer:accepted"]


# --- who may, and when ---


def test_nobody_accepts_their_own_offer(world: World) -> None:
    number = a_case(world)
    assert refusal(accept, world, number, "lu", show(world, number, "lu")) == "offer:own"


@pytest.mark.parametrize("name", ["mo", "ren"])
def test_neither_mediator_nor_registrar_answers_an_offer(world: World, name: str) -> None:
    number = a_case(world)
    assert refusal(accept, world, number, name, show(world, number, "lu")) == "seat:not-permitted"


def test_nobody_takes_back_the_other_sides_offer(world: World) -> None:
    number = a_case(world)
    assert refusal(withdraw, world, number, "bai", show(world, number, "lu")) == "offer:not-yours"


def test_no_offer_is_made_before_the_table_is_open(world: World) -> None:
    number = a_case(world, Stage.APPOINTED)
    assert refusal(make, world, number, "lu") == "case:wrong-stage"


def test_no_offer_is_made_while_a_capacity_is_in_question(world: World) -> None:
    number = a_case(world)
    with world.writing() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        session.add(
            CapacityReport(
                case_id=found.id, side=Side.BORROWER, reported_by=world.people["mo"], reported_at=world.clock()
            )
        )
    assert refusal(make, world, number, "lu") == "capacity:in-question"


def test_a_side_does_not_offer_again_while_its_own_offer_waits(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    assert refusal(make, world, number, "lu") == "offer:waiting-for-answer"


def test_an_offer_taken_back_cannot_be_accepted(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    withdraw(world, number, "lu", offer_id)
    assert refusal(accept, world, number, "bai", offer_id) == "offer:withdrawn"


def test_a_declined_offer_cannot_be_accepted(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    decline(world, number, "bai", offer_id)
    assert refusal(accept, world, number, "bai", offer_id) == "offer:declined"


def test_a_countered_offer_cannot_be_accepted(world: World) -> None:
    number = a_case(world)
    first = show(world, number, "lu")
    show(world, number, "bai")
    assert refusal(accept, world, number, "bai", first) == "offer:countered"


def test_nothing_is_offered_after_terms_are_agreed(world: World) -> None:
    number = a_case(world)
    accept(world, number, "bai", show(world, number, "lu"))
    assert refusal(make, world, number, "bai") == "case:wrong-stage"


def test_an_offer_of_another_case_is_not_found(world: World) -> None:
    here, there = a_case(world), a_case(world, contract="XF-2025-0002")
    assert refusal(accept, world, here, "bai", show(world, there, "lu")) == "page:not-found"


# --- deadlines ---


def at_the_deadline(world: World, number: str, seconds: int) -> str:
    offer_id = show(world, number, "lu")
    world.clock.at = offer(world, offer_id).lapses_at + seconds * SECOND
    return refusal(accept, world, number, "bai", offer_id)


@pytest.mark.parametrize(("seconds", "answer"), [(-1, "done"), (0, "offer:lapsed"), (1, "offer:lapsed")])
def test_an_answer_is_in_time_until_the_last_second(world: World, seconds: int, answer: str) -> None:
    assert at_the_deadline(world, a_case(world), seconds) == answer


@pytest.mark.parametrize(("seconds", "answer"), [(-1, "page:not-found"), (0, "done"), (1, "done")])
def test_an_offer_can_be_answered_from_the_second_it_shows(world: World, seconds: int, answer: str) -> None:
    number = a_case(world)
    offer_id = make(world, number, "lu")
    world.clock.at = offer(world, offer_id).shows_at + seconds * SECOND
    assert refusal(accept, world, number, "bai", offer_id) == answer


def test_days_to_answer_count_from_when_the_offer_shows(world: World) -> None:
    number = a_case(world)
    world.clock.at = datetime(2025, 9, 24, 7, 55, tzinfo=UTC)  # 15:55 in Shanghai; it shows after the cut-off
    kept = offer(world, make(world, number, "lu", reply_days=3))
    assert kept.lapses_at == datetime(2025, 9, 28, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("days", [2, 15])
def test_days_to_answer_lie_between_three_and_fourteen(world: World, days: int) -> None:
    number = a_case(world)
    assert refusal(make, world, number, "lu", reply_days=days) == "period:out-of-bounds"


def test_a_lapse_is_written_by_the_worker_and_gives_the_mediator_the_turn(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    world.clock.at = offer(world, offer_id).lapses_at
    settle(world, number)
    assert (offer(world, offer_id).status, case(world, number).turn) == (OfferState.LAPSED, Role.MEDIATOR)
    assert kinds(world, number)[-1] == "offer:lapsed"


def test_a_late_worker_writes_everything_once_and_in_order(world: World) -> None:
    number = a_case(world)
    first = make(world, number, "lu")
    world.clock.move(minutes=5)
    second = make(world, number, "bai")
    world.clock.move(days=40)
    settle(world, number)
    settle(world, number)
    assert [offer(world, each).status for each in (first, second)] == [OfferState.SUPERSEDED, OfferState.LAPSED]
    assert kinds(world, number) == ["offer:made", "offer:made", "offer:lapsed"]


def test_two_offers_that_show_at_the_same_instant_follow_one_upon_the_other(world: World) -> None:
    number = a_case(world)
    first, second = make(world, number, "lu"), make(world, number, "bai")
    world.clock.move(minutes=10)
    settle(world, number)
    assert [offer(world, each).status for each in (first, second)] == [OfferState.SUPERSEDED, OfferState.OPEN]
    assert kinds(world, number) == ["offer:made", "offer:made"]


# --- what is kept ---


def test_an_offer_keeps_its_document_and_that_texts_hash(world: World) -> None:
    kept = offer(world, make(world, a_case(world), "lu"))
    assert hashlib.sha256(kept.document.encode()).hexdigest() == kept.sha256
    assert chain.canonical(document_of(kept)).decode() == kept.document


def test_a_document_names_claim_rounding_and_law_book(world: World) -> None:
    document = document_of(offer(world, make(world, a_case(world), "lu")))
    assert document.keys() == {"v", "claim", "lawbook_version", "rounding", "schedule", "terms"}


def test_acceptance_is_refused_for_another_hash_than_the_offers(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    assert refusal(accept, world, number, "bai", offer_id, sha256="0" * 64) == "offer:changed"
    assert offer(world, offer_id).status is OfferState.OPEN


def test_an_acceptance_keeps_the_hash_of_what_was_accepted(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    accept(world, number, "bai", offer_id)
    with world.reading() as session:
        kept = session.scalars(select(Acceptance)).one()
        assert (kept.offer_sha256, kept.account_id) == (offer(world, offer_id).sha256, world.people["bai"])


def test_terms_that_do_not_fit_the_claim_are_refused(world: World) -> None:
    number = a_case(world)
    assert refusal(make, world, number, "lu", terms(agreed_total=CLAIM + 1)) == "plan:total-differs"


def test_a_first_payment_in_the_past_is_refused(world: World) -> None:
    number = a_case(world)
    yesterday = terms(first_due_on=datetime(2025, 9, 23, tzinfo=UTC).date())
    assert refusal(make, world, number, "lu", yesterday) == "plan:first-date-too-early"


# --- a stale page ---


def test_a_page_older_than_the_table_is_refused(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    assert refusal(make, world, number, "bai", seen=0) == "negotiation:changed"


def test_a_held_offer_of_the_other_side_makes_no_page_old(world: World) -> None:
    number = a_case(world)
    make(world, number, "lu")
    assert refusal(make, world, number, "bai", seen=0) == "done"


# --- sides of several ---


def a_second_borrower(world: World, number: str) -> None:
    account_id = add_person(world, "wen", "温柔")
    with world.writing() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        session.add(Seating(case_id=found.id, account_id=account_id, role=Role.BORROWER, since_at=world.clock()))


def test_a_side_of_two_has_accepted_when_both_have(world: World) -> None:
    number = a_case(world)
    a_second_borrower(world, number)
    offer_id = show(world, number, "lu")
    accept(world, number, "bai", offer_id)
    before = offer(world, offer_id).status
    accept(world, number, "wen", offer_id)
    assert (before, offer(world, offer_id).status) == (OfferState.OPEN, OfferState.ACCEPTED)


def test_an_offer_accepted_in_part_can_still_be_taken_back(world: World) -> None:
    number = a_case(world)
    a_second_borrower(world, number)
    offer_id = show(world, number, "lu")
    accept(world, number, "bai", offer_id)
    withdraw(world, number, "lu", offer_id)
    assert refusal(accept, world, number, "wen", offer_id) == "offer:withdrawn"


def test_rounds_are_limited_as_the_institution_says(world: World) -> None:
    number = a_case(world)
    for _ in range(12):
        withdraw(world, number, "lu", show(world, number, "lu"))
    assert refusal(make, world, number, "lu") == "offer:round-limit"


# --- a table after the table ---


def test_a_new_table_is_laid_when_an_agreement_came_to_nothing(world: World) -> None:
    number = a_case(world)
    accept(world, number, "bai", show(world, number, "lu"))
    with world.writing() as session:
        session.scalars(select(Case).where(Case.number == number)).one().stage = Stage.OPEN
    again = show(world, number, "lu")
    assert (offer(world, again).number, offer(world, again).status) == (1, OfferState.OPEN)


def test_a_held_offer_of_a_case_that_ends_is_void_and_never_told(world: World) -> None:
    number = a_case(world)
    offer_id = make(world, number, "lu")
    world.clock.move(minutes=1)
    with world.writing() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        found.stage, found.moved_at = Stage.WITHDRAWN, world.clock()
    world.clock.move(seconds=HOLD.total_seconds())
    settle(world, number)
    assert (offer(world, offer_id).status, kinds(world, number)) == (OfferState.VOID, [])


def test_never_are_two_offers_accepted(world: World) -> None:
    number = a_case(world)
    accept(world, number, "bai", show(world, number, "lu"))
    with world.reading() as session:
        counted = session.scalar(select(func.count()).where(Offer.status == OfferState.ACCEPTED))
    assert counted == 1
