"""Numbers that are names, not amounts: contracts, telephones, identity cards, and what Excel made of them."""

import re
from datetime import date
from decimal import Decimal

from mediation.errors import Refused


def read_digits(text: str) -> str:
    """The number as it was before a spreadsheet took it for an amount: 20250105001.0, 1.3812345678E+10.

    Powers of ten are written out when no digit is missing; refused otherwise: import:digits-lost.
    """
    if _WHOLE.fullmatch(text):
        return text.partition(".")[0]
    found = _POWER.fullmatch(text)
    if not found:
        return text
    digits, power = found[1] + (found[2] or ""), int(found[3])
    if len(digits) != power + 1:
        raise Refused("import:digits-lost")
    return format(Decimal(text), "f")


def read_phone(text: str, *, chinese: bool) -> str:
    """The telephone number without decoration, +86 left off a Chinese one.

    Refused: import:digits-lost, import:masked, import:phone-not-valid.
    """
    text = read_digits(text)
    if re.search(r"[*＊xX]{2}", text):
        raise Refused("import:masked")
    bare = re.sub(r"[\s\-()（）]", "", text)
    number = re.sub(r"^(?:\+|00)?86(?=1[3-9]\d{9}$)", "", bare)
    if chinese and not (_CHINESE.fullmatch(number) or _FOREIGN.fullmatch(number)):
        raise Refused("import:phone-not-valid")
    if not re.fullmatch(r"\+?\d{5,15}", number, re.ASCII):
        raise Refused("import:phone-not-valid")
    return number


def check_id_number(text: str, *, chinese: bool) -> str:
    """The number of an identity card, its day of birth and check digit right (GB 11643-1999), or of another paper.

    Refused: import:masked, import:digits-lost (18 digits of which Excel kept 15), import:id-not-valid.
    """
    if re.search(r"[*＊]", text):
        raise Refused("import:masked")
    number = re.sub(r"\s", "", text).upper()
    if re.fullmatch(r"[0-9]{17}[0-9X]", number) and chinese:
        return _checked(number)
    # Passports, permits and company codes hold letters; a Chinese number of digits alone has 18 of them.
    letters = re.search(r"[A-Z]", number)
    if not re.fullmatch(r"[A-Z0-9\-]{4,20}", number) or (chinese and not letters):
        raise Refused("import:id-not-valid")
    return number


_WHOLE = re.compile(r"[0-9]+\.0+")
_POWER = re.compile(r"([1-9])(?:\.([0-9]+))?[eE]\+?([0-9]{1,3})")
# A mobile, a landline with its area, or a service number such as 95588 and 400-820-8820.
_CHINESE = re.compile(r"1[3-9]\d{9}|0\d{2,3}\d{7,8}|[48]00\d{7}|95\d{3,6}", re.ASCII)
_FOREIGN = re.compile(r"(?:\+|00)(?!86)\d{7,15}", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _checked(number: str) -> str:
    expected = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        valid = number[17] == expected
    except ValueError:
        valid = False
    if not valid:
        raise Refused("import:digits-lost" if number.endswith("000") else "import:id-not-valid")
    return number
