"""One's own: the language stays, the password is changed by who knows it, a proof holds briefly."""

import pytest

from tests.accounts.letters import last_code
from tests.world import PASSWORD, World

FRESH = "seven pale lanterns drift"


def test_the_language_stays_with_the_account(world: World) -> None:
    world.client("bai").post("/account/language", data={"language": "zh_Hant"})
    elsewhere = world.client(language="en")
    elsewhere.post("/sign-in", data={"sign_in_name": "bai", "password": PASSWORD})
    assert 'lang="zh-Hant"' in elsewhere.get("/account").text


def test_the_switch_on_a_page_holds_in_this_browser(world: World) -> None:
    client = world.client("bai")
    client.post("/account/language", data={"language": "zh_Hant"})
    client.get("/account?lang=en")
    assert '<html lang="en">' in client.get("/account").text


def test_who_signs_in_for_the_first_time_is_written_to_in_that_language(world: World) -> None:
    client = world.client(language="en")
    client.post("/sign-in", data={"sign_in_name": "bai", "password": PASSWORD})
    assert world.account("bai").locale == "en"


def test_a_changed_password_ends_every_other_session(world: World) -> None:
    client, other = world.client("bai"), world.client("bai")
    answer = client.post("/account/password", data={"present": PASSWORD, "password": FRESH})
    signed_in = world.client().post("/sign-in", data={"sign_in_name": "bai", "password": FRESH})
    assert (answer.status_code, signed_in.status_code) == (303, 303)
    assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 303)


def test_nobody_changes_a_password_without_knowing_it(world: World) -> None:
    answer = world.client("bai").post("/account/password", data={"present": "not this", "password": FRESH})
    assert (answer.status_code, "not your present password" in answer.text) == (422, True)
    assert world.account("bai").failures == 1


@pytest.mark.parametrize("easy", ["short", "12345678", "password1", "a" * 129])
def test_an_easy_password_is_refused_where_it_is_typed(world: World, easy: str) -> None:
    answer = world.client("bai").post("/account/password", data={"present": PASSWORD, "password": easy})
    assert (answer.status_code, 'id="password-error"' in answer.text) == (409, True)


def test_who_has_no_password_proves_who_they_are_before_choosing_one(world: World) -> None:
    client = _without_password(world)
    assert client.get("/account/password").location == "/prove?then=/account/password"
    assert client.post("/account/password", data={"password": FRESH}).status_code == 409


def test_who_has_no_password_chooses_one_after_a_code(world: World) -> None:
    client = _without_password(world)
    client.post("/prove/codes")
    proven = client.post("/prove/code", data={"code": last_code(world), "then": "/account/password"})
    chosen = client.post("/account/password", data={"password": FRESH})
    assert (proven.location, chosen.status_code) == ("/account/password", 303)


def test_a_proof_by_password_leads_back_and_holds_for_five_minutes(world: World) -> None:
    client = world.client("mo")
    world.clock.move(minutes=6)
    assert client.get("/prove?then=/account").status_code == 200
    assert client.post("/prove", data={"password": PASSWORD, "then": "/account"}).location == "/account"
    assert client.get("/prove?then=/account").location == "/account"
    world.clock.move(minutes=6)
    assert client.get("/prove?then=/account").status_code == 200


def test_a_wrong_proof_counts(world: World) -> None:
    client = world.client("mo")
    world.clock.move(minutes=6)
    wrong = client.post("/prove", data={"password": "not this one"})
    assert (wrong.status_code, world.account("mo").failures) == (422, 1)


def test_somebody_elses_code_proves_nothing(world: World) -> None:
    world.client("an").post("/prove/codes")
    code = last_code(world)
    client = world.client("mo")
    world.clock.move(minutes=6)
    assert client.post("/prove/code", data={"code": code}).status_code == 422
    assert client.get("/prove").status_code == 200


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_nobody_is_led_away_from_this_site(world: World, then: str) -> None:
    answer = world.client().post("/sign-in", data={"sign_in_name": "bai", "password": PASSWORD, "then": then})
    assert answer.location.startswith("/")
    assert "elsewhere" not in answer.location


def _without_password(world: World):
    from mediation.accounts.models import Account

    with world.writing() as session:
        session.get_one(Account, world.people["bai"]).password_hash = None
    client = world.client("bai")
    world.clock.move(minutes=6)
    return client
