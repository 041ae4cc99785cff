"""The document that an offer keeps for ever: plain JSON values, written once and read back without reckoning."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from mediation.errors import Refused
from mediation.rules.loans import ClaimFigures
from mediation.rules.money import RoundingRule
from mediation.rules.plan_kinds import COMPONENTS, Disputed, Grace, Terms, Waivers
from mediation.rules.repayment import Frequency, Instalment, Method, Schedule

DOCUMENT_VERSION = 1


def offer_document(
    terms: Terms, claim: ClaimFigures, plan: Schedule, rounding: RoundingRule, lawbook_version: str
) -> dict[str, Any]:
    """The JSON value an offer keeps for ever: whole numbers, text, lists; rates and days as text."""
    return {
        "v": DOCUMENT_VERSION,
        "lawbook_version": lawbook_version,
        "rounding": str(rounding),
        "claim": {**{name: getattr(claim, name) for name in ClaimFigures.__slots__}, "total": claim.total},
        "terms": _terms_document(terms),
        "schedule": {
            "instalments": [_row_document(row) for row in plan.instalments],
            "interest_total": plan.interest_total,
            "total": plan.total,
        },
    }


def from_document(document: dict[str, Any]) -> tuple[Terms, ClaimFigures, Schedule, RoundingRule]:
    """What `offer_document` wrote, read back without computing anything.

    Terms that a document does not name are those of a plan without them: level instalments, no down payment,
    no step, no balloon, no rolling, nothing disputed.
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


def _terms_document(terms: Terms) -> dict[str, Any]:
    return {
        "claim_version": terms.claim_version,
        "currency": terms.currency,
        "agreed_total": terms.agreed_total,
        "waivers": {name: getattr(terms.waivers, name) for name in COMPONENTS},
        "disputed": {name: getattr(terms.disputed, name) for name in COMPONENTS},
        "instalments": terms.instalments,
        "frequency": terms.frequency.value,
        "first_due_on": terms.first_due_on.isoformat(),
        "rolls": terms.rolls,
        "yearly_rate": format(terms.yearly_rate.normalize(), "f"),
        "grace": terms.grace.value,
        "grace_periods": terms.grace_periods,
        "method": terms.method.value,
        "step_after": terms.step_after,
        "step_amount": terms.step_amount,
        "down_payment": terms.down_payment,
        "down_payment_on": None if terms.down_payment_on is None else terms.down_payment_on.isoformat(),
        "balloon": terms.balloon,
    }


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
        waivers=Waivers(*(_whole(kept["waivers"][name]) for name in COMPONENTS)),
        instalments=_whole(kept["instalments"]),
        frequency=Frequency(kept["frequency"]),
        first_due_on=date.fromisoformat(kept["first_due_on"]),
        yearly_rate=Decimal(_text(kept["yearly_rate"])),
        grace=Grace(kept["grace"]),
        grace_periods=_whole(kept["grace_periods"]),
        method=Method(kept.get("method", Method.EQUAL_INSTALMENTS)),
        step_after=_whole(kept.get("step_after", 0)),
        step_amount=_whole(kept.get("step_amount", 0)),
        down_payment=_whole(kept.get("down_payment", 0)),
        down_payment_on=_day_or_none(kept.get("down_payment_on")),
        balloon=_whole(kept.get("balloon", 0)),
        rolls=_yes_or_no(kept.get("rolls", False)),
        disputed=Disputed(*(_whole(kept["disputed"][name]) for name in COMPONENTS if "disputed" in kept)),
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


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _day_or_none(value: object) -> date | None:
    return None if value is None else date.fromisoformat(_text(value))
