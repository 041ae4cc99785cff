"""Whole minor units of a currency: reading, writing, rounding, and splitting without loss."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from mediation.errors import Refused

LIMIT = 10**13
MOST_MULTIPLE = 10**6

# ISO 4217 table A.1: how many decimals a currency has.
EXPONENTS: Mapping[str, int] = MappingProxyType(
    {
        "AUD": 2, "BHD": 3, "CAD": 2, "CHF": 2, "CNY": 2, "EUR": 2, "GBP": 2, "HKD": 2, "IDR": 2, "INR": 2,
        "JPY": 0, "KRW": 0, "KWD": 3, "MOP": 2, "MYR": 2, "NZD": 2, "PHP": 2, "SGD": 2, "THB": 2, "TWD": 2,
        "USD": 2, "VND": 0,
    }
)  # fmt: skip


class Rounding(StrEnum):
    """What happens to a fraction; up is away from zero, down is towards it."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """A way to round, to multiples of so many minor units; written 'half_up' or 'up:10'."""

    mode: Rounding
    multiple: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.multiple <= MOST_MULTIPLE:
            raise Refused("money:unknown-rounding", text=str(self))

    def __str__(self) -> str:
        return str(self.mode) if self.multiple == 1 else f"{self.mode}:{self.multiple}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rule that `str` wrote; anything else is refused with money:unknown-rounding."""
        found = re.fullmatch(r"([a-z_]{1,10})(?::([1-9][0-9]{0,6}))?", text)
        if found is None or found[1] not in set(Rounding):
            raise Refused("money:unknown-rounding", text=text[:40])
        return cls(Rounding(found[1]), int(found[2] or 1))

    def in_minor_units(self) -> "RoundingRule":
        """The same way to round, to one minor unit: for interest and penalty, which have no multiple."""
        return RoundingRule(self.mode)


HALF_UP = RoundingRule(Rounding.HALF_UP)


class Odd(StrEnum):
    """Who gets the minor units that do not divide."""

    FIRST = "first"  # one each, from the first part on
    LAST = "last"  # all of them to the last part
    LARGEST = "largest"  # one each to the largest remainders (Hamilton), the earlier part where equal


class RateUnit(StrEnum):
    """What a bare number means where a rate is written: 15.6 per cent, or 0.156."""

    PERCENT = "percent"
    FRACTION = "fraction"


def exponent(currency: str) -> int:
    """How many decimals `currency` (ISO 4217 code) has; refused: money:unknown-currency."""
    if currency not in EXPONENTS:
        raise Refused("money:unknown-currency", field="currency", currency=currency[:10])
    return EXPONENTS[currency]


def check_amount(minor: int, *, field: str | None = None, currency: str | None = None) -> None:
    """Passes minor units within ±LIMIT; refused: money:too-large, with the currency where it is known."""
    if abs(minor) > LIMIT:
        known = {} if currency is None else {"currency": currency}
        raise Refused("money:too-large", field=field, limit=LIMIT, **known)


def to_minor(amount: Decimal, currency: str, *, field: str | None = None) -> int:
    """Minor units of an amount in major units, exactly.

    Refused: money:not-an-amount (NaN, infinities), money:too-large, money:fraction (more decimals than the
    currency has).
    """
    places = exponent(currency)
    if not amount.is_finite():
        raise Refused("money:not-an-amount", field=field, text=str(amount))
    if amount.is_zero():
        return 0
    if amount.adjusted() + places > len(str(LIMIT)):
        raise Refused("money:too-large", field=field, limit=LIMIT, currency=currency)
    sign, digits, power = amount.as_tuple()
    whole, lost = _shifted("".join(map(str, digits)), int(power) + places)
    if lost:
        raise Refused("money:fraction", field=field, currency=currency, decimals=places)
    check_amount(whole, field=field, currency=currency)
    return -whole if sign else whole


def to_major(minor: int, currency: str) -> Decimal:
    """The amount in major units with exactly the currency's decimals: 123450 CNY is 1234.50."""
    digits = tuple(int(figure) for figure in str(abs(minor)))
    return Decimal((int(minor < 0), digits, -exponent(currency)))


def read_amount(text: str, currency: str, *, allow_negative: bool = False, field: str | None = None) -> int:
    """Minor units of an amount as people and spreadsheets write it: '¥1,234.50', '1234.5元', '3.2万'.

    A comma groups thousands and a point marks decimals; what could be read otherwise ('1.234,56', '1,5',
    '1 234') is refused, never guessed. Refused: money:empty, money:not-an-amount, money:ambiguous,
    money:scientific (Excel dropped digits), money:other-currency, money:negative, and those of `to_minor`.
    """
    exponent(currency)
    written = text.translate(_FOLDED).strip()
    if not written:
        raise Refused("money:empty", field=field)
    found = _AMOUNT.fullmatch(written) if len(written) <= _LONGEST else None
    if found is None or bool(found["open"]) != bool(found["close"]):
        raise Refused("money:not-an-amount", field=field, text=text[:_LONGEST])
    _check_marks(found, currency, field)
    minor = to_minor(_number(found["number"].rstrip(), field), currency, field=field)
    signs = sum(bool(found[name]) for name in ("open", "minus", "inner", "trailing"))
    if signs > 1:
        raise Refused("money:not-an-amount", field=field, text=text[:_LONGEST])
    if signs and minor and not allow_negative:
        raise Refused("money:negative", field=field, text=text[:_LONGEST])
    return -minor if signs else minor


def read_rate(text: str, *, unit: RateUnit | None = None, field: str | None = None) -> Decimal:
    """A rate as a fraction (0.156) from '15.6%', '15.6 ％' or a bare number in the unit the caller states.

    A written sign wins over `unit`; whether it is per day, month or year is the caller's to know.
    Refused: money:empty, money:not-a-rate (also negatives, periods such as '/月', more than 12 decimals),
    money:ambiguous (a bare number, and no unit stated).
    """
    written = text.translate(_FOLDED).strip()
    if not written:
        raise Refused("money:empty", field=field)
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,12})?|\.[0-9]{1,12})\s*([%‰]?)", written, re.ASCII)
    if found is None:
        raise Refused("money:not-a-rate", field=field, text=text[:_LONGEST])
    if not found[2] and unit is None:
        raise Refused("money:ambiguous", field=field, text=written)
    places = {"%": 2, "‰": 3, "": 2 if unit is RateUnit.PERCENT else 0}[found[2]]
    return Decimal(f"{found[1]}E-{places}")


def round_minor(value: Decimal, rule: RoundingRule) -> int:
    """Whole minor units of `value` minor units under `rule`; refused: money:not-an-amount, money:too-large."""
    if not value.is_finite():
        raise Refused("money:not-an-amount", text=str(value))
    if value.is_zero():
        return 0
    if value.adjusted() > len(str(LIMIT)):
        raise Refused("money:too-large", limit=LIMIT)
    sign, digits, power = value.as_tuple()
    whole, lost = _shifted("".join(map(str, digits)), int(power) + 1)
    # A tenth and whether anything follows it is all that any of the rules asks about the fraction.
    twentieths = 2 * whole + int(lost)
    minor = round_ratio(-twentieths if sign else twentieths, 20, rule)
    check_amount(minor)
    return minor


def round_ratio(numerator: int, denominator: int, rule: RoundingRule) -> int:
    """Whole minor units of the exact fraction numerator/denominator (denominator > 0) under `rule`."""
    step = denominator * rule.multiple
    whole, rest = divmod(abs(numerator), step)
    if rest and _goes_up(rule.mode, whole, 2 * rest, step):
        whole += 1
    return (-whole if numerator < 0 else whole) * rule.multiple


def split(total: int, parts: int | Sequence[int], *, odd: Odd = Odd.LARGEST) -> list[int]:
    """Whole shares of `total` minor units that add up to it: `parts` equal ones, or by whole weights.

    Each share is rounded down and `odd` says who gets what is left. Refused: money:negative,
    money:too-large, money:no-parts (no part, a negative weight, or nothing but zeros).
    """
    if total < 0:
        raise Refused("money:negative", total=total)
    check_amount(total)
    weights = [1] * parts if isinstance(parts, int) else list(parts)
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise Refused("money:no-parts")
    shares = [total * weight // whole for weight in weights]
    left = total - sum(shares)
    weighing = [place for place, weight in enumerate(weights) if weight]
    if odd is Odd.LAST:
        shares[weighing[-1]] += left
        return shares
    if odd is Odd.LARGEST:
        weighing.sort(key=lambda place: -(total * weights[place] % whole))
    for place in weighing[:left]:
        shares[place] += 1
    return shares


_LONGEST = 60

# Not NFKC: it would turn '5²' into 52 and '①' into 1.
_FOLDED = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), " "),
    0xFFE5: "¥", 0xFFE1: "£", 0xFFE6: "₩", 0x2212: "-", 0x200B: None, 0xFEFF: None,
}  # fmt: skip

# Whom a mark may mean; longer marks stand first so that 'HK$' is not read as '$'.
_MARKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "人民币": ("CNY",), "RMB": ("CNY",), "CN¥": ("CNY",), "HK$": ("HKD",), "NT$": ("TWD",),
        "US$": ("USD",), "港元": ("HKD",), "港币": ("HKD",), "新台币": ("TWD",), "美元": ("USD",),
        "日元": ("JPY",), "欧元": ("EUR",), "英镑": ("GBP",), "韩元": ("KRW",),
        **{code: (code,) for code in EXPONENTS},
        "元整": ("CNY", "TWD", "HKD"), "元": ("CNY", "TWD", "HKD"), "圆": ("CNY",), "円": ("JPY",),
        "¥": ("CNY", "JPY"), "€": ("EUR",), "£": ("GBP",), "₩": ("KRW",),
        "$": ("AUD", "CAD", "HKD", "NZD", "SGD", "TWD", "USD"),
    }
)  # fmt: skip
_SCALES: Mapping[str, int] = MappingProxyType(
    {"千万": 7, "千萬": 7, "百万": 6, "百萬": 6, "亿": 8, "億": 8, "万": 4, "萬": 4, "千": 3, "百": 2}
)
_MARK = "|".join(map(re.escape, _MARKS))
_SCALE = "|".join(_SCALES)
_AMOUNT = re.compile(
    rf"(?P<open>\(\s*)?(?P<minus>-\s*)?(?:(?P<before>{_MARK})\s*)?(?P<inner>-\s*)?"
    rf"(?P<number>[0-9.][0-9., E+{''.join(set(_SCALE) - {'|'})}]*)"
    rf"(?P<trailing>-)?\s*(?P<after>{_MARK})?(?P<close>\s*\))?",
    re.ASCII | re.IGNORECASE,
)
_PLAIN = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?)"
_SCALED = re.compile(rf"({_PLAIN})({_SCALE})")


def _shifted(digits: str, places: int) -> tuple[int, bool]:
    """`digits` times ten to the power of `places`, whole, and whether anything but zeros was cut off."""
    if places >= 0:
        return int(digits) * 10**places, False
    kept, cut = digits[:places], digits[places:]
    return int(kept or "0"), bool(cut.strip("0"))


def _goes_up(mode: Rounding, whole: int, twice_rest: int, step: int) -> bool:
    if mode is Rounding.UP or mode is Rounding.DOWN:
        return mode is Rounding.UP
    if twice_rest == step:
        return mode is Rounding.HALF_UP or whole % 2 == 1
    return twice_rest > step


def _check_marks(found: re.Match[str], currency: str, field: str | None) -> None:
    for mark in (found["before"], found["after"]):
        if mark and currency not in _MARKS[mark.upper()]:
            raise Refused("money:other-currency", field=field, mark=mark, currency=currency)


def _number(written: str, field: str | None) -> Decimal:
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", written, re.ASCII | re.IGNORECASE):
        raise Refused("money:scientific", field=field, text=written)
    if re.fullmatch(_PLAIN, written, re.ASCII):
        return Decimal(written.replace(",", ""))
    total, above = Decimal(0), 99
    close = re.sub(rf" +({_SCALE})", r"\1", written)
    parts = _SCALED.findall(close)
    if not parts or "".join(number + scale for number, scale in parts) != close:
        raise Refused("money:ambiguous", field=field, text=written)
    for number, scale in parts:
        # '1万2千' is plain; '2千3万' and '1.5万2千' are slips of the pen.
        if _SCALES[scale] >= above or (len(parts) > 1 and "." in number):
            raise Refused("money:ambiguous", field=field, text=written)
        total += Decimal(f"{number.replace(',', '')}E{_SCALES[scale]}")
        above = _SCALES[scale]
    return total
