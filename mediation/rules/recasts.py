"""What is still owed where interest runs at a ceiling instead of at the contract's rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.cost import Flow, check_rate
from mediation.rules.day_counts import DayCount, year_fraction
from mediation.rules.loans import MOST_INSTALMENTS, Frequency, periodic_rate
from mediation.rules.money import HALF_UP, RoundingRule, check_amount, round_ratio


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that interest may be in a year from a day on."""

    since: date
    yearly_rate: Decimal


@dataclass(frozen=True, slots=True)
class Applied:
    """One payment: what of it went to interest and to principal, what it exceeded all debt by, what was left."""

    paid: int
    interest: int
    principal: int
    beyond: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Recast:
    """The balance at the ceiling; `overpaid` is what was paid beyond all debt. Minor units."""

    balance: int
    interest: int
    overpaid: int
    payments: tuple[Applied, ...]


def recast(
    disbursed: int,
    payments: Sequence[int],
    yearly_ceiling: Decimal,
    *,
    fees_up_front: int = 0,
    frequency: Frequency = Frequency.MONTHLY,
    rounding: RoundingRule = HALF_UP,
) -> Recast:
    """What is owed after these payments, one at the end of each period, at the ceiling.

    A fee taken from the sum up front was never disbursed and owes nothing (Civil Code of the PRC, art. 670).
    Interest of a period is principal × ceiling / periods in a year, rounded to the minor unit in each period
    and nowhere else; a payment goes to interest first, then to principal (art. 561), and interest that it does
    not cover bears none. Refused: cost:negative, plan:instalments-out-of-range, plan:rate-out-of-range,
    money:too-large.
    """
    if min(fees_up_front, disbursed - fees_up_front, *payments, 0) < 0:
        raise Refused("cost:negative", field="payments")
    if len(payments) > MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=0, most=MOST_INSTALMENTS)
    check_amount(disbursed, field="disbursed")
    rate = periodic_rate(yearly_ceiling, frequency)
    debt = _Debt(disbursed - fees_up_front, rounding)
    return debt.settled([debt.pay(paid, debt.principal * rate) for paid in payments])


def recast_by_day(
    flows: Sequence[Flow],
    ceilings: Sequence[Ceiling],
    *,
    as_of: date,
    count: DayCount = DayCount.ACTUAL_365,
    rounding: RoundingRule = HALF_UP,
) -> Recast:
    """What is owed on `as_of` after flows on any days, where the ceiling is the one in force on each day.

    Between two flows interest is simple, on principal alone; it is rounded once for each payment and once for
    the last stretch. Refused: cost:no-ceiling where none is in force on the first day, cost:flow-too-late
    (after `as_of`), cost:rate-out-of-range, money:too-large, and those of `year_fraction`.
    """
    for ceiling in ceilings:
        check_rate(ceiling.yearly_rate, field="ceilings")
    steps = sorted(ceilings, key=lambda ceiling: ceiling.since)
    ordered = sorted(flows, key=lambda flow: (flow.on, flow.amount < 0))
    if ordered and (not steps or steps[0].since > ordered[0].on):
        raise Refused("cost:no-ceiling", field="ceilings", on=ordered[0].on)
    if ordered and ordered[-1].on > as_of:
        raise Refused("cost:flow-too-late", field="flows", latest=as_of)
    debt, rows, running, reached = _Debt(0, rounding), [], Fraction(0), as_of
    for flow in ordered:
        check_amount(flow.amount, field="flows")
        running += _grown(debt.principal, min(reached, flow.on), flow.on, steps, count)
        reached = flow.on
        if flow.amount >= 0:
            debt.principal += flow.amount
            continue
        rows.append(debt.pay(-flow.amount, running))
        running = Fraction(0)
    debt.accrue(running + _grown(debt.principal, reached, as_of, steps, count))
    return debt.settled(rows)


@dataclass(slots=True)
class _Debt:
    principal: int
    rounding: RoundingRule
    interest: int = 0
    all_interest: int = 0

    def accrue(self, interest: Fraction) -> None:
        whole = round_ratio(interest.numerator, interest.denominator, self.rounding.in_minor_units())
        self.interest += whole
        self.all_interest += whole

    def pay(self, paid: int, interest: Fraction) -> Applied:
        self.accrue(interest)
        to_interest = min(paid, self.interest)
        to_principal = min(paid - to_interest, self.principal)
        self.interest -= to_interest
        self.principal -= to_principal
        beyond = paid - to_interest - to_principal
        return Applied(paid, to_interest, to_principal, beyond, self.principal + self.interest)

    def settled(self, rows: Sequence[Applied]) -> Recast:
        overpaid = sum(row.beyond for row in rows)
        return Recast(self.principal + self.interest, self.all_interest, overpaid, tuple(rows))


def _grown(principal: int, start: date, end: date, ceilings: Sequence[Ceiling], count: DayCount) -> Fraction:
    """Simple interest over the days from `start` to `end`, each at the ceiling in force on it."""
    total = Fraction(0)
    for place, ceiling in enumerate(ceilings):
        first = max(start, ceiling.since)
        last = end if place + 1 == len(ceilings) else min(end, ceilings[place + 1].since)
        if first < last:
            total += principal * Fraction(ceiling.yearly_rate) * year_fraction(first, last, count)
    return total
