"""Make an offer, answer it, take it back; and what time brings about. Who speaks and when is for the rules."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit, outbox
from mediation.cases import moves
from mediation.cases.capacity import check_capacity
from mediation.cases.drafting import await_drafting
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.seats import Seat
from mediation.db import new_key
from mediation.disclosures.duties import check_final_offer
from mediation.errors import NotPermitted, Refused
from mediation.offers import telling
from mediation.offers.agreeing import Document, document_of_terms, lay_table, signers_seated
from mediation.offers.approval_models import Approval
from mediation.offers.limits import check_may_say, check_nothing_waits
from mediation.offers.members import note_one_yes
from mediation.offers.models import Acceptance, Offer
from mediation.offers.passing import brought_up_to_date, step_on, write_status
from mediation.offers.proposal_passing import close_for_agreement
from mediation.offers.tables import Laid, claim_of, plan_of
from mediation.offers.turns import await_next
from mediation.rules import negotiation, plans
from mediation.rules.deadlines import Term
from mediation.rules.law import AcknowledgingAct
from mediation.rules.lifecycle import Move
from mediation.rules.negotiation import HOLD, OfferState, Side

LONGEST_REASON = 500


def make_offer(
    seat: Seat,
    terms: plans.Terms,
    *,
    at: datetime,
    reply_days: int | None = None,
    seen: int | None = None,
    old_debt_confirmed: bool = False,
    is_final: bool = False,
    approval: Approval | None = None,
) -> Offer:
    """The offer is held for ten minutes, known to its own side alone; to an open offer it is the counter-offer."""
    seat.require("offer:make")
    side = _side_of(seat)
    _check_final(seat, is_final, at)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    check_capacity(seat)
    lapses_at = moves.deadline_of(seat.case, Term.REPLY_TO_OFFER, at=at + HOLD, count=reply_days).ends_at
    said = negotiation.new_offer(laid.table, side, at=at, lapses_at=lapses_at, is_final=is_final)
    _check_seen(laid, side, seen, at)
    document = document_of_terms(seat, terms, at=at)
    check_may_say(seat, terms, claim_of(seat), approval=approval, at=at)
    confirm_if_old(seat, AcknowledgingAct.PROPOSING, confirmed=old_debt_confirmed, at=at)
    row = _keep(seat, laid, said, terms.claim_version, document)
    for run_at in (said.shows_at, said.lapses_at):
        _promise_settling(seat, row, run_at, at)
    return row


def accept_offer(
    seat: Seat,
    offer_id: UUID,
    *,
    seen_sha256: str,
    at: datetime,
    seen: int | None = None,
    old_debt_confirmed: bool = False,
    approval: Approval | None = None,
) -> Offer:
    """Exactly this offer has this member's yes; with the yes of all who sign, its terms are agreed."""
    seat.require("offer:answer")
    side = _side_of(seat)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    row = laid.row_of(offer_id)
    negotiation.check_may_answer(laid.table, row.number, side, at)
    _check_seen(laid, side, seen, at)
    if seen_sha256 != row.sha256:
        raise Refused("offer:changed")
    check_capacity(seat)
    signers = _check_signs(seat, side)
    plan = plan_of(row)
    check_may_say(seat, plan.terms, plan.claim, approval=approval, at=at)
    confirm_if_old(seat, AcknowledgingAct.ACCEPTING, confirmed=old_debt_confirmed, at=at)
    accepted_by = _accept(seat, row, at)
    if not negotiation.accepted_by_all(signers, accepted_by):
        note_one_yes(seat, row, at=at)
        return row
    return _agree(seat, row, at)


def decline_offer(
    seat: Seat, offer_id: UUID, *, at: datetime, reason: str = "", seen: int | None = None, is_released: bool = False
) -> Offer:
    """The open offer is declined. The lender says why; the borrower need not, and decides whether the lender reads it.

    Every plan that a borrower puts forward is one that the borrower says can be paid. Were the lender asked for a
    reason only within the borrower's figures, being asked would tell where these end.
    """
    seat.require("offer:answer")
    side = _side_of(seat)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    row = laid.row_of(offer_id)
    negotiation.check_may_answer(laid.table, row.number, side, at)
    _check_seen(laid, side, seen, at)
    check_nothing_waits(seat)
    reason = reason.strip()[:LONGEST_REASON]
    if side is Side.LENDER and not reason:
        raise Refused("offer:reason-missing", field="reason")
    write_status(seat, row, OfferState.DECLINED, closed_at=at, reason=reason)
    row.reason_released = bool(reason) and (is_released or side is Side.LENDER)
    # What the other side may not read leaves no trace in a thread that it reads, not even a hash to try words on.
    said = {"reason_sha256": _sha256(reason.encode()) if row.reason_released else ""}
    audit.record(seat, "offer:declined", {**telling.closed(row), **said}, at=at)
    await_next(seat, at=at)
    telling.tell("offer:declined", seat, (row.side,), at=at)
    return row


def withdraw_offer(seat: Seat, offer_id: UUID, *, at: datetime, seen: int | None = None) -> Offer:
    """The side's own offer is taken back; one that was never shown leaves no trace for anybody else."""
    seat.require("offer:withdraw")
    side = _side_of(seat)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    row = laid.row_of(offer_id)
    negotiation.check_may_withdraw(laid.table, row.number, side, at)
    _check_seen(laid, side, seen, at)
    was_open = row.status is OfferState.OPEN
    write_status(seat, row, OfferState.WITHDRAWN, closed_at=at)
    if was_open:
        audit.record(seat, "offer:withdrawn", telling.closed(row), at=at)
        await_next(seat, at=at)
        telling.tell("offer:withdrawn", seat, (row.side.other,), at=at)
    return row


def settle_negotiation(seat: Seat, *, at: datetime) -> None:
    """What time has brought about on this case's table up to `at` is written down, recorded and told."""
    seat.require("time:pass")
    brought_up_to_date(seat, at=at)


def _side_of(seat: Seat) -> Side:
    if seat.side is None:
        raise NotPermitted("seat:not-permitted", permission="offer:make")
    return seat.side


def _check_final(seat: Seat, is_final: bool, at: datetime) -> None:
    """The lender says its last word once it has laid open what it owes."""
    if is_final:
        check_final_offer(seat, at=at)


def _check_seen(laid: Laid, side: Side, seen: int | None, at: datetime) -> None:
    if seen is not None:
        negotiation.check_seen(laid.table, side, seen, at)


def _keep(seat: Seat, laid: Laid, said: negotiation.Offer, claim_version: int, document: Document) -> Offer:
    current = laid.negotiation or lay_table(seat, said.made_at)
    step_on(seat, current)
    row = Offer(
        id=new_key(),
        case_id=seat.case_id,
        negotiation_id=current.id,
        number=said.number,
        side=said.by,
        account_id=seat.account_id,
        counters=said.counters,
        claim_version=claim_version,
        document=document.text,
        sha256=document.sha256,
        made_at=said.made_at,
        shows_at=said.shows_at,
        lapses_at=said.lapses_at,
        status=OfferState.HELD,
        is_final=said.is_final,
    )
    seat.session.add(row)
    seat.session.flush()
    return row


def _promise_settling(seat: Seat, row: Offer, run_at: datetime, at: datetime) -> None:
    outbox.enqueue(
        seat.session,
        "offer:settle",
        {"case": str(seat.case_id)},
        at=at,
        run_at=run_at,
        dedup=f"offer:settle:{row.id}:{int(run_at.timestamp())}",
    )


def _check_signs(seat: Seat, side: Side) -> set[UUID]:
    """The members whose yes this side needs; one officer with authority speaks for a whole lender."""
    signers = signers_seated(seat, side)
    assert seat.account_id is not None
    if not signers:
        return {seat.account_id}
    if seat.account_id not in signers:
        raise Refused("offer:not-a-signer")
    return signers


def _accept(seat: Seat, row: Offer, at: datetime) -> set[UUID]:
    """This member's yes is kept once, and everybody's yes to this offer is returned."""
    found = select(Acceptance.account_id).where(Acceptance.offer_id == row.id)
    accepted_by = set(seat.session.scalars(found))
    assert seat.account_id is not None
    if seat.account_id in accepted_by:
        raise Refused("offer:you-have-accepted")
    role = seat.role
    seat.session.add(
        Acceptance(offer_id=row.id, account_id=seat.account_id, role=role, offer_sha256=row.sha256, accepted_at=at)
    )
    seat.session.flush()
    return accepted_by | {seat.account_id}


def _agree(seat: Seat, row: Offer, at: datetime) -> Offer:
    write_status(seat, row, OfferState.ACCEPTED, closed_at=at)
    close_for_agreement(Seat.system(seat.session, seat.case), at=at)
    seat = moves.move(seat, Move.AGREE_TERMS, at=at)
    audit.record(seat, "offer:accepted", telling.closed(row), at=at)
    await_drafting(seat, at=at)
    telling.tell("offer:accepted", seat, tuple(Side), at=at)
    return row


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
