"""What a payment leaves of a claim: each component less what the payment pays of it, to the minor unit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from mediation.errors import Refused
from mediation.rules.loans import ClaimFigures
from mediation.rules.money import check_amount
from mediation.rules.waterfall import BY_LAW, PRINCIPAL_FIRST, Debt, Part, apply_payment


class Order(StrEnum):
    """In which order a payment pays the parts of the debt: as the law says, or the principal first by agreement."""

    BY_LAW = "by_law"
    PRINCIPAL_FIRST = "principal_first"


PARTS: Mapping[Order, tuple[Part, ...]] = MappingProxyType(
    {Order.BY_LAW: BY_LAW, Order.PRINCIPAL_FIRST: PRINCIPAL_FIRST}
)


def after_payment(claim: ClaimFigures, payment: int, *, on: date, order: Order) -> ClaimFigures:
    """The claim less a payment of `payment` minor units made on the day `on`; the version is the next one.

    What is due is paid before what is not yet due (Civil Code of the PRC, art. 560), and within each the parts
    stand in the order named (art. 561, unless the parties agreed another). before = after + payment, always.
    Refused: payment:not-positive, payment:whole-claim (total: it pays everything claimed, or more), money:too-large.
    """
    if payment <= 0:
        raise Refused("payment:not-positive", field="amount")
    check_amount(payment, field="amount")
    if payment >= claim.total:
        raise Refused("payment:whole-claim", field="amount", total=claim.total)
    due = Debt(on, claim.fees, claim.interest, claim.penalty, claim.principal_due)
    later = Debt(on + timedelta(days=1), principal=claim.principal_not_due)
    left = apply_payment(payment, (due, later), on=on, order=PARTS[order]).left
    return replace(
        claim,
        version=claim.version + 1,
        principal_due=left[0].principal,
        principal_not_due=left[1].principal,
        interest=left[0].interest,
        penalty=left[0].penalty,
        fees=left[0].fees,
    )


def check_paid_on(paid_on: date, *, as_of_on: date, today: date) -> None:
    """A payment that the claim does not count yet lies on the day of its figures or after, and not after today.

    Refused: payment:day-in-future (today), payment:before-claim (as_of_on).
    """
    if paid_on > today:
        raise Refused("payment:day-in-future", field="paid_on", today=today)
    if paid_on < as_of_on:
        raise Refused("payment:before-claim", field="paid_on", as_of_on=as_of_on)
