"""The five figures of an annuity, each from the other four, with the signs and the words of spreadsheets."""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.cost import rate_of_return
from mediation.rules.loans import MOST_INSTALMENTS
from mediation.rules.roots import DIGITS, LEAST_RATE, MOST_RATE, Term

# The equation behind all of them (numpy-financial, OpenDocument 1.2 s. 6.12): what is received is above nought, what
# is paid below, `due` is whether payments fall at the start of their period, and
# present·(1 + r)^n + payment·(1 + r·due)·((1 + r)^n − 1)/r + future = 0, or present + payment·n + future where r is 0.

MOST_PERIODS = 10**6


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a table that is not rounded: parts of its payment, and what is left; in the unit of the principal."""

    principal: Decimal
    interest: Decimal
    balance: Decimal


def future_value(rate: Decimal, periods: Decimal, payment: Decimal, present: Decimal, *, due: bool = False) -> Decimal:
    """What is there after the last period (FV). Refused: cost:rate-out-of-range, cost:periods-out-of-range."""
    _check(rate, periods)
    with localcontext(DIGITS):
        return -(present * (1 + rate) ** periods + payment * _annuity(rate, periods, due))


def present_worth(
    rate: Decimal, periods: Decimal, payment: Decimal, future: Decimal = Decimal(0), *, due: bool = False
) -> Decimal:
    """What the payments and `future` are worth at the start (PV). Refused as in `future_value`."""
    _check(rate, periods)
    with localcontext(DIGITS):
        return -(future + payment * _annuity(rate, periods, due)) / (1 + rate) ** periods


def level_payment(
    rate: Decimal, periods: Decimal, present: Decimal, future: Decimal = Decimal(0), *, due: bool = False
) -> Decimal:
    """The payment of each period (PMT), not rounded. Refused as in `future_value`; none for no period."""
    _check(rate, periods)
    with localcontext(DIGITS):
        annuity = _annuity(rate, periods, due)
        if not annuity:
            raise Refused("cost:periods-out-of-range", field="periods", most=MOST_PERIODS)
        return -(future + present * (1 + rate) ** periods) / annuity


def periods_needed(
    rate: Decimal, payment: Decimal, present: Decimal, future: Decimal = Decimal(0), *, due: bool = False
) -> Decimal:
    """How many periods it takes (NPER), with a part of one. Refused: cost:never-repaid, cost:rate-out-of-range."""
    _check(rate, Decimal(0))
    with localcontext(DIGITS):
        if not rate:
            if not payment:
                raise Refused("cost:never-repaid", field="payment")
            return -(future + present) / payment
        level = payment * (1 + rate * due) / rate
        from_level, to_level = present + level, level - future
        if not from_level or to_level / from_level <= 0:
            raise Refused("cost:never-repaid", field="payment")
        return (to_level / from_level).ln() / (1 + rate).ln()


def rate_needed(periods: int, payment: Decimal, present: Decimal, future: Decimal, *, due: bool = False) -> Decimal:
    """The rate of one period (RATE), 24 decimals. Refused as in `cost.rate_of_return`; cost:periods-out-of-range."""
    if not 1 <= periods <= MOST_INSTALMENTS:
        raise Refused("cost:periods-out-of-range", field="periods", most=MOST_INSTALMENTS)
    flows = {Fraction(0): present}
    for period in range(periods):
        time = Fraction(period if due else period + 1)
        flows[time] = flows.get(time, Decimal(0)) + payment
    flows[Fraction(periods)] = flows.get(Fraction(periods), Decimal(0)) + future
    return rate_of_return([Term(time, amount) for time, amount in flows.items()])


def interest_part(
    rate: Decimal,
    period: int,
    periods: Decimal,
    present: Decimal,
    future: Decimal = Decimal(0),
    *,
    due: bool = False,
) -> Decimal:
    """How much of the payment of `period`, from 1, is interest (IPMT). Refused: as in `level_payment`."""
    if not 1 <= period <= periods:
        raise Refused("cost:periods-out-of-range", field="period", most=MOST_PERIODS)
    payment = level_payment(rate, periods, present, future, due=due)
    if due and period == 1:
        return Decimal(0)
    with localcontext(DIGITS):
        owed = future_value(rate, Decimal(period - 1), payment, present, due=due)
        return owed * rate / (1 + rate) if due else owed * rate


def principal_part(
    rate: Decimal,
    period: int,
    periods: Decimal,
    present: Decimal,
    future: Decimal = Decimal(0),
    *,
    due: bool = False,
) -> Decimal:
    """How much of the payment of `period`, from 1, is principal (PPMT). Refused: as in `level_payment`."""
    with localcontext(DIGITS):
        payment = level_payment(rate, periods, present, future, due=due)
        return payment - interest_part(rate, period, periods, present, future, due=due)


def unrounded_table(principal: Decimal, rate: Decimal, periods: int) -> tuple[Share, ...]:
    """Each payment of a level loan as a table that keeps full precision has it. Refused as in `level_payment`."""
    with localcontext(DIGITS):
        payment = -level_payment(rate, Decimal(periods), principal)
        rows, balance = [], principal
        for _ in range(periods):
            interest = balance * rate
            balance -= payment - interest
            rows.append(Share(payment - interest, interest, balance))
    return tuple(rows)


def _annuity(rate: Decimal, periods: Decimal, due: bool) -> Decimal:
    if not rate:
        return periods
    return (1 + rate * due) * ((1 + rate) ** periods - 1) / rate


def _check(rate: Decimal, periods: Decimal) -> None:
    if not rate.is_finite() or not LEAST_RATE <= rate <= MOST_RATE:
        raise Refused("cost:rate-out-of-range", field="rate", least=LEAST_RATE, most=MOST_RATE)
    if not periods.is_finite() or not 0 <= periods <= MOST_PERIODS:
        raise Refused("cost:periods-out-of-range", field="periods", most=MOST_PERIODS)
