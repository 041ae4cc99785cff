"""Each step by which something told in confidence is opened is taken once, and only what was proven is called so."""

from itertools import product

import pytest

from mediation.errors import Refused
from mediation.rules.releases import Level, check_may_release


@pytest.mark.parametrize("released", [(), (Level.SHARED,)])
def test_what_is_proven_may_be_called_verified_whether_it_is_shared_or_not(released: tuple[Level, ...]) -> None:
    assert check_may_release(Level.VERIFIED, released=released, is_proven=True) is None


@pytest.mark.parametrize(("released", "is_proven"), list(product([(), (Level.VERIFIED,)], [True, False])))
def test_it_may_be_shared_whether_it_is_proven_or_not(released: tuple[Level, ...], is_proven: bool) -> None:
    assert check_may_release(Level.SHARED, released=released, is_proven=is_proven) is None


@pytest.mark.parametrize("released", [(), (Level.SHARED,)])
def test_nothing_is_called_verified_before_proof_was_seen(released: tuple[Level, ...]) -> None:
    with pytest.raises(Refused, match="fact:not-proven"):
        check_may_release(Level.VERIFIED, released=released, is_proven=False)


@pytest.mark.parametrize("level", list(Level))
def test_no_step_is_taken_twice(level: Level) -> None:
    with pytest.raises(Refused, match="fact:already-released"):
        check_may_release(level, released=(level,), is_proven=True)
