"""Plans and people at a table, so that a test can say what is offered in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.errors import MediationError
from mediation.offers import actions, proposals
from mediation.offers.models import Offer
from mediation.offers.proposal_models import Proposal
from mediation.rules import plans
from mediation.rules.negotiation import HOLD
from tests.world import World

CLAIM = 3_299_054
FIRST = date(2025, 10, 25)


def terms(instalments: int = 12, *, waived: plans.Waivers | None = None, **given: Any) -> plans.Terms:
    """A plan on scenario A's claim."""
    waived = waived or plans.Waivers()
    values: dict[str, Any] = {
        "claim_version": 1,
        "currency": "CNY",
        "agreed_total": CLAIM - waived.total,
        "waivers": waived,
        "instalments": instalments,
        "frequency": plans.Frequency.MONTHLY,
        "first_due_on": FIRST,
    }
    return plans.Terms(**{**values, **given})


def make(world: World, number: str, name: str, plan: plans.Terms | None = None, **given: Any) -> UUID:
    """That person's side makes an offer now; it is still held."""
    with world.seat(name, number) as seat:
        return actions.make_offer(seat, plan or terms(), at=world.clock(), **given).id


def show(world: World, number: str, name: str, plan: plans.Terms | None = None, **given: Any) -> UUID:
    """That person's side makes an offer, the hold passes and the worker writes it down."""
    offer_id = make(world, number, name, plan, **given)
    world.clock.move(seconds=HOLD.total_seconds())
    settle(world, number)
    return offer_id


def settle(world: World, number: str) -> None:
    """The worker writes down what time has brought about."""
    with system(world, number) as seat:
        actions.settle_negotiation(seat, at=world.clock())


@contextmanager
def system(world: World, number: str) -> Iterator[Seat]:
    """The worker's seat at a case."""
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number).with_for_update()).one()
        yield Seat.system(session, case)


def accept(world: World, number: str, name: str, offer_id: UUID, **given: Any) -> None:
    """That person accepts the offer as it stands, by its own hash."""
    sha256 = given.pop("sha256", None) or offer(world, offer_id).sha256
    with world.seat(name, number) as seat:
        actions.accept_offer(seat, offer_id, seen_sha256=sha256, at=world.clock(), **given)


def propose(world: World, number: str, plan: plans.Terms | None = None, *, name: str = "mo", **given: Any) -> UUID:
    """The mediator puts a proposal to both sides."""
    with world.seat(name, number) as seat:
        return proposals.make_proposal(seat, plan or terms(26), at=world.clock(), **given).id


def answer(world: World, number: str, name: str, proposal_id: UUID, *, yes: bool = True, **given: Any) -> None:
    """That person answers the proposal, by its own hash."""
    sha256 = given.pop("sha256", None) or proposal(world, proposal_id).sha256
    with world.seat(name, number) as seat:
        proposals.answer_proposal(seat, proposal_id, says_yes=yes, seen_sha256=sha256, at=world.clock(), **given)


def take_back(world: World, number: str, proposal_id: UUID) -> None:
    """The mediator takes the proposal back."""
    with world.seat("mo", number) as seat:
        proposals.take_back_proposal(seat, proposal_id, at=world.clock())


def proposal(world: World, proposal_id: UUID) -> Proposal:
    """The proposal as it is kept."""
    with world.reading() as session:
        return session.get_one(Proposal, proposal_id)


def decline(world: World, number: str, name: str, offer_id: UUID, **given: Any) -> None:
    """That person declines the offer."""
    with world.seat(name, number) as seat:
        actions.decline_offer(seat, offer_id, at=world.clock(), **given)


def withdraw(world: World, number: str, name: str, offer_id: UUID, **given: Any) -> None:
    """That person takes the offer back."""
    with world.seat(name, number) as seat:
        actions.withdraw_offer(seat, offer_id, at=world.clock(), **given)


def offer(world: World, offer_id: UUID) -> Offer:
    """The offer as it is kept."""
    with world.reading() as session:
        return session.get_one(Offer, offer_id)


def case(world: World, number: str) -> Case:
    """The case as it is kept."""
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def refusal(act: Any, *args: Any, **given: Any) -> str:
    """The key with which an act is refused; 'done' where it is not."""
    try:
        act(*args, **given)
    except MediationError as no:
        return no.key
    return "done"


SECOND = timedelta(seconds=1)
