"""What a settlement agreement says, as typed values that reconcile to the minor unit."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from mediation.errors import Refused
from mediation.rules.negotiation import Side

_NEVER_NEGATIVE: Final = (
    "mediator_fee", "grace_days", "cure_days", "credit_working_days", "copies", "yearly_rate", "default_yearly_rate",
)  # fmt: skip
_ON_FILE: Final = ("name", "identifier", "service_address", "identity_checked")


class Component(StrEnum):
    """What a claim is made of."""

    PRINCIPAL_DUE = "principal_due"
    PRINCIPAL_NOT_DUE = "principal_not_due"
    INTEREST = "interest"
    PENALTY = "penalty"
    FEES = "fees"


class ClaimBasis(StrEnum):
    """On what ground the lender claims."""

    ORIGINAL = "original"
    ASSIGNED = "assigned"
    SUBROGATED = "subrogated"
    ENTRUSTED = "entrusted"


class CourtStatus(StrEnum):
    """Whether a court has the matter; from a judgment on, the route of confirmation is closed."""

    NONE = "none"
    FILED = "filed"
    JUDGMENT = "judgment"
    ENFORCEMENT = "enforcement"


class IdentifierKind(StrEnum):
    """By what number a party is named: a person's is printed by its tail alone."""

    ID_TAIL = "id_tail"
    CREDIT_CODE = "credit_code"


class CreditTreatment(StrEnum):
    """What the lender does about the credit report; a true entry is never promised away."""

    NOT_REPORTED = "not_reported"
    UPDATED_ON_EFFECT = "updated_on_effect"
    UPDATED_ON_SETTLEMENT = "updated_on_settlement"


class SigningMethod(StrEnum):
    """The method of signing that the parties agree on (电子签名法 art. 13)."""

    CONFIRMED_AND_SEALED = "confirmed_and_sealed"


class Effect(StrEnum):
    """The instant that binds."""

    SEALED = "sealed"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """Whole minor units of a currency."""

    minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Party:
    """A party as the agreement names it; `representative` and `authority` for one who signs for another."""

    side: Side
    name: str
    identifier_kind: IdentifierKind
    identifier: str
    service_address: str
    identity_checked: str
    representative: str = ""
    authority: str = ""

    def __post_init__(self) -> None:
        if self.identifier_kind is IdentifierKind.ID_TAIL and len(self.identifier) > 4:
            raise ValueError("a person's number is printed by its last four characters")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One component of the claim: claimed and waived, in minor units."""

    component: Component
    claimed: int
    waived: int


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One row of the schedule, in minor units: what is due on that day, and what of it is what."""

    ordinal: int
    due_on: date
    principal: int
    interest: int

    @property
    def amount(self) -> int:
        """What is to be paid on that day."""
        return self.principal + self.interest


@dataclass(frozen=True, kw_only=True)
class Payee:
    """The one account that is paid; set by the registrar, locked by the agreement."""

    name: str
    bank: str
    account: str


@dataclass(frozen=True, kw_only=True)
class AgreementFacts:
    """Everything that an agreement says. Money in minor units of `currency`; rates as fractions a year.

    `grace_days`: how late an instalment may come without breach; `cure_days`: from the lender's notice of a
    breach; only then `accelerates` and `default_yearly_rate` (on what is overdue) apply. `agreement_number` is
    the institution's own; `credit_working_days` count from the event that the treatment names.
    """

    institution: str
    agreement_number: str
    verification_code: str
    copies: int
    currency: str
    parties: tuple[Party, ...]
    mediator: str
    mediator_fee: int
    claim_basis: ClaimBasis
    original_lender: str
    contract_number: str
    as_of_on: date
    court: CourtStatus
    figures: tuple[Figure, ...]
    agreed_total: int
    rows: tuple[Instalment, ...]
    payee: Payee
    yearly_rate: Decimal
    grace_days: int
    cure_days: int
    accelerates: bool
    default_yearly_rate: Decimal
    credit_treatment: CreditTreatment
    credit_working_days: int
    signing_method: SigningMethod = SigningMethod.CONFIRMED_AND_SEALED
    effect: Effect = Effect.SEALED


def check_facts(facts: AgreementFacts) -> None:
    """Both parties, a payee and every word are there, and the sums reconcile to the minor unit.

    Raises Refused: agreement:fact-missing (fact), agreement:party-missing (side), agreement:waiver-too-large
    (component), agreement:sums-differ (claimed, waived, agreed), agreement:schedule-differs (agreed, scheduled),
    agreement:schedule-disordered, agreement:interest-differs, agreement:negative (fact).
    """
    _check_words(facts)
    _check_parties(facts)
    _check_sums(facts)
    _check_schedule(facts)


def names_on(facts: AgreementFacts, side: Side) -> tuple[str, ...]:
    """The names of the parties on that side, in the order given."""
    return tuple(party.name for party in facts.parties if party.side is side)


def _check_words(facts: AgreementFacts) -> None:
    texts = {f.name: getattr(facts, f.name) for f in fields(facts) if f.type is str}
    texts |= {f"payee_{f.name}": getattr(facts.payee, f.name) for f in fields(facts.payee)}
    for party in facts.parties:
        texts |= {f"{party.side}_{name}": getattr(party, name) for name in _ON_FILE}
    for name, text in texts.items():
        if not text.strip():
            raise Refused("agreement:fact-missing", fact=name)
    for name in _NEVER_NEGATIVE:
        if getattr(facts, name) < 0:
            raise Refused("agreement:negative", fact=name)


def _check_parties(facts: AgreementFacts) -> None:
    for side in Side:
        if not names_on(facts, side):
            raise Refused("agreement:party-missing", side=side)


def _check_sums(facts: AgreementFacts) -> None:
    for figure in facts.figures:
        if not 0 <= figure.waived <= figure.claimed:
            raise Refused("agreement:waiver-too-large", component=figure.component)
    claimed = sum(figure.claimed for figure in facts.figures)
    waived = sum(figure.waived for figure in facts.figures)
    if claimed - waived != facts.agreed_total:
        raise Refused("agreement:sums-differ", claimed=claimed, waived=waived, agreed=facts.agreed_total)


def _check_schedule(facts: AgreementFacts) -> None:
    rows = facts.rows
    days = [row.due_on for row in rows]
    in_order = [row.ordinal for row in rows] == list(range(1, len(rows) + 1)) and days == sorted(set(days))
    if not rows or not in_order or any(row.principal < 0 or row.interest < 0 for row in rows):
        raise Refused("agreement:schedule-disordered")
    scheduled = sum(row.principal for row in rows)
    if scheduled != facts.agreed_total:
        raise Refused("agreement:schedule-differs", agreed=facts.agreed_total, scheduled=scheduled)
    if facts.yearly_rate == 0 and any(row.interest for row in rows):
        raise Refused("agreement:interest-differs", yearly_rate=facts.yearly_rate)
