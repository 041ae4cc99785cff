"""A payment made while the case runs: reported by one side, confirmed or disputed by the other."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from mediation import audit
from mediation.cases import moves
from mediation.cases.capacity import open_report
from mediation.cases.claims import COMPONENTS, figures_of
from mediation.cases.models import Claim
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.payment_models import Outcome, PaymentOutcome, ReportedPayment
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.keys import pack, ring_of, unpack
from mediation.rules.access import Role
from mediation.rules.claim_payments import Order, after_payment, check_paid_on
from mediation.rules.law import AcknowledgingAct
from mediation.rules.loans import ClaimFigures
from mediation.rules.negotiation import Side

NOTE_MOST, REASON_MOST = 200, 500
NOTE, REASON = b"reported-payment-note/", b"reported-payment-reason/"
MOST_WAITING = 20
AT_THE_TABLE = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)


@dataclass(frozen=True, kw_only=True)
class Paid:
    """A payment as its side reports it: minor units of the case's currency, and the order in which it pays."""

    paid_on: date
    amount: int
    pays: Order = Order.BY_LAW
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A reported payment as both sides and the mediator read it; the outcome is None while it waits."""

    id: UUID
    by: Side
    paid_on: date
    amount: int
    pays: Order
    note: str
    reported_at: datetime
    outcome: Outcome | None
    reason: str
    said_at: datetime | None
    claim_version: int | None


def payments_seen_by(seat: Seat) -> Sequence[Reported]:
    """Every payment reported in this case, the newest first."""
    seat.require("ledger:read")
    found = (
        select(ReportedPayment, PaymentOutcome)
        .outerjoin(PaymentOutcome, PaymentOutcome.payment_id == ReportedPayment.id)
        .where(ReportedPayment.case_id == seat.case_id)
        .order_by(ReportedPayment.id.desc())
    )
    return [_read(seat, row, said) for row, said in seat.session.execute(found)]


def waiting_payment(seat: Seat, payment_id: UUID) -> ReportedPayment:
    """That payment while nobody has said what became of it; NotFound in another case, refused: payment:settled."""
    found = select(ReportedPayment).where(ReportedPayment.id == payment_id, ReportedPayment.case_id == seat.case_id)
    row = seat.session.scalars(found).one_or_none()
    if row is None:
        raise NotFound
    if seat.session.get(PaymentOutcome, payment_id) is not None:
        raise Refused("payment:settled")
    return row


def payment_to_answer(seat: Seat, payment_id: UUID) -> ReportedPayment:
    """That payment where it is this side's to answer; refused: payment:own, payment:settled."""
    row = waiting_payment(seat, payment_id)
    if row.side is seat.side:
        raise Refused("payment:own")
    return row


def claim_after(seat: Seat, payment: ReportedPayment) -> tuple[ClaimFigures, ClaimFigures]:
    """The claim as it stands, and what it is once that payment counts."""
    before = figures_of(_claim(seat))
    return before, after_payment(before, payment.amount, on=payment.paid_on, order=payment.pays)


def report_payment(seat: Seat, paid: Paid, *, old_debt_confirmed: bool = False, at: datetime) -> ReportedPayment:
    """The payment is reported: the other side is asked to confirm or dispute it, and the claim is as it was."""
    seat.require("payment:report")
    side, note = _side(seat), _plain(paid.note, "note", NOTE_MOST)
    # Whoever may be unable to bind itself must not acknowledge anything meanwhile.
    if open_report(seat) is not None:
        raise Refused("payment:in-question")
    _check_paid(seat, paid, at)
    confirm_if_old(seat, AcknowledgingAct.REPORTING_PAYMENT, confirmed=old_debt_confirmed, at=at)
    payment_id = new_key()
    row = ReportedPayment(
        id=payment_id,
        case_id=seat.case_id,
        side=side,
        paid_on=paid.paid_on,
        amount=paid.amount,
        pays=paid.pays,
        note_sealed=_sealed(seat, note, NOTE, payment_id),
        reported_by=seat.account_id,
        reported_at=at,
    )
    seat.session.add(row)
    seat.session.flush()
    audit.record(seat, "payment:reported", {"payment": str(row.id), "side": side.value}, at=at)
    _tell(seat, "payment:reported", at)
    return row


def dispute_payment(seat: Seat, payment_id: UUID, reason: str, *, at: datetime) -> None:
    """The side says that it knows of no such payment: the claim is as it was."""
    seat.require("payment:answer")
    row = payment_to_answer(seat, payment_id)
    reason = _plain(reason, "reason", REASON_MOST)
    # The borrower's reason is always free; the lender owes one to the person who says that it was paid.
    if seat.side is Side.LENDER and not reason:
        raise Refused("payment:reason-missing", field="reason")
    _keep_outcome(seat, row, Outcome.DISPUTED, reason=reason, at=at)
    body = {"payment": str(row.id)} | ({"reason_sha256": _sha256(reason)} if reason else {})
    audit.record(seat, "payment:disputed", body, at=at)
    _tell(seat, "payment:disputed", at)


def take_back_payment(seat: Seat, payment_id: UUID, *, at: datetime) -> None:
    """The side's own report waits for nobody any more; that it was made stays on the record."""
    seat.require("payment:report")
    row = waiting_payment(seat, payment_id)
    if row.side is not _side(seat):
        raise NotFound
    _keep_outcome(seat, row, Outcome.TAKEN_BACK, at=at)
    audit.record(seat, "payment:taken-back", {"payment": str(row.id), "side": row.side.value}, at=at)
    _tell(seat, "payment:taken-back", at)


def keep_claim_after(seat: Seat, payment: ReportedPayment, *, at: datetime) -> Claim:
    """The claim has one version more, reduced by that payment; the days and grounds of its figures are as before."""
    seat.require("payment:answer")
    earlier, (_, left) = _claim(seat), claim_after(seat, payment)
    kept = {
        name: getattr(earlier, name)
        for name in ("as_of_on", "currency", "accelerated", "basis", "original_lender", "original_contract",
                     "principal_basis", "interest_basis", "penalty_basis", "fees_basis")
    }  # fmt: skip
    claim = Claim(
        case_id=seat.case_id,
        version=left.version,
        kept_by=seat.account_id,
        kept_at=at,
        **kept,
        **{name: getattr(left, name) for name in COMPONENTS},
    )
    seat.session.add(claim)
    seat.case.claim_version, seat.case.claim_total = left.version, left.total
    seat.session.flush()
    _keep_outcome(seat, payment, Outcome.CONFIRMED, claim_version=left.version, at=at)
    return claim


def _side(seat: Seat) -> Side:
    if seat.side is None:
        raise NotPermitted("seat:not-permitted", permission="payment:report")
    return seat.side


def _check_paid(seat: Seat, paid: Paid, at: datetime) -> None:
    claim = _claim(seat)
    check_paid_on(paid.paid_on, as_of_on=claim.as_of_on, today=moves.local_day(seat.case, at))
    after_payment(figures_of(claim), paid.amount, on=paid.paid_on, order=paid.pays)
    waiting = [one for one in payments_seen_by(seat) if one.outcome is None]
    if len(waiting) >= MOST_WAITING:
        raise Refused("payment:too-many-waiting", most=MOST_WAITING)
    # Both sides may report the same payment within a minute of each other; it must not count twice.
    if any((one.paid_on, one.amount) == (paid.paid_on, paid.amount) for one in waiting):
        raise Refused("payment:waits-already", field="amount")


def _keep_outcome(
    seat: Seat,
    payment: ReportedPayment,
    outcome: Outcome,
    *,
    at: datetime,
    reason: str = "",
    claim_version: int | None = None,
) -> None:
    """What became of that payment is written down, once."""
    seat.session.add(
        PaymentOutcome(
            payment_id=payment.id,
            outcome=outcome,
            claim_version=claim_version,
            reason_sealed=_sealed(seat, reason, REASON, payment.id),
            said_by=seat.account_id,
            said_at=at,
        )
    )
    seat.session.flush()


def _claim(seat: Seat) -> Claim:
    found = select(Claim).where(Claim.case_id == seat.case_id, Claim.version == seat.case.claim_version)
    return seat.session.scalars(found).one()


def _read(seat: Seat, row: ReportedPayment, said: PaymentOutcome | None) -> Reported:
    return Reported(
        id=row.id,
        by=row.side,
        paid_on=row.paid_on,
        amount=row.amount,
        pays=row.pays,
        note=_opened(seat, row.note_sealed, NOTE, row.id),
        reported_at=row.reported_at,
        outcome=said.outcome if said else None,
        reason=_opened(seat, said.reason_sealed, REASON, row.id) if said else "",
        said_at=said.said_at if said else None,
        claim_version=said.claim_version if said else None,
    )


def _plain(text: str, field: str, most: int) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > most:
        raise Refused("payment:words-too-long", field=field, most=most, length=len(text))
    return text


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sealed(seat: Seat, text: str, purpose: bytes, row_id: UUID) -> bytes | None:
    if not text:
        return None
    return pack(ring_of(seat.session).encrypt(text.encode(), context=purpose + row_id.bytes))


def _opened(seat: Seat, sealed: bytes | None, purpose: bytes, row_id: UUID) -> str:
    if sealed is None:
        return ""
    return ring_of(seat.session).decrypt(unpack(sealed), context=purpose + row_id.bytes).decode()


def _tell(seat: Seat, kind: str, at: datetime) -> None:
    tell_roles(seat.session, seat.case, kind, AT_THE_TABLE, at=at, but=seat.account_id)
