"""The two codes of an invitation: the secret join code, and the public number by which a notice is checked."""

import re
import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
CODE_LENGTH = 12
NUMBER_LENGTH = 8
GROUP = 4
LOOKS_LIKE = str.maketrans("OIL", "011")
BETWEEN = re.compile(r"[\s\-‐-―−_.·]+")


def new_code() -> str:
    """A fresh secret join code: 60 bits from the system's generator."""
    return _fresh(CODE_LENGTH)


def new_number() -> str:
    """A fresh public notice number; it opens nothing."""
    return _fresh(NUMBER_LENGTH)


def shown(code: str) -> str:
    """The code in groups of four, as it is printed and read out."""
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))


def read_code(text: str) -> str | None:
    """The join code that somebody meant, or None: case, spaces, hyphens, full width and look-alikes are forgiven."""
    return _read(text, CODE_LENGTH)


def read_number(text: str) -> str | None:
    """The notice number that somebody meant, or None, forgiving the same slips."""
    return _read(text, NUMBER_LENGTH)


def _fresh(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _read(text: str, length: int) -> str | None:
    narrow = BETWEEN.sub("", unicodedata.normalize("NFKC", text[:80]))
    meant = narrow.upper().translate(LOOKS_LIKE)
    return meant if len(meant) == length and set(meant) <= set(ALPHABET) else None
