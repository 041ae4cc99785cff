"""A running loan under other terms: longer, later, at another rate, paused, its arrears folded in, or paid off."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.day_counts import check_days, months_later
from mediation.rules.loans import MOST_INSTALMENTS, Frequency, Instalment, Schedule, due_dates, periodic_rate, repay
from mediation.rules.money import HALF_UP, Odd, RoundingRule, check_amount, round_ratio, split

MOST_PAUSED = 60


@dataclass(frozen=True, slots=True)
class Running:
    """A loan of which the first `paid` instalments were paid and no other; `yearly_rate` is nominal.

    The schedule is one of `loans.repay` or of the offers below, so that what the interest of an instalment
    holds beyond one period's on its balance is older: of a pause, a moved date, or arrears folded in.
    """

    schedule: Schedule
    paid: int
    yearly_rate: Decimal
    frequency: Frequency = Frequency.MONTHLY
    rounding: RoundingRule = HALF_UP

    @property
    def unpaid(self) -> tuple[Instalment, ...]:
        """The instalments still to pay."""
        return self.schedule.instalments[self.paid :]

    @property
    def owed(self) -> int:
        """The principal still to pay, in minor units."""
        return sum(row.principal for row in self.unpaid)

    @property
    def older(self) -> int:
        """The older interest and charges in the unpaid instalments; below nought where a date moved forward."""
        return sum(_older(self, row) for row in self.unpaid)


@dataclass(frozen=True, slots=True)
class PayOff:
    """What settles a loan on a day, in minor units; `days` of the `of_days` of its period had passed."""

    principal: int
    interest: int
    days: int
    of_days: int

    @property
    def total(self) -> int:
        """Everything to pay."""
        return self.principal + self.interest


# Each offer below gives the whole schedule anew: the paid instalments as they were, then the others. The principal
# of all of them adds up to what was lent, to the minor unit, and older interest is carried over whole, to the first of
# the new instalments. Rounding is that of `loans.repay`: the level amount by the loan's rule, interest of each
# instalment by its mode, the last instalment taking the residue.


def extend(loan: Running, more: int) -> Schedule:
    """The principal still owed spread over the instalments left and `more` of them, at the same rate.

    Refused: loan:nothing-left, plan:instalments-out-of-range, and those of `loans.repay`.
    """
    _check(loan)
    count = len(loan.unpaid) + _between(more, 1, MOST_INSTALMENTS - len(loan.schedule.instalments), "instalments")
    return _joined(loan, repay(loan.owed, _rate(loan), _days(loan, count), loan.rounding, accrued=_carried(loan)))


def change_rate(loan: Running, yearly_rate: Decimal) -> Schedule:
    """The principal still owed on the same days at another rate, from the period that runs now on.

    Refused: loan:nothing-left, plan:rate-out-of-range, and those of `loans.repay`.
    """
    _check(loan)
    other = replace(loan, yearly_rate=yearly_rate)
    days = _days(loan, len(loan.unpaid))
    return _joined(loan, repay(loan.owed, _rate(other), days, loan.rounding, accrued=_carried(loan)))


def change_date(loan: Running, next_due_on: date) -> Schedule:
    """The next instalment due on another day, and the following ones at the usual distance from it.

    Every instalment keeps its principal and its interest, save that the next one's interest is in proportion
    to the days of its period, old and new; arrears folded into it are not (as in `pay_off`). Refused:
    loan:nothing-left, loan:date-before-last-due, and those of `due_dates`.
    """
    _check(loan)
    opens, first = _opening(loan, 0), loan.unpaid[0]
    _check_after(loan, next_due_on, field="next_due_on")
    check_days(opens, next_due_on)
    days = due_dates(next_due_on, loan.frequency, len(loan.unpaid))
    share = _share(loan, loan.unpaid)
    own = (first.interest - share) * (next_due_on - opens).days
    interest = share + round_ratio(own, (first.due_on - opens).days, loan.rounding.in_minor_units())
    rows = [replace(row, due_on=day) for row, day in zip(loan.unpaid, days, strict=True)]
    rows[0] = replace(rows[0], interest=interest, amount=first.principal + interest)
    return _joined(loan, rows)


def pause(loan: Running, periods: int, *, interest_paid: bool = False) -> Schedule:
    """Nothing, or with `interest_paid` interest alone, is due for so many periods; the term grows by them.

    Where nothing is paid the interest of the pause is simple, on the principal owed, rounded once, and added
    to the first instalment after it; a period in which nothing is due has no row. Refused: loan:nothing-left,
    plan:grace-periods-out-of-range (1 to 60), plan:instalments-out-of-range, and those of `loans.repay`.
    """
    _check(loan)
    if not 1 <= periods <= MOST_PAUSED:
        raise Refused("plan:grace-periods-out-of-range", field="grace_periods", least=1, most=MOST_PAUSED)
    rate = _rate(loan)
    _between(len(loan.schedule.instalments) + periods, 1, MOST_INSTALMENTS, "grace_periods")
    days = _days(loan, len(loan.unpaid) + periods)
    if interest_paid and rate:
        carried = _carried(loan)
        return _joined(loan, repay(loan.owed, rate, days, loan.rounding, interest_only=periods, accrued=carried))
    accrued = round_ratio(loan.owed * rate.numerator * periods, rate.denominator, loan.rounding.in_minor_units())
    accrued += _carried(loan)
    return _joined(loan, repay(loan.owed, rate, days[periods:], loan.rounding, accrued=accrued))


def re_age(
    loan: Running,
    missed: int,
    first_due_on: date,
    *,
    instalments: int | None = None,
    charges: int = 0,
    yearly_rate: Decimal | None = None,
) -> Schedule:
    """A loan in arrears made current: the next `missed` instalments, due and unpaid, are folded into the others.

    The principal owed is repaid from `first_due_on` in `instalments` (as many as are unpaid, unless stated) at
    `yearly_rate` (the loan's, unless stated). The interest of the missed ones, older interest, and `charges`
    (penalty, fees; minor units) bear no interest: they are added in equal shares to the interest of the new
    ones, what does not divide to the last. The first bears one period's interest, wherever it lies. Refused:
    loan:nothing-left, loan:missed-out-of-range (more missed than unpaid), loan:date-before-last-due,
    cost:negative, money:too-large, plan:instalments-out-of-range, and those of `loans.repay` and `due_dates`.
    """
    _check(loan)
    if not 1 <= missed <= len(loan.unpaid):
        raise Refused("loan:missed-out-of-range", field="missed", least=1, most=len(loan.unpaid))
    _check_after(loan, first_due_on, field="first_due_on")
    if charges < 0:
        raise Refused("cost:negative", field="charges")
    most = MOST_INSTALMENTS - loan.paid
    count = _between(len(loan.unpaid) if instalments is None else instalments, 1, most, "instalments")
    rate = _rate(loan if yearly_rate is None else replace(loan, yearly_rate=yearly_rate))
    fresh = repay(loan.owed, rate, due_dates(first_due_on, loan.frequency, count), loan.rounding)
    arrears = sum(row.interest for row in loan.unpaid[:missed])
    arrears += sum(max(0, _older(loan, row)) for row in loan.unpaid[missed:])
    shares = split(arrears + charges, count, odd=Odd.LAST)
    rows = [
        replace(row, interest=row.interest + share, amount=row.amount + share)
        for row, share in zip(fresh.instalments, shares, strict=True)
    ]
    return _joined(loan, rows)


def pay_off(loan: Running, on: date) -> PayOff:
    """What settles the loan on a day: the principal owed, the interest of what is due, and that of the days since.

    An instalment due on the day itself or before counts with its whole interest; that of the period that runs
    then counts by the days that have passed, and principal that is past due bears none of it (it draws the
    penalty, which is not counted here). Arrears that `re_age` folded in count whole; where one instalment is
    left and the loan bears interest they cannot be told from interest for more days, and count by them. Where
    nothing was paid yet, the first period is taken to have begun one period before its due date.
    Refused: loan:nothing-left, loan:date-before-last-due (before the last instalment that was paid).
    """
    _check(loan)
    due = [row for row in loan.unpaid if row.due_on <= on]
    opens = _opening(loan, len(due))
    if on < opens:
        raise Refused("loan:date-before-last-due", field="on", earliest=opens)
    interest = sum(row.interest for row in due)
    later = loan.unpaid[len(due) :]
    if not later:
        return PayOff(loan.owed, interest, 0, 0)
    share = _share(loan, later)
    at_once = share + sum(max(0, _older(loan, row)) for row in later[1:])
    balance = later[0].remaining + later[0].principal
    by_days = balance * _rate(loan) + _older(loan, later[0]) - share
    days, of_days = (on - opens).days, (later[0].due_on - opens).days
    exact = by_days * days / of_days
    interest += at_once + round_ratio(exact.numerator, exact.denominator, loan.rounding.in_minor_units())
    return PayOff(loan.owed, interest, days, of_days)


def accrued_interest(
    principal: int, rate: Decimal | Fraction, start: date, end: date, *, on: date, rounding: RoundingRule
) -> int:
    """Interest on `principal` for the days of a period that have passed: rate of the period × days / its days.

    In minor units, rounded once by the rule's mode. Refused: days:end-before-start (also a day outside the
    period, or a period without days), money:too-large.
    """
    check_days(start, on)
    check_days(max(on, start + timedelta(days=1)), end)
    check_amount(principal, field="principal")
    exact = principal * Fraction(rate) * (on - start).days / (end - start).days
    return round_ratio(exact.numerator, exact.denominator, rounding.in_minor_units())


def _check(loan: Running) -> None:
    if not 0 <= loan.paid < len(loan.schedule.instalments):
        raise Refused("loan:nothing-left", field="paid_instalments")


def _check_after(loan: Running, day: date, *, field: str) -> None:
    earliest = _opening(loan, 0) + timedelta(days=1)
    if day < earliest:
        raise Refused("loan:date-before-last-due", field=field, earliest=earliest)


def _between(value: int, least: int, most: int, field: str) -> int:
    if not least <= value <= most:
        raise Refused("plan:instalments-out-of-range", field=field, least=least, most=most)
    return value


def _rate(loan: Running) -> Fraction:
    return periodic_rate(loan.yearly_rate, loan.frequency)


def _older(loan: Running, row: Instalment) -> int:
    rate = _rate(loan)
    balance = row.remaining + row.principal
    usual = round_ratio(balance * rate.numerator, rate.denominator, loan.rounding.in_minor_units())
    return row.interest - usual


def _share(loan: Running, rows: Sequence[Instalment]) -> int:
    """What `re_age` folded into the first of these: only arrears are in the instalment after it as well."""
    if len(rows) > 1:
        return max(0, min(_older(loan, row) for row in rows[:2]))
    return 0 if loan.yearly_rate else _older(loan, rows[0])


def _carried(loan: Running) -> int:
    return max(0, loan.older)


def _opening(loan: Running, later: int) -> date:
    """When the period of the unpaid instalment so many places on began; the first of all, one period before."""
    place = loan.paid + later
    if place:
        return loan.schedule.instalments[place - 1].due_on
    first = loan.schedule.instalments[0].due_on
    return _moved(first, -1, first.day, loan.frequency)


def _days(loan: Running, count: int) -> list[date]:
    """The due dates left, and as many more at the same distance as make `count`."""
    days = [row.due_on for row in loan.unpaid]
    last = days[-1]
    # The 28th of February may stand for the 31st: the schedule's own days tell.
    longest = max(row.due_on.day for row in loan.schedule.instalments)
    clamped = last.day == calendar.monthrange(last.year, last.month)[1]
    day = max(last.day, longest) if clamped else last.day
    more = range(1, count - len(days) + 1)
    return days[:count] + [_moved(last, place, day, loan.frequency) for place in more]


def _moved(last: date, places: int, day: int, frequency: Frequency) -> date:
    if frequency is not Frequency.MONTHLY:
        return last + timedelta(days=364 // frequency.periods_in_a_year * places)
    month = months_later(last.replace(day=1), places)
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def _joined(loan: Running, fresh: Schedule | Sequence[Instalment]) -> Schedule:
    rows = fresh.instalments if isinstance(fresh, Schedule) else fresh
    numbered = [replace(row, number=loan.paid + place) for place, row in enumerate(rows, start=1)]
    whole = (*loan.schedule.instalments[: loan.paid], *numbered)
    total = sum(row.amount for row in whole)
    check_amount(total, field="agreed_total")
    return Schedule(whole, total, sum(row.interest for row in whole))
