"""Stating payments, taking them back, and answering the other side's rows: each one entry in the case's thread."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from mediation import audit
from mediation.cases import moves
from mediation.cases.capacity import open_report
from mediation.cases.old_debt import confirm_if_old
from mediation.cases.seats import Seat
from mediation.cases.telling import people_of, tell_account
from mediation.db import new_key
from mediation.disclosures.ledger_models import LedgerAnswer, LedgerPayment, LedgerWithdrawal, PaymentList, Source
from mediation.disclosures.ledger_standing import (
    NOTE,
    PROOF,
    REASON,
    ledger_of,
    standing_lists,
    standing_payment,
    standing_payments,
)
from mediation.disclosures.ledger_words import NOTE_MOST, PROOF_MOST, REASON_MOST, plain_words
from mediation.errors import NotFound, NotPermitted, Refused, Stale
from mediation.keys import pack, ring_of
from mediation.notices import Notice
from mediation.rules.access import Role
from mediation.rules.chain import canonical
from mediation.rules.law import AcknowledgingAct
from mediation.rules.ledger import Verdict, check_disputed, check_payment
from mediation.rules.negotiation import Side

MOST_ROWS = 5_000
# The account of a loan may change many times a day; nobody is told of it more than once.
TOLD_EVERY = timedelta(days=1)
AT_THE_TABLE = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)


@dataclass(frozen=True)
class PaidRow:
    """A payment as its side states it: amount in minor units of the case's currency."""

    paid_on: date
    amount: int
    note: str = ""


@dataclass(frozen=True)
class ReadFile:
    """Where the rows were read from, and how many rows of it state no payment."""

    name: str
    sha256: str
    left_out: int = 0


@dataclass(frozen=True)
class Row:
    """A row that a side answers: a component of the claim, or a payment that the other side states."""

    component: str = ""
    payment_id: UUID | None = None


@dataclass(frozen=True)
class Grounds:
    """Why, and what shows it, both as the side wrote them; how much of a component, None for the whole of it."""

    reason: str = ""
    proof: str = ""
    disputed: int | None = None


def state_payments(
    seat: Seat,
    rows: Sequence[PaidRow],
    *,
    file: ReadFile | None = None,
    old_debt_confirmed: bool = False,
    at: datetime,
) -> PaymentList:
    """The side states these payments: the other side and the mediator read them, and nothing is agreed by that."""
    seat.require("ledger:state")
    side = _side(seat)
    rows = [PaidRow(row.paid_on, row.amount, plain_words(row.note, "note", most=NOTE_MOST)) for row in rows]
    _check_rows(seat, side, rows, file, at)
    confirm_if_old(seat, AcknowledgingAct.REPORTING_PAYMENT, confirmed=old_debt_confirmed, at=at)
    kept, sha256 = _keep_list(seat, side, rows, file, at)
    body = {"list": str(kept.id), "side": side.value, "rows": len(rows), "sha256": sha256}
    audit.record(seat, "ledger:stated", body, at=at)
    _tell_the_others(seat, at=at)
    return kept


def take_back_payment(seat: Seat, payment_id: UUID, *, at: datetime) -> None:
    """The side states this one payment no more; that it once did stays on the record."""
    seat.require("ledger:state")
    payment = standing_payment(seat.session, seat.case_id, payment_id)
    if payment.side is not _side(seat):
        raise NotFound
    _keep_withdrawal(seat, at, payment_id=payment_id)
    audit.record(seat, "ledger:taken-back", {"payment": str(payment_id), "side": payment.side.value}, at=at)
    _tell_the_others(seat, at=at)


def take_back_list(seat: Seat, list_id: UUID, *, at: datetime) -> None:
    """The side states none of the payments of this list any more."""
    seat.require("ledger:state")
    side = _side(seat)
    if list_id not in {kept.id for kept in standing_lists(seat.session, seat.case_id, side)}:
        raise NotFound
    _keep_withdrawal(seat, at, list_id=list_id)
    audit.record(seat, "ledger:taken-back", {"list": str(list_id), "side": side.value}, at=at)
    _tell_the_others(seat, at=at)


def agree_row(
    seat: Seat,
    row: Row,
    *,
    seen_version: int,
    instead_of: UUID | None = None,
    old_debt_confirmed: bool = False,
    at: datetime,
) -> None:
    """The side agrees to exactly this row; a payment of its own that means the same one is taken back with it."""
    seat.require("ledger:answer")
    # Whoever may be unable to bind itself must not acknowledge anything meanwhile.
    if open_report(seat) is not None:
        raise Refused("ledger:in-question")
    _check_answerable(seat, row, seen_version)
    confirm_if_old(seat, AcknowledgingAct.AGREEING_LEDGER_ROW, confirmed=old_debt_confirmed, at=at)
    body = _body(seat, row)
    if instead_of is not None:
        body["instead_of"] = str(_own_payment(seat, instead_of))
        _keep_withdrawal(seat, at, payment_id=instead_of)
    answer = _keep_answer(seat, row, Verdict.AGREED, Grounds(), at)
    audit.record(seat, "ledger:row-agreed", {**body, "answer": str(answer.id)}, at=at)


def dispute_row(seat: Seat, row: Row, grounds: Grounds, *, seen_version: int, at: datetime) -> None:
    """The side disputes this row, of a component as much as it says; a plan can leave that part open."""
    seat.require("ledger:answer")
    _check_answerable(seat, row, seen_version)
    grounds = _plain(seat, row, grounds)
    # The borrower's reason is always free; the lender owes one to the person who says that it was paid.
    if seat.side is Side.LENDER and not grounds.reason:
        raise Refused("ledger:reason-missing", field="reason")
    answer = _keep_answer(seat, row, Verdict.DISPUTED, grounds, at)
    body = {**_body(seat, row), **_hashes(grounds), "answer": str(answer.id)}
    if grounds.disputed is not None:
        body["disputed"] = str(grounds.disputed)
    audit.record(seat, "ledger:row-disputed", body, at=at)
    _tell_the_others(seat, at=at)


def leave_row_open(seat: Seat, row: Row, grounds: Grounds, *, seen_version: int, at: datetime) -> None:
    """The side is not sure about this row: it counts neither as agreed nor as disputed."""
    seat.require("ledger:answer")
    _check_answerable(seat, row, seen_version)
    grounds = _plain(seat, row, Grounds(grounds.reason, grounds.proof))
    answer = _keep_answer(seat, row, Verdict.UNKNOWN, grounds, at)
    body = {**_body(seat, row), **_hashes(grounds), "answer": str(answer.id)}
    audit.record(seat, "ledger:row-left-open", body, at=at)


def _side(seat: Seat) -> Side:
    if seat.side is None:
        raise NotPermitted("seat:not-permitted", permission="ledger:state")
    return seat.side


def _check_rows(seat: Seat, side: Side, rows: Sequence[PaidRow], file: ReadFile | None, at: datetime) -> None:
    if not rows:
        raise Refused("ledger:file-without-payments", field="file")
    today = moves.local_day(seat.case, at)
    for row in rows:
        check_payment(row.paid_on, row.amount, today=today, currency=seat.case.currency)
    if len(rows) + len(standing_payments(seat.session, seat.case_id)[side]) > MOST_ROWS:
        raise Refused("ledger:too-many-rows", field="file" if file else "amount", most=MOST_ROWS)
    lists = standing_lists(seat.session, seat.case_id, side) if file else ()
    if file and any(kept.file_sha256 == file.sha256 for kept in lists):
        raise Refused("ledger:file-stated-already", field="file")


def _check_answerable(seat: Seat, row: Row, seen_version: int) -> None:
    """The row is the other side's and stands; of the claim, it is the version that the page showed."""
    if row.payment_id is not None:
        if standing_payment(seat.session, seat.case_id, row.payment_id).side is _side(seat):
            raise Refused("ledger:own-row")
        return
    if _side(seat) is not Side.BORROWER:
        raise NotFound
    ledger_of(seat.session, seat.case).component(row.component)
    if seen_version != seat.case.claim_version:
        raise Stale("ledger:claim-changed")


def _own_payment(seat: Seat, payment_id: UUID) -> UUID:
    if standing_payment(seat.session, seat.case_id, payment_id).side is not _side(seat):
        raise NotFound
    return payment_id


def _plain(seat: Seat, row: Row, grounds: Grounds) -> Grounds:
    if row.payment_id is not None or grounds.disputed is None:
        disputed = None
    else:
        disputed = grounds.disputed
        check_disputed(ledger_of(seat.session, seat.case).component(row.component).shares.claimed, disputed)
    return Grounds(
        plain_words(grounds.reason, "reason", most=REASON_MOST),
        plain_words(grounds.proof, "proof", most=PROOF_MOST),
        disputed,
    )


def _keep_list(
    seat: Seat, side: Side, rows: Sequence[PaidRow], file: ReadFile | None, at: datetime
) -> tuple[PaymentList, str]:
    ids = [new_key() for _ in rows]
    # With each row's own id in it, so that the hash of one payment cannot be guessed from its day and amount.
    stated = [
        [str(row_id), row.paid_on.isoformat(), row.amount, _sha256(row.note)]
        for row_id, row in zip(ids, rows, strict=True)
    ]
    assert seat.account_id is not None
    kept = PaymentList(
        case_id=seat.case_id,
        side=side,
        source=Source.FILE if file else Source.TYPED,
        file_name=file.name[:200] if file else "",
        file_sha256=file.sha256 if file else "",
        left_out=file.left_out if file else 0,
        row_count=len(rows),
        total=sum(row.amount for row in rows),
        sha256=hashlib.sha256(canonical({"v": 1, "rows": stated})).hexdigest(),
        stated_by=seat.account_id,
        stated_at=at,
    )
    seat.session.add(kept)
    seat.session.flush()
    seat.session.add_all(
        LedgerPayment(
            id=row_id, list_id=kept.id, case_id=seat.case_id, side=side, paid_on=row.paid_on, amount=row.amount,
            note_sealed=_sealed(seat, row.note, NOTE, row_id),
        )
        for row_id, row in zip(ids, rows, strict=True)
    )  # fmt: skip
    seat.session.flush()
    return kept, kept.sha256


def _keep_withdrawal(seat: Seat, at: datetime, *, payment_id: UUID | None = None, list_id: UUID | None = None) -> None:
    assert seat.account_id is not None
    seat.session.add(
        LedgerWithdrawal(
            case_id=seat.case_id, payment_id=payment_id, list_id=list_id, withdrawn_by=seat.account_id, withdrawn_at=at
        )
    )
    seat.session.flush()


def _keep_answer(seat: Seat, row: Row, verdict: Verdict, grounds: Grounds, at: datetime) -> LedgerAnswer:
    last = seat.session.scalar(select(func.max(LedgerAnswer.number)).where(LedgerAnswer.case_id == seat.case_id)) or 0
    answer_id = new_key()
    assert seat.account_id is not None
    answer = LedgerAnswer(
        id=answer_id,
        case_id=seat.case_id,
        number=last + 1,
        side=_side(seat),
        claim_version=seat.case.claim_version,
        component=row.component,
        payment_id=row.payment_id,
        verdict=verdict,
        disputed=grounds.disputed,
        reason_sealed=_sealed(seat, grounds.reason, REASON, answer_id),
        proof_sealed=_sealed(seat, grounds.proof, PROOF, answer_id),
        answered_by=seat.account_id,
        answered_at=at,
    )
    seat.session.add(answer)
    seat.session.flush()
    return answer


def _body(seat: Seat, row: Row) -> dict[str, str]:
    if row.payment_id is not None:
        return {"payment": str(row.payment_id)}
    return {"component": row.component, "claim_version": str(seat.case.claim_version)}


def _hashes(grounds: Grounds) -> dict[str, str]:
    named = {"reason_sha256": grounds.reason, "proof_sha256": grounds.proof}
    return {name: _sha256(text) for name, text in named.items() if text}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _sealed(seat: Seat, text: str, purpose: bytes, row_id: UUID) -> bytes | None:
    if not text:
        return None
    return pack(ring_of(seat.session).encrypt(text.encode(), context=purpose + row_id.bytes))


def _tell_the_others(seat: Seat, *, at: datetime) -> None:
    for role in AT_THE_TABLE:
        for account in people_of(seat.session, seat.case, role):
            if account.id != seat.account_id and not _was_told(seat, account.id, at):
                tell_account(seat.session, seat.case, "ledger:changed", account, role, at=at)


def _was_told(seat: Seat, account_id: UUID, at: datetime) -> bool:
    found = select(Notice.id).where(
        Notice.case_id == seat.case_id,
        Notice.account_id == account_id,
        Notice.kind == "ledger:changed",
        Notice.made_at > at - TOLD_EVERY,
    )
    return seat.session.scalar(found.limit(1)) is not None
