"""What a pause and a suspension make of the table: open plans keep the days that they had left, or are void."""

from datetime import datetime

from sqlalchemy import select

from mediation import outbox
from mediation.cases.clocks import kept_end
from mediation.cases.pause_models import Pause, PausedOffer
from mediation.cases.seats import Seat
from mediation.offers.models import Offer
from mediation.offers.passing import brought_up_to_date, write_status
from mediation.offers.proposal_passing import close, newest_proposal
from mediation.offers.tables import current_negotiation, lay
from mediation.rules.negotiation import OfferState
from mediation.rules.proposals import ProposalState

WAITING = (OfferState.HELD, OfferState.OPEN)


def stop_offers(seat: Seat, pause: Pause, *, at: datetime) -> None:
    """Plans that are held or open stand still; until somebody resumes, each ends as if the pause ran to its end."""
    seat.require("time:pass")
    for row in brought_up_to_date(seat, at=at).rows:
        if row.status in WAITING:
            kept = PausedOffer(pause_id=pause.id, offer_id=row.id, shows_at=row.shows_at, lapses_at=row.lapses_at)
            seat.session.add(kept)
            _set(seat, row, kept, pause, pause.until_at)
    put = newest_proposal(seat)
    if put is not None and put.row.status is ProposalState.OPEN:
        pause.proposal_ends_at = put.row.ends_at
        _set_proposal(seat, pause, pause.until_at)
    seat.session.flush()


def start_offers(seat: Seat, pause: Pause, *, at: datetime) -> None:
    """Each plan has the days again that it had left when the pause began."""
    seat.require("time:pass")
    for kept in seat.session.scalars(select(PausedOffer).where(PausedOffer.pause_id == pause.id)):
        row = seat.session.get_one(Offer, kept.offer_id)
        if row.status in WAITING:
            _set(seat, row, kept, pause, at)
            for run_at in (row.shows_at, row.lapses_at):
                _promise(seat, run_at, at)
    if pause.proposal_ends_at is not None:
        ends_at = _set_proposal(seat, pause, at)
        if ends_at is not None:
            _promise(seat, ends_at, at)
    seat.session.flush()


def void_offers(seat: Seat, *, at: datetime) -> None:
    """No plan that was held or open stands any more; a held one never shows, and answers to a proposal are gone."""
    seat.require("time:pass")
    brought_up_to_date(seat, at=at)
    current = current_negotiation(seat)
    for row in lay(seat, current).rows if current is not None else ():
        if row.status in WAITING:
            write_status(seat, row, OfferState.VOID, closed_at=at)
    put = newest_proposal(seat)
    if put is not None and put.row.status is ProposalState.OPEN:
        close(seat, put.row, ProposalState.VOID, closed_at=at)


def _set(seat: Seat, row: Offer, kept: PausedOffer, pause: Pause, resumed_at: datetime) -> None:
    if kept.shows_at > pause.paused_at:
        row.shows_at = resumed_at + (kept.shows_at - pause.paused_at)
    ends_at = kept_end(seat.case, kept.lapses_at, paused_at=pause.paused_at, resumed_at=resumed_at)
    assert ends_at is not None
    row.lapses_at = ends_at


def _set_proposal(seat: Seat, pause: Pause, resumed_at: datetime) -> datetime | None:
    """The end that the proposal then has; None where it is open no more."""
    put = newest_proposal(seat)
    if put is None or put.row.status is not ProposalState.OPEN:
        return None
    ends_at = kept_end(seat.case, pause.proposal_ends_at, paused_at=pause.paused_at, resumed_at=resumed_at)
    assert ends_at is not None
    put.row.ends_at = ends_at
    return ends_at


def _promise(seat: Seat, run_at: datetime, at: datetime) -> None:
    dedup = f"offer:settle:{seat.case_id}:{int(run_at.timestamp())}"
    outbox.enqueue(seat.session, "offer:settle", {"case": str(seat.case_id)}, at=at, run_at=run_at, dedup=dedup)
