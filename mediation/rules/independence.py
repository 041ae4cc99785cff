"""The figures of an independence card: what a mediator's last twelve months say, the same for both sides.

A figure that would point at one other person is not shown: an average waiver or a number of objections that rests
on fewer than five cases. The year is the 365 days before the moment at which the card is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

YEAR = timedelta(days=365)
FEWEST_SHOWN = 5
PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class Settled:
    """One settled case: what was claimed of what it settles, and waived of that, in minor units of its currency."""

    claimed: int
    waived: int

    @property
    def share(self) -> Fraction:
        """What part of the claim was waived; nothing of nothing is nothing."""
        return Fraction(self.waived, self.claimed) if self.claimed else Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is on file of one mediator at one moment; counts of cases, `settled` those with this lender."""

    running: int
    running_with_lender: int
    ended: int
    unsettled_with_lender: int
    settled: Sequence[Settled]
    announced: int
    objections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the card says; None where too few cases stand behind a figure. `waiver` is in thousandths of the claim."""

    in_year: int
    with_lender: int
    running: int
    settled: int
    not_settled: int
    waiver: int | None
    announced: int
    objections: int | None


def figures_of(past: Past) -> Figures:
    """The card's figures; the average waiver is the mean of each case's own share, half up to a thousandth.

    `objections` counts the appointments of the year, of all lenders, against which a side objected: of one
    lender's alone it would tell that lender which borrower did.
    """
    settled = len(past.settled)
    return Figures(
        in_year=past.running + past.ended,
        with_lender=past.running_with_lender + settled + past.unsettled_with_lender,
        running=past.running_with_lender,
        settled=settled,
        not_settled=past.unsettled_with_lender,
        waiver=_average(past.settled) if settled >= FEWEST_SHOWN else None,
        announced=past.announced,
        objections=past.objections if past.announced >= FEWEST_SHOWN else None,
    )


def _average(settled: Sequence[Settled]) -> int:
    mean = sum((each.share for each in settled), Fraction(0)) / len(settled)
    return int(mean * PER_MILLE + Fraction(1, 2))
