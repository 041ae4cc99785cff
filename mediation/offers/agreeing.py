"""What offers and proposals share: their document, whose yes a side needs, and how a plan comes onto a table."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation import lawbook
from mediation.cases import moves
from mediation.cases.models import Seating
from mediation.cases.seats import Seat
from mediation.db import new_key
from mediation.offers.law_checks import check_lawful
from mediation.offers.models import Acceptance, Negotiation, Offer
from mediation.offers.passing import step_on, write_status
from mediation.offers.proposal_models import Proposal, ProposalAnswer
from mediation.offers.tables import claim_of, rounding_of, table_of
from mediation.rules import chain, plans, proposals
from mediation.rules.access import Role
from mediation.rules.negotiation import OfferState, Side

ROLES = {Side.BORROWER: Role.BORROWER, Side.LENDER: Role.LENDER}


@dataclass(frozen=True)
class Document:
    """Terms as they are kept for ever, with their hash."""

    text: str
    sha256: str


def document_of_terms(case_seat: Seat, terms: plans.Terms, *, at: datetime) -> Document:
    """The terms as they are kept; refused where they do not fit the claim as it stands now, or the law."""
    claim, rounding = claim_of(case_seat), rounding_of(case_seat.case)
    calendar = lawbook.calendar(case_seat.case.calendar)
    today = moves.local_day(case_seat.case, at)
    schedule = plans.check_terms(terms, claim, not_before=today, rounding=rounding, calendar=calendar)
    check_lawful(case_seat, terms, schedule, at=at)
    text = chain.canonical(plans.offer_document(terms, claim, schedule, rounding, lawbook.version()))
    return Document(text.decode(), hashlib.sha256(text).hexdigest())


def signers_seated(case_seat: Seat, side: Side) -> set[UUID]:
    """Everybody whose yes this side needs; empty where one person with authority speaks for all of it."""
    found = select(Seating.account_id).where(
        Seating.case_id == case_seat.case_id,
        Seating.role == ROLES[side],
        Seating.signs,
        Seating.ended_at.is_(None),
    )
    signers = set(case_seat.session.scalars(found))
    return set() if side is Side.LENDER and len(signers) == 1 else signers


def lay_table(case_seat: Seat, at: datetime) -> Negotiation:
    """A table for this case; the one on which terms were agreed that came to nothing is cleared away."""
    found = select(Negotiation).where(Negotiation.case_id == case_seat.case_id)
    earlier = list(case_seat.session.scalars(found))
    for one in earlier:
        one.is_current = False
    case_seat.session.flush()
    current = Negotiation(
        case_id=case_seat.case_id,
        kind="renegotiation" if earlier else "whole",
        version=0,
        round_limit=case_seat.institution.round_limit,
        started_at=at,
    )
    case_seat.session.add(current)
    case_seat.session.flush()
    return current


def bring_onto_table(case_seat: Seat, proposal: Proposal, answers: Sequence[ProposalAnswer], *, at: datetime) -> Offer:
    """The proposal lies accepted on the table with every yes to it, and whatever else lay there has made way."""
    case_seat.require("time:pass")
    laid = table_of(case_seat)
    for change in proposals.ended_by_agreement(laid.table, at):
        write_status(case_seat, laid.row(change.number), change.state, closed_at=change.at)
    said = proposals.agreed_offer(laid.table, at=at, lapses_at=proposal.ends_at)
    current = laid.negotiation or lay_table(case_seat, at)
    step_on(case_seat, current)
    row = Offer(
        id=new_key(),
        case_id=case_seat.case_id,
        negotiation_id=current.id,
        number=said.number,
        side=Side.BORROWER,
        by_mediator=True,
        account_id=proposal.account_id,
        counters=None,
        claim_version=proposal.claim_version,
        document=proposal.document,
        sha256=proposal.sha256,
        made_at=said.made_at,
        shows_at=said.shows_at,
        lapses_at=said.lapses_at,
        status=OfferState.ACCEPTED,
        closed_at=at,
    )
    case_seat.session.add(row)
    case_seat.session.flush()
    case_seat.session.add_all(_acceptance(row, one) for one in answers)
    case_seat.session.flush()
    return row


def _acceptance(row: Offer, answer: ProposalAnswer) -> Acceptance:
    return Acceptance(
        offer_id=row.id,
        account_id=answer.account_id,
        role=answer.role,
        offer_sha256=answer.proposal_sha256,
        accepted_at=answer.answered_at,
    )
