"""Who is where: members, lenders and documents as the registrar's desk sees them, and what a signature stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.accounts.desks import Desk
from mediation.accounts.models import Account, AuthorityDocument, Engagement, Institution, Membership, Organisation
from mediation.errors import NotFound
from mediation.rules.access import Role


@dataclass(frozen=True)
class Member:
    """One person with a place at the institution."""

    membership: Membership
    account: Account
    organisation: Organisation | None


@dataclass(frozen=True)
class Place:
    """One place that somebody has at an institution, for a lender where they are its officer."""

    membership: Membership
    institution: Institution
    organisation: Organisation | None


@dataclass(frozen=True)
class Lender:
    """One lender as this institution has it on file."""

    engagement: Engagement
    organisation: Organisation


def institutions(session: Session) -> Sequence[Institution]:
    """Every institution of this deployment, by name."""
    return session.scalars(select(Institution).order_by(Institution.name)).all()


def members_at(desk: Desk) -> list[Member]:
    """The people who have a place at this institution now, by role and name."""
    found = (
        select(Membership, Account, Organisation)
        .join(Account, Account.id == Membership.account_id)
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.institution_id == desk.institution_id, Membership.ended_at.is_(None))
        .order_by(Membership.role, Account.name, Account.id)
    )
    return [Member(*row) for row in desk.session.execute(found)]


def member_at(desk: Desk, membership_id: UUID) -> Member:
    """One of them; NotFound where there is none."""
    for member in members_at(desk):
        if member.membership.id == membership_id:
            return member
    raise NotFound


def places_of(session: Session, account_id: UUID) -> list[Place]:
    """Every place that this person has now, the oldest first: at that one they work until they choose another."""
    found = (
        select(Membership, Institution, Organisation)
        .join(Institution, Institution.id == Membership.institution_id)
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.account_id == account_id, Membership.ended_at.is_(None))
        .order_by(Membership.since_at, Membership.id)
    )
    return [Place(*row) for row in session.execute(found)]


def lenders_at(desk: Desk) -> list[Lender]:
    """The lenders that this institution has on file, by name."""
    found = (
        select(Engagement, Organisation)
        .join(Organisation, Organisation.id == Engagement.organisation_id)
        .where(Engagement.institution_id == desk.institution_id)
        .order_by(Organisation.name, Organisation.id)
    )
    return [Lender(*row) for row in desk.session.execute(found)]


def lender_at(desk: Desk, engagement_id: UUID) -> Lender:
    """One of them; NotFound where there is none."""
    for lender in lenders_at(desk):
        if lender.engagement.id == engagement_id:
            return lender
    raise NotFound


def authorities_at(desk: Desk, account_id: UUID) -> Sequence[AuthorityDocument]:
    """What authorities of this officer are on file here, the newest first."""
    found = select(AuthorityDocument).where(
        AuthorityDocument.institution_id == desk.institution_id, AuthorityDocument.account_id == account_id
    )
    return desk.session.scalars(found.order_by(AuthorityDocument.kept_at.desc())).all()


def authority_of(session: Session, institution_id: UUID, account_id: UUID, on: date) -> AuthorityDocument | None:
    """The document under which this officer may sign a settlement on that day."""
    officer_of = select(Membership.organisation_id).where(
        Membership.account_id == account_id,
        Membership.institution_id == institution_id,
        Membership.role == Role.LENDER,
        Membership.ended_at.is_(None),
    )
    found = select(AuthorityDocument).where(
        AuthorityDocument.institution_id == institution_id,
        AuthorityDocument.account_id == account_id,
        AuthorityDocument.organisation_id.in_(officer_of),
        AuthorityDocument.covers_settlement,
        AuthorityDocument.valid_from_on <= on,
        AuthorityDocument.valid_until_on >= on,
    )
    return session.scalars(found.order_by(AuthorityDocument.valid_until_on.desc())).first()


def policy_officers(session: Session, institution_id: UUID, organisation_id: UUID, on: date) -> Sequence[Account]:
    """The lender's officers whose authority covers its own limits and approvals on that day, by name."""
    found = (
        select(Account)
        .join(Membership, Membership.account_id == Account.id)
        .join(AuthorityDocument, AuthorityDocument.account_id == Account.id)
        .where(
            AuthorityDocument.institution_id == institution_id,
            AuthorityDocument.organisation_id == organisation_id,
            AuthorityDocument.covers_policy,
            AuthorityDocument.valid_from_on <= on,
            AuthorityDocument.valid_until_on >= on,
            Membership.institution_id == institution_id,
            Membership.organisation_id == organisation_id,
            Membership.role == Role.LENDER,
            Membership.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.name, Account.id)
        .distinct()
    )
    return session.scalars(found).all()


def signing_officers(session: Session, institution_id: UUID, organisation_id: UUID) -> Sequence[UUID]:
    """The lender's officers with a place here and an authority to settle; the one that runs longest first."""
    found = (
        select(AuthorityDocument.account_id)
        .join(Membership, Membership.account_id == AuthorityDocument.account_id)
        .where(
            AuthorityDocument.institution_id == institution_id,
            AuthorityDocument.organisation_id == organisation_id,
            AuthorityDocument.covers_settlement,
            Membership.institution_id == institution_id,
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
        )
        .order_by(AuthorityDocument.valid_until_on.desc(), AuthorityDocument.account_id)
    )
    return session.scalars(found).all()


def is_staff(session: Session, account_id: UUID) -> bool:
    """Whether this person has a place at any institution."""
    found = select(Membership.id).where(Membership.account_id == account_id, Membership.ended_at.is_(None))
    return session.scalar(found.limit(1)) is not None
