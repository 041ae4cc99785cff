"""What the pages of the ledger show: the lines of one page with what was written beside them, and one row to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.seats import Seat
from mediation.disclosures.ledger_models import LedgerAnswer, LedgerPayment, PaymentList, Source
from mediation.disclosures.ledger_standing import (
    NOTE,
    PROOF,
    REASON,
    Component,
    Ledger,
    standing_lists,
    standing_payment,
    words_of,
)
from mediation.errors import NotFound
from mediation.rules.ledger import Likeness, Line, Payment, Standing, Verdict
from mediation.rules.negotiation import Side

PAGE = 50


class Show(StrEnum):
    """Which lines a page shows."""

    DIFFERENCES = "differences"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Said:
    """What a side said of a row, opened."""

    side: Side
    verdict: Verdict
    disputed: int | None
    reason: str
    proof: str
    at: datetime


@dataclass(frozen=True)
class ShownRow:
    """One side's row of a line, and what the other side said of it."""

    id: UUID
    side: Side
    on: date
    amount: int
    note: str
    said: Said | None


@dataclass(frozen=True)
class ShownLine:
    """One line as this reader sees it; `to_answer` is the row that the reader's side may still answer."""

    likeness: Likeness
    standing: Standing
    borrower: ShownRow | None
    lender: ShownRow | None
    to_answer: UUID | None
    own: UUID | None
    has_twin: bool

    @property
    def rows(self) -> tuple[ShownRow, ...]:
        """The rows of the line, the borrower's first."""
        return tuple(row for row in (self.borrower, self.lender) if row is not None)


@dataclass(frozen=True)
class ShownPage:
    """One page of lines, and how many there are of each kind in all."""

    show: Show
    lines: Sequence[ShownLine]
    number: int
    pages: int
    differences: int
    confirmed: int

    @property
    def previous(self) -> int | None:
        """The number of the page before, where there is one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        """The number of the next page, where there is one."""
        return self.number + 1 if self.number < self.pages else None


@dataclass(frozen=True)
class Asked:
    """One row that is to be answered: the other side's payment, and an own one that might be the same."""

    row: ShownRow
    line: ShownLine
    twin: ShownRow | None


def page_of(seat: Seat, ledger: Ledger, show: Show, number: int) -> ShownPage:
    """The lines that differ, those in dispute first, or those that both sides confirmed; each in the order of days."""
    confirmed = [line for line in ledger.payments.lines if line.standing is Standing.CONFIRMED]
    differing = [line for line in ledger.payments.lines if line.standing is not Standing.CONFIRMED]
    differing.sort(key=lambda line: line.standing is not Standing.DISPUTED)
    lines = differing if show is Show.DIFFERENCES else confirmed
    pages = max(1, -(-len(lines) // PAGE))
    if not 1 <= number <= pages:
        raise NotFound
    shown = _shown(seat, ledger, lines[(number - 1) * PAGE : number * PAGE])
    return ShownPage(show, shown, number, pages, len(differing), len(confirmed))


def asked_of(seat: Seat, ledger: Ledger, payment_id: UUID) -> Asked:
    """The other side's payment as this side is asked about it; an own payment, or none, does not exist here."""
    payment = standing_payment(seat.session, seat.case_id, payment_id)
    if payment.side is seat.side:
        raise NotFound
    key = str(payment_id)
    line = next(line for line in ledger.payments.lines if key in {row.key for row in _rows(line)})
    shown = _shown(seat, ledger, [line])[0]
    row = next(row for row in shown.rows if row.id == payment_id)
    return Asked(row, shown, _twin(seat, ledger, key))


def said_of(seat: Seat, component: Component) -> Said | None:
    """What the borrower last said of a component, opened."""
    return None if component.answer is None else _said(seat.session, component.answer)


def files_of(seat: Seat) -> Sequence[PaymentList]:
    """The files that the reader's own side has brought; none for the mediator."""
    if seat.side is None:
        return ()
    return [one for one in standing_lists(seat.session, seat.case_id, seat.side) if one.source is Source.FILE]


def _twin(seat: Seat, ledger: Ledger, key: str) -> ShownRow | None:
    """The own row of the same day and another amount, where the two were found to lie beside each other."""
    side = seat.side
    assert side is not None
    for pair in ledger.payments.suggestions:
        for row, other in ((pair.own, pair.other), (pair.other, pair.own)):
            if row.key == key:
                return _row(seat, ledger, other, side, {})
    return None


def _shown(seat: Seat, ledger: Ledger, lines: Sequence[Line]) -> list[ShownLine]:
    ids = [UUID(row.key) for line in lines for row in _rows(line)]
    found = select(LedgerPayment.id, LedgerPayment.note_sealed).where(LedgerPayment.id.in_(ids))
    sealed = {row.id: row.note_sealed for row in seat.session.execute(found)}
    twins = frozenset(row.key for pair in ledger.payments.suggestions for row in (pair.own, pair.other))
    return [_line(seat, ledger, line, sealed, twins) for line in lines]


def _line(seat: Seat, ledger: Ledger, line: Line, sealed: dict[UUID, bytes | None], twins: frozenset[str]) -> ShownLine:
    borrower = _row(seat, ledger, line.borrower, Side.BORROWER, sealed) if line.borrower else None
    lender = _row(seat, ledger, line.lender, Side.LENDER, sealed) if line.lender else None
    own, other = (borrower, lender) if seat.side is Side.BORROWER else (lender, borrower)
    has_twin = line.standing is Standing.OPEN and any(row.key in twins for row in _rows(line))
    if seat.side is None:
        return ShownLine(line.likeness, line.standing, borrower, lender, None, None, has_twin)
    # What both stated alike needs no answer, unless one was given.
    asks = other is not None and (line.likeness is not Likeness.SAME or other.said is not None)
    return ShownLine(
        line.likeness,
        line.standing,
        borrower,
        lender,
        other.id if other is not None and asks else None,
        own.id if own is not None else None,
        has_twin,
    )


def _row(seat: Seat, ledger: Ledger, row: Payment, side: Side, sealed: dict[UUID, bytes | None]) -> ShownRow:
    row_id = UUID(row.key)
    answer = ledger.answers.get(row_id)
    note = words_of(seat.session, sealed.get(row_id), NOTE, row_id)
    return ShownRow(row_id, side, row.on, row.amount, note, _said(seat.session, answer) if answer else None)


def _said(session: Session, answer: LedgerAnswer) -> Said:
    return Said(
        answer.side,
        answer.verdict,
        answer.disputed,
        words_of(session, answer.reason_sealed, REASON, answer.id),
        words_of(session, answer.proof_sealed, PROOF, answer.id),
        answer.answered_at,
    )


def _rows(line: Line) -> list[Payment]:
    return [row for row in (line.borrower, line.lender) if row is not None]
