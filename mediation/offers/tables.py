"""The table of a negotiation, laid from its rows: what the rules judge, and who may read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mediation.cases.claims import figures_of
from mediation.cases.models import Case, Claim
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.offers.models import Negotiation, Offer
from mediation.rules import chain, negotiation, plans
from mediation.rules.lifecycle import Stage, is_over
from mediation.rules.money import RoundingRule
from mediation.rules.negotiation import OfferState, Side, Table


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A negotiation as the rules see it, beside the rows from which it was laid; None while nobody has spoken."""

    negotiation: Negotiation | None
    rows: Sequence[Offer]
    table: Table

    def row(self, number: int) -> Offer:
        """The row of the offer with that number."""
        return next(row for row in self.rows if row.number == number)

    def row_of(self, offer_id: UUID) -> Offer:
        """The row of that offer; NotFound where it lies on another table."""
        for row in self.rows:
            if row.id == offer_id:
                return row
        raise NotFound


@dataclass(frozen=True)
class Plan:
    """What an offer keeps for ever, read back from its document and never computed again."""

    terms: plans.Terms
    claim: plans.ClaimFigures
    schedule: plans.Schedule


def table_of(seat: Seat) -> Laid:
    """The table at which this case speaks now; after a failed agreement a new one, with nothing on it."""
    current = current_negotiation(seat)
    if current is None:
        return Laid(negotiation=None, rows=(), table=Table(round_limit=seat.institution.round_limit))
    return lay(seat, current)


def current_negotiation(seat: Seat) -> Negotiation | None:
    """The negotiation that offers of this case now belong to, if anybody has made one."""
    found = select(Negotiation).where(Negotiation.case_id == seat.case_id, Negotiation.is_current)
    current = seat.session.scalars(found).first()
    if current is None or (seat.case.stage is Stage.OPEN and _is_agreed(seat, current)):
        return None
    return current


def earlier_tables(seat: Seat) -> list[Laid]:
    """The tables of this case that are cleared, the newest first."""
    current = current_negotiation(seat)
    found = select(Negotiation).where(Negotiation.case_id == seat.case_id).order_by(Negotiation.started_at.desc())
    return [lay(seat, one) for one in seat.session.scalars(found) if current is None or one.id != current.id]


def lay(seat: Seat, one: Negotiation) -> Laid:
    """The table of one negotiation, from its rows."""
    found = select(Offer).where(Offer.negotiation_id == one.id).order_by(Offer.number)
    rows = seat.session.scalars(found).all()
    offers = tuple(_with_its_case(_as_ruled(row), seat.case) for row in rows)
    return Laid(
        negotiation=one, rows=rows, table=Table(offers=offers, version=one.version, round_limit=one.round_limit)
    )


def laid_with(seat: Seat, offer_id: UUID) -> Laid:
    """The table on which that offer lies, current or cleared; NotFound where the case has no such offer."""
    found = select(Negotiation).join(Offer, Offer.negotiation_id == Negotiation.id)
    one = seat.session.scalars(found.where(Offer.id == offer_id, Offer.case_id == seat.case_id)).first()
    if one is None:
        raise NotFound
    return lay(seat, one)


def plan_of(row: Offer) -> Plan:
    """The stored plan of an offer."""
    terms, claim, schedule, _ = plans.from_document(document_of(row))
    return Plan(terms, claim, schedule)


def document_of(row: Offer) -> dict[str, object]:
    """The stored document of an offer."""
    found = chain.parse(row.document.encode())
    if not isinstance(found, dict):
        raise TypeError("an offer's document is an object")
    return found


def claim_of(seat: Seat) -> plans.ClaimFigures:
    """The claim as it stands now: its newest version."""
    found = select(Claim).where(Claim.case_id == seat.case_id, Claim.version == seat.case.claim_version)
    return figures_of(seat.session.scalars(found).one())


def rounding_of(case: Case) -> RoundingRule:
    """The rounding rule that the case keeps."""
    return RoundingRule.parse(case.rounding)


def visible_rows(laid: Laid, reader: Side | None, at: datetime) -> list[Offer]:
    """The rows of which that reader may know, in the order made."""
    seen = {offer.number for offer in laid.table.offers if negotiation.visible_to(offer, reader, at)}
    return [row for row in laid.rows if row.number in seen]


def _is_agreed(seat: Seat, one: Negotiation) -> bool:
    found = select(Offer.id).where(Offer.negotiation_id == one.id, Offer.status == OfferState.ACCEPTED)
    return seat.session.scalar(found) is not None


def _as_ruled(row: Offer) -> negotiation.Offer:
    closed = row.status in negotiation.CLOSED
    return negotiation.Offer(
        number=row.number,
        by=row.by,
        made_at=row.made_at,
        shows_at=row.shows_at,
        lapses_at=row.lapses_at,
        closed_as=row.status if closed else None,
        closed_at=row.closed_at if closed else None,
        counters=row.counters,
        is_final=row.is_final,
    )


def _with_its_case(offer: negotiation.Offer, case: Case) -> negotiation.Offer:
    """An offer that was held or open when its case ended is void from that moment, and a held one never shows."""
    if offer.closed_as is not None or not is_over(case.stage) or case.moved_at >= offer.lapses_at:
        return offer
    return replace(offer, closed_as=OfferState.VOID, closed_at=case.moved_at)
