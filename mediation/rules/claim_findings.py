"""What the law has to say to a claim: its cost, its principal, compound interest, the order of payments, its age."""

from collections.abc import Iterator
from decimal import Decimal

from mediation.rules.legal_facts import ClaimFacts
from mediation.rules.legal_rules import DAYS_IN_A_YEAR, Fact, Finding, LawBook, Level, found
from mediation.rules.lenders import LenderType
from mediation.rules.limitation import limitation_findings, limitation_state
from mediation.rules.money import HALF_UP, round_ratio
from mediation.rules.rate_caps import CURRENCY, Measure, ceilings, rate_findings
from mediation.rules.settlement import Amount
from mediation.rules.waterfall import Part


def findings_on_claim(facts: ClaimFacts, book: LawBook) -> tuple[Finding, ...]:
    """Everything that the book finds on a claim, on the day of the check.

    Never a block: what a claim says too much is a query until a plan would bind somebody to it. Sources: the
    rules that the findings cite.
    """
    return (
        *rate_findings(facts, book),
        *_principal(facts, book),
        *_compound(facts, book),
        *order_findings(facts.payment_order, is_agreed=facts.order_is_agreed, book=book),
        *_consumer_finance(facts, book),
        *limitation_findings(limitation_state(facts.history, on=facts.on, book=book), book),
    )


def order_findings(order: tuple[Part, ...] | None, *, is_agreed: bool | None, book: LawBook) -> Iterator[Finding]:
    """The order in which payments were counted: costs, interest, principal, unless agreed otherwise (CN-R17)."""
    rule = book.rule("CN-R17")
    if order is None:
        yield found(Level.QUERY, "law:payment-order-unknown", rule)
    elif _is_by_law(order):
        yield found(Level.NOTE, "law:payment-order-by-law", rule)
    elif is_agreed:
        yield found(Level.NOTE, "law:payment-order-agreed", rule)
    else:
        yield found(Level.QUERY, "law:payment-order-departs", rule)


def _is_by_law(order: tuple[Part, ...]) -> bool:
    """Whether costs come first and principal last; the law has no order between interest and penalty."""
    return len(order) == len(Part) == len(set(order)) and (order[0], order[-1]) == (Part.FEES, Part.PRINCIPAL)


def _principal(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    rule, lent, handed = book.rule("CN-R08"), facts.contract_principal, facts.net_disbursed
    if lent is None or handed is None:
        yield found(Level.QUERY, "law:disbursement-unknown", rule)
        return
    figures = _amounts(facts, contract_principal=lent, net_disbursed=handed, deducted=max(0, lent - handed))
    if handed < lent:
        yield found(Level.QUERY, "law:deducted-in-advance", rule, figures)
    else:
        yield found(Level.NOTE, "law:disbursed-in-full", rule, figures)


def _compound(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    """Interest turned into principal; for private lenders all paid and owed keeps to a total (CN-R07)."""
    rule = book.rule("CN-R07")
    if facts.interest_capitalised is None or (facts.interest_capitalised and facts.maker is None):
        yield found(Level.QUERY, "law:compound-unknown", rule)
    elif facts.interest_capitalised and facts.maker is not LenderType.PRIVATE:
        yield found(Level.NOTE, "law:compound-counts-in-cost", book.rule("CN-R10"))
    elif facts.interest_capitalised:
        yield _private_compound(facts, book)


def _private_compound(facts: ClaimFacts, book: LawBook) -> Finding:
    rule, lent = book.rule("CN-R07"), facts.contract_principal if facts.net_disbursed is None else facts.net_disbursed
    rate = next((one.yearly_rate for one in ceilings(facts, book) if one.measure is Measure.FOUR_LPR), None)
    if rate is None or lent is None or facts.disbursed_on is None or facts.paid_total is None:
        return found(Level.QUERY, "law:compound-figures-missing", rule)
    days = (facts.on - facts.disbursed_on).days
    numerator, denominator = rate.as_integer_ratio()
    interest = round_ratio(lent * numerator * days, denominator * DAYS_IN_A_YEAR, HALF_UP)
    asked = facts.paid_total + facts.figures.principal + facts.figures.interest
    figures: dict[str, Fact] = {
        **_amounts(facts, lent=lent, most=lent + interest, asked=asked),
        "ceiling": rate,
        "days": days,
    }
    if asked > lent + interest:
        return found(Level.QUERY, "law:compound-above-total", rule, figures)
    return found(Level.NOTE, "law:compound-within-total", rule, figures)


def _consumer_finance(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    rule, figures = book.rule("CN-C06"), facts.figures
    if facts.maker is not LenderType.CONSUMER_FINANCE or figures.currency != CURRENCY:
        return
    most = int(rule.rate("most_principal") * Decimal(100))
    if figures.principal > most:
        amounts = _amounts(facts, principal=figures.principal, most=most)
        yield found(Level.QUERY, "law:above-consumer-finance-balance", rule, amounts)


def _amounts(facts: ClaimFacts, **minor: int) -> dict[str, Fact]:
    return {name: Amount(minor=amount, currency=facts.figures.currency) for name, amount in minor.items()}
