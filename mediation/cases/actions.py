"""A case is opened by a lender, submitted, accepted or rejected by the registrar, and withdrawn by either party."""

import hashlib
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from mediation import audit, search
from mediation.accounts.desks import Desk
from mediation.cases import invitations, moves
from mediation.cases.claims import COMPONENTS, Opening, check_complete, check_draft
from mediation.cases.models import Case, Claim, Rejection, Undertaking
from mediation.cases.numbers import next_number
from mediation.cases.seats import Seat, seat_of
from mediation.cases.selections import (
    claim_seen_by,
    engagement_of,
    lender_of,
    loan_of,
    loan_read_by,
    open_case_on,
    rounding_of,
)
from mediation.cases.telling import tell_roles
from mediation.errors import Refused
from mediation.portfolios.models import Loan
from mediation.rules.access import Role
from mediation.rules.lifecycle import Move, Stage

SERIES = "case"
PARTIES = (Role.BORROWER, Role.LENDER)


def open_case(desk: Desk, loan_id: UUID, opening: Opening, *, at: datetime) -> Seat:
    """The lender has a draft of a case on this loan, with a number of its own; the officer's seat is returned."""
    desk.require("case:draft")
    loan = loan_read_by(desk, loan_id)
    if engagement_of(desk) is None:
        raise Refused("case:lender-not-on-file")
    check_draft(opening, today=at.astimezone(ZoneInfo(desk.institution.zone)).date())
    if (number := open_case_on(desk, loan.contract_number)) is not None:
        raise Refused("case:contract-has-open-case", number=number)
    case = _keep_case(desk, loan, opening, at)
    _keep_claim(case, opening, desk.account_id, at, desk)
    audit.open_threads(desk.session, desk.institution_id, host=desk.session.info["settings"].host, case_id=case.id)
    seat = seat_of(desk.session, desk.account_id, case.number, locking=True)
    assert seat is not None
    _keep_contact(seat, opening)
    audit.record(seat, "case:opened", {"contract": case.contract_number, "loan": str(loan.id)}, at=at)
    return seat


def change_draft(seat: Seat, opening: Opening, *, at: datetime) -> None:
    """The draft says what the lender now states; nobody else has seen it, so nothing is told."""
    seat.require("case:edit")
    check_draft(opening, today=moves.local_day(seat.case, at))
    _restate(seat, opening, at)


def submit_case(seat: Seat, opening: Opening, *, at: datetime) -> Seat:
    """The lender's undertaking is given and the case lies before the registrar; nothing has reached the borrower."""
    seat.require("case:submit")
    check_complete(opening, today=moves.local_day(seat.case, at))
    _restate(seat, opening, at)
    _keep_undertaking(seat, opening, at)
    seat = moves.move(seat, Move.SUBMIT, at=at)
    seat.case.submitted_at = at
    moves.await_turn(seat.case, Role.REGISTRAR, until=None, kind="", at=at)
    audit.record(seat, "case:submitted", _submitted(seat, opening), at=at)
    tell_roles(seat.session, seat.case, "case:submitted", (Role.REGISTRAR,), at=at)
    return seat


def accept_case(seat: Seat, *, at: datetime) -> Seat:
    """The institution has accepted the case, and the borrower is invited in the same transaction."""
    seat.require("case:register")
    seat = moves.move(seat, Move.ACCEPT, at=at)
    moves.await_nobody(seat.case, at=at)
    audit.record(seat, "case:accepted", {"claim_version": seat.case.claim_version}, at=at)
    tell_roles(seat.session, seat.case, "case:accepted", (Role.LENDER,), at=at)
    invitations.issue_invitation(seat, at=at)
    return seat.now_at(seat.case.stage)


def reject_case(seat: Seat, reason: str, *, at: datetime) -> Seat:
    """The institution does not take the case; the lender reads why, and the borrower never heard of it."""
    seat.require("case:register")
    reason = reason.strip()
    if not reason:
        raise Refused("rejection:reason-missing", field="reason")
    seat.session.add(Rejection(case_id=seat.case_id, reason=reason, rejected_by=seat.account_id, rejected_at=at))
    seat = moves.move(seat, Move.REJECT, at=at)
    seat.case.closing_reason = "rejected"
    audit.record(seat, "case:rejected", {"reason_sha256": hashlib.sha256(reason.encode()).hexdigest()}, at=at)
    tell_roles(seat.session, seat.case, "case:rejected", (Role.LENDER,), at=at)
    return seat


def withdraw_case(seat: Seat, *, at: datetime) -> Seat:
    """Mediation has ended without an agreement; no reason was asked, and an invitation still out is dead."""
    seat.require("case:withdraw")
    was_heard = seat.stage not in (Stage.DRAFT, Stage.SUBMITTED)
    seat = moves.move(seat, Move.WITHDRAW, at=at)
    seat.case.closing_reason = "withdrawn"
    _end_invitation(seat, at)
    audit.record(seat, "case:withdrawn", {}, at=at)
    told = (*PARTIES, Role.MEDIATOR, Role.REGISTRAR) if was_heard else (Role.LENDER, Role.REGISTRAR)
    tell_roles(seat.session, seat.case, "case:withdrawn", told, at=at, but=seat.account_id)
    return seat


def _keep_case(desk: Desk, loan: Loan, opening: Opening, at: datetime) -> Case:
    case = Case(
        institution_id=desk.institution_id,
        number=_next_case_number(desk, at),
        organisation_id=desk.organisation_id,
        organisation_name=lender_of(desk).name,
        loan_id=loan.id,
        contract_number=loan.contract_number,
        borrower_name=opening.contact.name.strip(),
        borrower_phone=opening.contact.phone,
        borrower_email=opening.contact.email,
        currency=loan.currency,
        zone=desk.institution.zone,
        calendar=desk.institution.calendar,
        rounding=rounding_of(desk, loan),
        court_status=opening.court_status,
        stage=Stage.DRAFT,
        claim_total=opening.claim.total,
        claim_version=0,
        turn=Role.LENDER,
        opened_at=at,
        moved_at=at,
    )
    desk.session.add(case)
    try:
        desk.session.flush()
    except IntegrityError as broken:
        # Two officers opened on one contract at the same moment; the index lets one of them through.
        if "contract" not in str(broken.orig):
            raise
        raise Refused("case:contract-has-open-case", number="") from broken
    return case


def _next_case_number(desk: Desk, at: datetime) -> str:
    year = at.astimezone(ZoneInfo(desk.institution.zone)).year
    number = next_number(desk.session, desk.institution_id, series=SERIES, year=year)
    return desk.institution.case_number_pattern.format(code=desk.institution.code, year=year, number=number)


def _restate(seat: Seat, opening: Opening, at: datetime) -> None:
    """A claim is never rewritten: where the lender now states another, it is the next version."""
    case = seat.case
    case.borrower_name = opening.contact.name.strip()
    case.borrower_phone, case.borrower_email = opening.contact.phone, opening.contact.email
    case.court_status, case.moved_at = opening.court_status, at
    kept = claim_seen_by(seat)
    if kept is None or not opening.claim.is_kept_as(kept):
        _keep_claim(case, opening, seat.account_id, at, seat)
    _keep_contact(seat, opening)


def _keep_claim(case: Case, opening: Opening, account_id: UUID | None, at: datetime, who: Desk | Seat) -> None:
    case.claim_version += 1
    case.claim_total = opening.claim.total
    who.session.add(
        Claim(
            case_id=case.id,
            version=case.claim_version,
            currency=case.currency,
            kept_by=account_id,
            kept_at=at,
            **opening.claim.columns(),
        )
    )
    who.session.flush()


def _keep_contact(seat: Seat, opening: Opening) -> None:
    """The identity question asks for what the file had, or for what the lender adds here; never both.

    What the file says up to the submission is the case's own from then on, whatever a later file says.
    """
    loan, case = loan_of(seat), seat.case
    if not loan.id_tail:
        loan.id_tail = opening.contact.id_tail
    case.borrower_id_tail, case.borrower_address = loan.id_tail, loan.address
    case.overdue_since_on = loan.overdue_since_on
    words = (seat.case.number, seat.case.borrower_name, seat.case.contract_number, seat.case.organisation_name)
    search.index_case(seat.session, seat.institution_id, seat.case_id, words)


def _keep_undertaking(seat: Seat, opening: Opening, at: datetime) -> None:
    given = opening.standstill
    seat.session.add(
        Undertaking(
            case_id=seat.case_id,
            collection_paused=given.collection_paused,
            outsourcing_paused=given.outsourcing_paused,
            assignment_paused=given.assignment_paused,
            interest_runs=bool(given.interest_runs),
            penalty_runs=bool(given.penalty_runs),
            given_by=seat.account_id,
            given_at=at,
        )
    )
    seat.session.flush()


def _submitted(seat: Seat, opening: Opening) -> dict[str, object]:
    return {
        "claim_version": seat.case.claim_version,
        "as_of_on": opening.claim.as_of_on.isoformat(),
        "currency": seat.case.currency,
        "claim": {name: getattr(opening.claim, name) for name in COMPONENTS},
        "court_status": opening.court_status.value,
        "interest_runs": bool(opening.standstill.interest_runs),
        "penalty_runs": bool(opening.standstill.penalty_runs),
    }


def _end_invitation(seat: Seat, at: datetime) -> None:
    invitation = invitations.current_invitation(seat.session, seat.case_id)
    if invitation is not None and invitation.ended_at is None and invitation.used_at is None:
        invitations.end(invitation, "withdrawn", at)
        invitations.stop_notices(seat.session, invitation, at)
