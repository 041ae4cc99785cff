"""The few figures by which people compare two plans, in the reader's language, and a plan drawn as bars."""

from dataclasses import dataclass

from mediation import i18n
from mediation.offers.readings import Shown
from mediation.offers.words import FREQUENCIES
from mediation.rules.negotiation import Side
from mediation.rules.plans import ClaimFigures, Instalment, Schedule, Terms
from mediation.web.pages import locale

MINUS, PLUS = "−", "+"
WIDTH, HEIGHT, FOOT = 360, 150, 22


@dataclass(frozen=True)
class Figures:
    """A plan in the figures that matter, in minor units of `currency`."""

    currency: str
    each: int
    count: int
    last: int
    agreed: int
    waived: int
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
    """A schedule as bars, with the words of its first and last payment."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    floor: int
    first: Instalment
    last: Instalment


@dataclass(frozen=True)
class Point:
    """One offer in the drawing of how the sides come closer."""

    x: int
    y: int
    by: Side
    square: bool
    label: str


@dataclass(frozen=True)
class Approach:
    """How the regular payment of each side moved, offer by offer."""

    points: tuple[Point, ...]
    lines: tuple[tuple[Side, str], ...]
    width: int
    height: int
    floor: int


def figures_of(terms: Terms, schedule: Schedule, claim: ClaimFigures) -> Figures:
    """The figures of one plan against the claim that it answers."""
    rows = schedule.instalments
    return Figures(
        currency=terms.currency,
        each=regular(schedule),
        count=len(rows),
        last=rows[-1].amount,
        agreed=terms.agreed_total,
        waived=terms.waivers.total,
        interest=schedule.interest_total,
        total=schedule.total,
        against_claim=schedule.total - claim.total,
    )


def regular(schedule: Schedule) -> int:
    """The payment that comes back: the last but one, for the first and the last may differ from it."""
    rows = schedule.instalments
    return rows[-2].amount if len(rows) > 1 else rows[0].amount


def compared(first: Shown, second: Shown) -> tuple[Row, ...]:
    """Two plans line by line, with how the first differs from the second."""
    one = figures_of(first.plan.terms, first.plan.schedule, first.plan.claim)
    two = figures_of(second.plan.terms, second.plan.schedule, second.plan.claim)
    words = i18n.translations(locale())
    amounts = (
        (words.pgettext("figure of a plan", "Each payment"), one.each, two.each),
        (words.pgettext("figure of a plan", "Last payment"), one.last, two.last),
        (words.pgettext("figure of a plan", "Amount agreed"), one.agreed, two.agreed),
        (words.pgettext("figure of a plan", "Waived in all"), one.waived, two.waived),
        (words.pgettext("figure of a plan", "Interest of the plan"), one.interest, two.interest),
        (words.pgettext("figure of a plan", "To pay in all"), one.total, two.total),
    )
    rows = [_money_row(label, here, there, one.currency) for label, here, there in amounts]
    rows.insert(1, _count_row(words.pgettext("figure of a plan", "Number of payments"), one.count, two.count))
    return (*rows, *_worded_rows(first.plan.terms, second.plan.terms))


def signed(minor: int, currency: str) -> str:
    """An amount with its sign, nothing for none."""
    if not minor:
        return ""
    return (PLUS if minor > 0 else MINUS) + i18n.money(abs(minor), currency, locale())


def drawing_of(schedule: Schedule) -> Drawing:
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
    return Drawing(tuple(bars), WIDTH, HEIGHT, floor, rows[0], rows[-1])


def approach_of(offers: list[Shown]) -> Approach | None:
    """The regular payment of every offer in instalments, oldest first; None while there is nothing to compare."""
    order = [one for one in reversed(offers) if one.place is not None and len(one.plan.schedule.instalments) > 1]
    if len(order) < 2:
        return None
    each = [regular(one.plan.schedule) for one in order]
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
    return Approach(points, lines, WIDTH, HEIGHT, floor)


def labelled(place: int, count: int) -> bool:
    """Whether a point of so many says its amount: the last four do, and the first; more would lie on each other."""
    return place == 0 or place >= count - min(count, 2) or count <= 4


def _money_row(label: str, here: int, there: int, currency: str) -> Row:
    cells = i18n.money(here, currency, locale()), i18n.money(there, currency, locale())
    return Row(label, cells, here != there, signed(here - there, currency))


def _count_row(label: str, here: int, there: int) -> Row:
    difference = "" if here == there else f"{PLUS if here > there else MINUS}{abs(here - there)}"
    return Row(label, (str(here), str(there)), here != there, difference)


def _worded_rows(one: Terms, two: Terms) -> tuple[Row, ...]:
    words = i18n.translations(locale())
    often = tuple(words.pgettext("how often", FREQUENCIES[each.frequency]) for each in (one, two))
    first = tuple(i18n.day(each.first_due_on, locale()) for each in (one, two))
    rate = tuple(i18n.percent(each.yearly_rate, locale()) for each in (one, two))
    return (
        Row(words.pgettext("figure of a plan", "First payment"), first, first[0] != first[1], worded=True),
        Row(words.pgettext("figure of a plan", "How often"), often, often[0] != often[1], worded=True),
        Row(words.pgettext("figure of a plan", "Yearly rate"), rate, one.yearly_rate != two.yearly_rate),
    )
