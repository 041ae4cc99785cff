"""What the law has to say to a claim, a plan and a settlement: the same findings for every reader.

A claim is what one side says, so its excesses are queries. A plan and a settlement bind, so what is above a
ceiling there is a block; what is unknown is a query, never a silent pass. The checks state rules and figures;
they advise nobody and decide nothing.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta

from mediation.rules.claim_findings import findings_on_claim, order_findings
from mediation.rules.legal_facts import UNKNOWN_HISTORY, ClaimFacts, PlanFacts, SettlementFacts
from mediation.rules.legal_rules import Fact, Finding, LawBook, Level, blocks, found, gravest
from mediation.rules.limitation import (
    AcknowledgingAct,
    DebtHistory,
    Interruption,
    InterruptionKind,
    Limitation,
    LimitationState,
    check_confirmed,
    findings_before,
    limitation_state,
    needs_confirmation,
)
from mediation.rules.plan_findings import card_findings, findings_on_plan, promised_rate
from mediation.rules.rate_caps import CURRENCY
from mediation.rules.settlement import CourtStatus

__all__ = [
    "UNKNOWN_HISTORY", "AcknowledgingAct", "ClaimFacts", "DebtHistory", "Finding", "Interruption",
    "InterruptionKind", "LawBook", "Level", "Limitation", "LimitationState", "PlanFacts", "SettlementFacts",
    "blocks", "check_confirmed", "confirmation_last_day", "findings_before", "findings_on_agreement",
    "findings_on_claim", "findings_on_contact", "findings_on_plan", "gravest", "limitation_state",
    "needs_confirmation",
]  # fmt: skip


def findings_on_agreement(facts: SettlementFacts, book: LawBook) -> tuple[Finding, ...]:
    """Everything that the book finds on a settlement: what it finds on its plan, and what the paper adds.

    Blocks, besides those of the plan: a rate after a breach above the ceiling, and signing on a debt that looks
    old without the borrower's separate yes.
    """
    everything = (
        *findings_on_plan(facts.plan, book),
        *_rate_after_breach(facts, book),
        *_card_from_effect(facts, book),
        *_payment_order(facts, book),
        *_confirmation(facts, book),
        *_old_debt(facts, book),
    )
    # The plan's rate and that after a breach may ask the same question; it is asked once.
    return tuple(dict.fromkeys(everything))


def findings_on_contact(on: date, clock: time, *, is_agreed: bool, book: LawBook) -> tuple[Finding, ...]:
    """A block on writing or calling at that local time between 22:00 and 08:00, unless agreed (CN-C07).

    22:00 itself is quiet, 08:00 is not.
    """
    rule = book.rule("CN-C07")
    quiet_from, quiet_until = rule.clock("quiet_from"), rule.clock("quiet_until")
    if is_agreed or not rule.is_in_force(on) or quiet_until <= clock < quiet_from:
        return ()
    hours: dict[str, Fact] = {"quiet_from": quiet_from, "quiet_until": quiet_until}
    return (found(Level.BLOCK, "law:contact-in-quiet-hours", rule, hours),)


def confirmation_last_day(effective_on: date, book: LawBook) -> date:
    """The last day on which both may surely ask a court together: 30 days after the effect (CN-M04).

    The day of effect is not counted, and a last day that is off is not moved: nobody is told of more time than
    is certain.
    """
    return effective_on + timedelta(days=book.rule("CN-M04").whole("days"))


def _rate_after_breach(facts: SettlementFacts, book: LawBook) -> Iterator[Finding]:
    rate, claim = facts.default_yearly_rate, facts.plan.claim
    if rate is None:
        yield found(Level.QUERY, "law:default-rate-unknown", book.rule("CN-R06"))
    elif claim.figures.currency == CURRENCY:
        yield from promised_rate("default-rate", rate, claim, book)


def _card_from_effect(facts: SettlementFacts, book: LawBook) -> Iterator[Finding]:
    """The length of a card plan counted from the day of effect, where the plan alone did not yet show it."""
    effective_on, plan = facts.effective_on, facts.plan
    if effective_on is not None and not list(card_findings(plan, plan.starts_on, book)):
        yield from card_findings(plan, effective_on, book)


def _payment_order(facts: SettlementFacts, book: LawBook) -> Iterator[Finding]:
    if facts.payment_order is None:
        yield found(Level.NOTE, "law:payment-order-by-default", book.rule("CN-R17"))
    else:
        yield from order_findings(facts.payment_order, is_agreed=True, book=book)


def _confirmation(facts: SettlementFacts, book: LawBook) -> Iterator[Finding]:
    """Whether and until when both may ask a court to confirm (CN-M04, CN-M05)."""
    rule, effective_on, on = book.rule("CN-M04"), facts.effective_on, facts.plan.claim.on
    if facts.court is None:
        yield found(Level.QUERY, "law:court-unknown", book.rule("CN-M05"))
    elif facts.court not in (CourtStatus.NONE, CourtStatus.FILED):
        yield found(Level.NOTE, "law:confirmation-closed", book.rule("CN-M05"))
        return
    if effective_on is None:
        yield found(Level.NOTE, "law:confirmation-after-effect", rule, {"days": rule.whole("days")})
        return
    last_day = confirmation_last_day(effective_on, book)
    days: dict[str, Fact] = {"effective_on": effective_on, "last_day": last_day, "days": rule.whole("days")}
    if on > last_day:
        yield found(Level.NOTE, "law:confirmation-over", rule, days)
    else:
        yield found(Level.NOTE, "law:confirmation-open", rule, days | {"days_left": (last_day - on).days})


def _old_debt(facts: SettlementFacts, book: LawBook) -> tuple[Finding, ...]:
    claim = facts.plan.claim
    limitation = limitation_state(claim.history, on=claim.on, book=book)
    if not needs_confirmation(limitation):
        return ()
    return findings_before(AcknowledgingAct.SIGNING, limitation, book, confirmed=facts.old_debt_confirmed)
