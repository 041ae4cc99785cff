"""The editor: what is wrong is said at its field and kept, what is used stands open, what is typed is worked out."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.offers.fewest import fewest_within
from mediation.offers.figures import asked_each_time, regular
from mediation.rules import plans
from mediation.rules.money import HALF_UP
from mediation.rules.plans import Grace, Method
from tests.guards.words import words_found
from tests.offers.browsing import PLAN, put_forward, text_of, work_out
from tests.offers.table import show, terms
from tests.stories import a_case
from tests.world import World

BILLION_TWICE = "1000000000000000000"
WRONG = [
    ("instalments", "0", "Choose between 1 and 600 instalments."),
    ("instalments", "-3", "Choose between 1 and 600 instalments."),
    ("instalments", "1000", "Choose between 1 and 600 instalments."),
    ("instalments", BILLION_TWICE, "Choose between 1 and 600 instalments."),
    ("instalments", "NaN", "Not a valid integer value."),
    ("instalments", "3\x00", "Not a valid integer value."),
    ("instalments", "9" * 5000, "Not a valid integer value."),
    ("agreed_total", "NaN", "Write the amount in figures"),
    ("agreed_total", "-5", "cannot be negative|not below zero"),
    ("agreed_total", BILLION_TWICE, "larger than the platform can carry"),
    ("agreed_total", "1\x00", "A character that cannot be kept stood here"),
    ("waived_principal", "0.001", "at most 2 digits"),
    ("down_payment", "-1", "not below zero"),
    ("down_payment_on", "yesterday", "Not a valid date value."),
    ("step_after", "-6", "first instalments of another amount"),
    ("step_after", BILLION_TWICE, "first instalments of another amount"),
    ("balloon", "32,460.27", "At most ¥32,460.26 can be left"),
    ("disputed_interest", "1,895.98", "At most ¥1,895.97 can be left open here."),
    ("disputed_penalty", "0.01", "At most ¥0.00 can be left open here."),
    ("first_due_on", "2025-09-23", "at the earliest"),
    ("first_due_on", "9999-12-31", "at the latest"),
    ("first_due_on", "0001-01-01", "at the earliest"),
    ("first_due_on", "2025-02-30", "Not a valid date value."),
    ("yearly_rate", "Infinity", "Write the rate in figures"),
    ("yearly_rate", "1E-999999", "Write the rate in figures"),
    ("grace_periods", "x", "Not a valid integer value."),
    ("reply_days", BILLION_TWICE, "between 3 and 14 days"),
    ("method", "by feeling", "Not a valid choice"),
    ("rolls", "perhaps", "Not a valid choice"),
]
TOGETHER = [
    ({"agreed_total": "0", "waived_penalty": ""}, "agreed_total", "Something must be left to pay"),
    ({"down_payment": "100"}, "down_payment_on", "Fill in the day of the down payment."),
    ({"down_payment_on": "2025-10-01"}, "down_payment", "Fill in the amount of the down payment, or remove its date."),
    ({"step_after": "6"}, "step_amount", "Fill in the amount of the first instalments."),
    ({"step_amount": "500"}, "step_after", "Fill in for how many first instalments this amount holds."),
    ({"down_payment": "100", "down_payment_on": "2025-10-15"}, "down_payment_on", "on 14 October 2025 at the latest"),
    ({"down_payment": "100", "down_payment_on": "2025-09-23"}, "down_payment_on", "on 24 September 2025 at the earl"),
    ({"down_payment": "99,999", "down_payment_on": "2025-10-01"}, "down_payment", "can be at most ¥32,460.26"),
    ({"step_after": "36", "step_amount": "5"}, "step_after", "between 0 and 35 first instalments"),
    ({"step_after": "6", "step_amount": "9,999"}, "step_amount", "would leave nothing for the others"),
    ({"step_after": "6", "step_amount": "1", "yearly_rate": "12"}, "step_amount", "would not cover the interest"),
    (
        {"step_after": "6", "step_amount": "500", "method": "equal_principal"},
        "step_after",
        "go only with equal instalments",
    ),
    (
        {"step_after": "6", "step_amount": "500", "yearly_rate": "9", "grace": "interest_only", "grace_periods": "3"},
        "step_after",
        "Choose either interest alone at first",
    ),
    ({"chosen_by": "amount", "each_at_most": "0"}, "each_at_most", "longer than allowed"),
    ({"chosen_by": "amount", "each_at_most": "900", "step_after": "700"}, "step_after", "first instalments of another"),
    ({"chosen_by": "amount", "each_at_most": "300", "yearly_rate": "12"}, "each_at_most", "longer than allowed"),
]


@pytest.mark.parametrize(("name", "typed", "sentence"), WRONG)
@pytest.mark.parametrize("step", ["preview", "check"])
def test_what_is_wrong_is_said_at_its_field_and_kept(
    world: World, name: str, typed: str, sentence: str, step: str
) -> None:
    answer = work_out(world, "bai", a_case(world), step, **{name: typed})
    assert answer.status_code in (409, 422)
    assert re.search(sentence, error_at(answer.data, name))
    if name not in ("method", "rolls"):
        assert f'value="{typed.replace(chr(0), "")}"'.encode() in answer.data


@pytest.mark.parametrize(("typed", "name", "sentence"), TOGETHER)
def test_what_does_not_go_together_is_said_at_its_field(
    world: World, typed: dict[str, str], name: str, sentence: str
) -> None:
    answer = work_out(world, "bai", a_case(world), **typed)
    assert sentence in error_at(answer.data, name)


def test_what_is_sent_straight_to_the_table_is_judged_as_the_editor_judges_it(world: World) -> None:
    number = a_case(world)
    answer = world.client("bai").post(f"/cases/{number}/offers", data={**PLAN, "balloon": "99,999"})
    assert "can be left for the last instalment" in error_at(answer.data, "balloon")


# --- what stands open ---


def sections(page: bytes) -> dict[str, bool]:
    """The folded parts of the editor by their headings, and whether they stand open."""
    found = re.findall(r'<details class="more"( open)?><summary>([^<]*)</summary>', page.decode())
    return {words: bool(is_open) for is_open, words in found}


def test_at_first_only_amount_number_rhythm_and_day_are_asked(world: World) -> None:
    page = world.client("bai").get(f"/cases/{a_case(world)}/offers/new").data
    folded = sections(page)
    assert len(folded) == 7
    assert not any(folded.values())


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ({}, "Waive part of the claim"),  # PLAN waives the penalty
        ({"down_payment": "x"}, "A down payment"),
        ({"balloon": "5"}, "Other amounts at the start or at the end"),
        ({"method": "equal_principal"}, "Interest and a gentler start"),
        ({"rolls": "same"}, "Days off, and days to answer"),
        ({"disputed_principal": "5"}, "Leave part of the claim open for now"),
    ],
)
def test_what_is_used_or_wrong_stands_open(world: World, typed: dict[str, str], heading: str) -> None:
    assert sections(work_out(world, "bai", a_case(world), **typed).data)[heading]


# --- worked out while one types ---


def live(client: FlaskClient, number: str, **typed: str) -> tuple[int, str]:
    answer = client.post(
        f"/cases/{number}/offers/draft",
        data={**PLAN, "step": "preview", "_key": "", **typed},
        headers={"HX-Request": "true"},
    )
    return answer.status_code, answer.data.decode()


def test_a_piece_of_the_page_says_what_the_plan_comes_to_and_nothing_else(world: World) -> None:
    number = a_case(world)
    status, piece = live(world.client("bai"), number)
    assert status == 200
    assert all(figure in piece for figure in ("901.67", "901.82", "32,460.27", "530.27 less than the claim"))
    assert not re.search(r"<html|<form|<input|<script", piece)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"instalments": ""}, "Fill in the number of instalments."),
        ({"first_due_on": ""}, "First payment on: This field is required."),
        ({"waived_penalty": "5,"}, "Waived from the penalty: "),
    ],
)
def test_while_one_still_types_the_piece_says_what_is_missing(
    world: World, typed: dict[str, str], sentence: str
) -> None:
    status, piece = live(world.client("bai"), a_case(world), **typed)
    assert status in (409, 422)
    assert sentence in text_of(piece.encode())
    assert "<html" not in piece


def test_without_a_script_the_button_gives_the_whole_page(world: World) -> None:
    assert b"<html" in work_out(world, "bai", a_case(world)).data


def test_the_check_page_is_never_given_as_a_piece(world: World) -> None:
    number = a_case(world)
    answer = world.client("bai").post(
        f"/cases/{number}/offers/draft", data={**PLAN, "step": "check"}, headers={"HX-Request": "true"}
    )
    assert b"<html" in answer.data


def test_a_form_that_starts_from_a_plan_shows_what_that_comes_to(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu", terms(24, waived=plans.Waivers(penalty=53_027), yearly_rate=Decimal("0.06")))
    page = text_of(world.client("bai").get(f"/cases/{number}/offers/new").data)
    assert "Each payment ¥1,438.66" in page  # 32,460.27 in 24 at 0.5 % a month
    assert "Some answers need another look" not in page


# --- what two plans are compared by ---


def test_only_what_one_of_two_plans_has_is_compared(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu", terms(36))
    path = put_forward(world, "bai", number, down_payment="460.27", down_payment_on="2025-10-01", balloon="8,000")
    page = text_of(world.client("lu").get(path).data)
    compared = page.split("This plan beside your side's newest one")[1].split("The plan in full")[0]
    assert re.search(r"Down payment \S*460\.27 \S*0\.00", compared)
    assert re.search(r"Left for the last payment \S*8,000\.00 \S*0\.00", compared)
    assert re.search(r"On a day off Next working day The same day", compared)
    assert "First payments of another amount" not in compared
    assert "How it is divided" not in compared


@pytest.mark.parametrize(
    "typed",
    [
        {"down_payment": "1,000", "down_payment_on": "2025-10-01"},
        {"balloon": "9,000"},
        {"step_after": "3", "step_amount": "700"},
        {"disputed_principal": "100"},
        {"method": "equal_principal", "yearly_rate": "12"},
    ],
)
def test_a_borrowers_pages_of_every_kind_say_no_forbidden_word(world: World, typed: dict[str, str]) -> None:
    number = a_case(world)
    path = put_forward(world, "lu", number, **typed)
    client = world.client("bai", language="zh-Hans")
    for each in (path, f"/cases/{number}/offers/new"):
        assert words_found(text_of(client.get(each).data)) == []


# --- figures ---


def test_the_regular_amount_is_the_most_frequent_and_never_the_down_payment() -> None:
    stepped = terms(12, step_after=8, step_amount=100_000)
    paid_down = terms(1, down_payment=100, down_payment_on=terms().first_due_on.replace(day=1))
    assert regular(stepped, plans.schedule(stepped, rounding=HALF_UP)) == 100_000
    assert regular(paid_down, plans.schedule(paid_down, rounding=HALF_UP)) == paid_down.financed


def test_what_is_asked_each_time_counts_a_balloon_and_not_the_residue_of_rounding() -> None:
    level, balloon = terms(24, waived=plans.Waivers(penalty=53_027)), terms(24, balloon=500_000)
    assert asked_each_time(level, plans.schedule(level, rounding=HALF_UP)) == 135_251
    assert asked_each_time(balloon, plans.schedule(balloon, rounding=HALF_UP)) == 500_000


# --- the fewest instalments ---


@st.composite
def stated(draw: st.DrawFn) -> plans.Terms:
    """Plans of every kind, of any number of instalments."""
    rate = draw(st.sampled_from(["0", "0.06", "0.24"]))
    step = draw(st.booleans())
    grace = draw(st.sampled_from([Grace.NONE, Grace.INTEREST_ONLY])) if rate != "0" and not step else Grace.NONE
    return terms(
        yearly_rate=Decimal(rate),
        grace=grace,
        grace_periods=draw(st.integers(1, 6)) if grace is not Grace.NONE else 0,
        method=Method.EQUAL_INSTALMENTS if step else draw(st.sampled_from(Method)),
        step_after=3 if step else 0,
        step_amount=draw(st.integers(70_000, 200_000)) if step else 0,
        balloon=draw(st.sampled_from([0, 500_000])),
    )


def fewest(given: plans.Terms, most: int) -> int | None:
    """The fewest instalments; none where no plan is long enough."""
    try:
        return fewest_within(given, most, HALF_UP)
    except Refused as no:
        if no.key != "plan:cap-too-small":
            raise
        return None


def judged(given: plans.Terms, count: int) -> int | None:
    """The highest instalment that the terms do not state otherwise, reckoned the long way; none where refused."""
    try:
        rows = plans.schedule(replace(given, instalments=count), rounding=HALF_UP).instalments
    except Refused:
        return None
    early = given.step_after + (given.grace_periods if given.grace is Grace.INTEREST_ONLY else 0)
    return max(row.amount for row in (rows[early:-1] if given.balloon else rows[early:]))


@settings(max_examples=40, deadline=None)
@given(stated(), st.integers(80_000, 2_000_000))
def test_no_shorter_plan_keeps_every_instalment_within_what_can_be_paid(given: plans.Terms, most: int) -> None:
    found = fewest(given, most)
    assert found is None or judged(given, found) <= most  # type: ignore[operator]
    longest = plans.MOST_INSTALMENTS + 1 if found is None else found
    tried = [*range(1, min(longest, 60)), *range(60, longest, 37)]
    assert [count for count in tried if (highest := judged(given, count)) is not None and highest <= most] == []


def error_at(page: bytes, name: str) -> str:
    """The sentence at a field."""
    found = re.search(rf'id="{name}-error">(.*?)</p>', page.decode(), re.DOTALL)
    return text_of(found[1].encode()) if found else ""
