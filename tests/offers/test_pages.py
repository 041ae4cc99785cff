"""The pages of the table: a plan written, worked out, sent, read and answered in the browser."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from mediation.offers.models import Offer
from mediation.rules import plans
from mediation.rules.negotiation import OfferState
from tests.guards.words import words_found
from tests.offers.table import accept, decline, make, offer, show, terms
from tests.stories import a_case
from tests.world import World

PLAN = {
    "chosen_by": "count",
    "instalments": "36",
    "frequency": "monthly",
    "first_due_on": "2025-10-25",
    "waived_penalty": "530.27",
    "grace": "none",
    "reply_days": "7",
    "seen_version": "0",
}
TAGS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


def text_of(page: bytes) -> str:
    """What a reader sees of a page."""
    return re.sub(r"\s+", " ", TAGS.sub(" ", page.decode()))


def draft(client: FlaskClient, number: str, step: str, **more: str) -> tuple[int, str]:
    answer = client.post(f"/cases/{number}/offers/draft", data={**PLAN, "step": step, **more})
    return answer.status_code, text_of(answer.data)


def send(client: FlaskClient, number: str, **more: str) -> tuple[int, str]:
    answer = client.post(f"/cases/{number}/offers", data={**PLAN, **more})
    return answer.status_code, answer.location or text_of(answer.data)


def answer_form(client: FlaskClient, path: str) -> dict[str, str]:
    page = client.get(path).data.decode()
    return {name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("sha256", "seen_version")}  # type: ignore[index]


def count(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Offer)) or 0


# --- writing a plan ---


def test_a_preview_shows_every_payment_and_keeps_nothing(world: World) -> None:
    number = a_case(world)
    status, page = draft(world.client("bai"), number, "preview")
    assert status == 200
    assert all(figure in page for figure in ("901.67", "901.82", "32,460.27", "530.27 less than the claim"))
    assert count(world) == 0


def test_the_check_page_carries_the_whole_plan_and_sends_it(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    page = client.post(f"/cases/{number}/offers/draft", data={**PLAN, "step": "check"}).data.decode()
    carried = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.split('/offers"')[-1]))
    status, location = send(client, number, **{name: carried.get(name, "") for name in PLAN})
    assert (status, location.endswith("/sent"), count(world)) == (303, True, 1)


def test_a_plan_is_sent_and_its_page_says_until_when_it_is_held(world: World) -> None:
    client, number = world.client("bai"), a_case(world)
    _, location = send(client, number)
    page = text_of(client.get(location).data)
    assert "Your plan is on its way" in page
    assert "10:10" in page


def test_a_plan_can_be_set_by_what_can_be_paid_each_time(world: World) -> None:
    number = a_case(world)
    status, page = draft(
        world.client("bai"), number, "preview", chosen_by="amount", instalments="", each_at_most="1,260"
    )
    assert (status, "1,248.47" in page, "1,248.52" in page) == (200, True, True)


def test_an_amount_each_time_counts_the_interest_of_the_plan(world: World) -> None:
    number = a_case(world)
    _, page = draft(world.client("bai"), number, "preview", chosen_by="amount", each_at_most="3,000", yearly_rate="12")
    assert re.search(r"Number of payments 12 ", page)


def test_the_agreed_sum_alone_is_waived_from_the_penalty_first(world: World) -> None:
    number = a_case(world)
    _, page = draft(world.client("bai"), number, "preview", waived_penalty="", agreed_total="32,460.27")
    assert "901.67" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"instalments": ""}, "Fill in the number of instalments."),
        ({"instalments": "601"}, "Choose between 1 and 600 instalments."),
        ({"waived_penalty": "530.28"}, "At most CN¥530.27 can be waived here."),
        ({"agreed_total": "1,000"}, "the amount agreed comes to CN¥32,460.27"),
        ({"waived_penalty": "", "agreed_total": "40,000"}, "cannot be higher than the claim"),
        ({"first_due_on": "2025-09-01"}, "at the earliest"),
        ({"reply_days": "2"}, "between 3 and 14 days"),
        ({"yearly_rate": "101"}, "between 0 and 100% a year"),
        ({"chosen_by": "amount", "each_at_most": ""}, "Fill in the amount."),
        ({"chosen_by": "amount", "each_at_most": "1"}, "longer than allowed"),
        ({"grace": "interest_only", "grace_periods": "3"}, "only where the plan bears interest"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world: World, wrong: dict[str, str], sentence: str) -> None:
    number = a_case(world)
    status, page = draft(world.client("bai"), number, "preview", **wrong)
    assert status == 409
    assert sentence.replace("CN¥", "") in page.replace("CN¥", "").replace("¥", "").replace("CNY ", "")


def test_what_cannot_be_read_is_said_at_its_field(world: World) -> None:
    number = a_case(world)
    answer = world.client("bai").post(
        f"/cases/{number}/offers/draft", data={**PLAN, "step": "check", "waived_penalty": "lots"}
    )
    assert answer.status_code == 422
    assert b'value="lots"' in answer.data
    assert b'id="waived_penalty-error"' in answer.data


def test_a_counter_starts_from_the_plan_it_answers(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu", terms(24, waived=plans.Waivers(penalty=53_027)))
    page = world.client("bai").get(f"/cases/{number}/offers/new").data
    assert b'name="instalments" type="text" value="24"' in page or b'value="24"' in page
    assert b'value="530.27"' in page


# --- reading and answering ---


def test_the_other_sides_plan_stands_beside_ones_own(world: World) -> None:
    number = a_case(world)
    show(world, number, "bai", terms(36, waived=plans.Waivers(penalty=53_027)))
    offer_id = show(world, number, "lu", terms(24, waived=plans.Waivers(penalty=53_027)))
    page = text_of(world.client("bai").get(f"/cases/{number}/offers/{offer_id}").data)
    assert "−12" in page
    assert "450.84" in page  # 1,352.51 − 901.67


def test_both_sides_read_the_same_consequences(world: World) -> None:
    number = a_case(world)
    path = f"/cases/{number}/offers/{show(world, number, 'lu')}"
    pages = [text_of(world.client(name).get(path).data) for name in ("bai", "lu", "mo")]
    told = [re.search(r"What each answer means.*?Silence is not a yes\.", page)[0] for page in pages]  # type: ignore[index]
    assert len(set(told)) == 1


def test_accepting_in_the_browser_says_that_nothing_has_effect_until_signed(world: World) -> None:
    number, client = a_case(world), world.client("bai", language="zh-Hans")
    path = f"/cases/{number}/offers/{show(world, number, 'lu')}"
    answer = client.post(f"{path}/acceptance", data=answer_form(client, path))
    assert answer.status_code == 303
    assert "双方同意此方案，签署前不生效" in text_of(client.get(answer.location).data)


def test_a_hash_of_something_else_is_refused_on_the_page(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    path = f"/cases/{number}/offers/{show(world, number, 'lu')}"
    answer = client.post(f"{path}/acceptance", data={**answer_form(client, path), "sha256": "0" * 64})
    assert answer.status_code == 409
    assert "Read it again, then decide." in text_of(answer.data)


def test_the_same_form_sent_twice_accepts_once_and_leads_to_the_same_page(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    path = f"/cases/{number}/offers/{show(world, number, 'lu')}"
    form = {**answer_form(client, path), "_key": "3b9ff7ab-6a4d-4f5c-8a0d-5d3c9b1f0d11"}
    first, second = (client.post(f"{path}/acceptance", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)


@pytest.mark.parametrize(("released", "readers"), [({}, {"bai", "mo"}), ({"is_released": "y"}, {"bai", "mo", "lu"})])
def test_a_borrowers_reason_is_read_by_the_lender_only_where_it_was_released(
    world: World, released: dict[str, str], readers: set[str]
) -> None:
    number, client = a_case(world), world.client("bai")
    path = f"/cases/{number}/offers/{show(world, number, 'lu')}"
    client.post(f"{path}/refusal", data={**answer_form(client, path), "reason": "每月还不上这么多", **released})
    seen = {
        name
        for name in ("bai", "mo", "lu")
        if "每月还不上这么多" in text_of(world.client(name).get(path).data)
        and "每月还不上这么多" in text_of(world.client(name).get(f"/cases/{number}/offers").data)
    }
    assert seen == readers


def test_a_borrower_need_not_say_why_and_a_lender_does(world: World) -> None:
    number, bai, lu = a_case(world), world.client("bai"), world.client("lu")
    path = f"/cases/{number}/offers/{show(world, number, 'lu')}"
    assert bai.post(f"{path}/refusal", data=answer_form(bai, path)).status_code == 303
    path = f"/cases/{number}/offers/{show(world, number, 'bai')}"
    answer = lu.post(f"{path}/refusal", data=answer_form(lu, path))
    assert answer.status_code == 409
    assert "Say why your side does not accept a plan" in text_of(answer.data)
    said = {**answer_form(lu, path), "reason": "总额太低"}
    assert lu.post(f"{path}/refusal", data=said).status_code == 303
    assert "总额太低" in text_of(bai.get(path).data)


def test_taking_back_in_the_browser_leads_to_the_table(world: World) -> None:
    number, client = a_case(world), world.client("lu")
    offer_id = show(world, number, "lu")
    seen = re.search(rb'name="seen_version" value="(\d+)"', client.get(f"/cases/{number}/offers").data)
    assert seen
    answer = client.post(f"/cases/{number}/offers/{offer_id}/withdrawal", data={"seen_version": seen[1].decode()})
    assert (answer.status_code, offer(world, offer_id).status) == (303, OfferState.WITHDRAWN)


def test_after_the_time_the_page_offers_no_answer(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    world.clock.at = offer(world, offer_id).lapses_at - timedelta(minutes=1)
    client = world.client("bai")
    world.clock.move(minutes=1)
    page = text_of(client.get(f"/cases/{number}/offers/{offer_id}").data)
    assert "Accept this plan" not in page
    assert "The time to answer passed without an answer" in page


# --- a stale page ---


def test_a_stale_form_is_shown_again_with_what_changed_and_what_was_typed(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    show(world, number, "lu")
    answer = client.post(f"/cases/{number}/offers", data={**PLAN, "instalments": "31"})
    page = text_of(answer.data)
    assert answer.status_code == 409
    assert "A plan of the other side has arrived." in page
    assert b'value="31"' in answer.data


def test_a_stale_form_sent_again_after_reading_goes_through(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    show(world, number, "lu")
    page = client.post(f"/cases/{number}/offers", data=PLAN).data
    seen = re.search(rb'name="seen_version" value="(\d+)"', page)
    assert seen
    assert send(client, number, seen_version=seen[1].decode())[0] == 303


def test_an_answer_from_a_stale_page_says_what_changed(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    first = show(world, number, "lu")
    decline(world, number, "bai", first)
    second = show(world, number, "lu", terms(24))
    form = {"sha256": offer(world, second).sha256, "seen_version": "1"}
    answer = client.post(f"/cases/{number}/offers/{second}/acceptance", data=form)
    assert answer.status_code == 409
    assert "Your side did not accept the other side's plan." in text_of(answer.data).replace("&#39;", "'")


# --- words and rights ---


@pytest.mark.parametrize("page", ["", "/new", "/{offer}"])
def test_a_borrowers_pages_say_no_forbidden_word(world: World, page: str) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    path = f"/cases/{number}/offers" + page.format(offer=offer_id)
    assert words_found(text_of(world.client("bai", language="zh-Hans").get(path).data)) == []


@pytest.mark.parametrize(("name", "status"), [("bai", 200), ("lu", 200), ("mo", 200), ("shi", 404), ("ren", 403)])
def test_who_may_read_the_table(world: World, name: str, status: int) -> None:
    assert world.client(name).get(f"/cases/{a_case(world)}/offers").status_code == status


def test_the_mediator_writes_no_plan_here(world: World) -> None:
    assert world.client("mo").get(f"/cases/{a_case(world)}/offers/new").status_code == 403


def test_plans_of_a_cleared_table_stay_readable(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    accept(world, number, "bai", offer_id)
    assert world.client("lu").get(f"/cases/{number}/offers/{offer_id}").status_code == 200


def test_a_table_with_thirty_plans_asks_the_database_as_often_as_one_with_two(world: World) -> None:
    number = a_case(world)
    asked = [statements(world, number)]
    for _ in range(8):
        show(world, number, "lu")
        show(world, number, "bai")
        asked.append(statements(world, number))
    assert len(set(asked[1:])) == 1


def statements(world: World, number: str) -> int:
    from sqlalchemy import event

    client, seen = world.client("mo"), []
    listen = lambda *given: seen.append(given[2])  # noqa: E731
    event.listen(world.engine, "before_cursor_execute", listen)
    client.get(f"/cases/{number}/offers")
    event.remove(world.engine, "before_cursor_execute", listen)
    return len(seen)


def test_a_held_plan_is_shown_to_its_own_side_with_the_way_back(world: World) -> None:
    number = a_case(world)
    make(world, number, "lu")
    assert "Take the plan back" in text_of(world.client("lu").get(f"/cases/{number}/offers").data)
