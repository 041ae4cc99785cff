"""Keeping answers, choosing who reads them, stating the whole, and saying that a document was seen."""

import secrets
from datetime import datetime

from mediation import audit, lawbook
from mediation.cases import moves
from mediation.cases.models import Consent, Purpose
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.disclosures.answers import Answer, read
from mediation.disclosures.consents import Passing, passing_of
from mediation.disclosures.drafts import Draft, fingerprint_of, read_draft, releases_anything, write_section
from mediation.disclosures.means import statement_seen_by
from mediation.disclosures.models import MeansStatement, MeansVerification, Section
from mediation.disclosures.questions import ANY_DEBT, Question
from mediation.disclosures.sharing import CHOICES, Readers
from mediation.disclosures.statements import LINE, document_of, keep_statement, line_text
from mediation.errors import NotFound, Refused, Stale
from mediation.files import store_row
from mediation.keys import ring_of
from mediation.rules.access import Role
from mediation.rules.affordability import Told

SALT_BYTES = 32


def keep_answer(seat: Seat, question: Question, answer: Answer, *, at: datetime) -> None:
    """The answer holds and is in the draft, which only the borrower reads."""
    seat.require("means:keep")
    draft = read_draft(seat)
    if not answer.is_removed:
        read(question, answer, draft.currency)
    _keep(seat, draft, question, answer, at)


def keep_as_typed(seat: Seat, question: Question, answer: Answer, *, at: datetime) -> None:
    """What is being typed is in the draft as it stands, whether it holds already or not; nothing is lost."""
    seat.require("means:keep")
    draft = read_draft(seat)
    before = draft.section(question.section).answers.get(question.key, Answer())
    if answer == Answer(told=answer.told, period=answer.period):
        return  # nothing was typed, which is no reason to forget what was answered
    if before.is_removed:
        return
    _keep(seat, draft, question, answer, at)


def choose_readers(seat: Seat, section: Section, readers: Readers, *, at: datetime) -> None:
    """From the next statement on these read the section; until then nothing changes for anybody."""
    seat.require("means:keep")
    if readers not in CHOICES[section]:
        raise Refused("means:choose", field="readers")
    kept = read_draft(seat).section(section)
    write_section(seat, section, type(kept)(readers, kept.answers), at)


def state_means(seat: Seat, *, seen: str, consent_words: str = "", at: datetime) -> MeansStatement:
    """The draft as it was shown is the statement that counts: the mediator reads it, the lender what was released.

    `consent_words` are those by which the borrower agrees that anything is passed on; they are asked once.
    """
    seat.require("means:state")
    draft = read_draft(seat)
    _check_may_state(seat, draft, seen)
    consented = _consent_to_sharing(seat, draft, consent_words, at)
    guidelines = lawbook.guidelines(draft.profile, on=moves.local_day(seat.case, at))
    stated = keep_statement(seat, document_of(draft, guidelines, salt=secrets.token_hex(SALT_BYTES)), at)
    body = {"statement": str(stated.id), "sha256": stated.sha256, **consented}
    audit.record(seat, "means:stated", body, at=at)
    # Whoever else were told would learn that there is something to read.
    tell_roles(seat.session, seat.case, "means:stated", (Role.MEDIATOR,), at=at)
    return stated


def verify_line(seat: Seat, section: Section, key: str, *, seen_sha256: str, at: datetime) -> None:
    """The mediator has seen a document for exactly this line."""
    seat.require("means:verify")
    token, body = _line_seen(seat, section, key, seen_sha256)
    row = seat.session.get(MeansVerification, (seat.case_id, token))
    if row is not None and row.ended_at is None:
        raise Refused("means:already-verified")
    if row is None:
        row = MeansVerification(case_id=seat.case_id, token=token)
        seat.session.add(row)
    assert seat.account_id is not None
    row.verified_by, row.verified_at, row.ended_at = seat.account_id, at, None
    seat.session.flush()
    audit.record(seat, "means:verified", body, at=at)


def take_back_verification(seat: Seat, section: Section, key: str, *, seen_sha256: str, at: datetime) -> None:
    """The line counts as stated alone again."""
    seat.require("means:verify")
    token, body = _line_seen(seat, section, key, seen_sha256)
    row = seat.session.get(MeansVerification, (seat.case_id, token))
    if row is None or row.ended_at is not None:
        raise Refused("means:not-verified")
    row.ended_at = at
    seat.session.flush()
    audit.record(seat, "means:unverified", body, at=at)


def _keep(seat: Seat, draft: Draft, question: Question, answer: Answer, at: datetime) -> None:
    kept = draft.section(question.section).with_answer(question.key, answer)
    if question.section is Section.DEBTS and question.key != ANY_DEBT and not answer.is_removed:
        # Whoever lists a debt has answered whether there is one.
        kept = kept.with_answer(ANY_DEBT, Answer(told=Told.GIVEN.value, text="yes"))
    write_section(seat, question.section, kept, at)


def _check_may_state(seat: Seat, draft: Draft, seen: str) -> None:
    if mediator_in_place(seat.session, seat.case_id) is None:
        raise Refused("means:no-mediator")
    if not any(draft.lines(section) for section in Section):
        raise Refused("means:nothing-stated")
    if draft.unread():
        raise Refused("means:unfinished")
    if fingerprint_of(seat, draft) != seen:
        raise Stale("means:changed")


def _consent_to_sharing(seat: Seat, draft: Draft, words: str, at: datetime) -> dict[str, str]:
    """What the entry says of the consent, where it is given with this statement; the case's own thread tells nobody."""
    if not releases_anything(draft):
        return {}
    passing = passing_of(seat.session, seat.case_id, seat.account_id)
    if passing is Passing.TAKEN_BACK:
        raise Refused("means:consent-taken-back")
    if passing is Passing.GIVEN:
        return {}
    if not words:
        raise Refused("means:no-consent-to-share", field="consent")
    # As with the consents on joining: the words stay on file, so that what was agreed to can be shown in years.
    text = words.encode()
    kept = store_row(seat.session, text, institution_id=seat.institution_id, media_type="text/plain", at=at)
    seat.session.add(
        Consent(
            case_id=seat.case_id,
            account_id=seat.account_id,
            purpose=Purpose.SHARE_WITH_LENDER,
            text_sha256=kept.sha256,
            given_at=at,
        )
    )
    seat.session.flush()
    return {"consent_sha256": kept.sha256}


def _line_seen(seat: Seat, section: Section, key: str, seen_sha256: str) -> tuple[bytes, dict[str, str]]:
    """The token of a line of the statement that the mediator had before it, and what the record says of it."""
    stated = statement_seen_by(seat)
    if stated is None:
        raise NotFound
    if stated.sha256 != seen_sha256:
        raise Stale("means:restated")
    line = stated.line(section, key)
    if line is None:
        raise NotFound
    token = ring_of(seat.session).token(LINE, line_text(seat.case_id, section, line))
    return token, {"statement": str(stated.id), "section": section.value, "item": key}
