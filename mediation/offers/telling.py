"""What the record and the notices say of an offer: its name, its hash, its moments; never an amount."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.offers.models import Offer
from mediation.rules.access import Role
from mediation.rules.negotiation import Side


def made(seat: Seat, row: Offer) -> dict[str, str]:
    """The record's body for an offer that now shows; no number, for a gap would tell of one taken back."""
    found = select(Offer.id).where(Offer.negotiation_id == row.negotiation_id, Offer.number == row.counters)
    countered = seat.session.scalar(found) if row.counters is not None else None
    return {
        **closed(row),
        "side": row.side.value,
        "counters": "" if countered is None else str(countered),
        "shown_at": row.shows_at.isoformat(),
        "lapses_at": row.lapses_at.isoformat(),
        **({"final": "yes"} if row.is_final else {}),
    }


def closed(row: Offer) -> dict[str, str]:
    """The record's body for an offer that is answered or gone."""
    return {"offer": str(row.id), "sha256": row.sha256}


def tell(kind: str, seat: Seat, sides: Sequence[Side], *, at: datetime) -> None:
    """Everybody of those sides is told, and the mediator; whoever acted knows it already."""
    roles = (*(ROLES[side] for side in sides), Role.MEDIATOR)
    tell_roles(seat.session, seat.case, kind, roles, but=seat.account_id, at=at)


ROLES = {Side.BORROWER: Role.BORROWER, Side.LENDER: Role.LENDER}
