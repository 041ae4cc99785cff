"""验真: a notice is checked by its public number, in a form that tells of nobody."""

import re

import pytest

from tests.invitations.scenes import an_invitation, identified
from tests.invitations.test_codes import limit
from tests.world import World

UNKNOWN = ("ZZZZ-ZZZZ", "00000000", "nonsense", "参加码")


def test_a_genuine_notice_is_recognised(world: World) -> None:
    invitation = an_invitation(world)
    page = checked(world, invitation.number)
    for words in (
        "Jiangcheng People&#39;s Mediation Committee",
        invitation.case[-4:],
        "07",
        "tiaojie.example.cn",
        "027-5550 0110",
    ):
        assert words in page, words


def test_the_check_tells_of_no_person_no_lender_and_no_debt(world: World) -> None:
    invitation = an_invitation(world)
    page = checked(world, invitation.number)
    assert not [words for words in ("白露", "江岸消费金融", "32,990", invitation.case, "13800000007") if words in page]


def test_a_number_is_read_as_people_write_it(world: World) -> None:
    number = an_invitation(world).number
    assert "comes from us" in checked(world, f" {number[:4].lower()} - {number[4:]} ")


def test_every_unknown_number_gets_the_same_page(world: World) -> None:
    an_invitation(world)
    assert len({without_keys(checked(world, number)) for number in UNKNOWN}) == 1


def test_a_known_and_an_unknown_number_get_pages_of_one_form(world: World) -> None:
    invitation = an_invitation(world)
    assert shape(checked(world, invitation.number)) == shape(checked(world, UNKNOWN[0]))


def test_an_ended_invitation_is_still_genuine(world: World) -> None:
    invitation = an_invitation(world)
    before = without_keys(checked(world, invitation.number))
    identified(world, invitation).post(f"/cases/{invitation.case}/declination", data={})
    assert without_keys(checked(world, invitation.number)) == before


def test_whoever_tries_numbers_learns_nothing_after_five(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    invitation = an_invitation(world)
    limit(world, monkeypatch)
    client = world.client()
    for _ in range(5):
        client.post("/check", data={"number": UNKNOWN[0]})
    known, unknown = (client.post("/check", data={"number": n}) for n in (invitation.number, UNKNOWN[1]))
    assert (known.status_code, unknown.status_code) == (429, 429)
    assert without_keys(known.get_data(as_text=True)) == without_keys(unknown.get_data(as_text=True))


def test_opening_the_check_needs_nothing(world: World) -> None:
    assert world.client().get("/check").status_code == 200


def checked(world: World, number: str) -> str:
    answer = world.client().post("/check", data={"number": number})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def without_keys(page: str) -> str:
    """The page without the two values that differ in every form ever sent."""
    return re.sub(r'name="(csrf_token|_key)" value="[^"]*"', "", page)


def shape(page: str) -> list[str]:
    """The tags of a page in their order."""
    return re.findall(r"<(/?\w+)", page)
