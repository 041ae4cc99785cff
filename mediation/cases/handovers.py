"""A new mediator reads nothing that a side told an earlier one before that side opens it: what lies there, the act."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from mediation import audit
from mediation.accounts.models import Account
from mediation.audit import RecordEntry, RecordThread
from mediation.cases.handover_models import Handover
from mediation.cases.hearing import mediator_hears_since
from mediation.cases.models import Appointment, Seating
from mediation.cases.panel import mediator_in_place
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import Refused, Stale
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role
from mediation.rules.chain import Leaf, canonical, read_leaf
from mediation.rules.negotiation import Side

# What a side has told, shown or stated; where there is none of it, there is nothing to open.
TOLD = ("message:sent", "document:added", "document:replaced", "fact:told", "means:stated")
SIDES = {Role.BORROWER: Side.BORROWER, Role.LENDER: Side.LENDER}


@dataclass(frozen=True)
class Earlier:
    """What the mediator who sits does not hear of a side: how much of each kind, and the SHA-256 of exactly this."""

    seat_id: UUID
    mediator: str
    seated_at: datetime
    counts: Mapping[str, int]
    sha256: str

    @property
    def others(self) -> int:
        """The entries beside what was told: what was done about it, and by whom."""
        return sum(count for kind, count in self.counts.items() if kind not in TOLD)


def earlier_of(seat: Seat) -> Earlier | None:
    """What this seat's side has told earlier mediators and not opened to the present one; none where nothing waits."""
    if not seat.may("earlier:release") or seat.side is None:
        return None
    return _earlier_of(seat, seat.side)


def is_withheld(seat: Seat) -> bool:
    """Whether something of this seat's side waits to be opened to the mediator who sits."""
    return earlier_of(seat) is not None


def release_earlier(seat: Seat, *, seen_sha256: str, at: datetime) -> Handover:
    """The mediator who sits reads everything that this side told earlier ones, as it was shown; no later one does."""
    seat.require("earlier:release")
    earlier = earlier_of(seat)
    if earlier is None or seat.side is None or seat.account_id is None:
        raise Refused("earlier:nothing-withheld")
    if earlier.sha256 != seen_sha256:
        raise Stale("earlier:changed")
    handover = Handover(seat_id=earlier.seat_id, side=seat.side, released_by=seat.account_id, released_at=at)
    seat.session.add(handover)
    seat.session.flush()
    body = {"handover": str(handover.id), "seat": str(earlier.seat_id), "sha256": earlier.sha256}
    audit.record(seat, "earlier:released", body, at=at, thread=ROOM_THREADS[CAUCUS_OF[seat.side]])
    tell_roles(seat.session, seat.case, "earlier:released", (Role.MEDIATOR,), at=at)
    return handover


def tell_of_withheld(seat: Seat, *, at: datetime) -> None:
    """Each side that told an earlier mediator something hears that the new one cannot read it."""
    seat.require("time:pass")
    for role, side in SIDES.items():
        if _earlier_of(seat, side) is not None:
            tell_roles(seat.session, seat.case, "earlier:withheld", (role,), at=at)


def _earlier_of(seat: Seat, side: Side) -> Earlier | None:
    mediator_id = mediator_in_place(seat.session, seat.case_id)
    if mediator_id is None or not _had_another(seat):
        return None
    since = mediator_hears_since(seat.session, seat.case_id, side, account_id=mediator_id)
    sitting = _sitting(seat, mediator_id)
    if since is None or sitting is None or since < sitting.since_at:
        return None
    entries = [leaf for leaf in _leaves(seat, side) if leaf[1].ts_ms < int(since.timestamp() * 1000)]
    counts = Counter(leaf.kind for _, leaf in entries)
    if not any(counts[kind] for kind in TOLD):
        return None
    name = seat.session.get_one(Account, mediator_id).name
    return Earlier(sitting.id, name, since, counts, _sha256(sitting.id, side, [hashed for hashed, _ in entries]))


def _had_another(seat: Seat) -> bool:
    """Whether somebody sat before: only then can anything have been told to anybody else."""
    earlier = exists().where(
        Appointment.case_id == seat.case_id, Appointment.accepted_at.is_not(None), Appointment.ended_at.is_not(None)
    )
    return bool(seat.session.scalar(select(earlier)))


def _sitting(seat: Seat, mediator_id: UUID) -> Seating | None:
    found = select(Seating).where(
        Seating.case_id == seat.case_id, Seating.account_id == mediator_id, Seating.ended_at.is_(None)
    )
    return seat.session.scalars(found).first()


def _leaves(seat: Seat, side: Side) -> Sequence[tuple[bytes, Leaf]]:
    """The hash and the leaf of every entry of that side's own thread."""
    found = (
        select(RecordEntry.leaf_hash, RecordEntry.leaf)
        .join(RecordThread, RecordThread.id == RecordEntry.thread_id)
        .where(RecordThread.case_id == seat.case_id, RecordThread.name == ROOM_THREADS[CAUCUS_OF[side]])
        .order_by(RecordEntry.seq)
    )
    return [(hashed, read_leaf(leaf)) for hashed, leaf in seat.session.execute(found)]


def _sha256(seat_id: UUID, side: Side, entries: Sequence[bytes]) -> str:
    """What binds a release to one mediator's seat, one side and exactly these entries."""
    value = {"seat": str(seat_id), "side": side.value, "entries": [hashed.hex() for hashed in entries]}
    return hashlib.sha256(canonical(value)).hexdigest()
