"""What the law book finds on a plan, read alike by all three; a plan that it blocks is not put forward."""

from datetime import datetime

from mediation import lawbook
from mediation.cases import contracts
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.rules import law
from mediation.rules.law import Finding, PlanFacts
from mediation.rules.plans import Schedule, Terms


def facts_of_plan(seat: Seat, terms: Terms, schedule: Schedule, *, at: datetime) -> PlanFacts:
    """The plan against the claim and what is said of its contract, on this day."""
    claim = contracts.facts_of(seat, contracts.said_by_both(seat), at=at)
    return PlanFacts(claim=claim, terms=terms, schedule=schedule)


def findings_on_plan(seat: Seat, terms: Terms, schedule: Schedule, *, at: datetime) -> tuple[Finding, ...]:
    """Everything that the law book finds on the plan: the same for everybody who may read it."""
    seat.require("offer:read")
    return law.findings_on_plan(facts_of_plan(seat, terms, schedule, at=at), lawbook.law())


def check_lawful(seat: Seat, terms: Terms, schedule: Schedule, *, at: datetime) -> None:
    """Passes a plan that no rule blocks; refused: plan:blocked-by-law, with the rule's citation."""
    for finding in law.blocks(law.findings_on_plan(facts_of_plan(seat, terms, schedule, at=at), lawbook.law())):
        raise Refused("plan:blocked-by-law", field="yearly_rate", citation=finding.citation)
