"""Ten wrong attempts close a name for a while, restart or not, and whether or not anybody has it."""

import statistics
from time import perf_counter

import pytest

from mediation.accounts import passwords
from mediation.app import create_app
from tests.world import PASSWORD, World


def test_a_restart_does_not_open_what_was_closed(world: World) -> None:
    _fail(world.client(), "mo", 10)
    again = create_app(world.settings, engine=world.engine, now=world.clock, durable=False)
    again.testing, again.config["WTF_CSRF_ENABLED"], again.config["RATELIMIT_ENABLED"] = True, False, False
    answer = again.test_client().post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD})
    assert answer.status_code == 409


def test_after_fifteen_minutes_it_is_open_again(world: World) -> None:
    client = world.client()
    _fail(client, "mo", 10)
    world.clock.move(minutes=15)
    assert client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD}).status_code == 303


def test_a_name_that_nobody_has_closes_like_any_other(world: World) -> None:
    answers = {}
    for name in ("mo", "nobody-at-all"):
        client = world.client()
        _fail(client, name, 10)
        answer = client.post("/sign-in", data={"sign_in_name": name, "password": "not this one"})
        answers[name] = answer.status_code, "too many attempts" in answer.text
        world.clock.move(minutes=15)
        reopened = client.post("/sign-in", data={"sign_in_name": name, "password": "not this one"})
        answers[name] += (reopened.status_code,)
    assert answers == {"mo": (409, True, 422), "nobody-at-all": (409, True, 422)}


def test_nine_wrong_attempts_close_nothing(world: World) -> None:
    client = world.client()
    _fail(client, "mo", 9)
    assert client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD}).status_code == 303


def test_a_wrong_code_counts_toward_the_lock_out(world: World) -> None:
    client = world.client()
    client.post("/sign-in/code", data={"sign_in_name": "mo"})
    for _ in range(10):
        client.post("/sign-in/code/enter", data={"code": "nothing"})
    assert client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD}).status_code == 409


def test_a_hash_is_verified_for_a_name_that_nobody_has(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    hasher = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", _Counting(hasher, verified))
    world.client().post("/sign-in", data={"sign_in_name": "nobody-at-all", "password": "whatever"})
    assert verified == [passwords._nobody]


@pytest.mark.sqlite
def test_an_unknown_name_takes_about_as_long_as_a_known_one(world: World) -> None:
    known, unknown = (
        statistics.median(_seconds(kept) for _ in range(7)) for kept in (world.account("mo").password_hash, None)
    )
    assert 0.4 < known / unknown < 2.5


class _Counting:
    def __init__(self, hasher: object, verified: list[str]) -> None:
        self.hasher, self.verified = hasher, verified

    def verify(self, kept: str, password: str) -> bool:
        self.verified.append(kept)
        return self.hasher.verify(kept, password)


def _seconds(kept: str | None) -> float:
    begun = perf_counter()
    passwords.matches(kept, "not this one")
    return perf_counter() - begun


def _fail(client, name: str, times: int) -> None:
    for _ in range(times):
        client.post("/sign-in", data={"sign_in_name": name, "password": "not this one"})
