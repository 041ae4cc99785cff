"""Whether a sealed agreement is genuine and unchanged, for anybody who holds it; it names no person and no amount."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.accounts.models import Institution
from mediation.agreements.models import Agreement
from mediation.cases import codes
from mediation.rules import chain
from mediation.rules.clauses import from_document
from mediation.rules.lifecycle import DOWNLOADABLE, AgreementState

# Numbers are printed with 〔2025〕, which few keyboards have.
OPENING, CLOSING = str.maketrans("[(【", "〔〔〔"), str.maketrans("])】", "〕〕〕")
PDF = b"%PDF-"


class Likeness(StrEnum):
    """How a file compares with the sealed one."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verified:
    """What a stranger may know of a sealed agreement."""

    institution: Institution
    sealed_at: datetime
    sealed_sha256: str
    state: AgreementState


def agreement_of(session: Session, *, number: str, code: str, content: bytes = b"") -> Verified | None:
    """The sealed agreement of that number and code, or the one whose sealed file this is."""
    found = _by_number(session, number, code) or _by_file(session, content)
    if found is None or found.effective_at is None or found.sealed_sha256 is None:
        return None
    institution = session.get_one(Institution, found.institution_id)
    return Verified(institution, found.effective_at, found.sealed_sha256, found.state)


def likeness_of(content: bytes, found: Verified | None) -> Likeness:
    """Whether this is the sealed file, another version of a paper, or nothing that can be compared."""
    if found is None or not content.startswith(PDF):
        return Likeness.UNKNOWN
    same = hashlib.sha256(content).hexdigest() == found.sealed_sha256
    return Likeness.UNCHANGED if same else Likeness.CHANGED


def _by_number(session: Session, number: str, code: str) -> Agreement | None:
    asked = codes.read_code(code)
    if asked is None:
        return None
    found = select(Agreement).where(Agreement.number.in_(_spellings(number)), Agreement.state.in_(DOWNLOADABLE))
    return next((one for one in session.scalars(found) if hmac.compare_digest(_code_of(one), asked)), None)


def _by_file(session: Session, content: bytes) -> Agreement | None:
    if not content.startswith(PDF):
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    found = select(Agreement).where(Agreement.sealed_sha256 == sha256, Agreement.state.in_(DOWNLOADABLE))
    return session.scalars(found).first()


def _spellings(number: str) -> tuple[str, ...]:
    plain = " ".join(number.split())
    narrow = unicodedata.normalize("NFKC", plain)
    return plain, narrow, narrow.translate(OPENING).translate(CLOSING)


def _code_of(agreement: Agreement) -> str:
    document = chain.parse(agreement.document.encode())
    assert isinstance(document, dict)
    return codes.read_code(from_document(document)[0].verification_code) or ""
