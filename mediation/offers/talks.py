"""Where the talks stand: how far apart the two sides are and what each has moved, from plans that both have seen."""

from dataclasses import dataclass

from mediation.offers.figures import regular
from mediation.offers.readings import Shown
from mediation.rules.consequences import monthly_burden
from mediation.rules.negotiation import OfferState, Side


@dataclass(frozen=True)
class Position:
    """What one side asked at a time; `monthly` is None where everything is paid at once. Minor units."""

    total: int
    count: int
    monthly: int | None


@dataclass(frozen=True)
class Stand:
    """One side's first and newest plan that stood, and how many it has put forward."""

    side: Side
    first: Position
    newest: Position
    plans: int

    @property
    def moved_total(self) -> int:
        """How much more, or less, is paid in all by the newest plan than by the first."""
        return self.newest.total - self.first.total

    @property
    def moved_monthly(self) -> int | None:
        """The same of a month; None where one of the two is paid at once."""
        if self.first.monthly is None or self.newest.monthly is None:
            return None
        return self.newest.monthly - self.first.monthly


@dataclass(frozen=True)
class Talks:
    """Where the talks stand; `apart_…` are the lender's newest plan less the borrower's, None where one is missing."""

    currency: str
    on_table: Shown | None
    stands: tuple[Stand, ...]

    @property
    def apart_total(self) -> int | None:
        """How far apart the two are in all."""
        borrower, lender = self._newest
        return None if borrower is None or lender is None else lender.total - borrower.total

    @property
    def apart_monthly(self) -> int | None:
        """How far apart the two are in a month."""
        borrower, lender = self._newest
        if borrower is None or lender is None or borrower.monthly is None or lender.monthly is None:
            return None
        return lender.monthly - borrower.monthly

    @property
    def _newest(self) -> tuple[Position | None, Position | None]:
        found = {stand.side: stand.newest for stand in self.stands}
        return found.get(Side.BORROWER), found.get(Side.LENDER)


def talks_of(offers: list[Shown]) -> Talks | None:
    """The picture of the talks from a reader's plans, the newest first; None before anybody has shown one.

    A plan that is still held, or was taken back before it showed, counts for nobody, its own side included: so
    everybody at the table reads the same picture. One taken back later is no position any more.
    """
    seen = [one for one in reversed(offers) if one.place is not None and one.state is not OfferState.HELD]
    if not seen:
        return None
    stands = tuple(stand for stand in (_stand(side, seen) for side in Side) if stand is not None)
    on_table = next((one for one in offers if one.state is OfferState.OPEN), None)
    return Talks(seen[0].plan.terms.currency, on_table, stands)


def _stand(side: Side, seen: list[Shown]) -> Stand | None:
    own = [one for one in seen if one.by is side]
    standing = [one for one in own if one.state is not OfferState.WITHDRAWN]
    if not standing:
        return None
    return Stand(side, _position(standing[0]), _position(standing[-1]), len(own))


def _position(one: Shown) -> Position:
    terms, schedule = one.plan.terms, one.plan.schedule
    at_once = terms.instalments == 1
    monthly = None if at_once else monthly_burden(regular(terms, schedule), terms.frequency)
    return Position(schedule.total, terms.instalments, monthly)
