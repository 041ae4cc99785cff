"""Make an offer, answer it, take it back; and what time brings about. Who speaks and when is for the rules."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit, lawbook, outbox
from mediation.cases import moves
from mediation.cases.capacity import check_capacity
from mediation.cases.drafting import await_drafting
from mediation.cases.models import Seating
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.seats import Seat
from mediation.db import new_key
from mediation.errors import NotPermitted, Refused
from mediation.offers import telling
from mediation.offers.law_checks import check_lawful
from mediation.offers.models import Acceptance, Negotiation, Offer
from mediation.offers.passing import await_mediator, brought_up_to_date, step_on, write_status
from mediation.offers.tables import Laid, claim_of, rounding_of
from mediation.rules import chain, negotiation, plans
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
) -> Offer:
    """The offer is held for ten minutes, known to its own side alone; to an open offer it is the counter-offer."""
    seat.require("offer:make")
    side = _side_of(seat)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    check_capacity(seat)
    lapses_at = moves.deadline_of(seat.case, Term.REPLY_TO_OFFER, at=at + HOLD, count=reply_days).ends_at
    said = negotiation.new_offer(laid.table, side, at=at, lapses_at=lapses_at)
    _check_seen(laid, side, seen, at)
    document = _document(seat, terms, at)
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
    confirm_if_old(seat, AcknowledgingAct.ACCEPTING, confirmed=old_debt_confirmed, at=at)
    accepted_by = _accept(seat, row, at)
    if not negotiation.accepted_by_all(signers, accepted_by):
        return row
    return _agree(seat, row, at)


def decline_offer(seat: Seat, offer_id: UUID, *, at: datetime, reason: str = "", seen: int | None = None) -> Offer:
    """The open offer is declined, and nothing lies on the table."""
    seat.require("offer:answer")
    side = _side_of(seat)
    laid = brought_up_to_date(Seat.system(seat.session, seat.case), at=at)
    row = laid.row_of(offer_id)
    negotiation.check_may_answer(laid.table, row.number, side, at)
    _check_seen(laid, side, seen, at)
    write_status(seat, row, OfferState.DECLINED, closed_at=at, reason=reason.strip()[:LONGEST_REASON])
    said = {"reason_sha256": _sha256(row.decline_reason.encode()) if row.decline_reason else ""}
    audit.record(seat, "offer:declined", {**telling.closed(row), **said}, at=at)
    await_mediator(seat.case, at=at)
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
        await_mediator(seat.case, at=at)
        telling.tell("offer:withdrawn", seat, (row.side.other,), at=at)
    return row


def settle_negotiation(seat: Seat, *, at: datetime) -> None:
    """What time has brought about on this case's table up to `at` is written down, recorded and told."""
    seat.require("time:pass")
    brought_up_to_date(seat, at=at)


@dataclass(frozen=True)
class _Document:
    text: str
    sha256: str


def _side_of(seat: Seat) -> Side:
    if seat.side is None:
        raise NotPermitted("seat:not-permitted", permission="offer:make")
    return seat.side


def _check_seen(laid: Laid, side: Side, seen: int | None, at: datetime) -> None:
    if seen is not None:
        negotiation.check_seen(laid.table, side, seen, at)


def _document(seat: Seat, terms: plans.Terms, at: datetime) -> _Document:
    """The offer as it is kept for ever; refused where the terms do not fit the claim as it stands now."""
    claim, rounding = claim_of(seat), rounding_of(seat.case)
    calendar = lawbook.calendar(seat.case.calendar)
    today = moves.local_day(seat.case, at)
    schedule = plans.check_terms(terms, claim, not_before=today, rounding=rounding, calendar=calendar)
    check_lawful(seat, terms, schedule, at=at)
    text = chain.canonical(plans.offer_document(terms, claim, schedule, rounding, lawbook.version()))
    return _Document(text.decode(), _sha256(text))


def _keep(seat: Seat, laid: Laid, said: negotiation.Offer, claim_version: int, document: _Document) -> Offer:
    current = laid.negotiation or _lay_table(seat, said.made_at)
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
    )
    seat.session.add(row)
    seat.session.flush()
    return row


def _lay_table(seat: Seat, at: datetime) -> Negotiation:
    """A table for this case; the one on which terms were agreed that came to nothing is cleared away."""
    earlier = list(seat.session.scalars(select(Negotiation).where(Negotiation.case_id == seat.case_id)))
    for one in earlier:
        one.is_current = False
    seat.session.flush()
    current = Negotiation(
        case_id=seat.case_id,
        kind="renegotiation" if earlier else "whole",
        version=0,
        round_limit=seat.institution.round_limit,
        started_at=at,
    )
    seat.session.add(current)
    seat.session.flush()
    return current


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
    found = select(Seating.account_id).where(
        Seating.case_id == seat.case_id, Seating.role == seat.role, Seating.signs, Seating.ended_at.is_(None)
    )
    signers = set(seat.session.scalars(found))
    assert seat.account_id is not None
    if not signers or (side is Side.LENDER and len(signers) == 1):
        return {seat.account_id}
    if seat.account_id not in signers:
        raise Refused("offer:not-a-signer")
    return signers


def _accept(seat: Seat, row: Offer, at: datetime) -> set[UUID]:
    """This member's yes is kept once, and everybody's yes to this offer is returned."""
    found = select(Acceptance.account_id).where(Acceptance.offer_id == row.id)
    accepted_by = set(seat.session.scalars(found))
    assert seat.account_id is not None
    if seat.account_id not in accepted_by:
        role = seat.role
        seat.session.add(
            Acceptance(offer_id=row.id, account_id=seat.account_id, role=role, offer_sha256=row.sha256, accepted_at=at)
        )
        seat.session.flush()
    return accepted_by | {seat.account_id}


def _agree(seat: Seat, row: Offer, at: datetime) -> Offer:
    write_status(seat, row, OfferState.ACCEPTED, closed_at=at)
    seat = moves.move(seat, Move.AGREE_TERMS, at=at)
    audit.record(seat, "offer:accepted", telling.closed(row), at=at)
    await_drafting(seat, at=at)
    telling.tell("offer:accepted", seat, tuple(Side), at=at)
    return row


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
