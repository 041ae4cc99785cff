"""The mediator's proposal: put to both sides, answered by each in private, agreed only where both say yes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit, outbox
from mediation.cases import moves
from mediation.cases.capacity import check_capacity
from mediation.cases.drafting import await_drafting
from mediation.cases.models import Appointment
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.keys import pack, ring_of, unpack
from mediation.offers.agreeing import bring_onto_table, document_of_terms, signers_seated
from mediation.offers.approval_models import Approval
from mediation.offers.limits import check_may_answer
from mediation.offers.passing import brought_up_to_date
from mediation.offers.proposal_models import Proposal, ProposalAnswer
from mediation.offers.proposal_passing import EVERYBODY, close, named, newest_proposal, ruled
from mediation.offers.turns import await_next
from mediation.rules import plans, proposals
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role
from mediation.rules.deadlines import Term
from mediation.rules.law import AcknowledgingAct
from mediation.rules.lifecycle import Move
from mediation.rules.negotiation import Side
from mediation.rules.proposals import ProposalState

# Of one length, so that not even the size of what is kept tells one from the other.
YES, NO = b"yes", b"no."
PARTIES = (Role.BORROWER, Role.LENDER)
SIDES = {Role.BORROWER: Side.BORROWER, Role.LENDER: Side.LENDER}


def make_proposal(seat: Seat, terms: plans.Terms, *, at: datetime, reply_days: int | None = None) -> Proposal:
    """The proposal lies before both sides at the same moment; each answers in private until the same end."""
    seat.require("proposal:make")
    brought_up_to_date(_clock(seat), at=at)
    newest = newest_proposal(seat)
    proposals.check_may_propose(None if newest is None else newest.ruled, at)
    check_capacity(seat)
    ends_at = moves.deadline_of(seat.case, Term.REPLY_TO_OFFER, at=at, count=reply_days).ends_at
    document = document_of_terms(seat, terms, at=at)
    row = Proposal(
        id=new_key(),
        case_id=seat.case_id,
        appointment_id=_appointment_of(seat),
        account_id=seat.account_id,
        claim_version=terms.claim_version,
        document=document.text,
        sha256=document.sha256,
        made_at=at,
        ends_at=ends_at,
        status=ProposalState.OPEN,
    )
    seat.session.add(row)
    await_next(seat, at=at)
    audit.record(seat, "proposal:made", {**named(row), "ends_at": ends_at.isoformat()}, at=at)
    payload = {"case": str(seat.case_id)}
    outbox.enqueue(seat.session, "offer:settle", payload, at=at, run_at=ends_at, dedup=f"proposal:settle:{row.id}")
    tell_roles(seat.session, seat.case, "proposal:made", PARTIES, at=at)
    return row


def answer_proposal(
    seat: Seat,
    proposal_id: UUID,
    *,
    says_yes: bool,
    seen_sha256: str,
    at: datetime,
    old_debt_confirmed: bool = False,
    approval: Approval | None = None,
) -> Proposal:
    """This person has answered; nobody is shown how, and only two yeses ever come to light, as agreed terms."""
    seat.require("proposal:answer")
    side = _side_of(seat)
    brought_up_to_date(_clock(seat), at=at)
    row = _proposal(seat, proposal_id)
    answers = _answers_to(seat, row)
    must_answer = signers_seated(seat, side)
    proposals.check_may_answer(ruled(seat, row), at, has_answered=_has_answered(seat, must_answer, answers))
    if seen_sha256 != row.sha256:
        raise Refused("proposal:changed")
    check_capacity(seat)
    if must_answer and seat.account_id not in must_answer:
        raise Refused("offer:not-a-signer")
    check_may_answer(seat, row.document, says_yes=says_yes, approval=approval, at=at)
    confirm_if_old(seat, AcknowledgingAct.ANSWERING_PROPOSAL, confirmed=old_debt_confirmed, at=at)
    answers = [*answers, _keep_answer(seat, row, says_yes, at)]
    audit.record(seat, "proposal:answered", named(row), at=at, thread=ROOM_THREADS[CAUCUS_OF[side]])
    if proposals.agreed_by_both(_required(seat, answers), _yeses(seat, answers)):
        _agree(_clock(seat), row, answers, at=at)
    return row


def take_back_proposal(seat: Seat, proposal_id: UUID, *, at: datetime) -> Proposal:
    """The proposal is off the table, and whatever was answered to it is gone unread."""
    seat.require("proposal:withdraw")
    brought_up_to_date(_clock(seat), at=at)
    row = _proposal(seat, proposal_id)
    proposals.check_open(ruled(seat, row), at)
    close(seat, row, ProposalState.TAKEN_BACK, closed_at=at)
    audit.record(seat, "proposal:taken-back", named(row), at=at)
    await_next(seat, at=at)
    tell_roles(seat.session, seat.case, "proposal:taken-back", PARTIES, at=at)
    return row


def _agree(case_seat: Seat, row: Proposal, answers: list[ProposalAnswer], *, at: datetime) -> None:
    """Two yeses: the plan lies accepted on the table, with each yes; told by the clock, so that nobody came last."""
    offer = bring_onto_table(case_seat, row, answers, at=at)
    close(case_seat, row, ProposalState.AGREED, closed_at=at)
    row.offer_id = offer.id
    moved = moves.move(case_seat, Move.AGREE_TERMS, at=at)
    audit.record(moved, "proposal:agreed", {**named(row), "offer": str(offer.id)}, at=at)
    await_drafting(moved, at=at)
    tell_roles(moved.session, moved.case, "proposal:agreed", EVERYBODY, at=at)


def _clock(seat: Seat) -> Seat:
    return Seat.system(seat.session, seat.case)


def _side_of(seat: Seat) -> Side:
    if seat.side is None:
        raise NotPermitted("seat:not-permitted", permission="proposal:answer")
    return seat.side


def _appointment_of(seat: Seat) -> UUID:
    """The appointment by which this mediator sits; when it ends, what was proposed under it is void."""
    found = select(Appointment.id).where(
        Appointment.case_id == seat.case_id,
        Appointment.mediator_id == seat.account_id,
        Appointment.ended_at.is_(None),
    )
    appointment_id = seat.session.scalars(found.order_by(Appointment.proposed_at.desc())).first()
    if appointment_id is None:
        raise Refused("appointment:none")
    return appointment_id


def _proposal(seat: Seat, proposal_id: UUID) -> Proposal:
    found = select(Proposal).where(Proposal.id == proposal_id, Proposal.case_id == seat.case_id)
    row = seat.session.scalars(found).first()
    if row is None:
        raise NotFound
    return row


def _answers_to(seat: Seat, row: Proposal) -> list[ProposalAnswer]:
    found = select(ProposalAnswer).where(ProposalAnswer.proposal_id == row.id).order_by(ProposalAnswer.answered_at)
    return list(seat.session.scalars(found))


def _has_answered(seat: Seat, must_answer: set[UUID], answers: list[ProposalAnswer]) -> bool:
    """Whether this person has, or, where one speaks for the whole side, anybody of it."""
    of_side = {one.account_id for one in answers if one.role is seat.role}
    speaks_for_all = not must_answer
    return bool(of_side) if speaks_for_all else seat.account_id in of_side


def _keep_answer(seat: Seat, row: Proposal, says_yes: bool, at: datetime) -> ProposalAnswer:
    assert seat.account_id is not None
    answer_id = new_key()
    sealed = ring_of(seat.session).encrypt(YES if says_yes else NO, context=_context(row.id, answer_id))
    answer = ProposalAnswer(
        id=answer_id,
        proposal_id=row.id,
        account_id=seat.account_id,
        role=seat.role,
        proposal_sha256=row.sha256,
        answer_sealed=pack(sealed),
        answered_at=at,
    )
    seat.session.add(answer)
    seat.session.flush()
    return answer


def _required(seat: Seat, answers: list[ProposalAnswer]) -> dict[Side, set[UUID]]:
    """Whose yes each side needs: of all its signers, or of the one who spoke for it."""
    spoke = {side: {one.account_id for one in answers if SIDES[one.role] is side} for side in Side}
    return {side: signers_seated(seat, side) or spoke[side] for side in Side}


def _yeses(seat: Seat, answers: list[ProposalAnswer]) -> set[UUID]:
    ring = ring_of(seat.session)
    opened = [
        (one.account_id, ring.decrypt(unpack(one.answer_sealed), context=_context(one.proposal_id, one.id)))
        for one in answers
    ]
    return {account_id for account_id, said in opened if said == YES}


def _context(proposal_id: UUID, answer_id: UUID) -> bytes:
    return f"proposal-answer/{proposal_id}/{answer_id}".encode()
