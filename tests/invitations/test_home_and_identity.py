"""The borrower's home, and the identity that stands on file before anybody signs."""

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.cases.identities import give_identity, identity_of
from mediation.cases.models import CapacityReport, Case, Identity
from mediation.errors import Refused
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from tests.invitations.scenes import an_invitation, identified, newest
from tests.stories import ID_NUMBER, a_case
from tests.world import World

ADDRESS = "江城市湖滨路8号302室"
CHILD = "420106201503071525"


def test_an_invited_borrower_is_asked_for_one_thing(world: World) -> None:
    invitation = an_invitation(world)
    page = identified(world, invitation).get("/home").get_data(as_text=True)
    assert "It is for you to decide whether to take part." in page
    assert f"/cases/{invitation.case}/invitation" in page
    assert page.count("button is-primary") == 1
    assert "9 October 2025" in page


def test_a_passed_deadline_asks_for_nothing(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    world.clock.move(minutes=-5)
    client = identified(world, invitation)
    world.clock.move(minutes=5)
    page = client.get("/home").get_data(as_text=True)
    assert "The time to answer has passed" in page
    assert "button is-primary" not in page


@pytest.mark.parametrize("stage", [Stage.JOINED, Stage.APPOINTED, Stage.OPEN, Stage.TERMS_AGREED, Stage.SIGNING])
def test_home_stands_at_every_stage_with_the_legal_aid_number(world: World, stage: Stage) -> None:
    a_case(world, stage)
    page = world.client("bai").get("/home").get_data(as_text=True)
    assert "12348" in page
    assert "one-thing" in page


def test_a_date_by_which_somebody_else_must_act_is_no_alarm(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.writing() as session:
        found = session.scalars(select(Case).where(Case.number == number)).one()
        found.turn, found.deadline_at = Role.MEDIATOR, world.clock.at
    page = world.client("bai").get("/home").get_data(as_text=True)
    assert 'class="cdate cdate-calm"' in page
    assert "cdate-soon" not in page
    assert "cdate-passed" not in page


def test_several_cases_are_a_list(world: World) -> None:
    numbers = [a_case(world, Stage.OPEN, contract=contract) for contract in ("XF-1", "XF-2")]
    page = world.client("bai").get("/home").get_data(as_text=True)
    assert all(f"/cases/{number}/home" in page for number in numbers)


def test_an_empty_home_leads_to_the_code(world: World) -> None:
    assert "/join" in world.client("shi").get("/home").get_data(as_text=True)


def test_staff_find_their_docket(world: World) -> None:
    assert world.client("mo").get("/home").status_code == 303


def test_the_identity_of_a_borrower_is_kept_sealed(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    give(world, number, ID_NUMBER)
    with world.reading() as session:
        kept = session.scalars(select(Identity)).one()
        opened = identity_of(session, kept.case_id, world.people["bai"])
    assert ID_NUMBER.encode() not in kept.number_sealed + kept.address_sealed
    assert opened is not None
    assert (opened.number, opened.address, opened.how_checked) == (ID_NUMBER, ADDRESS, "matches_file")


def test_an_identity_is_given_in_the_browser(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    client = world.client("bai")
    form = {"name": "白露", "number": ID_NUMBER, "address": ADDRESS}
    assert client.post(f"/cases/{number}/identity", data=form).status_code == 303
    page = client.get(f"/cases/{number}/identity").get_data(as_text=True)
    assert ID_NUMBER[-4:] in page
    assert ID_NUMBER not in page


def test_a_number_whose_check_digit_is_wrong_is_refused(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(Refused, match="identity:number-not-right"):
        give(world, number, ID_NUMBER[:-1] + ("1" if ID_NUMBER[-1] != "1" else "2"))


def test_another_persons_number_is_refused(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(Refused, match="identity:other-number"):
        give(world, number, "11010519491231002X")


def test_an_identity_in_the_agreement_is_not_changed(world: World) -> None:
    number = a_case(world, Stage.SIGNING)
    with pytest.raises(Refused, match="identity:in-the-agreement"):
        give(world, number, ID_NUMBER)


def test_a_lender_officer_gives_an_identity_too(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    give(world, number, "11010519491231002X", who="lu")
    with world.reading() as session:
        assert session.scalars(select(Identity.account_id)).all() == [world.people["lu"]]


def test_the_record_holds_neither_number_nor_address(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    give(world, number, ID_NUMBER)
    with world.seat("lu", number) as seat:
        last = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert (last.kind, dict(last.body or {})) == ("identity:given", {"side": "borrower", "how": "matches_file"})


def test_a_borrower_under_age_goes_to_the_registrar(world: World) -> None:
    number = a_case(world, Stage.OPEN, contract="XF-3")
    tail_on_file(world, CHILD[-4:])
    give(world, number, CHILD)
    with world.seat("lu", number) as seat:
        last = audit.entries_seen_by(seat, Thread.CASE)[-1]
        assert seat.session.get(CapacityReport, seat.case_id) is not None
    assert (last.kind, last.actor) == ("capacity:reported", Role.SYSTEM.value)


def test_nobody_is_asked_who_they_are_before_they_take_part(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    assert client.get(f"/cases/{sent.case}/identity").status_code == 409
    assert "/identity" not in client.get(f"/cases/{sent.case}/home").text


def test_another_name_than_the_one_on_file_is_said_at_the_field_and_confirmed(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    client = world.client("bai")
    form = {"name": "白璐", "number": ID_NUMBER, "address": ADDRESS}
    asked = client.post(f"/cases/{number}/identity", data=form)
    page = asked.text
    assert (asked.status_code, 'id="name-error"' in page, "白露" in page) == (409, True, True)
    assert 'name="is_other_name"' in page
    assert client.post(f"/cases/{number}/identity", data=form | {"is_other_name": "y"}).status_code == 303
    assert "白璐" in world.client("ren").get(f"/cases/{number}").text
    assert "白璐" not in world.client("lu").get(f"/cases/{number}").text


@pytest.mark.parametrize("name", ["白露", " 白 露 ", "白　露"])
def test_the_name_on_file_needs_no_confirmation(world: World, name: str) -> None:
    number = a_case(world, Stage.JOINED)
    with world.seat("bai", number) as seat:
        give_identity(seat, name=name, number=ID_NUMBER, address=ADDRESS, at=world.clock())
        assert seat.account_id is not None
        assert identity_of(seat.session, seat.case_id, seat.account_id) is not None


def give(world: World, number: str, identity_number: str, *, who: str = "bai") -> None:
    with world.seat(who, number) as seat:
        give_identity(seat, name="白露", number=identity_number, address=ADDRESS, at=world.clock())


def tail_on_file(world: World, tail: str) -> None:
    with world.writing() as session:
        session.scalars(select(Case)).one().borrower_id_tail = tail
