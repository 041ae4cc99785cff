"""How the ledger of a case stands: the claim by component and both histories of payments, each with what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.claims import COMPONENTS
from mediation.cases.models import Case, Claim
from mediation.cases.seats import Seat
from mediation.disclosures.ledger_models import LedgerAnswer, LedgerPayment, LedgerWithdrawal, PaymentList
from mediation.errors import NotFound
from mediation.keys import ring_of, unpack
from mediation.portfolios.models import Loan
from mediation.rules import ledger
from mediation.rules.ledger import Payment, Reconciliation, Shares, Standing, Verdict
from mediation.rules.negotiation import Side
from mediation.rules.plan_kinds import Disputed

NOTE, REASON, PROOF = b"ledger-note/", b"ledger-reason/", b"ledger-proof/"


@dataclass(frozen=True)
class Component:
    """One component of the claim, what the borrower last said of it, and whether that was of the claim as it stands."""

    name: str
    shares: Shares
    answer: LedgerAnswer | None
    is_current: bool

    @property
    def verdict(self) -> Verdict | None:
        """What counts of what was said: an agreement to an earlier claim is none to this one."""
        if self.answer is None or (not self.is_current and self.answer.verdict is not Verdict.DISPUTED):
            return None
        return self.answer.verdict


@dataclass(frozen=True)
class Ledger:
    """The whole: components of which anything is claimed, the payments as lines, the newest answer to each payment."""

    currency: str
    claim_version: int
    as_of_on: date
    components: tuple[Component, ...]
    payments: Reconciliation
    answers: Mapping[UUID, LedgerAnswer]

    @property
    def claim(self) -> Shares:
        """The components together."""
        return Shares(
            sum(each.shares.claimed for each in self.components),
            sum(each.shares.agreed for each in self.components),
            sum(each.shares.disputed for each in self.components),
        )

    @property
    def undisputed(self) -> int:
        """What a plan on the undisputed part settles, in minor units."""
        return self.claim.claimed - self.claim.disputed

    @property
    def disputed(self) -> Disputed:
        """What a plan on the undisputed part leaves open."""
        return ledger.disputed_by_component({each.name: each.shares for each in self.components})

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The components of which the borrower has said nothing that counts."""
        return tuple(each.name for each in self.components if each.verdict is None)

    def component(self, name: str) -> Component:
        """The component of that name; what is not claimed does not exist."""
        found = next((each for each in self.components if each.name == name), None)
        if found is None:
            raise NotFound
        return found


@dataclass(frozen=True)
class LoanSays:
    """What the file of loans says was paid, where it does, and how much more that is than what the lender states."""

    instalments: int | None
    total: int | None
    difference: int | None


def disputed_of(session: Session, case: Case) -> Disputed:
    """What the borrower disputes of the claim that stands, by component of a plan, in minor units."""
    parts = _components(_claim(session, case), _newest_answers(session, case))
    return ledger.disputed_by_component({each.name: each.shares for each in parts})


def confirmed_payments(session: Session, case: Case) -> tuple[Payment, ...]:
    """Every payment that both sides have stated alike, or one stated and the other agreed to, in the order of days.

    `key` is the id of the row that counts. Where the days differ, it is the row that was agreed to.
    """
    found = ledger_of(session, case).payments.lines
    return tuple(line.counts for line in found if line.standing is Standing.CONFIRMED and line.counts is not None)


def ledger_seen_by(seat: Seat) -> Ledger:
    """The ledger, which both sides and the mediator read alike."""
    seat.require("ledger:read")
    return ledger_of(seat.session, seat.case)


def ledger_of(session: Session, case: Case) -> Ledger:
    """The ledger of this case as it stands now, whoever asks."""
    claim, answers = _claim(session, case), _newest_answers(session, case)
    by_payment = {row.payment_id: row for row in answers if row.payment_id is not None}
    histories = standing_payments(session, case.id)
    payments = ledger.reconcile(
        histories[Side.BORROWER],
        histories[Side.LENDER],
        {str(payment_id): row.verdict for payment_id, row in by_payment.items()},
    )
    return Ledger(case.currency, case.claim_version, claim.as_of_on, _components(claim, answers), payments, by_payment)


def standing_payments(session: Session, case_id: UUID) -> Mapping[Side, list[Payment]]:
    """What each side states and has not taken back."""
    found = select(LedgerPayment.id, LedgerPayment.side, LedgerPayment.paid_on, LedgerPayment.amount).where(
        LedgerPayment.case_id == case_id, *_standing(case_id)
    )
    histories: dict[Side, list[Payment]] = {side: [] for side in Side}
    for row in session.execute(found):
        histories[row.side].append(Payment(str(row.id), row.paid_on, row.amount))
    return histories


def standing_payment(session: Session, case_id: UUID, payment_id: UUID) -> LedgerPayment:
    """One payment of this case that a side states; what was taken back does not exist."""
    found = select(LedgerPayment).where(
        LedgerPayment.id == payment_id, LedgerPayment.case_id == case_id, *_standing(case_id)
    )
    row = session.scalars(found).one_or_none()
    if row is None:
        raise NotFound
    return row


def standing_lists(session: Session, case_id: UUID, side: Side) -> Sequence[PaymentList]:
    """The lists that this side stated and has not taken back as a whole, the newest first."""
    found = select(PaymentList).where(
        PaymentList.case_id == case_id, PaymentList.side == side, PaymentList.id.not_in(_lists_taken_back(case_id))
    )
    return session.scalars(found.order_by(PaymentList.id.desc())).all()


def loan_says(session: Session, case: Case, ledger: Ledger) -> LoanSays:
    """What the lender's own file of loans says was paid, beside what the lender states in the ledger."""
    loan = session.get_one(Loan, case.loan_id)
    stated = ledger.payments.stated_by(Side.LENDER)
    difference = None if loan.paid_total is None else loan.paid_total - stated
    return LoanSays(loan.paid_instalments, loan.paid_total, difference)


def words_of(session: Session, sealed: bytes | None, purpose: bytes, row_id: UUID) -> str:
    """What was written beside a row, opened; nothing where nothing was."""
    if sealed is None:
        return ""
    return ring_of(session).decrypt(unpack(sealed), context=purpose + row_id.bytes).decode()


def _components(claim: Claim, answers: Sequence[LedgerAnswer]) -> tuple[Component, ...]:
    said = {row.component: row for row in answers if row.component}
    found = []
    for name in COMPONENTS:
        if not getattr(claim, name):
            continue
        answer = said.get(name)
        is_current = answer is not None and answer.claim_version == claim.version
        parts = ledger.shares(
            getattr(claim, name),
            answer.verdict if answer else None,
            disputed=answer.disputed if answer else None,
            is_current=is_current,
        )
        found.append(Component(name, parts, answer, is_current))
    return tuple(found)


def _claim(session: Session, case: Case) -> Claim:
    found = select(Claim).where(Claim.case_id == case.id, Claim.version == case.claim_version)
    return session.scalars(found).one()


def _newest_answers(session: Session, case: Case) -> list[LedgerAnswer]:
    """The newest answer to each row."""
    found = select(LedgerAnswer).where(LedgerAnswer.case_id == case.id).order_by(LedgerAnswer.number)
    newest: dict[tuple[str, UUID | None], LedgerAnswer] = {}
    for row in session.scalars(found):
        newest[row.component, row.payment_id] = row
    return list(newest.values())


def _standing(case_id: UUID) -> tuple[Any, ...]:
    single = select(LedgerWithdrawal.payment_id).where(
        LedgerWithdrawal.case_id == case_id, LedgerWithdrawal.payment_id.is_not(None)
    )
    return LedgerPayment.id.not_in(single), LedgerPayment.list_id.not_in(_lists_taken_back(case_id))


def _lists_taken_back(case_id: UUID) -> Any:
    return select(LedgerWithdrawal.list_id).where(
        LedgerWithdrawal.case_id == case_id, LedgerWithdrawal.list_id.is_not(None)
    )
