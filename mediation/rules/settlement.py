"""What a settlement agreement says, as typed values that reconcile to the minor unit."""

from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from mediation.errors import Refused
from mediation.rules.money import HALF_UP, RoundingRule
from mediation.rules.negotiation import Side
from mediation.rules.repayment import Method

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
    """One component of the claim: claimed, waived, and left open (neither agreed nor given up), in minor units."""

    component: Component
    claimed: int
    waived: int
    disputed: int = 0

    @property
    def agreed(self) -> int:
        """What of it is to be paid."""
        return self.claimed - self.waived - self.disputed


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
class Manner:
    """How the schedule came about; money in minor units, 0 where the plan has no such thing.

    down_payment: row 1 of the schedule, before the instalments. step_after: so many first instalments are of
    `step_amount`. balloon: the principal left for the last one. rounding: of the regular amount, the last
    instalment taking what it leaves over. rolls: a payment due on a day off is due on the next working day.
    """

    method: Method = Method.EQUAL_INSTALMENTS
    rounding: RoundingRule = HALF_UP
    rolls: bool = False
    down_payment: int = 0
    step_after: int = 0
    step_amount: int = 0
    balloon: int = 0


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
    manner: Manner = field(default_factory=Manner)
    signing_method: SigningMethod = SigningMethod.CONFIRMED_AND_SEALED
    effect: Effect = Effect.SEALED


def check_facts(facts: AgreementFacts) -> None:
    """Both parties, a payee and every word are there, and the sums reconcile to the minor unit.

    Two payments may fall on one day only where days off move them there.
    Raises Refused: agreement:fact-missing (fact), agreement:party-missing (side), agreement:waiver-too-large and
    agreement:disputed-too-large (component), agreement:sums-differ (claimed, waived, disputed, agreed),
    agreement:schedule-differs (agreed, scheduled), agreement:manner-differs (fact), agreement:interest-differs,
    agreement:schedule-disordered, agreement:negative (fact).
    """
    _check_words(facts)
    _check_parties(facts)
    _check_sums(facts)
    _check_schedule(facts)
    _check_manner(facts)


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
        if not 0 <= figure.disputed <= figure.claimed - figure.waived:
            raise Refused("agreement:disputed-too-large", component=figure.component)
    claimed, waived, disputed = (
        sum(getattr(figure, name) for figure in facts.figures) for name in ("claimed", "waived", "disputed")
    )
    if claimed - waived - disputed != facts.agreed_total:
        sums = {"claimed": claimed, "waived": waived, "disputed": disputed, "agreed": facts.agreed_total}
        raise Refused("agreement:sums-differ", **sums)


def _check_schedule(facts: AgreementFacts) -> None:
    rows = facts.rows
    days = [row.due_on for row in rows]
    risen = days == sorted(days) if facts.manner.rolls else days == sorted(set(days))
    in_order = risen and [row.ordinal for row in rows] == list(range(1, len(rows) + 1))
    if not rows or not in_order or any(row.principal < 0 or row.interest < 0 for row in rows):
        raise Refused("agreement:schedule-disordered")
    scheduled = sum(row.principal for row in rows)
    if scheduled != facts.agreed_total:
        raise Refused("agreement:schedule-differs", agreed=facts.agreed_total, scheduled=scheduled)
    if facts.yearly_rate == 0 and any(row.interest for row in rows):
        raise Refused("agreement:interest-differs", yearly_rate=facts.yearly_rate)


def _check_manner(facts: AgreementFacts) -> None:
    """The schedule has what its manner says: the down payment first, then the first instalments of their amount."""
    manner, first = facts.manner, facts.rows[0]
    instalments = facts.rows[bool(manner.down_payment) :]
    held = {
        "down_payment": not manner.down_payment or (first.principal, first.interest) == (manner.down_payment, 0),
        "step_after": 0 <= manner.step_after < max(1, len(instalments)),
        "step_amount": _has_its_steps(manner, instalments),
        "balloon": not manner.balloon or (len(instalments) > 1 and instalments[-1].principal == manner.balloon),
    }
    for name, holds in held.items():
        if not holds:
            raise Refused("agreement:manner-differs", fact=name)


def _has_its_steps(manner: Manner, instalments: tuple[Instalment, ...]) -> bool:
    """The very first one may carry older interest besides."""
    amounts = [row.amount for row in instalments[: max(0, manner.step_after)]]
    if not amounts:
        return manner.step_amount == 0
    return amounts[0] >= manner.step_amount > 0 and set(amounts[1:]) <= {manner.step_amount}
