"""What follows from a plan and from none: byte for byte the same for all, and what only some may know beside it."""

import re
from datetime import timedelta

import pytest

from mediation.disclosures.models import Section
from mediation.disclosures.sharing import Readers
from mediation.rules.plans import Disputed, Frequency, Waivers
from tests.disclosures.household import SUMMARIES, stated_case
from tests.offers.table import CLAIM, show, terms
from tests.stories import a_case
from tests.world import World

PENALTY = Waivers(penalty=53_027)
ALL_OPEN = {Section.INCOME: Readers.FULL, Section.SPENDING: Readers.FULL, Section.DEBTS: Readers.FULL}
WRITTEN = {
    "chosen_by": "count", "instalments": "24", "waived_penalty": "530.27", "frequency": "monthly", "step": "check",
    "first_due_on": "2025-10-25", "method": "equal_instalments", "grace": "none", "reply_days": "7",
}  # fmt: skip
SECTION = re.compile(r'<section class="consequences" id="consequences">.*?</section>', re.DOTALL)


def page(world: World, name: str, number: str, offer_id: object, *, language: str = "en") -> str:
    answer = world.client(name, language=language).get(f"/cases/{number}/offers/{offer_id}")
    assert answer.status_code == 200
    return answer.text


def preview(text: str) -> str:
    found = SECTION.search(text)
    assert found is not None
    return found[0]


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("language", ["en", "zh_Hans", "zh_Hant"])
@pytest.mark.parametrize("plan", [
    terms(24, waived=PENALTY),
    terms(1),
    terms(100, frequency=Frequency.WEEKLY),
    terms(12, agreed_total=CLAIM - 1_000_000, disputed=Disputed(principal=1_000_000)),
])  # fmt: skip
def test_borrower_lender_and_mediator_read_the_same(world: World, plan: object, language: str) -> None:
    number = a_case(world)
    stated_case(world, number, ALL_OPEN)
    offer_id = show(world, number, "lu", plan)  # type: ignore[arg-type]
    read = {preview(page(world, name, number, offer_id, language=language)) for name in ("bai", "lu", "mo")}
    assert len(read) == 1


def test_scenario_a_in_figures(world: World) -> None:
    number = a_case(world)
    read = words(preview(page(world, "bai", number, show(world, number, "lu", terms(24, waived=PENALTY)))))
    for figures in (
        "In a month ¥1,352.51",
        "Number of payments 24",
        "Last payment 25 September 2027 ¥1,352.54",
        "Paid in all ¥32,460.27",
        "Saved against the claim ¥530.27",
        "The lender gets back ¥32,460.27 98.39% of the claim; months until the last payment: 25",
        "Worth to the lender today ¥31,479.22 95.42% of the claim, at 3% a year",
        "The rate is the one-year LPR published on 22 September 2025",
        "at most ¥32,460.27 may be asked at once",
        "Months until money comes in 3 to 12",
        "Fee of the court ¥312.38 to ¥624.76",
        "(¥50.00 + 2.5% × ¥22,990.54) × 50% to 100%",
        "Fee of enforcement ¥394.86",
        "Interest meanwhile ¥1,788.01 to ¥7,152.05",
        "The lender collects ¥2,276.35 to ¥17,910.56",
        "The borrower owes ¥35,090.93 to ¥41,162.21",
        "These are assumptions of this mediation body, not a forecast.",
        "诉讼费用交纳办法",
        "Known from a secondary source; in part from memory",
    ):
        assert figures in read, figures


def test_scenario_a_is_above_the_cap_for_those_who_know_it_alone(world: World) -> None:
    number = a_case(world)
    stated_case(world, number)
    offer_id = show(world, number, "lu", terms(24, waived=PENALTY))
    read = {name: page(world, name, number, offer_id) for name in ("bai", "lu", "mo")}
    for secret in ("92.51", "1,260.00", "1,400.00", "96.61%"):
        assert [secret in read[name] for name in ("bai", "mo", "lu")] == [True, True, False], secret


@pytest.mark.parametrize(
    ("readers", "knows"),
    [({}, False), (SUMMARIES, False), ({**ALL_OPEN, Section.SPENDING: Readers.SUMMARY}, False), (ALL_OPEN, True)],
)
def test_the_lender_learns_the_share_only_of_what_it_reads_in_full(
    world: World, readers: dict[Section, Readers], *, knows: bool
) -> None:
    number = a_case(world)
    stated_case(world, number, readers)
    read = page(world, "lu", number, show(world, number, "lu", terms(24, waived=PENALTY)))
    assert ("96.61%" in read) is knows
    assert ("1,400.00" in read) is knows


def test_the_own_plan_has_the_same_preview_before_it_is_sent(world: World) -> None:
    number = a_case(world)
    answer = world.client("lu").post(f"/cases/{number}/offers/draft", data=WRITTEN)
    offer_id = show(world, number, "lu", terms(24, waived=PENALTY, rolls=True))
    assert preview(answer.text) == preview(page(world, "bai", number, offer_id))


def test_a_plan_of_long_ago_is_reckoned_as_of_its_own_day(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu", terms(24, waived=PENALTY))
    before = preview(page(world, "bai", number, offer_id))
    world.clock.move(days=80)
    assert preview(page(world, "bai", number, offer_id)) == before
    assert "as of 24 September 2025" in before


def test_a_weekly_plan_says_what_it_asks_of_a_month(world: World) -> None:
    number = a_case(world)
    plan = terms(100, frequency=Frequency.WEEKLY, waived=PENALTY)
    read = words(preview(page(world, "mo", number, show(world, number, "lu", plan))))
    # 324.60 × 52/12, rounded up.
    assert "In a month ¥1,406.60 ¥324.60 each time" in read


def test_what_is_left_open_is_not_called_saved(world: World) -> None:
    number = a_case(world)
    plan = terms(12, agreed_total=CLAIM - 1_000_000, disputed=Disputed(principal=1_000_000))
    read = words(preview(page(world, "mo", number, show(world, number, "lu", plan))))
    assert "Saved against the claim ¥0.00 Left open ¥10,000.00" in read


def test_in_another_currency_nothing_is_assumed_and_nothing_valued(world: World) -> None:
    from mediation.cases.models import Case, Claim

    number = a_case(world)
    with world.writing() as session:
        session.query(Case).one().currency = "HKD"
        claim = session.query(Claim).one()
        kept = {c.name: getattr(claim, c.name) for c in Claim.__table__.columns}
        session.add(Claim(**{**kept, "id": None, "version": 2, "currency": "HKD"}))
        session.query(Case).one().claim_version = 2
    offer_id = show(world, number, "lu", terms(24, currency="HKD", claim_version=2))
    read = words(preview(page(world, "bai", number, offer_id)))
    assert "Paid in all HKD 32,990.54" in read
    assert "Worth to the lender today" not in read
    assert "If there is no agreement" not in read
    assert world.client("mo").get(f"/cases/{number}/desk").status_code == 200
    assert world.client("mo").get(f"/cases/{number}/assumptions").status_code == 409


def test_a_preview_needs_no_more_right_than_its_plan(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu", terms(24))
    world.clock.move(seconds=timedelta(minutes=1).total_seconds())
    assert world.client("shi").get(f"/cases/{number}/offers/{offer_id}").status_code == 404
