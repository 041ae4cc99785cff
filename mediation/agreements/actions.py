"""Draw up an agreement, confirm it, decline it; what time brings about when one side stays silent."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from mediation import audit, outbox
from mediation.accounts.selections import authority_of
from mediation.agreements import law_gate, paper
from mediation.agreements.assembling import (
    SIGNING,
    Choices,
    accepted_offer,
    facts_of,
    may_be_taken_back,
    missing_on_file,
    names_another_officer,
    settled_terms,
    signers_of,
)
from mediation.agreements.models import Agreement, Signature
from mediation.agreements.selections import current_agreement, name_of, signatures_on
from mediation.cases import moves, telling
from mediation.cases.drafting import await_drafting
from mediation.cases.numbers import next_number
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.outcomes import fingerprint, record_outcome
from mediation.cases.seats import Seat
from mediation.db import new_key
from mediation.errors import NotPermitted, Refused, Stale
from mediation.rules import chain
from mediation.rules.access import Role
from mediation.rules.clauses import agreement_clauses, to_document
from mediation.rules.deadlines import Term, is_over
from mediation.rules.law import AcknowledgingAct
from mediation.rules.lifecycle import (
    AgreementMove,
    AgreementState,
    Move,
    Signer,
    Stage,
    after_signature,
    after_window,
    check_may_sign,
    next_agreement,
    signed_in_full,
)

INTENT = (
    "本人已阅读本调解协议全文，确认其内容为真实意思表示，并同意以本次确认作为签字。"
    "I have read this settlement agreement, it says what I intend, and this confirmation is my signature."
)
INTENT_SHA256 = hashlib.sha256(INTENT.encode()).hexdigest()
SIGNING_ROLES = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)
# The rate is 100 % a year at most, whatever is typed; what the law supports is judged by its own rules.
HIGHEST_DEFAULT_RATE = Decimal(1)


def draw_up(seat: Seat, choices: Choices, *, at: datetime) -> Agreement:
    """An agreement stands in draft, made of typed clauses from the accepted offer; its paper is promised."""
    seat.require("agreement:draft")
    _check_may_draw_up(seat, choices, at)
    law_gate.check_lawful(seat, choices, at=at)
    offer = accepted_offer(seat)
    year = moves.local_day(seat.case, at).year
    ordinal = next_number(seat.session, seat.institution_id, series="agreement", year=year)
    number = seat.institution.agreement_number_pattern.format(
        code=seat.institution.code, year=year, number=ordinal, name=seat.institution.name
    )
    facts = facts_of(seat, offer, choices, number=number, at=at)
    paper.check_printable(facts)
    text = chain.canonical(to_document(facts, agreement_clauses(facts))).decode()
    agreement = Agreement(
        id=new_key(),
        institution_id=seat.institution_id,
        case_id=seat.case_id,
        offer_id=offer.id,
        version=_versions(seat) + 1,
        number=number,
        state=next_agreement(AgreementState.DRAFT, AgreementMove.PASS_GATE),
        document=text,
        document_sha256=hashlib.sha256(text.encode()).hexdigest(),
        drafted_by=seat.account_id,
        drafted_at=at,
    )
    seat.session.add(agreement)
    seat.session.flush()
    moves.await_nobody(seat.case, at=at)
    body = {"agreement": str(agreement.id), "offer_sha256": offer.sha256, "terms_sha256": agreement.document_sha256}
    audit.record(seat, "agreement:drafted", body, at=at)
    outbox.enqueue(
        seat.session, "agreement:render", {"agreement": str(agreement.id)}, at=at, dedup=f"render:{agreement.id}"
    )
    return agreement


def sign(
    seat: Seat, agreement_id: UUID, *, seen_sha256: str, at: datetime, old_debt_confirmed: bool = False
) -> Signature:
    """This person has confirmed exactly this file; after the mediator's confirmation the seal is promised."""
    seat.require("agreement:sign")
    agreement = _signable(seat, agreement_id, at)
    if seen_sha256 != agreement.unsigned_sha256:
        raise Stale("agreement:changed")
    required = _required(seat)
    if seat.account_id not in required[Signer(seat.role.value)]:
        raise NotPermitted("agreement:not-a-signer")
    signed = {one.account_id for one in signatures_on(seat.session, agreement.id)}
    if seat.account_id in signed:
        raise Refused("signature:already-given")
    check_may_sign(Signer(seat.role.value), signed_in_full(required, signed))
    _check_authority(seat, at)
    confirm_if_old(seat, AcknowledgingAct.SIGNING, confirmed=old_debt_confirmed, at=at)
    signature = _keep_signature(seat, agreement, at)
    _step_on(seat, agreement, signed_in_full(required, signed | {seat.account_id}), at)
    body = {
        "agreement": str(agreement.id),
        "pdf_sha256": agreement.unsigned_sha256,
        "intent_sha256": INTENT_SHA256,
        "role": seat.role.value,
    }
    audit.record(seat, "agreement:signed", body, at=at)
    _tell_others(seat, "agreement:signed", at)
    return signature


def decline(seat: Seat, agreement_id: UUID, *, at: datetime) -> None:
    """A party does not sign; the negotiation is open again and the file is nobody's agreement."""
    seat.require("agreement:decline")
    agreement = _current(seat, agreement_id)
    if any(one.account_id == seat.account_id for one in signatures_on(seat.session, agreement.id)):
        raise Refused("agreement:already-signed")
    _close(seat, agreement, AgreementMove.DECLINE, at)
    audit.record(seat, "agreement:declined", {"agreement": str(agreement.id)}, at=at)
    _tell_others(seat, "agreement:declined", at)


def draw_up_anew(seat: Seat, agreement_id: UUID, *, at: datetime) -> None:
    """The paper is taken back and drawn up again from the agreed terms; both sides read the new one from the start."""
    seat.require("agreement:replace")
    agreement = _current(seat, agreement_id)
    if not may_be_taken_back(seat, agreement):
        raise Refused("agreement:not-to-be-replaced")
    agreement.state = next_agreement(agreement.state, AgreementMove.VOID)
    agreement.closed_at = at
    moves.move(seat, Move.RETURN_TO_TERMS, at=at)
    await_drafting(seat, at=at)
    audit.record(seat, "agreement:taken-back", {"agreement": str(agreement.id)}, at=at)
    _tell_others(seat, "agreement:taken-back", at)


def end_signing(seat: Seat, agreement_id: UUID, *, at: datetime) -> None:
    """The window is over: unsigned it lapses; signed by one side alone it is void and no longer a file."""
    seat.require("time:pass")
    agreement = current_agreement(seat)
    if seat.stage is not Stage.SIGNING or agreement is None or agreement.id != agreement_id:
        return
    if agreement.state is not AgreementState.SIGNING:
        return
    if agreement.signing_ends_at is None or not is_over(agreement.signing_ends_at, at):
        return
    signed = {one.account_id for one in signatures_on(seat.session, agreement.id)}
    state = after_window(signed_in_full(_required(seat), signed), anyone=bool(signed))
    lapsed = state is AgreementState.LAPSED
    _close(seat, agreement, AgreementMove.LAPSE if lapsed else AgreementMove.VOID, at)
    kind = "agreement:lapsed" if lapsed else "agreement:voided"
    audit.record(seat, kind, {"agreement": str(agreement.id)}, at=at)
    _tell_others(seat, kind, at)


def start_signing(seat: Seat, agreement_id: UUID, unsigned_sha256: str, *, at: datetime) -> None:
    """The paper is rendered, once; its SHA-256 is what each signer confirms, and the window begins."""
    seat.require("time:pass")
    agreement = current_agreement(seat)
    if seat.stage is not Stage.TERMS_AGREED or agreement is None or agreement.id != agreement_id:
        return
    if agreement.state is not AgreementState.GATE_PASSED:
        return
    agreement.state = next_agreement(agreement.state, AgreementMove.START_SIGNING)
    agreement.unsigned_sha256, agreement.rendered_at = unsigned_sha256, at
    agreement.signing_ends_at = moves.deadline_of(seat.case, Term.SIGN, at=at).ends_at
    moves.move(seat, Move.START_SIGNING, at=at)
    moves.await_both_sides(seat.case, until=agreement.signing_ends_at, kind=Term.SIGN.value, at=at)
    body = {"agreement": str(agreement.id), "pdf_sha256": unsigned_sha256}
    audit.record(seat, "agreement:rendered", body, at=at)
    outbox.enqueue(
        seat.session,
        "agreement:end-signing",
        {"agreement": str(agreement.id)},
        at=at,
        run_at=agreement.signing_ends_at,
        dedup=f"end-signing:{agreement.id}",
    )
    _tell_others(seat, "agreement:ready", at)


def keep_sealed(seat: Seat, agreement_id: UUID, sealed_sha256: str, *, at: datetime, sealed_at: datetime) -> None:
    """The sealed file is the agreement; it is in effect from the instant of the seal."""
    seat.require("time:pass")
    agreement = current_agreement(seat)
    if seat.stage is not Stage.SIGNING or agreement is None or agreement.id != agreement_id:
        return
    if agreement.state is not AgreementState.AWAITING_SEAL:
        return
    agreement.state = next_agreement(agreement.state, AgreementMove.SEAL)
    agreement.sealed_sha256, agreement.effective_at = sealed_sha256, sealed_at
    moves.move(seat, Move.SEAL, at=at)
    moves.await_nobody(seat.case, at=at)
    body = {
        "agreement": str(agreement.id),
        "pdf_sha256": sealed_sha256,
        "unsigned_sha256": agreement.unsigned_sha256,
        "outcome_sha256": fingerprint(record_outcome(seat, settled_terms(agreement), at=sealed_at)),
    }
    audit.record(seat, "agreement:sealed", body, at=at)
    _tell_others(seat, "agreement:sealed", at)


def _check_may_draw_up(seat: Seat, choices: Choices, at: datetime) -> None:
    if not 0 <= choices.default_yearly_rate <= HIGHEST_DEFAULT_RATE:
        raise Refused("agreement:default-rate-out-of-range", field="default_yearly_rate", most=100)
    if current_agreement(seat) is not None:
        raise Refused("agreement:already-drawn-up")
    for key in missing_on_file(seat, at=at):
        raise Refused(key)


def _signable(seat: Seat, agreement_id: UUID, at: datetime) -> Agreement:
    agreement = _current(seat, agreement_id)
    if agreement.state not in SIGNING:
        raise Refused("agreement:not-open-for-signing")
    if agreement.drafted_by != seat.case.mediator_id:
        raise Refused("agreement:mediator-changed")
    if names_another_officer(seat, agreement):
        raise Refused("agreement:officer-changed")
    window_over = agreement.signing_ends_at is None or is_over(agreement.signing_ends_at, at)
    if agreement.state is AgreementState.SIGNING and window_over:
        raise Refused("agreement:window-over")
    return agreement


def _check_authority(seat: Seat, at: datetime) -> None:
    """What the officer could sign when the paper was made out, it must still be allowed to sign today."""
    if seat.role is not Role.LENDER or seat.account_id is None:
        return
    if authority_of(seat.session, seat.institution_id, seat.account_id, moves.local_day(seat.case, at)) is None:
        raise Refused("agreement:authority-missing")


def _current(seat: Seat, agreement_id: UUID) -> Agreement:
    agreement = current_agreement(seat)
    if agreement is None or agreement.id != agreement_id:
        raise Stale("agreement:changed")
    return agreement


def _required(seat: Seat) -> Mapping[Signer, frozenset[UUID]]:
    return {Signer(role.value): accounts for role, accounts in signers_of(seat).items()}


def _keep_signature(seat: Seat, agreement: Agreement, at: datetime) -> Signature:
    assert seat.account_id is not None
    signature = Signature(
        agreement_id=agreement.id,
        role=seat.role,
        account_id=seat.account_id,
        name=name_of(seat, seat.account_id),
        pdf_sha256=agreement.unsigned_sha256,
        intent_sha256=INTENT_SHA256,
        signed_at=at,
    )
    seat.session.add(signature)
    seat.session.flush()
    return signature


def _step_on(seat: Seat, agreement: Agreement, signed: frozenset[Signer], at: datetime) -> None:
    state = after_signature(signed)
    agreement.state = state
    if state is AgreementState.AWAITING_SEAL:
        moves.await_nobody(seat.case, at=at)
        payload = {"agreement": str(agreement.id)}
        outbox.enqueue(seat.session, "agreement:seal", payload, at=at, dedup=f"seal:{agreement.id}")
        return
    if state is AgreementState.AWAITING_MEDIATOR:
        until = moves.deadline_of(seat.case, Term.CONFIRM_AGREEMENT, at=at).ends_at
        moves.await_turn(seat.case, Role.MEDIATOR, until=until, kind=Term.CONFIRM_AGREEMENT.value, at=at)
        return
    if signed:
        waiting = Role.LENDER if Signer.BORROWER in signed else Role.BORROWER
        moves.await_turn(seat.case, waiting, until=agreement.signing_ends_at, kind=Term.SIGN.value, at=at)


def _close(seat: Seat, agreement: Agreement, how: AgreementMove, at: datetime) -> None:
    agreement.state = next_agreement(agreement.state, how)
    agreement.closed_at = at
    seat.session.flush()
    moves.move(seat, Move.RETURN_TO_TABLE, at=at)
    moves.await_turn(seat.case, Role.MEDIATOR, until=seat.case.mediation_ends_at, kind=Term.MEDIATION.value, at=at)


def _versions(seat: Seat) -> int:
    found = select(Agreement.version).where(Agreement.case_id == seat.case_id).order_by(Agreement.version.desc())
    return seat.session.scalar(found.limit(1)) or 0


def _tell_others(seat: Seat, kind: str, at: datetime) -> None:
    telling.tell_roles(seat.session, seat.case, kind, SIGNING_ROLES, at=at, but=seat.account_id)
