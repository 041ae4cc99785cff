"""What is assumed to happen without an agreement: the fees of a court, how long it takes, what it brings, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from mediation.rules.money import EXPONENTS, HALF_UP, round_ratio

MOST_MONTHS = 600
MOST_DECIMALS = 6
MARKS = ("P", "S", "M")


@dataclass(frozen=True, slots=True)
class Source:
    """Why a figure is what it is; `evidence` opens with P (primary text seen), S (secondary) or M (memory)."""

    citation: str
    evidence: str
    where: str
    note: str

    @property
    def is_only_from_memory(self) -> bool:
        """Whether nobody looked it up: a page says so beside the figure."""
        return self.evidence.startswith("M")


@dataclass(frozen=True, slots=True)
class Band:
    """A part of an amount, up to so many minor units (None: without end), and its fee: a flat one, or a rate."""

    up_to: int | None
    flat: int = 0
    rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class FeeScale:
    """A fee reckoned band by band, each on the part of the amount that lies in it."""

    bands: tuple[Band, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Shares:
    """From so much to so much of a whole, 0 to 1."""

    low: Decimal
    high: Decimal
    source: Source


@dataclass(frozen=True, slots=True)
class Months:
    """From so many to so many months."""

    low: int
    high: int
    source: Source


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One dated set, of one currency; settings of the mediation body, never findings about a case."""

    name: str
    dated: date
    currency: str
    court_fee: FeeScale
    court_fee_share: Shares
    enforcement_fee: FeeScale
    months: Months
    recovery_share: Shares


def fee_on(amount: int, scale: FeeScale, *, share: Decimal = Decimal(1)) -> int:
    """The fee, in minor units, on an amount from 0 up, or that share of it; rounded half-up once, at the end.

    Bands lie one on top of the other; the flat fee of a band is due as soon as the amount reaches into it.
    Source: 诉讼费用交纳办法（国务院令第481号）第十三条, 第十四条 (分段累计).
    """
    fee, below = Decimal(0), 0
    for band in scale.bands:
        within = amount - below if band.up_to is None else min(amount, band.up_to) - below
        if within <= 0:
            break
        fee += band.flat + within * band.rate
        below += within
    return round_ratio(*(fee * share).as_integer_ratio(), HALF_UP)


def read_assumptions(found: Mapping[str, object]) -> Assumptions:
    """One set as its file writes it (data/assumptions/cn.json is the pattern), amounts in minor units.

    A mistake is a Value-, Key-, Type- or AttributeError, whose text says what is wrong.
    """
    expected = {"assumptions", "dated", "what", *Assumptions.__slots__} - {"name"}
    if found.keys() != expected:
        raise ValueError(f"missing or unknown: {', '.join(sorted(found.keys() ^ expected))}")
    currency = _text(found["currency"])
    if currency not in EXPONENTS:
        raise ValueError("a currency is an ISO 4217 code")
    return Assumptions(
        name=_text(found["assumptions"]),
        dated=date.fromisoformat(_text(found["dated"])),
        currency=currency,
        court_fee=_scale(_part(found, "court_fee")),
        court_fee_share=_shares(_part(found, "court_fee_share")),
        enforcement_fee=_scale(_part(found, "enforcement_fee")),
        months=_months(_part(found, "months")),
        recovery_share=_shares(_part(found, "recovery_share")),
    )


def _part(found: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = found[name]
    if not isinstance(part, dict):
        raise TypeError(f"{name} is a set of named values")
    return part


def _source(part: Mapping[str, object]) -> Source:
    source = Source(*(_text(part[name]) for name in ("citation", "evidence", "source", "note")))
    if not source.evidence.startswith(MARKS):
        raise ValueError("evidence opens with P, S or M")
    return source


def _scale(part: Mapping[str, object]) -> FeeScale:
    written = part["bands"]
    if not isinstance(written, list) or not written:
        raise TypeError("bands are a list")
    bands = tuple(map(_band, written))
    ends = [band.up_to for band in bands[:-1]]
    rising = [end for end in ends if end is not None]
    if bands[-1].up_to is not None or len(rising) != len(ends) or rising != sorted({0, *rising} - {0}):
        raise ValueError("bands rise, and the last one alone has no end")
    return FeeScale(bands, _source(part))


def _band(written: Mapping[str, object]) -> Band:
    if written.keys() - {"up_to", "flat", "rate"}:
        raise ValueError("a band has up_to, and flat or rate")
    end = written["up_to"]
    return Band(
        up_to=None if end is None else _whole(end),
        flat=_whole(written.get("flat", 0)),
        rate=_share(written.get("rate", "0")),
    )


def _shares(part: Mapping[str, object]) -> Shares:
    shares = Shares(_share(part["low"]), _share(part["high"]), _source(part))
    if shares.low > shares.high:
        raise ValueError("low is not above high")
    return shares


def _months(part: Mapping[str, object]) -> Months:
    months = Months(_whole(part["low"]), _whole(part["high"]), _source(part))
    if not 0 <= months.low <= months.high <= MOST_MONTHS:
        raise ValueError(f"months rise from low to high, {MOST_MONTHS} at most")
    return months


def _share(written: object) -> Decimal:
    try:
        share = Decimal(_text(written))
    except InvalidOperation as error:
        raise ValueError("a share is a decimal number, as text") from error
    if not share.is_finite() or not 0 <= share <= 1 or int(share.as_tuple().exponent) < -MOST_DECIMALS:
        raise ValueError(f"a share lies between 0 and 1, with {MOST_DECIMALS} decimals at most")
    return share


def _whole(written: object) -> int:
    # JSON's true is an int to Python, and 1.0 equals 1; neither is an amount.
    if type(written) is not int or written < 0:
        raise TypeError("an amount is a whole number of minor units, from 0 up")
    return written


def _text(written: object) -> str:
    if not isinstance(written, str) or not written.strip():
        raise TypeError("a text is not empty")
    return written
