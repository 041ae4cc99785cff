"""Who sits where in a case, and notices to all of them: neutral words, the case's number, no amount."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import notices
from mediation.accounts.models import Account, Membership
from mediation.cases.models import Case, Consent, ConsentEnd, Purpose, Seating, Undertaking
from mediation.cases.pause_models import Suspension
from mediation.rules.access import Role


def people_of(session: Session, case: Case, role: Role) -> Sequence[Account]:
    """The accounts that sit in this case in that role now; for the lender the officer in charge, else every officer."""
    found = select(Account).where(Account.disabled_at.is_(None)).order_by(Account.id)
    if role not in (Role.LENDER, Role.REGISTRAR):
        seated = select(Seating.account_id).where(
            Seating.case_id == case.id, Seating.role == role, Seating.ended_at.is_(None)
        )
        return session.scalars(found.where(Account.id.in_(seated))).all()
    staff = select(Membership.account_id).where(
        Membership.institution_id == case.institution_id, Membership.role == role, Membership.ended_at.is_(None)
    )
    if role is Role.REGISTRAR:
        return session.scalars(found.where(Account.id.in_(staff))).all()
    officers = found.where(Account.id.in_(staff.where(Membership.organisation_id == case.organisation_id)))
    in_charge = select(Undertaking.given_by).where(Undertaking.case_id == case.id)
    return session.scalars(officers.where(Account.id.in_(in_charge))).all() or session.scalars(officers).all()


def tell_roles(
    session: Session,
    case: Case,
    kind: str,
    roles: Iterable[Role],
    *,
    at: datetime,
    facts: dict[str, str] | None = None,
    but: UUID | None = None,
) -> None:
    """Everybody who sits in one of these roles is told, `but` the one who acted."""
    for role in roles:
        for account in people_of(session, case, role):
            if account.id != but:
                tell_account(session, case, kind, account, role, at=at, facts=facts)


def tell_account(
    session: Session,
    case: Case,
    kind: str,
    account: Account,
    role: Role,
    *,
    at: datetime,
    facts: dict[str, str] | None = None,
) -> None:
    """This one person is told: a borrower by mail too while that consent holds, staff at their desk alone.

    A side whose own question suspended the case is told nothing until it is settled.
    """
    if _rests_for(session, case, role):
        return
    by_mail = role is Role.BORROWER and not _wants_letters(session, case, account)
    notices.tell(
        session,
        kind,
        institution_id=case.institution_id,
        case_id=case.id,
        account_id=account.id,
        address=account.email if by_mail else "",
        locale=account.locale,
        facts={"number": case.number, **(facts or {})},
        at=at,
    )


def _rests_for(session: Session, case: Case, role: Role) -> bool:
    found = select(Suspension.side).where(Suspension.case_id == case.id, Suspension.ended_at.is_(None))
    return session.scalar(found) == role.value


def _wants_letters(session: Session, case: Case, account: Account) -> bool:
    """Whether this person took back that documents of this case reach them electronically."""
    found = (
        select(ConsentEnd.consent_id)
        .join(Consent, Consent.id == ConsentEnd.consent_id)
        .where(
            Consent.case_id == case.id,
            Consent.account_id == account.id,
            Consent.purpose == Purpose.ELECTRONIC_SERVICE,
        )
    )
    return session.scalar(found) is not None
