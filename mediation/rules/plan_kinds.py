"""What a plan may say: its terms, what is waived or left open by component, and the checks of its kind alone."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from mediation.errors import Refused
from mediation.rules.money import check_amount
from mediation.rules.repayment import MOST_INSTALMENTS, Frequency, Method, Shape

MOST_GRACE = 60
MOST_DECIMALS_OF_RATE = 6
COMPONENTS = ("principal", "interest", "penalty", "fees")


class Grace(StrEnum):
    """What a grace period spares.

    interest_only: the first `grace_periods` of the instalments carry interest alone.
    full: `grace_periods` periods without payment lie before `first_due_on`; their interest is simple, on the
    whole amount that is repaid in instalments, rounded once, and is added to the first instalment.
    """

    NONE = "none"
    INTEREST_ONLY = "interest_only"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class ByComponent:
    """Amounts by component of a claim, in minor units; principal is not told apart by what is due."""

    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fees: int = 0

    @property
    def total(self) -> int:
        """The components together."""
        return self.principal + self.interest + self.penalty + self.fees


@dataclass(frozen=True, slots=True)
class Waivers(ByComponent):
    """What the lender gives up, by component, in minor units."""


@dataclass(frozen=True, slots=True)
class Disputed(ByComponent):
    """What the plan leaves open, by component, in minor units: neither agreed nor given up."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan says. `agreed_total` is the claim less waived and disputed, before any interest of the plan.

    There are always `instalments` payments, and the first is always due on `first_due_on`. One instalment is a
    lump sum. Money in minor units; 0 and None say that the plan has no such thing.

    step_after, step_amount: the first `step_after` instalments are of `step_amount`, interest included, and
    what they leave is repaid by the method in the others; no instalment of interest alone beside it.
    down_payment: paid on `down_payment_on`, before `first_due_on` and beside the instalments; it is row 1 of
    the schedule, all principal. It bears no interest of the plan, and no other row bears interest on it.
    balloon: the principal left for the last instalment, which carries that period's interest too.
    rolls: a payment due on a day off is due on the next working day (Civil Code of the PRC, art. 203).
    """

    claim_version: int
    currency: str
    agreed_total: int
    waivers: Waivers
    instalments: int
    frequency: Frequency
    first_due_on: date
    yearly_rate: Decimal = Decimal(0)
    grace: Grace = Grace.NONE
    grace_periods: int = 0
    method: Method = Method.EQUAL_INSTALMENTS
    step_after: int = 0
    step_amount: int = 0
    down_payment: int = 0
    down_payment_on: date | None = None
    balloon: int = 0
    rolls: bool = False
    disputed: Disputed = field(default_factory=Disputed)

    @property
    def financed(self) -> int:
        """What is repaid in instalments."""
        return self.agreed_total - self.down_payment


def check_kind(terms: Terms) -> None:
    """Passes terms whose parts fit each other; what the claim and the day say is not looked at.

    Refused, with the term's name as field: plan:instalments-out-of-range, plan:rate-out-of-range (0 to 1),
    plan:rate-too-fine (6 decimals), plan:grace-periods-out-of-range, plan:grace-needs-rate,
    plan:total-not-positive, money:too-large, those of the down payment (plan:down-payment-out-of-range,
    -missing, -day-missing, -too-late), plan:balloon-out-of-range, and those of steps (plan:steps-out-of-range,
    plan:steps-missing, plan:step-amount-missing, plan:steps-with-grace, plan:steps-with-equal-principal).
    """
    if not 1 <= terms.instalments <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)
    _check_rate(terms.yearly_rate)
    _check_grace(terms)
    if terms.agreed_total <= 0:
        raise Refused("plan:total-not-positive", field="agreed_total")
    check_amount(terms.agreed_total, field="agreed_total", currency=terms.currency)
    _check_down_payment(terms)
    _check_balloon(terms)
    _check_steps(terms)


def shape_of(terms: Terms, *, accrued: int) -> Shape:
    """How the financed amount of checked terms is repaid; `accrued` is the interest of a full grace."""
    return Shape(
        method=terms.method,
        interest_only=terms.grace_periods if terms.grace is Grace.INTEREST_ONLY else 0,
        step_after=terms.step_after,
        step_amount=terms.step_amount,
        balloon=terms.balloon,
        accrued=accrued,
    )


def _check_rate(rate: Decimal) -> None:
    if not rate.is_finite() or not 0 <= rate <= 1:
        raise Refused("plan:rate-out-of-range", field="yearly_rate", least=0, most=1)
    if int(rate.as_tuple().exponent) < -MOST_DECIMALS_OF_RATE:
        raise Refused("plan:rate-too-fine", field="yearly_rate", decimals=MOST_DECIMALS_OF_RATE)


def _check_grace(terms: Terms) -> None:
    least, most = {
        Grace.NONE: (0, 0),
        Grace.INTEREST_ONLY: (1, min(MOST_GRACE, _before_regular(terms))),
        Grace.FULL: (1, MOST_GRACE),
    }[terms.grace]
    if not least <= terms.grace_periods <= most:
        raise Refused("plan:grace-periods-out-of-range", field="grace_periods", least=least, most=most)
    if terms.grace is Grace.INTEREST_ONLY and not terms.yearly_rate:
        raise Refused("plan:grace-needs-rate", field="grace")


def _check_down_payment(terms: Terms) -> None:
    most = terms.agreed_total - 1
    if not 0 <= terms.down_payment <= most:
        raise Refused("plan:down-payment-out-of-range", field="down_payment", most=most, currency=terms.currency)
    if terms.down_payment_on is None:
        if terms.down_payment:
            raise Refused("plan:down-payment-day-missing", field="down_payment_on")
        return
    if not terms.down_payment:
        raise Refused("plan:down-payment-missing", field="down_payment")
    if terms.down_payment_on >= terms.first_due_on:
        latest = terms.first_due_on - timedelta(days=1)
        raise Refused("plan:down-payment-too-late", field="down_payment_on", latest=latest)


def _check_balloon(terms: Terms) -> None:
    most = terms.financed - 1 if terms.instalments > 1 else 0
    if not 0 <= terms.balloon <= most:
        raise Refused("plan:balloon-out-of-range", field="balloon", most=most, currency=terms.currency)


def _check_steps(terms: Terms) -> None:
    most = _before_regular(terms)
    if not 0 <= terms.step_after <= most:
        raise Refused("plan:steps-out-of-range", field="step_after", least=0, most=most)
    if terms.step_amount and not terms.step_after:
        raise Refused("plan:steps-missing", field="step_after", least=1, most=most)
    if terms.step_after and terms.step_amount <= 0:
        raise Refused("plan:step-amount-missing", field="step_amount")
    if terms.step_after and terms.grace is Grace.INTEREST_ONLY:
        raise Refused("plan:steps-with-grace", field="step_after")
    if terms.step_after and terms.method is Method.EQUAL_PRINCIPAL:
        raise Refused("plan:steps-with-equal-principal", field="step_after")


def _before_regular(terms: Terms) -> int:
    """How many instalments may come before the regular ones, of which there is always one."""
    return max(0, terms.instalments - 1 - bool(terms.balloon))
