"""What a lender keeps in its own house: its limits, a plan that waits for a second officer, and why one came back."""

from decimal import Decimal

from sqlalchemy import select

from mediation.offers.approval_models import Approval
from mediation.rules.access import Role
from mediation.rules.plan_kinds import Waivers
from mediation.rules.policy_bands import Band, Shares
from tests.approvals.limits import ask, authorise, send_back, set_limits
from tests.offers.table import CLAIM, terms
from tests.stories import a_case
from tests.world import World, add_person

GIVEN_UP = 417_283
ASKED_TOTAL = CLAIM - GIVEN_UP
WRITTEN = ("13.57%", "86.31%", "0.1357", "0.8631")
RETURNED = "canaryreasonofreturning"
BAND = Band(
    from_days=0,
    most_months=12,
    most_waived=Shares(principal=Decimal("0.1357")),
    least_recovery=Decimal("0.8631"),
)


def plant_limits(world: World) -> str:
    """In this case one plan came back with a reason, and another one waits."""
    number = a_case(world, contract="C-limits")
    add_person(world, "fang", "方正", role=Role.LENDER)
    for name in ("lu", "fang"):
        authorise(world, name)
    set_limits(world, "lu", [BAND])
    send_back(world, number, ask(world, number, "fang", _plan(48)), "lu", RETURNED)
    ask(world, number, "lu", _plan(36))
    return number


def approvals_of(world: World) -> list[str]:
    """Everything that was asked for, at its own address."""
    with world.reading() as session:
        ids = session.scalars(select(Approval.id)).all()
    return [f"/approvals/{one}" for one in ids]


def _plan(instalments: int):  # type: ignore[no-untyped-def]
    return terms(instalments, waived=Waivers(principal=GIVEN_UP))
