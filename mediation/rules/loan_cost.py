"""A loan in equal instalments as money that moved: what it costs in a year, and what is left at a ceiling."""

from dataclasses import dataclass, replace

from mediation.errors import Refused
from mediation.rules.cost import AllIn, Fee, all_in
from mediation.rules.legal_facts import ClaimFacts
from mediation.rules.legal_rules import LawBook
from mediation.rules.rate_caps import Ceiling, ceilings
from mediation.rules.recasts import Recast, recast


@dataclass(frozen=True, slots=True)
class LoanFlows:
    """Monthly instalments of one amount, in minor units.

    `disbursed` is what reached the borrower before `fee_up_front`, a fee of the first day; `instalment` is what
    is paid each month, `fee_each` of it a fee; `paid_count` of `instalments` have been paid, the first ones.
    """

    disbursed: int
    fee_up_front: int
    instalment: int
    fee_each: int
    instalments: int
    paid_count: int

    @property
    def paid_total(self) -> int:
        """What has been paid in instalments so far."""
        return self.instalment * self.paid_count

    @property
    def left_by_contract(self) -> int:
        """What the contract still asks in instalments."""
        return self.instalment * (self.instalments - self.paid_count)

    def cost(self) -> AllIn:
        """The yearly cost with every fee, and without; refused as in `cost.all_in`."""
        fees = [Fee(0, self.fee_up_front)] if self.fee_up_front else []
        if self.fee_each:
            fees += [Fee(period, self.fee_each) for period in range(1, self.instalments + 1)]
        return all_in(self.disbursed, [self.instalment - self.fee_each] * self.instalments, fees=fees)

    def cost_or_none(self) -> AllIn | None:
        """The yearly cost; None where these flows have none."""
        try:
            return self.cost()
        except Refused:
            return None

    def recast_at(self, ceiling: Ceiling) -> Recast:
        """What is left when every payment is counted at the ceiling; refused as in `recasts.recast`."""
        paid = [self.instalment] * self.paid_count
        return recast(self.disbursed, paid, ceiling.yearly_rate, fees_up_front=self.fee_up_front)

    def recast_in(self, facts: ClaimFacts, book: LawBook) -> ClaimFacts:
        """The facts, with the balance at the lowest ceiling where the measured cost is above it."""
        ceiling = lowest_ceiling(facts, book)
        if ceiling is None or (facts.base_rate or 0) <= ceiling.yearly_rate:
            return facts
        return replace(facts, recast_balance=self.recast_at(ceiling).balance)


def lowest_ceiling(facts: ClaimFacts, book: LawBook) -> Ceiling | None:
    """The ceiling that binds most; None where it is unknown."""
    return min(ceilings(facts, book), key=lambda one: one.yearly_rate, default=None)
