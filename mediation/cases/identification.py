"""Before any debt is shown: whose code this is, the identity question, and 这不是我."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts import credentials
from mediation.accounts.models import Account, Institution
from mediation.cases import codes, moves, telling
from mediation.cases.invitations import CODE_PURPOSE, NOT_ME, TOLD, end, stop_notices
from mediation.cases.models import Case, Invitation, Seating
from mediation.cases.seats import Seat, lock_case, seat_of
from mediation.errors import Refused
from mediation.keys import ring_of
from mediation.rules.access import Role
from mediation.rules.lifecycle import Move, Stage

ATTEMPTS = 5
ASKED = 4  # characters at the end of what is on file


class Question(StrEnum):
    """What the invitee is asked: the identity number, or the contract's where the lender's file has none."""

    IDENTITY_NUMBER = "identity-number"
    CONTRACT_NUMBER = "contract-number"


class Outcome(StrEnum):
    """What an answer to the question led to."""

    RIGHT = "right"
    WRONG = "wrong"
    CLOSED = "closed"
    SIGN_IN_FIRST = "sign-in-first"


@dataclass(frozen=True)
class Asked:
    """What the page of the question may show: no debt, no lender, no name."""

    institution: Institution
    question: Question
    left: int


@dataclass(frozen=True)
class Answered:
    """The outcome; when it is right, who answered and at which case."""

    outcome: Outcome
    left: int = 0
    account_id: UUID | None = None
    number: str = ""


def invitation_by_code(session: Session, text: str, *, at: datetime) -> Invitation:
    """The invitation that this code opens; refused when there is none, or none any more."""
    code = codes.read_code(text)
    if code is None:
        raise Refused("invitation:code-unknown", field="code")
    tokens = ring_of(session).tokens(CODE_PURPOSE, code.encode())
    found = session.scalars(select(Invitation).where(Invitation.code_hash.in_(tokens))).first()
    if found is None:
        raise Refused("invitation:code-unknown", field="code")
    _check_opens(session, found, at)
    return found


def asked_of(session: Session, invitation_id: UUID, *, at: datetime) -> Asked:
    """The identity question of an invitation that still opens."""
    invitation = session.get_one(Invitation, invitation_id)
    _check_opens(session, invitation, at)
    case = session.get_one(Case, invitation.case_id)
    question, _ = _question(case)
    return Asked(session.get_one(Institution, case.institution_id), question, ATTEMPTS - invitation.attempts)


def answer_identity(
    session: Session, invitation_id: UUID, answer: str, *, signed_in: UUID | None, locale: str, at: datetime
) -> Answered:
    """A wrong answer is counted, and the fifth closes the invitation; a right one seats the borrower.

    The outcome is returned, never raised, so that the count is kept.
    """
    case, invitation = _locked(session, invitation_id)
    _check_opens(session, invitation, at)
    _, expected = _question(case)
    if not secrets.compare_digest(_plain(answer).encode(), _plain(expected).encode()):
        return _count_wrong(session, case, invitation, at)
    account = _account_for(session, case, invitation, signed_in, locale, at)
    if account is None:
        return Answered(Outcome.SIGN_IN_FIRST)
    _seat(session, case, account.id, at)
    if invitation.verified_at is None:
        invitation.verified_at, invitation.account_id = at, account.id
        moves.await_turn(case, Role.BORROWER, until=case.deadline_at, kind=case.deadline_kind, at=at)
        seat = seat_of(session, account.id, case.number)
        audit.record(seat, "invitation:identified", {"notice": invitation.number}, at=at)
    return Answered(Outcome.RIGHT, account_id=account.id, number=case.number)


def say_not_me(session: Session, invitation_id: UUID, *, at: datetime) -> None:
    """The code is dead, that contact hears nothing more, and the lender learns only that the contact is wrong."""
    case, invitation = _locked(session, invitation_id)
    _check_opens(session, invitation, at)
    end(invitation, NOT_ME, at)
    stop_notices(session, invitation, at)
    seat = moves.move(Seat.system(session, case), Move.NOT_ME, at=at)
    moves.await_turn(case, Role.REGISTRAR, until=case.deadline_at, kind=case.deadline_kind, at=at)
    audit.record(seat, "invitation:contact-wrong", {"notice": invitation.number}, at=at)
    telling.tell_roles(seat.session, seat.case, "invitation:contact-wrong", TOLD, at=at)


def _locked(session: Session, invitation_id: UUID) -> tuple[Case, Invitation]:
    case_id = session.get_one(Invitation, invitation_id).case_id
    case = lock_case(session, case_id)
    invitation = session.get_one(Invitation, invitation_id)
    session.refresh(invitation)
    return case, invitation


def _check_opens(session: Session, invitation: Invitation, at: datetime) -> None:
    """Only who holds the code comes here, so that each case may be named."""
    if invitation.used_at is not None:
        raise Refused("invitation:code-used", field="code")
    if invitation.ended_as == "locked":
        raise Refused("invitation:locked", field="code")
    if invitation.ended_at is not None:
        raise Refused("invitation:code-ended", field="code")
    if at >= invitation.expires_at:
        raise Refused("invitation:code-expired", field="code")
    if session.get_one(Case, invitation.case_id).stage is not Stage.INVITED:
        raise Refused("invitation:code-ended", field="code")


def _question(case: Case) -> tuple[Question, str]:
    if case.borrower_id_tail:
        return Question.IDENTITY_NUMBER, case.borrower_id_tail
    return Question.CONTRACT_NUMBER, _plain(case.contract_number)[-ASKED:]


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text[:80]).upper() if sign.isalnum())


def _count_wrong(session: Session, case: Case, invitation: Invitation, at: datetime) -> Answered:
    invitation.attempts += 1
    left = ATTEMPTS - invitation.attempts
    if left > 0:
        return Answered(Outcome.WRONG, left=left)
    end(invitation, "locked", at)
    stop_notices(session, invitation, at)
    telling.tell_roles(session, case, "invitation:locked", (Role.REGISTRAR,), at=at)
    return Answered(Outcome.CLOSED)


def _account_for(
    session: Session, case: Case, invitation: Invitation, signed_in: UUID | None, locale: str, at: datetime
) -> Account | None:
    """The borrower's account; None when one with this contact exists and has not signed in."""
    if invitation.account_id is not None:
        return session.get_one(Account, invitation.account_id)
    name = invitation.email or invitation.phone or case.number
    known = session.scalars(select(Account).where(Account.sign_in_name == name.strip().casefold())).first()
    if known is not None:
        return known if known.id == signed_in and known.disabled_at is None else None
    return credentials.add_account(
        session, name, invitation.name, email=invitation.email, phone=invitation.phone, locale=locale, at=at
    )


def _seat(session: Session, case: Case, account_id: UUID, at: datetime) -> None:
    """One borrower sits at the case; whoever answered an earlier invitation does not any more."""
    found = select(Seating).where(Seating.case_id == case.id, Seating.role == Role.BORROWER, Seating.ended_at.is_(None))
    for seating in session.scalars(found).all():
        if seating.account_id == account_id:
            return
        seating.ended_at = at
    session.flush()
    session.add(Seating(case_id=case.id, account_id=account_id, role=Role.BORROWER, since_at=at))
    session.flush()
