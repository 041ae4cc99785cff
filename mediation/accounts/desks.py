"""Desks: a member of staff at an institution, found by the guard."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, bindparam, case, select
from sqlalchemy.orm import Session

from mediation.accounts.models import Institution, Membership
from mediation.rules import access
from mediation.rules.access import Role

AT_A_DESK = frozenset({Role.LENDER, Role.MEDIATOR, Role.REGISTRAR, Role.AUDITOR})

# Asked at every request of a desk: built once.
_DESK = (
    select(Membership.role, Membership.organisation_id, Institution)
    .join(Institution, Institution.id == Membership.institution_id)
    .where(Membership.account_id == bindparam("account_id"), Membership.ended_at.is_(None))
    .order_by(
        case((Membership.institution_id == bindparam("chosen_id", type_=Uuid), 0), else_=1),
        Membership.since_at,
        Membership.id,
    )
)


@dataclass(frozen=True, kw_only=True)
class Desk(access.Desk):
    """A desk with the session in which its actions are kept."""

    session: Session
    institution: Institution


def desk_of(
    session: Session, account_id: UUID, *, institution_id: UUID | None = None, locking: bool = False
) -> Desk | None:
    """The desk of this account, if it has one: of several the one at that institution, else the oldest."""
    found = session.execute(_DESK, {"account_id": account_id, "chosen_id": institution_id}).first()
    if found is None or found.role not in AT_A_DESK:
        return None
    role, organisation_id, institution = found
    return Desk(
        account_id=account_id,
        institution_id=institution.id,
        role=role,
        organisation_id=organisation_id,
        session=session,
        institution=institution,
    )
