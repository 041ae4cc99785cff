"""One cell of a lender's file as the fact that its column states, or the reason why it cannot be read."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from mediation.errors import Refused
from mediation.portfolios.columns import DAY_FIELDS, MONEY_FIELDS, RATE_FIELDS, Field, unit_in
from mediation.portfolios.days import Day, DayOrder, read_day
from mediation.portfolios.numbers import check_id_number, read_digits, read_phone
from mediation.rules.money import HALF_UP, RateUnit, exponent, read_amount, read_rate, round_minor

Value = str | int | Decimal | Day | None
CellReader = Callable[[str], Value]

LONGEST: Mapping[Field, int] = {
    Field.CONTRACT_NUMBER: 120, Field.BORROWER_NAME: 120, Field.EMAIL: 200, Field.ADDRESS: 300,
    Field.PRODUCT: 120, Field.STATUS: 120, Field.ORIGINAL_LENDER: 200, Field.ORIGINAL_CONTRACT: 120,
}  # fmt: skip
LONGEST_CELL = 400
LONGEST_ATTRIBUTE = 2_000
HIGHEST_RATE = 10  # a thousand per cent: beyond it a unit was mistaken


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a cell cannot be read: a refusal's key, the column as in the file, what stands there, and facts.

    What concerns the row as a whole has no column and no value.
    """

    key: str
    column: str = ""
    value: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the officer said about the file where its cells leave it open; None where nothing was said.

    `round_fractions`: amounts with fractions of a cent are rounded, each one reported, instead of refused.
    """

    currency: str
    rate_unit: RateUnit | None = None
    day_order: DayOrder | None = None
    round_fractions: bool = False


def reader_for(fact: Field, header: str, reading: Reading) -> CellReader:
    """How to read the cells under this header: text in, the fact out, None where the cell is empty.

    The reader refuses what it cannot read with certainty; keys start with import: or money:.
    """
    if fact in MONEY_FIELDS:
        return _amounts(header, reading.currency)
    if fact in RATE_FIELDS:
        return _rates(header, reading.rate_unit)
    if fact in DAY_FIELDS:
        return _filled(lambda text: read_day(text, order=reading.day_order))
    if fact is Field.TERM:
        return _terms(header)
    if fact in _COUNTS:
        pattern, most = _COUNTS[fact]
        return _filled(lambda text: _count(text, pattern, most))
    if fact is Field.PHONE:
        return _filled(lambda text: read_phone(text, chinese=reading.currency == "CNY"))
    if fact is Field.ID_NUMBER:
        return _filled(lambda text: check_id_number(read_digits(text), chinese=reading.currency == "CNY"))
    return _texts(fact)


def rounded_amount(text: str, currency: str) -> int | None:
    """Minor units, halves up, of a plain number with more decimals than the currency has; None for anything else."""
    if not _FRACTION.fullmatch(trimmed(text)):
        return None
    return round_minor(Decimal(trimmed(text).replace(",", "")).scaleb(exponent(currency)), HALF_UP)


def trimmed(text: str) -> str:
    """The cell without what spreadsheets and programs put around it to keep it text: ="0123", '0123, tabs."""
    text = text.strip(_EDGES)
    if len(text) > 3 and text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    elif len(text) > 1 and text[0] == "'" and (text[1] in "=+-@" or text[1].isdigit()):
        text = text[1:]
    return text.strip(_EDGES)


def bare_rate(text: str) -> Decimal | None:
    """The number in a cell of rates that names no unit, else None."""
    if len(text) > LONGEST_CELL:
        return None
    try:
        number = Decimal(trimmed(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_FRACTION = re.compile(r"(?:[0-9]{1,14}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})\.[0-9]{1,12}", re.ASCII)
_EDGES = " \t\r\n\xa0\u3000\u200b\u200e\u200f\ufeff"
_EMPTY = frozenset(
    {
        "", "NA", "N/A", "n/a", "n.a.", "NULL", "Null", "null", "None", "none", "NaN", "nan", "nil", "-", "--", "---",
        "—", "——", "–", "/", "\\", "无", "無", "空", "暂无", "(空)", "（空）", "#N/A N/A",
    }
)  # fmt: skip
_FORMULA_ERRORS = frozenset(
    {"#ERROR!", "#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
_DAYS = r"(\d{1,5})\s*(?:天|日|days?)?"
_PERIODS = r"(\d{1,3})\s*(?:期|次|个?月)?(?:\s*/\s*\d{1,3}\s*期?)?"
_DAY_OF_MONTH = r"(?:每月|每个月)?\s*(\d{1,2})\s*[日号號]?"
_COUNTS = {
    Field.OVERDUE_DAYS: (re.compile(_DAYS, re.ASCII | re.IGNORECASE), (0, 36_500)),
    Field.PAID_INSTALMENTS: (re.compile(_PERIODS, re.ASCII), (0, 600)),
    Field.DUE_DAY: (re.compile(_DAY_OF_MONTH, re.ASCII), (1, 31)),
}
_TERM = re.compile(
    r"(\d{1,3})\s*(期|个?月|個月|months?|mths?|mos?|instal+ments?|年|years?|yrs?|天|日|days?|周|weeks?)?",
    re.ASCII | re.IGNORECASE,
)
# Invisible marks that reorder what a reader sees; a name may not hold them.
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_LOST = re.compile("[\ufffd\ue000-\uf8ff]")
# GB 18030-2005 gave these rare characters code points of their own; Python's codec still has the private ones.
_RARE = str.maketrans(
    {
        0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE832: 0x9FB8,
        0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE864: 0x9FBB, 0xE7C7: 0x1E3F,
    }
)  # fmt: skip


def _filled(read: CellReader) -> CellReader:
    def cell(text: str) -> Value:
        text = trimmed(text)
        if text in _EMPTY:
            return None
        if len(text) > LONGEST_CELL:
            raise Refused("import:text-too-long", limit=LONGEST_CELL)
        if text in _FORMULA_ERRORS:
            raise Refused("import:formula-error")
        return read(text)

    return cell


def _amounts(header: str, currency: str) -> CellReader:
    unit = unit_in(header).replace(" ", "")
    if unit in ("分", "cents", "cent"):
        return _filled(lambda text: _minor(text, currency))
    suffix = _money_unit(unit)

    def read(text: str) -> int:
        bare = re.fullmatch(r"[(（]?[-−]?\s*[0-9.,，． ]+[)）]?", text)
        return read_amount(_plain_number(text) + suffix if bare else text, currency)

    return _filled(read)


def _money_unit(unit: str) -> str:
    """The header's unit as `read_amount` writes it behind a number; '' where it is none."""
    found = re.fullmatch(
        r"(?:人民币|rmb|cny)?[/:]?(亿|千万|百万|万|千|百)?(元整|元|圆|美元|港元|港币|日元|欧元|英镑|[a-z]{3}|[¥$€£])?",
        unit,
    )
    if not found or not unit:
        return ""
    scale, mark = found[1] or "", found[2] or ""
    return scale + (mark.upper() if mark.isascii() else mark)


def _minor(text: str, currency: str) -> int:
    if not re.fullmatch(r"\d{1,14}(?:\.0+)?", text, re.ASCII):
        raise Refused("import:not-minor-units")
    minor = int(text.partition(".")[0])
    if minor > 10**13:
        raise Refused("money:too-large", limit=10**13, currency=currency)
    return minor


def _plain_number(text: str) -> str:
    # What a spreadsheet computes may carry a tail of zeros: 4713.470 is 4713.47, and not a fraction of a cent.
    return re.sub(r"(\.\d*?)0+(?=[)）]?$)", lambda found: found[1].rstrip("."), text, flags=re.ASCII)


def _rates(header: str, said: RateUnit | None) -> CellReader:
    unit = unit_in(header)
    mark = "‰" if "‰" in unit else "%" if "%" in unit else ""

    def read(text: str) -> Decimal:
        # What the officer says of this file stands above its header.
        bare = said is None and mark and bare_rate(text) is not None
        rate = read_rate(text + mark if bare else text, unit=said)
        if rate > HIGHEST_RATE:
            raise Refused("import:rate-out-of-range")
        return rate

    return _filled(read)


def _terms(header: str) -> CellReader:
    said = unit_in(header)

    def read(text: str) -> int:
        found = _TERM.fullmatch(re.sub(r"^(\d+)\.0+", r"\1", text))
        if not found:
            raise Refused("import:not-a-count")
        unit = (found[2] or said).casefold()
        if re.match(r"天|日|day|周|week", unit):
            raise Refused("import:term-not-in-months")
        term = int(found[1]) * (12 if re.match(r"年|y", unit) else 1)
        if not 1 <= term <= 600:
            raise Refused("import:count-out-of-range", least=1, most=600)
        return term

    return _filled(read)


def _count(text: str, pattern: re.Pattern[str], bounds: tuple[int, int]) -> int:
    found = pattern.fullmatch(re.sub(r"^(\d+)\.0+$", r"\1", text))
    if not found:
        raise Refused("import:not-a-count")
    number = int(found[1])
    if not bounds[0] <= number <= bounds[1]:
        raise Refused("import:count-out-of-range", least=bounds[0], most=bounds[1])
    return number


def _texts(fact: Field) -> CellReader:
    longest = LONGEST[fact]
    is_number = fact in (Field.CONTRACT_NUMBER, Field.ORIGINAL_CONTRACT)

    def read(text: str) -> str:
        text = _readable(read_digits(text) if is_number else text)
        if fact is Field.BORROWER_NAME and re.search(r"[*＊]", text):
            raise Refused("import:masked")
        if fact is Field.EMAIL and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
            raise Refused("import:not-an-email")
        if len(text) > longest:
            raise Refused("import:text-too-long", limit=longest)
        return text

    return _filled(read)


def _readable(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).translate(_RARE).split())
    if _HIDDEN.search(text):
        raise Refused("import:hidden-characters")
    if _LOST.search(text):
        raise Refused("import:characters-lost")
    return text
