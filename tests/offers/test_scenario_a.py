"""Scenario A of the product's description through the pages, to the cent; and who learns what is affordable."""

import re

import pytest

from mediation.disclosures.sharing import Readers
from mediation.offers.affordable import above, yardstick_of
from mediation.rules import plans
from mediation.rules.money import HALF_UP
from tests.disclosures.household import SUMMARIES, stated_case
from tests.offers.browsing import put_forward, text_of, work_out
from tests.offers.table import show, terms
from tests.stories import a_case
from tests.world import World

PENALTY = plans.Waivers(penalty=53_027)
OVER = "92.51"
# What the lender must never learn: the cap, how far a plan lies above it, and that there is one.
SECRET = re.compile(r"92\.51|1,260\.00|can afford")


def test_the_four_plans_come_to_what_the_description_says(world: World) -> None:
    number = a_case(world)
    lump = put_forward(world, "lu", number, instalments="1", first_due_on="2025-10-24", waived_penalty="")
    thirty_six = put_forward(world, "bai", number, instalments="36")
    twenty_four = put_forward(world, "lu", number, instalments="24")
    twenty_six = put_forward(world, "bai", number, instalments="", chosen_by="amount", each_at_most="1,260")
    for path, figures in (
        (lump, ("32,990.54",)),
        (thirty_six, ("901.67", "901.82", "32,460.27", "Number of payments 36 ")),
        (twenty_four, ("1,352.51", "1,352.54", "32,460.27", "Number of payments 24 ")),
        (twenty_six, ("1,248.47", "1,248.52", "32,460.27", "Number of payments 26 ")),
    ):
        page = text_of(world.client("mo").get(path).data)
        assert [figure for figure in figures if figure not in page] == []


def test_thirty_six_instalments_are_of_901_67_and_the_last_of_901_82(world: World) -> None:
    page = text_of(work_out(world, "bai", a_case(world), instalments="36").data)
    assert re.search(r"Each payment \S*901\.67 .*Last payment \S*901\.82 .*To pay in all \S*32,460\.27 ", page)


def test_24_instalments_are_92_51_above_what_the_borrower_can_afford(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    path = f"/cases/{number}/offers/{show(world, number, 'lu', terms(24, waived=PENALTY))}"
    told = {name: text_of(world.client(name).get(path).data) for name in ("bai", "mo", "lu")}
    assert re.search(r"Each payment is \S*92\.51 above what you can afford", told["bai"])
    assert re.search(r"Each payment is \S*92\.51 above what the borrower can afford", told["mo"])
    assert not SECRET.search(told["lu"])


def test_the_list_of_plans_says_it_too_and_not_to_the_lender(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    show(world, number, "lu", terms(24, waived=PENALTY))
    pages = {name: text_of(world.client(name).get(f"/cases/{number}/offers").data) for name in ("bai", "mo", "lu")}
    assert [name for name, page in pages.items() if OVER in page] == ["bai", "mo"]


@pytest.mark.parametrize("step", ["preview", "check"])
def test_the_lenders_own_editor_says_nothing_of_what_is_affordable(world: World, step: str) -> None:
    number = a_case(world)
    stated_case(world, number)
    page = text_of(work_out(world, "lu", number, step, instalments="24").data)
    assert "1,352.51" in page
    assert not SECRET.search(page)


@pytest.mark.parametrize("readers", [Readers.SUMMARY, Readers.FULL])
def test_a_lender_to_whom_the_range_was_shown_is_told_against_the_range(world: World, readers: Readers) -> None:
    number = a_case(world)
    stated_case(world, number, dict.fromkeys(SUMMARIES, readers))
    path = f"/cases/{number}/offers/{show(world, number, 'lu', terms(21, waived=PENALTY))}"
    page = text_of(world.client("lu").get(path).data)
    assert re.search(r"Each payment is \S*45\.73 above the range .* ends at \S*1,500\.00", page)  # 1,545.73 a month
    assert not SECRET.search(page)


def test_a_borrowers_own_plan_above_it_is_asked_about_once_and_never_blocked(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    page = text_of(work_out(world, "bai", number, "check", instalments="24").data)
    assert re.search(r"Each payment would be \S*92\.51 more than you can afford", page)
    assert "Send the plan" not in page
    path = put_forward(world, "bai", number, instalments="24")
    assert not SECRET.search(text_of(world.client("lu").get(path).data))


def test_a_borrower_asked_about_it_can_go_back_with_everything_kept(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    asked = work_out(world, "bai", number, "check", instalments="24", balloon="0.01")
    assert re.search(rb'name="balloon" value="0\.01"', asked.data)
    again = text_of(work_out(world, "bai", number, "edit", instalments="24", balloon="0.01").data)
    assert "See every payment" in again


def test_a_plan_within_it_is_not_asked_about(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    page = text_of(work_out(world, "bai", number, "check", instalments="26").data)
    assert "Send the plan" in page
    assert "above what you can afford" not in page


def test_where_only_one_payment_is_above_it_no_other_is_said_to_be(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    asked = text_of(work_out(world, "bai", number, "check", instalments="36", balloon="3,000").data)
    assert re.search(r"The highest payment would be \S*1,740\.00 more", asked)
    path = f"/cases/{number}/offers/{show(world, number, 'lu', terms(36, waived=PENALTY, balloon=300_000))}"
    assert re.search(r"The highest payment is \S*1,740\.00 above", text_of(world.client("mo").get(path).data))


def test_what_is_affordable_each_week_is_twelve_fifty_seconds_of_the_month(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    weekly = terms(104, waived=PENALTY, frequency=plans.Frequency.WEEKLY)  # 312.12, and 1,260 × 12/52 is 290.76
    with world.seat("mo", number) as seat:
        found = above(yardstick_of(seat), weekly, plans.schedule(weekly, rounding=HALF_UP))
    assert found is not None
    assert (found.over, found.each) == (31_212 - 29_076, 29_076)


def test_before_anything_is_stated_nobody_is_told_anything(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/offers/{show(world, number, 'lu', terms(1))}"
    assert not any(SECRET.search(text_of(world.client(name).get(path).data)) for name in ("bai", "mo", "lu"))
