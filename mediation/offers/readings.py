"""What each seat reads of the table: offers with their stored plans, and what changed since a page was opened."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from mediation.cases import moves
from mediation.cases.models import Seating
from mediation.cases.seats import Seat
from mediation.errors import NotFound, Refused
from mediation.offers.models import Offer
from mediation.offers.passing import reason_of
from mediation.offers.tables import Laid, Plan, earlier_tables, laid_with, plan_of, table_of, visible_rows
from mediation.offers.words import Viewer, viewer_of
from mediation.rules import deadlines, negotiation
from mediation.rules.access import CAUCUS_OF
from mediation.rules.deadlines import Term
from mediation.rules.negotiation import HOLD, OfferState, Side

# What has run its course may be put forward once more as it was, with new days to answer.
COPIED = frozenset({OfferState.LAPSED, OfferState.DECLINED, OfferState.WITHDRAWN, OfferState.SUPERSEDED})


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One offer as one seat may read it; `place` counts only what that seat knows of."""

    id: UUID
    place: int | None
    by: Side | None
    viewer: Viewer
    state: OfferState
    plan: Plan
    sha256: str
    made_at: datetime
    shows_at: datetime
    last_on: date
    closed_at: datetime | None
    decline_reason: str
    reason_is_private: bool
    is_counter: bool
    is_final: bool
    may_be_copied: bool

    @property
    def is_mine(self) -> bool:
        """Whether the reader's own side made it."""
        return self.viewer is Viewer.OWN


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the reader may do at this table now; `seen` is what their forms carry."""

    seen: int
    may_offer: bool
    answerable: UUID | None
    withdrawable: UUID | None
    rounds_left: int
    has_said_last_word: bool = False


@dataclass(frozen=True)
class Change:
    """One thing that happened to an offer, and how it concerns the reader."""

    at: datetime
    state: OfferState
    viewer: Viewer


def offers_seen_by(seat: Seat, *, at: datetime) -> list[Shown]:
    """The offers on the table that this seat may read, the newest first."""
    seat.require("offer:read")
    return _shown(seat, table_of(seat), at)


def earlier_offers_seen_by(seat: Seat, *, at: datetime) -> list[Shown]:
    """The offers on cleared tables that this seat may read, the newest first."""
    seat.require("offer:read")
    return [shown for laid in earlier_tables(seat) for shown in _shown(seat, laid, at)]


def offer_seen_by(seat: Seat, offer_id: UUID, *, at: datetime) -> Shown:
    """That offer; NotFound where this seat may not know of it."""
    seat.require("offer:read")
    for shown in _shown(seat, laid_with(seat, offer_id), at):
        if shown.id == offer_id:
            return shown
    raise NotFound


def choices_of(seat: Seat, *, at: datetime) -> Choices:
    """What this seat may do at the table now."""
    seat.require("offer:read")
    laid, side = table_of(seat), seat.side
    seen = negotiation.seen_version(laid.table, side, at)
    if side is None or not seat.may("offer:make"):
        return Choices(seen=seen, may_offer=False, answerable=None, withdrawable=None, rounds_left=0)
    table = negotiation.settled(laid.table, at)
    current, held = negotiation.on_the_table(table, at), negotiation.held_by(table, side, at)
    mine = held or (current if current and current.by is side else None)
    theirs = current if current and current.by is not side and held is None else None
    left = table.round_limit - negotiation.rounds_of(table, side, at)
    said_last = negotiation.last_word_of(table, side, at) is not None
    is_agreed = negotiation.accepted_on(table, at) is not None
    return Choices(
        seen=seen,
        may_offer=mine is None and left > 0 and not said_last and not is_agreed,
        answerable=laid.row(theirs.number).id if theirs else None,
        withdrawable=laid.row(mine.number).id if mine else None,
        rounds_left=left,
        has_said_last_word=said_last,
    )


def changes_since(seat: Seat, seen: int, *, at: datetime) -> list[Change]:
    """What this seat may know to have changed since a page that carried `seen`."""
    seat.require("offer:read")
    return _history(table_of(seat), seat.side, at)[max(seen, 0) :]


def answer_by(seat: Seat, days: int | None, *, at: datetime) -> date:
    """The last day on which a plan put forward now could be answered; refused at the field of the days."""
    seat.require("offer:make")
    try:
        return moves.deadline_of(seat.case, Term.REPLY_TO_OFFER, at=at + HOLD, count=days).ends_on
    except Refused as no:
        raise Refused(no.key, field="reply_days", **no.facts) from no


def today_of(seat: Seat, moment: datetime) -> date:
    """The day in the case's own zone."""
    return moves.local_day(seat.case, moment)


def newest_of(shown: list[Shown], *, own: bool) -> Shown | None:
    """The newest offer of the reader's side, or of the other, that still says something."""
    return next((one for one in shown if one.is_mine is own and one.state is not OfferState.WITHDRAWN), None)


def _shown(seat: Seat, laid: Laid, at: datetime) -> list[Shown]:
    table = negotiation.settled(laid.table, at)
    ruled = {offer.number: offer for offer in table.offers}
    rows = visible_rows(laid, seat.side, at)
    found = [_one(seat, row, ruled[row.number], laid, at) for row in rows]
    return sorted(found, key=lambda one: (one.shows_at, one.made_at), reverse=True)


def _one(seat: Seat, row: Offer, ruled: negotiation.Offer, laid: Laid, moment: datetime) -> Shown:
    return Shown(
        id=row.id,
        place=negotiation.place_of(laid.table, row.number, seat.side, moment),
        by=row.by,
        viewer=viewer_of(seat.side, row.by),
        state=negotiation.state_at(ruled, moment),
        plan=plan_of(row),
        sha256=row.sha256,
        made_at=row.made_at,
        shows_at=row.shows_at,
        last_on=deadlines.last_day(row.lapses_at, seat.zone),
        closed_at=ruled.closed_at,
        decline_reason=reason_of(seat.session, row) if _may_read_reason(seat, row) else "",
        reason_is_private=not row.reason_released,
        is_counter=row.counters is not None,
        is_final=row.is_final,
        may_be_copied=row.by is not None and row.by is seat.side and ruled.closed_as in COPIED,
    )


def _may_read_reason(seat: Seat, row: Offer) -> bool:
    """Why a plan was not accepted: for both where that was released, else it stays where that side speaks in private.

    A mediator who took the seat later reads none of what was said in private before.
    """
    if row.reason_released or not (row.decline_reason_sealed or row.decline_reason):
        return True
    if not seat.may_read(CAUCUS_OF[row.side.other]):
        return False
    return seat.side is not None or _sat_here(seat, row.closed_at)


def _sat_here(seat: Seat, moment: datetime | None) -> bool:
    found = select(Seating.since_at).where(
        Seating.case_id == seat.case_id, Seating.account_id == seat.account_id, Seating.ended_at.is_(None)
    )
    since = seat.session.scalar(found)
    return since is not None and moment is not None and since <= moment


def _history(laid: Laid, reader: Side | None, at: datetime) -> list[Change]:
    """One change for each that `seen_version` counts, in order of time."""
    found: list[Change] = []
    for offer in negotiation.settled(laid.table, at).offers:
        if not negotiation.visible_to(offer, reader, at):
            continue
        viewer = viewer_of(reader, offer.by)
        if offer.by is not None and offer.by is reader:
            found.append(Change(offer.made_at, OfferState.HELD, viewer))
        if offer.shows_at <= at and (offer.closed_at is None or offer.closed_at >= offer.shows_at):
            found.append(Change(offer.shows_at, OfferState.OPEN, viewer))
        if offer.closed_as is not None and offer.closed_at is not None:
            found.append(Change(offer.closed_at, offer.closed_as, viewer))
    return sorted(found, key=lambda change: change.at)
