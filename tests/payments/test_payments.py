"""A payment made while the case runs: reported, confirmed or disputed, and what it makes of claim, plans and paper."""

from datetime import date

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.agreements import actions as agreements
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.cases import capacity, contracts, payments, stating, versions
from mediation.cases.models import Claim
from mediation.cases.payment_models import Outcome
from mediation.errors import Stale
from mediation.notices import Notice
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import AgreementState, Stage
from mediation.rules.negotiation import OfferState, Side
from mediation.rules.proposals import ProposalState
from tests.offers.table import CLAIM, accept, case, make, offer, proposal, propose, refusal, show, system, terms
from tests.payments.paying import PAID, confirm, dispute, report, take_back
from tests.stories import a_case, identify
from tests.world import World

OLD = contracts.Stated(last_due_on=date(2021, 5, 1), no_act_since=True)


def test_a_report_alone_changes_nothing_of_the_claim(world: World) -> None:
    number = a_case(world)
    report(world, number)
    assert (case(world, number).claim_version, case(world, number).claim_total) == (1, CLAIM)


@pytest.mark.parametrize(("by", "other"), [("bai", "lu"), ("lu", "bai")])
def test_confirmed_by_both_it_makes_a_new_version_of_the_claim_to_the_cent(world: World, by: str, other: str) -> None:
    number = a_case(world)
    confirm(world, number, report(world, number, by), other)
    found = case(world, number)
    assert (found.claim_version, found.claim_total) == (2, CLAIM - PAID)
    with world.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.case_id == found.id, Claim.version == 2)).one()
    # 3,000.00 pays 1,895.97 of interest, 530.27 of penalty and 573.76 of what is due of the principal.
    parts = (claim.principal_due, claim.principal_not_due, claim.interest, claim.penalty, claim.fees)
    assert parts == (1_638_415, 1_360_639, 0, 0, 0)
    assert (claim.as_of_on, claim.principal_basis) == (date(2025, 9, 24), "借款合同第三条")


@pytest.mark.parametrize("name", ["mo", "ren"])
def test_nobody_but_the_two_sides_reports_or_confirms(world: World, name: str) -> None:
    number = a_case(world)
    payment_id = report(world, number)
    assert refusal(report, world, number, name) == "seat:not-permitted"
    assert refusal(confirm, world, number, payment_id, name) == "seat:not-permitted"


def test_no_side_confirms_its_own_report(world: World) -> None:
    number = a_case(world)
    assert refusal(confirm, world, number, report(world, number), "bai") == "payment:own"


def test_a_payment_of_another_case_does_not_exist(world: World) -> None:
    first, second = a_case(world), a_case(world, contract="XF-2025-0002")
    payment_id = report(world, first)
    assert refusal(confirm, world, second, payment_id) == "page:not-found"


def test_a_disputed_payment_leaves_the_claim_as_it_was(world: World) -> None:
    number = a_case(world)
    payment_id = report(world, number)
    dispute(world, number, payment_id)
    assert case(world, number).claim_version == 1
    assert refusal(confirm, world, number, payment_id) == "payment:settled"
    with world.seat("bai", number) as seat:
        said = payments.payments_seen_by(seat)[0]
    assert (said.outcome, said.reason) == (Outcome.DISPUTED, "账上没有这笔")


def test_the_lender_says_why_and_the_borrower_need_not(world: World) -> None:
    number = a_case(world)
    assert refusal(dispute, world, number, report(world, number), reason=" ") == "payment:reason-missing"
    of_the_lender = report(world, number, "lu", amount=1)
    assert refusal(dispute, world, number, of_the_lender, "bai", reason="") == "done"


def test_a_report_is_taken_back_by_its_own_side_only(world: World) -> None:
    number = a_case(world)
    payment_id = report(world, number)
    assert refusal(take_back, world, number, payment_id, "lu") == "page:not-found"
    take_back(world, number, payment_id)
    assert refusal(confirm, world, number, payment_id) == "payment:settled"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"on": date(2025, 9, 23)}, "payment:before-claim"),
        ({"on": date(2025, 9, 25)}, "payment:day-in-future"),
        ({"amount": 0}, "payment:not-positive"),
        ({"amount": CLAIM}, "payment:whole-claim"),
    ],
)
def test_what_cannot_be_such_a_payment_is_refused(world: World, given: dict[str, object], key: str) -> None:
    number = a_case(world)
    assert refusal(report, world, number, **given) == key


def test_the_same_payment_waits_once_whoever_reports_it(world: World) -> None:
    number = a_case(world)
    report(world, number)
    assert refusal(report, world, number, "lu") == "payment:waits-already"


def test_at_most_twenty_payments_wait(world: World) -> None:
    number = a_case(world)
    for amount in range(1, payments.MOST_WAITING + 1):
        report(world, number, amount=amount)
    assert refusal(report, world, number, amount=99) == "payment:too-many-waiting"


def test_nobody_confirms_on_figures_that_have_changed(world: World) -> None:
    number = a_case(world)
    first, second = report(world, number), report(world, number, amount=1_000)
    confirm(world, number, first)
    with pytest.raises(Stale, match="payment:claim-changed"):
        confirm(world, number, second)
    confirm(world, number, second, seen=2)
    assert case(world, number).claim_total == CLAIM - PAID - 1_000


def test_while_capacity_is_in_question_nothing_is_reported_or_confirmed(world: World) -> None:
    number = a_case(world)
    payment_id = report(world, number)
    with world.seat("mo", number) as seat:
        capacity.report_capacity(seat, Side.BORROWER, at=world.clock())
    assert refusal(report, world, number, amount=5) == "payment:in-question"
    assert refusal(confirm, world, number, payment_id) == "payment:in-question"
    assert refusal(dispute, world, number, payment_id) == "done"


@pytest.mark.parametrize("stage", [Stage.INVITED, Stage.IN_FORCE, Stage.WITHDRAWN])
def test_it_is_reported_only_while_the_case_runs(world: World, stage: Stage) -> None:
    number = a_case(world, stage)
    assert refusal(report, world, number, "lu") == "case:wrong-stage"


def test_an_old_debt_is_not_acknowledged_by_a_report_without_a_separate_yes(world: World) -> None:
    number = _old(world)
    assert refusal(report, world, number) == "old-debt:unconfirmed"
    assert refusal(report, world, number, confirmed=True) == "done"
    with world.seat("bai", number) as seat:
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)]
    assert kinds == ["old-debt:confirmed"]


def test_nor_by_confirming_what_the_lender_reports(world: World) -> None:
    number = _old(world)
    payment_id = report(world, number, "lu")
    assert refusal(confirm, world, number, payment_id, "bai") == "old-debt:unconfirmed"
    assert refusal(confirm, world, number, payment_id, "bai", yes=True) == "done"


def test_an_open_plan_is_superseded_with_an_entry_and_both_sides_are_told(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    confirm(world, number, report(world, number))
    assert offer(world, offer_id).status is OfferState.SUPERSEDED
    assert refusal(accept, world, number, "bai", offer_id) == "offer:superseded"
    assert case(world, number).turn is Role.MEDIATOR
    with world.seat("bai", number) as seat:
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE)]
        told = select(Notice.account_id).where(Notice.kind == "payment:confirmed")
        assert {world.people["bai"], world.people["mo"]} == set(seat.session.scalars(told))
    assert kinds == ["offer:made", "payment:reported", "payment:confirmed", "offer:superseded"]


def test_a_proposal_of_the_mediator_is_void_with_the_claim_that_it_was_made_on(world: World) -> None:
    number = a_case(world)
    proposal_id = propose(world, number)
    confirm(world, number, report(world, number))
    assert proposal(world, proposal_id).status is ProposalState.VOID
    assert case(world, number).turn is Role.MEDIATOR


def test_a_held_plan_goes_without_a_trace_for_the_other_side(world: World) -> None:
    number = a_case(world)
    offer_id = make(world, number, "lu")
    confirm(world, number, report(world, number))
    world.clock.move(minutes=11)
    with system(world, number) as seat:
        kinds = [entry.kind for entry in audit.read(seat.session, _thread(seat))]
    assert kinds == ["payment:reported", "payment:confirmed"]
    assert str(offer_id) not in world.client("bai").get(f"/cases/{number}/offers").text


def test_a_plan_must_name_the_claim_that_stands(world: World) -> None:
    number = a_case(world)
    confirm(world, number, report(world, number))
    assert refusal(make, world, number, "lu") == "plan:other-claim-version"
    assert refusal(make, world, number, "lu", terms(claim_version=2, agreed_total=CLAIM - PAID)) == "done"


def test_agreed_terms_without_a_paper_are_looked_at_anew(world: World) -> None:
    number = _agreed(world)
    confirm(world, number, report(world, number))
    assert case(world, number).stage is Stage.OPEN
    assert refusal(make, world, number, "lu", terms(claim_version=2, agreed_total=CLAIM - PAID)) == "done"


def test_an_unsigned_paper_is_void_and_the_plan_is_looked_at_anew(world: World) -> None:
    number = _drawn_up(world)
    confirm(world, number, report(world, number))
    assert _paper(world, number).state is AgreementState.VOIDED
    assert (case(world, number).stage, case(world, number).turn) == (Stage.OPEN, Role.MEDIATOR)
    with world.seat("lu", number) as seat:
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE)]
    assert kinds[-2:] == ["payment:confirmed", "terms:overtaken"]


def test_a_paper_that_somebody_signed_is_not_touched_and_the_page_says_why(world: World) -> None:
    number = _drawn_up(world)
    with world.seat("bai", number) as seat:
        agreements.sign(seat, _paper(world, number).id, seen_sha256="f" * 64, at=world.clock())
    payment_id = report(world, number)
    page = world.client("lu").get(f"/cases/{number}/payments/{payment_id}").text
    assert "Somebody has signed the agreement already, so it is not touched" in page
    confirm(world, number, payment_id)
    assert _paper(world, number).state is AgreementState.SIGNING
    assert (case(world, number).stage, case(world, number).claim_version) == (Stage.SIGNING, 2)


def test_the_case_page_shows_the_versions_and_what_changed(world: World) -> None:
    number = a_case(world)
    assert "How the claim has changed" not in world.client("bai").get(f"/cases/{number}").text
    confirm(world, number, report(world, number))
    page = world.client("bai").get(f"/cases/{number}").text
    assert "Payment of ¥3,000.00 made on" in page
    assert "Penalty claimed −¥530.27" in page


def test_what_was_a_draft_before_the_submission_is_no_version(world: World) -> None:
    number = a_case(world)
    with world.writing() as session:
        found = case(world, number)
        row = session.scalars(select(Claim).where(Claim.case_id == found.id)).one()
        values = {c.name: getattr(row, c.name) for c in Claim.__table__.columns if c.name not in ("id", "version")}
        session.add(Claim(version=2, **values))
        session.merge(found).claim_version = 2
    with world.seat("bai", number) as seat:
        assert [one.figures.version for one in versions.versions_seen_by(seat)] == [2]


def test_every_record_stands_after_all_this(world: World) -> None:
    number = _drawn_up(world)
    confirm(world, number, report(world, number))
    world.verify_records()
    assert case(world, number).claim_version == 2


def _old(world: World) -> str:
    number = a_case(world)
    with world.seat("lu", number) as seat:
        stating.state_contract(seat, OLD, at=world.clock())
    return number


def _agreed(world: World) -> str:
    number = a_case(world)
    accept(world, number, "bai", show(world, number, "lu"))
    return number


def _drawn_up(world: World) -> str:
    number = _agreed(world)
    identify(world, number)
    with world.seat("mo", number) as seat:
        agreement_id = agreements.draw_up(seat, Choices(), at=world.clock()).id
    with system(world, number) as seat:
        agreements.start_signing(seat, agreement_id, "f" * 64, at=world.clock())
    return number


def _paper(world: World, number: str) -> Agreement:
    with world.reading() as session:
        return session.scalars(select(Agreement).where(Agreement.case_id == case(world, number).id)).one()


def _thread(seat):  # type: ignore[no-untyped-def]
    return next(
        one for one in audit.threads_of(seat.session) if one.case_id == seat.case_id and one.name is Thread.CASE
    )
