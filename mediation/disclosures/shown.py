"""What the pages of a statement show: rows by section, what it comes to, and how creditors would share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mediation import lawbook
from mediation.cases.seats import Seat
from mediation.disclosures.answers import Line
from mediation.disclosures.drafts import Draft
from mediation.disclosures.models import Section
from mediation.disclosures.questions import DEBT_LABEL, debt_number, question_at, questions_of
from mediation.disclosures.sharing import Readers
from mediation.disclosures.statements import Stated, statement_of
from mediation.rules.affordability import Profile, Query, Reckoning, queries, reckon
from mediation.rules.creditors import Creditor, divide

THIS_LENDER = "this-lender"


@dataclass(frozen=True)
class Row:
    """One answer on a page; `label` in the context `means`, empty for a debt, whose text names it."""

    section: Section
    key: str
    label: str
    line: Line | None
    query: Query | None = None
    is_begun: bool = False
    is_verified: bool = False


@dataclass(frozen=True)
class Part:
    """One section on a page."""

    section: Section
    readers: Readers
    rows: Sequence[Row]


@dataclass(frozen=True)
class Worked:
    """What a draft comes to, and what in it would be asked about."""

    reckoning: Reckoning
    queries: tuple[Query, ...]
    shares: Sequence[tuple[str, int]]
    guidelines_from: date | None


def worked_out(seat: Seat, draft: Draft, on: date) -> Worked:
    """The draft reckoned with the guidelines of that day, and the cap shared among all creditors that are named."""
    guidelines = lawbook.guidelines(draft.profile, on=on)
    statement = statement_of(draft)
    reckoning = reckon(statement, guidelines)
    shares = _shares(seat, reckoning, draft.lines(Section.DEBTS))
    return Worked(reckoning, queries(statement, guidelines), shares, guidelines.valid_from if guidelines else None)


def shares_of(seat: Seat, stated: Stated) -> Sequence[tuple[str, int]]:
    """How the cap of a statement would be shared among this lender and the others that it names."""
    debts = stated.sections.get(Section.DEBTS)
    return _shares(seat, stated.reckoning, debts.lines if debts else ())


def parts_of_draft(draft: Draft, asked: Sequence[Query]) -> list[Part]:
    """Every section with its questions, answered or not."""
    return [Part(section, draft.section(section).readers, rows_of_draft(draft, section, asked)) for section in Section]


def rows_of_draft(draft: Draft, section: Section, asked: Sequence[Query] = ()) -> list[Row]:
    """The questions of one section with what was answered so far."""
    by_category = {query.category: query for query in asked} if section is Section.SPENDING else {}
    typed = draft.section(section).answers
    return [
        Row(
            section,
            question.key,
            question.label,
            line := draft.line(question),
            by_category.get(question.key),
            is_begun=line is None and question.key in typed,
        )
        for question in draft.asked(section)
    ]


def removed_debts(draft: Draft) -> list[tuple[str, str]]:
    """The debts that were taken off the list, by key and creditor, to be put back."""
    typed = draft.section(Section.DEBTS).answers
    return [(key, each.text) for key, each in typed.items() if each.is_removed]


def parts_of(stated: Stated, verified: frozenset[tuple[Section, str]]) -> list[Part]:
    """Every section of a statement that has a line."""
    asked = {query.category: query for query in stated.queries}
    return [
        Part(section, each.readers, [_row(stated.profile, section, line, asked, verified) for line in each.lines])
        for section, each in stated.sections.items()
    ]


def label_of(profile: Profile, section: Section, key: str) -> str:
    """The label of a line, in the context `means`."""
    if debt_number(key) is not None:
        return DEBT_LABEL
    question = question_at(section, key, profile)
    return question.name if question else ""


def labels_of_missing(profile: Profile, missing: Sequence[str]) -> list[tuple[Section, str, str]]:
    """Where each missing answer is given: section, key of its question, label; the key is empty for a whole section."""
    spending = {each.key: each.label for each in questions_of(Section.SPENDING, profile)}
    return [
        (Section.SPENDING, name, spending[name]) if name in spending else (Section(name), "", "") for name in missing
    ]


def _row(
    profile: Profile,
    section: Section,
    line: Line,
    asked: dict[str, Query],
    verified: frozenset[tuple[Section, str]],
) -> Row:
    query = asked.get(line.key) if section is Section.SPENDING else None
    label = label_of(profile, section, line.key)
    return Row(section, line.key, label, line, query, is_verified=(section, line.key) in verified)


def _shares(seat: Seat, reckoning: Reckoning, debts: Sequence[Line]) -> Sequence[tuple[str, int]]:
    """Pro rata by what each is owed; nothing to share where no other creditor is named with a balance."""
    others = [line for line in debts if line.is_priority is False and line.balance]
    if not others or not reckoning.cap:
        return ()
    names = {THIS_LENDER: seat.case.organisation_name, **{line.key: line.text for line in others}}
    creditors = [Creditor(THIS_LENDER, seat.case.claim_total), *(Creditor(o.key, o.balance or 0) for o in others)]
    return [(names[share.key], share.amount) for share in divide(reckoning.cap, creditors).shares]
