"""The independence card: the same for both before they answer, read from outcomes, and borne out by the record."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from mediation import audit
from mediation.accounts.models import Organisation
from mediation.agreements.models import Agreement
from mediation.cases import actions as cases
from mediation.cases import appointments, independence, objections
from mediation.cases.independence import Audited, Card
from mediation.cases.models import Appointment, Case
from mediation.cases.outcomes import Terms, fingerprint, record_outcome
from mediation.cases.panel_models import CaseOutcome, IndependenceCard
from mediation.cases.seats import Seat
from mediation.errors import NotPermitted
from mediation.rules import chain
from mediation.rules.access import Thread
from mediation.rules.appointing import Payer
from mediation.rules.lifecycle import Answer, Stage
from tests.agreements.signing import sealed
from tests.stories import a_case
from tests.world import World

SECOND = timedelta(seconds=1)


def announced(world: World, *, contract: str = "XF-NEW", mediator: str = "mo") -> str:
    """A case in which a mediator has accepted a second later, so that both sides read the card."""
    world.clock.move(seconds=1)
    number = a_case(world, Stage.JOINED, contract=contract)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people[mediator], at=world.clock())
    with world.seat(mediator, number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    return number


def card(world: World, number: str, name: str = "bai") -> Card:
    with world.seat(name, number) as seat:
        appointment = seat.session.scalars(
            select(Appointment).where(Appointment.case_id == seat.case_id, Appointment.ended_at.is_(None))
        ).one()
        found = independence.card_seen_by(seat, appointment.id)
        assert found is not None
        return found


def settle(world: World, contract: str, *, claimed: int = 1000, waived: int = 0) -> str:
    """A case of Mo's that came out settled on these terms."""
    number = a_case(world, Stage.SIGNING, contract=contract)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        record_outcome(Seat.system(session, case), Terms(claimed=claimed, interest=waived), at=world.clock())
        case.stage = Stage.IN_FORCE
    return number


def withdraw(world: World, contract: str) -> str:
    """A case of Mo's that ended without a settlement."""
    number = a_case(world, Stage.OPEN, contract=contract)
    with world.seat("bai", number) as seat:
        cases.withdraw_case(seat, at=world.clock())
    return number


def outcome_of(world: World, number: str) -> CaseOutcome | None:
    with world.reading() as session:
        found = select(CaseOutcome).join(Case, Case.id == CaseOutcome.case_id).where(Case.number == number)
        return session.scalars(found).first()


def entry(world: World, number: str, kind: str) -> Any:
    with world.seat("bai", number) as seat:
        return next(one.body for one in audit.entries_seen_by(seat, Thread.CASE) if one.kind == kind)


def audited(world: World) -> Audited:
    """The newest card as the auditor reads it."""
    with world.desk("audit") as desk:
        return independence.cards_audited_at(desk)[0]


# --- how a case came out --------------------------------------------------------------------------------------


def test_a_sealed_agreement_writes_what_it_waives_in_its_own_transaction(world: World) -> None:
    number, _ = sealed(world)
    found = outcome_of(world, number)
    assert found is not None
    assert (found.is_settled, found.stage, found.mediator_id) == (True, Stage.IN_FORCE, world.people["mo"])
    # Scenario A's claim, and the penalty that the plan gives up.
    assert (found.claimed, found.penalty_waived) == (3_299_054, 53_027)
    assert (found.principal_waived, found.interest_waived, found.fees_waived) == (0, 0, 0)
    assert entry(world, number, "agreement:sealed")["outcome_sha256"] == fingerprint(found)


def test_a_case_that_ends_without_an_agreement_has_an_outcome_that_waives_nothing(world: World) -> None:
    found = outcome_of(world, withdraw(world, "XF-1"))
    assert found is not None
    assert (found.is_settled, found.stage, found.claimed) == (False, Stage.WITHDRAWN, 3_299_054)
    assert (found.mediator_id, found.days, found.objections) == (world.people["mo"], 0, 0)


def test_what_no_registrar_had_accepted_has_no_outcome(world: World) -> None:
    number = a_case(world, Stage.SUBMITTED)
    with world.seat("lu", number) as seat:
        cases.withdraw_case(seat, at=world.clock())
    assert outcome_of(world, number) is None


def test_an_outcome_counts_the_days_and_the_objections_of_its_case(world: World) -> None:
    number = announced(world)
    with world.seat("bai", number) as seat:
        appointments.answer_appointment(seat, Answer.OBJECT, at=world.clock())
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    world.clock.move(days=12)
    with world.seat("lu", number) as seat:
        cases.withdraw_case(seat, at=world.clock())
    found = outcome_of(world, number)
    assert found is not None
    assert (found.mediator_id, found.days, found.objections) == (world.people["ming"], 12, 1)


# --- the card -------------------------------------------------------------------------------------------------


def test_the_card_is_made_when_the_mediator_accepts_and_the_record_carries_its_fingerprint(world: World) -> None:
    number = announced(world)
    assert entry(world, number, "mediator:accepted")["card_sha256"] == card(world, number).sha256


def test_both_sides_read_the_same_card_before_they_answer(world: World) -> None:
    number = announced(world)
    assert card(world, number, "bai") == card(world, number, "lu")
    sections = [
        page[page.index("independence-card") : page.index("</section>", page.index("independence-card"))]
        for page in (
            world.client(name).get(f"/cases/{number}/appointment").get_data(as_text=True) for name in ("bai", "lu")
        )
    ]
    assert sections[0] == sections[1]


def test_the_card_says_who_pays_and_that_it_costs_neither_side_anything(world: World) -> None:
    number = announced(world)
    found = card(world, number)
    assert (found.paid_by, found.fee) == (Payer.INSTITUTION, 0)
    page = world.client("bai").get(f"/cases/{number}/appointment").get_data(as_text=True)
    assert "None: mediation costs neither side anything" in page


def test_the_card_counts_running_settled_and_ended_cases_with_this_lender(world: World) -> None:
    a_case(world, Stage.OPEN, contract="XF-1")
    settle(world, "XF-2")
    withdraw(world, "XF-3")
    figures = card(world, announced(world)).figures
    assert (figures.with_lender, figures.in_year) == (3, 3)
    assert (figures.running, figures.settled, figures.not_settled) == (1, 1, 1)


def test_another_lenders_cases_count_among_all_and_not_with_this_one(world: World) -> None:
    elsewhere = a_case(world, Stage.OPEN, contract="XF-1")
    with world.writing() as session:
        other = Organisation(name="西岭小额贷款有限公司", credit_code="91420100MA4K000015", created_at=world.clock())
        session.add(other)
        session.flush()
        session.execute(update(Case).where(Case.number == elsewhere).values(organisation_id=other.id))
    figures = card(world, announced(world)).figures
    assert (figures.with_lender, figures.in_year) == (0, 1)


@pytest.mark.parametrize(("later", "count"), [(timedelta(days=365) - SECOND, 1), (timedelta(days=365), 0)])
def test_an_ended_case_counts_for_a_year(world: World, later: timedelta, count: int) -> None:
    settle(world, "XF-1")
    world.clock.at += later
    assert card(world, announced(world)).figures.with_lender == count


def test_the_average_waiver_stands_from_five_settled_cases_on(world: World) -> None:
    for ordinal in range(4):
        settle(world, f"XF-{ordinal}", waived=100 * ordinal)
    assert card(world, announced(world, contract="XF-A")).waiver is None
    settle(world, "XF-4", waived=400)
    # 0 %, 10 %, 20 %, 30 % and 40 %.
    assert card(world, announced(world, contract="XF-B")).figures.waiver == 200


def test_objections_are_counted_over_all_lenders_from_five_appointments_on(world: World) -> None:
    for ordinal in range(5):
        number = announced(world, contract=f"XF-{ordinal}")
        if ordinal == 0:
            with world.seat("bai", number) as seat:
                appointments.answer_appointment(seat, Answer.OBJECT, at=world.clock())
        if ordinal == 1:
            with world.seat("lu", number) as seat:
                found = objections.object_with_reason(seat, "-", at=world.clock())
            with world.seat("ren", number) as seat:
                objections.decide_objection(seat, found.id, upheld=True, answer="-", at=world.clock())
    figures = card(world, announced(world, contract="XF-NEXT")).figures
    assert (figures.announced, figures.objections) == (5, 2)


def test_a_card_never_changes_whatever_happens_afterwards(world: World) -> None:
    number = announced(world)
    before = card(world, number)
    settle(world, "XF-LATER")
    assert card(world, number) == before


# --- the auditor ----------------------------------------------------------------------------------------------


def test_the_auditor_computes_each_figure_again_and_it_fits(world: World) -> None:
    sealed(world)
    withdraw(world, "XF-2")
    announced(world)
    found = audited(world)
    assert found.fits
    assert {each.name: each.found for each in found.figures if each.found is not None} == {
        "in_year": 2, "with_lender": 2, "running": 0, "settled": 1, "not_settled": 1, "announced": 2,
    }  # fmt: skip
    assert (found.outcomes, found.outcomes_unrecorded) == (2, 0)


def test_what_happens_after_a_card_was_made_changes_nothing_of_what_it_is_checked_against(world: World) -> None:
    sealed(world)
    announced(world)
    world.clock.move(days=1)
    withdraw(world, "XF-3")
    a_case(world, Stage.OPEN, contract="XF-4")
    assert audited(world).fits


def test_a_settlement_that_no_record_bears_out_is_found(world: World) -> None:
    settle(world, "XF-1")
    announced(world)
    found = audited(world)
    assert (found.fits, found.outcomes_unrecorded) == (False, 1)


def test_a_card_with_another_figure_than_is_on_file_is_found(world: World) -> None:
    number = announced(world)
    forged = forge(world, number)
    with world.desk("audit") as desk:
        found = next(one for one in independence.cards_audited_at(desk) if one.appointment_id == forged)
    assert [each.name for each in found.figures if not each.fits] == ["settled"]
    assert not found.is_on_record


def test_the_auditors_page_shows_figures_and_no_case(world: World) -> None:
    sealed(world)
    announced(world)
    page = world.client("audit").get("/record/independence").get_data(as_text=True)
    assert "Computed again" in page
    assert not [secret for secret in ("白露", "XF-", "32,990.54", "32,460.27") if secret in page]


@pytest.mark.parametrize("name", ["mo", "lu"])
def test_only_registrar_and_auditor_check_the_cards(world: World, name: str) -> None:
    with pytest.raises(NotPermitted), world.desk(name) as desk:
        independence.cards_audited_at(desk)


def test_the_agreement_states_the_fee_that_the_card_told(world: World) -> None:
    _, agreement_id = sealed(world)
    with world.reading() as session:
        document = chain.parse(session.get_one(Agreement, agreement_id).document.encode())
    assert isinstance(document, dict)
    assert document["facts"]["mediator_fee"] == 0


def forge(world: World, number: str) -> UUID:
    """A second card, of an appointment that nobody accepted, which boasts of nine settlements."""
    with world.writing() as session:
        kept = session.scalars(select(IndependenceCard)).one()
        document = chain.parse(kept.document.encode())
        assert isinstance(document, dict)
        document["figures"]["settled"] = 9
        case = session.scalars(select(Case).where(Case.number == number)).one()
        appointment = Appointment(
            case_id=case.id,
            mediator_id=world.people["mo"],
            state="replaced",
            proposed_by=world.people["ren"],
            proposed_at=world.clock(),
            ended_at=world.clock(),
        )
        session.add(appointment)
        session.flush()
        text = chain.canonical(document).decode()
        session.add(
            IndependenceCard(
                appointment_id=appointment.id,
                institution_id=world.institution_id,
                document=text,
                sha256=independence._sha256(text),
                made_at=kept.made_at,
            )
        )
        return appointment.id
