"""What lies outside the lender's own limits waits for a second officer, and only then is it said."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation.accounts.models import Account
from mediation.accounts.selections import policy_officers
from mediation.cases import moves
from mediation.cases.capacity import check_capacity
from mediation.cases.seats import Seat, seat_of
from mediation.cases.telling import tell_account
from mediation.db import new_key
from mediation.disclosures.duties import check_final_offer
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.keys import pack, ring_of, unpack
from mediation.offers import actions, proposals
from mediation.offers.agreeing import document_of_terms, signers_seated
from mediation.offers.approval_models import Approval, ApprovalKind, ApprovalState
from mediation.offers.limits import (
    check_nothing_waits,
    outside_limits,
    plan_kept,
    plan_offered,
    plan_proposed,
)
from mediation.offers.passing import brought_up_to_date
from mediation.offers.proposal_models import Proposal
from mediation.offers.proposal_passing import ruled
from mediation.offers.tables import Laid, Plan
from mediation.portfolios.own_record import record_at_lender
from mediation.rules import negotiation, plans
from mediation.rules import proposals as proposal_rules
from mediation.rules.access import Role
from mediation.rules.chain import canonical
from mediation.rules.deadlines import Term
from mediation.rules.negotiation import HOLD, Side

LONGEST_REASON = 500
PLACE, REASON_PLACE = b"approval/", b"approval-reason/"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an officer asks for. `document` is the text of a plan of one's own; `answers` names the other's, by hash."""

    kind: ApprovalKind
    document: str = ""
    reply_days: int | None = None
    is_final: bool = False
    answers: str = ""
    sha256: str = ""


def ask_to_offer(
    seat: Seat,
    terms: plans.Terms,
    *,
    at: datetime,
    reply_days: int | None = None,
    seen: int | None = None,
    is_final: bool = False,
) -> Approval:
    """The plan waits for a second officer; outside the lender's house nobody learns of it."""
    seat.require("offer:make")
    laid = _laid(seat, seen, at)
    if is_final:
        check_final_offer(seat, at=at)
    lapses_at = moves.deadline_of(seat.case, Term.REPLY_TO_OFFER, at=at + HOLD, count=reply_days).ends_at
    negotiation.new_offer(laid.table, Side.LENDER, at=at, lapses_at=lapses_at, is_final=is_final)
    document = document_of_terms(seat, terms, at=at).text
    asked = Asked(kind=ApprovalKind.OFFER, document=document, reply_days=reply_days, is_final=is_final)
    return _keep(seat, asked, at)


def ask_to_accept(seat: Seat, offer_id: UUID, *, seen_sha256: str, at: datetime, seen: int | None = None) -> Approval:
    """The yes to exactly this plan waits for a second officer; the plan lies open as before."""
    seat.require("offer:answer")
    laid = _laid(seat, seen, at)
    row = laid.row_of(offer_id)
    negotiation.check_may_answer(laid.table, row.number, Side.LENDER, at)
    if seen_sha256 != row.sha256:
        raise Refused("offer:changed")
    _check_signs(seat)
    return _keep(seat, Asked(kind=ApprovalKind.ACCEPTANCE, answers=str(offer_id), sha256=seen_sha256), at)


def ask_to_answer(seat: Seat, proposal_id: UUID, *, seen_sha256: str, at: datetime) -> Approval:
    """The yes to the mediator's proposal waits for a second officer; to everybody else nothing is answered yet."""
    seat.require("proposal:answer")
    _laid(seat, None, at)
    found = select(Proposal).where(Proposal.id == proposal_id, Proposal.case_id == seat.case_id)
    row = seat.session.scalars(found).first()
    if row is None:
        raise NotFound
    proposal_rules.check_open(ruled(seat, row), at)
    if seen_sha256 != row.sha256:
        raise Refused("proposal:changed")
    _check_signs(seat)
    return _keep(seat, Asked(kind=ApprovalKind.ANSWER, answers=str(proposal_id), sha256=seen_sha256), at)


def approve(seat: Seat, approval_id: UUID, *, at: datetime) -> Approval:
    """What was asked for is said now, as if it had been said at this moment by the officer who asked."""
    seat.require("approval:decide")
    row = _waiting(seat, approval_id)
    _check_second_officer(seat, row, at)
    _decide(seat, row, ApprovalState.APPROVED, at)
    row.offer_id = _say(_officer(seat, row), row, at=at)
    seat.session.flush()
    said = {"offer": str(row.offer_id)} if row.offer_id else {}
    _record(seat, row, "approval:given", at, **said)
    _tell(seat, row, "approval:given", at)
    return row


def return_to_officer(seat: Seat, approval_id: UUID, *, reason: str, at: datetime) -> Approval:
    """Nothing is said; the officer who asked reads why."""
    seat.require("approval:decide")
    row = _waiting(seat, approval_id)
    _check_second_officer(seat, row, at)
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("approval:reason-missing", field="reason")
    _decide(seat, row, ApprovalState.RETURNED, at)
    row.reason_sealed = pack(ring_of(seat.session).encrypt(reason.encode(), context=REASON_PLACE + row.id.bytes))
    seat.session.flush()
    _record(seat, row, "approval:returned", at)
    _tell(seat, row, "approval:returned", at)
    return row


def take_back(seat: Seat, approval_id: UUID, *, at: datetime) -> Approval:
    """The officer who asked no longer asks; nothing was said."""
    seat.require("approval:decide")
    row = _waiting(seat, approval_id)
    if seat.account_id != row.asked_by:
        raise Refused("approval:not-yours")
    _decide(seat, row, ApprovalState.TAKEN_BACK, at)
    _record(seat, row, "approval:taken-back", at)
    return row


def asked_in(seat: Seat, row: Approval) -> Asked:
    """What was asked for, opened."""
    kept = json.loads(ring_of(seat.session).decrypt(unpack(row.sealed), context=PLACE + row.id.bytes))
    return Asked(**{**kept, "kind": ApprovalKind(kept["kind"])})


def plan_asked(seat: Seat, asked: Asked) -> Plan:
    """The plan that it is about: one's own, the borrower's, or the mediator's."""
    if asked.kind is ApprovalKind.OFFER:
        return plan_kept(asked.document)
    read = plan_offered if asked.kind is ApprovalKind.ACCEPTANCE else plan_proposed
    return read(seat, UUID(asked.answers))


def reason_in(seat: Seat, row: Approval) -> str:
    """Why it was returned, opened; empty where it was not."""
    if row.reason_sealed is None:
        return ""
    return ring_of(seat.session).decrypt(unpack(row.reason_sealed), context=REASON_PLACE + row.id.bytes).decode()


def officers_of(seat: Seat, at: datetime) -> dict[UUID, Account]:
    """The lender's officers who may approve on that day."""
    on = moves.local_day(seat.case, at)
    found = policy_officers(seat.session, seat.institution_id, seat.case.organisation_id, on)
    return {officer.id: officer for officer in found}


def _laid(seat: Seat, seen: int | None, at: datetime) -> Laid:
    """The table as it stands, where the lender may ask for something now."""
    if seat.side is not Side.LENDER:
        raise NotPermitted("seat:not-permitted", permission="approval:decide")
    check_nothing_waits(seat)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    if seen is not None:
        negotiation.check_seen(laid.table, Side.LENDER, seen, at)
    check_capacity(seat)
    return laid


def _check_signs(seat: Seat) -> None:
    signers = signers_seated(seat, Side.LENDER)
    if signers and seat.account_id not in signers:
        raise Refused("offer:not-a-signer")


def _keep(seat: Seat, asked: Asked, at: datetime) -> Approval:
    plan = plan_asked(seat, asked)
    if not outside_limits(seat, plan.terms, plan.claim, at=at):
        raise Refused("approval:not-needed")
    key = new_key()
    text = canonical({name: getattr(asked, name) for name in asked.__dataclass_fields__})
    row = Approval(
        id=key,
        case_id=seat.case_id,
        asked_by=seat.account_id,
        asked_at=at,
        sealed=pack(ring_of(seat.session).encrypt(text, context=PLACE + key.bytes)),
        state=ApprovalState.WAITING,
    )
    seat.session.add(row)
    seat.session.flush()
    _record(seat, row, "approval:asked", at)
    for officer in officers_of(seat, at).values():
        if officer.id != seat.account_id:
            tell_account(seat.session, seat.case, "approval:asked", officer, Role.LENDER, at=at)
    return row


def _waiting(seat: Seat, approval_id: UUID) -> Approval:
    found = select(Approval).where(Approval.id == approval_id, Approval.case_id == seat.case_id)
    row = seat.session.scalars(found).first()
    if row is None:
        raise NotFound
    if row.state is not ApprovalState.WAITING:
        raise Refused("approval:decided", decided_at=row.decided_at)
    return row


def _check_second_officer(seat: Seat, row: Approval, at: datetime) -> None:
    """Whoever asked never decides, whatever their authority covers."""
    if seat.account_id == row.asked_by:
        raise Refused("approval:own")
    if seat.account_id not in officers_of(seat, at):
        raise Refused("approval:no-authority")


def _officer(seat: Seat, row: Approval) -> Seat:
    """The seat of the officer who asked; what somebody asked for who has left since is not said in their name."""
    found = seat_of(seat.session, row.asked_by, seat.case.number)
    if found is None or found.side is not Side.LENDER:
        raise Refused("approval:officer-left")
    return found


def _decide(seat: Seat, row: Approval, state: ApprovalState, at: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, seat.account_id, at
    seat.session.flush()


def _say(officer: Seat, row: Approval, *, at: datetime) -> UUID | None:
    """Everything is checked anew at this moment: the turn, the claim, the law, the days."""
    asked = asked_in(officer, row)
    if asked.kind is ApprovalKind.OFFER:
        terms, days = plan_kept(asked.document).terms, asked.reply_days
        return actions.make_offer(officer, terms, at=at, reply_days=days, is_final=asked.is_final, approval=row).id
    answers = UUID(asked.answers)
    if asked.kind is ApprovalKind.ACCEPTANCE:
        return actions.accept_offer(officer, answers, seen_sha256=asked.sha256, at=at, approval=row).id
    proposals.answer_proposal(officer, answers, says_yes=True, seen_sha256=asked.sha256, at=at, approval=row)
    return None


def _record(seat: Seat, row: Approval, kind: str, at: datetime, **said: str) -> None:
    """An entry in the lender's own thread: which one, in which case, by whom; never a figure."""
    body = {"approval": str(row.id), "case": seat.case.number, "account": str(seat.account_id), **said}
    record_at_lender(seat.session, seat.institution_id, seat.case.organisation_id, kind, body, at=at)


def _tell(seat: Seat, row: Approval, kind: str, at: datetime) -> None:
    account = seat.session.get_one(Account, row.asked_by)
    tell_account(seat.session, seat.case, kind, account, Role.LENDER, at=at)
