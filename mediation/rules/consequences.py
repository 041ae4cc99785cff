"""What follows from a plan, and from none: one preview that both sides and the mediator read alike."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mediation.rules.assumptions import Assumptions, fee_on
from mediation.rules.cost import Flow, present_value
from mediation.rules.loans import ClaimFigures, Frequency, Instalment, Schedule, due_dates
from mediation.rules.money import HALF_UP, Rounding, RoundingRule, round_ratio
from mediation.rules.plan_kinds import Terms

SHARE_DECIMALS = 4

_UP = RoundingRule(Rounding.UP)


@dataclass(frozen=True, slots=True)
class BreachRule:
    """What the agreement will say about an instalment that does not arrive; the mediator's choices."""

    grace_days: int = 3
    cure_days: int = 15
    accelerates: bool = True
    default_yearly_rate: Decimal = Decimal(0)


USUAL_RULE = BreachRule()


@dataclass(frozen=True, slots=True)
class Breach:
    """What follows when an instalment is missed, at its worst: when it is the first.

    in_time_until: the last day on which paying still counts as in time: the days of grace, a notice that arrives
    the day after, the days of cure. most_at_once: what may be asked after it, minor units: all that is not yet
    paid where the agreement accelerates, otherwise that instalment; never anything that was waived. Source: the
    clauses grace_and_cure and consequence of `clauses.Family`.
    """

    rule: BreachRule
    in_time_until: date
    most_at_once: int


@dataclass(frozen=True, slots=True)
class Span:
    """From so much to so much, in minor units."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class NoAgreement:
    """What is assumed where no plan is agreed and the lender sues; amounts in minor units.

    months: until money is collected. court_fee: paid in advance by the lender, borne in the end by the side that
    loses. enforcement_fee: borne by the borrower. interest: what runs on the principal meanwhile at the
    contract's rate, None where that rate is not known. recovered: what the lender collects of the claim.
    net_present_value: that, today, the court's fee spent: low is the smallest share after the longest time at
    the highest fee, high the largest after the shortest at the lowest. borrower_owes: the claim, with the
    lowest fee and the shortest interest; or with the highest, the longest and the fee of enforcement.
    """

    months: tuple[int, int]
    court_fee: Span
    enforcement_fee: int
    interest: Span | None
    recovered: Span
    net_present_value: Span
    borrower_owes: Span
    assumptions: Assumptions


@dataclass(frozen=True, slots=True)
class Payments:
    """What is to be paid and when, in minor units.

    instalment: what most instalments are (the earlier amount where two are as frequent). highest, last_amount:
    the largest instalment, and the last. instalments: how many. None of these counts the down payment.
    monthly: the largest instalment as a month's amount, a weekly one times 52/12 and so on, rounded up.
    months: until the last day, a begun one counted whole.
    """

    frequency: Frequency
    down_payment: int
    down_payment_on: date | None
    instalment: int
    highest: int
    last_amount: int
    instalments: int
    monthly: int
    first_due_on: date
    last_due_on: date
    months: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a plan means on a day, in minor units, and shares rounded to four decimals; the same for every reader.

    total: everything paid, interest included, which is what the lender gets back; recovered_share: that, of the
    claim. left_open: what the plan leaves in dispute. saved: the claim less both; below zero the plan costs more
    than the claim. share_of_surplus: a month's payments of what the borrower has left in a month, None where the
    reader does not know it or nothing is left. present_value, present_value_share: what is paid, discounted to
    the day at the effective `yearly_rate`. no_agreement: None where nothing is assumed for this currency.
    """

    on: date
    currency: str
    payments: Payments
    total: int
    interest_total: int
    claimed: int
    left_open: int
    saved: int
    share_of_surplus: Decimal | None
    recovered_share: Decimal
    yearly_rate: Decimal
    present_value: int
    present_value_share: Decimal
    breach: Breach
    no_agreement: NoAgreement | None


def of(
    terms: Terms,
    plan: Schedule,
    claim: ClaimFigures,
    assumptions: Assumptions | None,
    *,
    yearly_rate: Decimal,
    on: date,
    breach: BreachRule = USUAL_RULE,
    surplus: int | None = None,
    contract_yearly_rate: Decimal | None = None,
) -> Consequences:
    """The preview of checked terms and their schedule, against the claim they name, on a day.

    `yearly_rate`: the effective one at which later money is worth less to the lender now. `surplus`: the
    borrower's monthly one in minor units, given only where the reader may know it. `contract_yearly_rate`: the
    nominal one that goes on running without an agreement. Refused as in `cost.present_value`:
    cost:rate-out-of-range, cost:flow-in-the-past (a payment before `on`).
    """
    payments = _payments(terms, plan, on)
    value = present_value([Flow(row.due_on, row.amount) for row in plan.instalments], yearly_rate, on=on)
    return Consequences(
        on=on,
        currency=terms.currency,
        payments=payments,
        total=plan.total,
        interest_total=plan.interest_total,
        claimed=claim.total,
        left_open=terms.disputed.total,
        saved=claim.total - terms.disputed.total - plan.total,
        share_of_surplus=_share(payments.monthly, surplus) if surplus is not None and surplus > 0 else None,
        recovered_share=_share(plan.total, claim.total),
        yearly_rate=yearly_rate,
        present_value=value,
        present_value_share=_share(value, claim.total),
        breach=_breach(_instalments(terms, plan), breach),
        no_agreement=_no_agreement(claim, assumptions, yearly_rate, contract_yearly_rate, on),
    )


def monthly_burden(instalment: int, frequency: Frequency) -> int:
    """What instalments of that amount come to in a month, minor units: times 52/12, 26/12 or 13/12, rounded up."""
    return round_ratio(instalment * frequency.periods_in_a_year, 12, _UP)


def months_until(last_on: date, on: date) -> int:
    """Months from a day to a later one, a begun one counted whole; 0 where it is not later."""
    whole = (last_on.year - on.year) * 12 + last_on.month - on.month
    return max(0, whole + (last_on.day > on.day))


def _payments(terms: Terms, plan: Schedule, on: date) -> Payments:
    rows = _instalments(terms, plan)
    amounts = [row.amount for row in rows]
    return Payments(
        frequency=terms.frequency,
        down_payment=terms.down_payment,
        down_payment_on=plan.instalments[0].due_on if terms.down_payment else None,
        instalment=Counter(amounts).most_common(1)[0][0],
        highest=max(amounts),
        last_amount=amounts[-1],
        instalments=len(rows),
        monthly=monthly_burden(max(amounts), terms.frequency),
        first_due_on=rows[0].due_on,
        last_due_on=rows[-1].due_on,
        months=months_until(rows[-1].due_on, on),
    )


def _instalments(terms: Terms, plan: Schedule) -> tuple[Instalment, ...]:
    """The rows without the down payment, which is the first one where there is one."""
    return plan.instalments[1:] if terms.down_payment else plan.instalments


def _breach(rows: tuple[Instalment, ...], rule: BreachRule) -> Breach:
    unpaid = rows if rule.accelerates else rows[:1]
    return Breach(
        rule=rule,
        in_time_until=rows[0].due_on + timedelta(days=rule.grace_days + 1 + rule.cure_days),
        most_at_once=sum(row.amount for row in unpaid),
    )


def _no_agreement(
    claim: ClaimFigures, assumed: Assumptions | None, yearly_rate: Decimal, contract_rate: Decimal | None, on: date
) -> NoAgreement | None:
    if assumed is None or assumed.currency != claim.currency:
        return None
    soon, late = assumed.months.low, assumed.months.high
    least, most = assumed.court_fee_share.low, assumed.court_fee_share.high
    fee = Span(fee_on(claim.total, assumed.court_fee, share=least), fee_on(claim.total, assumed.court_fee, share=most))
    enforcement = fee_on(claim.total, assumed.enforcement_fee)
    interest = None
    if contract_rate is not None:
        interest = Span(*(_running(claim.principal, contract_rate, months) for months in (soon, late)))
    share = assumed.recovery_share
    recovered = Span(_rounded(claim.total * share.low), _rounded(claim.total * share.high))
    running = interest or Span(0, 0)
    return NoAgreement(
        months=(soon, late),
        court_fee=fee,
        enforcement_fee=enforcement,
        interest=interest,
        recovered=recovered,
        net_present_value=Span(
            _later(recovered.low, late, yearly_rate, on) - fee.high,
            _later(recovered.high, soon, yearly_rate, on) - fee.low,
        ),
        borrower_owes=Span(claim.total + running.low + fee.low, claim.total + running.high + fee.high + enforcement),
        assumptions=assumed,
    )


def _running(principal: int, yearly_rate: Decimal, months: int) -> int:
    numerator, denominator = yearly_rate.as_integer_ratio()
    return round_ratio(principal * numerator * months, denominator * 12, HALF_UP)


def _later(amount: int, months: int, yearly_rate: Decimal, on: date) -> int:
    """What an amount that arrives so many months later is worth on the day."""
    return present_value([Flow(due_dates(on, Frequency.MONTHLY, months + 1)[-1], amount)], yearly_rate, on=on)


def _share(part: int, whole: int) -> Decimal:
    return Decimal(round_ratio(part * 10**SHARE_DECIMALS, whole, HALF_UP)).scaleb(-SHARE_DECIMALS)


def _rounded(amount: Decimal) -> int:
    return round_ratio(*amount.as_integer_ratio(), HALF_UP)
