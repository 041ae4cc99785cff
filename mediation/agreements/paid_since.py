"""A payment that both sides confirm: the claim has a new version, and what rested on the old one is looked at anew."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mediation import audit
from mediation.agreements.models import Agreement
from mediation.agreements.selections import current_agreement, signatures_on
from mediation.cases import moves
from mediation.cases.capacity import open_report
from mediation.cases.claims import COMPONENTS
from mediation.cases.models import Claim
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.payments import AT_THE_TABLE, keep_claim_after, payment_to_answer
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import Refused, Stale
from mediation.offers.superseding import supersede_offers
from mediation.rules.access import Role
from mediation.rules.deadlines import Term
from mediation.rules.law import AcknowledgingAct
from mediation.rules.lifecycle import AgreementMove, Move, Stage, next_agreement

AGREED = (Stage.TERMS_AGREED, Stage.SIGNING)


class Paper(StrEnum):
    """What a new claim makes of the agreed terms: there are none, they are looked at anew, or they are signed."""

    NONE = "none"
    BACK = "back"
    SIGNED = "signed"


def confirm_payment(
    seat: Seat, payment_id: UUID, *, seen_version: int, old_debt_confirmed: bool = False, at: datetime
) -> Claim:
    """Both sides confirm the payment: the claim is reduced by it to the cent, and open plans no longer stand."""
    seat.require("payment:answer")
    payment = payment_to_answer(seat, payment_id)
    if seen_version != seat.case.claim_version:
        raise Stale("payment:claim-changed")
    if open_report(seat) is not None:
        raise Refused("payment:in-question")
    confirm_if_old(seat, AcknowledgingAct.REPORTING_PAYMENT, confirmed=old_debt_confirmed, at=at)
    paper = paper_after(seat)
    claim = keep_claim_after(seat, payment, at=at)
    figures = {name: getattr(claim, name) for name in COMPONENTS}
    body = {"payment": str(payment.id), "claim_version": claim.version, "claim": figures}
    audit.record(seat, "payment:confirmed", body, at=at)
    supersede_offers(Seat.system(seat.session, seat.case), at=at)
    if paper is Paper.BACK:
        look_anew(Seat.system(seat.session, seat.case), at=at)
    facts = {"paper": paper.value}
    tell_roles(seat.session, seat.case, "payment:confirmed", AT_THE_TABLE, at=at, facts=facts, but=seat.account_id)
    return claim


def paper_after(seat: Seat) -> Paper:
    """What a confirmed payment would make of the agreed terms now."""
    if seat.stage not in AGREED:
        return Paper.NONE
    agreement = current_agreement(seat)
    signed = agreement is not None and bool(signatures_on(seat.session, agreement.id))
    return Paper.SIGNED if signed else Paper.BACK


def look_anew(seat: Seat, *, at: datetime) -> None:
    """The agreed plan rested on an earlier claim: its unsigned paper is void, and talk begins again."""
    seat.require("time:pass")
    agreement = current_agreement(seat)
    if agreement is not None:
        _void(agreement, at)
    moves.move(seat, Move.RETURN_TO_TABLE, at=at)
    until = moves.deadline_of(seat.case, Term.CONTACT_PARTIES, at=at).ends_at
    moves.await_turn(seat.case, Role.MEDIATOR, until=until, kind=Term.CONTACT_PARTIES.value, at=at)
    audit.record(seat, "terms:overtaken", {"agreement": str(agreement.id) if agreement else ""}, at=at)


def _void(agreement: Agreement, at: datetime) -> None:
    agreement.state = next_agreement(agreement.state, AgreementMove.VOID)
    agreement.closed_at = at
