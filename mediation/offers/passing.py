"""What time alone brings about on a table, written down: holds that end, offers answered by another, lapses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from mediation import audit
from mediation.cases.seats import Seat
from mediation.errors import Stale
from mediation.keys import pack, ring_of, unpack
from mediation.offers import telling
from mediation.offers.models import Negotiation, Offer
from mediation.offers.proposal_passing import close_if_due
from mediation.offers.tables import Laid, current_negotiation, lay, table_of
from mediation.offers.turns import await_next
from mediation.rules import negotiation
from mediation.rules.lifecycle import Stage, is_over
from mediation.rules.negotiation import OfferState, Side


@dataclass(frozen=True)
class Happening:
    """One offer that showed or was closed, and the moment from which that is true."""

    at: datetime
    becomes: OfferState
    row: Offer


def brought_up_to_date(case_seat: Seat, *, at: datetime) -> Laid:
    """The table as it stands, with everything that time has brought about up to `at` written down and told."""
    case_seat.require("time:pass")
    was_closed = close_if_due(case_seat, at=at)
    current = current_negotiation(case_seat)
    if current is None:
        _pass_turn(case_seat, [], was_closed, at=at)
        return table_of(case_seat)
    laid = lay(case_seat, current)
    if case_seat.stage is not Stage.OPEN and not is_over(case_seat.stage):
        return laid
    found = happenings(laid, at)
    for happening in found:
        write_status(case_seat, happening.row, happening.becomes, closed_at=happening.at)
        _make_known(case_seat, happening, at=at)
    _pass_turn(case_seat, found, was_closed, at=at)
    return lay(case_seat, current)


def happenings(laid: Laid, at: datetime) -> list[Happening]:
    """What has happened and is not yet written, in order of time; at one moment, in the order in which offers show.

    So an offer shows before it is closed, and is closed before the one that takes its place shows.
    """
    found = [one for one in _happenings(laid, at) if one.row.status is not one.becomes]
    return sorted(found, key=lambda one: (one.at, one.row.shows_at, one.row.number, one.becomes is not OfferState.OPEN))


def write_status(seat: Seat, row: Offer, becomes: OfferState, *, closed_at: datetime, reason: str = "") -> None:
    """The offer has that state and its negotiation is one version on; Stale where somebody was quicker."""
    written = seat.session.execute(
        update(Offer)
        .where(Offer.id == row.id, Offer.status.in_((OfferState.HELD, OfferState.OPEN)))
        .values(
            status=becomes,
            closed_at=None if becomes is OfferState.OPEN else closed_at,
            decline_reason_sealed=sealed_reason(seat.session, row, reason) if reason else None,
        )
        .execution_options(synchronize_session=False)
    )
    _check_one(written)
    seat.session.refresh(row)
    step_on(seat, seat.session.get_one(Negotiation, row.negotiation_id))


def sealed_reason(session: Session, row: Offer, reason: str) -> bytes:
    """Why this offer was not accepted, as it is kept."""
    return pack(ring_of(session).encrypt(reason.encode(), context=_context(row)))


def reason_of(session: Session, row: Offer) -> str:
    """Why this offer was not accepted, empty where nothing was said; whoever asks may read it."""
    if row.decline_reason_sealed is None:
        return row.decline_reason
    return ring_of(session).decrypt(unpack(row.decline_reason_sealed), context=_context(row)).decode()


def _context(row: Offer) -> bytes:
    return b"decline-reason/" + row.id.bytes


def step_on(seat: Seat, current: Negotiation) -> None:
    """The negotiation is one version on; Stale where its version is not the one that was read."""
    written = seat.session.execute(
        update(Negotiation)
        .where(Negotiation.id == current.id, Negotiation.version == current.version)
        .values(version=current.version + 1)
        .execution_options(synchronize_session=False)
    )
    _check_one(written)
    seat.session.refresh(current)


def _pass_turn(seat: Seat, found: list[Happening], was_closed: bool, *, at: datetime) -> None:
    """Whoever must speak next has the turn, where an offer has shown or lapsed or a proposal has ended."""
    moved = any(one.becomes in (OfferState.OPEN, OfferState.LAPSED) for one in found)
    if seat.case.stage is Stage.OPEN and (moved or was_closed):
        await_next(seat, at=at)


def _happenings(laid: Laid, at: datetime) -> Iterator[Happening]:
    for change in negotiation.settle(laid.table, at):
        yield Happening(change.at, change.state, laid.row(change.number))
    for offer in laid.table.offers:
        row = laid.row(offer.number)
        if offer.closed_as is OfferState.VOID and offer.closed_at is not None:
            yield Happening(offer.closed_at, OfferState.VOID, row)
        elif row.status is OfferState.HELD and offer.shows_at <= at and offer.closed_as is None:
            yield Happening(offer.shows_at, OfferState.OPEN, row)


def _make_known(seat: Seat, happening: Happening, *, at: datetime) -> None:
    """Superseded and countered follow from the offer that shows; a case that has ended tells of its end itself."""
    row = happening.row
    if seat.case.stage is not Stage.OPEN:
        return
    if happening.becomes is OfferState.OPEN:
        audit.record(seat, "offer:made", telling.made(seat, row), at=at)
        telling.tell("offer:shown", seat, (row.side.other,), at=at)
    if happening.becomes is OfferState.LAPSED:
        audit.record(seat, "offer:lapsed", telling.closed(row), at=at)
        telling.tell("offer:lapsed", seat, tuple(Side), at=at)


def _check_one(written: object) -> None:
    if written.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale("negotiation:changed")
