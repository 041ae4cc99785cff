"""How the plans approach each other: nothing drawn that a seat may not see, and nothing left out in silence."""

import re

from mediation.rules.plans import Frequency
from tests.offers.table import make, show, terms
from tests.stories import a_case
from tests.world import World

CHART = re.compile(r"<figure>.*?</figure>", re.DOTALL)


def chart(world: World, name: str, number: str) -> str:
    found = CHART.search(world.client(name).get(f"/cases/{number}/offers").text)
    return found[0] if found else ""


def points(drawn: str) -> int:
    return len(re.findall(r'class="of-\w+ point"', drawn))


def test_a_plan_still_held_is_drawn_for_its_own_side_alone(world: World) -> None:
    number = a_case(world)
    for name, count in (("lu", 12), ("bai", 36)):
        show(world, number, name, terms(count))
    make(world, number, "lu", terms(24))
    drawn = {name: chart(world, name, number) for name in ("lu", "bai", "mo")}
    assert {name: points(each) for name, each in drawn.items()} == {"lu": 3, "bai": 2, "mo": 2}
    assert ["1,374.61" in drawn[name] for name in ("lu", "bai", "mo")] == [True, False, False]


def test_a_lump_sum_is_named_where_it_is_not_drawn(world: World) -> None:
    number = a_case(world)
    for name, count in (("lu", 1), ("bai", 36), ("lu", 24)):
        show(world, number, name, terms(count))
    drawn = chart(world, "bai", number)
    assert points(drawn) == 2
    assert re.search(r"Not drawn, because everything is paid at once: Plan 1</figcaption>", drawn)


def test_a_lump_sum_still_held_is_named_to_nobody_else(world: World) -> None:
    number = a_case(world)
    for name, count in (("lu", 12), ("bai", 36)):
        show(world, number, name, terms(count))
    make(world, number, "lu", terms(1))
    said = ["Not drawn" in chart(world, name, number) for name in ("lu", "bai", "mo")]
    assert said == [True, False, False]


def test_a_weekly_plan_is_drawn_by_what_it_asks_of_a_month(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu", terms(24))
    show(world, number, "bai", terms(100, frequency=Frequency.WEEKLY))
    # 329.91 × 52/12, rounded up.
    assert "¥1,429.61" in chart(world, "mo", number)
