"""Members: invited by the registrar, signed in by a code, and gone at once when their place ends."""

from datetime import date

import pytest

from mediation import audit
from mediation.accounts import selections
from mediation.accounts.models import Membership
from tests.accounts.letters import last_code, posted
from tests.world import World

MEDIATOR = {"email": "Qiu@Example.org", "name": "邱实", "role": "mediator", "field": "消费贷款"}


def test_somebody_invited_is_told_and_signs_in_with_a_code(world: World) -> None:
    world.client("ren").post("/desk/members", data=MEDIATOR)
    assert "/sign-in/code" in posted(world)[-1]
    world.clock.move(minutes=1)
    client = world.client()
    client.post("/sign-in/code", data={"sign_in_name": "qiu@example.org"})
    client.post("/sign-in/code/enter", data={"code": last_code(world)})
    assert "邱实" in client.get("/account").text


def test_a_letter_to_a_member_names_nothing_but_the_institution(world: World) -> None:
    world.client("ren").post("/desk/members", data=MEDIATOR)
    letter = posted(world)[-1]
    assert ("江城人民调解委员会" in letter, "邱实" in letter) == (True, False)


def test_an_officer_has_a_lender(world: World) -> None:
    client = world.client("ren")
    officer = {"email": "guo@example.org", "name": "郭敏", "role": "lender"}
    assert client.post("/desk/members", data=officer | {"organisation": ""}).status_code == 409
    assert client.post("/desk/members", data=officer | {"organisation": str(world.organisation_id)}).status_code == 303


def test_an_officer_of_a_lender_that_is_not_on_file_is_refused(world: World) -> None:
    officer = {"email": "guo@example.org", "name": "郭敏", "role": "lender", "organisation": str(world.people["mo"])}
    assert world.client("ren").post("/desk/members", data=officer).status_code == 404


def test_nobody_has_two_places_at_one_institution(world: World) -> None:
    answer = world.client("ren").post("/desk/members", data=MEDIATOR | {"email": "mo"})
    assert answer.status_code == 422
    client = world.client("ren")
    client.post("/desk/members", data=MEDIATOR)
    assert client.post("/desk/members", data=MEDIATOR).status_code == 409


def test_whose_place_ends_is_signed_out_at_once(world: World) -> None:
    mo = world.client("mo")
    world.client("ren").post(f"/desk/members/{_place(world, 'mo')}/end")
    assert mo.get("/account").status_code == 303


def test_the_end_of_a_place_is_on_the_record(world: World) -> None:
    world.client("ren").post(f"/desk/members/{_place(world, 'mo')}/end")
    with world.reading() as session:
        thread = audit.threads_of(session, institution_id=world.institution_id)[0]
        last = audit.read(session, thread)[-1]
    assert (last.kind, last.actor, last.body) == (
        "member:left",
        "registrar",
        {"account": str(world.people["mo"]), "role": "mediator"},
    )


def test_a_registrar_does_not_end_their_own_place(world: World) -> None:
    assert world.client("ren").post(f"/desk/members/{_place(world, 'ren')}/end").status_code == 409


@pytest.mark.parametrize("name", ["lu", "mo", "audit"])
def test_nobody_else_at_a_desk_keeps_members(world: World, name: str) -> None:
    client = world.client(name)
    assert client.get("/desk/members").status_code == 403
    assert client.post("/desk/members", data=MEDIATOR).status_code == 403
    assert client.post(f"/desk/members/{_place(world, 'mo')}/end").status_code == 403


def test_an_authority_is_on_file_for_the_days_it_names(world: World) -> None:
    document = {"title": "授权委托书 2028", "valid_from_on": "2028-01-01", "valid_until_on": "2028-12-31"}
    url = f"/desk/members/{_place(world, 'lu')}/authorities"
    world.client("ren").post(url, data=document | {"covers_settlement": "y"})
    with world.reading() as session:
        found = [
            selections.authority_of(session, world.institution_id, world.people["lu"], on)
            for on in (date(2027, 12, 31), date(2028, 1, 1), date(2028, 12, 31), date(2029, 1, 1))
        ]
    assert [one.title if one else None for one in found] == [
        "授权委托书 2025-07",
        "授权委托书 2028",
        "授权委托书 2028",
        None,
    ]


def test_an_authority_that_does_not_cover_settlements_signs_nothing(world: World) -> None:
    document = {"title": "仅限沟通", "valid_from_on": "2028-01-01", "valid_until_on": "2028-12-31"}
    world.client("ren").post(f"/desk/members/{_place(world, 'lu')}/authorities", data=document)
    with world.reading() as session:
        found = selections.authority_of(session, world.institution_id, world.people["lu"], date(2028, 6, 1))
    assert found is None


def test_an_authority_ends_with_the_place(world: World) -> None:
    world.client("ren").post(f"/desk/members/{_place(world, 'lu')}/end")
    with world.reading() as session:
        found = selections.authority_of(session, world.institution_id, world.people["lu"], date(2026, 6, 1))
    assert found is None


def test_an_authority_that_ends_before_it_begins_is_refused(world: World) -> None:
    document = {"title": "x", "valid_from_on": "2028-02-01", "valid_until_on": "2028-01-01"}
    answer = world.client("ren").post(f"/desk/members/{_place(world, 'lu')}/authorities", data=document)
    assert (answer.status_code, 'id="valid_until_on-error"' in answer.text) == (409, True)


def _place(world: World, name: str):
    with world.reading() as session:
        return session.query(Membership.id).filter_by(account_id=world.people[name], ended_at=None).scalar()
