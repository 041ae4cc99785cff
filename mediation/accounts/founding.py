"""How a deployment begins: an institution and its first registrar, set up by whoever runs the machine."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts import credentials
from mediation.accounts.desks import Desk
from mediation.accounts.models import Account, Institution, Membership
from mediation.errors import NotFound, Refused
from mediation.rules.access import Role


def found_institution(session: Session, institution: Institution, *, host: str) -> Institution:
    """The institution exists, with the thread of its own record."""
    if session.scalar(select(Institution.id).where(Institution.code == institution.code)) is not None:
        raise Refused("institution:code-taken", code=institution.code)
    session.add(institution)
    session.flush()
    audit.open_threads(session, institution.id, host=host)
    return institution


def add_registrar(session: Session, code: str, name: str, email: str, *, at: datetime) -> tuple[Account, str]:
    """The person is a registrar there; returned with a one-time code, which is told to nobody else."""
    institution = session.scalars(select(Institution).where(Institution.code == code)).first()
    if institution is None:
        raise NotFound
    account = credentials.account_named(session, email)
    if account is None:
        account = credentials.add_account(session, email, name, email=email.strip(), at=at)
    _give_place(session, institution, account.id, at=at)
    return account, credentials.make_code(session, account, at=at)


def _give_place(session: Session, institution: Institution, account_id: UUID, *, at: datetime) -> None:
    held = select(Membership).where(
        Membership.account_id == account_id,
        Membership.institution_id == institution.id,
        Membership.ended_at.is_(None),
    )
    member = session.scalars(held).first()
    if member is not None and member.role is not Role.REGISTRAR:
        raise Refused("member:has-a-place")
    if member is not None:
        return
    session.add(Membership(account_id=account_id, institution_id=institution.id, role=Role.REGISTRAR, since_at=at))
    session.flush()
    machine = Desk(
        account_id=account_id,
        institution_id=institution.id,
        role=Role.SYSTEM,
        session=session,
        institution=institution,
    )
    audit.record_at_desk(machine, "member:joined", {"account": str(account_id), "role": "registrar"}, at=at)
