"""A draw that nobody can steer and anybody can check: a seed promised first, a fixed list, a number of each side.

The institution publishes the SHA-256 of its seed together with the list; only then may each side give a number of
its own. The order is that of SHA-256(seed|list|number|number|candidate), each part as text: the institution cannot
choose the seed to fit the numbers, and a side cannot choose its number to fit a seed that it does not know.
Source: commit and reveal (Blum 1983, "Coin flipping by telephone"); each step is one call of `sha256sum`.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mediation.errors import Refused
from mediation.rules.negotiation import Side

SEED_BYTES = 32
FEWEST = 2
MOST_DIGITS = 20
NOTHING_GIVEN = "-"
_NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True, order=True)
class Listed:
    """One candidate of a draw: the id that is drawn, and the name beside it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One candidate with the number that decides its place, 64 hexadecimal digits; the lowest comes first."""

    candidate: Listed
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What comes out when a draw is computed again from what was published."""

    seed_fits: bool
    list_fits: bool
    drawn_fits: bool

    @property
    def fits(self) -> bool:
        """Whether everything is as it was promised."""
        return self.seed_fits and self.list_fits and self.drawn_fits


def list_text(candidates: Iterable[Listed]) -> str:
    """The list as it is published and hashed: a line `id name` for each, by id; at least two, no id twice.

    Raises Refused("draw:too-few") for fewer than two; ValueError for an id given twice or a line within a line.
    """
    listed = sorted(candidates)
    if len(listed) < FEWEST:
        raise Refused("draw:too-few", least=FEWEST)
    if len({each.id for each in listed}) != len(listed):
        raise ValueError("a candidate stands in the list twice")
    lines = [f"{each.id} {each.name}" for each in listed]
    if any(len(line.splitlines()) != 1 or " " in each.id for line, each in zip(lines, listed, strict=True)):
        raise ValueError("a candidate's line is one line, its id one word")
    return "".join(f"{line}\n" for line in lines)


def read_list(text: str) -> tuple[Listed, ...]:
    """The candidates that a published list names."""
    return tuple(Listed(*line.split(" ", 1)) for line in text.splitlines())


def commitment(seed: str) -> str:
    """SHA-256 of the seed as it is written: lower-case hexadecimal digits."""
    return _sha256(seed)


def read_number(text: str) -> str:
    """A side's number, in plain digits; Refused("draw:number-mistyped") for anything but 1 to 20 digits."""
    plain = "".join(str(int(each)) if each.isdecimal() else each for each in text.strip())
    if not _NUMBER.fullmatch(plain):
        raise Refused("draw:number-mistyped", field="number", most=MOST_DIGITS)
    return plain


def ticket_text(seed: str, list_sha256: str, numbers: Mapping[Side, str], candidate_id: str) -> str:
    """What is hashed for one candidate; `-` stands for the number that a side did not give."""
    given = (numbers.get(side, NOTHING_GIVEN) for side in (Side.BORROWER, Side.LENDER))
    return "|".join((seed, list_sha256, *given, candidate_id))


def order(seed: str, text: str, numbers: Mapping[Side, str]) -> Sequence[Ticket]:
    """The candidates of a published list in the order in which they are drawn."""
    of_list = _sha256(text)
    tickets = [Ticket(each, _sha256(ticket_text(seed, of_list, numbers, each.id))) for each in read_list(text)]
    return sorted(tickets, key=lambda ticket: (ticket.sha256, ticket.candidate))


def drawn(tickets: Sequence[Ticket], available: Iterable[str]) -> Ticket | None:
    """The first in that order who can still be asked; none where nobody can."""
    still = set(available)
    return next((ticket for ticket in tickets if ticket.candidate.id in still), None)


def check(
    *, promised: str, list_sha256: str, seed: str, text: str, numbers: Mapping[Side, str], passed_over: Sequence[str],
    drawn_id: str,
) -> Checked:  # fmt: skip
    """The draw computed again: the seed against its promise, the list against its hash, who came first.

    `passed_over` are the ids that came before the drawn one and could not be asked any more, in their order.
    """
    ids = [ticket.candidate.id for ticket in order(seed, text, numbers)]
    return Checked(
        seed_fits=commitment(seed) == promised,
        list_fits=_sha256(text) == list_sha256,
        drawn_fits=ids[: len(passed_over) + 1] == [*passed_over, drawn_id],
    )


def sha256_of(text: str) -> str:
    """SHA-256 of a published list, in lower-case hexadecimal digits."""
    return _sha256(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
