"""Characters that no database and no reader can do anything with, and those that turn a name round."""

import re
import unicodedata

# Cc but for tab and the ends of lines: PostgreSQL refuses NUL, and a page shows none of the others.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Marks that change the direction of what follows (UAX #9): with them 42 reads as 24.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def has_control(text: str) -> bool:
    """Whether a control character other than tab and the ends of lines stands in it."""
    return CONTROL.search(text) is not None


def without_control(text: str) -> str:
    """The text as it can be kept."""
    return CONTROL.sub("", text)


def without_turning(text: str) -> str:
    """The text read in the direction in which it was written."""
    return TURNING.sub("", text)


def as_file_name(text: str) -> str:
    """The name of a file as it may be kept and shown: no sign of it is invisible."""
    return "".join(sign for sign in without_turning(text) if unicodedata.category(sign) != "Cc")
