"""With an own plan waiting, the other side's open plan says why it cannot be answered, and how it can."""

import re

from tests.offers.table import make, offer, show
from tests.stories import a_case
from tests.world import World


def test_the_open_plan_says_why_there_is_no_answer_and_offers_to_take_the_own_one_back(world: World) -> None:
    number = a_case(world)
    theirs = show(world, number, "lu")
    own = make(world, number, "bai")
    client = world.client("bai")
    page = client.get(f"/cases/{number}/offers/{theirs}").data.decode()
    assert "this plan cannot be answered" in page
    assert "Accept this plan" not in page
    seen = re.search(r'name="seen_version" value="(\d+)"', page)
    assert seen is not None
    assert f"/cases/{number}/offers/{own}/withdrawal" in page
    client.post(f"/cases/{number}/offers/{own}/withdrawal", data={"seen_version": seen[1]})
    assert offer(world, own).status.value == "withdrawn"
    assert "Accept this plan" in client.get(f"/cases/{number}/offers/{theirs}").data.decode()


def test_the_other_side_is_told_nothing_of_it(world: World) -> None:
    number = a_case(world)
    theirs = show(world, number, "lu")
    make(world, number, "bai")
    for name in ("lu", "mo"):
        assert "cannot be answered" not in world.client(name).get(f"/cases/{number}/offers/{theirs}").data.decode()
