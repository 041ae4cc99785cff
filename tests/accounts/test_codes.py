"""Signing in by a code: six digits, ten minutes, five attempts, and nobody learns who has an account."""

import re

from sqlalchemy import event

from mediation.accounts.models import OneTimeCode
from tests.accounts.letters import last_code, posted
from tests.world import World


def test_a_code_that_came_by_mail_signs_in(world: World) -> None:
    client = world.client()
    client.post("/sign-in/code", data={"sign_in_name": "bai"})
    answer = client.post("/sign-in/code/enter", data={"code": last_code(world)})
    assert (answer.status_code, client.get("/account").status_code) == (303, 200)


def test_asking_for_a_code_says_the_same_whether_or_not_there_is_an_account(world: World) -> None:
    answers = []
    for name in ("bai", "nobody-at-all"):
        client = world.client()
        asked = client.post("/sign-in/code", data={"sign_in_name": name})
        page = client.get(asked.location).data.decode()
        wrong = client.post("/sign-in/code/enter", data={"code": "000000"})
        answers.append((asked.status_code, asked.location, _fixed(page), wrong.status_code, _fixed(wrong.text)))
    assert answers[0] == answers[1]
    assert len(posted(world)) == 1


def test_a_code_works_once(world: World) -> None:
    client, code = _asked(world)
    client.post("/sign-in/code/enter", data={"code": code})
    again = world.client().post("/sign-in/code/enter", data={"sign_in_name": "bai", "code": code})
    assert again.status_code == 422


def test_a_code_is_over_after_ten_minutes(world: World) -> None:
    client, code = _asked(world)
    world.clock.move(minutes=10)
    assert client.post("/sign-in/code/enter", data={"code": code}).status_code == 422


def test_the_sixth_attempt_finds_no_code_any_more(world: World) -> None:
    client, code = _asked(world)
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(5):
        client.post("/sign-in/code/enter", data={"code": wrong})
    assert client.post("/sign-in/code/enter", data={"code": code}).status_code == 422


def test_a_new_code_takes_the_place_of_the_earlier_one(world: World) -> None:
    client, first = _asked(world)
    world.clock.move(seconds=5)
    client.post("/sign-in/code", data={"sign_in_name": "bai"})
    second = last_code(world)
    assert client.post("/sign-in/code/enter", data={"code": first}).status_code == (303 if first == second else 422)
    assert client.post("/sign-in/code/enter", data={"code": second}).status_code == 303


def test_codes_are_not_sent_without_end(world: World) -> None:
    client = world.client()
    for _ in range(8):
        world.clock.move(seconds=5)
        client.post("/sign-in/code", data={"sign_in_name": "bai"})
    assert len(posted(world)) == 5


def test_neither_the_database_nor_the_notice_holds_the_code_in_clear(world: World) -> None:
    _, code = _asked(world)
    with world.reading() as session:
        from mediation.notices import Notice

        kept = session.query(OneTimeCode).one()
        facts = session.query(Notice).one().facts
    assert code.encode() not in kept.code_hash
    assert code not in str(facts)


def test_a_code_signs_in_where_this_browser_had_not_asked_for_it(world: World) -> None:
    _, code = _asked(world)
    other = world.client()
    assert "Sign-in name" in other.get("/sign-in/code/enter").text
    assert other.post("/sign-in/code/enter", data={"sign_in_name": "Bai ", "code": code}).status_code == 303


def _asked(world: World) -> tuple:
    client = world.client()
    client.post("/sign-in/code", data={"sign_in_name": "bai"})
    return client, last_code(world)


def _fixed(page: str) -> str:
    """The page without what is fresh each time."""
    return re.sub(r'name="(csrf_token|_key)" value="[^"]*"', "", page)


def test_asking_for_a_code_does_the_same_work_for_a_name_that_nobody_has(world: World) -> None:
    done = {}
    for name in ("mo", "niemand"):
        client, statements = world.client(), []
        event.listen(world.engine, "before_cursor_execute", keep := _keep_in(statements))
        client.post("/sign-in/code", data={"sign_in_name": name})
        event.remove(world.engine, "before_cursor_execute", keep)
        done[name] = statements
    assert done["mo"] == done["niemand"] != []


def _keep_in(statements: list[str]):  # type: ignore[no-untyped-def]
    def keep(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    return keep
