"""A case on its way to a sealed agreement, for the tests of what happens there."""

import hashlib
from datetime import date
from uuid import UUID

from sqlalchemy import select

from mediation import files
from mediation.agreements import actions
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.cases.models import Case
from mediation.cases.seats import Seat, lock_case
from mediation.offers.actions import accept_offer, make_offer
from mediation.offers.models import Offer
from mediation.rules.lifecycle import Stage
from mediation.rules.plans import Frequency, Terms, Waivers
from tests.stories import a_case, identify
from tests.world import World

PAPER = b"%PDF-1.7 the paper as the worker rendered it"
SEALED = b"%PDF-1.7 the same paper, sealed"
TERMS = Terms(
    claim_version=1,
    currency="CNY",
    agreed_total=3_246_027,
    waivers=Waivers(penalty=53_027),
    instalments=26,
    frequency=Frequency.MONTHLY,
    first_due_on=date(2025, 11, 15),
)


def agreed(world: World) -> str:
    """Both sides accept a plan; nobody has said yet who signs for the borrower."""
    number = a_case(world, Stage.OPEN)
    with world.seat("lu", number) as seat:
        make_offer(seat, TERMS, at=world.clock())
    world.clock.move(minutes=11)
    with world.seat("bai", number) as seat:
        offer = seat.session.scalars(select(Offer)).one()
        accept_offer(seat, offer.id, seen_sha256=offer.sha256, at=world.clock())
    return number


def drawn_up(world: World, number: str) -> UUID:
    """The mediator's draft, not yet set in type."""
    with world.seat("mo", number) as seat:
        return actions.draw_up(seat, Choices(), at=world.clock()).id


def paper(world: World) -> tuple[str, UUID]:
    """The paper lies before its signers."""
    number = agreed(world)
    identify(world, number)
    agreement_id = drawn_up(world, number)
    with world.writing() as session:
        system, sha256 = _stored(world, session, agreement_id, PAPER)
        actions.start_signing(system, agreement_id, sha256, at=world.clock())
    return number, agreement_id


def sign(world: World, name: str, number: str, agreement_id: UUID) -> None:
    """That person confirms the paper."""
    with world.seat(name, number) as seat:
        actions.sign(seat, agreement_id, seen_sha256=hashlib.sha256(PAPER).hexdigest(), at=world.clock())


def seal(world: World, agreement_id: UUID) -> None:
    """The worker brings the sealed file."""
    with world.writing() as session:
        system, sha256 = _stored(world, session, agreement_id, SEALED)
        actions.keep_sealed(system, agreement_id, sha256, at=world.clock(), sealed_at=world.clock())


def sealed(world: World) -> tuple[str, UUID]:
    """The agreement is in effect."""
    number, agreement_id = paper(world)
    for name in ("bai", "lu", "mo"):
        sign(world, name, number, agreement_id)
    seal(world, agreement_id)
    return number, agreement_id


def the_case(world: World, number: str) -> Case:
    """The case as it stands."""
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def the_agreement(world: World, agreement_id: UUID) -> Agreement:
    """The agreement as it stands."""
    with world.reading() as session:
        return session.get_one(Agreement, agreement_id)


def _stored(world: World, session, agreement_id: UUID, content: bytes) -> tuple[Seat, str]:  # type: ignore[no-untyped-def]
    agreement = session.get_one(Agreement, agreement_id)
    kept = files.store_row(
        session, content, institution_id=agreement.institution_id, media_type="application/pdf", at=world.clock()
    )
    return Seat.system(session, lock_case(session, agreement.case_id)), kept.sha256
