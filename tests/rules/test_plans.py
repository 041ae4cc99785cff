"""Plans to the cent: scenario A of the product, level instalments, and the document kept for ever."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.money import HALF_UP, LIMIT, Rounding, RoundingRule
from mediation.rules.plans import (
    Arrears,
    ClaimFigures,
    Frequency,
    Grace,
    Loan,
    Schedule,
    Terms,
    Waivers,
    arrears,
    check_claim,
    check_terms,
    due_dates,
    fit_rounding,
    from_document,
    level_instalment,
    loan_schedule,
    offer_document,
    schedule,
    smallest_term,
)

RULES = st.builds(RoundingRule, st.sampled_from(Rounding), st.sampled_from([1, 10, 100]))

DAY_ONE = date(2025, 10, 1)
CLAIM = ClaimFigures(2, "CNY", 1695791, 1360639, 189597, 53027, 0)
TERMS = Terms(2, "CNY", 3246027, Waivers(penalty=53027), 26, Frequency.MONTHLY, date(2025, 10, 31))
LOAN = Loan.at_monthly_rate(5000000, Decimal("0.0195"), 12, date(2025, 1, 15))


def scenario_a(paid: int = 5, as_of: date = date(2025, 9, 25)) -> Arrears:
    return arrears(LOAN, paid, as_of=as_of, penalty_daily_rate=Decimal("0.0005"), rounding=HALF_UP)


def amounts(plan: Schedule) -> list[int]:
    return [row.amount for row in plan.instalments]


def refusal(call: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key, no.value.field


def test_scenario_a_has_the_loan_of_the_contract() -> None:
    assert amounts(loan_schedule(LOAN, rounding=HALF_UP)) == [471347] * 11 + [471352]


def test_scenario_a_has_its_outstanding_principal_after_five_payments() -> None:
    assert loan_schedule(LOAN, rounding=HALF_UP).instalments[4].remaining == 3056430


def test_scenario_a_has_its_penalty_on_each_missed_instalment() -> None:
    assert [(one.days_late, one.penalty) for one in scenario_a().missed] == [
        (102, 24039),
        (72, 16968),
        (41, 9663),
        (10, 2357),
    ]


def test_scenario_a_has_its_claim() -> None:
    claim = scenario_a().as_claim(version=2, currency="CNY")
    assert claim == CLAIM
    assert (claim.principal, claim.interest, claim.penalty, claim.total) == (3056430, 189597, 53027, 3299054)


def test_an_instalment_due_today_is_due_and_draws_no_penalty_yet() -> None:
    [only] = scenario_a(paid=5, as_of=date(2025, 6, 15)).missed
    assert (only.instalment.number, only.days_late, only.penalty) == (6, 0, 0)


def test_nothing_is_missed_where_all_was_paid_ahead() -> None:
    ahead = scenario_a(paid=12)
    assert (ahead.principal, ahead.total, ahead.missed) == (0, 0, ())


@pytest.mark.parametrize("paid", [-1, 13])
def test_no_more_instalments_are_paid_than_the_loan_has(paid: int) -> None:
    assert refusal(lambda: scenario_a(paid=paid)) == ("loan:paid-out-of-range", "paid_instalments")


@pytest.mark.parametrize("rate", ["-0.01", "NaN", "Infinity", "1E-999999"])
def test_a_penalty_rate_that_is_none_is_refused(rate: str) -> None:
    def ask() -> Arrears:
        return arrears(LOAN, 5, as_of=DAY_ONE, penalty_daily_rate=Decimal(rate), rounding=HALF_UP)

    assert refusal(ask) == ("plan:rate-out-of-range", "penalty_daily_rate")


@given(paid=st.integers(0, 12), days=st.integers(0, 700))
def test_principal_owed_is_what_the_paid_instalments_left(paid: int, days: int) -> None:
    owed = scenario_a(paid=paid, as_of=date(2024, 12, 1) + timedelta(days=days))
    repaid = sum(row.principal for row in loan_schedule(LOAN, rounding=HALF_UP).instalments[:paid])
    assert owed.principal == LOAN.principal - repaid


@pytest.mark.parametrize(
    ("instalments", "level", "last"),
    [(36, 90167, 90182), (24, 135251, 135254), (26, 124847, 124852), (1, 3246027, 3246027)],
)
def test_scenario_a_has_its_plans(instalments: int, level: int, last: int) -> None:
    plan = check_terms(replace(TERMS, instalments=instalments), CLAIM, not_before=DAY_ONE)
    assert amounts(plan) == [level] * (instalments - 1) + [last]


def test_twenty_six_is_the_smallest_term_within_the_cap() -> None:
    assert smallest_term(3246027, 126000, HALF_UP) == 26


@given(total=st.integers(1, 10**8), cap=st.integers(1, 10**8), rule=RULES)
def test_no_instalment_of_the_smallest_term_exceeds_the_cap_and_no_shorter_term_does(
    total: int, cap: int, rule: RoundingRule
) -> None:
    try:
        n = smallest_term(total, cap, rule)
    except Refused:
        assume(False)
    assert max(amounts(schedule(plain(total, n), rounding=rule))) <= cap
    shorter = refused_or(lambda: schedule(plain(total, n - 1), rounding=rule))
    assert shorter is None or max(amounts(shorter)) > cap


@pytest.mark.parametrize("cap", [-1, 0, 100])
def test_a_cap_that_no_plan_can_meet_is_refused(cap: int) -> None:
    assert refusal(lambda: smallest_term(3246027, cap, HALF_UP)) == ("plan:cap-too-small", "cap")


@pytest.mark.parametrize(
    ("changed", "key", "field"),
    [
        ({"claim_version": 1}, "plan:other-claim-version", "claim_version"),
        ({"currency": "HKD"}, "plan:other-currency", "currency"),
        ({"agreed_total": 3246028}, "plan:total-differs", "agreed_total"),
        ({"waivers": Waivers(principal=3056431)}, "plan:waiver-out-of-range", "waived_principal"),
        ({"waivers": Waivers(interest=-1)}, "plan:waiver-out-of-range", "waived_interest"),
        ({"waivers": Waivers(penalty=53028)}, "plan:waiver-out-of-range", "waived_penalty"),
        ({"waivers": Waivers(fees=1)}, "plan:waiver-out-of-range", "waived_fees"),
        (
            {"agreed_total": 0, "waivers": Waivers(3056430, 189597, 53027)},
            "plan:total-not-positive",
            "agreed_total",
        ),
        ({"instalments": 0}, "plan:instalments-out-of-range", "instalments"),
        ({"instalments": 601}, "plan:instalments-out-of-range", "instalments"),
        ({"first_due_on": date(2025, 9, 30)}, "plan:first-date-too-early", "first_due_on"),
        ({"first_due_on": date(2035, 11, 1)}, "plan:first-date-too-late", "first_due_on"),
        ({"yearly_rate": Decimal("-0.01")}, "plan:rate-out-of-range", "yearly_rate"),
        ({"yearly_rate": Decimal("1.01")}, "plan:rate-out-of-range", "yearly_rate"),
        ({"yearly_rate": Decimal("NaN")}, "plan:rate-out-of-range", "yearly_rate"),
        ({"yearly_rate": Decimal("0.0000001")}, "plan:rate-too-fine", "yearly_rate"),
        ({"grace_periods": 1}, "plan:grace-periods-out-of-range", "grace_periods"),
        ({"grace": Grace.FULL}, "plan:grace-periods-out-of-range", "grace_periods"),
        ({"grace": Grace.FULL, "grace_periods": 61}, "plan:grace-periods-out-of-range", "grace_periods"),
        ({"grace": Grace.INTEREST_ONLY, "grace_periods": 26}, "plan:grace-periods-out-of-range", "grace_periods"),
        ({"grace": Grace.INTEREST_ONLY, "grace_periods": 3}, "plan:grace-needs-rate", "grace"),
    ],
)
def test_each_wrong_term_is_refused_at_its_own_field(changed: dict[str, object], key: str, field: str) -> None:
    wrong = replace(TERMS, **changed)
    assert refusal(lambda: check_terms(wrong, CLAIM, not_before=DAY_ONE)) == (key, field)


def test_a_plan_may_start_on_the_first_day_allowed() -> None:
    first_day = replace(TERMS, first_due_on=DAY_ONE)
    assert check_terms(first_day, CLAIM, not_before=DAY_ONE).instalments[0].due_on == DAY_ONE


@pytest.mark.parametrize(
    ("changed", "key", "field"),
    [
        ({"fees": -1}, "claim:negative", "fees"),
        ({"penalty": LIMIT + 1}, "money:too-large", "penalty"),
        ({"interest": LIMIT}, "money:too-large", None),
        ({"currency": "XXX"}, "money:unknown-currency", "currency"),
        (
            {"principal_due": 0, "principal_not_due": 0, "interest": 0, "penalty": 0},
            "claim:nothing-claimed",
            "principal_due",
        ),
    ],
)
def test_a_claim_that_cannot_be_is_refused(changed: dict[str, object], key: str, field: str | None) -> None:
    assert refusal(lambda: check_claim(replace(CLAIM, **changed))) == (key, field)


def test_the_claim_of_scenario_a_passes() -> None:
    check_claim(CLAIM)
    assert CLAIM.total == 3299054


@pytest.mark.parametrize("total", [1, 29, 100])
def test_an_instalment_never_rounds_to_nothing(total: int) -> None:
    assert refusal(lambda: schedule(plain(total, 60), rounding=HALF_UP)) == ("plan:instalment-too-small", "instalments")


def test_a_residue_that_would_make_the_last_instalment_a_balloon_is_refused() -> None:
    assert refusal(lambda: schedule(plain(850, 600), rounding=HALF_UP)) == (
        "plan:last-instalment-too-large",
        "instalments",
    )


def test_months_clamp_from_the_original_day() -> None:
    days = due_dates(date(2025, 1, 31), Frequency.MONTHLY, 14)
    assert [(day.month, day.day) for day in days[:5]] == [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)]
    assert days[13] == date(2026, 2, 28)


def test_a_leap_day_is_kept_where_there_is_one() -> None:
    assert due_dates(date(2023, 12, 31), Frequency.MONTHLY, 3)[2] == date(2024, 2, 29)


@pytest.mark.parametrize(("frequency", "days"), [("weekly", 7), ("two_weekly", 14), ("four_weekly", 28)])
def test_weeks_are_counted_in_days(frequency: str, days: int) -> None:
    first, second, third = due_dates(date(2024, 2, 26), Frequency(frequency), 3)
    assert second - first == third - second == timedelta(days=days)


def test_dates_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(Refused, match="plan:first-date-too-late"):
        due_dates(date(9990, 1, 1), Frequency.MONTHLY, 600)


def test_interest_only_grace_pays_interest_and_no_principal_first() -> None:
    terms = replace(plain(100000, 6), yearly_rate=Decimal("0.12"), grace=Grace.INTEREST_ONLY, grace_periods=2)
    plan = schedule(terms, rounding=HALF_UP)
    assert [(row.principal, row.interest) for row in plan.instalments[:2]] == [(0, 1000), (0, 1000)]
    assert amounts(plan)[2:] == [25628, 25628, 25628, 25629]


def test_full_grace_adds_its_simple_interest_to_the_first_instalment() -> None:
    bare = replace(plain(100000, 6), yearly_rate=Decimal("0.12"))
    spared = schedule(replace(bare, grace=Grace.FULL, grace_periods=3), rounding=HALF_UP)
    without = schedule(bare, rounding=HALF_UP)
    assert amounts(spared) == [amounts(without)[0] + 3000, *amounts(without)[1:]]
    assert spared.instalments[0].due_on == bare.first_due_on


def test_a_published_weekly_schedule_is_met_to_the_cent() -> None:
    """Apache Fineract, progressive loan: 100 at 9.4822 % in 6 weeks of a 364-day year, half-even."""
    loan = Loan(10000, Decimal("0.094822"), 6, date(2024, 1, 8), Frequency.WEEKLY)
    plan = loan_schedule(loan, rounding=RoundingRule(Rounding.HALF_EVEN))
    assert [(row.amount, row.interest, row.remaining) for row in plan.instalments] == [
        (1677, 18, 8341),
        (1677, 15, 6679),
        (1677, 12, 5014),
        (1677, 9, 3346),
        (1677, 6, 1675),
        (1678, 3, 0),
    ]


def test_a_published_instalment_rounded_up_to_a_whole_unit_is_met() -> None:
    """Frappe Lending: 280,000 at 8.4 % in 20 months is 15,052 a month."""
    assert level_instalment(28000000, Decimal("0.007"), 20, RoundingRule.parse("up:100")) == 1505200


def test_an_instalment_that_comes_out_even_is_not_rounded_up() -> None:
    up = RoundingRule(Rounding.UP)
    assert level_instalment(1200000, Fraction(5, 1200), 1, up) == 1205000
    assert level_instalment(100000, Decimal("0.01"), 1, up) == 101000


@pytest.mark.parametrize(
    ("principal", "rate", "n", "key"),
    [
        (0, "0.01", 12, "plan:total-not-positive"),
        (LIMIT + 1, "0.01", 12, "money:too-large"),
        (1000, "-0.01", 12, "plan:rate-out-of-range"),
        (1000, "1E-999999", 12, "plan:rate-out-of-range"),
        (1000, "sNaN", 12, "plan:rate-out-of-range"),
        (1000, "0.01", 0, "plan:instalments-out-of-range"),
        (1000, "0.01", 601, "plan:instalments-out-of-range"),
    ],
)
def test_a_level_instalment_of_nonsense_is_refused(principal: int, rate: str, n: int, key: str) -> None:
    with pytest.raises(Refused, match=key):
        level_instalment(principal, Decimal(rate), n, HALF_UP)


def plain(total: int, instalments: int) -> Terms:
    return Terms(1, "CNY", total, Waivers(), instalments, Frequency.MONTHLY, date(2025, 1, 31))


def refused_or(call: Callable[[], Schedule]) -> Schedule | None:
    try:
        return call()
    except Refused:
        return None


@given(total=st.integers(10**5, 10**9), n=st.integers(1, 120), rate=st.decimals("0", "0.36", places=4))
def test_an_everyday_plan_is_never_refused(total: int, n: int, rate: Decimal) -> None:
    plan = schedule(replace(plain(total, n), yearly_rate=rate), rounding=HALF_UP)
    assert len({row.amount for row in plan.instalments[:-1]}) <= 1


def a_document() -> dict[str, object]:
    terms = replace(TERMS, instalments=2, yearly_rate=Decimal("0.0600"))
    claim_plan = check_terms(terms, CLAIM, not_before=DAY_ONE)
    return offer_document(terms, CLAIM, claim_plan, HALF_UP, "2025-09")


def test_the_document_has_the_form_that_offers_keep_for_ever() -> None:
    assert a_document() == {
        "v": 1,
        "lawbook_version": "2025-09",
        "rounding": "half_up",
        "claim": {
            "version": 2,
            "currency": "CNY",
            "principal_due": 1695791,
            "principal_not_due": 1360639,
            "interest": 189597,
            "penalty": 53027,
            "fees": 0,
            "total": 3299054,
        },
        "terms": {
            "claim_version": 2,
            "currency": "CNY",
            "agreed_total": 3246027,
            "waivers": {"principal": 0, "interest": 0, "penalty": 53027, "fees": 0},
            "disputed": {"principal": 0, "interest": 0, "penalty": 0, "fees": 0},
            "instalments": 2,
            "frequency": "monthly",
            "first_due_on": "2025-10-31",
            "rolls": False,
            "yearly_rate": "0.06",
            "grace": "none",
            "grace_periods": 0,
            "method": "equal_instalments",
            "step_after": 0,
            "step_amount": 0,
            "down_payment": 0,
            "down_payment_on": None,
            "balloon": 0,
        },
        "schedule": {
            "instalments": [
                {
                    "number": 1,
                    "due_on": "2025-10-31",
                    "principal": 1618966,
                    "interest": 16230,
                    "amount": 1635196,
                    "remaining": 1627061,
                },
                {
                    "number": 2,
                    "due_on": "2025-11-30",
                    "principal": 1627061,
                    "interest": 8135,
                    "amount": 1635196,
                    "remaining": 0,
                },
            ],
            "interest_total": 24365,
            "total": 3270392,
        },
    }


def test_reading_a_document_computes_nothing() -> None:
    kept = json.loads(json.dumps(a_document()))
    kept["schedule"]["instalments"][0]["amount"] = 7
    assert from_document(kept)[2].instalments[0].amount == 7


def test_a_document_of_another_version_is_refused() -> None:
    assert refusal(lambda: from_document({**a_document(), "v": 2})) == ("plan:unknown-document", None)


@pytest.mark.parametrize(
    "damage",
    [
        {"terms": None},
        {"claim": {}},
        {"schedule": {"instalments": [{}], "total": 1, "interest_total": 0}},
        {"schedule": {"instalments": [], "total": 1.0, "interest_total": 0}},
        {"schedule": {"instalments": [], "total": True, "interest_total": 0}},
        {"rounding": 7},
        {"rounding": "sideways"},
    ],
)
def test_a_damaged_document_is_refused(damage: dict[str, object]) -> None:
    assert refusal(lambda: from_document({**a_document(), **damage})) == ("plan:damaged-document", None)


def test_where_rules_explain_as_much_the_plainest_is_taken() -> None:
    fit = fit_rounding([(1200, Decimal(0), 12, 100)])
    assert (fit.rule, fit.matched, {score for _, score in fit.per_rule}) == (HALF_UP, 1, {1})


def test_no_samples_fit_the_plainest_rule_with_no_score() -> None:
    fit = fit_rounding([])
    assert (fit.rule, fit.matched, fit.total, fit.mismatched) == (HALF_UP, 0, 0, ())


@given(principal=st.integers(100, 10**9), n=st.integers(1, 60), rate=st.decimals("0", "0.03", places=6), rule=RULES)
def test_a_fitted_rule_gives_what_the_level_instalment_gives(
    principal: int, n: int, rate: Decimal, rule: RoundingRule
) -> None:
    stated = level_instalment(principal, rate, n, rule)
    assert dict(fit_rounding([(principal, rate, n, stated)]).per_rule)[rule] == 1
