"""What the law says to a plan, as a page shows it: the findings for everybody, the warning for the borrower alone."""

from dataclasses import dataclass
from datetime import datetime

from mediation.cases import contracts
from mediation.cases.findings import SaidFinding, said
from mediation.cases.seats import Seat
from mediation.offers.law_checks import findings_on_plan
from mediation.rules.law import AcknowledgingAct
from mediation.rules.plans import Schedule, Terms
from mediation.web.pages import locale


@dataclass(frozen=True)
class AtLaw:
    """The findings on a plan, and what the borrower reads before the act; `asks` where its own yes is needed."""

    findings: list[SaidFinding]
    warning: list[SaidFinding]
    asks: bool


def plan_at_law(seat: Seat, terms: Terms, schedule: Schedule, act: AcknowledgingAct, *, at: datetime) -> AtLaw:
    """What the law book says to that plan, in the language of the page."""
    before, asks = contracts.warning_for(seat, act, at=at)
    return AtLaw(said(findings_on_plan(seat, terms, schedule, at=at), locale()), said(before, locale()), asks)
