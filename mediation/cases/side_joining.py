"""The way to a side for its adviser or a further borrower: the question, the terms, a seat; or no."""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit, outbox
from mediation.accounts import credentials
from mediation.accounts.models import Account, Institution, Membership
from mediation.cases import side_codes, telling
from mediation.cases.advisers import TABLE_ROLES
from mediation.cases.consents import NEEDED
from mediation.cases.identification import ASKED, ATTEMPTS, Answered, Outcome
from mediation.cases.invited import may_use_codes
from mediation.cases.models import Case, Consent, Purpose, Seating
from mediation.cases.seats import Seat, seat_of
from mediation.cases.side_models import SideInvitation
from mediation.errors import NotFound, Refused
from mediation.files import store_row
from mediation.rules.access import Role, Scope
from mediation.rules.deadlines import last_day

DECLINED, NOT_ME = "declined", "not-me"


class Question(StrEnum):
    """What the invitee is asked: something that whoever invited them put on file."""

    IDENTITY_NUMBER = "identity-number"
    TELEPHONE = "telephone"
    NAME = "name"


@dataclass(frozen=True)
class Asked:
    """What the page of the question may show: no case, no side, no name."""

    institution: Institution
    question: Question
    left: int


@dataclass(frozen=True)
class Offered:
    """What the invitee reads before deciding: beside whom, at which case, what may be read, until when."""

    invitation: SideInvitation
    seat: Seat
    account: Account
    first_name: str
    scope: tuple[Scope, ...]
    ends_on: date | None

    @property
    def may_use_codes(self) -> bool:
        """Whether one-time codes can reach this person."""
        return may_use_codes(self.account)


def asked_of(session: Session, invitation_id: UUID, *, at: datetime) -> Asked:
    """The question of an invitation that still opens."""
    invitation = session.get_one(SideInvitation, invitation_id)
    side_codes.check_opens(session, invitation, at)
    case = session.get_one(Case, invitation.case_id)
    institution = session.get_one(Institution, case.institution_id)
    return Asked(institution, _question(invitation)[0], ATTEMPTS - invitation.attempts)


def answer_question(
    session: Session, invitation_id: UUID, answer: str, *, signed_in: UUID | None, locale: str, at: datetime
) -> Answered:
    """A wrong answer is counted, and the fifth closes the code; a right one opens the terms to this account.

    The outcome is returned, never raised, so that the count is kept.
    """
    case, invitation = side_codes.locked(session, invitation_id)
    side_codes.check_opens(session, invitation, at)
    expected = _question(invitation)[1]
    if not secrets.compare_digest(_plain(answer).encode(), expected.encode()):
        return _count_wrong(session, case, invitation, at)
    account = _account_for(session, invitation, signed_in, locale, at)
    if account is None:
        return Answered(Outcome.SIGN_IN_FIRST)
    _check_no_other_place(session, case, account.id)
    invitation.account_id, invitation.verified_at = account.id, at
    session.flush()
    return Answered(Outcome.RIGHT, account_id=account.id, number=case.number)


def offered_to(session: Session, account_id: UUID, invitation_id: UUID, *, at: datetime) -> Offered:
    """The terms, for the account that answered the question; for anybody else there is nothing."""
    invitation = _own(session, account_id, invitation_id)
    side_codes.check_opens(session, invitation, at)
    case = session.get_one(Case, invitation.case_id)
    given = invitation.scope.split()
    ends_at = invitation.seat_ends_at
    return Offered(
        invitation=invitation,
        seat=Seat.system(session, case),
        account=session.get_one(Account, account_id),
        first_name=case.borrower_name,
        scope=tuple(one for one in Scope if one.value in given),
        ends_on=last_day(ends_at, ZoneInfo(case.zone)) if ends_at else None,
    )


def join_as_adviser(
    session: Session, account_id: UUID, invitation_id: UUID, *, words: str, password_hash: str | None, at: datetime
) -> str:
    """The adviser sits beside the side, and everybody at the table knows it; the number of the case is returned."""
    case, invitation = _joinable(session, account_id, invitation_id, Role.ADVISER, at)
    if not words:
        raise Refused("adviser:terms-needed", field="keeps_quiet")
    _keep_password(session, account_id, password_hash, at)
    invitation.terms_sha256 = _kept_text(session, case, words, at)
    seat = _seat_down(session, case, invitation, at)
    body = {"invitation": str(invitation.id), "side": invitation.side.value, "terms_sha256": invitation.terms_sha256}
    audit.record(seat, "adviser:joined", body, at=at)
    outbox.enqueue(
        session,
        "adviser:lapse",
        {"invitation": str(invitation.id)},
        at=at,
        run_at=invitation.seat_ends_at,
        dedup=f"adviser:lapse:{invitation.id}",
    )
    telling.tell_roles(session, case, "adviser:joined", TABLE_ROLES, at=at)
    return case.number


def join_as_borrower(
    session: Session,
    account_id: UUID,
    invitation_id: UUID,
    *,
    words: Mapping[Purpose, str],
    password_hash: str | None,
    at: datetime,
) -> str:
    """A further person is the borrower's side too, and answers and signs for themselves; the case's number."""
    case, invitation = _joinable(session, account_id, invitation_id, Role.BORROWER, at)
    for purpose in NEEDED:
        if purpose not in words:
            raise Refused("consent:needed", field=purpose.value)
    _keep_password(session, account_id, password_hash, at)
    hashes = {purpose: _kept_text(session, case, text, at) for purpose, text in words.items()}
    for purpose, sha256 in hashes.items():
        session.add(Consent(case_id=case.id, account_id=account_id, purpose=purpose, text_sha256=sha256, given_at=at))
    seat = _seat_down(session, case, invitation, at)
    purposes = {purpose.value: text for purpose, text in sorted(hashes.items())}
    audit.record(seat, "borrower:joined", {"invitation": str(invitation.id), "purposes": purposes}, at=at)
    told = (*TABLE_ROLES, Role.REGISTRAR)
    telling.tell_roles(session, case, "borrower:added", told, at=at, but=account_id)
    return case.number


def say_no(session: Session, invitation_id: UUID, *, how: str, at: datetime) -> None:
    """The code is dead; whoever invited is told that this person does not come, and nothing else."""
    case, invitation = side_codes.locked(session, invitation_id)
    side_codes.check_opens(session, invitation, at)
    side_codes.close(session, invitation, how, at)
    telling.tell_roles(session, case, "side:declined", (_inviting(invitation),), at=at)


def decline_terms(session: Session, account_id: UUID, invitation_id: UUID, *, at: datetime) -> None:
    """Whoever answered the question does not come."""
    _own(session, account_id, invitation_id)
    say_no(session, invitation_id, how=DECLINED, at=at)


def _question(invitation: SideInvitation) -> tuple[Question, str]:
    if invitation.id_tail:
        return Question.IDENTITY_NUMBER, _plain(invitation.id_tail)
    if invitation.phone:
        return Question.TELEPHONE, _plain(invitation.phone)[-ASKED:]
    return Question.NAME, _plain(invitation.name)


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text[:160]).upper() if sign.isalnum())


def _count_wrong(session: Session, case: Case, invitation: SideInvitation, at: datetime) -> Answered:
    invitation.attempts += 1
    left = ATTEMPTS - invitation.attempts
    if left > 0:
        return Answered(Outcome.WRONG, left=left)
    side_codes.close(session, invitation, side_codes.LOCKED, at)
    telling.tell_roles(session, case, "side:locked", (_inviting(invitation),), at=at)
    return Answered(Outcome.CLOSED)


def _inviting(invitation: SideInvitation) -> Role:
    """Who invited: the side its adviser, the registrar a further borrower."""
    return Role(invitation.side.value) if invitation.role is Role.ADVISER else Role.REGISTRAR


def _account_for(
    session: Session, invitation: SideInvitation, signed_in: UUID | None, locale: str, at: datetime
) -> Account | None:
    """The invitee's account; None when one with this contact exists and has not signed in."""
    if invitation.account_id is not None:
        return session.get_one(Account, invitation.account_id)
    name = invitation.email or invitation.phone
    known = session.scalars(select(Account).where(Account.sign_in_name == name.strip().casefold())).first()
    if known is not None:
        return known if known.id == signed_in and known.disabled_at is None else None
    return credentials.add_account(
        session, name, invitation.name, email=invitation.email, phone=invitation.phone, locale=locale, at=at
    )


def _check_no_other_place(session: Session, case: Case, account_id: UUID) -> None:
    """Nobody sits twice at a case, and nobody who works for the mediation body there sits on a side."""
    if seat_of(session, account_id, case.number) is not None:
        raise Refused("side:sits-already")
    works_here = select(Membership.id).where(
        Membership.account_id == account_id,
        Membership.institution_id == case.institution_id,
        Membership.ended_at.is_(None),
    )
    if session.scalar(works_here) is not None:
        raise Refused("side:works-here")


def _own(session: Session, account_id: UUID, invitation_id: UUID) -> SideInvitation:
    invitation = session.get(SideInvitation, invitation_id)
    if invitation is None or invitation.account_id != account_id:
        raise NotFound
    return invitation


def _joinable(
    session: Session, account_id: UUID, invitation_id: UUID, role: Role, at: datetime
) -> tuple[Case, SideInvitation]:
    if _own(session, account_id, invitation_id).role is not role:
        raise NotFound
    case, invitation = side_codes.locked(session, invitation_id)
    side_codes.check_opens(session, invitation, at)
    _check_no_other_place(session, case, account_id)
    return case, invitation


def _keep_password(session: Session, account_id: UUID, password_hash: str | None, at: datetime) -> None:
    account = session.get_one(Account, account_id)
    if password_hash is not None:
        credentials.set_password(session, account_id, password_hash, at=at)
    elif account.password_hash is None and not may_use_codes(account):
        raise Refused("consent:password-needed", field="password")


def _kept_text(session: Session, case: Case, words: str, at: datetime) -> str:
    """The words themselves are on file under their hash, so that what was agreed to can be shown in years."""
    kept = store_row(session, words.encode(), institution_id=case.institution_id, media_type="text/plain", at=at)
    return kept.sha256


def _seat_down(session: Session, case: Case, invitation: SideInvitation, at: datetime) -> Seat:
    assert invitation.account_id is not None
    invitation.joined_at = at
    role, signs = invitation.role, invitation.role is Role.BORROWER
    session.add(Seating(case_id=case.id, account_id=invitation.account_id, role=role, signs=signs, since_at=at))
    session.flush()
    seat = seat_of(session, invitation.account_id, case.number)
    assert seat is not None
    return seat
