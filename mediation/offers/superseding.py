"""A newer claim takes the place of the one that plans were made on: what lies on the table no longer fits."""

from datetime import datetime

from mediation import audit
from mediation.cases.seats import Seat
from mediation.offers import telling
from mediation.offers.passing import brought_up_to_date, write_status
from mediation.offers.turns import await_mediator
from mediation.rules.negotiation import OfferState


def supersede_offers(seat: Seat, *, at: datetime) -> bool:
    """No plan made on an earlier claim can be accepted any more, and a held one never shows; whether one lay open."""
    seat.require("time:pass")
    laid = brought_up_to_date(seat, at=at)
    open_rows = [row for row in laid.rows if row.status is OfferState.OPEN]
    for row in laid.rows:
        if row.status in (OfferState.OPEN, OfferState.HELD):
            write_status(seat, row, OfferState.SUPERSEDED, closed_at=at)
    for row in open_rows:
        audit.record(seat, "offer:superseded", telling.closed(row), at=at)
        await_mediator(seat.case, at=at)
    return bool(open_rows)
