"""Nothing that was typed is lost: neither to a session that idled out, nor to a page that stood open for too long."""

import pytest
from sqlalchemy import select

from mediation.rules.lifecycle import Stage
from mediation.web.kept_forms import KeptForm
from tests.stories import a_case
from tests.world import PASSWORD, World

TYPED = "ein ganzer langer Satz"


def signed_in_again(world: World, client, name: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in", data={"sign_in_name": name, "password": PASSWORD, "then": "/again"})


def test_what_was_typed_before_idling_out_is_there_after_signing_in(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    client = world.client("bai")
    world.clock.move(minutes=31)
    sent = client.post(f"/cases/{number}/identity", data={"name": TYPED, "number": "", "address": "滨江路"})
    assert (sent.status_code, sent.location) == (303, "/sign-in?then=/again")
    assert "kept for half an hour" in client.get(sent.location).text
    assert signed_in_again(world, client, "bai").location == "/again"
    page = client.get("/again").text
    assert (TYPED in page, "滨江路" in page, "nothing was sent" in page) == (True, True, True)
    assert f'action="/cases/{number}/identity"' in page


def test_nobody_else_finds_what_was_typed(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    client = world.client("bai")
    world.clock.move(minutes=31)
    client.post(f"/cases/{number}/identity", data={"name": TYPED})
    signed_in_again(world, client, "shi")
    assert client.get("/again").location == "/"


def test_after_half_an_hour_it_is_gone(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    client = world.client("bai")
    world.clock.move(minutes=31)
    client.post(f"/cases/{number}/identity", data={"name": TYPED})
    world.clock.move(minutes=31)
    signed_in_again(world, client, "bai")
    assert client.get("/again").location == "/"


def test_what_waits_is_sealed_and_holds_no_password(world: World) -> None:
    client = world.client("bai")
    world.clock.move(minutes=31)
    client.post("/account/password", data={"present": PASSWORD, "password": TYPED})
    client.post("/account/language", data={"language": "geheim"})
    with world.reading() as session:
        kept = session.scalars(select(KeptForm)).one()
    assert (kept.path, b"geheim" in kept.fields_sealed) == ("/account/language", False)
    client.post("/account/password", data={"present": PASSWORD, "password": TYPED})
    signed_in_again(world, client, "bai")
    assert TYPED not in client.get("/again").text


def test_after_signing_out_nothing_is_kept(world: World) -> None:
    client = world.client("bai")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    client.post("/sign-out")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert client.post("/account/language", data={"language": "en"}).location == "/sign-in?then="


def test_a_case_that_one_may_not_see_any_more_does_not_come_back(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    client = world.client("shi")
    world.clock.move(minutes=31)
    client.post(f"/cases/{number}/identity", data={"name": TYPED})
    signed_in_again(world, client, "shi")
    assert client.get("/again").status_code == 404


def test_an_expired_page_comes_back_with_what_was_typed(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    client = world.client("bai")
    world.app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/cases/{number}/identity", data={"name": TYPED, "address": "滨江路"})
    assert answer.status_code == 422
    assert (TYPED in answer.text, "滨江路" in answer.text, "nothing was sent" in answer.text) == (True, True, True)


def test_an_expired_page_opens_no_door(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    world.app.config["WTF_CSRF_ENABLED"] = True
    assert world.client("shi").post(f"/cases/{number}/identity", data={"name": TYPED}).status_code == 404
    assert world.client().post(f"/cases/{number}/identity", data={"name": TYPED}).status_code == 303


@pytest.mark.parametrize(
    ("language", "words"), [("en", "This form has expired"), ("zh-TW", "已過期"), ("zh-CN", "已过期")]
)
def test_an_expired_page_without_fields_speaks_the_readers_language(world: World, language: str, words: str) -> None:
    client = world.client("bai", language=language)
    world.app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/sign-out")
    assert (answer.status_code, words in answer.text) == (422, True)


def test_what_is_too_large_is_refused_in_the_readers_language(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    world.app.config["MAX_CONTENT_LENGTH"] = 100
    answer = world.client("lu", language="en").post("/loans/imports", data={"file": "x" * 1000})
    assert (answer.status_code, 'lang="en"' in answer.text) == (413, True)
