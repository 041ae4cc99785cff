"""What the law has to say to a plan: its own rate, what it carries over from the claim, its length, its effect."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from mediation.rules.legal_facts import NOT_MAKERS, ClaimFacts, PlanFacts
from mediation.rules.legal_rules import Fact, Finding, LawBook, Level, Rule, found
from mediation.rules.lenders import LenderType
from mediation.rules.limitation import (
    AcknowledgingAct,
    findings_before,
    limitation_findings,
    limitation_state,
    needs_confirmation,
    years_later,
)
from mediation.rules.rate_caps import CURRENCY, Measure, ceiling_from_now, ceilings, lpr_query
from mediation.rules.settlement import Amount

MONTHS_IN_A_YEAR = 12


def findings_on_plan(facts: PlanFacts, book: LawBook) -> tuple[Finding, ...]:
    """Everything that the book finds on an offer, on the day of its claim's check.

    Blocks: a rate above the ceiling, a total above the claim recast at the ceiling, a card plan of more than 60
    months. An excess that no recast has put into figures yet is a query.
    """
    claim = facts.claim
    limitation = limitation_state(claim.history, on=claim.on, book=book)
    note = () if needs_confirmation(limitation) else _restarts(facts, book)
    return (
        *_cost(facts, book),
        *_interest_on_interest(facts, book),
        *card_findings(facts, facts.starts_on, book),
        *limitation_findings(limitation, book),
        *note,
    )


def promised_rate(thing: str, rate: Decimal, claim: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    """A rate that a new agreement lets run, under keys that open with law:`thing`; nothing where none runs.

    Above the ceiling it is a block; where the ceiling is unknown, a query.
    """
    if not rate:
        return
    ceiling = ceiling_from_now(claim, book)
    if claim.maker in NOT_MAKERS:
        yield found(Level.QUERY, "law:original-lender-unknown", book.rule("CN-R09"))
    if claim.contract_on is None:
        yield found(Level.QUERY, "law:contract-date-unknown", book.rule("CN-R09"))
    if ceiling is None:
        yield found(Level.QUERY, f"law:{thing}-ceiling-unknown", book.rule("CN-R09"), {"rate": rate})
        return
    if ceiling.is_lpr_uncertain:
        yield lpr_query(ceiling)
    kind = Measure.ALL_IN if ceiling.row is None else Measure.FOUR_LPR
    figures: dict[str, Fact] = {**ceiling.facts, "rate": rate}
    if rate > ceiling.yearly_rate:
        yield found(Level.BLOCK, f"law:{thing}-above-{kind}", ceiling.rule, figures)
    else:
        yield found(Level.NOTE, f"law:{thing}-within-{kind}", ceiling.rule, figures)


def card_findings(facts: PlanFacts, starts_on: date, book: LawBook) -> Iterator[Finding]:
    """Whether a plan on a credit card ends within 60 months of its start (CN-C01)."""
    rule = book.rule("CN-C01")
    months = rule.whole("months")
    latest = years_later(starts_on, months // MONTHS_IN_A_YEAR)
    if facts.last_due_on <= latest:
        return
    figures: dict[str, Fact] = {"months": months, "latest": latest, "last_due_on": facts.last_due_on}
    if facts.claim.is_credit_card:
        yield found(Level.BLOCK, "law:card-plan-too-long", rule, figures)
    elif facts.claim.is_credit_card is None and facts.claim.maker in (LenderType.BANK, None):
        yield found(Level.QUERY, "law:card-or-not-unknown", rule, figures)


def _cost(facts: PlanFacts, book: LawBook) -> Iterator[Finding]:
    currency = facts.claim.figures.currency
    if currency != CURRENCY:
        yield found(Level.QUERY, "law:other-currency", book.rule("CN-R09"), {"currency": currency})
        return
    yield from promised_rate("plan-rate", facts.terms.yearly_rate, facts.claim, book)
    yield from _carried(facts, book)


def _carried(facts: PlanFacts, book: LawBook) -> Iterator[Finding]:
    """What of the claim's cost the plan keeps: a penalty that is waived no longer counts."""
    claim, keeps_penalty = facts.claim, facts.kept["penalty"] > 0
    binding = min(ceilings(claim, book), key=lambda one: one.yearly_rate, default=None)
    base = claim.base_rate
    penalty_known = claim.penalty_daily_rate is not None or not keeps_penalty
    if binding is None or base is None:
        yield found(Level.QUERY, "law:carried-cost-unknown", book.rule("CN-R09"))
        return
    total = base + (claim.penalty_yearly_rate if keeps_penalty else Decimal(0))
    if total > binding.yearly_rate:
        yield _against_recast(facts, {**binding.facts, "total_rate": total}, binding.rule)
    elif not penalty_known or (claim.all_in_yearly_rate is None and claim.fees != 0):
        yield found(Level.QUERY, "law:carried-cost-unknown", binding.rule)


def _against_recast(facts: PlanFacts, figures: dict[str, Fact], rule: Rule) -> Finding:
    recast, agreed = facts.claim.recast_balance, facts.terms.agreed_total
    if recast is None:
        return found(Level.QUERY, "law:excess-carried", rule, figures)
    figures |= {
        "agreed": Amount(minor=agreed, currency=CURRENCY),
        "recast": Amount(minor=recast, currency=CURRENCY),
        "difference": Amount(minor=max(0, agreed - recast), currency=CURRENCY),
    }
    if agreed > recast:
        return found(Level.BLOCK, "law:plan-above-recast", rule, figures)
    return found(Level.NOTE, "law:plan-within-recast", rule, figures)


def _interest_on_interest(facts: PlanFacts, book: LawBook) -> Iterator[Finding]:
    """Interest, penalty and fees of the claim that would bear the plan's interest (CN-R07)."""
    rolled = sum(amount for name, amount in facts.kept.items() if name != "principal")
    if not facts.terms.yearly_rate or rolled <= 0:
        return
    figures: dict[str, Fact] = {
        "rolled": Amount(minor=rolled, currency=facts.claim.figures.currency),
        "rate": facts.terms.yearly_rate,
    }
    is_private = facts.claim.maker in (LenderType.PRIVATE, None)
    level, rule = (Level.QUERY, "CN-R07") if is_private else (Level.NOTE, "CN-R10")
    yield found(level, "law:interest-on-interest", book.rule(rule), figures)


def _restarts(facts: PlanFacts, book: LawBook) -> tuple[Finding, ...]:
    limitation = limitation_state(facts.claim.history, on=facts.claim.on, book=book)
    return findings_before(AcknowledgingAct.PROPOSING, limitation, book, confirmed=False)
