"""Loan mathematics against figures that others have published: laws, the European Commission, open-source suites."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediation.errors import Refused
from mediation.rules import annuities, bargaining_points, dated_schedules, rescheduling
from mediation.rules.cost import nearest_rate_of_return, percent
from mediation.rules.day_counts import DayCount, Unit, days, eu_interval, months_later, uk_interval, year_fraction
from mediation.rules.loans import Frequency, Instalment, Schedule, due_dates, level_instalment, repay
from mediation.rules.money import HALF_UP, Rounding, RoundingRule, round_minor
from mediation.rules.roots import Term
from mediation.rules.unit_periods import (
    UnitFlow,
    UnitPeriod,
    american_apr,
    unit_periods_between,
    unit_periods_in_a_year,
)

Figures = dict[str, Any]
# What was computed, what is published, and where it is printed more coarsely than the vector says, how coarsely.
Compared = Iterator[tuple[Any, Any] | tuple[Any, Any, Decimal]]

# The whole collection lies beside the checkout in some places; everywhere else these few of its figures are met.
WHOLE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "loan_maths_vectors.json"
HANDFUL = """[
{"id": "regz-j-c1iii", "category": "apr_us_actuarial",
"source": "12 CFR 1026 (Regulation Z) Appendix J, (c) examples for the actuarial method, (c)(1)(iii)",
"tolerance": 0.005000001, "input": {"amount_financed": 5000, "unit_periods_per_year": 24, "segments": [{"t0": 0,
"f": "2/5", "count": 24, "amount": 219.17}], "dates": {"advance": "1978-02-23", "first_payment": "1978-03-01"}},
"expected": {"apr_percent_2dp": 10.34, "apr_percent": 10.34}},
{"id": "curo-eu-6x1707-fee", "category": "apr_eu", "source": "curo, doc/site/test/example_test.dart Example 2",
"tolerance": 2e-06, "input": {"segments": [{"start_years": "0", "step_years": null, "count": 1,
"amount": 10000.0}, {"start_years": "1/12", "step_years": "1/12", "count": 6,
"amount": -1707.0}, {"start_years": "1/12", "step_years": null, "count": 1, "amount": -50.0}], "amount": 10000,
"payments": 6, "payment": 1707.0, "fee_at_month_1": 50.0}, "expected": {"apr": 0.10447489,
"apr_percent": 10.447489000000001}},
{"id": "uk-time-6", "category": "time_interval_uk", "source": "curo, test/daycounts/uk_conc_app_test.dart",
"tolerance": 1e-09, "input": {"from": "2020-01-01", "to": "2020-01-23", "rule": "week"},
"expected": {"years": 0.06042454812946617, "text": "3/52+1/366"}},
{"id": "ec-time-3", "category": "time_interval_eu",
"source": "Commission Staff Working Document SWD(2012) 128 final, section 4.1.1 remark (c)",
"tolerance": 1e-12, "input": {"from": "2012-01-12", "to": "2012-04-15", "unit": "month"},
"expected": {"whole_units": 3, "days": 3, "year_days": 365, "years": 0.2582191780821918}},
{"id": "isda-usa-15", "category": "day_count", "source": "QuantLib test-suite/daycounters.cpp, testThirty360_USA",
"tolerance": 0, "input": {"convention": "30/360 US (EOM Feb)", "from": "2006-02-28", "to": "2006-03-03"},
"expected": {"days": 3}},
{"id": "actact-05", "category": "day_count", "source": "QuantLib test-suite/daycounters.cpp, testActualActual",
"tolerance": 1e-10, "input": {"convention": "Actual/Actual ISMA", "from": "1999-02-01", "to": "1999-07-01",
"ref_from": "1998-07-01", "ref_to": "1999-07-01"}, "expected": {"year_fraction": 0.41095890411}},
{"id": "npf-irr-doc5", "category": "irr", "source": "numpy-financial docstrings and tests, irr docstring",
"tolerance": 6e-06, "input": {"args": [[-5, 10.5, 1, -8, 1]]}, "expected": {"value": 0.0886}},
{"id": "npf-ipmt-gh17", "category": "ipmt",
"source": "numpy-financial docstrings and tests, TestIpmt gh17 (Google Sheets)", "tolerance": 1e-05,
"input": {"args": [0.001988079518355057, 2, 360, 300000, 0, 1]}, "expected": {"value": -594.107158}},
{"id": "fineract-emi-365-act", "category": "schedule_rounded",
"source": "Apache Fineract tests, testEMICalculation_CheckEmiButNewEmiNotBetterThanOriginal",
"tolerance": 0.0, "input": {"days_in_year": 365, "days_in_month": "actual", "from": "2024-01-01", "principal": 100,
"annual_rate_percent": 15.678, "periods": 6,
"rounding": "EMI and interest HALF_EVEN to 0.01; last period absorbs residue"}, "expected": {"rows": [{"due": 17.43,
"interest": 1.33, "principal": 16.1, "balance": 83.9}, {"due": 17.43, "interest": 1.05, "principal": 16.38,
"balance": 67.52}, {"due": 17.43, "interest": 0.9, "principal": 16.53, "balance": 50.99}, {"due": 17.43,
"interest": 0.66, "principal": 16.77, "balance": 34.22}, {"due": 17.43, "interest": 0.46, "principal": 16.97,
"balance": 17.25}, {"due": 17.47, "interest": 0.22, "principal": 17.25, "balance": 0.0}]}},
{"id": "fineract-resch-extend", "category": "reschedule",
"source": "Apache Fineract tests, LoanReschedule.feature extending repayment schedule", "tolerance": 0,
"input": {"principal": 3000, "rate": 0, "periods": 3, "reschedule_from": "2023-09-01", "extra_terms": 2},
"expected": {"rows": [["2023-08-01", 1000.0], ["2023-09-01", 500.0], ["2023-10-01", 500.0],
["2023-11-01", 500.0], ["2023-12-01", 500.0]]}},
{"id": "fineract-payoff-0215", "category": "payoff", "source": "Apache Fineract tests, Loan.feature pre-close",
"tolerance": 0.0, "input": {"principal": 100, "annual_rate_percent": 7, "emi": 17.01,
"first_instalment_paid": "2024-02-01", "payoff_date": "2024-02-15", "balance": 83.57},
"expected": {"payable_principal_p2": 16.77, "payable_interest": 0.24, "total_payoff": 83.81}},
{"id": "bargain-ellipse-n10", "category": "bargaining",
"source": "Computation of axiomatic bargaining solutions, answer", "tolerance": 0.001,
"input": {"frontier": "y=sqrt(1-100 x^2/n^2)", "n": 10, "disagreement": [0, 0]},
"expected": {"nash": [0.7071067811865475, 0.7071067811865475],
"kalai_smorodinsky": [0.7071067811865475, 0.7071067811865475]}}
]"""
BESIDE = json.loads(WHOLE.read_text("utf-8"))["vectors"] if WHOLE.exists() else []
VECTORS = {vector["id"]: vector for vector in [*json.loads(HANDFUL), *BESIDE]}

# Kinds of figures that the product has no use for.
LEFT_OUT = {"scorecard_scaling", "woe_iv", "mirr", "double_blind"}
HALF_A_CENT = Decimal("0.005")
# How numpy-financial says that payments fall at the start of their period.
STARTS = {"1", "1.0", "begin", "beginning", "b", "start"}
DAY_COUNTS = {
    "30/360 Bond Basis": DayCount.THIRTY_360_BOND,
    "30/360 US (EOM Feb)": DayCount.THIRTY_360_US,
    "30U/360": DayCount.THIRTY_360_US,
    "30E/360 Eurobond": DayCount.THIRTY_E_360,
    "30E/360 ISDA": DayCount.THIRTY_E_360_ISDA,
    "Actual/360": DayCount.ACTUAL_360,
    "Actual/364": DayCount.ACTUAL_364,
    "Actual/365": DayCount.ACTUAL_365,
    "Actual/365 (Fixed)": DayCount.ACTUAL_365,
    "Actual/365.25": DayCount.ACTUAL_365_25,
    "Actual/Actual ISDA": DayCount.ACTUAL_ACTUAL_ISDA,
    "Actual/Actual ISMA": DayCount.ACTUAL_ACTUAL_ICMA,
    "Actual/Actual ICMA": DayCount.ACTUAL_ACTUAL_ICMA,
    "Actual/Actual AFB": DayCount.ACTUAL_ACTUAL_AFB,
}


@pytest.mark.parametrize(
    "vector", [one for one in VECTORS.values() if one["category"] not in LEFT_OUT], ids=lambda v: v["id"]
)
def test_the_published_figure_is_met(vector: Figures) -> None:
    assert vector["category"] in KINDS, "a kind of figure that nothing here computes"
    compared = 0
    for got, wanted, *coarser in KINDS[vector["category"]](vector["input"], vector["expected"]):
        compared += 1
        tolerance = max([exact(vector["tolerance"]), *coarser])
        assert is_met(got, wanted, tolerance), (got, wanted)
    assert compared, "nothing of this vector was compared"


def test_a_kind_of_figure_is_computed_or_left_out_by_name() -> None:
    assert not LEFT_OUT & KINDS.keys()
    assert {one["category"] for one in VECTORS.values()} <= LEFT_OUT | KINDS.keys()


def test_a_wrong_figure_is_noticed() -> None:
    assert not is_met(Decimal("9.69"), 9.70, Decimal("0.005"))
    assert not is_met([Decimal(1)], [1, 2], Decimal(1))
    assert not is_met(date(2024, 1, 1), "2024-01-02", Decimal(9))


def is_met(got: Any, wanted: Any, tolerance: Decimal) -> bool:
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(is_met(*pair, tolerance) for pair in zip(got, wanted, strict=True))
    if isinstance(got, date):
        return got == date.fromisoformat(wanted)
    if wanted is None or not np.isfinite(float(wanted)):
        return got is None
    return got is not None and abs(exact(got) - exact(wanted)) <= tolerance


def exact(value: Any) -> Decimal:
    """The decimal literal that was published, not the binary number that stands for it."""
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return value if isinstance(value, Decimal) else Decimal(str(value))


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def cents(amount: Any) -> int:
    return round_minor(exact(amount) * 100, HALF_UP)


def day_count(given: Figures, published: Figures) -> Compared:
    count, start, end = (
        DAY_COUNTS[given["convention"]],
        date.fromisoformat(given["from"]),
        date.fromisoformat(given["to"]),
    )
    last = day(given.get("termination_date"))
    if "days" in published:
        yield days(start, end, count, terminates_on=last), published["days"]
    if "year_fraction" in published:
        coupon = (
            (date.fromisoformat(given["ref_from"]), date.fromisoformat(given["ref_to"]))
            if "ref_from" in given
            else None
        )
        yield year_fraction(start, end, count, coupon=coupon, terminates_on=last), published["year_fraction"]


def time_interval_eu(given: Figures, published: Figures) -> Compared:
    found = eu_interval(date.fromisoformat(given["from"]), date.fromisoformat(given["to"]), Unit(given["unit"]))
    yield found.years, published["years"]
    yield found.whole, published.get("whole_units", found.whole)
    yield found.days, published.get("days", found.days)


def time_interval_uk(given: Figures, published: Figures) -> Compared:
    unit = Unit.WEEK if "week" in given["rule"] else Unit.MONTH
    found = uk_interval(date.fromisoformat(given["from"]), date.fromisoformat(given["to"]), unit)
    yield found.years, published["years"]
    if "text" in published:
        yield found.years, sum(map(Fraction, published["text"].split("+"))), Decimal("1E-27")


def segments_of(given: Figures) -> list[Term]:
    return [
        Term(Fraction(part["start_years"]) + place * Fraction(part["step_years"] or 0), exact(part["amount"]))
        for part in given["segments"]
        for place in range(part["count"])
    ]


def apr_eu(given: Figures, published: Figures) -> Compared:
    terms = segments_of(given)
    rate = nearest_rate_of_return(terms)
    yield rate * 100, published["apr_percent"]
    for places in (1, 2):
        key = f"apr_percent_{places}dp"
        if key in published:
            yield percent(rate, places), published[key], Decimal(0)
    # The published totals are of payments before, or after, each is rounded to the cent.
    coarser = HALF_A_CENT * len(terms)
    upfront, credit = exact(given.get("upfront_cost", 0)), exact(given.get("credit", 0))
    if "total_cost_of_credit" in published:
        yield -sum(term.amount for term in terms), published["total_cost_of_credit"], coarser
    if "total_amount_payable" in published:
        yield credit - sum(term.amount for term in terms), published["total_amount_payable"], coarser
    if {"nominal_rate", "payments", "freq"} <= given.keys() and "instalment" in published and upfront < credit:
        rate = exact(given["nominal_rate"]) / given["freq"]
        yield -annuities.level_payment(rate, Decimal(given["payments"]), credit), published["instalment"], HALF_A_CENT
    if "signed" in given:
        years = eu_interval(
            date.fromisoformat(given["signed"]), date.fromisoformat(given["first_due"]), Unit.MONTH
        ).years
        starts = [Fraction(part["start_years"]) for part in given["segments"]]
        yield years, min(starts, key=lambda start: abs(start - years)), Decimal("1E-27")


def apr_effective_single(given: Figures, published: Figures) -> Compared:
    years = Fraction(str(given["days"])) / Fraction(str(given["year_days"]))
    rate = nearest_rate_of_return([Term(Fraction(0), exact(given["amount"])), Term(years, -exact(given["payment"]))])
    yield rate * 100, published["apr_percent"]
    if "apr_percent_1dp" in published:
        yield percent(rate, 1), published["apr_percent_1dp"], Decimal(0)


def apr_us_actuarial(given: Figures, published: Figures) -> Compared:
    periods = Fraction(given["unit_periods_per_year"])
    flows = [UnitFlow(0, Fraction(0), exact(given["amount_financed"]))] + [
        UnitFlow(part["t0"] + place, Fraction(part["f"]), -exact(part["amount"]))
        for part in given["segments"]
        for place in range(part["count"])
    ]
    rate = american_apr(flows, periods)
    yield rate * 100, published["apr_percent"]
    if "apr_percent_2dp" in published:
        yield percent(rate), published["apr_percent_2dp"], Decimal(0)
    if "dates" in given and periods in UNIT_PERIODS:
        unit, multiple = UNIT_PERIODS[periods]
        assert unit_periods_in_a_year(unit, multiple=multiple) == periods
        advance, first = (date.fromisoformat(given["dates"][key]) for key in ("advance", "first_payment"))
        whole, part = unit_periods_between(advance, first, unit, multiple=multiple)
        yield (
            [Fraction(whole), part],
            [given["segments"][0]["t0"], exact(Fraction(given["segments"][0]["f"]))],
            Decimal("1E-27"),
        )


UNIT_PERIODS = {
    Fraction(1): (UnitPeriod.YEAR, 1),
    Fraction(2): (UnitPeriod.MONTH, 6),
    Fraction(3): (UnitPeriod.MONTH, 4),
    Fraction(4): (UnitPeriod.MONTH, 3),
    Fraction(6): (UnitPeriod.MONTH, 2),
    Fraction(12): (UnitPeriod.MONTH, 1),
    Fraction(13): (UnitPeriod.WEEK, 4),
    Fraction(24): (UnitPeriod.SEMIMONTH, 1),
    Fraction(26): (UnitPeriod.WEEK, 2),
    Fraction(52): (UnitPeriod.WEEK, 1),
    Fraction(365): (UnitPeriod.DAY, 1),
}


def totals(given: Figures, published: Figures) -> Compared:
    paid = given["payments"] * exact(given["payment"])
    yield paid, published["total_of_payments"]
    yield paid - exact(given["amount_financed"]), published["finance_charge"]


def spreadsheet(function: Callable[..., Decimal], whole: tuple[int, ...], names: int) -> Callable[..., Compared]:
    """A function of numpy-financial's: `names` numbers, those at the places of `whole` counts, then when."""

    def compared(given: Figures, published: Figures) -> Compared:
        when = [given["when"]] if "when" in given else given["args"][names:] or ["end"]
        figures = np.broadcast_arrays(*(np.asarray(one, dtype=object) for one in [*given["args"][:names], when[0]]))
        wanted = np.broadcast_to(np.asarray(published["value"], dtype=object), figures[0].shape)
        for place in np.ndindex(figures[0].shape):
            numbers = [exact(one[place]) for one in figures[:-1]]
            counted = [int(one) if at in whole else one for at, one in enumerate(numbers)]
            due = str(figures[-1][place]) in STARTS
            yield or_none(lambda counted=counted, due=due: function(*counted, due=due)), wanted[place]

    return compared


def or_none(figure: Callable[[], Decimal]) -> Decimal | None:
    """Where others give not-a-number or infinity, a refusal is given here."""
    try:
        return figure()
    except Refused:
        return None


def pmt(given: Figures, published: Figures) -> Compared:
    if "args" in given:
        yield from spreadsheet(annuities.level_payment, (), 4)(given, published)
        return
    rate = exact(given["annual_rate_nominal"]) / given.get("freq", 12)
    yield -annuities.level_payment(rate, Decimal(given["periods"]), exact(given["principal"])), published["payment"]


def irr(given: Figures, published: Figures) -> Compared:
    series = given["args"][0]
    if not isinstance(series[0], list):
        yield or_none(lambda: rate_of(series)), published["value"]
        return
    yield from (
        (or_none(lambda one=one: rate_of(one)), wanted) for one, wanted in zip(series, published["value"], strict=True)
    )


def rate_of(series: Sequence[Any]) -> Decimal:
    return nearest_rate_of_return([Term(Fraction(place), exact(amount)) for place, amount in enumerate(series)])


def amortisation_unrounded(given: Figures, published: Figures) -> Compared:
    rate = exact(given["nominal_rate"]) / given["freq"]
    table = annuities.unrounded_table(exact(given["principal"]), rate, given["periods"])
    for place, row in enumerate(published["rows"], start=1):
        found = table[row.get("n", place) - 1]
        yield [getattr(found, name) for name in row if name != "n"], [row[name] for name in row if name != "n"]
    if "total_interest" in published:
        yield sum(row.interest for row in table), published["total_interest"]
    for key, year in published.items():
        if re.fullmatch(r"year\d+", key):
            rows = table[(int(key[4:]) - 1) * given["freq"] : int(key[4:]) * given["freq"]]
            interest, principal = sum(row.interest for row in rows), sum(row.principal for row in rows)
            yield [interest, principal, interest + principal], [year["interest"], year["principal"], year["payments"]]


def schedule(given: Figures, published: Figures) -> Compared:
    """The payment is given; the interest of each period is rounded, and the last takes the residue."""
    rate, left = Fraction(str(given["annual_rate_nominal"])) / given.get("freq", 12), cents(given["principal"])
    amounts = [-left] + [cents(given["payment"])] * given["periods"]
    for place, row in enumerate(published["rows"], start=1):
        exact_interest = left * rate
        interest = round_minor(exact(exact_interest), HALF_UP)
        if place == given["periods"]:
            interest = amounts[-1] - left
        left -= amounts[place] - interest
        found = {
            "interest": interest,
            "principal": amounts[place] - interest,
            "balance": left,
            "payment": amounts[place],
        }
        yield [Decimal(found[name]) / 100 for name in row], list(row.values())
    if "irr" in published:
        terms = [Term(Fraction(place), Decimal(amount)) for place, amount in enumerate(amounts)]
        yield nearest_rate_of_return(terms) * given.get("freq", 12), published["irr"]


def schedule_rounded(given: Figures, published: Figures) -> Compared:
    plan = plan_of(given)
    rows = plan.instalments
    names = {"due": "amount", "interest": "interest", "principal": "principal", "balance": "remaining"}
    for row, wanted in zip(rows, published.get("rows", []), strict="rows" in published):
        yield [Decimal(getattr(row, names[name])) / 100 for name in wanted], list(wanted.values())
    for place, wanted in published.get("rows0based", {}).items():
        row = rows[int(place)]
        yield [Decimal(one) / 100 for one in (row.principal, row.interest, row.remaining)], wanted
    whole = {
        "instalment": Decimal(rows[0].amount) / 100,
        "total_interest": Decimal(plan.interest_total) / 100,
        "total_payment": Decimal(plan.total) / 100,
        "periods": len(rows),
    }
    yield from ((figure, published[name]) for name, figure in whole.items() if name in published)


def plan_of(given: Figures) -> Schedule:
    yearly, principal = exact(given["annual_rate_percent"]) / 100, cents(given["principal"])
    if "from" not in given:
        rate = Fraction(yearly) / 12
        up = RoundingRule(Rounding.UP, 100)
        payment = given["fixed_payment"] * 100 if "fixed_payment" in given else None
        payment = payment or level_instalment(principal, rate, given["periods"], up)
        day_one = date(2024, 1, 1)
        return dated_schedules.repay_in_payments(principal, rate, payment, day_one, Frequency.MONTHLY, HALF_UP)
    spans = periods_of(given, date.fromisoformat(given["from"]), yearly)
    mode = Rounding.HALF_UP if "HALF_UP" in given.get("rounding", "") else Rounding.HALF_EVEN
    return dated_schedules.repay_by_days(principal, spans, RoundingRule(mode), tuned=True)


def periods_of(given: Figures, start: date, yearly: Decimal) -> Sequence[dated_schedules.Period]:
    many, unit = re.fullmatch(r"(\d+) (day|week|month)s?", given.get("frequency", "1 month")).groups()
    steps = [int(many) * place for place in range(1, given["periods"] + 1)]
    weeks = 7 if unit == "week" else 1
    due_on = [months_later(start, step) if unit == "month" else start + timedelta(days=weeks * step) for step in steps]
    year = str(given["days_in_year"])
    if str(given.get("days_in_month")) == "30" and unit == "month":
        rate = Fraction(yearly) * 30 * int(many) / int(year)
        return [dated_schedules.Period(opens, due, rate) for opens, due in pairwise([start, *due_on])]
    by_year = {"360": DayCount.ACTUAL_360, "364": DayCount.ACTUAL_364, "365": DayCount.ACTUAL_365}
    return dated_schedules.periods(yearly, start, due_on, by_year.get(year, DayCount.ACTUAL_ACTUAL_ISDA))


def rate_factor(given: Figures, published: Figures) -> Compared:
    year = int(re.findall(r"\d+", str(given["days_in_year"]))[-1])
    yearly, lengths = exact(given["annual_rate"]), given["periods"]
    if "factors" in published:
        yield [dated_schedules.rate_factor(yearly, length, year) for length in lengths], published["factors"]
    if "fn" in published:
        yield dated_schedules.level_divisors(yearly, lengths, year), published["fn"]


def payoff(given: Figures, published: Figures) -> Compared:
    """Monthly from the first of a month; the principal of the period is what its payment leaves beside the interest."""
    on = date.fromisoformat(given["payoff_date"])
    start = day(given.get("first_instalment_paid")) or on.replace(day=1)
    owed, rule = cents(given.get("balance", given["principal"])), RoundingRule(Rounding.HALF_EVEN)
    rate = exact(given["annual_rate_percent"]) / 1200
    interest = rescheduling.accrued_interest(owed, rate, start, months_later(start, 1), on=on, rounding=rule)
    yield Decimal(interest) / 100, published["payable_interest"]
    for key, principal in published.items():
        if key.startswith("payable_principal"):
            yield Decimal(cents(given["emi"]) - interest) / 100, principal
    if "total_payoff" in published:
        yield Decimal(owed + interest) / 100, published["total_payoff"]


def reschedule(given: Figures, published: Figures) -> Compared:
    if "due" in given:
        yield from single_instalment(given, published)
        return
    # The day of the first instalment stands only in the result.
    first = date.fromisoformat(given.get("first_due", published["rows"][0][0]))
    due_on = due_dates(first, Frequency.MONTHLY, given["periods"])
    plan = repay(cents(given["principal"]), Fraction(str(given["rate"])) / 1200, due_on, HALF_UP)
    paid = sum(row.due_on < date.fromisoformat(given["reschedule_from"]) for row in plan.instalments)
    loan = rescheduling.Running(plan, paid, exact(given["rate"]) / 100)
    if "extra_terms" in given:
        plan = rescheduling.extend(loan, given["extra_terms"])
    if "grace_on_principal" in given:
        plan = rescheduling.pause(loan, given["grace_on_principal"], interest_paid=True)
    if "new_due" in given:
        plan = rescheduling.change_date(loan, date.fromisoformat(given["new_due"]))
    if "new_rate" in given:
        plan = rescheduling.change_rate(loan, exact(given["new_rate"]) / 100)
    # A period in which nothing is due has no row here.
    wanted = [row for row in published["rows"] if row[1]]
    yield [row.due_on for row in plan.instalments], [row[0] for row in wanted]
    yield [Decimal(row.amount) / 100 for row in plan.instalments], [row[1] for row in wanted]


def single_instalment(given: Figures, published: Figures) -> Compared:
    """Lent for thirty days and repaid at once, without interest."""
    due, principal = date.fromisoformat(given["due"]), cents(given["principal"])
    only = Schedule((Instalment(1, due, principal, 0, principal, 0),), principal, 0)
    [moved] = rescheduling.change_date(
        rescheduling.Running(only, 0, Decimal(0)), date.fromisoformat(given["new_due"])
    ).instalments
    yield (moved.due_on - (due - timedelta(days=30))).days, published["days"]
    yield Decimal(moved.amount) / 100, published["due"]


def published_due_dates(given: Figures, published: Figures) -> Compared:
    found = due_dates(date.fromisoformat(given["first_due"]), Frequency(given["frequency"]), 60)
    named = {"first": 0, "second": 1, "third": 2, **{f"last_of_{count}": count - 1 for count in range(1, 61)}}
    yield from ((found[named[name]], wanted) for name, wanted in published.items())


def rounding_half_up(given: Figures, published: Figures) -> Compared:
    for key, wanted in published.items():
        places = int(re.fullmatch(r"(\d)dp", key)[1])
        yield Decimal(round_minor(exact(given["value"]) * 10**places, HALF_UP)).scaleb(-places), wanted
        yield percent(exact(given["value"]) / 100, places), wanted


def bargaining(given: Figures, published: Figures) -> Compared:
    assert given["frontier"] == "y=sqrt(1-100 x^2/n^2)", "a frontier that is not known here"
    n = Decimal(given["n"])

    def curve(x: Decimal) -> Decimal:
        return max(Decimal(0), 1 - 100 * x * x / (n * n)).sqrt()

    without = (exact(given["disagreement"][0]), exact(given["disagreement"][1]))
    for name, wanted in published.items():
        fair = bargaining_points.Fair(name)
        yield list(bargaining_points.fairest_on_curve(curve, Decimal(0), n / 10, without, fair)), wanted


KINDS: dict[str, Callable[[Figures, Figures], Compared]] = {
    "day_count": day_count,
    "time_interval_eu": time_interval_eu,
    "time_interval_uk": time_interval_uk,
    "apr_eu": apr_eu,
    "apr_effective_single": apr_effective_single,
    "apr_us_actuarial": apr_us_actuarial,
    "totals": totals,
    "fv": spreadsheet(annuities.future_value, (), 4),
    "pv": spreadsheet(annuities.present_worth, (), 4),
    "pmt": pmt,
    "nper": spreadsheet(annuities.periods_needed, (), 4),
    "rate": spreadsheet(annuities.rate_needed, (0,), 4),
    "ipmt": spreadsheet(annuities.interest_part, (1,), 5),
    "ppmt": spreadsheet(annuities.principal_part, (1,), 5),
    "irr": irr,
    "amortisation_unrounded": amortisation_unrounded,
    "schedule": schedule,
    "schedule_rounded": schedule_rounded,
    "rate_factor": rate_factor,
    "payoff": payoff,
    "reschedule": reschedule,
    "due_dates": published_due_dates,
    "rounding_half_up": rounding_half_up,
    "bargaining": bargaining,
}
