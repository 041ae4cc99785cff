"""Repayment plans: terms checked against a claim, and their schedule to the cent."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from mediation.errors import Refused
from mediation.rules.deadlines import Calendar
from mediation.rules.loans import (
    FITTED_RULES,
    MOST_INSTALMENTS,
    Arrears,
    ClaimFigures,
    Frequency,
    Instalment,
    Loan,
    Method,
    Missed,
    RoundingFit,
    Schedule,
    arrears,
    due_dates,
    fit_rounding,
    level_instalment,
    loan_schedule,
    periodic_rate,
    repay_shaped,
)
from mediation.rules.money import HALF_UP, RoundingRule, check_amount, exponent, round_ratio
from mediation.rules.plan_documents import DOCUMENT_VERSION, from_document, offer_document
from mediation.rules.plan_kinds import (
    COMPONENTS,
    MOST_DECIMALS_OF_RATE,
    MOST_GRACE,
    ByComponent,
    Disputed,
    Grace,
    Terms,
    Waivers,
    check_kind,
    shape_of,
)

__all__ = [
    "COMPONENTS", "DOCUMENT_VERSION", "FITTED_RULES", "MOST_DAYS_AHEAD", "MOST_DECIMALS_OF_RATE", "MOST_GRACE",
    "MOST_INSTALMENTS", "Arrears", "ByComponent", "ClaimFigures", "Disputed", "Frequency", "Grace", "Instalment",
    "Loan", "Method", "Missed", "RoundingFit", "Schedule", "Share", "Terms", "Waivers", "arrears", "by_component",
    "check_claim", "check_terms", "due_dates", "fit_rounding", "from_document", "level_instalment", "loan_schedule",
    "offer_document", "rolled", "schedule", "smallest_term",
]  # fmt: skip

MOST_DAYS_AHEAD = 3660


@dataclass(frozen=True, slots=True)
class Share:
    """One component of a claim and what a plan makes of it, in minor units."""

    component: str
    claimed: int
    waived: int
    disputed: int

    @property
    def agreed(self) -> int:
        """What of it goes into the plan."""
        return self.claimed - self.waived - self.disputed


def check_claim(claim: ClaimFigures) -> None:
    """Passes a claim whose components are amounts from 0 up and whose total is one.

    Refused, with the component's name as field: claim:negative, money:too-large; claim:nothing-claimed.
    """
    exponent(claim.currency)
    for name in ("principal_due", "principal_not_due", "interest", "penalty", "fees"):
        amount = getattr(claim, name)
        check_amount(amount, field=name, currency=claim.currency)
        if amount < 0:
            raise Refused("claim:negative", field=name)
    check_amount(claim.total, currency=claim.currency)
    if not claim.total:
        raise Refused("claim:nothing-claimed", field="principal_due")


def check_terms(
    terms: Terms,
    claim: ClaimFigures,
    *,
    not_before: date,
    rounding: RoundingRule = HALF_UP,
    calendar: Calendar | None = None,
) -> Schedule:
    """The schedule of terms that fit the claim and hold; refused with `field` = the name of the wrong one.

    plan:other-claim-version, plan:other-currency, plan:waiver-out-of-range (fields waived_principal, …),
    plan:disputed-out-of-range (fields disputed_principal, …), plan:total-differs, plan:total-not-positive,
    plan:first-date-too-early, plan:first-date-too-late, plan:down-payment-too-early, and those of `schedule`.
    The days are judged as the terms name them, before any rolling.
    """
    if terms.claim_version != claim.version:
        raise Refused("plan:other-claim-version", field="claim_version", current=claim.version)
    if terms.currency != claim.currency:
        raise Refused("plan:other-currency", field="currency", currency=claim.currency)
    _check_components(terms, claim)
    expected = claim.total - terms.waivers.total - terms.disputed.total
    if terms.agreed_total != expected:
        raise Refused("plan:total-differs", field="agreed_total", agreed=expected, currency=claim.currency)
    if terms.first_due_on < not_before:
        raise Refused("plan:first-date-too-early", field="first_due_on", earliest=not_before)
    latest = not_before + timedelta(days=MOST_DAYS_AHEAD)
    if terms.first_due_on > latest:
        raise Refused("plan:first-date-too-late", field="first_due_on", latest=latest)
    if terms.down_payment_on is not None and terms.down_payment_on < not_before:
        raise Refused("plan:down-payment-too-early", field="down_payment_on", earliest=not_before)
    return schedule(terms, rounding=rounding, calendar=calendar)


def schedule(terms: Terms, *, rounding: RoundingRule, calendar: Calendar | None = None) -> Schedule:
    """Every payment of the terms, the down payment first; what is level is rounded, its last one takes the residue.

    Where the terms roll, each payment is due on `rolled(its day, calendar)`; rolling changes no interest, for
    a period is a period of the plan, not a count of days. Two weekly payments can roll onto one day.
    Refused: plan:calendar-missing (terms that roll, and no calendar given), those of `plan_kinds.check_kind`,
    and those of `repayment.repay_shaped`.
    """
    check_kind(terms)
    if terms.rolls and calendar is None:
        raise Refused("plan:calendar-missing", field="rolls")
    rate = periodic_rate(terms.yearly_rate, terms.frequency)
    skipped = terms.grace_periods if terms.grace is Grace.FULL else 0
    accrued = round_ratio(terms.financed * rate.numerator * skipped, rate.denominator, rounding.in_minor_units())
    days = due_dates(terms.first_due_on, terms.frequency, terms.instalments)
    plan = repay_shaped(terms.financed, rate, days, rounding, shape_of(terms, accrued=accrued))
    rows = (*_down_payment(terms), *plan.instalments)
    rows = tuple(replace(row, number=number, due_on=_due(row, terms, calendar)) for number, row in enumerate(rows, 1))
    total = terms.down_payment + plan.total
    check_amount(total, field="agreed_total", currency=terms.currency)
    return Schedule(rows, total=total, interest_total=plan.interest_total)


def rolled(on: date, calendar: Calendar) -> date:
    """The day itself, or the next working day where it is a day off (Civil Code of the PRC, art. 203).

    Plans run longer than published calendars. A day that the calendar does not know, or from which it knows no
    working day any more, is neither guessed nor refused: the plan keeps the day that its terms name, and its
    printed rule says that a day off moves the payment to the next working day.
    """
    try:
        return calendar.working_day_from(on)
    except Refused:
        return on


def by_component(terms: Terms, claim: ClaimFigures) -> tuple[Share, ...]:
    """What checked terms make of each of the five components of the claim; the agreed ones add up to the total.

    Principal that is waived is taken from what is already due first, then from what is not yet due; what is
    disputed is then taken from what is left, in the same order.
    """
    waived_due = min(terms.waivers.principal, claim.principal_due)
    disputed_due = min(terms.disputed.principal, claim.principal_due - waived_due)
    waived_later, disputed_later = terms.waivers.principal - waived_due, terms.disputed.principal - disputed_due
    return (
        Share("principal_due", claim.principal_due, waived_due, disputed_due),
        Share("principal_not_due", claim.principal_not_due, waived_later, disputed_later),
        *(
            Share(name, getattr(claim, name), getattr(terms.waivers, name), getattr(terms.disputed, name))
            for name in COMPONENTS[1:]
        ),
    )


def smallest_term(total: int, cap: int, rounding: RoundingRule) -> int:
    """The fewest instalments, without interest, of which none, the last included, exceeds `cap`.

    Refused: plan:cap-too-small where even the most instalments allowed would, or `cap` is not positive.
    """
    fewest = -(-total // cap) if cap > 0 else MOST_INSTALMENTS + 1
    for n in range(max(1, fewest), MOST_INSTALMENTS + 1):
        level = level_instalment(total, Decimal(0), n, rounding)
        last = total - level * (n - 1)
        if n == 1 or (level <= cap and 0 < last <= min(cap, 2 * level)):
            return n
    raise Refused("plan:cap-too-small", field="cap", total=total, cap=cap, instalments=MOST_INSTALMENTS)


def _check_components(terms: Terms, claim: ClaimFigures) -> None:
    for name in COMPONENTS:
        waived, disputed, component = (getattr(each, name) for each in (terms.waivers, terms.disputed, claim))
        if not 0 <= waived <= component:
            raise Refused("plan:waiver-out-of-range", field=f"waived_{name}", most=component, currency=claim.currency)
        most = component - waived
        if not 0 <= disputed <= most:
            raise Refused("plan:disputed-out-of-range", field=f"disputed_{name}", most=most, currency=claim.currency)


def _down_payment(terms: Terms) -> tuple[Instalment, ...]:
    if terms.down_payment_on is None:
        return ()
    paid = terms.down_payment
    return (Instalment(1, terms.down_payment_on, paid, 0, paid, terms.financed),)


def _due(row: Instalment, terms: Terms, calendar: Calendar | None) -> date:
    return rolled(row.due_on, calendar) if terms.rolls and calendar is not None else row.due_on
