"""The few figures by which people compare two plans, in the reader's language, and a plan drawn as bars."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from mediation import i18n
from mediation.offers.readings import Shown
from mediation.offers.tables import Plan
from mediation.offers.words import FREQUENCIES, METHODS
from mediation.rules.consequences import monthly_burden
from mediation.rules.negotiation import Side
from mediation.rules.plans import ClaimFigures, Instalment, Schedule, Terms
from mediation.web.pages import locale

MINUS, PLUS = "−", "+"
WIDTH, HEIGHT, FOOT = 360, 150, 22


class Planned(Protocol):
    """Whatever has a plan: an offer, a proposal."""

    @property
    def plan(self) -> Plan:
        """The plan as it is kept."""


@dataclass(frozen=True)
class Figures:
    """A plan in the figures that matter, in minor units of `currency`.

    `count` is of the instalments, beside which a down payment stands; `first` and `last` are theirs, and
    `first_on` is when the first is due. `each` is the amount that comes back most often, and `is_level` whether
    every instalment but the last is of it.
    """

    currency: str
    each: int
    count: int
    first: int
    last: int
    first_on: date
    is_level: bool
    down_payment: int
    agreed: int
    waived: int
    disputed: int
    interest: int
    total: int
    against_claim: int


@dataclass(frozen=True)
class Row:
    """One line of a comparison."""

    label: str
    cells: tuple[str, ...]
    differs: bool
    difference: str = ""
    worded: bool = False


@dataclass(frozen=True)
class Bar:
    """One payment drawn: principal below, interest on top of it."""

    x: int
    width: int
    top: int
    principal_height: int
    interest_top: int
    interest_height: int


@dataclass(frozen=True)
class Drawing:
    """A schedule as bars, with its first and last payment; the first may be a down payment."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    floor: int
    first: Instalment
    last: Instalment
    has_down_payment: bool


@dataclass(frozen=True)
class Point:
    """One offer in the drawing of how the sides come closer."""

    x: int
    y: int
    by: Side | None
    square: bool
    label: str


@dataclass(frozen=True)
class Approach:
    """What each side asked of a month, offer by offer; `left_out` are the places of the lump sums, not drawn."""

    points: tuple[Point, ...]
    lines: tuple[tuple[Side, str], ...]
    width: int
    height: int
    floor: int
    left_out: tuple[int, ...]


def figures_of(terms: Terms, schedule: Schedule, claim: ClaimFigures) -> Figures:
    """The figures of one plan against the claim that it answers."""
    rows = instalments_of(terms, schedule)
    amounts = [row.amount for row in rows]
    each = regular(terms, schedule)
    return Figures(
        currency=terms.currency,
        each=each,
        count=len(amounts),
        first=amounts[0],
        last=amounts[-1],
        first_on=rows[0].due_on,
        is_level=set(amounts[:-1]) <= {each} and not terms.balloon,
        down_payment=terms.down_payment,
        agreed=terms.agreed_total,
        waived=terms.waivers.total,
        disputed=terms.disputed.total,
        interest=schedule.interest_total,
        total=schedule.total,
        against_claim=schedule.total - claim.total,
    )


def instalments_of(terms: Terms, schedule: Schedule) -> tuple[Instalment, ...]:
    """The payments without the down payment, which is the first one where there is one."""
    return schedule.instalments[bool(terms.down_payment) :]


def regular(terms: Terms, schedule: Schedule) -> int:
    """The instalment that comes back most often, the earliest such amount where several do; never a down payment."""
    return Counter(row.amount for row in instalments_of(terms, schedule)).most_common(1)[0][0]


def asked_each_time(terms: Terms, schedule: Schedule) -> int:
    """The highest instalment, which the last one is only where it was stated so: rounding leaves it a residue."""
    rows = instalments_of(terms, schedule)
    return max(row.amount for row in (rows if terms.balloon or len(rows) == 1 else rows[:-1]))


def compared(first: Planned, second: Planned) -> tuple[Row, ...]:
    """Two plans line by line, with how the first differs from the second."""
    one = figures_of(first.plan.terms, first.plan.schedule, first.plan.claim)
    two = figures_of(second.plan.terms, second.plan.schedule, second.plan.claim)
    rows = [_money_row(label, here, there, one.currency) for label, here, there in _amounts(one, two)]
    count = i18n.translations(locale()).pgettext("figure of a plan", "Number of payments")
    rows.insert(1, _count_row(count, one.count, two.count))
    kinds = _kind_rows(first.plan.terms, second.plan.terms)
    return (*rows, *kinds, *_worded_rows(first.plan.terms, second.plan.terms, (one.first_on, two.first_on)))


def signed(minor: int, currency: str) -> str:
    """An amount with its sign, nothing for none."""
    if not minor:
        return ""
    return (PLUS if minor > 0 else MINUS) + i18n.money(abs(minor), currency, locale())


def drawing_of(terms: Terms, schedule: Schedule) -> Drawing:
    """The schedule as bars, the highest as high as the picture."""
    rows = schedule.instalments
    highest = max(row.amount for row in rows)
    step = max(1, WIDTH // len(rows))
    wide = min(48, max(1, step * 3 // 4))
    floor = HEIGHT - FOOT
    bars = []
    for place, row in enumerate(rows):
        whole = max(1, row.amount * (floor - 4) // highest)
        interest = row.interest * (floor - 4) // highest
        left = place * WIDTH // len(rows) + (step - wide) // 2
        bars.append(Bar(left, wide, floor - whole + interest, whole - interest, floor - whole, interest))
    return Drawing(tuple(bars), WIDTH, HEIGHT, floor, rows[0], rows[-1], bool(terms.down_payment))


def approach_of(offers: list[Shown]) -> Approach | None:
    """The regular payment of every offer in instalments as a month's amount, oldest first; None for fewer than two."""
    told = [one for one in reversed(offers) if one.place is not None]
    order = [one for one in told if one.plan.terms.instalments > 1]
    if len(order) < 2:
        return None
    each = [monthly_burden(regular(one.plan.terms, one.plan.schedule), one.plan.terms.frequency) for one in order]
    highest, floor = max(each), HEIGHT - FOOT
    points = tuple(
        Point(
            x=50 + place * (WIDTH - 100) // (len(order) - 1),
            y=floor - amount * (floor - 24) // highest,
            by=one.by,
            square=one.by is Side.LENDER,
            label=i18n.money(amount, one.plan.terms.currency, locale()) if labelled(place, len(order)) else "",
        )
        for place, (one, amount) in enumerate(zip(order, each, strict=True))
    )
    lines = tuple((side, " ".join(f"{p.x},{p.y}" for p in points if p.by is side)) for side in Side)
    left_out = tuple(one.place for one in told if one.place is not None and one.plan.terms.instalments == 1)
    return Approach(points, lines, WIDTH, HEIGHT, floor, left_out)


def labelled(place: int, count: int) -> bool:
    """Whether a point of so many says its amount: the last four do, and the first; more would lie on each other."""
    return place == 0 or place >= count - min(count, 2) or count <= 4


def _amounts(one: Figures, two: Figures) -> list[tuple[str, int, int]]:
    """What is compared in money; what neither plan has is left out."""
    words = i18n.translations(locale())
    always = [
        (words.pgettext("figure of a plan", "Each payment"), one.each, two.each),
        (words.pgettext("figure of a plan", "Last payment"), one.last, two.last),
        (words.pgettext("figure of a plan", "Amount agreed"), one.agreed, two.agreed),
        (words.pgettext("figure of a plan", "Waived in all"), one.waived, two.waived),
        (words.pgettext("figure of a plan", "Interest of the plan"), one.interest, two.interest),
        (words.pgettext("figure of a plan", "To pay in all"), one.total, two.total),
    ]
    seldom = [
        (words.pgettext("figure of a plan", "Down payment"), one.down_payment, two.down_payment),
        (words.pgettext("figure of a plan", "Left open"), one.disputed, two.disputed),
    ]
    return [*always, *((label, here, there) for label, here, there in seldom if here or there)]


def _money_row(label: str, here: int, there: int, currency: str) -> Row:
    cells = i18n.money(here, currency, locale()), i18n.money(there, currency, locale())
    return Row(label, cells, here != there, signed(here - there, currency))


def _count_row(label: str, here: int, there: int) -> Row:
    difference = "" if here == there else f"{PLUS if here > there else MINUS}{abs(here - there)}"
    return Row(label, (str(here), str(there)), here != there, difference)


def _kind_rows(one: Terms, two: Terms) -> list[Row]:
    """What only some plans have, where one of the two has it."""
    words, rows = i18n.translations(locale()), []
    if one.balloon or two.balloon:
        label = words.pgettext("figure of a plan", "Left for the last payment")
        rows.append(_money_row(label, one.balloon, two.balloon, one.currency))
    if one.step_after or two.step_after:
        label = words.pgettext("figure of a plan", "First payments of another amount")
        cells = _step_words(one), _step_words(two)
        rows.append(Row(label, cells, cells[0] != cells[1], worded=True))
    if one.method is not two.method:
        label = words.pgettext("figure of a plan", "How it is divided")
        cells = words.pgettext("method", METHODS[one.method]), words.pgettext("method", METHODS[two.method])
        rows.append(Row(label, cells, differs=True, worded=True))
    if one.rolls is not two.rolls:
        yes, no = (words.pgettext("day off", "Next working day"), words.pgettext("day off", "The same day"))
        cells = (yes if one.rolls else no, yes if two.rolls else no)
        rows.append(Row(words.pgettext("figure of a plan", "On a day off"), cells, differs=True, worded=True))
    return rows


def _step_words(terms: Terms) -> str:
    words = i18n.translations(locale())
    if not terms.step_after:
        return words.pgettext("figure of a plan", "None")
    amount = i18n.money(terms.step_amount, terms.currency, locale())
    return words.gettext("the first %(n)s: %(amount)s each") % {"n": terms.step_after, "amount": amount}


def _worded_rows(one: Terms, two: Terms, first_on: tuple[date, date]) -> tuple[Row, ...]:
    words = i18n.translations(locale())
    often = tuple(words.pgettext("how often", FREQUENCIES[each.frequency]) for each in (one, two))
    first = tuple(i18n.day(each, locale()) for each in first_on)
    rate = tuple(i18n.percent(each.yearly_rate, locale()) for each in (one, two))
    return (
        Row(words.pgettext("figure of a plan", "First payment"), first, first[0] != first[1], worded=True),
        Row(words.pgettext("figure of a plan", "How often"), often, often[0] != often[1], worded=True),
        Row(words.pgettext("figure of a plan", "Yearly rate"), rate, one.yearly_rate != two.yearly_rate),
    )
