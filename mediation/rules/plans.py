"""Repayment plans: terms checked against a claim, their schedule to the cent, and the document kept for ever."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from mediation.errors import Refused
from mediation.rules.loans import (
    FITTED_RULES,
    MOST_INSTALMENTS,
    Arrears,
    ClaimFigures,
    Frequency,
    Instalment,
    Loan,
    Missed,
    RoundingFit,
    Schedule,
    arrears,
    due_dates,
    fit_rounding,
    level_instalment,
    loan_schedule,
    periodic_rate,
    repay,
)
from mediation.rules.money import HALF_UP, RoundingRule, check_amount, exponent, round_ratio

__all__ = [
    "FITTED_RULES", "MOST_INSTALMENTS", "Arrears", "ClaimFigures", "Frequency", "Grace", "Instalment", "Loan",
    "Missed", "RoundingFit", "Schedule", "Terms", "Waivers", "arrears", "check_claim", "check_terms",
    "due_dates", "fit_rounding", "from_document", "level_instalment", "loan_schedule", "offer_document",
    "schedule", "smallest_term",
]  # fmt: skip

MOST_GRACE = 60
MOST_DECIMALS_OF_RATE = 6
MOST_DAYS_AHEAD = 3660
DOCUMENT_VERSION = 1
_COMPONENTS = ("principal", "interest", "penalty", "fees")


class Grace(StrEnum):
    """What a grace period spares.

    interest_only: the first `grace_periods` of the instalments carry interest alone.
    full: `grace_periods` periods without payment lie before `first_due_on`; their interest is simple, on the
    whole amount, rounded once, and is added to the first instalment.
    """

    NONE = "none"
    INTEREST_ONLY = "interest_only"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Waivers:
    """What the lender gives up, by component, in minor units."""

    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fees: int = 0

    @property
    def total(self) -> int:
        """Everything given up."""
        return self.principal + self.interest + self.penalty + self.fees


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan says. `agreed_total` is the claim less the waivers, before any interest of the plan.

    There are always `instalments` payments, and the first is always due on `first_due_on`.
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


def check_terms(terms: Terms, claim: ClaimFigures, *, not_before: date, rounding: RoundingRule = HALF_UP) -> Schedule:
    """The schedule of terms that fit the claim and hold; refused with `field` = the name of the wrong one.

    plan:other-claim-version, plan:other-currency, plan:waiver-out-of-range (fields waived_principal, …),
    plan:total-differs, plan:total-not-positive, plan:first-date-too-early, plan:first-date-too-late, and
    those of `schedule`.
    """
    if terms.claim_version != claim.version:
        raise Refused("plan:other-claim-version", field="claim_version", current=claim.version)
    if terms.currency != claim.currency:
        raise Refused("plan:other-currency", field="currency", currency=claim.currency)
    _check_waivers(terms.waivers, claim)
    expected = claim.total - terms.waivers.total
    if terms.agreed_total != expected:
        raise Refused("plan:total-differs", field="agreed_total", agreed=expected, currency=claim.currency)
    if terms.first_due_on < not_before:
        raise Refused("plan:first-date-too-early", field="first_due_on", earliest=not_before)
    latest = not_before + timedelta(days=MOST_DAYS_AHEAD)
    if terms.first_due_on > latest:
        raise Refused("plan:first-date-too-late", field="first_due_on", latest=latest)
    return schedule(terms, rounding=rounding)


def schedule(terms: Terms, *, rounding: RoundingRule) -> Schedule:
    """Every instalment of the terms; level amounts, the last one taking the residue.

    Refused: plan:instalments-out-of-range, plan:rate-out-of-range (0 to 1), plan:rate-too-fine (6 decimals),
    plan:grace-periods-out-of-range, plan:grace-needs-rate, and those of `loans.repay`.
    """
    _check_shape(terms)
    rate = periodic_rate(terms.yearly_rate, terms.frequency)
    skipped = terms.grace_periods if terms.grace is Grace.FULL else 0
    accrued = terms.agreed_total * rate.numerator * skipped
    return repay(
        terms.agreed_total,
        rate,
        due_dates(terms.first_due_on, terms.frequency, terms.instalments),
        rounding,
        interest_only=terms.grace_periods if terms.grace is Grace.INTEREST_ONLY else 0,
        accrued=round_ratio(accrued, rate.denominator, rounding.in_minor_units()),
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


def offer_document(
    terms: Terms, claim: ClaimFigures, plan: Schedule, rounding: RoundingRule, lawbook_version: str
) -> dict[str, Any]:
    """The JSON value an offer keeps for ever: whole numbers, text, lists; rates and days as text."""
    return {
        "v": DOCUMENT_VERSION,
        "lawbook_version": lawbook_version,
        "rounding": str(rounding),
        "claim": {**{name: getattr(claim, name) for name in ClaimFigures.__slots__}, "total": claim.total},
        "terms": {
            "claim_version": terms.claim_version,
            "currency": terms.currency,
            "agreed_total": terms.agreed_total,
            "waivers": {name: getattr(terms.waivers, name) for name in _COMPONENTS},
            "instalments": terms.instalments,
            "frequency": terms.frequency.value,
            "first_due_on": terms.first_due_on.isoformat(),
            "yearly_rate": format(terms.yearly_rate.normalize(), "f"),
            "grace": terms.grace.value,
            "grace_periods": terms.grace_periods,
        },
        "schedule": {
            "instalments": [_row_document(row) for row in plan.instalments],
            "interest_total": plan.interest_total,
            "total": plan.total,
        },
    }


def from_document(document: dict[str, Any]) -> tuple[Terms, ClaimFigures, Schedule, RoundingRule]:
    """What `offer_document` wrote, read back without computing anything.

    Refused: plan:unknown-document (another version), plan:damaged-document (a value missing or of another
    kind).
    """
    if document.get("v") != DOCUMENT_VERSION:
        raise Refused("plan:unknown-document", version=document.get("v"))
    try:
        return (
            _terms_from(document["terms"]),
            _claim_from(document["claim"]),
            _schedule_from(document["schedule"]),
            RoundingRule.parse(document["rounding"]),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, Refused) as error:
        raise Refused("plan:damaged-document") from error


def _check_waivers(waivers: Waivers, claim: ClaimFigures) -> None:
    for name in _COMPONENTS:
        waived, component = getattr(waivers, name), getattr(claim, name)
        if not 0 <= waived <= component:
            raise Refused("plan:waiver-out-of-range", field=f"waived_{name}", most=component, currency=claim.currency)


def _check_shape(terms: Terms) -> None:
    if not 1 <= terms.instalments <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)
    rate = terms.yearly_rate
    if not rate.is_finite() or not 0 <= rate <= 1:
        raise Refused("plan:rate-out-of-range", field="yearly_rate", least=0, most=1)
    if int(rate.as_tuple().exponent) < -MOST_DECIMALS_OF_RATE:
        raise Refused("plan:rate-too-fine", field="yearly_rate", decimals=MOST_DECIMALS_OF_RATE)
    least, most = {
        Grace.NONE: (0, 0),
        Grace.INTEREST_ONLY: (1, min(MOST_GRACE, terms.instalments - 1)),
        Grace.FULL: (1, MOST_GRACE),
    }[terms.grace]
    if not least <= terms.grace_periods <= most:
        raise Refused("plan:grace-periods-out-of-range", field="grace_periods", least=least, most=most)
    if terms.grace is Grace.INTEREST_ONLY and not rate:
        raise Refused("plan:grace-needs-rate", field="grace")


def _row_document(row: Instalment) -> dict[str, Any]:
    return {
        "number": row.number,
        "due_on": row.due_on.isoformat(),
        "principal": row.principal,
        "interest": row.interest,
        "amount": row.amount,
        "remaining": row.remaining,
    }


def _terms_from(kept: dict[str, Any]) -> Terms:
    return Terms(
        claim_version=_whole(kept["claim_version"]),
        currency=_text(kept["currency"]),
        agreed_total=_whole(kept["agreed_total"]),
        waivers=Waivers(*(_whole(kept["waivers"][name]) for name in _COMPONENTS)),
        instalments=_whole(kept["instalments"]),
        frequency=Frequency(kept["frequency"]),
        first_due_on=date.fromisoformat(kept["first_due_on"]),
        yearly_rate=Decimal(_text(kept["yearly_rate"])),
        grace=Grace(kept["grace"]),
        grace_periods=_whole(kept["grace_periods"]),
    )


def _claim_from(kept: dict[str, Any]) -> ClaimFigures:
    return ClaimFigures(
        version=_whole(kept["version"]),
        currency=_text(kept["currency"]),
        principal_due=_whole(kept["principal_due"]),
        principal_not_due=_whole(kept["principal_not_due"]),
        interest=_whole(kept["interest"]),
        penalty=_whole(kept["penalty"]),
        fees=_whole(kept["fees"]),
    )


def _schedule_from(kept: dict[str, Any]) -> Schedule:
    rows = tuple(
        Instalment(
            number=_whole(row["number"]),
            due_on=date.fromisoformat(row["due_on"]),
            principal=_whole(row["principal"]),
            interest=_whole(row["interest"]),
            amount=_whole(row["amount"]),
            remaining=_whole(row["remaining"]),
        )
        for row in kept["instalments"]
    )
    return Schedule(rows, total=_whole(kept["total"]), interest_total=_whole(kept["interest_total"]))


def _whole(value: object) -> int:
    # JSON's true is an int to Python, and 1.0 equals 1; neither is an amount.
    if type(value) is not int:
        raise TypeError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
