"""Payments and answers at a case, so that a test can say who stated and answered what in one line."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from mediation import audit
from mediation.cases.models import Case
from mediation.disclosures import ledger_standing, ledgers
from mediation.disclosures.ledger_models import LedgerPayment
from mediation.disclosures.ledgers import Grounds, PaidRow, ReadFile, Row
from mediation.errors import MediationError
from mediation.rules.access import Thread
from mediation.rules.ledger import Verdict
from tests.world import World

INSTALMENT = 471_347  # scenario A: five of them were paid
PAID = [PaidRow(date(2025, month, 15), INSTALMENT) for month in range(1, 6)]


def state(world: World, number: str, name: str, rows: Sequence[PaidRow], *, file: ReadFile | None = None) -> UUID:
    """That person's side states these payments."""
    with world.seat(name, number) as seat:
        return ledgers.state_payments(seat, rows, file=file, at=world.clock()).id


def pay(world: World, number: str, name: str, *, on: date = PAID[0].paid_on, amount: int = INSTALMENT) -> UUID:
    """That person's side states one payment; its id."""
    list_id = state(world, number, name, [PaidRow(on, amount)])
    with world.reading() as session:
        return session.scalars(select(LedgerPayment.id).where(LedgerPayment.list_id == list_id)).one()


def answer(
    world: World,
    number: str,
    name: str,
    row: str | UUID,
    verdict: Verdict,
    grounds: Grounds | None = None,
    *,
    seen_version: int = 1,
    instead_of: UUID | None = None,
) -> None:
    """That person's side answers a component by its name, or a payment by its id."""
    at, about = world.clock(), Row(component=row) if isinstance(row, str) else Row(payment_id=row)
    grounds = grounds or Grounds(reason="对不上")
    with world.seat(name, number) as seat:
        if verdict is Verdict.AGREED:
            ledgers.agree_row(seat, about, seen_version=seen_version, instead_of=instead_of, at=at)
        elif verdict is Verdict.DISPUTED:
            ledgers.dispute_row(seat, about, grounds, seen_version=seen_version, at=at)
        else:
            ledgers.leave_row_open(seat, about, grounds, seen_version=seen_version, at=at)


def refusal(*given: object, **named: object) -> str:
    """The key with which an answer is refused; 'done' where it is not."""
    try:
        answer(*given, **named)  # type: ignore[arg-type]
    except MediationError as no:
        return no.key
    return "done"


def ledger(world: World, number: str) -> ledger_standing.Ledger:
    """The ledger as it stands."""
    with world.reading() as session:
        return ledger_standing.ledger_of(session, case(world, number))


def case(world: World, number: str) -> Case:
    """The case as it is kept."""
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def recorded(world: World, number: str) -> list[audit.Entry]:
    """The entries of the case's thread."""
    with world.seat("ren", number) as seat:
        return audit.entries_seen_by(seat, Thread.CASE)
