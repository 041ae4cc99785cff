"""Inside the limits an officer speaks alone; outside, a second officer approves first, and nobody else learns of it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from mediation import audit
from mediation.accounts.actions import end_member
from mediation.accounts.models import Membership
from mediation.cases.models import Case, Seating
from mediation.errors import NotPermitted, Refused
from mediation.notices import Notice
from mediation.offers import actions, approvals, proposals
from mediation.offers.approval_models import Approval, ApprovalState
from mediation.offers.limits import outside_limits
from mediation.offers.models import Acceptance, Offer
from mediation.offers.tables import claim_of
from mediation.portfolios.models import Loan
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import OfferState
from mediation.rules.policy_bands import Limit
from tests.approvals.limits import (
    approve,
    ask,
    beyond,
    inside,
    kept,
    limit,
    own_record,
    send_back,
    set_limits,
    staff,
    take_back,
)
from tests.offers.table import accept, case, decline, make, offer, refusal, settle, show, withdraw
from tests.stories import a_case
from tests.world import World, add_person


def offers(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Offer)) or 0


def told(world: World, kind: str) -> set[UUID | None]:
    with world.reading() as session:
        return set(session.scalars(select(Notice.account_id).where(Notice.kind == kind)))


def ask_to_accept(world: World, number: str, offer_id: UUID, name: str = "lu") -> UUID:
    with world.seat(name, number) as seat:
        return approvals.ask_to_accept(seat, offer_id, seen_sha256=offer(world, offer_id).sha256, at=world.clock()).id


# --- inside and outside ---


def test_without_limits_nothing_changes(world: World) -> None:
    staff(world)
    number = a_case(world)
    assert offer(world, make(world, number, "lu", beyond())).status is OfferState.HELD


def test_inside_the_limits_an_officer_speaks_alone(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert offer(world, make(world, number, "lu", inside())).status is OfferState.HELD


def test_outside_the_limits_no_offer_is_made_without_approval(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert refusal(make, world, number, "lu", beyond()) == "offer:needs-approval"
    assert offers(world) == 0


def test_not_even_an_officer_with_authority_goes_beyond_the_limits_alone(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert refusal(make, world, number, "fang", beyond()) == "offer:needs-approval"


def test_the_borrowers_side_has_no_limits(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert offer(world, make(world, number, "bai", beyond())).status is OfferState.HELD


def test_the_band_is_that_of_the_loans_age(world: World) -> None:
    limit(world)
    number = a_case(world)
    with world.seat("lu", number) as seat:
        found = outside_limits(seat, beyond(), claim_of(seat), at=world.clock())
    assert {one.limit: one.allowed for one in found} == {Limit.MONTHS: 24, Limit.WAIVED_PRINCIPAL: 0}


def test_a_loan_of_unknown_age_waits_for_a_second_officer(world: World) -> None:
    limit(world)
    number = a_case(world)
    with world.writing() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        found.overdue_since_on = None
        session.get_one(Loan, found.loan_id).overdue_days = None
    assert refusal(make, world, number, "lu", inside()) == "offer:needs-approval"


def test_a_number_of_days_in_the_lenders_file_counts_from_the_day_of_the_file(world: World) -> None:
    limit(world)
    number = a_case(world)
    with world.writing() as session:
        session.execute(update(Case).where(Case.number == number).values(overdue_since_on=None))
    assert offer(world, make(world, number, "lu", inside())).status is OfferState.HELD


def test_what_lies_inside_needs_no_approval(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert refusal(ask, world, number, "lu", inside()) == "approval:not-needed"


# --- what waits ---


def test_what_waits_makes_no_offer_moves_nothing_and_tells_the_officers_alone(world: World) -> None:
    limit(world)
    number = a_case(world)
    before = case(world, number)
    world.clock.move(minutes=3)
    ask(world, number)
    after = case(world, number)
    assert offers(world) == 0
    assert (after.turn, after.deadline_at, after.moved_at) == (before.turn, before.deadline_at, before.moved_at)
    assert told(world, "approval:asked") == {world.people["fang"], world.people["guo"]}


def test_no_figure_of_what_waits_stands_in_the_clear(world: World) -> None:
    limit(world)
    approval_id = ask(world, a_case(world))
    send_back(world, "WH-2025-90001", approval_id, reason="canaryreason")
    row = kept(world, approval_id)
    assert b"instalments" not in row.sealed
    assert b"canaryreason" not in (row.reason_sealed or b"")


def test_one_thing_waits_at_a_time(world: World) -> None:
    limit(world)
    number = a_case(world)
    ask(world, number)
    assert refusal(ask, world, number) == "approval:take-back-first"


@pytest.mark.parametrize("act", ["make", "accept", "decline"])
def test_the_side_says_nothing_else_while_something_waits(world: World, act: str) -> None:
    limit(world)
    number = a_case(world)
    theirs = show(world, number, "bai", inside())
    ask(world, number)
    done = {
        "make": lambda: make(world, number, "lu", inside()),
        "accept": lambda: accept(world, number, "lu", theirs),
        "decline": lambda: decline(world, number, "lu", theirs, reason="-"),
    }[act]
    assert refusal(done) == "approval:take-back-first"


def test_the_borrower_goes_on_meanwhile_as_if_nothing_waited(world: World) -> None:
    limit(world)
    number = a_case(world)
    ask(world, number)
    assert offer(world, show(world, number, "bai")).status is OfferState.OPEN


def test_the_officer_who_asked_takes_it_back(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    take_back(world, number, approval_id)
    assert kept(world, approval_id).state is ApprovalState.TAKEN_BACK
    assert kept(world, ask(world, number)).state is ApprovalState.WAITING


def test_nobody_else_takes_it_back(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert refusal(take_back, world, number, ask(world, number), "fang") == "approval:not-yours"


@pytest.mark.parametrize("name", ["bai", "mo", "ren"])
def test_nobody_outside_the_lender_asks_or_decides(world: World, name: str) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    for act in (approve, send_back, take_back):
        with pytest.raises(NotPermitted):
            act(world, number, approval_id, name)
    with pytest.raises((NotPermitted, Refused)):
        ask(world, number, name)


# --- the second officer ---


def test_a_second_officer_approves_and_the_plan_is_held_for_ten_minutes_from_then(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    world.clock.move(hours=3)
    made = offer(world, approve(world, number, approval_id))  # type: ignore[arg-type]
    assert (made.status, made.made_at) == (OfferState.HELD, world.clock())
    assert made.shows_at == world.clock() + timedelta(minutes=10)
    assert made.account_id == world.people["lu"]
    assert told(world, "approval:given") == {world.people["lu"]}


def test_the_approved_plan_is_the_one_that_was_asked_for(world: World) -> None:
    limit(world)
    number = a_case(world)
    made = offer(world, approve(world, number, ask(world, number)))  # type: ignore[arg-type]
    assert '"instalments":36' in made.document
    assert '"principal":91123' in made.document


@pytest.mark.parametrize("act", [approve, send_back])
def test_whoever_asked_never_decides(world: World, act) -> None:  # type: ignore[no-untyped-def]
    limit(world)
    number = a_case(world)
    assert refusal(act, world, number, ask(world, number, "fang"), "fang") == "approval:own"


def test_the_database_keeps_whoever_asked_from_approving(world: World) -> None:
    limit(world)
    approval_id = ask(world, a_case(world))
    decided = {"state": "approved", "decided_by": world.people["lu"], "decided_at": world.clock()}
    with pytest.raises(IntegrityError), world.writing() as session:
        session.execute(update(Approval).where(Approval.id == approval_id).values(decided))


@pytest.mark.parametrize("act", [approve, send_back])
def test_an_officer_without_that_authority_does_not_decide(world: World, act) -> None:  # type: ignore[no-untyped-def]
    limit(world)
    add_person(world, "he", "何平", role=Role.LENDER)
    number = a_case(world)
    assert refusal(act, world, number, ask(world, number), "he") == "approval:no-authority"


def test_a_second_officer_returns_it_and_says_why(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    send_back(world, number, approval_id)
    with world.seat("lu", number) as seat:
        assert approvals.reason_in(seat, kept(world, approval_id)) == "期数太长"
    assert offers(world) == 0
    assert told(world, "approval:returned") == {world.people["lu"]}


def test_nothing_is_returned_without_a_reason(world: World) -> None:
    limit(world)
    number = a_case(world)
    assert refusal(send_back, world, number, ask(world, number), reason="  ") == "approval:reason-missing"


@pytest.mark.parametrize("act", [approve, send_back, take_back])
def test_what_is_decided_is_decided_once(world: World, act) -> None:  # type: ignore[no-untyped-def]
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    approve(world, number, approval_id)
    assert refusal(act, world, number, approval_id) == "approval:decided"


def test_what_waits_in_another_case_is_not_found(world: World) -> None:
    limit(world)
    first, second = a_case(world), a_case(world, contract="XF-2")
    assert refusal(approve, world, second, ask(world, first)) == "page:not-found"


def test_nothing_is_said_in_the_name_of_an_officer_who_has_left(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    with world.desk("ren") as desk:
        found = select(Membership.id).where(Membership.account_id == world.people["lu"])
        end_member(desk, desk.session.scalars(found).one(), at=world.clock())
    assert refusal(approve, world, number, approval_id) == "approval:officer-left"
    send_back(world, number, approval_id)
    assert kept(world, approval_id).state is ApprovalState.RETURNED


# --- everything is checked anew ---


def test_the_turn_is_checked_anew_at_the_approval(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    with world.seat("lu", number) as seat:
        seat.session.execute(update(Approval).values(state="taken_back", decided_by=seat.account_id,
                                                     decided_at=world.clock()))  # fmt: skip
        actions.make_offer(seat, inside(), at=world.clock())
        seat.session.execute(update(Approval).values(state="waiting", decided_by=None, decided_at=None))
    assert refusal(approve, world, number, approval_id) == "offer:still-held"
    assert kept(world, approval_id).state is ApprovalState.WAITING


def test_days_that_have_passed_meanwhile_are_refused_at_the_approval(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    world.clock.move(days=40)
    assert refusal(approve, world, number, approval_id) == "plan:first-date-too-early"


def test_an_approval_covers_what_it_was_asked_for_by_that_officer_alone(world: World) -> None:
    limit(world)
    number = a_case(world)
    approval_id = ask(world, number)
    approve(world, number, approval_id)
    with world.seat("guo", number) as seat:
        row = seat.session.get_one(Approval, approval_id)
        withdraw_all(seat)
        assert refusal(actions.make_offer, seat, beyond(), at=world.clock(), approval=row) == "offer:needs-approval"


def withdraw_all(seat) -> None:  # type: ignore[no-untyped-def]
    """The side's own held plan is taken back."""
    for row in seat.session.scalars(select(Offer).where(Offer.status == OfferState.HELD)):
        actions.withdraw_offer(seat, row.id, at=row.made_at)


# --- a yes outside the limits ---


def test_a_yes_outside_the_limits_waits_for_a_second_officer(world: World) -> None:
    limit(world)
    number = a_case(world)
    theirs = show(world, number, "bai", beyond())
    assert refusal(accept, world, number, "lu", theirs) == "offer:needs-approval"
    approval_id = ask_to_accept(world, number, theirs)
    assert offer(world, theirs).status is OfferState.OPEN
    assert approve(world, number, approval_id) == theirs
    assert (offer(world, theirs).status, case(world, number).stage) == (OfferState.ACCEPTED, Stage.TERMS_AGREED)
    with world.reading() as session:
        assert session.scalars(select(Acceptance.account_id)).one() == world.people["lu"]


def test_a_yes_inside_the_limits_needs_nobody(world: World) -> None:
    limit(world)
    number = a_case(world)
    accept(world, number, "lu", show(world, number, "bai", inside()))
    assert case(world, number).stage is Stage.TERMS_AGREED


def test_a_yes_to_what_has_lapsed_meanwhile_is_refused(world: World) -> None:
    limit(world)
    number = a_case(world)
    theirs = show(world, number, "bai", beyond())
    approval_id = ask_to_accept(world, number, theirs)
    world.clock.move(days=30)
    assert refusal(approve, world, number, approval_id) == "offer:lapsed"


def test_a_yes_to_what_was_taken_back_meanwhile_is_refused(world: World) -> None:
    limit(world)
    number = a_case(world)
    theirs = show(world, number, "bai", beyond())
    approval_id = ask_to_accept(world, number, theirs)
    withdraw(world, number, "bai", theirs)
    assert refusal(approve, world, number, approval_id) == "offer:withdrawn"


def test_a_yes_is_asked_for_to_exactly_what_was_seen(world: World) -> None:
    limit(world)
    number = a_case(world)
    theirs = show(world, number, "bai", beyond())
    with world.seat("lu", number) as seat:
        given = {"seen_sha256": "0" * 64, "at": world.clock()}
        assert refusal(approvals.ask_to_accept, seat, theirs, **given) == "offer:changed"


def test_whoever_does_not_sign_for_the_lender_asks_for_no_yes(world: World) -> None:
    limit(world)
    number = a_case(world)
    with world.writing() as session:
        for name in ("fang", "guo"):
            session.add(Seating(case_id=case(world, number).id, account_id=world.people[name], role=Role.LENDER,
                                signs=True, since_at=world.clock()))  # fmt: skip
    theirs = show(world, number, "bai", beyond())
    assert refusal(ask_to_accept, world, number, theirs) == "offer:not-a-signer"


# --- the mediator's proposal ---


def propose(world: World, number: str) -> tuple[UUID, str]:
    with world.seat("mo", number) as seat:
        made = proposals.make_proposal(seat, beyond(), at=world.clock())
        return made.id, made.sha256


def answer(world: World, number: str, name: str, made: tuple[UUID, str], *, says_yes: bool = True) -> None:
    with world.seat(name, number) as seat:
        proposals.answer_proposal(seat, made[0], says_yes=says_yes, seen_sha256=made[1], at=world.clock())


def test_a_yes_to_the_mediators_proposal_outside_the_limits_waits_too(world: World) -> None:
    limit(world)
    number = a_case(world)
    made = propose(world, number)
    answer(world, number, "bai", made)
    assert refusal(answer, world, number, "lu", made) == "offer:needs-approval"
    with world.seat("lu", number) as seat:
        approval_id = approvals.ask_to_answer(seat, made[0], seen_sha256=made[1], at=world.clock()).id
    assert case(world, number).stage is Stage.OPEN
    assert approve(world, number, approval_id) is None
    assert case(world, number).stage is Stage.TERMS_AGREED


def test_a_no_to_the_mediators_proposal_needs_nobody(world: World) -> None:
    limit(world)
    number = a_case(world)
    made = propose(world, number)
    answer(world, number, "lu", made, says_yes=False)
    assert refusal(answer, world, number, "lu", made) == "proposal:answered"


# --- the record ---


def test_each_step_is_one_entry_of_the_lenders_own_record_without_a_figure(world: World) -> None:
    limit(world)
    number = a_case(world)
    send_back(world, number, ask(world, number))
    take_back(world, number, ask(world, number))
    approve(world, number, ask(world, number))
    entries = own_record(world)
    assert [entry.kind for entry in entries] == [
        "policy:kept", "approval:asked", "approval:returned", "approval:asked", "approval:taken-back",
        "approval:asked", "approval:given",
    ]  # fmt: skip
    assert {name for entry in entries[1:] for name in entry.body or {}} == {"approval", "case", "account", "offer"}
    world.verify_records()


def test_the_threads_of_the_case_tell_of_the_plan_alone(world: World) -> None:
    limit(world)
    number = a_case(world)
    approve(world, number, ask(world, number))
    world.clock.move(minutes=11)
    settle(world, number)
    kinds = set()
    for name in ("bai", "lu", "mo", "ren"):
        with world.seat(name, number) as seat:
            kinds |= {e.kind for thread in seat.threads() for e in audit.entries_seen_by(seat, thread)}
    assert kinds == {"offer:made"}


def test_wider_limits_from_tomorrow_let_the_same_plan_through_without_approval(world: World) -> None:
    limit(world)
    number = a_case(world)
    set_limits(world, "guo", (), on=world.clock().date() + timedelta(days=1))
    world.clock.move(days=1)
    assert offer(world, make(world, number, "lu", beyond())).status is OfferState.HELD
