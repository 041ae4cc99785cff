"""What a lender states when it opens a case: the claim by component, the standstill, the way to the borrower."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mediation.cases.models import Claim, ClaimBasis, CourtStatus
from mediation.errors import Refused
from mediation.rules.loans import ClaimFigures
from mediation.rules.money import check_amount

COMPONENTS = ("principal_due", "principal_not_due", "interest", "penalty", "fees")
BASIS_OF = {
    "principal_due": "principal_basis",
    "principal_not_due": "principal_basis",
    "interest": "interest_basis",
    "penalty": "penalty_basis",
    "fees": "fees_basis",
}
PAUSES = ("collection_paused", "outsourcing_paused", "assignment_paused")


def figures_of(claim: Claim) -> ClaimFigures:
    """A version of the claim as the rules see it."""
    return ClaimFigures(claim.version, claim.currency, *(getattr(claim, name) for name in COMPONENTS))


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """The claim by component in minor units, each with its basis; None where the lender has not stated it yet."""

    as_of_on: date
    principal_due: int | None = None
    principal_not_due: int | None = None
    interest: int | None = None
    penalty: int | None = None
    fees: int | None = None
    principal_basis: str = ""
    interest_basis: str = ""
    penalty_basis: str = ""
    fees_basis: str = ""
    accelerated: bool = False
    basis: ClaimBasis = ClaimBasis.ORIGINAL
    original_lender: str = ""
    original_contract: str = ""

    @property
    def total(self) -> int:
        """The whole claim as far as it is stated."""
        return sum(getattr(self, name) or 0 for name in COMPONENTS)

    def is_kept_as(self, claim: Claim) -> bool:
        """Whether this version of the claim says the same."""
        return all(getattr(claim, name) == value for name, value in self.columns().items())

    def columns(self) -> dict[str, object]:
        """The values of a row of the claim; what is not stated is nothing claimed."""
        amounts = {name: getattr(self, name) or 0 for name in COMPONENTS}
        told = ("as_of_on", "accelerated", "basis", "original_lender", "original_contract", *set(BASIS_OF.values()))
        return amounts | {name: getattr(self, name) for name in told}


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """What the lender undertakes to stop while mediation lasts; None where it has not said."""

    collection_paused: bool = False
    outsourcing_paused: bool = False
    assignment_paused: bool = False
    interest_runs: bool | None = None
    penalty_runs: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who the borrower is, and how to reach them; the last characters of the identity number are asked once."""

    name: str
    phone: str = ""
    email: str = ""
    by_letter: bool = False
    id_tail: str = ""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Everything that a lender states at the opening of a case."""

    claim: Claimed
    contact: Contact
    court_status: CourtStatus
    standstill: Standstill = Standstill()


def check_draft(opening: Opening, *, today: date) -> None:
    """What stands in a draft can be right, though some may still be missing."""
    for name in COMPONENTS:
        amount = getattr(opening.claim, name)
        if amount is not None and amount < 0:
            raise Refused("money:negative", field=name)
    check_amount(opening.claim.total, field="principal_due")
    if opening.claim.as_of_on > today:
        raise Refused("claim:as-of-in-future", field="as_of_on", today=today)
    if not opening.contact.name.strip():
        raise Refused("contact:name-missing", field="borrower_name")


def check_complete(opening: Opening, *, today: date) -> None:
    """Nothing is missing any more; raises the first of `what_is_missing`."""
    check_draft(opening, today=today)
    for no in what_is_missing(opening):
        raise no


def what_is_missing(opening: Opening) -> Iterator[Refused]:
    """Every statement that the institution needs before it can register the case."""
    yield from _missing_in_claim(opening.claim)
    contact = opening.contact
    if not (contact.phone or contact.email or contact.by_letter):
        yield Refused("contact:no-way", field="borrower_email")
    for name in PAUSES:
        if not getattr(opening.standstill, name):
            yield Refused("undertaking:missing", field=name)
    for name in ("interest_runs", "penalty_runs"):
        if getattr(opening.standstill, name) is None:
            yield Refused("undertaking:not-stated", field=name)


def _missing_in_claim(claim: Claimed) -> Iterator[Refused]:
    asked: set[str] = set()
    for name in COMPONENTS:
        amount, basis = getattr(claim, name), BASIS_OF[name]
        if amount is None:
            yield Refused("claim:not-stated", field=name)
        elif amount > 0 and not getattr(claim, basis).strip() and basis not in asked:
            asked.add(basis)
            yield Refused("claim:basis-missing", field=basis)
    if all(getattr(claim, name) is not None for name in COMPONENTS) and claim.total <= 0:
        yield Refused("claim:nothing-claimed", field="principal_due")
    if not claim.original_lender.strip():
        yield Refused("claim:original-missing", field="original_lender")
    if not claim.original_contract.strip():
        yield Refused("claim:original-missing", field="original_contract")
