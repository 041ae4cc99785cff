"""Passwords: Argon2id by OWASP's profile, the same time for an unknown name, strength by zxcvbn."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from mediation.errors import Refused

LEAST, MOST = 8, 128
LEAST_SCORE = 2

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_nobody = _hasher.hash("nobody has this password")


def check_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise when a password is too short, too long or too easily guessed; no composition rules."""
    if len(password) < LEAST:
        raise Refused("password:too-short", field="password", least=LEAST)
    if len(password) > MOST:
        raise Refused("password:too-long", field="password", most=MOST)
    if zxcvbn(password[:72], user_inputs=list(about))["score"] < LEAST_SCORE:
        raise Refused("password:easily-guessed", field="password")


def hash_password(password: str) -> str:
    """The Argon2id hash to keep."""
    return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether the password is the one whose hash is kept; takes as long when there is none."""
    try:
        return _hasher.verify(kept or _nobody, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_old(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)
