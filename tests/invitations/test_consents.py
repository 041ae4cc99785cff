"""What was agreed to can be taken back, purpose by purpose, and the page says first what follows."""

import pytest
from sqlalchemy import select

from mediation import audit, notices
from mediation.cases import consents, telling
from mediation.cases.models import Purpose
from mediation.errors import Refused
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from tests.invitations.scenes import an_invitation, identified, the_case
from tests.stories import a_case
from tests.world import World


def test_home_leads_to_every_consent(world: World) -> None:
    number = a_case(world)
    client = world.client("bai")
    assert f'href="/cases/{number}/consents"' in client.get("/home").get_data(as_text=True)
    page = client.get(f"/cases/{number}/consents").get_data(as_text=True)
    assert [f"/consents/{purpose.value}/end" in page for purpose in Purpose] == [True] * 4


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("personal_data", "so mediation ends"),
        ("share_with_lender", "the lender reads nothing of your statement"),
        ("electronic_service", "No more e-mail of this mediation"),
    ],
)
def test_what_follows_is_said_before_it_is_done(world: World, purpose: str, words: str) -> None:
    number = a_case(world)
    page = world.client("bai").get(f"/cases/{number}/consents/{purpose}/end").get_data(as_text=True)
    assert words in page
    assert the_case(world, number).stage is Stage.OPEN


def test_the_consent_to_mediation_is_taken_back_where_mediation_is_ended(world: World) -> None:
    number = a_case(world)
    answer = world.client("bai").get(f"/cases/{number}/consents/mediation/end")
    assert (answer.status_code, answer.location) == (303, f"/cases/{number}/withdrawal")


@pytest.mark.parametrize("purpose", ["share_with_lender", "electronic_service"])
def test_taking_back_what_is_free_leaves_mediation_going_on(world: World, purpose: str) -> None:
    number = a_case(world)
    client = world.client("bai")
    assert client.post(f"/cases/{number}/consents/{purpose}/end").status_code == 303
    assert the_case(world, number).stage is Stage.OPEN
    assert _last_kind(world, number) == "consent:taken-back"
    page = client.get(f"/cases/{number}/consents").get_data(as_text=True)
    assert page.count("Taken back") == 1
    assert f"/consents/{purpose}/end" not in page


def test_without_the_consent_to_use_data_mediation_has_ended(world: World) -> None:
    number = a_case(world)
    world.client("bai").post(f"/cases/{number}/consents/personal_data/end")
    assert the_case(world, number).stage is Stage.WITHDRAWN
    assert _last_kind(world, number) == "case:withdrawn"


def test_a_consent_is_taken_back_once(world: World) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        consents.take_back(seat, Purpose.ELECTRONIC_SERVICE, at=world.clock())
    with pytest.raises(Refused, match="consent:taken-back-already"), world.seat("bai", number) as seat:
        consents.take_back(seat, Purpose.ELECTRONIC_SERVICE, at=world.clock())


def test_no_more_mail_goes_to_whoever_wants_letters_and_the_institution_knows(world: World) -> None:
    number = a_case(world)
    assert _address_of_a_notice(world, number) == "bai@example.org"
    with world.seat("bai", number) as seat:
        consents.take_back(seat, Purpose.ELECTRONIC_SERVICE, at=world.clock())
    assert _address_of_a_notice(world, number) == ""
    with world.reading() as session:
        told = select(notices.Notice.account_id).where(notices.Notice.kind == "consent:taken-back")
        assert set(session.scalars(told)) == {world.people["mo"], world.people["ren"]}


@pytest.mark.parametrize("name", ["lu", "mo", "ren"])
def test_nobody_else_sees_or_ends_a_consent(world: World, name: str) -> None:
    number = a_case(world)
    client = world.client(name)
    assert client.get(f"/cases/{number}/consents").status_code == 403
    assert client.post(f"/cases/{number}/consents/electronic_service/end").status_code == 403


def test_an_unknown_purpose_does_not_exist(world: World) -> None:
    number = a_case(world)
    assert world.client("bai").get(f"/cases/{number}/consents/anything/end").status_code == 404


def test_both_sides_read_the_same_of_what_rests_and_what_does_not(world: World) -> None:
    """The invitation and the page of the case have one list."""
    invitation = an_invitation(world)
    invited = identified(world, invitation).get(f"/cases/{invitation.case}/invitation").get_data(as_text=True)
    registrar = world.client("ren").get(f"/cases/{invitation.case}").get_data(as_text=True)
    assert _undertaking(invited) == _undertaking(registrar)
    assert "Credit report: taking part changes nothing in it." in invited


def _undertaking(page: str) -> str:
    return page[page.index("What rests while mediation lasts") : page.index("A case that a court already has")]


def _last_kind(world: World, number: str) -> str:
    with world.seat("lu", number) as seat:
        return audit.entries_seen_by(seat, Thread.CASE)[-1].kind


def _address_of_a_notice(world: World, number: str) -> str:
    with world.seat("mo", number) as seat:
        telling.tell_roles(seat.session, seat.case, "message:sent", (Role.BORROWER,), at=world.clock())
        found = select(notices.Notice).where(notices.Notice.kind == "message:sent").order_by(notices.Notice.id.desc())
        return seat.session.scalars(found).first().address
