"""The two-sided ledger: two histories of payments matched row by row, and what of a claim is in dispute.

Nothing here takes silence for consent: what the other side has not said stays open, and money of different
amounts or of different days is never taken for the same by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from heapq import heapify, heappop, heappush

from mediation.errors import Refused
from mediation.rules.money import check_amount
from mediation.rules.negotiation import Side
from mediation.rules.plan_kinds import Disputed

# A transfer that is sent before a weekend is booked after it.
TOLERANCE_DAYS = 3
EARLIEST = date(1980, 1, 1)
# The components of a claim, and under which of a plan's components each counts.
FOLDED: Mapping[str, str] = {
    "principal_due": "principal",
    "principal_not_due": "principal",
    "interest": "interest",
    "penalty": "penalty",
    "fees": "fees",
}


class Verdict(StrEnum):
    """What a side says about a row of the other; having said nothing is no verdict."""

    AGREED = "agreed"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """Where a row stands between the sides."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    OPEN = "open"


class Likeness(StrEnum):
    """How far the two histories say the same: day and amount, the amount alone, or one of them alone says it."""

    SAME = "same"
    DAYS_DIFFER = "days_differ"
    ONE_SIDE = "one_side"


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as one side states it: amount in minor units above 0; `key` names the row, once in both histories."""

    key: str
    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of each history."""

    own: Payment
    other: Payment


@dataclass(frozen=True, slots=True)
class Matching:
    """Two histories laid beside each other, each part in the order of days.

    same: the same day and amount. days_differ: the same amount within the tolerance. own_only, other_only: the
    rows of no such pair. suggestions: rows of those last two with the same day and another amount, for a person
    to look at; each row stands in at most one.
    """

    same: tuple[Pair, ...]
    days_differ: tuple[Pair, ...]
    own_only: tuple[Payment, ...]
    other_only: tuple[Payment, ...]
    suggestions: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One payment as both sides know it.

    `counts` is the row by which it is confirmed, for the day and the amount; None while it is not. A row that
    the other side disputes keeps the line in dispute whatever the histories say.
    """

    likeness: Likeness
    standing: Standing
    borrower: Payment | None
    lender: Payment | None
    counts: Payment | None

    @property
    def amount(self) -> int:
        """The amount in minor units; both rows of a line have the same."""
        return self.first.amount

    @property
    def first(self) -> Payment:
        """The row with the earlier day, the borrower's where they are the same."""
        rows = [row for row in (self.borrower, self.lender) if row is not None]
        return min(rows, key=lambda row: row.on)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every payment of both histories as one line each, in the order of days, and what might belong together."""

    lines: tuple[Line, ...]
    suggestions: tuple[Pair, ...]

    def total(self, standing: Standing) -> int:
        """The amounts of the lines that stand so, in minor units."""
        return sum(line.amount for line in self.lines if line.standing is standing)

    def stated_by(self, side: Side) -> int:
        """The amounts of every row of that side, in minor units."""
        rows = (line.borrower if side is Side.BORROWER else line.lender for line in self.lines)
        return sum(row.amount for row in rows if row is not None)


@dataclass(frozen=True, slots=True)
class Shares:
    """One component of a claim by what the borrower says of it, in minor units."""

    claimed: int
    agreed: int = 0
    disputed: int = 0

    @property
    def open(self) -> int:
        """What the borrower has neither agreed nor disputed."""
        return self.claimed - self.agreed - self.disputed


def check_payment(on: date, amount: int, *, today: date, currency: str) -> None:
    """Passes a payment above 0 on a day from 1980 to today.

    Refused at the fields `amount` and `paid_on`: ledger:amount-not-positive, money:too-large,
    ledger:day-in-future, ledger:day-too-early.
    """
    if amount <= 0:
        raise Refused("ledger:amount-not-positive", field="amount")
    check_amount(amount, field="amount", currency=currency)
    if on > today:
        raise Refused("ledger:day-in-future", field="paid_on", today=today)
    if on < EARLIEST:
        raise Refused("ledger:day-too-early", field="paid_on", earliest=EARLIEST)


def match(own: Sequence[Payment], other: Sequence[Payment], *, tolerance_days: int = TOLERANCE_DAYS) -> Matching:
    """Two histories matched one to one, whatever the order of their rows.

    First the same day and amount; of the rest the same amount within `tolerance_days`, the two that lie nearest
    first and the earlier day where two lie equally near; of the rest the same day, as a suggestion alone. In
    O(n log n). Refused: ledger:row-twice (a key that stands twice).
    """
    _check_keys(own, other)
    same, own_left, other_left = _exact(own, other)
    near: list[Pair] = []
    for ours, theirs in _grouped(own_left, other_left, lambda row: row.amount):
        near += _nearest(ours, theirs, lambda row: row.on.toordinal(), most=tolerance_days)
    paired = {row.key for pair in near for row in (pair.own, pair.other)}
    own_only, other_only = (tuple(row for row in left if row.key not in paired) for left in (own_left, other_left))
    suggested: list[Pair] = []
    for ours, theirs in _grouped(own_only, other_only, lambda row: row.on.toordinal()):
        suggested += _nearest(ours, theirs, lambda row: row.amount)
    return Matching(_ordered(same), _ordered(near), own_only, other_only, _ordered(suggested))


def reconcile(
    borrower: Sequence[Payment],
    lender: Sequence[Payment],
    verdicts: Mapping[str, Verdict],
    *,
    tolerance_days: int = TOLERANCE_DAYS,
) -> Reconciliation:
    """Both histories as lines; `verdicts` holds by row key what the side that did not state the row says of it.

    Confirmed is what both have said: the same day and amount stated by each, or a row to which the other side
    agreed in so many words. Refused: ledger:row-twice.
    """
    found = match(borrower, lender, tolerance_days=tolerance_days)
    lines = [_paired(Likeness.SAME, pair, verdicts) for pair in found.same]
    lines += [_paired(Likeness.DAYS_DIFFER, pair, verdicts) for pair in found.days_differ]
    lines += [_alone(row, row, None, verdicts) for row in found.own_only]
    lines += [_alone(row, None, row, verdicts) for row in found.other_only]
    return Reconciliation(tuple(sorted(lines, key=lambda line: _order(line.first))), found.suggestions)


def shares(claimed: int, verdict: Verdict | None, *, disputed: int | None = None, is_current: bool = True) -> Shares:
    """What the borrower's verdict makes of one component, in minor units; a dispute of no amount is of the whole.

    `is_current` is false when the lender has stated the claim anew since: that takes back no dispute, up to what
    is claimed now, and stretches no agreement to what was not agreed. Refused: ledger:disputed-out-of-range.
    """
    if verdict is Verdict.AGREED and is_current:
        return Shares(claimed, agreed=claimed)
    if verdict is not Verdict.DISPUTED:
        return Shares(claimed)
    if disputed is not None and is_current:
        check_disputed(claimed, disputed)
    return Shares(claimed, disputed=claimed if disputed is None else min(disputed, claimed))


def check_disputed(claimed: int, disputed: int) -> None:
    """Passes what is disputed of a component: above 0, and at most what is claimed, in minor units."""
    if not 0 < disputed <= claimed:
        raise Refused("ledger:disputed-out-of-range", field="disputed")


def disputed_by_component(components: Mapping[str, Shares]) -> Disputed:
    """What a plan on the undisputed part leaves open; principal due and not due fall together. Minor units."""
    sums = dict.fromkeys(FOLDED.values(), 0)
    for name, each in components.items():
        sums[FOLDED[name]] += each.disputed
    return Disputed(**sums)


def _check_keys(own: Sequence[Payment], other: Sequence[Payment]) -> None:
    if len({row.key for rows in (own, other) for row in rows}) != len(own) + len(other):
        raise Refused("ledger:row-twice")


def _exact(
    own: Sequence[Payment], other: Sequence[Payment]
) -> tuple[list[Pair], tuple[Payment, ...], tuple[Payment, ...]]:
    """The pairs of the same day and amount, the earlier key with the earlier, and what is left on each side."""
    waiting: defaultdict[tuple[date, int], list[Payment]] = defaultdict(list)
    for row in sorted(other, key=_order, reverse=True):
        waiting[row.on, row.amount].append(row)
    pairs: list[Pair] = []
    left: list[Payment] = []
    for row in sorted(own, key=_order):
        twins = waiting[row.on, row.amount]
        if twins:
            pairs.append(Pair(row, twins.pop()))
        else:
            left.append(row)
    return pairs, tuple(left), tuple(sorted((row for rows in waiting.values() for row in rows), key=_order))


def _grouped(
    own: Iterable[Payment], other: Iterable[Payment], by: Callable[[Payment], int]
) -> Iterator[tuple[list[Payment], list[Payment]]]:
    """The rows of both sides that have the same `by`, where both have one."""
    groups: defaultdict[int, tuple[list[Payment], list[Payment]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((own, other)):
        for row in rows:
            groups[by(row)][side].append(row)
    return (group for _, group in sorted(groups.items()) if all(group))


def _nearest(
    own: list[Payment], other: list[Payment], place: Callable[[Payment], int], *, most: int | None = None
) -> list[Pair]:
    """The rows paired along a line, always the two that lie nearest, at most `most` apart.

    No place is taken by both sides here, so that of two neighbours of different sides some are the nearest pair
    of all; taking a pair out makes its outer neighbours neighbours.
    """
    points = sorted(
        [(place(row), row.key, True, row) for row in own] + [(place(row), row.key, False, row) for row in other],
        key=lambda point: point[:2],
    )
    before, after = list(range(-1, len(points) - 1)), list(range(1, len(points) + 1))
    is_taken = [False] * len(points)

    def between(left: int, right: int) -> Iterator[tuple[int, int, int]]:
        if left >= 0 and right < len(points) and points[left][2] != points[right][2]:
            gap = points[right][0] - points[left][0]
            if most is None or gap <= most:
                yield gap, left, right

    heap = [found for left in range(len(points) - 1) for found in between(left, left + 1)]
    heapify(heap)
    pairs: list[Pair] = []
    while heap:
        _, left, right = heappop(heap)
        if is_taken[left] or is_taken[right]:
            continue
        is_taken[left] = is_taken[right] = True
        mine, theirs = (left, right) if points[left][2] else (right, left)
        pairs.append(Pair(points[mine][3], points[theirs][3]))
        outer_left, outer_right = before[left], after[right]
        if outer_left >= 0:
            after[outer_left] = outer_right
        if outer_right < len(points):
            before[outer_right] = outer_left
        for found in between(outer_left, outer_right):
            heappush(heap, found)
    return pairs


def _paired(likeness: Likeness, pair: Pair, verdicts: Mapping[str, Verdict]) -> Line:
    rows = sorted((pair.own, pair.other), key=lambda row: row.on)
    if any(verdicts.get(row.key) is Verdict.DISPUTED for row in rows):
        return Line(likeness, Standing.DISPUTED, pair.own, pair.other, None)
    agreed = next((row for row in rows if verdicts.get(row.key) is Verdict.AGREED), None)
    counts = pair.own if likeness is Likeness.SAME else agreed
    return Line(likeness, Standing.CONFIRMED if counts else Standing.OPEN, pair.own, pair.other, counts)


def _alone(row: Payment, borrower: Payment | None, lender: Payment | None, verdicts: Mapping[str, Verdict]) -> Line:
    verdict = verdicts.get(row.key)
    standing = {Verdict.AGREED: Standing.CONFIRMED, Verdict.DISPUTED: Standing.DISPUTED}.get(
        verdict or Verdict.UNKNOWN, Standing.OPEN
    )
    counts = row if standing is Standing.CONFIRMED else None
    return Line(Likeness.ONE_SIDE, standing, borrower, lender, counts)


def _order(row: Payment) -> tuple[date, int, str]:
    return row.on, row.amount, row.key


def _ordered(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    return tuple(sorted(pairs, key=lambda pair: min(_order(pair.own), _order(pair.other))))
