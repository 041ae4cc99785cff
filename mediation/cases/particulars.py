"""What the panel says of each mediator, and how much of a mediator's work one lender may be: kept by the registrar."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts.desks import Desk
from mediation.accounts.models import Account, Membership
from mediation.cases.models import Case
from mediation.cases.panel_models import PanelEntry, PanelLanguage, ShareRule
from mediation.errors import NotFound, Refused
from mediation.rules.access import Role
from mediation.rules.appointing import Language, Payer, ShareLimit, check_fee
from mediation.rules.lifecycle import OPEN_STAGES

MOST_OPEN = 10_000


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """Field, body, who pays and what, languages, and how many cases at once; 0 where there is no bound."""

    field: str = ""
    body: str = ""
    paid_by: Payer = Payer.INSTITUTION
    fee: int = 0
    languages: tuple[Language, ...] = (Language.MANDARIN,)
    most_open: int = 0


@dataclass(frozen=True)
class Listed:
    """A mediator of the panel with what it says of them, and the cases that are theirs now."""

    membership_id: UUID
    account_id: UUID
    name: str
    particulars: Particulars
    open_cases: int


def keep_particulars(desk: Desk, membership_id: UUID, said: Particulars, *, at: datetime) -> None:
    """The panel says this of the mediator from now on; cards that were made before stay as they were."""
    desk.require("panel:keep")
    member = _member(desk, membership_id)
    check_fee(said.paid_by, said.fee)
    if not said.languages:
        raise Refused("panel:language-missing", field="languages")
    if not 0 <= said.most_open <= MOST_OPEN:
        raise Refused("panel:most-open-out-of-range", field="most_open", most=MOST_OPEN)
    member.field = said.field
    entry = desk.session.get(PanelEntry, (desk.institution_id, member.account_id))
    if entry is None:
        entry = PanelEntry(institution_id=desk.institution_id, account_id=member.account_id)
        desk.session.add(entry)
    entry.body, entry.paid_by, entry.fee, entry.most_open = said.body, said.paid_by, said.fee, said.most_open
    assert desk.account_id is not None
    entry.kept_by, entry.kept_at = desk.account_id, at
    _keep_languages(desk, member.account_id, said.languages)
    body = {
        "account": str(member.account_id),
        "paid_by": said.paid_by.value,
        "fee": said.fee,
        "languages": sorted(each.value for each in said.languages),
        "most_open": said.most_open,
    }
    audit.record_at_desk(desk, "panel:kept", body, at=at)


def keep_share_limit(desk: Desk, limit: ShareLimit | None, *, at: datetime) -> None:
    """From now on one lender may be that much of a mediator's work at most; none lifts the limit."""
    desk.require("panel:keep")
    latest = _latest_rule(desk.session, desk.institution_id)
    if _limit(latest) == limit:
        raise Refused("panel:limit-unchanged", field="percent")
    rule = ShareRule(
        institution_id=desk.institution_id,
        version=(latest.version if latest else 0) + 1,
        percent=limit.percent if limit else None,
        from_cases=limit.from_cases if limit else None,
        kept_by=desk.account_id,
        kept_at=at,
    )
    desk.session.add(rule)
    desk.session.flush()
    body = {"version": rule.version, "percent": rule.percent, "from_cases": rule.from_cases}
    audit.record_at_desk(desk, "panel:limit-set", body, at=at)


def panel_at(desk: Desk) -> Sequence[Listed]:
    """The mediators who have a place here now, by name."""
    desk.require("panel:keep")
    return _listed(desk.session, desk.institution_id)


def listed_at(desk: Desk, membership_id: UUID) -> Listed:
    """One of them; NotFound where there is none."""
    desk.require("panel:keep")
    for each in _listed(desk.session, desk.institution_id):
        if each.membership_id == membership_id:
            return each
    raise NotFound


def particulars_of(session: Session, institution_id: UUID, account_id: UUID) -> Particulars:
    """What the panel says of this mediator."""
    return particulars_of_all(session, institution_id, [account_id])[account_id]


def particulars_of_all(session: Session, institution_id: UUID, accounts: Collection[UUID]) -> dict[UUID, Particulars]:
    """What the panel says of each of them."""
    kept = select(PanelEntry).where(PanelEntry.institution_id == institution_id, PanelEntry.account_id.in_(accounts))
    entries = {each.account_id: each for each in session.scalars(kept)}
    spoken: dict[UUID, list[Language]] = {}
    languages = select(PanelLanguage.account_id, PanelLanguage.language).where(
        PanelLanguage.institution_id == institution_id, PanelLanguage.account_id.in_(accounts)
    )
    for account_id, language in session.execute(languages):
        spoken.setdefault(account_id, []).append(language)
    members = select(Membership.account_id, Membership.field).where(
        Membership.institution_id == institution_id,
        Membership.account_id.in_(accounts),
        Membership.role == Role.MEDIATOR,
    )
    fields = dict(session.execute(members.order_by(Membership.since_at)).all())
    return {each: _said(fields.get(each, ""), entries.get(each), spoken.get(each)) for each in accounts}


def share_limit_of(session: Session, institution_id: UUID) -> ShareLimit | None:
    """The limit that is in force at this institution, if it has one."""
    return _limit(_latest_rule(session, institution_id))


def _said(field: str, entry: PanelEntry | None, spoken: list[Language] | None) -> Particulars:
    if entry is None:
        return Particulars(field=field)
    return Particulars(
        field=field,
        body=entry.body,
        paid_by=entry.paid_by,
        fee=entry.fee,
        languages=tuple(each for each in Language if each in (spoken or ())),
        most_open=entry.most_open,
    )


def _listed(session: Session, institution_id: UUID) -> list[Listed]:
    found = (
        select(Membership.id, Account.id, Account.name)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.institution_id == institution_id, Membership.role == Role.MEDIATOR, Membership.ended_at.is_(None)
        )
        .order_by(Account.name, Account.id)
    )
    rows = session.execute(found).all()
    accounts = [account_id for _, account_id, _ in rows]
    counted = (
        select(Case.mediator_id, func.count())
        .where(Case.mediator_id.in_(accounts), Case.institution_id == institution_id, Case.stage.in_(OPEN_STAGES))
        .group_by(Case.mediator_id)
    )
    open_cases = dict(session.execute(counted).all())
    said = particulars_of_all(session, institution_id, accounts)
    return [Listed(place, each, name, said[each], open_cases.get(each, 0)) for place, each, name in rows]


def _keep_languages(desk: Desk, account_id: UUID, languages: Collection[Language]) -> None:
    here = (PanelLanguage.institution_id == desk.institution_id, PanelLanguage.account_id == account_id)
    desk.session.execute(delete(PanelLanguage).where(*here))
    desk.session.add_all(
        PanelLanguage(institution_id=desk.institution_id, account_id=account_id, language=each)
        for each in set(languages)
    )
    desk.session.flush()


def _member(desk: Desk, membership_id: UUID) -> Membership:
    found = select(Membership).where(
        Membership.id == membership_id,
        Membership.institution_id == desk.institution_id,
        Membership.role == Role.MEDIATOR,
        Membership.ended_at.is_(None),
    )
    member = desk.session.scalars(found.with_for_update()).first()
    if member is None:
        raise NotFound
    return member


def _latest_rule(session: Session, institution_id: UUID) -> ShareRule | None:
    found = select(ShareRule).where(ShareRule.institution_id == institution_id)
    return session.scalars(found.order_by(ShareRule.version.desc()).limit(1)).first()


def _limit(rule: ShareRule | None) -> ShareLimit | None:
    if rule is None or rule.percent is None or rule.from_cases is None:
        return None
    return ShareLimit(rule.percent, rule.from_cases)
