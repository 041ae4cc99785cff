"""Repayment where interest is counted by days, where the level amount is tuned, or where the payment is fixed first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.cost import check_rate
from mediation.rules.day_counts import DayCount, year_fraction
from mediation.rules.loans import MOST_INSTALMENTS, Frequency, Instalment, Schedule, due_dates
from mediation.rules.money import RoundingRule, check_amount, round_ratio

FACTOR_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """The days from one due date to the next, and the exact rate of interest for them."""

    start: date
    due_on: date
    rate: Fraction


def rate_factor(yearly_rate: Decimal, days: int, days_in_year: int) -> Decimal:
    """The rate of a period of so many days, to 12 decimals, half-even, as Apache Fineract shows it.

    Refused: cost:rate-out-of-range, cost:periods-out-of-range.
    """
    check_rate(yearly_rate)
    _check_days(days, days_in_year)
    exact = Fraction(yearly_rate) * days / days_in_year
    return Decimal(round(exact * 10**FACTOR_DIGITS)).scaleb(-FACTOR_DIGITS)


def level_divisors(yearly_rate: Decimal, days: Sequence[int], days_in_year: int) -> list[Decimal]:
    """Fineract's f(n) for each period: 1, then 1 + f(n−1)·(1 + r(n)), each step to 12 significant digits, half-even.

    The level amount is principal · Π(1 + r) / the last of them. Refused as in `rate_factor`.
    """
    check_rate(yearly_rate)
    digits = Context(prec=FACTOR_DIGITS, rounding=ROUND_HALF_EVEN)
    found: list[Decimal] = []
    for length in days:
        _check_days(length, days_in_year)
        grown = Fraction(yearly_rate) * length / days_in_year + 1
        factor = digits.divide(Decimal(grown.numerator), Decimal(grown.denominator))
        found.append(digits.add(Decimal(1), digits.multiply(found[-1], factor)) if found else Decimal(1))
    return found


def periods(yearly_rate: Decimal, start: date, due_on: Sequence[date], count: DayCount) -> tuple[Period, ...]:
    """The periods from the disbursement to each due date: yearly rate × year fraction by `count`.

    Refused: cost:rate-out-of-range, plan:instalments-out-of-range, and those of `year_fraction`.
    """
    check_rate(yearly_rate)
    if not 1 <= len(due_on) <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)
    opens = [start, *due_on[:-1]]
    rate = Fraction(yearly_rate)
    return tuple(
        Period(first, last, rate * year_fraction(first, last, count)) for first, last in zip(opens, due_on, strict=True)
    )


def repay_by_days(principal: int, spans: Sequence[Period], rounding: RoundingRule, *, tuned: bool = False) -> Schedule:
    """The schedule in level amounts where each period has its own rate; the last payment takes the residue.

    Level amount P·Π(1 + r) / Σ_k Π_{j>k}(1 + r_j), rounded by `rounding`; interest of each period by its mode.
    `tuned`: where the last differs from the others by more minor units than half the number of payments, that
    difference is shared out among all of them, as often as that brings it down (Apache Fineract, progressive
    loans). Refused: plan:total-not-positive, money:too-large, plan:instalment-too-small,
    plan:last-instalment-too-large (more than twice the level one).
    """
    if principal <= 0:
        raise Refused("plan:total-not-positive", field="agreed_total")
    check_amount(principal, field="agreed_total")
    level = _level(principal, spans, rounding)
    rows = _rows(principal, spans, level, rounding)
    if not _hold(rows):
        raise Refused("plan:instalment-too-small", field="instalments", instalments=len(rows))
    if len(rows) > 1 and rows[-1].amount > 2 * level:
        raise Refused("plan:last-instalment-too-large", field="instalments", amount=rows[-1].amount, level=level)
    while tuned and len(rows) > 1:
        apart = rows[-1].amount - level
        shared = round_ratio(apart, len(rows), rounding.in_minor_units())
        if abs(apart) <= len(rows) // 2 or not shared:
            break
        other = round_ratio(level + shared, 1, rounding)
        tried = _rows(principal, spans, other, rounding)
        if not _hold(tried) or abs(tried[-1].amount - other) >= abs(apart):
            break
        level, rows = other, tried
    return _schedule(rows)


def repay_in_payments(
    principal: int,
    rate: Decimal | Fraction,
    payment: int,
    first_due_on: date,
    frequency: Frequency,
    rounding: RoundingRule,
) -> Schedule:
    """The schedule that repays `principal` in payments of a stated amount, as many as it takes, the last smaller.

    Refused: cost:never-repaid where the payment does not exceed the interest, plan:instalments-out-of-range
    where more than 600 would be needed, plan:total-not-positive, money:too-large.
    """
    if principal <= 0:
        raise Refused("plan:total-not-positive", field="agreed_total")
    check_amount(principal, field="agreed_total")
    numerator, denominator = rate.as_integer_ratio()
    shares: list[tuple[int, int]] = []
    left = principal
    while left:
        interest = round_ratio(left * numerator, denominator, rounding.in_minor_units())
        if payment <= interest:
            raise Refused("cost:never-repaid", field="payment", payment=payment, interest=interest)
        if len(shares) == MOST_INSTALMENTS:
            raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)
        share = min(left, payment - interest)
        left -= share
        shares.append((share, interest))
    rows, remaining = [], principal
    for number, (day, (share, interest)) in enumerate(
        zip(due_dates(first_due_on, frequency, len(shares)), shares, strict=True), start=1
    ):
        remaining -= share
        rows.append(Instalment(number, day, share, interest, share + interest, remaining))
    return _schedule(rows)


def _level(principal: int, spans: Sequence[Period], rounding: RoundingRule) -> int:
    grown, divisor = Fraction(1), Fraction(0)
    for span in reversed(spans):
        divisor += grown
        grown *= 1 + span.rate
    exact = principal * grown / divisor
    return round_ratio(exact.numerator, exact.denominator, rounding)


def _rows(principal: int, spans: Sequence[Period], level: int, rounding: RoundingRule) -> list[Instalment]:
    rows: list[Instalment] = []
    left = principal
    for number, span in enumerate(spans, start=1):
        exact = left * span.rate
        interest = round_ratio(exact.numerator, exact.denominator, rounding.in_minor_units())
        share = left if number == len(spans) else level - interest
        left -= share
        rows.append(Instalment(number, span.due_on, share, interest, share + interest, left))
    return rows


def _hold(rows: Sequence[Instalment]) -> bool:
    return all(row.amount > 0 and row.principal >= 0 and row.remaining >= 0 for row in rows)


def _schedule(rows: Sequence[Instalment]) -> Schedule:
    total = sum(row.amount for row in rows)
    check_amount(total, field="agreed_total")
    return Schedule(tuple(rows), total, sum(row.interest for row in rows))


def _check_days(days: int, days_in_year: int) -> None:
    if not 0 <= days <= 366 * 100 or not 360 <= days_in_year <= 366:
        raise Refused("cost:periods-out-of-range", field="days", most=36600)
