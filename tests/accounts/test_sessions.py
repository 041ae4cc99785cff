"""Sessions: new at each sign-in, listed to their owner, ended one by one, never another's."""

import pytest

from mediation.accounts import sessions
from mediation.accounts.models import SignIn
from tests.accounts.letters import last_code
from tests.world import PASSWORD, World


def test_signing_in_gives_a_new_token_and_ends_the_old_one(world: World) -> None:
    client = world.client("mo")
    with client.session_transaction() as cookie:
        before = cookie["_user_id"]
    client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD})
    with client.session_transaction() as cookie:
        after = cookie["_user_id"]
    with world.reading() as session:
        opened = [sessions.person_of(session, token, world.clock()) is not None for token in (before, after)]
    assert (before != after, opened) == (True, [False, True])


def test_a_person_sees_their_own_sessions_and_no_other(world: World) -> None:
    client = world.client("bai")
    world.client("mo")
    world.client("bai")
    page = client.get("/account").text
    assert page.count("End this session") == 1


def test_a_session_is_named_as_its_owner_would_name_it(world: World) -> None:
    client = world.client()
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0"
    client.post("/sign-in", data={"sign_in_name": "bai", "password": PASSWORD}, headers={"User-Agent": agent})
    assert "WeChat · Android" in client.get("/account").text


def test_a_session_can_be_ended_from_another(world: World) -> None:
    kept, ended = world.client("bai"), world.client("bai")
    kept.post(f"/account/sessions/{_sessions(world)[1]}/end")
    assert (kept.get("/account").status_code, ended.get("/account").status_code) == (200, 303)


def test_nobody_ends_the_session_of_somebody_else(world: World) -> None:
    shi = world.client("shi")
    world.client("bai")
    foreign = shi.post(f"/account/sessions/{_sessions(world)[1]}/end")
    absent = shi.post(f"/account/sessions/{world.institution_id}/end")
    assert (foreign.status_code, foreign.data) == (404, absent.data)


def test_all_others_can_be_ended_at_once(world: World) -> None:
    kept, *others = (world.client("bai") for _ in range(3))
    kept.post("/account/sessions/end-others")
    assert [one.get("/account").status_code for one in (kept, *others)] == [200, 303, 303]


def test_a_borrower_is_signed_out_after_half_an_hour_of_nothing(world: World) -> None:
    client = world.client("bai")
    world.clock.move(minutes=29)
    assert client.get("/account").status_code == 200
    world.clock.move(minutes=31)
    assert client.get("/account").status_code == 303


def test_a_mediator_is_signed_out_after_a_quarter_of_an_hour(world: World) -> None:
    client = world.client("mo")
    world.clock.move(minutes=16)
    assert client.get("/account").status_code == 303


def test_no_session_lasts_longer_than_a_day_of_work(world: World) -> None:
    client = world.client("bai")
    for _ in range(12 * 3):
        world.clock.move(minutes=20)
        client.get("/account")
    world.clock.move(minutes=1)
    assert client.get("/account").status_code == 303


def test_the_sweep_takes_away_what_opens_nothing_any_more(world: World) -> None:
    world.client("bai")
    world.clock.move(days=2)
    world.client("mo")
    with world.writing() as session:
        sessions.sweep(session, at=world.clock())
    with world.reading() as session:
        left = [row.account_id for row in session.query(SignIn)]
    assert left == [world.people["mo"]]


def _sessions(world: World) -> list:
    with world.reading() as session:
        return [row.id for row in session.query(SignIn).order_by(SignIn.id)]


@pytest.mark.parametrize("by", ["password", "code"])
def test_who_has_just_signed_in_has_proved_who_they_are(world: World, by: str) -> None:
    client = world.client()
    if by == "password":
        client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD})
    else:
        client.post("/sign-in/code", data={"sign_in_name": "mo"})
        client.post("/sign-in/code/enter", data={"code": last_code(world)})
    assert client.get("/prove").status_code == 303
    world.clock.move(minutes=5, seconds=1)
    assert client.get("/prove").status_code == 200
