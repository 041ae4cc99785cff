"""The loans that hang on an open case: what a file would change in them, shown before it is imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol
from uuid import UUID

from mediation.accounts.desks import Desk
from mediation.portfolios.checking import Checked
from mediation.portfolios.columns import Field
from mediation.portfolios.loan_rows import LoanRow
from mediation.portfolios.selections import known_loans, loan_kept_by
from mediation.portfolios.wording import fact_words, loan_fact, row_fact, tail_words

CASES = "mediation_open_cases"
ASKED_AT_ONCE = 500
MOST_SHOWN = 50


class CaseFinder(Protocol):
    """The numbers of the lender's open cases on these contracts, by contract."""

    def __call__(self, desk: Desk, contract_numbers: Sequence[str], /) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Change:
    """One fact of a loan as it stands and as the file has it, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Affected:
    """One loan on which a case is open, and what the file changes in it."""

    contract_number: str
    case_number: str
    changes: tuple[Change, ...]


def affected_by(desk: Desk, checked: Checked, find_cases: CaseFinder) -> list[Affected]:
    """The loans with an open case that this file changes, the first fifty in the order of the file."""
    known = known_loans(desk)
    rows = {
        row.contract_number: row
        for row, digest in zip(checked.rows, checked.digests, strict=True)
        if row.contract_number in known and known[row.contract_number].row_sha256 != digest
    }
    found: list[Affected] = []
    left = iter(rows)
    while numbers := tuple(islice(left, ASKED_AT_ONCE)):
        for contract, case in sorted(find_cases(desk, numbers).items()):
            changes = _changes(desk, rows[contract], known[contract].id, checked.currency)
            found.append(Affected(contract, case, changes))
            if len(found) == MOST_SHOWN:
                return found
    return found


def _changes(desk: Desk, row: LoanRow, loan_id: UUID, currency: str) -> tuple[Change, ...]:
    loan = loan_kept_by(desk, loan_id)
    pairs = [
        Change(fact_words(fact), loan_fact(loan, fact), row_fact(row, fact, currency))
        for fact in Field
        if fact not in (Field.MONTHLY_RATE, Field.ID_NUMBER)
    ]
    if row.id_number:
        pairs.append(Change(fact_words(Field.ID_NUMBER), tail_words(loan.id_tail), tail_words(row.id_number[-4:])))
    return tuple(change for change in pairs if change.before != change.after)
