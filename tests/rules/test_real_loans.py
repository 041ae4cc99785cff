"""Loans that their lender published: rounding up gives the instalment of each to the cent, save those listed."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from mediation.rules.loans import fit_rounding, level_instalment
from mediation.rules.money import HALF_UP, Rounding, RoundingRule

# The whole file is read where it lies beside the project.
PUBLISHED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "lending_club_loans.csv"

# Made-up loans of a lender who rounds up, the last one stated otherwise: amount, term, yearly per cent, instalment.
ROUNDED_UP = """32875 60 19.99 870.81|36350 36 24.38 1433.38|13750 36 11.73 454.93|6775 60 24.52 196.96
|13600 60 27.58 420.01|6200 36 5.84 188.17|38425 36 22.02 1446.98"""

UP = RoundingRule(Rounding.UP)

Row = tuple[str, int, Decimal, int, int]


def row(name: str, amount: str, term: str, rate: str, instalment: str) -> Row:
    return name, int(Decimal(amount) * 100), Decimal(rate) / 1200, int(term), int(Decimal(instalment) * 100)


def made_up() -> list[Row]:
    return [row(f"made-{place}", *line.split()) for place, line in enumerate(ROUNDED_UP.split("|"))]


def published() -> list[Row]:
    with PUBLISHED.open(newline="", encoding="utf-8") as file:
        return [
            row(one["loan_ref"], one["loan_amount"], one["term"], one["interest_rate"], one["installment"])
            for one in csv.DictReader(file)
        ]


MADE_UP = (made_up, 7, {"made-6": (144698, 146787)}, 4)
KNOWN = [MADE_UP] + ([(published, 6935, {"LC-01968": (83093, 85182)}, 3462)] if PUBLISHED.exists() else [])
files = pytest.mark.parametrize(("rows", "count", "odd", "halves_up"), KNOWN)

Rows = Callable[[], list[Row]]
Odd = dict[str, tuple[int, int]]


@files
def test_every_instalment_but_the_odd_one_is_the_level_instalment_rounded_up(
    rows: Rows, count: int, odd: Odd, halves_up: int
) -> None:
    loans = [(name, stated, level_instalment(*terms, UP)) for name, *terms, stated in rows()]  # type: ignore[arg-type]
    assert {name: (stated, reckoned) for name, stated, reckoned in loans if stated != reckoned} == odd
    assert len(loans) == count > halves_up


@files
def test_the_fit_finds_rounding_up_and_the_row_that_it_does_not_explain(
    rows: Rows, count: int, odd: Odd, halves_up: int
) -> None:
    loans = rows()
    fit = fit_rounding([(principal, rate, n, stated) for _, principal, rate, n, stated in loans])
    assert (str(fit.rule), fit.matched, fit.total) == ("up", count - len(odd), count)
    assert {loans[place][0] for place in fit.mismatched} == set(odd)
    assert dict(fit.per_rule)[HALF_UP] == halves_up
