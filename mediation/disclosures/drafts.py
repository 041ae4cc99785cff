"""Drafts of the statement of means: what was typed so far, encrypted by section; only the borrower reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.seats import Seat
from mediation.disclosures.answers import Answer, Line, read
from mediation.disclosures.models import MeansSection, Section
from mediation.disclosures.questions import (
    ANY_DEBT,
    MOST_DEBTS,
    Question,
    debt_key,
    debt_number,
    profile_of,
    question_at,
    questions_of,
)
from mediation.disclosures.sharing import Readers
from mediation.errors import Refused
from mediation.keys import pack, ring_of, unpack
from mediation.rules.affordability import Profile
from mediation.rules.chain import canonical

PLACE = b"means-section/"
FINGERPRINT = b"means-draft"


@dataclass(frozen=True)
class SectionDraft:
    """One section as typed so far, and who is to read it."""

    readers: Readers = Readers.MEDIATOR
    answers: Mapping[str, Answer] = field(default_factory=dict)
    kept_at: datetime | None = None

    @property
    def document(self) -> dict[str, object]:
        """The JSON value that is sealed."""
        return {"v": 1, "readers": self.readers.value, "answers": {k: each.kept for k, each in self.answers.items()}}

    def with_answer(self, key: str, answer: Answer) -> "SectionDraft":
        """The section with this answer in its place."""
        return replace(self, answers={**self.answers, key: answer})


@dataclass(frozen=True)
class Draft:
    """Every section of one case as typed so far."""

    profile: Profile
    currency: str
    sections: Mapping[Section, SectionDraft] = field(default_factory=dict)

    def section(self, section: Section) -> SectionDraft:
        """That section, empty where nothing was typed."""
        return self.sections.get(section, SectionDraft())

    def asked(self, section: Section) -> tuple[Question, ...]:
        """The questions of a section, with one for each debt of the list that was not taken off."""
        debts = [debt_key(number) for number in self.debts()] if section is Section.DEBTS else []
        listed = (question_at(section, key, self.profile) for key in debts if self._counts(key))
        return (*questions_of(section, self.profile), *(each for each in listed if each is not None))

    def debts(self) -> list[int]:
        """The numbers of the debts that were ever listed."""
        return sorted(n for key in self.section(Section.DEBTS).answers if (n := debt_number(key)) is not None)

    def next_debt(self) -> int | None:
        """The first free place in the list of debts; none when it is full."""
        taken = set(self.debts())
        return next((number for number in range(1, MOST_DEBTS + 1) if number not in taken), None)

    def line(self, question: Question) -> Line | None:
        """The answer as a line; none where it is missing or does not hold yet."""
        answer = self.section(question.section).answers.get(question.key)
        if answer is None or not answer.told:
            return None
        try:
            return read(question, answer, self.currency)
        except Refused:
            return None

    def lines(self, section: Section) -> tuple[Line, ...]:
        """Every answer of a section that holds."""
        return tuple(line for each in self.asked(section) if (line := self.line(each)) is not None)

    def unread(self) -> list[Question]:
        """The questions whose answers were begun and cannot be read."""
        return [
            each
            for section in Section
            for each in self.asked(section)
            if each.key in self.section(section).answers and self.line(each) is None
        ]

    def is_done(self, section: Section) -> bool:
        """Whether every question of the section has an answer that holds."""
        asked = self.asked(section)
        if section is Section.DEBTS and len(asked) == 1 and self._owes():
            return False
        return all(self.line(each) is not None for each in asked)

    def is_begun(self, section: Section) -> bool:
        """Whether anything was typed in the section."""
        return any(answer.kept for answer in self.section(section).answers.values())

    def _owes(self) -> bool:
        answer = self.section(Section.DEBTS).answers.get(ANY_DEBT, Answer())
        return answer.text == "yes"

    def _counts(self, key: str) -> bool:
        """Whoever owes nothing to others has no list, whatever was typed into it before."""
        return self._owes() and not self.section(Section.DEBTS).answers[key].is_removed


def draft_of(seat: Seat) -> Draft:
    """What the borrower has typed so far in this case."""
    seat.require("means:keep")
    return read_draft(seat)


def read_draft(seat: Seat) -> Draft:
    """The same for an action that has asked for its own permission."""
    found = seat.session.scalars(select(MeansSection).where(MeansSection.case_id == seat.case_id))
    sections = {row.section: _open(seat.session, row) for row in found}
    return Draft(profile_of(seat.case.calendar), seat.case.currency, sections)


def releases_anything(draft: Draft) -> bool:
    """Whether any section is to be read by the lender, in summary or in full."""
    return any(each.readers is not Readers.MEDIATOR for each in draft.sections.values())


def write_section(seat: Seat, section: Section, draft: SectionDraft, at: datetime) -> None:
    """The section is kept, encrypted, in its one row."""
    assert seat.account_id is not None
    row = seat.session.get(MeansSection, (seat.case_id, section))
    if row is None:
        row = MeansSection(case_id=seat.case_id, section=section)
        seat.session.add(row)
    sealed = ring_of(seat.session).encrypt(canonical(draft.document), context=_context(seat.case_id, section))
    row.sealed, row.kept_by, row.kept_at = pack(sealed), seat.account_id, at
    seat.session.flush()


def fingerprint_of(seat: Seat, draft: Draft) -> str:
    """What a page carries of the draft that it showed: the same for the same draft, and telling nothing of it."""
    document = {section.value: each.document for section, each in draft.sections.items()}
    return ring_of(seat.session).token(FINGERPRINT, seat.case_id.bytes + canonical(document)).hex()


def _open(session: Session, row: MeansSection) -> SectionDraft:
    text = ring_of(session).decrypt(unpack(row.sealed), context=_context(row.case_id, row.section))
    kept = json.loads(text)
    answers = {key: Answer.of(each) for key, each in kept["answers"].items()}
    return SectionDraft(Readers(kept["readers"]), answers, row.kept_at)


def _context(case_id: UUID, section: Section) -> bytes:
    """What the ciphertext is bound to: in another case or section it does not open."""
    return PLACE + case_id.bytes + section.value.encode()
