"""Statements on the table: whose turn it is, what may answer what, when an offer lapses.

A negotiation is an append-only list of offers. Between making an offer and showing it lie ten minutes (the
hold) in which only its own side sees it and may take it back. One offer at most is open, and it is always the
one that was shown last. What follows where an open offer O of one side meets a held offer C of the other:

    while C is held                  what follows
    -------------------------------  ------------------------------------------------------------------------
    C's hold ends, C answers O       O is countered at the moment C shows; C is open
    C's hold ends, C does not name   the two crossed (each made before it saw the other's): O is superseded
    O                                at the moment C shows, not answered; C is open
    C is taken back                  nobody else ever sees C; O stays open, its time has run on
    O is withdrawn                   O is withdrawn; C shows when its hold ends, as an offer of its own
    O lapses (also at the instant    O lapsed at its own moment; C shows when its hold ends, as an offer of
    at which C shows)                its own
    C's side accepts or declines O   refused, offer:take-back-first: one side never says two things at once
    O's side makes another offer     refused, offer:waiting-for-answer, as if C did not exist
    O's side accepts or declines C   not found: C does not exist for it yet
    both offers are held             neither side knows; they show in turn, and the later one supersedes
    C is void before it shows        nobody else ever sees it; O stays open

An open offer that part of a side has accepted is still open: it may be withdrawn, declined, countered, lapse.
A table ends with its acceptance: where an agreement fails and talk begins again, a new table is laid.

A final offer is a side's last word: once it has shown, that side puts forward no other one on this table, unless
it takes it back while it is open. It may still answer whatever the other side or the mediator puts forward.
"""

from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from mediation.errors import NotFound, Refused, Stale

HOLD: Final = timedelta(minutes=10)


class Side(StrEnum):
    """The two sides of a case."""

    BORROWER = "borrower"
    LENDER = "lender"

    @property
    def other(self) -> "Side":
        """The side across the table."""
        return Side.LENDER if self is Side.BORROWER else Side.BORROWER


class OfferState(StrEnum):
    """Where an offer stands at a moment."""

    HELD = "held"
    OPEN = "open"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    VOID = "void"


CLOSED: Final = frozenset(OfferState) - {OfferState.HELD, OfferState.OPEN}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One offer on the list. Moments are aware; `counters` is the number of the offer it answers.

    `by` is None only for a proposal of the mediator, which comes onto the list when both sides have agreed to it.
    """

    number: int
    by: Side | None
    made_at: datetime
    shows_at: datetime
    lapses_at: datetime
    closed_as: OfferState | None = None
    closed_at: datetime | None = None
    counters: int | None = None
    is_final: bool = False

    def __post_init__(self) -> None:
        if not self.made_at <= self.shows_at < self.lapses_at:
            raise ValueError("an offer is made, then shows, then lapses")
        if (self.closed_as is None) != (self.closed_at is None):
            raise ValueError("an offer is closed as something and at a moment")
        if self.closed_as is not None and self.closed_as not in CLOSED:
            raise ValueError("held and open follow from time and are never written")
        if self.by is None and self.closed_as is not OfferState.ACCEPTED:
            raise ValueError("a plan of neither side is one that both have agreed to")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One negotiation: its offers in the order made, and how many each side may put forward.

    `version` is the writer's, for the conditional update under the case lock. It moves with held offers too,
    so no page carries it: forms carry `seen_version`.
    """

    offers: tuple[Offer, ...] = ()
    version: int = 0
    round_limit: int = 10


@dataclass(frozen=True, kw_only=True)
class Change:
    """An offer that time alone has closed, and the moment from which that is true."""

    number: int
    state: OfferState
    at: datetime


# --- what stands at a moment ---


def state_at(offer: Offer, at: datetime) -> OfferState:
    """The state of one offer by itself: held before it shows, open until it lapses (exclusive).

    What was written down stands, also where a clock has stepped back behind it. Other offers may have closed
    this one meanwhile; ask `state_on` where the table is at hand.
    """
    if offer.closed_as is not None:
        return offer.closed_as
    if at < offer.shows_at:
        return OfferState.HELD
    return OfferState.OPEN if at < offer.lapses_at else OfferState.LAPSED


def state_on(table: Table, number: int, at: datetime) -> OfferState:
    """The state of an offer among the others. Raises NotFound where there is no such number."""
    return state_at(_offer(settled(table, at), number), at)


def on_the_table(table: Table, at: datetime) -> Offer | None:
    """The one open offer, if any."""
    return next((o for o in settled(table, at).offers if state_at(o, at) is OfferState.OPEN), None)


def held_by(table: Table, side: Side, at: datetime) -> Offer | None:
    """The offer which that side still holds back, if any."""
    return next((o for o in table.offers if o.by is side and state_at(o, at) is OfferState.HELD), None)


def accepted_on(table: Table, at: datetime) -> Offer | None:
    """The accepted offer, if any; never more than one."""
    return next((o for o in table.offers if state_at(o, at) is OfferState.ACCEPTED), None)


def turn(table: Table, at: datetime) -> Side | None:
    """Who must answer; None when nothing is open and both may speak. A held offer never shows in it."""
    offer = on_the_table(table, at)
    return None if offer is None or offer.by is None else offer.by.other


def rounds_of(table: Table, side: Side, at: datetime) -> int:
    """How many offers that side has put forward; one taken back in its hold does not count."""
    return sum(1 for o in table.offers if o.by is side and (_has_shown(o, at) or _is_held(o, at)))


# --- what time alone brings about ---


def settle(table: Table, at: datetime) -> tuple[Change, ...]:
    """Holds that ended and offers that lapsed up to `at` and are not yet written down, in order of time.

    Each change carries the moment at which it became true, so it may be written late. Writing them twice
    changes nothing.
    """
    shown = sorted((o for o in table.offers if _has_shown(o, at)), key=lambda o: (o.shows_at, o.number))
    changes = (_closed_by_time(o, after, at) for o, after in zip_longest(shown, shown[1:]))
    return tuple(sorted((c for c in changes if c), key=lambda c: (c.at, c.number)))


def settled(table: Table, at: datetime) -> Table:
    """The table with everything that time has brought about up to `at` written down."""
    for change in settle(table, at):
        table = with_change(table, change)
    return table


def with_change(table: Table, change: Change) -> Table:
    """The table with that offer closed. Raises NotFound, or Refused where it is closed already."""
    offer = _offer(table, change.number)
    if offer.closed_as is not None:
        raise Refused(f"offer:{offer.closed_as}", number=offer.number, closed_at=offer.closed_at)
    closed = replace(offer, closed_as=change.state, closed_at=change.at)
    offers = tuple(closed if o.number == change.number else o for o in table.offers)
    return replace(table, offers=offers, version=table.version + 1)


# --- what may be said ---


def check_may_offer(table: Table, side: Side, at: datetime) -> None:
    """A side speaks when nothing of its own is open or held; to the other's open offer, that is a counter.

    Raises Refused: offer:accepted, offer:waiting-for-answer, offer:still-held, offer:final-said, offer:round-limit.
    """
    accepted, current, held = accepted_on(table, at), on_the_table(table, at), held_by(table, side, at)
    if accepted is not None:
        raise Refused("offer:accepted", number=accepted.number, closed_at=accepted.closed_at)
    if current is not None and current.by is side:
        raise Refused("offer:waiting-for-answer", number=current.number, lapses_at=current.lapses_at)
    if held is not None:
        raise Refused("offer:still-held", number=held.number, shows_at=held.shows_at)
    if last_word_of(table, side, at) is not None:
        raise Refused("offer:final-said")
    if rounds_of(table, side, at) >= table.round_limit:
        raise Refused("offer:round-limit", limit=table.round_limit)


def last_word_of(table: Table, side: Side, at: datetime) -> Offer | None:
    """The final offer that has shown and was not taken back, if that side has made one."""
    final = (o for o in table.offers if o.by is side and o.is_final and _has_shown(o, at))
    return next((o for o in final if o.closed_as is not OfferState.WITHDRAWN), None)


def new_offer(table: Table, side: Side, *, at: datetime, lapses_at: datetime, is_final: bool = False) -> Offer:
    """The next offer on the list, held for ten minutes, naming the open offer it counters.

    Raises what `check_may_offer` raises.
    """
    check_may_offer(table, side, at)
    current = on_the_table(table, at)
    return Offer(
        number=max((o.number for o in table.offers), default=0) + 1,
        by=side,
        made_at=at,
        shows_at=at + HOLD,
        lapses_at=lapses_at,
        counters=None if current is None else current.number,
        is_final=is_final,
    )


def with_offer(table: Table, offer: Offer) -> Table:
    """The table with one more statement at its end."""
    return replace(table, offers=(*table.offers, offer), version=table.version + 1)


def check_may_answer(table: Table, number: int, side: Side, at: datetime) -> None:
    """Only the other side's open offer is accepted or declined, and not while one's own counter is held.

    Raises NotFound for a number that does not exist, or not yet for this side; Refused: offer:own,
    offer:<how it was closed> (number, closed_at), offer:take-back-first (number of the held counter).
    """
    offer = _offer_seen_by(table, number, side, at)
    if offer.by is side:
        raise Refused("offer:own", number=number)
    _check_not_closed(offer, at)
    held = held_by(table, side, at)
    if held is not None:
        raise Refused("offer:take-back-first", number=held.number, shows_at=held.shows_at)


def check_may_withdraw(table: Table, number: int, side: Side, at: datetime) -> None:
    """A side withdraws its own offer while it is held or open.

    Raises NotFound as `check_may_answer` does; Refused: offer:not-yours, offer:<how it was closed>.
    """
    offer = _offer_seen_by(table, number, side, at)
    if offer.by is not side:
        raise Refused("offer:not-yours", number=number)
    _check_not_closed(offer, at)


def accepted_by_all(signing_members: AbstractSet[Hashable], acceptances: AbstractSet[Hashable]) -> bool:
    """Whether every signing member of the answering side has accepted; a side of nobody accepts nothing."""
    return bool(signing_members) and signing_members <= acceptances


# --- who sees what ---


def visible_to(offer: Offer, reader: Side | None, at: datetime) -> bool:
    """Whether that side, or the mediator (None), may know of the offer.

    In its hold an offer is seen by its own side alone. The mediator does not see it either: taking it back
    must leave no trace in anybody's mind. One that was closed before it showed is never seen by others.
    """
    return offer.by is reader or _has_shown(offer, at)


def place_of(table: Table, number: int, reader: Side | None, at: datetime) -> int | None:
    """The offer's place, from 1, among those the reader may know of; None where it may not be known.

    Pages show this and not the number, for a gap in the numbers would tell of an offer taken back.
    """
    seen = [o for o in table.offers if visible_to(o, reader, at) and _keeps_a_place(o, at)]
    order = [o.number for o in sorted(seen, key=lambda o: (not _has_shown(o, at), o.shows_at, o.number))]
    return order.index(number) + 1 if number in order else None


def seen_version(table: Table, reader: Side | None, at: datetime) -> int:
    """A count that grows with every change the reader may know of, and with nothing else."""
    offers = [o for o in settled(table, at).offers if visible_to(o, reader, at)]
    made = sum(1 for o in offers if o.by is not None and o.by is reader)
    shown = sum(1 for o in offers if _has_shown(o, at))
    return made + shown + sum(1 for o in offers if state_at(o, at) in CLOSED)


def check_seen(table: Table, reader: Side | None, version: int, at: datetime) -> None:
    """Raises Stale("negotiation:changed", seen, now) where the page was older than the table."""
    now = seen_version(table, reader, at)
    if version != now:
        raise Stale("negotiation:changed", seen=version, now=now)


def _closed_by_time(offer: Offer, after: Offer | None, at: datetime) -> Change | None:
    if offer.closed_as is not None:
        return None
    if after is not None and after.shows_at < offer.lapses_at:
        answered = after.counters == offer.number
        state = OfferState.COUNTERED if answered else OfferState.SUPERSEDED
        return Change(number=offer.number, state=state, at=after.shows_at)
    if offer.lapses_at <= at:
        return Change(number=offer.number, state=OfferState.LAPSED, at=offer.lapses_at)
    return None


def _has_shown(offer: Offer, at: datetime) -> bool:
    return offer.shows_at <= at and (offer.closed_at is None or offer.closed_at >= offer.shows_at)


def _is_held(offer: Offer, at: datetime) -> bool:
    return state_at(offer, at) is OfferState.HELD


def _keeps_a_place(offer: Offer, at: datetime) -> bool:
    return _has_shown(offer, at) or _is_held(offer, at)


def _offer(table: Table, number: int) -> Offer:
    for offer in table.offers:
        if offer.number == number:
            return offer
    raise NotFound


def _offer_seen_by(table: Table, number: int, side: Side, at: datetime) -> Offer:
    offer = _offer(settled(table, at), number)
    if not visible_to(offer, side, at):
        raise NotFound
    return offer


def _check_not_closed(offer: Offer, at: datetime) -> None:
    state = state_at(offer, at)
    if state in CLOSED:
        raise Refused(f"offer:{state}", number=offer.number, closed_at=offer.closed_at)
