"""The start page says what this is and who runs it; who has signed in is led to their own place."""

import pytest

from tests.world import World


def test_the_start_page_names_the_institution_and_its_telephone(world: World) -> None:
    page = world.client().get("/").text
    assert "Jiangcheng" in page
    assert '<a class="nowrap" href="tel:02755500110">027-5550 0110</a>' in page


def test_the_start_page_speaks_chinese(world: World) -> None:
    page = world.client(language="zh-CN").get("/").text
    assert "对借款人免费" in page
    assert "江城人民调解委员会" in page


@pytest.mark.parametrize("name", ["bai", "lu", "mo", "ren", "audit", "shi"])
def test_everybody_who_has_signed_in_is_led_to_a_page_they_may_open(world: World, name: str) -> None:
    client = world.client(name)
    answer = client.get("/")
    assert answer.status_code == 303
    assert client.get(answer.location, follow_redirects=True).status_code == 200


def test_the_mail_folder_is_shown_in_a_demonstration_only(world: World) -> None:
    assert world.client().get("/demo/mail").status_code == 404
