"""The lender's duty of disclosure: what it owes for which claim, by when, and how each item stands.

Source: product.md, "Case file" (contract, disbursement proof, payment history, fee list, assignment chain,
credit-report status; an overdue item shows and blocks the lender's final offer).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mediation.errors import Refused
from mediation.rules.deadlines import Period, is_over

TIME_TO_DISCLOSE = Period(7)


class Item(StrEnum):
    """What a lender lays open, in the order in which a borrower asks for it."""

    CONTRACT = "contract"
    DISBURSEMENT = "disbursement"
    PAYMENTS = "payments"
    FEES = "fees"
    ASSIGNMENT = "assignment"
    CREDIT_REPORT = "credit_report"


class DutyState(StrEnum):
    """How an item stands at a moment."""

    AWAITED = "awaited"
    OVERDUE = "overdue"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True)
class OwedItem:
    """One item of a case: until when it is in time (None before the table opens), and since when it is there."""

    item: Item
    ends_at: datetime | None
    fulfilled_at: datetime | None = None

    def state(self, at: datetime) -> DutyState:
        """How the item stands at `at`; at `ends_at` itself it is overdue, and whatever comes late fulfils it still."""
        if self.fulfilled_at is not None:
            return DutyState.FULFILLED
        if self.ends_at is not None and is_over(self.ends_at, at):
            return DutyState.OVERDUE
        return DutyState.AWAITED

    @property
    def came_late(self) -> bool:
        """Whether it is there, but came after its time."""
        if self.fulfilled_at is None or self.ends_at is None:
            return False
        return is_over(self.ends_at, self.fulfilled_at)


def owed(*, is_assigned: bool) -> tuple[Item, ...]:
    """What a lender owes; the chain of assignments only where it claims by assignment."""
    return tuple(item for item in Item if item is not Item.ASSIGNMENT or is_assigned)


def checklist(
    items: Iterable[Item], fulfilled: Mapping[Item, datetime], *, ends_at: datetime | None
) -> tuple[OwedItem, ...]:
    """Each item with its end, and the moment at which it was first there."""
    return tuple(OwedItem(item, ends_at, fulfilled.get(item)) for item in items)


def overdue(items: Iterable[OwedItem], *, at: datetime) -> tuple[Item, ...]:
    """The items that should be there at `at` and are not."""
    return tuple(one.item for one in items if one.state(at) is DutyState.OVERDUE)


def not_in_time(items: Iterable[OwedItem], *, at: datetime) -> tuple[Item, ...]:
    """The items whose time is over at `at` and that were not there by then, also where they have come since."""
    return tuple(
        one.item
        for one in items
        if one.ends_at is not None and is_over(one.ends_at, at) and (one.fulfilled_at is None or one.came_late)
    )


def check_nothing_overdue(items: Iterable[OwedItem], *, at: datetime) -> None:
    """Raise `duty:overdue` with the count: a lender says its last word only once it has laid open what it owes."""
    if missing := overdue(items, at=at):
        raise Refused("duty:overdue", count=len(missing))
