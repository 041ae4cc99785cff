"""Payments reported and answered at a case, so that a test can say who did what in one line."""

from datetime import date
from uuid import UUID

from mediation.agreements import paid_since
from mediation.cases import payments
from mediation.cases.payments import Paid
from mediation.rules.claim_payments import Order
from tests.world import World

DAY = date(2025, 9, 24)
PAID = 300_000


def report(
    world: World, number: str, name: str = "bai", *, amount: int = PAID, on: date = DAY, pays: Order = Order.BY_LAW,
    confirmed: bool = False,
) -> UUID:  # fmt: skip
    """That person's side reports a payment; its id."""
    with world.seat(name, number) as seat:
        paid = Paid(paid_on=on, amount=amount, pays=pays, note="转账尾号 7890")
        return payments.report_payment(seat, paid, old_debt_confirmed=confirmed, at=world.clock()).id


def confirm(world: World, number: str, payment_id: UUID, name: str = "lu", *, seen: int = 1, yes: bool = False) -> None:
    """That person's side confirms it."""
    with world.seat(name, number) as seat:
        paid_since.confirm_payment(seat, payment_id, seen_version=seen, old_debt_confirmed=yes, at=world.clock())


def dispute(world: World, number: str, payment_id: UUID, name: str = "lu", *, reason: str = "账上没有这笔") -> None:
    """That person's side disputes it."""
    with world.seat(name, number) as seat:
        payments.dispute_payment(seat, payment_id, reason, at=world.clock())


def take_back(world: World, number: str, payment_id: UUID, name: str = "bai") -> None:
    """That person's side takes its report back."""
    with world.seat(name, number) as seat:
        payments.take_back_payment(seat, payment_id, at=world.clock())
