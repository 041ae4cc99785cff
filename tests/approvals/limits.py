"""A lender with limits and three officers: Lu who asks, Fang and Guo whose authority covers limits and approvals."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from mediation.accounts import actions as accounts
from mediation.audit import Entry, read
from mediation.offers import approvals
from mediation.offers.approval_models import Approval
from mediation.portfolios.bands import keep_bands
from mediation.portfolios.own_record import thread_of
from mediation.rules.access import Role
from mediation.rules.plan_kinds import Waivers
from mediation.rules.plans import Terms
from mediation.rules.policy_bands import Band, Shares
from tests.offers.table import terms
from tests.world import World, add_person

TODAY = date(2025, 9, 24)
# 101 days after its first day overdue, scenario A's loan has the second band.
BANDS = (
    Band(from_days=0, most_months=12, most_waived=Shares(), least_recovery=Decimal(1)),
    Band(
        from_days=90,
        most_months=24,
        most_waived=Shares(interest=Decimal("0.5"), penalty=Decimal(1)),
        least_recovery=Decimal("0.95"),
    ),
)


def inside() -> Terms:
    """A plan that Lu may put forward alone."""
    return terms(12, waived=Waivers(penalty=53_027))


def beyond() -> Terms:
    """A plan for which Lu needs a second officer: 36 months, and principal given up."""
    return terms(36, waived=Waivers(penalty=53_027, principal=91_123))


def authorise(world: World, name: str, *, until: date = date(2027, 12, 31)) -> None:
    """That officer's authority covers limits and approvals from now on."""
    with world.desk("ren") as desk:
        accounts.keep_authority(
            desk, world.people[name], title="授权委托书 政策", covers_settlement=False, covers_policy=True,
            valid_from_on=date(2025, 1, 1), valid_until_on=until, at=world.clock(),
        )  # fmt: skip


def staff(world: World) -> None:
    """Fang and Guo work for the lender too, with that authority."""
    for name, title in (("fang", "方正"), ("guo", "郭安")):
        add_person(world, name, title, role=Role.LENDER)
        authorise(world, name)


def set_limits(world: World, name: str = "fang", bands: Sequence[Band] = BANDS, *, on: date = TODAY) -> None:
    """That officer sets the lender's limits."""
    with world.desk(name) as desk:
        keep_bands(desk, bands, on, at=world.clock())


def limit(world: World) -> None:
    """The lender has its officers and its limits."""
    staff(world)
    set_limits(world)


def ask(world: World, number: str, name: str = "lu", plan: Terms | None = None) -> UUID:
    """That officer asks for a plan outside the limits."""
    with world.seat(name, number) as seat:
        return approvals.ask_to_offer(seat, plan or beyond(), at=world.clock()).id


def approve(world: World, number: str, approval_id: UUID, name: str = "fang") -> UUID | None:
    """That officer approves; what came of it."""
    with world.seat(name, number) as seat:
        return approvals.approve(seat, approval_id, at=world.clock()).offer_id


def send_back(world: World, number: str, approval_id: UUID, name: str = "fang", reason: str = "期数太长") -> None:
    """That officer returns it."""
    with world.seat(name, number) as seat:
        approvals.return_to_officer(seat, approval_id, reason=reason, at=world.clock())


def take_back(world: World, number: str, approval_id: UUID, name: str = "lu") -> None:
    """That officer takes it back."""
    with world.seat(name, number) as seat:
        approvals.take_back(seat, approval_id, at=world.clock())


def kept(world: World, approval_id: UUID) -> Approval:
    """What waits, as it is kept."""
    with world.reading() as session:
        return session.scalars(select(Approval).where(Approval.id == approval_id)).one()


def own_record(world: World) -> list[Entry]:
    """The entries of the lender's own thread."""
    with world.reading() as session:
        thread = thread_of(session, world.institution_id, world.organisation_id)
        return [] if thread is None else read(session, thread)
