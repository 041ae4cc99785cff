"""The law at the gate: what it finds on the settlement that is to be drawn up, and what stops it."""

from datetime import datetime

from mediation import lawbook
from mediation.agreements.assembling import Choices, accepted_offer
from mediation.cases.models import CourtStatus as CaseCourtStatus
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.offers.law_checks import facts_of_plan
from mediation.offers.tables import plan_of
from mediation.rules import law
from mediation.rules.law import Finding, SettlementFacts
from mediation.rules.settlement import CourtStatus

# The borrower's separate yes is given with the signature, so its absence stops no draft.
ASKED_AT_SIGNING = frozenset({"law:old-debt-unconfirmed"})


def findings_on_draft(seat: Seat, choices: Choices, *, at: datetime) -> tuple[Finding, ...]:
    """What the law book finds on the accepted offer with these choices, the same for everybody at the table."""
    seat.require("agreement:read")
    plan = plan_of(accepted_offer(seat))
    facts = SettlementFacts(
        plan=facts_of_plan(seat, plan.terms, plan.schedule, at=at),
        default_yearly_rate=choices.default_yearly_rate,
        court=_court(seat),
    )
    return law.findings_on_agreement(facts, lawbook.law())


def check_lawful(seat: Seat, choices: Choices, *, at: datetime) -> None:
    """Passes a settlement that no rule blocks; refused: agreement:blocked-by-law, with the rule's citation."""
    for finding in law.blocks(findings_on_draft(seat, choices, at=at)):
        if finding.key not in ASKED_AT_SIGNING:
            raise Refused("agreement:blocked-by-law", field="default_yearly_rate", citation=finding.citation)


def _court(seat: Seat) -> CourtStatus | None:
    said: list[CaseCourtStatus | None] = [seat.case.court_status, seat.case.borrower_court_status]
    known = [list(CaseCourtStatus).index(one) for one in said if one is not None]
    return CourtStatus(list(CaseCourtStatus)[max(known)].value) if known else None
