"""A settlement agreement as ordered, typed clauses built from terms; the sentences live in the templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeAlias, get_args, get_origin, get_type_hints

from mediation.errors import Refused
from mediation.rules.money import RoundingRule
from mediation.rules.negotiation import Side
from mediation.rules.repayment import Method
from mediation.rules.settlement import (
    AgreementFacts,
    Amount,
    ClaimBasis,
    CourtStatus,
    CreditTreatment,
    Effect,
    Figure,
    Instalment,
    Party,
    Payee,
    SigningMethod,
    check_facts,
    names_on,
)

CERTIFICATE_WORKING_DAYS: Final = 7
CONFIRMATION_DAYS: Final = 30
VERSION: Final = 1


class Family(StrEnum):
    """The twenty families of clauses, in the order in which they stand in an agreement."""

    PARTIES = "parties"
    DISPUTED_FACTS = "disputed_facts"
    DEBT_RECAP = "debt_recap"
    SCHEDULE = "schedule"
    INTEREST = "interest"
    GRACE_AND_CURE = "grace_and_cure"
    CONSEQUENCE = "consequence"
    RELEASE = "release"
    NO_COLLECTION = "no_collection"
    CREDIT_REPORT = "credit_report"
    SETTLEMENT_CERTIFICATE = "settlement_certificate"
    BINDS_ASSIGNEES = "binds_assignees"
    EARLY_PAYMENT = "early_payment"
    HARDSHIP_REVIEW = "hardship_review"
    CONFIDENTIALITY = "confidentiality"
    NO_UNDUE_PRESSURE = "no_undue_pressure"
    MEDIATOR = "mediator"
    ENFORCEMENT = "enforcement"
    COPIES = "copies"
    SIGNATURES = "signatures"


Fact: TypeAlias = (
    str | int | date | Decimal | Amount | Payee | RoundingRule | tuple[str, ...] | tuple[Party, ...]
    | tuple[Figure, ...] | tuple[Instalment, ...]
)  # fmt: skip
Json: TypeAlias = "str | int | list[Json] | dict[str, Json]"

# What each family's sentence must know; a name means the same in every clause.
SHAPES: Final[Mapping[Family, tuple[str, ...]]] = {
    Family.PARTIES: ("parties", "institution", "agreement_number"),
    Family.DISPUTED_FACTS: (
        "claim_basis", "original_lender", "contract_number", "as_of_on", "claimed_total", "disputed_total", "court",
    ),
    Family.DEBT_RECAP: (
        "figures", "currency", "as_of_on", "claimed_total", "waived_total", "disputed_total", "agreed_total",
    ),
    Family.SCHEDULE: (
        "rows", "currency", "schedule_total", "first_due_on", "last_due_on", "payee", "instalments", "method",
        "rounding", "rolls", "down_payment", "step_after", "step_amount", "step_added", "balloon",
    ),
    Family.INTEREST: ("interest_runs", "yearly_rate", "interest_total", "disputed_total"),
    Family.GRACE_AND_CURE: ("grace_days", "cure_days"),
    Family.CONSEQUENCE: ("accelerates", "default_yearly_rate"),
    Family.RELEASE: ("lender", "borrowers", "waived_total", "disputed_total", "schedule_total"),
    Family.NO_COLLECTION: ("lender", "borrowers"),
    Family.CREDIT_REPORT: ("lender", "credit_treatment", "credit_working_days", "disputed_total"),
    Family.SETTLEMENT_CERTIFICATE: ("lender", "certificate_working_days", "disputed_total"),
    Family.BINDS_ASSIGNEES: ("lender",),
    Family.EARLY_PAYMENT: ("early_payment_fee",),
    Family.HARDSHIP_REVIEW: ("borrowers", "institution"),
    Family.CONFIDENTIALITY: ("institution",),
    Family.NO_UNDUE_PRESSURE: ("mediator",),
    Family.MEDIATOR: ("mediator", "institution", "mediator_fee"),
    Family.ENFORCEMENT: ("confirmation_open", "confirmation_days", "court"),
    Family.COPIES: ("copies", "institution", "agreement_number", "verification_code"),
    Family.SIGNATURES: ("signing_method", "effect", "mediator", "institution"),
}  # fmt: skip

# Where money, a day, a rate or an account is meant, it is never text.
_TYPED: Final[Mapping[str, Any]] = {
    **dict.fromkeys(
        ("claimed_total", "waived_total", "disputed_total", "agreed_total", "schedule_total", "interest_total",
         "mediator_fee", "early_payment_fee", "down_payment", "step_amount", "step_added", "balloon"),
        Amount,
    ),
    **dict.fromkeys(("as_of_on", "first_due_on", "last_due_on"), date),
    **dict.fromkeys(("yearly_rate", "default_yearly_rate"), Decimal),
    **dict.fromkeys(("interest_runs", "accelerates", "confirmation_open", "rolls"), bool),
    **dict.fromkeys(
        ("grace_days", "cure_days", "credit_working_days", "certificate_working_days", "confirmation_days",
         "copies", "instalments", "step_after"),
        int,
    ),
    "parties": tuple[Party, ...],
    "borrowers": tuple[str, ...],
    "figures": tuple[Figure, ...],
    "rows": tuple[Instalment, ...],
    "payee": Payee,
    "method": Method,
    "rounding": RoundingRule,
    "claim_basis": ClaimBasis,
    "court": CourtStatus,
    "credit_treatment": CreditTreatment,
    "signing_method": SigningMethod,
    "effect": Effect,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause: its family, its number in the agreement from 1, and all that its sentence needs."""

    family: Family
    number: int
    facts: tuple[tuple[str, Fact], ...]

    def __getitem__(self, name: str) -> Fact:
        """The fact of that name; KeyError where the family has none."""
        return dict(self.facts)[name]


def agreement_clauses(facts: AgreementFacts) -> tuple[Clause, ...]:
    """The twenty clauses of an agreement, numbered, in order. Raises what `check_facts` raises."""
    check_facts(facts)
    known = _known(facts)
    return tuple(
        Clause(family=family, number=number, facts=tuple((name, known[name]) for name in SHAPES[family]))
        for number, family in enumerate(Family, start=1)
    )


def check_clauses(clauses: tuple[Clause, ...]) -> None:
    """Every family is there once, in order, with all its facts and each of its own type.

    Raises Refused: agreement:clause-missing (families), agreement:clauses-disordered,
    agreement:clause-incomplete (family).
    """
    missing = tuple(family for family in Family if family not in {clause.family for clause in clauses})
    if missing:
        raise Refused("agreement:clause-missing", families=missing)
    if [(c.number, c.family) for c in clauses] != list(enumerate(Family, start=1)):
        raise Refused("agreement:clauses-disordered")
    for clause in clauses:
        named = tuple(name for name, _ in clause.facts)
        if named != SHAPES[clause.family] or not all(_fits(_kind(n), value) for n, value in clause.facts):
            raise Refused("agreement:clause-incomplete", family=clause.family)


def to_document(facts: AgreementFacts, clauses: tuple[Clause, ...]) -> dict[str, Json]:
    """The agreement as JSON values (str, int, list, dict): `v`, `facts`, `clauses`.

    A rate is a decimal string, a day ISO 8601, a yes or no the word, a rounding rule as it writes itself.
    """
    written: list[Json] = [
        {
            "family": clause.family.value,
            "number": clause.number,
            "facts": {name: _written(value) for name, value in clause.facts},
        }
        for clause in clauses
    ]
    return {"v": VERSION, "facts": _written(facts), "clauses": written}


def from_document(document: Mapping[str, Any]) -> tuple[AgreementFacts, tuple[Clause, ...]]:
    """What `to_document` wrote, read and not computed again. Raises ValueError for anything else.

    A document that names no manner of paying, or nothing left open, is of a time before there were such plans.
    """
    if document.get("v") != VERSION:
        raise ValueError("an agreement document of another version")
    try:
        facts: AgreementFacts = _read(AgreementFacts, document["facts"])
        plain = _known(facts)
        return facts, tuple(_read_clause(clause, plain) for clause in document["clauses"])
    except (KeyError, TypeError, IndexError, ArithmeticError, Refused) as wrong:
        raise ValueError("not the document of an agreement") from wrong


def _known(facts: AgreementFacts) -> dict[str, Fact]:
    return {field.name: getattr(facts, field.name) for field in fields(facts)} | _derived(facts) | _of_manner(facts)


def _of_manner(facts: AgreementFacts) -> dict[str, Fact]:
    manner = facts.manner
    first = facts.rows[bool(manner.down_payment)]
    added = first.amount - manner.step_amount if manner.step_after else 0
    return {
        "instalments": len(facts.rows) - bool(manner.down_payment),
        "method": manner.method,
        "rounding": manner.rounding,
        "rolls": manner.rolls,
        "step_after": manner.step_after,
        "step_added": Amount(minor=added, currency=facts.currency),
        **{
            name: Amount(minor=getattr(manner, name), currency=facts.currency)
            for name in ("down_payment", "step_amount", "balloon")
        },
    }


def _derived(facts: AgreementFacts) -> dict[str, Fact]:
    def money(minor: int) -> Amount:
        return Amount(minor=minor, currency=facts.currency)

    interest = sum(row.interest for row in facts.rows)
    return {
        "claimed_total": money(sum(figure.claimed for figure in facts.figures)),
        "waived_total": money(sum(figure.waived for figure in facts.figures)),
        "disputed_total": money(sum(figure.disputed for figure in facts.figures)),
        "agreed_total": money(facts.agreed_total),
        "schedule_total": money(sum(row.amount for row in facts.rows)),
        "first_due_on": facts.rows[0].due_on,
        "last_due_on": facts.rows[-1].due_on,
        "interest_runs": facts.yearly_rate > 0,
        "interest_total": money(interest),
        "lender": names_on(facts, Side.LENDER)[0],
        "borrowers": names_on(facts, Side.BORROWER),
        "certificate_working_days": CERTIFICATE_WORKING_DAYS,
        "early_payment_fee": money(0),
        "mediator_fee": money(facts.mediator_fee),
        "confirmation_days": CONFIRMATION_DAYS,
        "confirmation_open": facts.court in (CourtStatus.NONE, CourtStatus.FILED),
    }


def _kind(name: str) -> Any:
    return _TYPED.get(name, str)


def _fits(kind: Any, value: object) -> bool:
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and bool(value) and all(_fits(get_args(kind)[0], one) for one in value)
    return type(value) is kind


def _written(value: object) -> Json:
    if isinstance(value, RoundingRule):
        return str(value)
    if is_dataclass(value):
        return {field.name: _written(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return value
    if isinstance(value, StrEnum):
        return value.value
    return format(value, "f") if isinstance(value, Decimal) else str(value)


# What documents did not name before there were plans of every kind, in facts and in clauses.
_LATER: Final = frozenset({
    "manner", "disputed", "disputed_total", "instalments", "method", "rounding", "rolls", "down_payment", "step_after",
    "step_amount", "step_added", "balloon",
})  # fmt: skip
_READERS: Final[Mapping[Any, Callable[[Any], object]]] = {
    date: date.fromisoformat,
    Decimal: Decimal,
    bool: lambda word: {"yes": True, "no": False}[word],
    RoundingRule: RoundingRule.parse,
}


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in value)
    if kind in _READERS:
        return _READERS[kind](value)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if not hints.keys() - _LATER <= value.keys() <= hints.keys():
            raise ValueError("a document with other fields")
        return kind(**{name: _read(hints[name], one) for name, one in value.items()})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if type(value) is not kind:
        raise ValueError("a document with a value of another type")
    return value


def _read_clause(clause: Mapping[str, Any], plain: Mapping[str, Fact]) -> Clause:
    family, written = Family(clause["family"]), clause["facts"]
    names = SHAPES[family]
    if not set(names) - _LATER <= written.keys() <= set(names):
        raise ValueError("a clause with other facts")
    # Canonical JSON sorts the names; the clause has its own order.
    facts = tuple((name, _read(_kind(name), written[name]) if name in written else plain[name]) for name in names)
    return Clause(family=family, number=_read(int, clause["number"]), facts=facts)
