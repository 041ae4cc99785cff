"""What a plan means and what none means: one preview in the same words for all, and what only some may know besides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mediation.cases import contracts
from mediation.cases.seats import Seat
from mediation.disclosures.means import statement_seen_by
from mediation.disclosures.models import Section
from mediation.disclosures.sharing import Readers
from mediation.disclosures.statements import newest_of
from mediation.i18n import N_
from mediation.offers.assumptions import Assumed, assumed_in
from mediation.offers.tables import Plan
from mediation.rules import consequences
from mediation.rules.assumptions import FeeScale, Source
from mediation.rules.consequences import Consequences, monthly_burden
from mediation.rules.legal_rules import Evidence
from mediation.rules.negotiation import Side

NOWHERE_STATED = Decimal(0)
# What there is to say of the figures that we ship, by the name of their set and the part of it.
NOTES: Mapping[tuple[str, str], str] = {
    ("cn", "court_fee"): N_(
        "For claims of money, band by band. That the claimant pays it first and the side that loses bears it is known "
        "from memory."
    ),
    ("cn", "court_fee_share"): N_(
        "Half where the court mediates, the suit is taken back or the short procedure applies; otherwise the whole."
    ),
    ("cn", "enforcement_fee"): N_(
        "Not paid first by the lender. The band above ten million and who bears it are known from memory."
    ),
    ("cn", "months"): N_(
        "From three months of the short procedure to six of the ordinary one and six of enforcement. Extensions, a "
        "second instance and the time before a suit is accepted are not counted."
    ),
    ("cn", "recovery_share"): N_(
        "The lowest is the average collected on personal loans sold in bulk, the highest what was collected in all "
        "enforcement cases of 2024. Neither was measured on suits about consumer loans: a body's own figures are "
        "better."
    ),
}


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of an amount, the flat fee and the rate on it; minor units."""

    amount: int
    flat: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Sourced:
    """Where a part of the assumptions comes from; `note` is empty where there is nothing to add."""

    citation: str
    where: str
    evidence: Evidence
    is_partly_from_memory: bool
    is_own: bool
    note: str


@dataclass(frozen=True)
class Preview:
    """`shared` holds nothing that depends on who reads; `share_of_surplus` is None for whoever may not know it.

    `monthly` is what most instalments come to in a month, and `costs_more` what the plan asks above the claim, in
    minor units. `assumed` is None where nothing is assumed in this currency: then no value in today's money is told.
    """

    plan: Plan
    shared: Consequences
    assumed: Assumed | None
    contract_yearly_rate: Decimal | None
    monthly: int
    costs_more: int
    court_fee: tuple[Slice, ...]
    enforcement_fee: tuple[Slice, ...]
    sources: Mapping[str, Sourced]
    surplus: int | None
    share_of_surplus: Decimal | None


def preview_of(seat: Seat, plan: Plan, *, on: date) -> Preview:
    """What this seat reads of a plan that was made on that day, in the case's own zone."""
    seat.require("offer:read")
    assumed, surplus = assumed_in(seat, on), surplus_seen_by(seat)
    contract_rate = contracts.said_by_both(seat).yearly_rate
    found = consequences.of(
        plan.terms,
        plan.schedule,
        plan.claim,
        None if assumed is None else assumed.figures,
        yearly_rate=NOWHERE_STATED if assumed is None else assumed.chosen.discount_rate,
        on=on,
        surplus=surplus,
        contract_yearly_rate=contract_rate,
    )
    return Preview(
        plan=plan,
        shared=found,
        assumed=assumed,
        contract_yearly_rate=contract_rate,
        monthly=monthly_burden(found.payments.instalment, found.payments.frequency),
        costs_more=max(0, -found.saved),
        court_fee=() if assumed is None else tuple(_slices(found.claimed, assumed.figures.court_fee)),
        enforcement_fee=() if assumed is None else tuple(_slices(found.claimed, assumed.figures.enforcement_fee)),
        sources={} if assumed is None else _sources(assumed),
        surplus=surplus,
        share_of_surplus=found.share_of_surplus,
    )


def surplus_seen_by(seat: Seat) -> int | None:
    """What the borrower has left in a month, in minor units, to whoever may know it.

    The borrower and its mediator; the lender only where the borrower lets it read in full every section from which
    the figure is computed: a share told beside a known instalment would give away the rest.
    """
    if not seat.may("means:read"):
        return None
    if seat.side is not Side.LENDER:
        stated = statement_seen_by(seat)
        return None if stated is None else stated.reckoning.surplus
    stated = newest_of(seat.session, seat.case_id)
    if stated is None:
        return None
    computed_from = {Section.INCOME, Section.SPENDING, Section.DEBTS}
    computed_from |= {Section.HOUSEHOLD} if stated.reckoning.assumed else set()
    is_open = all(stated.readers.get(section) is Readers.FULL for section in computed_from)
    return stated.reckoning.surplus if is_open else None


def _sources(assumed: Assumed) -> dict[str, Sourced]:
    parts = ("court_fee", "court_fee_share", "enforcement_fee", "months", "recovery_share")
    return {part: _sourced(assumed, part, getattr(assumed.figures, part).source) for part in parts}


def _sourced(assumed: Assumed, part: str, source: Source) -> Sourced:
    evidence = Evidence(source.evidence[0])
    return Sourced(
        citation=source.citation,
        where=source.where,
        evidence=evidence,
        is_partly_from_memory=evidence is not Evidence.MEMORY and Evidence.MEMORY.value in source.evidence,
        is_own=part in assumed.own,
        note=NOTES.get((assumed.figures.name, part), ""),
    )


def _slices(amount: int, scale: FeeScale) -> Iterator[Slice]:
    """The parts of an amount on which `assumptions.fee_on` reckons, one for each band that it reaches."""
    below = 0
    for band in scale.bands:
        within = (amount if band.up_to is None else min(amount, band.up_to)) - below
        if within <= 0:
            return
        yield Slice(within, band.flat, band.rate)
        below += within
