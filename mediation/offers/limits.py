"""The lender's own limits at the table: what of a plan lies outside them, asked by the lender's side alone."""

import json
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.cases.selections import loan_of
from mediation.errors import NotFound, Refused
from mediation.offers.approval_models import Approval, ApprovalState
from mediation.offers.models import Offer
from mediation.offers.proposal_models import Proposal
from mediation.offers.tables import Plan
from mediation.portfolios.bands import bands_on
from mediation.rules import plans, policy_bands
from mediation.rules.loans import ClaimFigures
from mediation.rules.negotiation import Side
from mediation.rules.plan_kinds import Terms
from mediation.rules.policy_bands import Band, Breach


def outside_limits(seat: Seat, terms: Terms, claim: ClaimFigures, *, at: datetime) -> tuple[Breach, ...]:
    """What of a plan the lender's officers may not say by themselves; nothing for any other side."""
    seat.require("offer:read")
    if seat.side is not Side.LENDER:
        return ()
    on = local_day(seat.case, at)
    bands = bands_on(seat.session, seat.institution_id, seat.case.organisation_id, on)
    return policy_bands.outside(terms, claim, bands, _days_overdue(seat, at), on=on) if bands else ()


def band_seen_by(seat: Seat, *, at: datetime) -> Band | None:
    """The band of this case, as the lender's officers read it; none for any other side."""
    seat.require("offer:read")
    if seat.side is not Side.LENDER:
        return None
    bands = bands_on(seat.session, seat.institution_id, seat.case.organisation_id, local_day(seat.case, at))
    return policy_bands.band_for(bands, _days_overdue(seat, at))


def check_may_say(
    seat: Seat, terms: Terms, claim: ClaimFigures, *, approval: Approval | None = None, at: datetime
) -> None:
    """Passes what lies inside the lender's limits, and outside them what a second officer has approved.

    Refused: approval:take-back-first (something of this side's still waits), offer:needs-approval.
    """
    seat.require("offer:read")
    check_nothing_waits(seat)
    if approval is not None and _covers(seat, approval):
        return
    if outside_limits(seat, terms, claim, at=at):
        raise Refused("offer:needs-approval")


def check_may_answer(
    seat: Seat, document: str, *, says_yes: bool, approval: Approval | None = None, at: datetime
) -> None:
    """A yes to the mediator's proposal keeps to the lender's limits like any other; a no needs nobody's approval."""
    seat.require("offer:read")
    plan = plan_kept(document)
    if says_yes:
        check_may_say(seat, plan.terms, plan.claim, approval=approval, at=at)
    else:
        check_nothing_waits(seat)


def check_nothing_waits(seat: Seat) -> None:
    """A side never says one thing while another waits inside its own house."""
    if seat.side is Side.LENDER and waiting_in(seat) is not None:
        raise Refused("approval:take-back-first")


def waiting_in(seat: Seat) -> Approval | None:
    """What waits in this case for a second officer of the lender, if anything."""
    found = select(Approval).where(Approval.case_id == seat.case_id, Approval.state == ApprovalState.WAITING)
    return seat.session.scalars(found).first()


def plan_offered(seat: Seat, offer_id: UUID) -> Plan:
    """The plan of an offer of this case, as it is kept."""
    row = seat.session.scalars(select(Offer).where(Offer.id == offer_id, Offer.case_id == seat.case_id)).first()
    if row is None:
        raise NotFound
    return plan_kept(row.document)


def plan_proposed(seat: Seat, proposal_id: UUID) -> Plan:
    """The plan of a mediator's proposal of this case, as it is kept."""
    found = select(Proposal).where(Proposal.id == proposal_id, Proposal.case_id == seat.case_id)
    row = seat.session.scalars(found).first()
    if row is None:
        raise NotFound
    return plan_kept(row.document)


def plan_kept(document: str) -> Plan:
    """The plan of a stored document, read back and never computed again."""
    terms, claim, schedule, _ = plans.from_document(json.loads(document))
    return Plan(terms, claim, schedule)


def _covers(seat: Seat, approval: Approval) -> bool:
    """Whether a second officer approved what this officer asked for in this case."""
    asked = (approval.case_id, approval.asked_by) == (seat.case_id, seat.account_id)
    return asked and approval.state is ApprovalState.APPROVED and approval.decided_by != approval.asked_by


def _days_overdue(seat: Seat, at: datetime) -> int | None:
    """From the first day overdue; where the lender's file states only a number of days, from the day of that file."""
    on, loan = local_day(seat.case, at), loan_of(seat)
    since_on = seat.case.overdue_since_on
    if since_on is None and loan.overdue_days is not None:
        since_on = loan.imported_at.astimezone(ZoneInfo(seat.case.zone)).date() - timedelta(days=loan.overdue_days)
    return policy_bands.days_overdue(since_on, on)
