"""The text of a message as it is kept: nothing in it that its readers cannot see."""

import unicodedata

from mediation.errors import Refused

TEXT_MOST = 4000
DRAFT_MOST = 20_000
# Marks that turn the line around: a figure could read otherwise than it was typed.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain_text(text: str) -> str:
    """The text as it is kept: composed (NFC), plain line ends, no white edges; refused where it hides something."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise Refused("message:empty", field="text")
    if len(text) > TEXT_MOST:
        raise Refused("message:too-long", field="text", most=TEXT_MOST, length=len(text))
    if any(_hides(letter) for letter in text):
        raise Refused("message:control-characters", field="text")
    return text


def check_draft(text: str) -> None:
    """A draft may be too long to be sent, but not without end."""
    if len(text) > DRAFT_MOST:
        raise Refused("message:too-long", field="text", most=DRAFT_MOST, length=len(text))


def _hides(letter: str) -> bool:
    """Whether a reader cannot see that it is there: control characters, lone surrogates, marks that turn the line."""
    if letter in "\n\t":
        return False
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in TURNING
