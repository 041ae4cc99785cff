"""What binds: the law's findings on plans and settlements, and the properties of every finding."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.rules.law import (
    ClaimFacts,
    DebtHistory,
    Finding,
    Level,
    blocks,
    confirmation_last_day,
    findings_on_agreement,
    findings_on_claim,
    findings_on_contact,
    findings_on_plan,
    gravest,
)
from mediation.rules.legal_rules import Evidence, LawBook
from mediation.rules.lenders import LenderType
from mediation.rules.plans import Frequency, Grace, Waivers
from mediation.rules.settlement import CourtStatus
from mediation.rules.waterfall import BY_LAW, PRINCIPAL_FIRST, Part
from tests.rules.cases_at_law import (
    BLOCK,
    BOOK,
    CLAIM_A,
    FIGURES,
    NOTE,
    PRIVATE,
    QUERY,
    cny,
    keys,
    one,
    plan,
    private,
    settlement,
)

# --- a plan and a settlement bind ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "key", "level"),
    [("0.24", "law:plan-rate-within-ceiling", NOTE), ("0.240001", "law:plan-rate-above-ceiling", BLOCK)],
)
def test_a_plans_own_rate_above_the_ceiling_is_a_block(rate: str, key: str, level: Level) -> None:
    assert one(findings_on_plan(plan(yearly_rate=Decimal(rate)), BOOK), key).level is level


def test_a_private_lenders_plan_keeps_to_the_lower_of_two_ceilings() -> None:
    # 4 x 3.85 % when the contract was made, 4 x 3 % on the day of the plan.
    claim = private(date(2021, 1, 4), "0.12")
    found = findings_on_plan(plan(claim, yearly_rate=Decimal("0.13")), BOOK)
    assert one(found, "law:plan-rate-above-four-lpr").facts["ceiling"] == Decimal("0.12")


def test_a_plan_without_interest_needs_no_ceiling_for_itself() -> None:
    found = findings_on_plan(plan(replace(CLAIM_A, lender=None, contract_on=None)), BOOK)
    assert {each.key for each in found if each.level is QUERY} == {"law:carried-cost-unknown"}


@pytest.mark.parametrize(
    ("unknown", "key"),
    [
        ({"lender": None}, "law:plan-rate-ceiling-unknown"),
        ({"contract_on": None}, "law:contract-date-unknown"),
        ({"lender": LenderType.GUARANTOR}, "law:original-lender-unknown"),
        ({"fees": None}, "law:carried-cost-unknown"),
        ({"yearly_rate": None}, "law:carried-cost-unknown"),
        ({"history": DebtHistory(None, None)}, "law:last-due-date-unknown"),
    ],
)
def test_what_is_unknown_about_a_plan_is_a_query(unknown: dict[str, object], key: str) -> None:
    found = findings_on_plan(plan(replace(CLAIM_A, **unknown), yearly_rate=Decimal("0.05")), BOOK)
    assert one(found, key).level is QUERY


def test_an_unknown_penalty_matters_only_where_the_plan_keeps_some() -> None:
    claim = replace(CLAIM_A, penalty_daily_rate=None)
    kept = plan(claim, agreed_total=FIGURES.total, waivers=Waivers())
    found = [keys(findings_on_plan(each, BOOK)) for each in (plan(claim), kept)]
    assert ["law:carried-cost-unknown" in each for each in found] == [False, True]


def test_interest_on_old_interest_is_asked_of_a_private_lender_and_noted_of_others() -> None:
    found = [
        one(findings_on_plan(plan(claim, yearly_rate=Decimal("0.05")), BOOK), "law:interest-on-interest")
        for claim in (PRIVATE, CLAIM_A)
    ]
    assert [(each.level, each.rule_id) for each in found] == [(QUERY, "CN-R07"), (NOTE, "CN-R10")]
    assert found[0].facts["rolled"] == cny(189597)


@pytest.mark.parametrize(
    ("changed", "too_long"),
    [
        ({"instalments": 60}, False),
        ({"instalments": 61}, True),
        ({"instalments": 260, "frequency": Frequency.WEEKLY}, False),
        ({"instalments": 262, "frequency": Frequency.WEEKLY}, True),
        ({"instalments": 60, "grace": Grace.FULL, "grace_periods": 1}, True),
        ({"instalments": 60, "first_due_on": date(2026, 2, 28)}, False),
        ({"instalments": 60, "first_due_on": date(2026, 1, 31)}, False),
    ],
)
def test_a_card_plan_ends_within_60_months(changed: dict[str, object], too_long: bool) -> None:
    card = plan(replace(CLAIM_A, lender=LenderType.BANK, is_credit_card=True), **changed)
    assert ("law:card-plan-too-long" in keys(blocks(findings_on_plan(card, BOOK)))) is too_long


@pytest.mark.parametrize(
    ("lender", "asked"), [(LenderType.BANK, True), (None, True), (LenderType.CONSUMER_FINANCE, False)]
)
def test_whether_it_is_a_card_is_asked_where_it_matters(lender: LenderType | None, asked: bool) -> None:
    claim = replace(CLAIM_A, lender=lender, is_credit_card=None)
    assert ("law:card-or-not-unknown" in keys(findings_on_plan(plan(claim, instalments=61), BOOK))) is asked
    assert "law:card-or-not-unknown" not in keys(findings_on_plan(plan(claim, instalments=60), BOOK))


def test_a_card_plan_is_counted_from_its_effect_once_there_is_one() -> None:
    card = plan(replace(CLAIM_A, lender=LenderType.BANK, is_credit_card=True), instalments=60)
    found = [findings_on_agreement(settlement(card, effective_on=date(2025, 9, day)), BOOK) for day in (29, 30)]
    assert ["law:card-plan-too-long" in keys(each) for each in found] == [True, False]


def test_scenario_a_may_be_signed() -> None:
    found = findings_on_agreement(settlement(effective_on=date(2025, 10, 10)), BOOK)
    assert (blocks(found), gravest(found)) == ((), NOTE)


@pytest.mark.parametrize(
    ("rate", "key", "level"),
    [
        (None, "law:default-rate-unknown", QUERY),
        ("0.24", "law:default-rate-within-ceiling", NOTE),
        ("0.25", "law:default-rate-above-ceiling", BLOCK),
    ],
)
def test_the_rate_after_a_breach_has_the_same_ceiling(rate: str | None, key: str, level: Level) -> None:
    facts = settlement(default_yearly_rate=None if rate is None else Decimal(rate))
    assert one(findings_on_agreement(facts, BOOK), key).level is level


def test_a_question_is_asked_once() -> None:
    claim = replace(CLAIM_A, contract_on=None)
    facts = settlement(plan(claim, yearly_rate=Decimal("0.05")), default_yearly_rate=Decimal("0.06"))
    assert one(findings_on_agreement(facts, BOOK), "law:contract-date-unknown").level is QUERY


@pytest.mark.parametrize(
    ("order", "key"),
    [
        (None, "law:payment-order-by-default"),
        (BY_LAW, "law:payment-order-by-law"),
        (PRINCIPAL_FIRST, "law:payment-order-agreed"),
    ],
)
def test_an_agreement_may_name_an_order_of_payments(order: tuple[Part, ...] | None, key: str) -> None:
    assert key in keys(findings_on_agreement(settlement(payment_order=order), BOOK))


def test_thirty_days_from_effect_for_asking_a_court_to_confirm() -> None:
    assert confirmation_last_day(date(2025, 9, 30), BOOK) == date(2025, 10, 30)
    days = {
        on: findings_on_agreement(settlement(plan(replace(CLAIM_A, on=on)), effective_on=date(2025, 9, 30)), BOOK)
        for on in (date(2025, 10, 1), date(2025, 10, 30), date(2025, 10, 31))
    }
    assert one(days[date(2025, 10, 1)], "law:confirmation-open").facts["days_left"] == 29
    assert one(days[date(2025, 10, 30)], "law:confirmation-open").facts["days_left"] == 0
    assert one(days[date(2025, 10, 31)], "law:confirmation-over").level is NOTE


@pytest.mark.parametrize(
    ("court", "key"),
    [
        (None, "law:court-unknown"),
        (CourtStatus.FILED, "law:confirmation-after-effect"),
        (CourtStatus.JUDGMENT, "law:confirmation-closed"),
        (CourtStatus.ENFORCEMENT, "law:confirmation-closed"),
    ],
)
def test_a_judgment_closes_the_route_of_confirmation(court: CourtStatus | None, key: str) -> None:
    found = keys(findings_on_agreement(settlement(court=court), BOOK))
    assert key in found
    assert ("law:confirmation-closed" in found) != ("law:confirmation-after-effect" in found)


@pytest.mark.parametrize(
    ("confirmed", "key", "level"),
    [(False, "law:old-debt-unconfirmed", BLOCK), (True, "law:old-debt-confirmed", NOTE)],
)
def test_signing_on_an_old_debt_waits_for_a_separate_yes(confirmed: bool, key: str, level: Level) -> None:
    old = plan(replace(CLAIM_A, history=DebtHistory(date(2022, 9, 24), ())))
    found = findings_on_agreement(settlement(old, old_debt_confirmed=confirmed), BOOK)
    assert one(found, key).level is level
    assert "law:restarts-limitation" not in keys(found)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [
        (time(7, 59), True),
        (time(8), False),
        (time(21, 59, 59), False),
        (time(22), True),
        (time(0), True),
    ],
)
def test_nobody_is_contacted_from_22_to_8(clock: time, quiet: bool) -> None:
    found = findings_on_contact(date(2025, 9, 25), clock, is_agreed=False, book=BOOK)
    assert [(each.key, each.level) for each in found] == [("law:contact-in-quiet-hours", BLOCK)] * quiet
    assert findings_on_contact(date(2025, 9, 25), clock, is_agreed=True, book=BOOK) == ()
    assert findings_on_contact(date(2025, 2, 27), clock, is_agreed=False, book=BOOK) == ()


# --- properties ---------------------------------------------------------------------------------------------


RATES = st.decimals(Decimal(0), Decimal(1), places=4)
KNOWN_RATES = st.none() | RATES
DAYS = st.none() | st.dates(date(2014, 1, 1), date(2029, 1, 1))
CLAIMS = st.builds(
    ClaimFacts,
    figures=st.just(FIGURES),
    on=st.dates(date(2021, 1, 1), date(2029, 1, 1)),
    lender=st.none() | st.sampled_from(LenderType),
    original_lender=st.none() | st.sampled_from(LenderType),
    is_assisted=st.none() | st.booleans(),
    is_credit_card=st.none() | st.booleans(),
    contract_on=DAYS,
    disbursed_on=DAYS,
    contract_principal=st.none() | st.just(5000000),
    net_disbursed=st.none() | st.integers(1, 5000000),
    paid_total=st.none() | st.integers(0, 6000000),
    yearly_rate=RATES,
    overdue_yearly_rate=KNOWN_RATES,
    penalty_daily_rate=st.none() | st.decimals(Decimal(0), Decimal("0.002"), places=5),
    fees=st.none() | st.sampled_from([0, 29900]),
    all_in_yearly_rate=KNOWN_RATES,
    recast_balance=st.none() | st.integers(0, 4000000),
    interest_capitalised=st.none() | st.booleans(),
    payment_order=st.none() | st.permutations(list(Part)).map(tuple),
    order_is_agreed=st.none() | st.booleans(),
    history=st.builds(DebtHistory, DAYS, st.none() | st.just(())),
)


def settled(claim: ClaimFacts, rate: Decimal, *, keeps_penalty: bool, default: Decimal | None) -> tuple[Finding, ...]:
    waivers = Waivers() if keeps_penalty else Waivers(penalty=53027)
    total = FIGURES.total - waivers.total
    facts = plan(claim, yearly_rate=rate, agreed_total=total, waivers=waivers)
    return findings_on_agreement(settlement(facts, default_yearly_rate=default), BOOK)


@given(CLAIMS, RATES, st.decimals(Decimal(0), Decimal("0.002"), places=5))
def test_a_dearer_claim_is_never_taken_more_lightly(claim: ClaimFacts, more: Decimal, penalty: Decimal) -> None:
    dearer = replace(claim, yearly_rate=(claim.yearly_rate or Decimal(0)) + more)
    late = (
        dearer
        if claim.penalty_daily_rate is None
        else replace(dearer, penalty_daily_rate=claim.penalty_daily_rate + penalty)
    )
    levels = [gravest(findings_on_claim(each, BOOK)).rank for each in (claim, dearer, late)]
    assert levels == sorted(levels)


@given(CLAIMS, RATES, RATES, st.booleans(), KNOWN_RATES, RATES)
def test_a_dearer_settlement_is_never_taken_more_lightly(
    claim: ClaimFacts, rate: Decimal, more: Decimal, keeps: bool, default: Decimal | None, higher: Decimal
) -> None:
    first, second = rate / 2, rate / 2 + more / 2
    first, second = (each.quantize(Decimal("0.0001")) for each in (first, second))
    cheap = settled(claim, first, keeps_penalty=keeps, default=default)
    dear = settled(claim, second, keeps_penalty=keeps, default=default)
    after = settled(claim, second, keeps_penalty=keeps, default=None if default is None else default + higher)
    levels = [gravest(each).rank for each in (cheap, dear, after)]
    assert levels == sorted(levels)


@given(CLAIMS, RATES, st.booleans(), KNOWN_RATES)
def test_findings_from_memory_are_notes_and_claims_never_block(
    claim: ClaimFacts, rate: Decimal, keeps: bool, default: Decimal | None
) -> None:
    on_claim = findings_on_claim(claim, BOOK)
    everything = on_claim + settled(claim, rate, keeps_penalty=keeps, default=default)
    assert all(each.level is NOTE for each in everything if each.is_from_memory)
    assert not blocks(on_claim)


@given(CLAIMS, RATES)
def test_no_block_rests_on_a_book_of_memory(claim: ClaimFacts, rate: Decimal) -> None:
    rules = {number: replace(rule, evidence=Evidence.MEMORY) for number, rule in BOOK.rules.items()}
    facts = settlement(plan(claim, yearly_rate=rate, instalments=61), default_yearly_rate=rate)
    assert {each.level for each in findings_on_agreement(facts, LawBook(rules, BOOK.lpr))} == {NOTE}
