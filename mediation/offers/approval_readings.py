"""What the lender's officers read of what waits for a second officer, and of what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mediation.accounts.desks import Desk
from mediation.accounts.models import Account
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.offers.approval_models import Approval, ApprovalKind, ApprovalState
from mediation.offers.approvals import asked_in, officers_of, plan_asked, reason_in
from mediation.offers.limits import band_seen_by, outside_limits, waiting_in
from mediation.offers.tables import Plan
from mediation.rules import deadlines
from mediation.rules.lifecycle import Stage
from mediation.rules.policy_bands import Band, Breach

LISTED = 100


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One thing that was asked for, as the lender's officers read it. `answers` is the other's offer or proposal."""

    id: UUID
    kind: ApprovalKind
    state: ApprovalState
    plan: Plan
    breaches: tuple[Breach, ...]
    band: Band | None
    answers: UUID | None
    reply_days: int | None
    is_final: bool
    asked_by: str
    asked_at: datetime
    is_mine: bool
    decided_by: str
    decided_at: datetime | None
    reason: str
    offer_id: UUID | None
    may_decide: bool
    officers: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of the list: in which case, who asked and when, and until when the case waits."""

    id: UUID
    number: str
    borrower_name: str
    asked_by: str
    asked_at: datetime
    is_mine: bool
    last_on: date | None


def approval_seen_by(seat: Seat, approval_id: UUID, *, at: datetime) -> Shown:
    """That one; NotFound where this case has none such."""
    seat.require("approval:read")
    found = select(Approval).where(Approval.id == approval_id, Approval.case_id == seat.case_id)
    row = seat.session.scalars(found).first()
    if row is None:
        raise NotFound
    return _shown(seat, row, at)


def waiting_seen_by(seat: Seat) -> UUID | None:
    """What waits in this case for a second officer; nothing for anybody but the lender's officers."""
    if not seat.may("approval:read"):
        return None
    row = waiting_in(seat)
    return None if row is None else row.id


def approvals_listed_at(desk: Desk) -> list[Line]:
    """What waits in the open cases of this officer's own lender, the longest first."""
    desk.require("approval:list")
    found = (
        select(Approval, Case, Account.name)
        .join(Case, Case.id == Approval.case_id)
        .join(Account, Account.id == Approval.asked_by)
        .where(
            Approval.state == ApprovalState.WAITING,
            Case.institution_id == desk.institution_id,
            Case.organisation_id == desk.organisation_id,
            Case.stage == Stage.OPEN,
        )
        .order_by(Approval.asked_at, Approval.id)
        .limit(LISTED)
    )
    return [
        Line(row.id, case.number, case.borrower_name, name, row.asked_at, row.asked_by == desk.account_id, _last(case))
        for row, case, name in desk.session.execute(found)
    ]


def _shown(seat: Seat, row: Approval, at: datetime) -> Shown:
    asked = asked_in(seat, row)
    plan, officers = plan_asked(seat, asked), officers_of(seat, at)
    is_mine = row.asked_by == seat.account_id
    # What was decided stays beside the limits of the day on which it was asked for.
    moment = at if row.state is ApprovalState.WAITING else row.asked_at
    return Shown(
        id=row.id,
        kind=asked.kind,
        state=row.state,
        plan=plan,
        breaches=outside_limits(seat, plan.terms, plan.claim, at=moment),
        band=band_seen_by(seat, at=moment),
        answers=UUID(asked.answers) if asked.answers else None,
        reply_days=asked.reply_days,
        is_final=asked.is_final,
        asked_by=_name(seat, row.asked_by),
        asked_at=row.asked_at,
        is_mine=is_mine,
        decided_by=_name(seat, row.decided_by),
        decided_at=row.decided_at,
        reason=reason_in(seat, row),
        offer_id=row.offer_id,
        may_decide=row.state is ApprovalState.WAITING and seat.account_id in officers and not is_mine,
        officers=tuple(officer.name for officer in officers.values() if officer.id != row.asked_by),
    )


def _name(seat: Seat, account_id: UUID | None) -> str:
    return "" if account_id is None else seat.session.get_one(Account, account_id).name


def _last(case: Case) -> date | None:
    if case.deadline_at is None:
        return None
    return deadlines.last_day(case.deadline_at, ZoneInfo(case.zone))
