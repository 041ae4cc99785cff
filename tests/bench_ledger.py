"""What is measured of the ledger: two histories of 5,000 payments matched, alike and as unlike as they can be."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from time import process_time

from mediation.rules.ledger import Payment, Reconciliation, reconcile
from tests.benched import Subject

ROWS = 5_000
FIRST = date(2012, 1, 1)
AIM_SECONDS = 1.0


def ledgers() -> list[Subject]:
    """Both histories of one loan, and the worst: one amount, on days of which none is on both sides."""
    alike = [_history(side, lambda place: place, lambda place: 100 + place % 97) for side in "bl"]
    crowded = [_history(side, lambda place, at=at: 4 * place + at, lambda _: 47_134) for at, side in enumerate("bl")]
    one_day = [_history(side, lambda _: 0, lambda place, at=at: 2 * place + at) for at, side in enumerate("bl", 1)]
    name = f"ledger of {ROWS:,} and {ROWS:,} rows"
    return [
        Subject(name, partial(_reconciled, *alike), portions=1),
        Subject(f"{name}, no day alike", partial(_reconciled, *crowded), portions=1),
        Subject(f"{name}, all on one day", partial(_reconciled, *one_day), portions=1),
    ]


def _reconciled(borrower: list[Payment], lender: list[Payment]) -> Reconciliation:
    began = process_time()
    found = reconcile(borrower, lender, {})
    if (took := process_time() - began) > AIM_SECONDS:
        raise AssertionError(f"matching {ROWS:,} rows against {ROWS:,} took {took:.2f} s, aim {AIM_SECONDS} s")
    return found


def _history(side: str, day: Callable[[int], int], amount: Callable[[int], int]) -> list[Payment]:
    return [
        Payment(f"{side}{place:05}", FIRST + timedelta(days=day(place) % 6_000), amount(place)) for place in range(ROWS)
    ]
