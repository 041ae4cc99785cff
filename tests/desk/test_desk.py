"""The mediator's desk: scenario A to the cent, every choice of the form, and nobody else at it."""

import re

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from mediation.audit import RecordEntry
from mediation.disclosures.models import Section
from mediation.rules.lifecycle import Stage
from mediation.web.idempotency import IdempotencyKey
from tests.disclosures.household import given as typed
from tests.disclosures.household import keep, state, stated_case
from tests.house import everything_in
from tests.stories import Figures, a_case
from tests.world import World

TAGS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)
USUAL = {
    "cap": "1,260",
    "longest": "36",
    "first_due_on": "2025-10-24",
    "waived": ["nothing", "penalty", "interest"],
    "yearly_rates": "0",
    "discount_rate": "6",
}
# 36 terms × 3 sums × 2 rates × 3 starts × 2 sums at once.
WIDE = {
    "yearly_rates": "0; 3",
    "easings": ["interest_only:3", "full:3"],
    "down_payments": "1,000",
    "waived": ["nothing", "penalty", "principal"],
    "principal_share": "5",
}


def text_of(answer: TestResponse) -> str:
    """What a reader sees of a page."""
    return re.sub(r"\s+", " ", TAGS.sub(" ", answer.text)).replace("&#39;", "'")


def searched(world: World, number: str, *, language: str = "en", **given: object) -> TestResponse:
    """What the mediator gets for these values."""
    return world.client("mo", language=language).post(f"/cases/{number}/desk", data={**USUAL, **given})


# --- scenario A ---


def test_the_smallest_number_of_payments_within_the_cap_is_26(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    page = text_of(world.client("mo").get(f"/cases/{number}/desk"))
    assert "Within ¥1,260.00 a month" in page
    assert "The penalty ¥530.27 ¥32,460.27 26 ¥1,248.47 ¥1,248.52" in page


def test_without_a_waiver_it_takes_27_and_with_the_interest_waived_25(world: World) -> None:
    page = text_of(searched(world, a_case(world)))
    assert "Nothing ¥32,990.54 27 ¥1,221.87 ¥1,221.92" in page
    assert "The penalty, the fees and the interest ¥2,426.24 ¥30,564.30 25 ¥1,222.57 ¥1,222.62" in page


def test_a_typed_cap_takes_the_place_of_the_stated_one(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    assert "The penalty ¥530.27 ¥32,460.27 33 ¥983.64 ¥983.79" in text_of(searched(world, number, cap="1,000"))


def test_what_is_tried_possible_and_dropped_adds_up(world: World) -> None:
    page = text_of(searched(world, a_case(world)))
    # 36 numbers of payments for each of three sums; of a month at most 1,260.00: from 27, 26 and 25 payments on.
    assert "108 plans were tried; 33 are possible, and 33 of these are beaten by no other" in page
    assert "75 ask more of a month than can be paid" in page


def test_every_reason_for_dropping_is_counted(world: World) -> None:
    number = a_case(world)
    keep(world, number, Section.SAVINGS, "savings", typed("500"))
    stated_case(world, number)
    given = {**WIDE, "yearly_rates": "0; 3; 30", "down_payments": "400; 1,000"}
    page = text_of(searched(world, number, **given))
    tried = int(re.search(r"([\d,]+) plans were tried; ([\d,]+) are possible", page)[1])  # type: ignore[index]
    possible = int(re.search(r"([\d,]+) plans were tried; ([\d,]+) are possible", page)[2])  # type: ignore[index]
    reasons = ("cannot be divided in that way", "bear more interest than the ceiling", "end later than allowed",
               "ask more at once than the stated savings", "ask more of a month than can be paid")  # fmt: skip
    counts = [int(re.search(rf"(\d+) {reason}", page)[1]) for reason in reasons]  # type: ignore[index]
    assert all(counts)
    assert tried == possible + sum(counts) == 36 * 3 * 3 * 3 * 3


def test_the_named_plans_come_with_every_payment_and_what_the_law_says(world: World) -> None:
    page = text_of(searched(world, a_case(world)))
    soonest = page[page.index("A: Soonest finished") : page.index("B: Lowest each month · Lowest in all")]
    assert "25 payments of ¥1,222.57 a month, the last ¥1,222.62 on 24 October 2027; ¥30,564.30 in all" in soonest
    assert "25 24 October 2027 ¥1,222.62 ¥1,222.62 ¥0.00 ¥0.00" in soonest
    assert "What the law says to this plan For information" in soonest


def test_the_terms_of_a_plan_can_be_copied_and_nothing_is_sent(world: World) -> None:
    answer = searched(world, a_case(world))
    copied = re.findall(r'data-copy="([^"]+)"', answer.text)
    shortest = next(text for text in copied if "26 payments" in text)
    assert shortest.splitlines() == [
        "Amount agreed in all: ¥32,460.27",
        "Waived from the penalty: ¥530.27",
        "Every month: 26 payments of ¥1,248.47 from 24 October 2025; the last, ¥1,248.52, on 24 November 2027",
        "Interest during the plan: 0% a year",
        "To pay in all: ¥32,460.27",
    ]


def test_every_dot_of_the_drawing_has_its_row_in_the_table(world: World) -> None:
    page = searched(world, a_case(world)).text
    drawn = page.count('<circle class="of-mediator point"') + page.count('<rect class="of-mediator point"')
    rows = re.search(r"<caption>Every plan that no other beats</caption>.*?</table>", page, re.DOTALL)
    assert rows is not None
    assert drawn == rows[0].count('<tr><th scope="row"') == 33


def test_of_many_plans_some_are_shown_and_the_page_says_so(world: World) -> None:
    page = text_of(searched(world, a_case(world), longest="120", yearly_rates="0; 1; 2; 3", cap="3,000"))
    kept, shown = map(int, re.search(r"Of (\d+) plans (\d+) are shown here", page).groups())  # type: ignore[union-attr]
    assert shown <= 60 < kept


def test_points_of_fair_division_stand_folded_away(world: World) -> None:
    page = searched(world, a_case(world)).text
    folded = page[page.index("For those who want them") :]
    assert all(name in folded for name in ("Nash", "Kalai and Smorodinsky", "Egalitarian"))
    assert "Nash" not in page[: page.index("For those who want them")]
    assert '<details class="more"><summary>For those who want them' in page


# --- the form ---


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"cap": ""}, "Fill in the amount"),
        ({"cap": "0"}, "Where nothing is left in a month"),
        ({"cap": "NaN"}, "Write the amount in figures"),
        ({"longest": "0"}, "Choose between 1 and 600 instalments"),
        ({"longest": "1000000000000000000"}, "Choose between 1 and 600 instalments"),
        ({"first_due_on": "2025-09-01"}, "at the earliest"),
        ({"first_due_on": "2099-01-01"}, "at the latest"),
        ({"waived": []}, "Choose at least one value to try here"),
        ({"waived": ["principal"]}, "Say which part of the principal"),
        ({"waived": ["principal"], "principal_share": "100"}, "Say which part of the principal"),
        ({"yearly_rates": ""}, "Choose at least one value to try here"),
        ({"yearly_rates": "0; 101"}, "The rate lies between 0 and 100%"),
        ({"yearly_rates": "0; nothing"}, "Write the rate in figures"),
        ({"down_payments": "1,000; x"}, "Write the amount in figures"),
        ({"down_payments": "; ".join(map(str, range(1, 22)))}, "At most 20 values can be tried here"),
        ({"discount_rate": "0"}, "Enter a yearly rate above 0"),
        ({"discount_rate": "101"}, "Choose between 0 and 100%"),
        ({"longest": "600", "yearly_rates": ";".join(map(str, range(20))), "easings": ["full:1", "full:3"],
          "down_payments": ";".join(map(str, range(1, 20)))}, "These choices make 2160000 plans; at most 500000"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_said_and_the_rest_stays(world: World, given: dict[str, object], sentence: str) -> None:
    answer = searched(world, a_case(world), **given)
    assert sentence in text_of(answer)
    assert answer.status_code in (409, 422)
    assert "plans were tried" not in answer.text
    assert 'value="2025-10-24"' in answer.text or "first_due_on" in given


def test_gentler_starts_sums_at_once_and_part_of_the_principal_are_tried(world: World) -> None:
    page = text_of(searched(world, a_case(world), **WIDE))
    assert f"{36 * 3 * 2 * 3 * 2} plans were tried" in page
    # 5 % of 30,564.30 beside penalty and interest.
    assert "All of these and a part of the principal ¥3,954.46 ¥29,036.08" in page
    assert "At once: ¥1,000.00 on 24 September 2025" in page


def test_a_sum_at_once_above_the_whole_claim_makes_no_plan(world: World) -> None:
    page = text_of(searched(world, a_case(world), down_payments="40,000"))
    assert "216 plans were tried; 33 are possible" in page
    assert "108 cannot be divided in that way" in page


def test_a_claim_without_penalty_or_interest_is_tried_once(world: World) -> None:
    number = a_case(world, figures=Figures(1_000_000, 0, 0, 0))
    page = text_of(searched(world, number))
    assert "36 plans were tried" in page


def test_where_nothing_is_possible_the_page_says_so(world: World) -> None:
    page = text_of(searched(world, a_case(world), cap="100"))
    assert "No plan is possible within this" in page
    assert "none is possible" in page


def test_nobody_searches_within_a_cap_of_nothing(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    keep(world, number, Section.INCOME, "wage", typed("3,000"))
    state(world, number)
    page = text_of(world.client("mo").get(f"/cases/{number}/desk"))
    assert "By the borrower's own figures nothing is left in a month" in page
    assert "plans were tried" not in page


def test_a_cap_not_stated_yet_is_asked_for(world: World) -> None:
    page = text_of(world.client("mo").get(f"/cases/{a_case(world)}/desk"))
    assert "The borrower has not told you yet what is affordable" in page
    assert "plans were tried" not in page


def test_the_desk_speaks_chinese(world: World) -> None:
    page = text_of(searched(world, a_case(world), language="zh_Hans"))
    assert "每月不超过 1,260.00 元" in page
    assert "26 1,248.47 元 1,248.52 元" in page


# --- who, and what is kept ---


def test_nobody_but_the_mediator_sits_at_the_desk(world: World) -> None:
    number = a_case(world)
    answers = {
        name: (world.client(name).get(f"/cases/{number}/desk").status_code,
               world.client(name).post(f"/cases/{number}/desk", data=USUAL).status_code)
        for name in ("bai", "lu", "ren", "ming", "shi")
    }  # fmt: skip
    assert answers == {"bai": (403, 403), "lu": (403, 403), "ren": (403, 403), "ming": (404, 404), "shi": (404, 404)}


@pytest.mark.parametrize("stage", [Stage.APPOINTED, Stage.TERMS_AGREED, Stage.SIGNING])
def test_the_desk_is_open_while_plans_are_talked_about(world: World, stage: Stage) -> None:
    assert world.client("mo").get(f"/cases/{a_case(world, stage)}/desk").status_code == 409


def test_only_the_mediator_is_shown_the_way_to_the_desk(world: World) -> None:
    number = a_case(world)
    way = f"/cases/{number}/desk"
    seen = {name: way in world.client(name).get(f"/cases/{number}/offers").text for name in ("mo", "bai", "lu")}
    assert seen == {"mo": True, "bai": False, "lu": False}


def test_a_search_leaves_nothing_behind(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    client = world.client("mo")
    before = everything_in(world.engine)
    assert client.post(f"/cases/{number}/desk", data={**USUAL, "_key": "a-key"}).status_code == 200
    assert everything_in(world.engine) == before
    with world.reading() as session:
        assert session.scalars(select(IdempotencyKey)).all() == []
        assert session.scalars(select(RecordEntry)).all() != []


def test_a_search_is_in_no_address_and_no_shared_memory(world: World) -> None:
    number = a_case(world)
    answer = searched(world, number)
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'method="get"' not in answer.text
