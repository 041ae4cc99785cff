"""Signing in and out: sessions rotate, failures count, nobody is told more than needed."""

from tests.world import PASSWORD, World


def test_a_person_signs_in_and_is_asked_for_nothing_more(world: World) -> None:
    client = world.client()
    answer = client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD})
    assert answer.status_code == 303


def test_a_wrong_password_is_said_without_saying_which_half_was_wrong(world: World) -> None:
    client = world.client()
    wrong = client.post("/sign-in", data={"sign_in_name": "mo", "password": "not this one"})
    unknown = client.post("/sign-in", data={"sign_in_name": "nobody", "password": "not this one"})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert b"do not belong together" in wrong.data


def test_the_tenth_wrong_password_closes_the_account_for_a_while(world: World) -> None:
    client = world.client()
    for _ in range(10):
        client.post("/sign-in", data={"sign_in_name": "mo", "password": "not this one"})
    answer = client.post("/sign-in", data={"sign_in_name": "mo", "password": PASSWORD})
    assert answer.status_code == 409


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    client = world.client("mo")
    cookie = client.get_cookie("mediation")
    client.post("/sign-out")
    client.set_cookie("mediation", cookie.value)
    assert client.post("/sign-out").location == "/sign-in?then="
