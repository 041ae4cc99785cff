"""How a borrower may be reached, read as people write it: one reading for the opening and for a new invitation."""

import re

from mediation.errors import Refused
from mediation.portfolios.numbers import read_phone

EMAIL = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,120}\.[^\s@,;<>.]{2,60}")


def read_email(text: str, *, field: str) -> str:
    """The address without blanks around it, or nothing; raises Refused where it is none."""
    tidy = text.strip()
    if tidy and not (EMAIL.fullmatch(tidy) and tidy.isprintable()):
        raise Refused("contact:email-not-valid", field=field)
    return tidy


def read_telephone(text: str, *, field: str) -> str:
    """The number without decoration, or nothing; raises Refused where it is none."""
    tidy = text.strip()
    if not tidy:
        return ""
    try:
        return read_phone(tidy, chinese=False)
    except Refused as no:
        raise Refused("contact:phone-not-valid", field=field) from no
