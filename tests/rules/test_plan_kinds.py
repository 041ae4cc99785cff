"""Every kind of plan: what each looks like in figures, what all of them promise, and what is refused where."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.deadlines import Calendar
from mediation.rules.money import HALF_UP, Rounding, RoundingRule
from mediation.rules.plans import (
    MOST_INSTALMENTS,
    ClaimFigures,
    Disputed,
    Frequency,
    Grace,
    Loan,
    Method,
    Schedule,
    Terms,
    Waivers,
    arrears,
    by_component,
    check_terms,
    from_document,
    level_instalment,
    offer_document,
    rolled,
    schedule,
)
from mediation.rules.repayment import Shape, repay_shaped

RULES = st.builds(RoundingRule, st.sampled_from(Rounding), st.sampled_from([1, 10, 100]))
RATES = st.just(Decimal(0)) | st.decimals("0.000001", "1", places=6)

DAY_ONE = date(2025, 10, 1)
CLAIM = ClaimFigures(2, "CNY", 1695791, 1360639, 189597, 53027, 0)
A = Terms(2, "CNY", 3246027, Waivers(penalty=53027), 26, Frequency.MONTHLY, date(2025, 10, 31))
TWELVE = Decimal("0.12")

WEEKENDS = {day for n in range(365) if (day := date(2025, 1, 1) + timedelta(days=n)).weekday() > 4}
HOLIDAYS = {date(2025, 10, day) for day in range(1, 9)} - {date(2025, 9, 28), date(2025, 10, 11)}
CHINA = Calendar("cn", date(2025, 1, 1), date(2025, 12, 31), frozenset(WEEKENDS | HOLIDAYS))


def a_thousand(instalments: int, **said: object) -> Terms:
    """1,000.00 in so many monthly instalments from 31 October 2025."""
    plain = Terms(1, "CNY", 100000, Waivers(), instalments, Frequency.MONTHLY, date(2025, 10, 31))
    return replace(plain, **said)


def plan(terms: Terms) -> Schedule:
    return schedule(terms, rounding=HALF_UP)


def amounts(shown: Schedule) -> list[int]:
    return [row.amount for row in shown.instalments]


def refusal(call: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as no:
        call()
    return no.value.key, no.value.field


def test_equal_principal_falls_with_its_interest() -> None:
    shown = plan(a_thousand(4, yearly_rate=TWELVE, method=Method.EQUAL_PRINCIPAL))
    assert [(row.principal, row.interest) for row in shown.instalments] == [
        (25000, 1000),
        (25000, 750),
        (25000, 500),
        (25000, 250),
    ]


def test_equal_principal_leaves_its_residue_to_the_last() -> None:
    shown = plan(a_thousand(3, yearly_rate=TWELVE, method=Method.EQUAL_PRINCIPAL))
    assert [row.principal for row in shown.instalments] == [33333, 33333, 33334]


def test_the_residue_of_equal_principal_is_judged_without_its_interest() -> None:
    whole_yuan_down = RoundingRule(Rounding.DOWN, 100)
    terms = a_thousand(2, agreed_total=299, yearly_rate=Decimal(1), method=Method.EQUAL_PRINCIPAL)
    last = schedule(terms, rounding=whole_yuan_down).instalments[-1]
    assert (last.principal, last.interest) == (199, 16)


@given(share=st.integers(1, 10**6), n=st.integers(1, 60), permille=st.integers(0, 80))
def test_the_interest_of_equal_principal_is_that_of_the_mean_balance(share: int, n: int, permille: int) -> None:
    """Total interest = P·r·(n + 1) / 2, exact where every share and every month's interest is whole."""
    terms = a_thousand(n, agreed_total=1000 * share * n, method=Method.EQUAL_PRINCIPAL)
    bearing = replace(terms, yearly_rate=Decimal(12 * permille) / 1000)
    assert plan(bearing).interest_total == share * n * permille * (n + 1) // 2


def test_a_loan_of_equal_principal_has_its_arrears() -> None:
    loan = Loan(1200000, TWELVE, 12, date(2025, 1, 15), method=Method.EQUAL_PRINCIPAL)
    owed = arrears(loan, 5, as_of=date(2025, 7, 20), penalty_daily_rate=Decimal("0.0005"), rounding=HALF_UP)
    assert (owed.principal_due, owed.principal_not_due, owed.interest) == (200000, 500000, 7000 + 6000)


def test_steps_are_low_first_and_the_rest_is_level() -> None:
    shown = plan(replace(A, step_after=6, step_amount=80000))
    assert amounts(shown) == [80000] * 6 + [138301] * 19 + [138308]


def test_steps_bear_interest_like_any_other_instalment() -> None:
    shown = plan(a_thousand(3, yearly_rate=TWELVE, step_after=1, step_amount=10000))
    assert [(row.interest, row.amount, row.remaining) for row in shown.instalments] == [
        (1000, 10000, 91000),
        (910, 46184, 45726),
        (457, 46183, 0),
    ]


def test_a_step_may_be_the_interest_alone_and_no_less() -> None:
    shown = plan(a_thousand(3, yearly_rate=TWELVE, step_after=1, step_amount=1000))
    assert (shown.instalments[0].principal, shown.instalments[0].remaining) == (0, 100000)


def test_a_first_step_may_also_be_the_higher_one() -> None:
    assert amounts(plan(a_thousand(3, step_after=1, step_amount=60000))) == [60000, 20000, 20000]


def test_a_balloon_is_left_for_the_last_instalment_as_it_was_stated() -> None:
    assert amounts(plan(a_thousand(4, balloon=40000))) == [20000, 20000, 20000, 40000]


def test_a_balloon_carries_its_interest_and_the_instalment_before_it_takes_the_residue() -> None:
    shown = plan(a_thousand(4, yearly_rate=TWELVE, balloon=40000))
    assert [(row.interest, row.amount, row.remaining) for row in shown.instalments] == [
        (1000, 20801, 80199),
        (802, 20801, 60200),
        (602, 20802, 40000),
        (400, 40400, 0),
    ]


def test_a_down_payment_is_the_first_row_and_bears_no_interest() -> None:
    said = {"down_payment": 20000, "down_payment_on": date(2025, 10, 15), "yearly_rate": TWELVE}
    shown = plan(a_thousand(2, **said))
    first, *rest = shown.instalments
    assert (first.number, first.due_on, first.principal, first.interest) == (1, date(2025, 10, 15), 20000, 0)
    assert [(row.number, row.interest, row.amount) for row in rest] == [(2, 800, 40601), (3, 402, 40601)]
    assert (shown.total, shown.interest_total) == (101202, 1202)


def test_a_down_payment_may_be_due_on_the_first_day_allowed() -> None:
    terms = replace(A, down_payment=246027, down_payment_on=DAY_ONE, instalments=24)
    assert amounts(check_terms(terms, CLAIM, not_before=DAY_ONE)) == [246027] + [125000] * 24


def test_one_instalment_is_a_lump_sum() -> None:
    assert amounts(plan(replace(A, instalments=1))) == [3246027]


def test_a_full_grace_bears_interest_on_what_is_repaid_in_instalments() -> None:
    grace = {"grace": Grace.FULL, "grace_periods": 3, "yearly_rate": TWELVE}
    down = {"down_payment": 20000, "down_payment_on": date(2025, 10, 15)}
    bare, spared = plan(a_thousand(2, yearly_rate=TWELVE, **down)), plan(a_thousand(2, **down, **grace))
    assert spared.interest_total - bare.interest_total == 80000 * 3 // 100


def test_payments_roll_over_the_holiday_and_beyond_the_calendar_keep_their_day() -> None:
    terms = a_thousand(4, first_due_on=date(2025, 10, 1), rolls=True)
    days = [row.due_on for row in schedule(terms, rounding=HALF_UP, calendar=CHINA).instalments]
    assert days == [date(2025, 10, 9), date(2025, 11, 3), date(2025, 12, 1), date(2026, 1, 1)]


def test_two_weekly_payments_can_roll_onto_one_day() -> None:
    weekly = a_thousand(2, first_due_on=date(2025, 10, 1), frequency=Frequency.WEEKLY, rolls=True)
    days = [row.due_on for row in schedule(weekly, rounding=HALF_UP, calendar=CHINA).instalments]
    assert days == [date(2025, 10, 9)] * 2


def test_a_down_payment_rolls_too() -> None:
    said = {"down_payment": 20000, "down_payment_on": date(2025, 10, 4), "rolls": True}
    assert schedule(a_thousand(2, **said), rounding=HALF_UP, calendar=CHINA).instalments[0].due_on == date(2025, 10, 9)


def test_a_day_off_after_which_the_calendar_ends_keeps_its_day() -> None:
    last = date(2025, 12, 31)
    assert rolled(last, replace(CHINA, days_off=CHINA.days_off | {last})) == last


def test_rolling_changes_no_amount_and_never_brings_a_day_forward() -> None:
    terms = a_thousand(12, first_due_on=date(2025, 10, 4), yearly_rate=TWELVE)
    plain, moved = plan(terms), schedule(replace(terms, rolls=True), rounding=HALF_UP, calendar=CHINA)
    assert amounts(plain) == amounts(moved)
    assert all(a.due_on <= b.due_on for a, b in zip(plain.instalments, moved.instalments, strict=True))
    assert schedule(terms, rounding=HALF_UP, calendar=CHINA) == plain != moved


def test_an_offer_may_settle_the_undisputed_part_alone() -> None:
    disputed = Disputed(principal=1700000, interest=89597)
    terms = replace(A, agreed_total=3299054 - 53027 - 1789597, disputed=disputed)
    assert check_terms(terms, CLAIM, not_before=DAY_ONE).total == 1456430
    assert [(each.claimed, each.waived, each.disputed, each.agreed) for each in by_component(terms, CLAIM)] == [
        (1695791, 0, 1695791, 0),
        (1360639, 0, 4209, 1356430),
        (189597, 0, 89597, 100000),
        (53027, 53027, 0, 0),
        (0, 0, 0, 0),
    ]


def test_waived_principal_comes_off_what_is_due_before_the_disputed_does() -> None:
    terms = replace(A, waivers=Waivers(principal=1695000), disputed=Disputed(principal=1000))
    assert [(each.waived, each.disputed) for each in by_component(terms, CLAIM)[:2]] == [(1695000, 791), (0, 209)]


@given(parts=st.tuples(*[st.tuples(*[st.integers(0, 10**9)] * 3)] * 4), due=st.integers(0, 3 * 10**9))
def test_what_is_agreed_by_component_adds_up_to_the_agreed_total(
    parts: tuple[tuple[int, int, int], ...], due: int
) -> None:
    waived, disputed, agreed = zip(*parts, strict=True)
    principal, *others = map(sum, parts)
    claim = ClaimFigures(2, "CNY", min(due, principal), principal - min(due, principal), *others)
    terms = replace(A, agreed_total=sum(agreed), waivers=Waivers(*waived), disputed=Disputed(*disputed))
    shares = by_component(terms, claim)
    assert sum(each.agreed for each in shares) == terms.agreed_total
    assert all(min(each.waived, each.disputed, each.agreed) >= 0 for each in shares)


SOON = date(2025, 10, 15)
HUGE = 10**18


@pytest.mark.parametrize(
    ("changed", "key", "field"),
    [
        ({"instalments": 1000}, "plan:instalments-out-of-range", "instalments"),
        ({"instalments": -1}, "plan:instalments-out-of-range", "instalments"),
        ({"agreed_total": HUGE}, "plan:total-differs", "agreed_total"),
        ({"waivers": Waivers(penalty=HUGE)}, "plan:waiver-out-of-range", "waived_penalty"),
        ({"disputed": Disputed(principal=3056431)}, "plan:disputed-out-of-range", "disputed_principal"),
        ({"disputed": Disputed(interest=-1)}, "plan:disputed-out-of-range", "disputed_interest"),
        ({"disputed": Disputed(penalty=1)}, "plan:disputed-out-of-range", "disputed_penalty"),
        ({"disputed": Disputed(fees=HUGE)}, "plan:disputed-out-of-range", "disputed_fees"),
        ({"disputed": Disputed(interest=1)}, "plan:total-differs", "agreed_total"),
        ({"first_due_on": date(1925, 1, 1)}, "plan:first-date-too-early", "first_due_on"),
        ({"yearly_rate": Decimal("sNaN")}, "plan:rate-out-of-range", "yearly_rate"),
        ({"yearly_rate": Decimal("Infinity")}, "plan:rate-out-of-range", "yearly_rate"),
        ({"down_payment": -1}, "plan:down-payment-out-of-range", "down_payment"),
        ({"down_payment": 3246027}, "plan:down-payment-out-of-range", "down_payment"),
        ({"down_payment": HUGE, "down_payment_on": SOON}, "plan:down-payment-out-of-range", "down_payment"),
        ({"down_payment": 1}, "plan:down-payment-day-missing", "down_payment_on"),
        ({"down_payment_on": SOON}, "plan:down-payment-missing", "down_payment"),
        (
            {"down_payment": 1, "down_payment_on": date(2025, 10, 31)},
            "plan:down-payment-too-late",
            "down_payment_on",
        ),
        (
            {"down_payment": 1, "down_payment_on": date(2025, 9, 30)},
            "plan:down-payment-too-early",
            "down_payment_on",
        ),
        ({"balloon": -1}, "plan:balloon-out-of-range", "balloon"),
        ({"balloon": 3246027}, "plan:balloon-out-of-range", "balloon"),
        ({"balloon": 1, "instalments": 1}, "plan:balloon-out-of-range", "balloon"),
        (
            {"balloon": 3246026, "down_payment": 1, "down_payment_on": SOON},
            "plan:balloon-out-of-range",
            "balloon",
        ),
        ({"step_after": -1}, "plan:steps-out-of-range", "step_after"),
        ({"step_after": 26, "step_amount": 1}, "plan:steps-out-of-range", "step_after"),
        ({"step_after": 25, "step_amount": 1, "balloon": 1}, "plan:steps-out-of-range", "step_after"),
        ({"step_amount": 1}, "plan:steps-missing", "step_after"),
        ({"step_after": 1}, "plan:step-amount-missing", "step_amount"),
        ({"step_after": 1, "step_amount": -1}, "plan:step-amount-missing", "step_amount"),
        ({"step_after": 1, "step_amount": HUGE}, "plan:step-amount-too-large", "step_amount"),
        ({"step_after": 1, "step_amount": 3246027}, "plan:step-amount-too-large", "step_amount"),
        ({"step_after": 2, "step_amount": 1623014}, "plan:step-amount-too-large", "step_amount"),
        (
            {"step_after": 1, "step_amount": 32459, "yearly_rate": TWELVE},
            "plan:step-amount-too-small",
            "step_amount",
        ),
        (
            {
                "step_after": 1,
                "step_amount": 90000,
                "yearly_rate": TWELVE,
                "grace": Grace.INTEREST_ONLY,
                "grace_periods": 1,
            },
            "plan:steps-with-grace",
            "step_after",
        ),
        (
            {"step_after": 1, "step_amount": 90000, "method": Method.EQUAL_PRINCIPAL},
            "plan:steps-with-equal-principal",
            "step_after",
        ),
        (
            {"grace": Grace.INTEREST_ONLY, "grace_periods": 25, "balloon": 1, "yearly_rate": TWELVE},
            "plan:grace-periods-out-of-range",
            "grace_periods",
        ),
        ({"rolls": True}, "plan:calendar-missing", "rolls"),
    ],
)
def test_each_wrong_term_of_a_kind_is_refused_at_its_own_field(
    changed: dict[str, object], key: str, field: str
) -> None:
    assert refusal(lambda: check_terms(replace(A, **changed), CLAIM, not_before=DAY_ONE)) == (key, field)


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"agreed_total": HUGE}, "money:too-large"),
        ({"agreed_total": 0}, "plan:total-not-positive"),
        ({"agreed_total": -1, "down_payment": 5, "down_payment_on": SOON}, "plan:total-not-positive"),
    ],
)
def test_a_total_that_no_claim_bounds_is_refused_too(changed: dict[str, object], key: str) -> None:
    assert refusal(lambda: plan(replace(A, **changed))) == (key, "agreed_total")


@pytest.mark.parametrize("balloon", [-1, 100000])
def test_a_balloon_leaves_something_for_the_others(balloon: int) -> None:
    days = [date(2025, 10, 31), date(2025, 11, 30)]
    key = refusal(lambda: repay_shaped(100000, Decimal(0), days, HALF_UP, Shape(balloon=balloon)))
    assert key == ("plan:balloon-out-of-range", "balloon")


def test_the_longest_plan_of_all_holds() -> None:
    shown = plan(replace(A, instalments=MOST_INSTALMENTS, yearly_rate=Decimal("0.06"), frequency=Frequency.WEEKLY))
    assert len(shown.instalments) == 600
    assert sum(amounts(shown)) == shown.total == 3246027 + shown.interest_total


def refused_or(call: Callable[[], Schedule]) -> Schedule | None:
    try:
        return call()
    except Refused:
        return None


@st.composite
def any_kind(draw: st.DrawFn) -> Terms:
    total = draw(st.integers(10**4, 10**8) | st.integers(2, 10**12))
    down = draw(st.just(0) | st.integers(1, max(1, total // 2)))
    n, rate = draw(st.integers(1, 24)), draw(RATES)
    balloon = draw(st.just(0) | st.integers(1, max(1, (total - down) // 3))) if n > 1 else 0
    early = n - 1 - bool(balloon)
    graces = [Grace.NONE, Grace.FULL] + [Grace.INTEREST_ONLY] * (early > 0 and rate > 0)
    grace = draw(st.sampled_from(graces))
    steps = draw(st.integers(0, early)) if grace is not Grace.INTEREST_ONLY else 0
    most = {Grace.NONE: 0, Grace.FULL: 60, Grace.INTEREST_ONLY: min(60, early)}[grace]
    first = draw(st.dates(date(2024, 6, 1), date(2026, 1, 31)))
    return Terms(
        claim_version=draw(st.integers(1, 99)),
        currency=draw(st.sampled_from(["CNY", "JPY"])),
        agreed_total=total,
        waivers=Waivers(*draw(st.tuples(*[st.integers(0, 10**9)] * 4))),
        disputed=Disputed(*draw(st.tuples(*[st.integers(0, 10**9)] * 4))),
        instalments=n,
        frequency=draw(st.sampled_from(Frequency)),
        first_due_on=first,
        yearly_rate=rate,
        grace=grace,
        grace_periods=draw(st.integers(min(1, most), most)),
        method=Method.EQUAL_INSTALMENTS if steps else draw(st.sampled_from(Method)),
        step_after=steps,
        step_amount=draw(st.integers(max(1, total // (4 * n)), max(1, total // n))) if steps else 0,
        down_payment=down,
        down_payment_on=first - timedelta(days=draw(st.integers(1, 400))) if down else None,
        balloon=balloon,
        rolls=draw(st.booleans()),
    )


@given(terms=any_kind(), rule=RULES)
def test_every_schedule_adds_up_its_balance_only_falls_and_its_document_reads_back(
    terms: Terms, rule: RoundingRule
) -> None:
    shown = refused_or(lambda: schedule(terms, rounding=rule, calendar=CHINA))
    assume(shown is not None)
    assert shown is not None
    rows = shown.instalments
    assert shown.total == sum(amounts(shown)) == terms.agreed_total + shown.interest_total
    assert sum(row.interest for row in rows) == shown.interest_total
    assert all(row.amount == row.principal + row.interest > 0 <= row.principal for row in rows)
    balances = [terms.agreed_total, *(row.remaining for row in rows)]
    assert all(before - row.principal == row.remaining >= 0 for before, row in zip(balances, rows, strict=False))
    assert balances[-1] == 0
    claim = replace(CLAIM, version=terms.claim_version, currency=terms.currency)
    kept = json.dumps(offer_document(terms, claim, shown, rule, "2025-09"))
    assert from_document(json.loads(kept)) == (terms, claim, shown, rule)


@given(terms=any_kind(), rule=RULES)
def test_every_schedule_has_the_payments_and_the_days_that_the_terms_say(terms: Terms, rule: RoundingRule) -> None:
    terms = replace(terms, rolls=False)
    shown = refused_or(lambda: schedule(terms, rounding=rule))
    assume(shown is not None)
    assert shown is not None
    rows = shown.instalments
    assert [row.number for row in rows] == list(range(1, terms.instalments + bool(terms.down_payment) + 1))
    assert all(a.due_on < b.due_on for a, b in zip(rows, rows[1:], strict=False))
    parts = rows[1:] if terms.down_payment else rows
    assert parts[0].due_on == terms.first_due_on
    extra = parts[0].amount - terms.step_amount if terms.step_after and terms.grace is Grace.FULL else 0
    assert amounts(shown)[bool(terms.down_payment) :][: terms.step_after] == [
        terms.step_amount + extra * (place == 0) for place in range(terms.step_after)
    ]
    assert not terms.balloon or rows[-1].principal == terms.balloon


@given(
    total=st.integers(10**5, 10**9),
    n=st.integers(1, 60),
    rates=st.lists(st.decimals("0", "0.36", places=4), min_size=2, max_size=2),
    rule=RULES,
)
def test_a_longer_plan_or_a_lower_rate_never_has_the_higher_level_instalment(
    total: int, n: int, rates: list[Decimal], rule: RoundingRule
) -> None:
    low, high = sorted(rates)
    level = level_instalment(total, low, n, rule)
    assert level_instalment(total, low, n + 1, rule) <= level <= level_instalment(total, high, n, rule)


@given(
    n=st.integers(1, 40),
    rates=st.lists(st.decimals("0", "1", places=4), min_size=2, max_size=2),
    total=st.integers(10**6, 10**9),
)
def test_interest_on_equal_principal_never_falls_with_the_rate_or_the_term(
    n: int, rates: list[Decimal], total: int
) -> None:
    low, high = sorted(rates)
    terms = a_thousand(n, agreed_total=total, method=Method.EQUAL_PRINCIPAL, yearly_rate=low)
    interest = plan(terms).interest_total
    assert interest <= plan(replace(terms, yearly_rate=high)).interest_total
    assert interest <= plan(replace(terms, instalments=n + 1)).interest_total


ADDED = ("disputed", "rolls", "method", "step_after", "step_amount", "down_payment", "down_payment_on", "balloon")


def a_document() -> dict[str, object]:
    kept = offer_document(A, CLAIM, plan(A), HALF_UP, "2025-09")
    return json.loads(json.dumps(kept))  # type: ignore[no-any-return]


def test_a_document_from_before_these_kinds_reads_back_unchanged() -> None:
    old = a_document()
    old["terms"] = {name: value for name, value in old["terms"].items() if name not in ADDED}  # type: ignore[attr-defined]
    assert len(old["terms"]) == 10
    assert from_document(old) == (A, CLAIM, plan(A), HALF_UP)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("disputed", None),
        ("disputed", {"principal": 0}),
        ("rolls", 0),
        ("method", "sideways"),
        ("step_after", True),
        ("step_amount", 1.0),
        ("down_payment", None),
        ("down_payment_on", 20251015),
        ("down_payment_on", "soon"),
        ("balloon", "0"),
    ],
)
def test_a_document_with_a_damaged_term_is_refused(name: str, value: object) -> None:
    kept = a_document()
    kept["terms"][name] = value  # type: ignore[index]
    assert refusal(lambda: from_document(kept)) == ("plan:damaged-document", None)
