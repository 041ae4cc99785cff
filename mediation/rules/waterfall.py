"""What a payment pays: costs, then interest and penalty, then principal, the oldest first, to the minor unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from mediation.errors import Refused
from mediation.rules.loans import Arrears
from mediation.rules.money import Odd, check_amount, split


class Part(StrEnum):
    """What a debt is made of; fees are the costs of claiming it."""

    FEES = "fees"
    INTEREST = "interest"
    PENALTY = "penalty"
    PRINCIPAL = "principal"


class Sweep(StrEnum):
    """What is finished first where several debts are owed.

    part_by_part: all the fees, the oldest first, then all the interest, and so on; art. 561 read over
    everything that is due. debt_by_debt: the oldest debt whole, then the next, as instalments are often kept.
    """

    PART_BY_PART = "part_by_part"
    DEBT_BY_DEBT = "debt_by_debt"


# Civil Code of the PRC, art. 561: the costs of claiming the debt, interest, the principal. A penalty for late
# payment is counted with interest and comes after it.
BY_LAW = (Part.FEES, Part.INTEREST, Part.PENALTY, Part.PRINCIPAL)
PRINCIPAL_FIRST = (Part.PRINCIPAL, Part.INTEREST, Part.PENALTY, Part.FEES)


@dataclass(frozen=True, slots=True)
class Debt:
    """One amount due on one day, by part, in minor units from 0 up."""

    due_on: date
    fees: int = 0
    interest: int = 0
    penalty: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        """The parts together."""
        return self.fees + self.interest + self.penalty + self.principal


@dataclass(frozen=True, slots=True)
class Applied:
    """A payment applied: what each debt got and what is left of it, in the order given, and what nobody was owed."""

    paid: tuple[Debt, ...]
    left: tuple[Debt, ...]
    beyond: int

    def paid_on(self, part: Part) -> int:
        """What went to that part of all debts together."""
        return sum(getattr(debt, part) for debt in self.paid)

    def left_of(self, part: Part) -> int:
        """What is still owed of that part of all debts together."""
        return sum(getattr(debt, part) for debt in self.left)


def apply_payment(
    payment: int,
    debts: Sequence[Debt],
    *,
    on: date,
    order: Sequence[Part] = BY_LAW,
    sweep: Sweep = Sweep.PART_BY_PART,
) -> Applied:
    """What `payment` minor units, made on the day `on`, pay of the debts; payment = paid + beyond, always.

    Debts that are due come before those that are not, and the earlier due before the later; where the day is
    the same, each gets its share in proportion, odd minor units to the largest remainders (Civil Code of the
    PRC, art. 560; security and burden, which it also weighs, are alike for the instalments of one loan).
    Within that the parts stand in `order` (art. 561, unless the parties agreed another).
    A debt that is not yet due is stated as it would be owed: interest that has not run is left out of it.
    Refused: money:negative (field payment, or the part of a debt), money:too-large, waterfall:order-incomplete
    (an order that does not name each part once).
    """
    if payment < 0:
        raise Refused("money:negative", field="payment")
    check_amount(payment, field="payment")
    if sorted(order) != sorted(Part):
        raise Refused("waterfall:order-incomplete", field="order")
    _check_debts(debts)
    paid = [dict.fromkeys(Part, 0) for _ in debts]
    beyond = payment
    for part, places in _turns(debts, on, order, sweep):
        owed = [getattr(debts[place], part) for place in places]
        given = min(beyond, sum(owed))
        if given:
            for place, share in zip(places, split(given, owed, odd=Odd.LARGEST), strict=True):
                paid[place][part] = share
            beyond -= given
    got = tuple(_debt(debt.due_on, parts) for debt, parts in zip(debts, paid, strict=True))
    left = tuple(
        _debt(debt.due_on, {part: getattr(debt, part) - parts[part] for part in Part})
        for debt, parts in zip(debts, paid, strict=True)
    )
    return Applied(got, left, beyond)


def debts_of(owed: Arrears) -> tuple[Debt, ...]:
    """The missed instalments of a loan as debts, each with the penalty it drew; what is not yet due is none."""
    return tuple(
        Debt(one.instalment.due_on, 0, one.instalment.interest, one.penalty, one.instalment.principal)
        for one in owed.missed
    )


def _check_debts(debts: Sequence[Debt]) -> None:
    for debt in debts:
        for part in Part:
            if getattr(debt, part) < 0:
                raise Refused("money:negative", field=part.value)
    check_amount(sum(debt.total for debt in debts))


def _turns(
    debts: Sequence[Debt], on: date, order: Sequence[Part], sweep: Sweep
) -> Iterator[tuple[Part, tuple[int, ...]]]:
    """Whose turn it is, one after the other: a part, and the places of the debts that share in it."""
    by_day = sorted(range(len(debts)), key=lambda place: debts[place].due_on)
    days = [tuple(places) for _, places in groupby(by_day, key=lambda place: debts[place].due_on)]
    for is_later in (False, True):
        among = [places for places in days if (debts[places[0]].due_on > on) == is_later]
        if sweep is Sweep.PART_BY_PART:
            yield from ((part, places) for part in order for places in among)
        else:
            yield from ((part, places) for places in among for part in order)


def _debt(due_on: date, parts: dict[Part, int]) -> Debt:
    return Debt(due_on, parts[Part.FEES], parts[Part.INTEREST], parts[Part.PENALTY], parts[Part.PRINCIPAL])
