"""The lender's limits: set by an officer whose authority covers it, in force from a day, read by its officers alone."""

from datetime import date

import pytest
from sqlalchemy import select

from mediation.accounts.selections import members_at
from mediation.errors import NotPermitted
from mediation.portfolios.band_models import PolicyVersion
from mediation.portfolios.bands import bands_on, keep_bands, policy_seen_at
from mediation.rules.policy_bands import Band
from tests.approvals.limits import BANDS, TODAY, authorise, limit, own_record, set_limits, staff
from tests.guards.words import words_found
from tests.offers.browsing import text_of
from tests.offers.table import refusal
from tests.world import World

TOMORROW = date(2025, 9, 25)
FORM = {
    "in_force_on": "2025-09-24",
    "from_days_1": "0", "most_months_1": "12", "waived_penalty_1": "50", "least_recovery_1": "97.5",
    "from_days_2": "90", "most_months_2": "24", "waived_interest_2": "12.25", "least_recovery_2": "90",
}  # fmt: skip


def held(world: World, on: date = TODAY) -> tuple[Band, ...]:
    with world.reading() as session:
        return bands_on(session, world.institution_id, world.organisation_id, on)


# --- who sets them ---


def test_an_officer_whose_authority_covers_it_sets_the_limits(world: World) -> None:
    limit(world)
    assert held(world) == BANDS


def test_an_officer_without_that_authority_sets_none(world: World) -> None:
    staff(world)
    assert refusal(set_limits, world, "lu") == "bands:no-authority"
    assert held(world) == ()


def test_an_authority_that_has_ended_covers_nothing(world: World) -> None:
    authorise(world, "lu", until=date(2025, 9, 23))
    assert refusal(set_limits, world, "lu") == "bands:no-authority"


@pytest.mark.parametrize("name", ["ren", "mo", "audit"])
def test_nobody_outside_the_lender_sets_or_reads_them(world: World, name: str) -> None:
    limit(world)
    with world.desk(name) as desk:
        with pytest.raises(NotPermitted):
            keep_bands(desk, BANDS, TODAY, at=world.clock())
        with pytest.raises(NotPermitted):
            policy_seen_at(desk, at=world.clock())


# --- from when they hold ---


def test_the_first_limits_may_hold_today(world: World) -> None:
    limit(world)
    assert (held(world, date(2025, 9, 23)), held(world)) == ((), BANDS)


def test_nobody_widens_limits_for_what_they_say_today(world: World) -> None:
    limit(world)
    assert refusal(set_limits, world, "fang", ()) == "bands:in-force-too-early"
    set_limits(world, "fang", (), on=TOMORROW)
    assert (held(world), held(world, TOMORROW)) == (BANDS, ())


def test_a_version_set_later_replaces_one_that_was_to_come(world: World) -> None:
    limit(world)
    set_limits(world, "fang", BANDS[:1], on=date(2025, 10, 1))
    set_limits(world, "guo", (), on=date(2025, 9, 30))
    assert held(world, date(2025, 10, 2)) == ()


def test_limits_hold_at_one_institution_alone(world: World) -> None:
    limit(world)
    with world.reading() as session:
        assert bands_on(session, world.people["lu"], world.organisation_id, TODAY) == ()


def test_limits_that_cannot_be_kept_are_refused(world: World) -> None:
    staff(world)
    assert refusal(set_limits, world, "fang", BANDS[1:]) == "bands:first-not-zero"


# --- how they are kept ---


def test_no_figure_of_a_limit_stands_in_the_clear(world: World) -> None:
    limit(world)
    with world.reading() as session:
        row = session.scalars(select(PolicyVersion)).one()
    assert b"most_months" not in row.sealed
    assert b"0.95" not in row.sealed


def test_setting_limits_is_one_entry_of_the_lenders_own_record_without_a_figure(world: World) -> None:
    limit(world)
    (entry,) = own_record(world)
    assert (entry.kind, entry.actor) == ("policy:kept", "lender")
    assert set(entry.body or {}) == {"version", "policy", "account", "in_force_on"}
    world.verify_records()


# --- the page ---


def test_the_page_sets_limits_and_shows_them(world: World) -> None:
    staff(world)
    client = world.client("fang")
    assert client.post("/desk/policy", data=FORM).status_code == 303
    text = client.get("/desk/policy").text
    assert all(figure in text for figure in ("0 to 89", "90 or more", "97.5%", "12.25%"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"most_months_2": ""}, "Fill in this figure too."),
        ({"from_days_1": "", "most_months_1": "", "waived_penalty_1": "", "least_recovery_1": ""},
         "A row was left out."),
        ({"from_days_2": "0"}, "Each band begins later"),
        ({"least_recovery_1": "101"}, "Choose between 0 and 100%."),
        ({"in_force_on": "2025-09-23"}, "at the earliest"),
    ],
)  # fmt: skip
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(world: World, wrong: dict[str, str], said: str) -> None:
    staff(world)
    answer = world.client("fang").post("/desk/policy", data={**FORM, **wrong})
    assert answer.status_code == 409
    assert said in answer.text
    assert 'value="12.25"' in answer.text


def test_an_officer_who_may_not_set_them_reads_them(world: World) -> None:
    limit(world)
    text = world.client("lu").get("/desk/policy").text
    assert "90 or more" in text
    assert "方正" in text
    assert '<form action="/desk/policy"' not in text


def test_the_page_shows_each_version_and_its_own_record(world: World) -> None:
    limit(world)
    set_limits(world, "guo", BANDS[:1], on=TOMORROW)
    text = world.client("fang").get("/desk/policy").text
    assert "Limits from" in text
    assert "2 entries" in text


@pytest.mark.parametrize("name", ["bai", "mo", "ren", "audit", "an", "shi"])
def test_nobody_outside_the_lender_opens_the_page(world: World, name: str) -> None:
    assert world.client(name).get("/desk/policy").status_code in (403, 404)
    assert world.client(name).post("/desk/policy", data=FORM).status_code in (403, 404)


def test_no_word_of_the_page_blames_or_impersonates(world: World) -> None:
    limit(world)
    assert not words_found(text_of(world.client("fang", language="zh").get("/desk/policy").data))


def test_the_registrar_puts_the_authority_on_file(world: World) -> None:
    with world.desk("ren") as desk:
        place = next(m.membership.id for m in members_at(desk) if m.account.id == world.people["lu"])
    document = {"title": "授权委托书 政策", "valid_from_on": "2025-01-01", "valid_until_on": "2027-12-31"}
    client = world.client("ren")
    assert client.post(f"/desk/members/{place}/authorities", data=document | {"covers_policy": "y"}).status_code == 303
    set_limits(world, "lu")
    assert held(world) == BANDS
