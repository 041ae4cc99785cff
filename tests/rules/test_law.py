"""The law's findings at literal dates and figures: ceilings, boundaries, and what is unknown."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from mediation.rules.law import (
    ClaimFacts,
    DebtHistory,
    Finding,
    Level,
    findings_on_claim,
    findings_on_plan,
    gravest,
)
from mediation.rules.legal_rules import Evidence, found
from mediation.rules.lenders import LenderType
from mediation.rules.plan_kinds import Disputed
from mediation.rules.plans import Waivers
from mediation.rules.waterfall import BY_LAW, PRINCIPAL_FIRST, Part
from tests.rules.cases_at_law import (
    BLOCK,
    BOOK,
    CLAIM_A,
    CLAIM_B,
    FIGURES,
    NOTE,
    PRIVATE,
    QUERY,
    cny,
    keys,
    one,
    plan,
    private,
)

# --- the two scenarios ---------------------------------------------------------------------------------------


def test_scenario_a_is_above_24_per_cent_with_its_penalty() -> None:
    finding = one(findings_on_claim(CLAIM_A, BOOK), "law:above-ceiling")
    assert (finding.level, finding.rule_id, finding.evidence) == (QUERY, "CN-R10", Evidence.SECONDARY)
    assert finding.facts == {
        "base_rate": Decimal("0.234"),
        "penalty_daily_rate": Decimal("0.0005"),
        "penalty_rate": Decimal("0.1825"),
        "total_rate": Decimal("0.4165"),
        "ceiling": Decimal("0.24"),
        "excess": Decimal("0.1765"),
    }


def test_scenario_a_without_its_penalty_keeps_to_the_ceiling() -> None:
    found = findings_on_claim(replace(CLAIM_A, penalty_daily_rate=Decimal(0)), BOOK)
    assert (one(found, "law:within-ceiling").level, gravest(found)) == (NOTE, NOTE)


def test_the_mediators_plan_of_scenario_a_carries_no_excess() -> None:
    assert keys(findings_on_plan(plan(), BOOK)) == {"law:limitation-running", "law:restarts-limitation"}


def test_a_plan_that_keeps_the_penalty_of_scenario_a_is_asked_about() -> None:
    found = findings_on_plan(plan(agreed_total=FIGURES.total, waivers=Waivers(), instalments=1), BOOK)
    assert one(found, "law:excess-carried").facts["total_rate"] == Decimal("0.4165")
    assert gravest(found) is QUERY


def test_scenario_b_is_above_24_per_cent_and_shows_the_recast_balance() -> None:
    found = findings_on_claim(CLAIM_B, BOOK)
    above, recast = one(found, "law:above-ceiling"), one(found, "law:claim-above-recast")
    assert (above.rule_id, above.facts["total_rate"]) == ("CN-R11", Decimal("0.3871"))
    assert (recast.facts["claimed"], recast.facts["recast"]) == (cny(802400), cny(586542))
    assert recast.facts["difference"] == cny(215858)


def test_scenario_b_kept_299_back() -> None:
    finding = one(findings_on_claim(CLAIM_B, BOOK), "law:deducted-in-advance")
    assert (finding.level, finding.rule_id, finding.facts["deducted"]) == (QUERY, "CN-R08", cny(29900))


@pytest.mark.parametrize(
    ("total", "key", "level"),
    [(586542, "law:plan-within-recast", NOTE), (586543, "law:plan-above-recast", BLOCK)],
)
def test_no_plan_of_scenario_b_asks_more_than_the_recast_balance(total: int, key: str, level: Level) -> None:
    waivers = Waivers(principal=802400 - total)
    found = findings_on_plan(plan(CLAIM_B, claim_version=1, agreed_total=total, waivers=waivers, instalments=4), BOOK)
    assert one(found, key).level is level


def test_what_a_plan_leaves_open_is_not_kept() -> None:
    left = plan(waivers=Waivers(), disputed=Disputed(penalty=53027))
    assert (left.kept["penalty"], "law:excess-carried" in keys(findings_on_plan(left, BOOK))) == (0, False)


# --- ceilings: by kind of lender, by date, exactly at the line ------------------------------------------------


@pytest.mark.parametrize(
    ("day", "published", "rate"),
    [
        (date(2019, 8, 20), date(2019, 8, 20), "0.0425"),
        (date(2019, 9, 19), date(2019, 8, 20), "0.0425"),
        (date(2019, 9, 20), date(2019, 9, 20), "0.042"),
        (date(2020, 8, 20), date(2020, 8, 20), "0.0385"),
        (date(2025, 5, 19), date(2025, 4, 21), "0.031"),
        (date(2025, 5, 20), date(2025, 5, 20), "0.03"),
    ],
)
def test_the_lpr_is_the_last_one_published(day: date, published: date, rate: str) -> None:
    row = BOOK.lpr_on(day)
    assert row is not None
    assert (row.published_on, row.one_year) == (published, Decimal(rate))


def test_before_its_first_publication_there_is_no_lpr() -> None:
    assert BOOK.lpr_on(date(2019, 8, 19)) is None


@pytest.mark.parametrize(
    ("contract_on", "rate", "key"),
    [
        (date(2020, 8, 20), "0.154", "law:within-four-lpr"),
        (date(2020, 8, 20), "0.154001", "law:above-four-lpr"),
        (date(2025, 5, 19), "0.124", "law:within-four-lpr"),
        (date(2025, 5, 20), "0.124", "law:above-four-lpr"),
        (date(2025, 5, 20), "0.12", "law:within-four-lpr"),
    ],
)
def test_a_private_lender_keeps_to_four_times_the_lpr_of_the_contracts_day(
    contract_on: date, rate: str, key: str
) -> None:
    assert key in keys(findings_on_claim(private(contract_on, rate), BOOK))


def test_the_series_is_no_better_known_than_its_source() -> None:
    finding = one(findings_on_claim(private(date(2025, 5, 20), "0.13"), BOOK), "law:above-four-lpr")
    assert (finding.rule_id, BOOK.rule("CN-R01").evidence) == ("CN-R01", Evidence.PRIMARY)
    assert (finding.evidence, finding.facts["lpr_on"]) == (Evidence.SECONDARY, date(2025, 5, 20))


def test_a_penalty_that_carries_a_private_loan_over_the_ceiling_cites_the_rule_on_sums() -> None:
    claim = private(date(2025, 5, 20), "0.12", penalty_daily_rate=Decimal("0.0001"))
    assert one(findings_on_claim(claim, BOOK), "law:above-four-lpr").rule_id == "CN-R05"


def test_an_agreed_overdue_rate_counts() -> None:
    claim = private(date(2025, 5, 20), "0.10", overdue_yearly_rate=Decimal("0.15"))
    assert one(findings_on_claim(claim, BOOK), "law:above-four-lpr").facts["base_rate"] == Decimal("0.15")


@pytest.mark.parametrize(
    ("rate", "key"),
    [
        ("0.24", "law:within-earlier-rule"),
        ("0.240001", "law:above-earlier-rule"),
        ("0.36", "law:above-earlier-rule"),
        ("0.360001", "law:above-earlier-rule-void"),
    ],
)
def test_a_private_contract_before_2020_08_20_has_24_and_36_per_cent_until_the_split(rate: str, key: str) -> None:
    finding = one(findings_on_claim(private(date(2020, 8, 19), rate), BOOK), key)
    assert (finding.rule_id, finding.facts["until"]) == ("CN-R13", date(2020, 8, 19))


@pytest.mark.parametrize(
    ("rate", "key"), [("0.12", "law:within-four-lpr-since-split"), ("0.13", "law:above-four-lpr-since-split")]
)
def test_and_since_the_split_the_ceiling_of_the_day_of_suing(rate: str, key: str) -> None:
    finding = one(findings_on_claim(private(date(2018, 3, 1), rate), BOOK), key)
    assert (finding.rule_id, finding.facts["split_on"]) == ("CN-R03", date(2020, 8, 20))
    assert finding.facts["ceiling"] == Decimal("0.12")


@pytest.mark.parametrize(
    ("lender", "earliest"), [(LenderType.PRIVATE, date(2015, 9, 1)), (LenderType.BANK, date(2017, 8, 1))]
)
def test_a_contract_older_than_the_rules_is_a_query(lender: LenderType, earliest: date) -> None:
    before = findings_on_claim(replace(CLAIM_A, lender=lender, contract_on=earliest - timedelta(days=1)), BOOK)
    assert one(before, "law:contract-older-than-rules").facts["earliest"] == earliest
    since = findings_on_claim(replace(CLAIM_A, lender=lender, contract_on=earliest), BOOK)
    assert "law:contract-older-than-rules" not in keys(since)


@pytest.mark.parametrize("lender", [each for each in LenderType if each is not LenderType.PRIVATE])
def test_exactly_24_per_cent_is_within_for_every_licensed_lender(lender: LenderType) -> None:
    at, above = (
        findings_on_claim(
            replace(CLAIM_A, lender=lender, yearly_rate=Decimal(rate), penalty_daily_rate=Decimal(0)), BOOK
        )
        for rate in ("0.24", "0.240001")
    )
    assert "law:within-ceiling" in keys(at)
    assert one(above, "law:above-ceiling").level is QUERY


@pytest.mark.parametrize(
    ("contract_on", "assisted", "rule"),
    [
        (date(2025, 9, 30), True, "CN-R10"),
        (date(2025, 10, 1), True, "CN-R11"),
        (date(2025, 10, 1), False, "CN-R10"),
        (None, True, "CN-R10"),
    ],
)
def test_assisted_lending_has_its_own_rule_from_2025_10_01(contract_on: date | None, assisted: bool, rule: str) -> None:
    found = findings_on_claim(replace(CLAIM_B, contract_on=contract_on, is_assisted=assisted), BOOK)
    assert one(found, "law:above-ceiling").rule_id == rule


def small_loan(contract_on: date | None, rate: str) -> tuple[Finding, ...]:
    claim = replace(CLAIM_A, lender=LenderType.MICRO_LENDER, contract_on=contract_on, penalty_daily_rate=Decimal(0))
    return findings_on_claim(replace(claim, yearly_rate=Decimal(rate)), BOOK)


def test_the_timetable_of_small_loan_companies() -> None:
    now = small_loan(date(2026, 1, 5), "0.13")
    assert one(now, "law:within-ceiling").rule_id == "CN-R12"
    assert one(now, "law:above-coming-four-lpr").facts["four_lpr_from"] == date(2028, 1, 1)
    assert "law:above-coming-four-lpr" not in keys(small_loan(date(2026, 1, 5), "0.12"))
    assert one(small_loan(date(2025, 11, 30), "0.25"), "law:above-ceiling").rule_id == "CN-R10"
    assert one(small_loan(date(2027, 12, 31), "0.25"), "law:above-ceiling").rule_id == "CN-R12"
    assert one(small_loan(date(2028, 1, 1), "0.13"), "law:above-four-lpr").rule_id == "CN-R12"


def test_a_claim_that_was_taken_over_keeps_the_ceiling_of_its_loan() -> None:
    bought = private(date(2025, 5, 20), "0.13", lender=LenderType.ASSET_MANAGER)
    assert "law:original-lender-unknown" in keys(findings_on_claim(bought, BOOK))
    known = findings_on_claim(replace(bought, original_lender=LenderType.PRIVATE), BOOK)
    assert {"law:above-four-lpr", "law:original-lender-unknown"} & keys(known) == {"law:above-four-lpr"}


def test_a_date_soon_after_the_newest_lpr_uses_it_and_says_its_day() -> None:
    newest = BOOK.lpr[-1]
    found = findings_on_claim(private(newest.published_on + timedelta(days=35), "0.12"), BOOK)
    assert one(found, "law:within-four-lpr").facts["lpr_on"] == newest.published_on
    assert "law:lpr-may-be-newer" not in keys(found)


def test_a_date_long_after_the_newest_lpr_is_a_query() -> None:
    newest = BOOK.lpr[-1]
    found = findings_on_claim(private(newest.published_on + timedelta(days=36), "0.12"), BOOK)
    assert one(found, "law:lpr-may-be-newer").level is QUERY
    assert one(found, "law:within-four-lpr").facts["lpr_on"] == newest.published_on


def test_no_two_publications_lie_further_apart_than_the_longest_gap() -> None:
    gaps = [(later.published_on - earlier.published_on).days for earlier, later in pairwise(BOOK.lpr)]
    assert max(gaps) == BOOK.rule("CN-R02").whole("longest_gap_days")


# --- what is unknown is asked -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unknown", "key"),
    [
        ({"lender": None}, "law:lender-type-unknown"),
        ({"contract_on": None}, "law:contract-date-unknown"),
        ({"yearly_rate": None}, "law:rate-unknown"),
        ({"penalty_daily_rate": None}, "law:penalty-unknown"),
        ({"fees": None}, "law:all-in-cost-unknown"),
        ({"fees": 100}, "law:all-in-cost-unknown"),
        ({"net_disbursed": None}, "law:disbursement-unknown"),
        ({"contract_principal": None}, "law:disbursement-unknown"),
        ({"interest_capitalised": None}, "law:compound-unknown"),
        ({"payment_order": None}, "law:payment-order-unknown"),
        ({"history": DebtHistory(None, ())}, "law:last-due-date-unknown"),
    ],
)
@pytest.mark.parametrize("lender", [LenderType.CONSUMER_FINANCE, LenderType.PRIVATE])
def test_what_is_unknown_about_a_claim_is_a_query(lender: LenderType, unknown: dict[str, object], key: str) -> None:
    claim = replace(CLAIM_A, yearly_rate=Decimal("0.10"), penalty_daily_rate=Decimal(0))
    found = findings_on_claim(replace(claim, **({"lender": lender} | unknown)), BOOK)
    assert one(found, key).level is QUERY


def test_a_cost_that_is_partly_unknown_is_never_called_within() -> None:
    for unknown in ({"penalty_daily_rate": None}, {"fees": None}):
        assert not any(
            key.startswith("law:within") for key in keys(findings_on_claim(replace(PRIVATE, **unknown), BOOK))
        )


def test_a_known_part_above_the_ceiling_shows_though_the_rest_is_unknown() -> None:
    claim = replace(CLAIM_A, yearly_rate=Decimal("0.25"), penalty_daily_rate=None, fees=None)
    assert "law:above-ceiling" in keys(findings_on_claim(claim, BOOK))


def test_nothing_known_is_all_queries() -> None:
    found = findings_on_claim(ClaimFacts(figures=FIGURES, on=date(2025, 9, 25)), BOOK)
    assert {each.level for each in found} == {QUERY}
    assert len(found) == 9


def test_a_loan_in_another_currency_is_checked_by_hand() -> None:
    claim = replace(CLAIM_A, figures=replace(FIGURES, currency="HKD"))
    assert one(findings_on_claim(claim, BOOK), "law:other-currency").facts == {"currency": "HKD"}
    assert "law:other-currency" in keys(findings_on_plan(plan(claim, currency="HKD"), BOOK))


# --- principal, compound interest, order of payments, what is only remembered --------------------------------


@pytest.mark.parametrize(
    ("paid", "key"), [(2446740, "law:compound-within-total"), (2446741, "law:compound-above-total")]
)
def test_all_paid_and_owed_on_a_private_compound_loan_keeps_to_a_total(paid: int, key: str) -> None:
    # 50,000 x (1 + 12.4 % x 284 / 365) = 54,824.11, of which 30,564.30 + 1,895.97 are still claimed.
    claim = private(date(2024, 12, 15), "0.12", interest_capitalised=True, paid_total=paid - 210356)
    finding = one(findings_on_claim(claim, BOOK), key)
    assert (finding.facts["most"], finding.facts["days"]) == (cny(5482411), 284)


def test_compound_interest_of_a_licensed_lender_counts_in_its_cost() -> None:
    found = findings_on_claim(replace(CLAIM_A, interest_capitalised=True), BOOK)
    assert one(found, "law:compound-counts-in-cost").level is NOTE


@pytest.mark.parametrize("missing", ["disbursed_on", "paid_total", "contract_on"])
def test_a_compound_total_that_cannot_be_computed_is_a_query(missing: str) -> None:
    claim = private(date(2024, 12, 15), "0.12", interest_capitalised=True, paid_total=0)
    found = findings_on_claim(replace(claim, **{missing: None}), BOOK)
    assert one(found, "law:compound-figures-missing").level is QUERY


@pytest.mark.parametrize(
    ("order", "agreed", "key"),
    [
        (BY_LAW, None, "law:payment-order-by-law"),
        ((Part.FEES, Part.PENALTY, Part.INTEREST, Part.PRINCIPAL), None, "law:payment-order-by-law"),
        (PRINCIPAL_FIRST, True, "law:payment-order-agreed"),
        (PRINCIPAL_FIRST, False, "law:payment-order-departs"),
        (PRINCIPAL_FIRST, None, "law:payment-order-departs"),
        ((Part.FEES, Part.PRINCIPAL), None, "law:payment-order-departs"),
    ],
)
def test_payments_are_counted_as_the_law_says_or_as_agreed(
    order: tuple[Part, ...], agreed: bool | None, key: str
) -> None:
    claim = replace(CLAIM_A, payment_order=order, order_is_agreed=agreed)
    assert key in keys(findings_on_claim(claim, BOOK))


def test_a_rule_known_only_from_memory_is_a_note() -> None:
    claim = replace(CLAIM_A, figures=replace(FIGURES, principal_due=20000000, principal_not_due=1))
    finding = one(findings_on_claim(claim, BOOK), "law:above-consumer-finance-balance")
    assert (finding.level, finding.evidence, finding.rule_id) == (NOTE, Evidence.MEMORY, "CN-C06")
    assert "law:above-consumer-finance-balance" not in keys(
        findings_on_claim(replace(claim, figures=replace(claim.figures, principal_not_due=0)), BOOK)
    )


@pytest.mark.parametrize("rule", BOOK.rules.values(), ids=lambda rule: rule.id)
def test_no_rule_from_memory_ever_blocks_or_asks(rule) -> None:  # type: ignore[no-untyped-def]
    remembered = rule.evidence is Evidence.MEMORY or "value" in rule.from_memory
    assert [found(level, "law:x", rule).level for level in Level] == ([NOTE] * 3 if remembered else list(Level))


def test_a_finding_from_memory_cannot_be_made_a_block() -> None:
    with pytest.raises(ValueError, match="memory"):
        Finding(BLOCK, "law:x", "CN-X", "nowhere", Evidence.MEMORY)
