"""Members and lenders of an institution, kept by its registrar."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit, notices, outbox
from mediation.accounts import credentials, selections, sessions
from mediation.accounts.desks import Desk
from mediation.accounts.models import Account, AuthorityDocument, Engagement, Membership, Organisation
from mediation.errors import NotFound, Refused
from mediation.rules.access import Role
from mediation.rules.lenders import LenderType, read_credit_code


def add_member(
    desk: Desk, account: Account, role: Role, *, organisation_id: UUID | None = None, field: str = "", at: datetime
) -> Membership:
    """The account is a member of this institution, in that role."""
    desk.require("member:keep")
    if (role is Role.LENDER) != (organisation_id is not None):
        raise Refused("member:organisation-missing", field="organisation")
    _check_no_other_place(desk, account.id, organisation_id)
    member = Membership(
        account_id=account.id,
        institution_id=desk.institution_id,
        organisation_id=organisation_id,
        role=role,
        field=field,
        since_at=at,
    )
    desk.session.add(member)
    desk.session.flush()
    audit.record_at_desk(desk, "member:joined", {"account": str(account.id), "role": role.value}, at=at)
    return member


def invite_member(
    desk: Desk,
    email: str,
    name: str,
    role: Role,
    *,
    organisation_id: UUID | None = None,
    field: str = "",
    at: datetime,
) -> Membership:
    """The person with this address is a member, and told by a notice how to sign in with a one-time code."""
    desk.require("member:keep")
    if organisation_id is not None and not _is_on_file(desk, organisation_id):
        raise NotFound
    account = credentials.account_named(desk.session, email)
    if account is None:
        account = credentials.add_account(desk.session, email, name, email=email.strip(), at=at)
    member = add_member(desk, account, role, organisation_id=organisation_id, field=field, at=at)
    notices.tell(
        desk.session,
        "member:invited",
        institution_id=desk.institution_id,
        account_id=account.id,
        address=account.email,
        locale=account.locale,
        at=at,
    )
    return member


def end_member(desk: Desk, membership_id: UUID, *, at: datetime) -> None:
    """The person has no place here any more; who has none anywhere else has no session that is still open either."""
    desk.require("member:keep")
    found = select(Membership).where(
        Membership.id == membership_id,
        Membership.institution_id == desk.institution_id,
        Membership.ended_at.is_(None),
    )
    member = desk.session.scalars(found.with_for_update()).first()
    if member is None:
        raise NotFound
    if member.account_id == desk.account_id:
        raise Refused("member:own-place")
    member.ended_at = at
    desk.session.flush()
    if not selections.is_staff(desk.session, member.account_id):
        sessions.end_all(desk.session, member.account_id, at=at)
    if member.role is Role.MEDIATOR:
        panel = {"account": str(member.account_id), "institution": str(desk.institution_id)}
        outbox.enqueue(desk.session, "panel:left", panel, at=at, dedup=f"panel:left:{member.id}")
    body = {"account": str(member.account_id), "role": member.role.value}
    audit.record_at_desk(desk, "member:left", body, at=at)


def add_lender(desk: Desk, name: str, credit_code: str, *, at: datetime) -> Organisation:
    """The lender of this code exists; one that another institution already knows is the same one here."""
    desk.require("lender:keep")
    code = read_credit_code(credit_code)
    if code is None:
        raise Refused("lender:credit-code-mistyped", field="credit_code")
    known = desk.session.scalars(select(Organisation).where(Organisation.credit_code == code)).first()
    if known is not None and _is_on_file(desk, known.id):
        raise Refused("lender:on-file", field="credit_code")
    if known is not None:
        return known
    organisation = Organisation(name=name.strip(), credit_code=code, created_at=at)
    desk.session.add(organisation)
    desk.session.flush()
    return organisation


def keep_lender(
    desk: Desk,
    organisation: Organisation,
    *,
    lender_type: LenderType,
    licence: str,
    service_address: str,
    payee: tuple[str, str, str],
    name: str = "",
    at: datetime,
) -> Engagement:
    """The institution has this lender on file: its type, licence, address and the account that is paid."""
    desk.require("lender:keep")
    if name and name != organisation.name:
        _check_known_here_only(desk, organisation)
        organisation.name = name
    found = select(Engagement).where(
        Engagement.institution_id == desk.institution_id, Engagement.organisation_id == organisation.id
    )
    kept = desk.session.scalars(found).first()
    if kept is None:
        kept = Engagement(institution_id=desk.institution_id, organisation_id=organisation.id)
        desk.session.add(kept)
    kept.lender_type, kept.licence, kept.service_address = lender_type, licence, service_address
    kept.payee_name, kept.payee_bank, kept.payee_account = payee
    kept.kept_by, kept.kept_at = desk.account_id, at
    desk.session.flush()
    body = {"organisation": str(organisation.id), "name": organisation.name, "lender_type": lender_type.value}
    audit.record_at_desk(desk, "lender:kept", body, at=at)
    return kept


def keep_authority(
    desk: Desk,
    account_id: UUID,
    *,
    title: str,
    covers_settlement: bool,
    covers_policy: bool = False,
    valid_from_on: date,
    valid_until_on: date,
    at: datetime,
) -> AuthorityDocument:
    """The officer's 授权委托书 is on file at this institution."""
    desk.require("lender:keep")
    organisation_id = _lender_of(desk, account_id)
    if valid_until_on < valid_from_on:
        raise Refused("authority:ends-before-it-begins", field="valid_until_on")
    document = AuthorityDocument(
        institution_id=desk.institution_id,
        organisation_id=organisation_id,
        account_id=account_id,
        title=title,
        covers_settlement=covers_settlement,
        covers_policy=covers_policy,
        valid_from_on=valid_from_on,
        valid_until_on=valid_until_on,
        kept_by=desk.account_id,
        kept_at=at,
    )
    desk.session.add(document)
    desk.session.flush()
    audit.record_at_desk(desk, "authority:kept", {"account": str(account_id), "title": title}, at=at)
    return document


def _lender_of(desk: Desk, account_id: UUID) -> UUID:
    """The lender whose officer this person is here; NotFound where they are nobody's."""
    found = select(Membership.organisation_id).where(
        Membership.account_id == account_id,
        Membership.institution_id == desk.institution_id,
        Membership.role == Role.LENDER,
        Membership.ended_at.is_(None),
    )
    organisation_id = desk.session.scalars(found).first()
    if organisation_id is None:
        raise NotFound
    return organisation_id


def _check_known_here_only(desk: Desk, organisation: Organisation) -> None:
    """Where other institutions know a lender too, no single one renames it."""
    elsewhere = select(Engagement.id).where(
        Engagement.organisation_id == organisation.id, Engagement.institution_id != desk.institution_id
    )
    if desk.session.scalar(elsewhere.limit(1)) is not None:
        raise Refused("lender:known-elsewhere", field="name")


def _is_on_file(desk: Desk, organisation_id: UUID) -> bool:
    found = select(Engagement.id).where(
        Engagement.institution_id == desk.institution_id, Engagement.organisation_id == organisation_id
    )
    return desk.session.scalar(found) is not None


def _check_no_other_place(desk: Desk, account_id: UUID, organisation_id: UUID | None) -> None:
    """Only an officer has places at several institutions: at those that the officer's one lender works with."""
    found = select(Membership).where(Membership.account_id == account_id, Membership.ended_at.is_(None))
    for place in desk.session.scalars(found):
        if place.institution_id == desk.institution_id:
            raise Refused("member:has-a-place", field="email")
        if organisation_id is None or place.organisation_id != organisation_id:
            raise Refused("member:placed-elsewhere", field="email")
