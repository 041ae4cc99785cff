"""What the checks of the law look at: a claim, a plan and a settlement as frozen values; None is always unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from mediation.rules.legal_rules import DAYS_IN_A_YEAR
from mediation.rules.lenders import LenderType
from mediation.rules.limitation import DebtHistory
from mediation.rules.plans import ClaimFigures, Frequency, Grace, Schedule, Terms, due_dates
from mediation.rules.settlement import CourtStatus
from mediation.rules.waterfall import Part

UNKNOWN_HISTORY = DebtHistory(last_due_on=None, interruptions=None)
# A claim that was bought or paid off for the borrower keeps the ceiling of the loan it came from.
NOT_MAKERS = frozenset({LenderType.ASSET_MANAGER, LenderType.GUARANTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """A claim on the day of the check, `on`. Money is minor units of the figures' currency, rates are fractions.

    `lender` claims; `original_lender` made the loan where another did. `yearly_rate` is the contract's;
    `overdue_yearly_rate` takes its place after the due date (CN-R06: where none was agreed, pass None and the
    contract's goes on). `penalty_daily_rate` and `fees` are 0 where there are none. `all_in_yearly_rate` is the
    measured cost with every fee and without the penalty (12 x the monthly IRR). `recast_balance` is what is left
    when every payment is counted at the ceiling. `contract_principal` is what the contract lends,
    `net_disbursed` what was handed over, `paid_total` all payments so far.
    """

    figures: ClaimFigures
    on: date
    lender: LenderType | None = None
    original_lender: LenderType | None = None
    is_assisted: bool | None = None
    is_credit_card: bool | None = None
    contract_on: date | None = None
    disbursed_on: date | None = None
    contract_principal: int | None = None
    net_disbursed: int | None = None
    paid_total: int | None = None
    yearly_rate: Decimal | None = None
    overdue_yearly_rate: Decimal | None = None
    penalty_daily_rate: Decimal | None = None
    fees: int | None = None
    all_in_yearly_rate: Decimal | None = None
    recast_balance: int | None = None
    interest_capitalised: bool | None = None
    payment_order: tuple[Part, ...] | None = None
    order_is_agreed: bool | None = None
    history: DebtHistory = UNKNOWN_HISTORY

    @property
    def maker(self) -> LenderType | None:
        """Who made the loan, as far as is known; an asset manager or a guarantor where nobody says whose it was."""
        return self.lender if self.lender not in NOT_MAKERS else self.original_lender or self.lender

    @property
    def base_rate(self) -> Decimal | None:
        """The yearly cost without the penalty: the dearest of the rates that are known."""
        known = [self.yearly_rate, self.overdue_yearly_rate, self.all_in_yearly_rate]
        return max((rate for rate in known if rate is not None), default=None)

    @property
    def is_cost_known(self) -> bool:
        """Whether no part of the yearly cost is left open: a rate, the penalty, and the fees or their measure."""
        has_fees = self.all_in_yearly_rate is not None or self.fees == 0
        return self.base_rate is not None and self.penalty_daily_rate is not None and has_fees

    @property
    def penalty_yearly_rate(self) -> Decimal:
        """The daily penalty over 365 days; 0 where it is unknown."""
        return (self.penalty_daily_rate or Decimal(0)) * DAYS_IN_A_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """An offer's terms and their schedule, against the claim that they answer."""

    claim: ClaimFacts
    terms: Terms
    schedule: Schedule

    @property
    def starts_on(self) -> date:
        """The day from which the plan runs: one period, and a full grace, before the first due date."""
        terms = self.terms
        periods = 1 + (terms.grace_periods if terms.grace is Grace.FULL else 0)
        if terms.frequency is Frequency.MONTHLY:
            return _months_earlier(terms.first_due_on, periods)
        apart = due_dates(terms.first_due_on, terms.frequency, 2)
        return terms.first_due_on - (apart[1] - apart[0]) * periods

    @property
    def last_due_on(self) -> date:
        """The due date of the last payment, before any day off moves it."""
        return due_dates(self.terms.first_due_on, self.terms.frequency, self.terms.instalments)[-1]

    @property
    def kept(self) -> Mapping[str, int]:
        """What the plan keeps of each component of the claim, neither waived nor left open, in minor units."""
        figures, waived, disputed = self.claim.figures, self.terms.waivers, self.terms.disputed
        names = ("principal", "interest", "penalty", "fees")
        return MappingProxyType(
            {name: getattr(figures, name) - getattr(waived, name) - getattr(disputed, name) for name in names}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFacts:
    """What an agreement adds to its plan: the rate after a breach, the order of payments, the day of effect.

    `default_yearly_rate` is 0 where nothing runs after a breach; `effective_on` is None before the seal.
    `old_debt_confirmed` is the borrower's separate yes before signing.
    """

    plan: PlanFacts
    default_yearly_rate: Decimal | None = None
    payment_order: tuple[Part, ...] | None = None
    effective_on: date | None = None
    court: CourtStatus | None = None
    old_debt_confirmed: bool = False


def _months_earlier(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))
