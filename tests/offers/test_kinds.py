"""Every kind of plan through the pages: typed, worked out, sent, read by the other side, accepted, drawn up."""

import re
from dataclasses import dataclass, field
from datetime import date

import pytest
from sqlalchemy import select

from mediation.agreements import actions as agreements
from mediation.agreements import paper
from mediation.agreements.assembling import Choices
from mediation.offers.models import Offer
from mediation.offers.tables import Plan, plan_of
from mediation.rules import plans
from mediation.rules.chain import parse
from mediation.rules.clauses import Family, from_document
from mediation.rules.lifecycle import Stage
from mediation.rules.money import HALF_UP, RoundingRule
from mediation.rules.plans import Disputed, Frequency, Grace, Method
from mediation.rules.settlement import AgreementFacts, Amount, Manner
from tests.agreements.papers import SHEET
from tests.offers.browsing import accept, put_forward, text_of
from tests.offers.table import case
from tests.stories import Figures, a_case, identify
from tests.world import World


@dataclass(frozen=True)
class Kind:
    """What is typed beside an ordinary plan, the terms it means, and what the pages then say."""

    typed: dict[str, str]
    terms: dict[str, object]
    says: tuple[str, ...] = field(default=())


# Scenario A's claim less its penalty is 32,460.27; each is checked by hand below.
KINDS = {
    "lump sum": Kind({"instalments": "1"}, {"instalments": 1}, ("32,460.27",)),
    "down payment": Kind(
        {"instalments": "30", "down_payment": "2,460.27", "down_payment_on": "2025-09-30"},
        {"down_payment": 246_027, "down_payment_on": date(2025, 9, 30), "instalments": 30},
        ("1,000.00", "Down payment", "2,460.27", "besides the down payment"),  # 30,000.00 / 30
    ),
    "steps": Kind(
        {"instalments": "36", "step_after": "6", "step_amount": "500"},
        {"step_after": 6, "step_amount": 50_000},
        ("982.01", "981.98", "the first 6: ¥500.00 each"),  # (32,460.27 − 3,000.00) / 30 = 982.009
    ),
    "balloon": Kind(
        {"instalments": "25", "balloon": "8,460.27"},
        {"balloon": 846_027},
        ("1,000.00", "Left for the last instalment ¥8,460.27", "not all are alike"),  # 24,000.00 / 24
    ),
    "equal principal": Kind(
        {"instalments": "12", "method": "equal_principal", "yearly_rate": "12"},
        {"method": Method.EQUAL_PRINCIPAL},
        ("3,029.62", "2,732.10"),  # 2,705.02 + 324.60 at first; 2,705.05 + 27.05 at last
    ),
    "interest alone at first": Kind(
        {"instalments": "15", "yearly_rate": "12", "grace": "interest_only", "grace_periods": "3"},
        {"grace": Grace.INTEREST_ONLY, "grace_periods": 3},
        ("324.60",),  # 32,460.27 × 1 %
    ),
    "every two weeks": Kind(
        {"instalments": "60", "frequency": "two_weekly"}, {"frequency": Frequency.TWO_WEEKLY}, ("541.00", "541.27")
    ),
    "on the very day": Kind({"rolls": "same"}, {"rolls": False}, ("It is due on that day all the same",)),
    "part left open": Kind(
        {"waived_penalty": "", "disputed_penalty": "530.27", "disputed_interest": "95.97"},
        {"disputed": Disputed(penalty=53_027, interest=9_597), "waivers": plans.Waivers()},
        ("899.01", "Of the claim, ¥626.24 is left open"),  # 32,364.30 / 36 = 899.0083 → 899.01, the last 898.95
    ),
}
ROLLED = {"instalments": "12", "frequency": "weekly", "first_due_on": "2025-09-29"}


def newest(world: World) -> Plan:
    """The plan that was last sent, as it is kept."""
    with world.reading() as session:
        return plan_of(session.scalars(select(Offer).order_by(Offer.made_at.desc())).first())


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_typed_sent_and_read_by_the_other_side(world: World, name: str) -> None:
    number, kind = a_case(world), KINDS[name]
    path = put_forward(world, "bai", number, **kind.typed)
    kept, page = newest(world), text_of(world.client("lu").get(path).data)
    assert {each: getattr(kept.terms, each) for each in kind.terms} == kind.terms
    assert [figure for figure in kind.says if figure not in page] == []


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_accepted_and_drawn_up_as_an_agreement_that_adds_up(world: World, name: str) -> None:
    number = a_case(world)
    path = put_forward(world, "bai", number, **KINDS[name].typed)
    assert accept(world.client("lu"), path).status_code == 303
    assert case(world, number).stage is Stage.TERMS_AGREED
    facts, kept = drawn_up(world, number), newest(world)
    assert [(row.due_on, row.amount) for row in facts.rows] == [
        (row.due_on, row.amount) for row in kept.schedule.instalments
    ]


@pytest.mark.parametrize("name", KINDS)
def test_a_counter_starts_from_every_kind_as_it_was_put(world: World, name: str) -> None:
    number = a_case(world)
    put_forward(world, "bai", number, **KINDS[name].typed)
    shown = newest(world).terms
    page = world.client("lu").get(f"/cases/{number}/offers/new")
    world.client("lu").post(f"/cases/{number}/offers", data=typed_in(page.data.decode()))
    assert newest(world).terms == shown


def test_what_is_left_open_and_days_that_roll_stand_in_the_agreement(world: World) -> None:
    number = a_case(world)
    path = put_forward(world, "bai", number, **ROLLED, **KINDS["part left open"].typed)
    accept(world.client("lu"), path)
    facts = drawn_up(world, number)
    # 6 October is a public holiday of 2025; 1 to 8 October are off, and work begins again on the 9th.
    assert [row.due_on for row in facts.rows[:4]] == [
        date(2025, 9, 29), date(2025, 10, 9), date(2025, 10, 13), date(2025, 10, 20),
    ]  # fmt: skip
    assert {figure.component.value: figure.disputed for figure in facts.figures if figure.disputed} == {
        "penalty": 53_027, "interest": 9_597,
    }  # fmt: skip
    assert facts.manner == Manner(rolls=True, rounding=HALF_UP)
    words = printed(world, number)
    assert "甲方主张的款项中，626.24 元（大写：陆佰贰拾陆元贰角肆分） 留待以后处理" in words
    assert "以其后的第一个工作日为应付日" in words
    assert "每期金额四舍五入至 0.01 元" in words


def test_two_weekly_payments_that_a_holiday_moves_onto_one_day_are_two_payments(world: World) -> None:
    number = a_case(world)
    path = put_forward(world, "bai", number, **{**ROLLED, "first_due_on": "2025-10-01", "instalments": "2"})
    accept(world.client("lu"), path)
    assert [row.due_on for row in drawn_up(world, number).rows] == [date(2025, 10, 9), date(2025, 10, 9)]


def test_the_agreement_keeps_the_rounding_of_the_case(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        seat.case.rounding = "up:100"
    accept(world.client("lu"), put_forward(world, "bai", number))
    assert drawn_up(world, number).manner.rounding == RoundingRule.parse("up:100")
    assert "每期金额向上取整至 1.00 元。" in printed(world, number)


def test_a_component_left_open_is_not_waived_first(world: World) -> None:
    number = a_case(world, figures=Figures(fees=10_000))
    put_forward(
        world, "bai", number, waived_penalty="", disputed_penalty="530.27", agreed_total="32,460.27", instalments="1"
    )
    assert newest(world).terms.waivers == plans.Waivers(fees=10_000)


def drawn_up(world: World, number: str) -> AgreementFacts:
    """The mediator draws the agreement up; its facts, and its clauses say what they say."""
    identify(world, number)
    with world.seat("mo", number) as seat:
        agreement = agreements.draw_up(seat, Choices(), at=world.clock())
        facts, clauses = from_document(parse(agreement.document.encode()))
    recap = next(clause for clause in clauses if clause.family is Family.DEBT_RECAP)
    assert recap["agreed_total"] == Amount(minor=sum(row.principal for row in facts.rows), currency="CNY")
    return facts


def printed(world: World, number: str) -> str:
    """The words of the agreement's paper."""
    with world.seat("mo", number) as seat:
        agreement = agreements.current_agreement(seat)
        document = parse(agreement.document.encode())
    page = paper.agreement_html(document, "zh_Hans", sheet=SHEET, terms_sha256="0" * 64)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def typed_in(page: str) -> dict[str, str]:
    """What stands in the fields of the editor, as a browser would send it."""
    form = page.split('class="editor"')[1].split("</form>")[0]
    inputs = re.findall(r'<input (?:class="[^"]*" )?[^>]*>', form)
    found = {}
    for each in inputs:
        name, value = re.search(r'name="([^"]+)"', each), re.search(r'value="([^"]*)"', each)
        if name and name[1] not in ("csrf_token", "_key") and ('type="radio"' not in each or "checked" in each):
            found[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = re.search(r'<option selected value="([^"]*)"', options)[1]  # type: ignore[index]
    return found
