"""The clock that the rim reads; a test or a demonstration hands in another."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """This moment, aware and in UTC."""
    return datetime.now(UTC)
