"""What an invitee, a doubter and the registrar may read of an invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import notices
from mediation.accounts.models import Account, Institution
from mediation.cases import codes, moves
from mediation.cases.invitations import current_invitation, notice_of
from mediation.cases.models import Case, Claim, Invitation, Undertaking
from mediation.cases.reaching import Way, way_of
from mediation.cases.seats import Seat
from mediation.errors import NotFound

TAIL = 4
PHONE_TAIL = 2


@dataclass(frozen=True)
class Component:
    """One part of the claim with the ground that the lender gives for it."""

    name: str
    amount: int
    basis: str


@dataclass(frozen=True)
class Invited:
    """The page of the invitation: who asks, for what, since when, what rests and what does not."""

    claim: Claim
    components: tuple[Component, ...]
    undertaking: Undertaking
    overdue_since_on: date | None
    account: Account


@dataclass(frozen=True)
class Letter:
    """The invitation as it is printed: the facts of its notice with the code in clear, and where it goes."""

    invitation: Invitation
    facts: dict[str, str]
    address: str
    until_on: date
    way: Way


@dataclass(frozen=True)
class Checked:
    """What somebody who holds a notice may know of it without signing in."""

    institution: Institution
    mediator: str
    case_tail: str
    phone_tail: str


def invited_seen_by(seat: Seat) -> Invited:
    """What the invitee decides on."""
    claim = seat.session.scalars(
        select(Claim).where(Claim.case_id == seat.case_id, Claim.version == seat.case.claim_version)
    ).one()
    assert seat.account_id is not None
    return Invited(
        claim=claim,
        components=_components(claim),
        undertaking=seat.session.get_one(Undertaking, seat.case_id),
        overdue_since_on=seat.case.overdue_since_on,
        account=seat.session.get_one(Account, seat.account_id),
    )


def letter_seen_by(seat: Seat) -> Letter:
    """The letter that the registrar prints, while its code still opens."""
    invitation = current_invitation(seat.session, seat.case_id)
    notice = None if invitation is None else notice_of(seat.session, invitation)
    if invitation is None or notice is None or invitation.ended_at or invitation.used_at:
        raise NotFound
    return Letter(
        invitation=invitation,
        facts=notices.open_facts(seat.session, notice),
        address=seat.case.borrower_address,
        until_on=date.fromisoformat(notice.facts["until"]),
        way=way_of(seat.session, invitation, with_address=True),
    )


def check_notice(session: Session, text: str) -> Checked | None:
    """The notice of that public number; it tells of no debt, no lender and no person."""
    number = codes.read_number(text) or ""
    found = session.execute(
        select(Case, Institution, Invitation, Account)
        .join(Invitation, Invitation.case_id == Case.id)
        .join(Institution, Institution.id == Case.institution_id)
        .outerjoin(Account, Account.id == Case.mediator_id)
        .where(Invitation.number == number)
    ).first()
    if found is None:
        return None
    case, institution, invitation, mediator = found
    return Checked(
        institution=institution,
        mediator=mediator.name if mediator else "",
        case_tail=case.number[-TAIL:],
        phone_tail=invitation.phone[-PHONE_TAIL:],
    )


def institutions_here(session: Session) -> Sequence[Institution]:
    """The mediation bodies that this site serves, for whoever doubts a notice."""
    return session.scalars(select(Institution).order_by(Institution.code)).all()


def has_lapsed(seat: Seat, at: datetime) -> bool:
    """Whether the time to answer is over, even where the worker has not come by yet."""
    invitation = current_invitation(seat.session, seat.case_id)
    return invitation is not None and at >= invitation.expires_at


def may_use_codes(account: Account) -> bool:
    """Whether one-time codes can reach this person: they go by mail alone."""
    return bool(account.email)


def today_in(seat: Seat, at: datetime) -> date:
    """The day in the case's zone."""
    return moves.local_day(seat.case, at)


def _components(claim: Claim) -> tuple[Component, ...]:
    return (
        Component("principal_due", claim.principal_due, claim.principal_basis),
        Component("principal_not_due", claim.principal_not_due, claim.principal_basis),
        Component("interest", claim.interest, claim.interest_basis),
        Component("penalty", claim.penalty, claim.penalty_basis),
        Component("fees", claim.fees, claim.fees_basis),
    )
