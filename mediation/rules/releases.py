"""What was told to the mediator alone and how far its owner may open it: each step on its own, none ever taken back."""

from collections.abc import Collection
from enum import StrEnum

from mediation.errors import Refused


class Level(StrEnum):
    """How far the other side is let in: it learns that something was verified, or reads the whole of it."""

    VERIFIED = "verified"
    SHARED = "shared"


def check_may_release(level: Level, *, released: Collection[Level], is_proven: bool) -> None:
    """Raise where this step was taken already, or where nobody has seen the proof of which it speaks.

    The steps stand beside each other: whoever shares the text has not said that it was verified, and the other way
    round. Source: product description, case file, "each release a deliberate act of the owner".
    """
    if level in released:
        raise Refused("fact:already-released", level=level.value)
    if level is Level.VERIFIED and not is_proven:
        raise Refused("fact:not-proven")
