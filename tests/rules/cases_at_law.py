"""Loans as the law sees them: scenarios A and B, a private lender's, and what their findings are asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from mediation import lawbook
from mediation.rules.law import (
    ClaimFacts,
    DebtHistory,
    Finding,
    Level,
    PlanFacts,
    SettlementFacts,
)
from mediation.rules.lenders import LenderType
from mediation.rules.money import HALF_UP
from mediation.rules.plans import ClaimFigures, Frequency, Terms, Waivers, schedule
from mediation.rules.settlement import Amount, CourtStatus
from mediation.rules.waterfall import BY_LAW

BOOK = lawbook.law()
NOTE, QUERY, BLOCK = Level
FIGURES = ClaimFigures(2, "CNY", 1695791, 1360639, 189597, 53027, 0)

# Scenario A of the product: 1.95 % a month, a penalty of 0.05 % a day, a licensed consumer-finance company.
CLAIM_A = ClaimFacts(
    figures=FIGURES,
    on=date(2025, 9, 25),
    lender=LenderType.CONSUMER_FINANCE,
    is_credit_card=False,
    contract_on=date(2024, 12, 15),
    disbursed_on=date(2024, 12, 15),
    contract_principal=5000000,
    net_disbursed=5000000,
    yearly_rate=Decimal("0.234"),
    penalty_daily_rate=Decimal("0.0005"),
    fees=0,
    interest_capitalised=False,
    payment_order=BY_LAW,
    history=DebtHistory(date(2025, 12, 15), ()),
)
PLAN_A = Terms(2, "CNY", 3246027, Waivers(penalty=53027), 26, Frequency.MONTHLY, date(2025, 10, 31))
# Scenario B: 20,000 with 299 kept back, 12 x 2,006, and eight of them paid.
CLAIM_B = replace(
    CLAIM_A,
    figures=ClaimFigures(1, "CNY", 802400, 0, 0, 0, 0),
    lender=LenderType.BANK,
    is_assisted=True,
    contract_on=date(2025, 11, 1),
    contract_principal=2000000,
    net_disbursed=1970100,
    yearly_rate=Decimal("0.15"),
    penalty_daily_rate=Decimal(0),
    fees=29900,
    all_in_yearly_rate=Decimal("0.3871"),
    recast_balance=586542,
)
PRIVATE = replace(CLAIM_A, lender=LenderType.PRIVATE, penalty_daily_rate=Decimal(0))


def plan(claim: ClaimFacts = CLAIM_A, terms: Terms = PLAN_A, **changed: object) -> PlanFacts:
    terms = replace(terms, **changed)
    return PlanFacts(claim=claim, terms=terms, schedule=schedule(terms, rounding=HALF_UP))


def settlement(facts: PlanFacts | None = None, **changed: object) -> SettlementFacts:
    known = {"default_yearly_rate": Decimal(0), "payment_order": BY_LAW, "court": CourtStatus.NONE}
    return SettlementFacts(plan=facts or plan(), **(known | changed))  # type: ignore[arg-type]


def private(contract_on: date, rate: str, **changed: object) -> ClaimFacts:
    return replace(PRIVATE, contract_on=contract_on, yearly_rate=Decimal(rate), **changed)


def keys(findings: tuple[Finding, ...]) -> set[str]:
    return {one.key for one in findings}


def one(findings: tuple[Finding, ...], key: str) -> Finding:
    (found,) = [each for each in findings if each.key == key]
    return found


def cny(minor: int) -> Amount:
    return Amount(minor=minor, currency="CNY")
