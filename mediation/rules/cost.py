"""What money costs in a year, every fee counted, and what is owed where the law's ceiling is applied instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from mediation.errors import Refused
from mediation.rules.day_counts import DayCount, Interval, Unit, eu_interval, year_fraction
from mediation.rules.loans import MOST_INSTALMENTS, MOST_PERIODIC_RATE, Frequency
from mediation.rules.money import HALF_UP, RoundingRule, check_amount, round_minor
from mediation.rules.roots import DIGITS, MOST_RATE, Term, crossing, roots

RATE_PLACES = 12


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that moves on a day, in minor units: above nought the borrower receives it, below it is paid."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee in minor units, paid at the end of a period; period 0 is the disbursement itself."""

    period: int
    amount: int


@dataclass(frozen=True, slots=True)
class YearlyCost:
    """The cost of the same flows, said in every way that is in use; rates are fractions with 12 decimals.

    per_period: the rate at which the flows come to nought (IRR). nominal: that times the periods in a year.
    effective: with interest on interest, (1 + per_period)^periods − 1. simple: interest on principal alone,
    each payment on interest first (the United States rule of Regulation Z App. J (a)(3)); equal to `nominal`
    where payments are evenly spaced and each covers its interest; None where less is paid than was received
    or money is received after a payment. total: what is paid beyond what was received, in minor units.
    """

    per_period: Decimal
    nominal: Decimal
    effective: Decimal
    simple: Decimal | None
    total: int


@dataclass(frozen=True, slots=True)
class AllIn:
    """A loan's cost with every fee in its flows, and as it looks without them; `fees` in minor units."""

    with_fees: YearlyCost
    without_fees: YearlyCost
    fees: int


def rates_of_return(terms: Sequence[Term]) -> tuple[Decimal, ...]:
    """Every rate a unit of time at which the terms come to nought, rising, 24 decimals; none where there is none.

    What is guaranteed stands at `roots.roots`. Refused as there; cost:rate-not-certain where the sum comes
    so near to nought, or only touches it, that the number of rates cannot be told.
    """
    found = roots(terms)
    if any(root.touches for root in found):
        raise Refused("cost:rate-not-certain", field="flows")
    return tuple(root.rate for root in found)


def rate_of_return(terms: Sequence[Term]) -> Decimal:
    """The one rate a unit of time at which the terms come to nought, 24 decimals.

    Refused: cost:no-rate where there is none from −100 % to 100,000,000,000 %, cost:several-rates where
    there are more, and those of `rates_of_return`.
    """
    rates = rates_of_return(terms)
    if not rates:
        raise Refused("cost:no-rate", field="flows")
    if len(rates) > 1:
        raise Refused("cost:several-rates", field="flows", rates=len(rates))
    return rates[0]


def nearest_rate_of_return(terms: Sequence[Term]) -> Decimal:
    """Of several rates the positive one nearest to nought, or else the negative one nearest to it.

    The rule of the FCA's MCOB 10.3.1 R (2). Refused: cost:no-rate, and those of `rates_of_return`.
    """
    rates = rates_of_return(terms)
    if not rates:
        raise Refused("cost:no-rate", field="flows")
    return min(rates, key=lambda rate: (rate < 0, abs(rate)))


def cost_by_period(amounts: Sequence[int], frequency: Frequency = Frequency.MONTHLY) -> YearlyCost:
    """The cost of amounts in minor units at the start (the first) and at the end of each period; signs as in `Flow`.

    Refused as in `rate_of_return`; money:too-large.
    """
    _check_amounts(amounts)
    periods = frequency.periods_in_a_year
    per_period = rate_of_return([Term(Fraction(place), Decimal(amount)) for place, amount in enumerate(amounts)])
    years = [(Fraction(place, periods), amount) for place, amount in enumerate(amounts)]
    with localcontext(DIGITS):
        effective = (1 + per_period) ** periods - 1
        return _yearly_cost((per_period, per_period * periods, effective), years)


def cost_by_day(
    flows: Sequence[Flow],
    *,
    frequency: Frequency = Frequency.MONTHLY,
    count: DayCount = DayCount.ACTUAL_365,
) -> YearlyCost:
    """The cost of flows on any days; years by `count` from the first, `per_period` for the stated frequency.

    Here the effective rate is found first and the others follow from it. Refused as in `rate_of_return`;
    money:too-large, and those of `year_fraction`.
    """
    _check_amounts([flow.amount for flow in flows])
    start = min((flow.on for flow in flows), default=date.min)
    years = sorted((year_fraction(start, flow.on, count), flow.amount) for flow in flows)
    effective = rate_of_return([Term(year, Decimal(amount)) for year, amount in years])
    periods = frequency.periods_in_a_year
    with localcontext(DIGITS):
        per_period = ((1 + effective).ln() / periods).exp() - 1
        return _yearly_cost((per_period, per_period * periods, effective), years)


def all_in(
    disbursed: int,
    payments: Sequence[int],
    *,
    fees: Sequence[Fee] = (),
    frequency: Frequency = Frequency.MONTHLY,
) -> AllIn:
    """The cost of a loan with and without its fees; the borrower's payments at the end of each period.

    `disbursed`, each payment and each fee in minor units from 0 up; a fee that a payment already includes is
    taken out of the payment by the caller. Refused: cost:negative, cost:fee-out-of-range (a period that the
    loan does not have), plan:instalments-out-of-range, and those of `cost_by_period`.
    """
    if not 1 <= len(payments) <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)
    if min(disbursed, *payments, *(fee.amount for fee in fees)) < 0:
        raise Refused("cost:negative", field="payments")
    bare = [disbursed, *(-payment for payment in payments)]
    whole = list(bare)
    for fee in fees:
        if not 0 <= fee.period <= len(payments):
            raise Refused("cost:fee-out-of-range", field="fees", period=fee.period, most=len(payments))
        whole[fee.period] -= fee.amount
    return AllIn(cost_by_period(whole, frequency), cost_by_period(bare, frequency), sum(fee.amount for fee in fees))


def european_apr(
    flows: Sequence[Flow],
    unit: Unit = Unit.MONTH,
    *,
    interval: Callable[[date, date, Unit], Interval] = eu_interval,
) -> Decimal:
    """The annual percentage rate of charge as a fraction, 12 decimals: X with Σ amount·(1 + X)^−t = 0.

    Directive 2008/48/EC Annex I (the same equation in (EU) 2023/2225 and 2014/17/EU): t in years from the
    first drawdown, by `interval` (`uk_interval` for the United Kingdom). What precedes the first drawdown has
    a negative t. Refused: cost:no-rate (also where nothing is drawn), and those of `rates_of_return`. Where
    several rates fit, `nearest_rate_of_return`.
    """
    _check_amounts([flow.amount for flow in flows])
    drawn = [flow.on for flow in flows if flow.amount > 0]
    if not drawn:
        raise Refused("cost:no-rate", field="flows")
    start = min(drawn)
    terms = []
    for flow in flows:
        years = interval(min(start, flow.on), max(start, flow.on), unit).years
        terms.append(Term(-years if flow.on < start else years, Decimal(flow.amount)))
    return rounded_rate(nearest_rate_of_return(terms))


def percent(rate: Decimal, places: int = 2) -> Decimal:
    """A fraction as per cent with so many decimals, half-up (Directive 2008/48/EC Annex I, remark (d))."""
    with localcontext(DIGITS):
        return (rate * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def present_value(flows: Sequence[Flow], yearly_rate: Decimal, *, on: date, rounding: RoundingRule = HALF_UP) -> int:
    """What flows on or after `on` are worth on that day at an effective yearly rate, in minor units.

    Σ amount·(1 + rate)^−(days / 365), with 60 digits inside and rounded once, at the end. Refused:
    cost:rate-out-of-range (0 to 100), cost:flow-in-the-past, money:too-large, and those of `year_fraction`.
    """
    check_rate(yearly_rate)
    _check_amounts([flow.amount for flow in flows])
    if any(flow.on < on for flow in flows):
        raise Refused("cost:flow-in-the-past", field="flows", earliest=on)
    with localcontext(DIGITS):
        a_day_later = (-(1 + yearly_rate).ln() / 365).exp()
        return round_minor(
            sum((flow.amount * a_day_later ** (flow.on - on).days for flow in flows), Decimal(0)), rounding
        )


def rounded_rate(rate: Decimal) -> Decimal:
    """A rate to RATE_PLACES decimals, half-even: as every yearly cost here is given."""
    with localcontext(DIGITS):
        return rate.quantize(Decimal(1).scaleb(-RATE_PLACES))


def check_rate(rate: Decimal, *, field: str = "yearly_rate") -> None:
    """Passes a rate from 0 to 100 of at most 50 decimals; refused: cost:rate-out-of-range."""
    if not rate.is_finite() or int(rate.as_tuple().exponent) < -50 or not 0 <= rate <= MOST_PERIODIC_RATE:
        raise Refused("cost:rate-out-of-range", field=field, least=0, most=MOST_PERIODIC_RATE)


def _check_amounts(amounts: Sequence[int]) -> None:
    for amount in amounts:
        check_amount(amount, field="flows")


def _yearly_cost(rates: tuple[Decimal, Decimal, Decimal], years: Sequence[tuple[Fraction, int]]) -> YearlyCost:
    per_period, nominal, effective = (rounded_rate(rate) for rate in rates)
    return YearlyCost(per_period, nominal, effective, _simple(years), -sum(amount for _, amount in years))


def _simple(years: Sequence[tuple[Fraction, int]]) -> Decimal | None:
    """The yearly rate at which interest on principal alone settles the flows, in order of time."""
    drawn = [place for place, (_, amount) in enumerate(years) if amount > 0]
    paid = [place for place, (_, amount) in enumerate(years) if amount < 0]
    if not drawn or not paid or drawn[-1] > paid[0] or sum(amount for _, amount in years) > 0:
        return None
    with localcontext(DIGITS):
        high = Decimal(1)
        while _left(years, high) <= 0:
            high *= 10
            if high > MOST_RATE:
                return None
        return rounded_rate(crossing(lambda rate: _left(years, rate), Decimal(0), high))


def _left(years: Sequence[tuple[Fraction, int]], rate: Decimal) -> Decimal:
    """What is owed at the end; it rises with the rate as long as it is above nought, and stays below once it is."""
    principal, interest, reached = Decimal(0), Decimal(0), years[0][0]
    for year, amount in years:
        span = year - reached
        interest += principal * rate * span.numerator / span.denominator
        reached = year
        if amount > 0:
            principal += amount
            continue
        owed = interest + amount
        interest, principal = max(owed, Decimal(0)), principal + min(owed, Decimal(0))
    return principal + interest
