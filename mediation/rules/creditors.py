"""One sum for several creditors: pro rata by what each is owed, and what a refusal changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mediation.errors import Refused
from mediation.rules.money import Odd, check_amount, split


@dataclass(frozen=True, slots=True)
class Creditor:
    """Somebody who is owed `balance` minor units, by a name of the caller's choosing."""

    key: str
    balance: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one creditor is offered, in minor units."""

    key: str
    amount: int


@dataclass(frozen=True, slots=True)
class Division:
    """The shares in the order of the creditors, and what of the sum goes to nobody."""

    shares: tuple[Share, ...]
    set_aside: int = 0

    @property
    def total(self) -> int:
        """The whole sum: every share and what is set aside."""
        return sum(share.amount for share in self.shares) + self.set_aside

    def of(self, key: str) -> int:
        """That creditor's share; refused: creditors:unknown."""
        return self.shares[_place(self, key)].amount


def divide(available: int, creditors: Sequence[Creditor]) -> Division:
    """`available` minor units among the creditors pro rata by balance, nobody above what it is owed.

    Each share is rounded down and the odd minor units go one each to the largest remainders, the earlier
    creditor where they are equal (Hamilton; money.Odd.LARGEST). What exceeds all balances is set aside.
    Refused: money:negative, money:too-large, money:no-parts (no creditor), creditors:nothing-owed (a balance
    that is not above zero), creditors:twice (a key that stands twice).
    """
    _check(available, creditors)
    owed = sum(creditor.balance for creditor in creditors)
    amounts = split(min(available, owed), [creditor.balance for creditor in creditors], odd=Odd.LARGEST)
    shares = tuple(Share(creditor.key, amount) for creditor, amount in zip(creditors, amounts, strict=True))
    return Division(shares, set_aside=max(0, available - owed))


def after_refusal(division: Division, key: str) -> Division:
    """The division once that creditor has said no.

    Every other creditor keeps exactly the share that it was offered, to the minor unit, so that nothing which
    it may have accepted already is changed; the share of the one who refused is set aside, for what comes of
    its claim elsewhere, and the whole sum stays the same. It is given to the others only by a new `divide`,
    which is a new proposal that each of them must answer anew. Refused: creditors:unknown.
    """
    place = _place(division, key)
    left = division.shares[:place] + division.shares[place + 1 :]
    return replace(division, shares=left, set_aside=division.set_aside + division.shares[place].amount)


def _check(available: int, creditors: Sequence[Creditor]) -> None:
    if available < 0:
        raise Refused("money:negative", total=available)
    check_amount(available)
    if not creditors:
        raise Refused("money:no-parts")
    if len({creditor.key for creditor in creditors}) < len(creditors):
        raise Refused("creditors:twice")
    for creditor in creditors:
        check_amount(creditor.balance)
        if creditor.balance <= 0:
            raise Refused("creditors:nothing-owed", creditor=creditor.key)


def _place(division: Division, key: str) -> int:
    for place, share in enumerate(division.shares):
        if share.key == key:
            return place
    raise Refused("creditors:unknown", creditor=key)
