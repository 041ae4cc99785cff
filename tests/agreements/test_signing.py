"""From the accepted offer to the seal: who confirms what, in which order, and what silence brings about."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from mediation import files
from mediation.accounts.models import AuthorityDocument
from mediation.agreements import actions
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.agreements.selections import current_agreement, readable_file, signatures_on
from mediation.cases.models import Appointment, Case, Identity, Seating
from mediation.cases.seats import Seat, lock_case
from mediation.errors import NotFound, Refused, Stale
from mediation.offers.actions import accept_offer, make_offer
from mediation.offers.models import Offer
from mediation.rules.access import Role
from mediation.rules.lifecycle import AgreementState, Stage
from mediation.rules.plans import Frequency, Terms, Waivers
from tests.stories import a_case, identify
from tests.world import World

PAPER = b"%PDF-1.7 the paper as the worker rendered it"
SEALED = b"%PDF-1.7 the same paper, sealed"


def test_borrower_and_lender_confirm_in_any_order_then_the_mediator_then_the_seal(world: World) -> None:
    number, agreement_id = _paper(world)
    for name in ("lu", "bai", "mo"):
        _sign(world, name, number, agreement_id)
    _seal(world, agreement_id)
    with world.seat("bai", number) as seat:
        assert seat.stage is Stage.IN_FORCE
        assert readable_file(seat, agreement_id)[1] == hashlib.sha256(SEALED).hexdigest()


def test_the_mediator_never_confirms_before_both_parties(world: World) -> None:
    number, agreement_id = _paper(world)
    _sign(world, "bai", number, agreement_id)
    with pytest.raises(Refused, match="signature:out-of-order"):
        _sign(world, "mo", number, agreement_id)


def test_a_confirmation_is_bound_to_exactly_the_file(world: World) -> None:
    number, agreement_id = _paper(world)
    with pytest.raises(Stale, match="agreement:changed"), world.seat("bai", number) as seat:
        actions.sign(seat, agreement_id, seen_sha256="0" * 64, at=world.clock())


def test_one_signed_and_the_other_silent_makes_the_file_void_and_gone(world: World) -> None:
    number, agreement_id = _paper(world)
    _sign(world, "bai", number, agreement_id)
    world.clock.move(days=40)
    _end_signing(world, agreement_id)
    with world.seat("lu", number) as seat:
        assert seat.stage is Stage.OPEN
        assert _state(seat, agreement_id) is AgreementState.VOIDED
        with pytest.raises(NotFound):
            readable_file(seat, agreement_id)


@pytest.mark.parametrize(("seconds", "in_time"), [(-1, True), (0, False), (1, False)])
def test_the_window_for_signing_ends_to_the_second(world: World, seconds: int, in_time: bool) -> None:
    number, agreement_id = _paper(world)
    with world.seat("bai", number) as seat:
        ends_at = current_agreement(seat).signing_ends_at
    world.clock.at = ends_at + timedelta(seconds=seconds)
    if in_time:
        _sign(world, "bai", number, agreement_id)
    else:
        with pytest.raises(Refused, match="agreement:window-over"):
            _sign(world, "bai", number, agreement_id)


def test_a_party_who_does_not_sign_opens_the_table_again(world: World) -> None:
    number, agreement_id = _paper(world)
    with world.seat("lu", number) as seat:
        actions.decline(seat, agreement_id, at=world.clock())
    with world.seat("bai", number) as seat:
        assert seat.stage is Stage.OPEN
        assert current_agreement(seat) is None


def test_a_successor_draws_up_a_paper_that_names_its_predecessor_again(world: World) -> None:
    number, agreement_id = _paper(world)
    _replace_mediator(world, number)
    with pytest.raises(Refused, match="agreement:mediator-changed"):
        _sign(world, "bai", number, agreement_id)
    with world.seat("ming", number) as seat:
        actions.draw_up_anew(seat, agreement_id, at=world.clock())
    with world.seat("ming", number) as seat:
        assert actions.draw_up(seat, Choices(), at=world.clock()).version == 2


def test_no_agreement_is_drawn_up_for_a_borrower_nobody_has_identified(world: World) -> None:
    number = _agreed(world)
    with pytest.raises(Refused, match="agreement:borrower-not-identified"), world.seat("mo", number) as seat:
        actions.draw_up(seat, Choices(), at=world.clock())


def test_the_paper_is_rendered_once(world: World) -> None:
    number, agreement_id = _paper(world)
    with world.writing() as session:
        agreement = session.get_one(Agreement, agreement_id)
        system = Seat.system(session, lock_case(session, agreement.case_id))
        actions.start_signing(system, agreement_id, "f" * 64, at=world.clock())
    with world.seat("bai", number) as seat:
        assert current_agreement(seat).unsigned_sha256 == hashlib.sha256(PAPER).hexdigest()


def test_an_officer_whose_authority_has_ended_signs_no_more(world: World) -> None:
    number, agreement_id = _paper(world)
    _end_authority(world, date(2025, 9, 23))
    with pytest.raises(Refused, match="agreement:authority-missing"):
        _sign(world, "lu", number, agreement_id)
    _end_authority(world, date(2025, 9, 24))  # the day itself is still covered
    _sign(world, "lu", number, agreement_id)


def test_a_borrower_confirms_under_the_name_in_the_identity(world: World) -> None:
    number, agreement_id = _paper(world)
    with world.writing() as session:
        session.scalars(select(Identity)).one().name = "白璐"
    _sign(world, "bai", number, agreement_id)
    _sign(world, "lu", number, agreement_id)
    with world.reading() as session:
        assert {one.name for one in signatures_on(session, agreement_id)} == {"白璐", "陆远"}
    page = world.client("bai").get(f"/cases/{number}/agreement").text
    assert "白璐" in page


def _end_authority(world: World, on: date) -> None:
    with world.writing() as session:
        session.scalars(select(AuthorityDocument)).one().valid_until_on = on


def _agreed(world: World) -> str:
    number = a_case(world, Stage.OPEN)
    terms = Terms(
        claim_version=1,
        currency="CNY",
        agreed_total=3_246_027,
        waivers=Waivers(penalty=53_027),
        instalments=26,
        frequency=Frequency.MONTHLY,
        first_due_on=date(2025, 11, 15),
    )
    with world.seat("lu", number) as seat:
        make_offer(seat, terms, at=world.clock())
    world.clock.move(minutes=11)
    with world.seat("bai", number) as seat:
        offer = seat.session.scalars(select(Offer)).one()
        accept_offer(seat, offer.id, seen_sha256=offer.sha256, at=world.clock())
    return number


def _paper(world: World) -> tuple[str, UUID]:
    number = _agreed(world)
    identify(world, number)
    with world.seat("mo", number) as seat:
        agreement_id = actions.draw_up(seat, Choices(), at=world.clock()).id
    with world.writing() as session:
        agreement = session.get_one(Agreement, agreement_id)
        kept = files.store_row(
            session, PAPER, institution_id=agreement.institution_id, media_type="application/pdf", at=world.clock()
        )
        system = Seat.system(session, lock_case(session, agreement.case_id))
        actions.start_signing(system, agreement_id, kept.sha256, at=world.clock())
    return number, agreement_id


def _sign(world: World, name: str, number: str, agreement_id: UUID) -> None:
    with world.seat(name, number) as seat:
        actions.sign(seat, agreement_id, seen_sha256=hashlib.sha256(PAPER).hexdigest(), at=world.clock())


def _seal(world: World, agreement_id: UUID) -> None:
    with world.writing() as session:
        agreement = session.get_one(Agreement, agreement_id)
        kept = files.store_row(
            session, SEALED, institution_id=agreement.institution_id, media_type="application/pdf", at=world.clock()
        )
        system = Seat.system(session, lock_case(session, agreement.case_id))
        actions.keep_sealed(system, agreement_id, kept.sha256, at=world.clock(), sealed_at=world.clock())


def _end_signing(world: World, agreement_id: UUID) -> None:
    with world.writing() as session:
        agreement = session.get_one(Agreement, agreement_id)
        actions.end_signing(Seat.system(session, lock_case(session, agreement.case_id)), agreement_id, at=world.clock())


def _replace_mediator(world: World, number: str) -> None:
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        seated = select(Seating).where(Seating.case_id == case.id, Seating.role == Role.MEDIATOR)
        session.scalars(seated).one().ended_at = world.clock()
        asked = session.scalars(select(Appointment).where(Appointment.case_id == case.id)).one()
        asked.mediator_id = case.mediator_id = world.people["ming"]
        session.flush()
        session.add(Seating(case_id=case.id, account_id=case.mediator_id, role=Role.MEDIATOR, since_at=world.clock()))


def _state(seat: Seat, agreement_id: UUID) -> AgreementState:
    return seat.session.get_one(Agreement, agreement_id).state
