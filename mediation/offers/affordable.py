"""How far a plan lies above what the borrower can afford, as far as the reader may know that."""

from dataclasses import dataclass

from mediation.cases.seats import Seat
from mediation.disclosures.means import cap_seen_by, shared_with
from mediation.offers.figures import asked_each_time, regular
from mediation.rules.affordability import cap_each, over_cap
from mediation.rules.negotiation import Side
from mediation.rules.plans import Schedule, Terms


@dataclass(frozen=True)
class Yardstick:
    """What is affordable a month, in minor units; to the lender the upper end of the range that the borrower shared."""

    monthly: int
    reader: Side | None


@dataclass(frozen=True)
class Above:
    """An instalment is `over` minor units above `each`, which is affordable at the plan's frequency.

    `is_regular`: so is the one that comes back, not only the highest.
    """

    over: int
    is_regular: bool
    each: int
    reader: Side | None


def yardstick_of(seat: Seat) -> Yardstick | None:
    """The borrower and the mediator know the cap; the lender nothing, unless the borrower shared a range."""
    if not seat.may("means:read"):
        return None
    if seat.side is Side.LENDER:
        band = shared_with(seat).band
        return None if band is None or band.most is None else Yardstick(band.most, seat.side)
    cap = cap_seen_by(seat)
    return None if cap is None else Yardstick(cap, seat.side)


def above(yardstick: Yardstick | None, terms: Terms, schedule: Schedule) -> Above | None:
    """How far the highest instalment that was meant so lies above; None where it does not, or nobody may say."""
    if yardstick is None:
        return None
    highest, each = asked_each_time(terms, schedule), cap_each(yardstick.monthly, terms.frequency)
    over = over_cap(highest, terms.frequency, yardstick.monthly)
    return Above(over, highest == regular(terms, schedule), each, yardstick.reader) if over else None
