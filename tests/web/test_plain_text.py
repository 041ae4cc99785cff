"""A control character in a field is said at the field, in an address it leads nowhere; no database breaks on one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from wtforms import FileField, StringField

from mediation.db import make_engine
from mediation.web import guard, plain_text
from mediation.web.forms import Form
from tests.databases import Handout
from tests.furnished import furnish
from tests.house import ACTORS, House, open_house
from tests.portfolios.lender_files import BAI, HEADERS, csv_file
from tests.portfolios.walking import loans_of, officer
from tests.rights.walk import rehearse
from tests.world import World

NUL = "\x00"
INSIDE = ("anonymous", "borrower", "officer", "mediator", "registrar")
TAKEN = 422
NAMED = {"room": "joint", "item": "contract", "section": "spending", "question": "food", "component": "principal_due"}


class TwoFields(Form):
    """A name and a file."""

    name = StringField("name")
    upload = FileField("file")


@pytest.fixture
def house(databases: Handout, database_kind: str, tmp_path: Path) -> Iterator[House]:
    """Somebody of every kind and a case at every stage."""
    source = databases(database_kind)
    url, made = furnish(source, "house", open_house, tmp_path)
    engine = make_engine(url)
    yield made.moved_to(engine, tmp_path)
    engine.dispose()
    source.drop(url)


def test_a_nul_in_every_field_of_every_form_breaks_nothing(house: House) -> None:
    rehearse(house)
    broken, said = {}, set()
    for rule in house.world.app.url_map.iter_rules():
        mark = guard.mark_of(house.world.app, rule.endpoint) if rule.endpoint != "static" else None
        if mark is None or mark.form is None or "POST" not in (rule.methods or ()):
            continue
        statuses = _statuses(house, rule, mark.form)
        if any(status >= 500 for status in statuses):
            broken[rule.rule] = [status for status in statuses if status >= 500]
        if TAKEN in statuses:
            said.add(rule.rule)
    assert not broken
    assert len(said) > 40, "the forms were hardly reached"


@pytest.mark.parametrize(
    "path",
    ["/cases/%00", "/cases/%00/offers", "/loans/%00", "/docket?q=%00", "/cases/WH%1b", "/sign-in?then=%00", "/%C2%85"],
)
def test_an_address_with_a_control_character_leads_nowhere(world: World, path: str) -> None:
    client = world.client("lu")
    absent, found = client.get("/cases/WH-2025-00000"), client.get(path)
    assert (found.status_code, len(found.data)) == (404, len(absent.data))


def test_a_file_of_loans_with_a_nul_in_a_cell_breaks_nothing(world: World) -> None:
    row = list(BAI)
    row[1] = f"白{NUL}露"
    walked = officer(world)
    sent = walked.send(csv_file(HEADERS, row), f"a{NUL}b.csv")
    if sent.status_code == 303:
        walked.choose()
        walked.run()
    assert all(NUL not in f"{loan.borrower_name}{loan.attributes}" for loan in loans_of(world).values())
    assert world.client("lu").get("/loans/imports").status_code == 200


def test_what_is_left_of_a_field_stands_in_it_again(world: World) -> None:
    answer = world.client().post("/sign-in", data={"sign_in_name": f"m{NUL}o", "password": "x"})
    assert (answer.status_code, 'value="mo"' in answer.text) == (422, True)
    assert "was taken out" in answer.text


def test_a_nul_in_the_key_of_a_form_is_no_key(world: World) -> None:
    assert world.client("bai").post("/account/language", data={"language": "en", "_key": NUL}).status_code == 303


def test_tabs_and_lines_are_text() -> None:
    assert not plain_text.has_control("first\r\n\tsecond 🙂")
    assert [sign for sign in map(chr, range(0x110)) if plain_text.has_control(sign)] == [
        chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))
    ]


def test_no_name_turns_what_follows_it_round(world: World) -> None:
    form = _filled(world.app, {"name": "白\u202e露\u2066", "upload": "a\u202egnp.exe"})
    assert (form.name.data, form.upload.data.filename) == ("白露", "agnp.exe")


def _filled(app: Flask, said: dict[str, str]) -> Any:
    with app.test_request_context("/", method="POST", data={"name": said["name"]}):
        form = TwoFields()
        with_file = FileStorage(filename=said["upload"])
        return TwoFields(formdata=None, data={"name": form.name.data, "upload": with_file})


def _statuses(house: House, rule: Any, form: type[Form]) -> list[int]:
    """What the form answers to those who may open it, until one has reached the fields."""
    found: list[int] = []
    client = house.world.app.test_client(use_cookies=False)
    with house.world.app.test_request_context("/"):
        names = list(form(formdata=None)._fields)
    data = dict.fromkeys(names, f"1{NUL}") | {"columns-0": NUL}
    for stage in house.cases:
        for actor in INSIDE if "number" in rule.arguments else ACTORS:
            url = NAMED | {"number": house.cases[stage], **house.ids[stage]}
            named = {name: url.get(name, house.world.institution_id) for name in rule.arguments}
            path = house.world.app.url_map.bind("localhost").build(rule.endpoint, named, method="POST")
            found.append(client.post(path, data=data, headers=house.cookie_of(actor)).status_code)
            if found[-1] == TAKEN:
                return found
        if "number" not in rule.arguments:
            break
    return found
