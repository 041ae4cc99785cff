"""What is assumed without an agreement: dated files, and what the mediator sets for one case with a reason."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mediation import audit, lawbook
from mediation.lawbook import AssumptionsUnusable
from mediation.notices import Notice
from mediation.offers.assumption_models import CaseAssumption
from mediation.rules.access import Thread
from mediation.rules.lifecycle import Stage
from tests.desk.test_desk import text_of
from tests.desk.test_preview import page, preview, words
from tests.offers.table import show, terms
from tests.stories import a_case
from tests.world import World

SHIPPED = json.loads((lawbook.ASSUMPTIONS / "cn.json").read_text("utf-8"))
GIVEN = {
    "recovery_low": "20",
    "recovery_high": "40",
    "months_low": "6",
    "months_high": "18",
    "court_fee_low": "50",
    "court_fee_high": "100",
    "discount_rate": "6",
    "reason": "本地法院近两年的数据",
}


def set_in(world: World, number: str, **given: str) -> int:
    """The mediator sets these figures; the status of the answer."""
    return world.client("mo").post(f"/cases/{number}/assumptions", data={**GIVEN, **given}).status_code


# --- files ---


def test_the_shipped_set_is_the_one_in_yuan() -> None:
    found = lawbook.assumptions("CNY")
    assert found is not None
    assert (found.name, found.months.low, found.months.high) == ("cn", 3, 12)
    assert lawbook.assumptions("HKD") is None


def test_the_newest_set_of_a_currency_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, dated in (("older", "2025-01-01"), ("newest", "2027-01-01"), ("middle", "2026-01-01")):
        (tmp_path / f"{name}.json").write_text(json.dumps({**SHIPPED, "assumptions": name, "dated": dated}))
    monkeypatch.setattr(lawbook, "ASSUMPTIONS", tmp_path)
    found = lawbook.assumptions("CNY")
    assert found is not None
    assert found.name == "newest"


@pytest.mark.parametrize("broken", ["not json", "[]", "{}", json.dumps({**SHIPPED, "currency": "yuan"})])
def test_a_file_that_does_not_hold_is_named(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "body.json").write_text(broken)
    monkeypatch.setattr(lawbook, "ASSUMPTIONS", tmp_path)
    with pytest.raises(AssumptionsUnusable, match="assumptions:file-malformed") as no:
        lawbook.assumptions("CNY")
    assert no.value.facts["file"] == "body.json"


# --- one case ---


def test_both_sides_read_the_new_figures_and_the_reason(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu", terms(24))
    assert set_in(world, number) == 303
    read = {name: preview(page(world, name, number, offer_id)) for name in ("bai", "lu", "mo")}
    assert len(set(read.values())) == 1
    said = words(read["bai"])
    assert "本地法院近两年的数据" in said
    assert "6 to 18" in said
    assert "The lender collects ¥6,598.11 to ¥13,196.22 20% to 40% of the claim" in said
    assert "at 6% a year" in said
    assert "The mediator set the rate for this case." in said
    assert said.count("set by the mediator for this case") == 2, "the shares of the court's fee stay the body's own"


def test_the_newest_setting_counts_and_the_earlier_stays(world: World) -> None:
    number = a_case(world)
    for reason in ("一", "二"):
        set_in(world, number, reason=reason)
    with world.reading() as session:
        kept = session.scalars(select(CaseAssumption).order_by(CaseAssumption.version)).all()
    assert [(row.version, row.reason) for row in kept] == [(1, "一"), (2, "二")]
    assert "二" in world.client("mo").get(f"/cases/{number}/assumptions").text


def test_another_case_keeps_the_bodys_own_figures(world: World) -> None:
    number, other = a_case(world), a_case(world, contract="XF-2025-0002")
    set_in(world, number)
    assert "6.9% to 54.29%" in words(preview(page(world, "bai", other, show(world, other, "lu", terms(24)))))


def test_the_change_is_on_the_record_without_its_figures(world: World) -> None:
    number = a_case(world)
    set_in(world, number)
    with world.seat("lu", number) as seat:
        entry = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert entry.kind == "assumptions:changed"
    assert set(entry.body or {}) == {"version", "sha256", "reason_sha256"}
    assert "set for this case what is assumed" in text_of(world.client("lu").get(f"/cases/{number}/record"))


def test_both_sides_are_told(world: World) -> None:
    number = a_case(world)
    set_in(world, number)
    with world.reading() as session:
        told = session.scalars(select(Notice.account_id).where(Notice.kind == "assumptions:changed")).all()
    assert set(told) == {world.people["bai"], world.people["lu"]}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("reason", "  ", "Say why"),
        ("reason", "x" * 501, "at most 500 characters"),
        ("recovery_high", "10", "below the one for at least"),
        ("recovery_high", "100.5", "Choose between 0 and 100%"),
        ("recovery_high", "40.00001", "at most 4 decimals"),
        ("recovery_low", "-1", "Write the rate in figures"),
        ("recovery_low", "NaN", "Write the rate in figures"),
        ("months_low", "-1", "Choose between 0 and 600 months"),
        ("months_high", "1000000000000000000", "Choose between 0 and 600 months"),
        ("months_high", "5", "below the one for at least"),
        ("discount_rate", "101", "Choose between 0 and 100%"),
        ("discount_rate", "", "required"),
    ],
)
def test_a_wrong_figure_is_said_and_nothing_is_kept(world: World, field: str, value: str, sentence: str) -> None:
    number = a_case(world)
    answer = world.client("mo").post(f"/cases/{number}/assumptions", data={**GIVEN, field: value})
    assert answer.status_code in (409, 422)
    assert sentence in text_of(answer)
    assert "本地法院近两年的数据" in answer.text or field == "reason"
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(CaseAssumption)) == 0


def test_only_the_mediator_sets_them_and_only_at_the_table(world: World) -> None:
    number = a_case(world)
    answers = {name: world.client(name).post(f"/cases/{number}/assumptions", data=GIVEN).status_code
               for name in ("bai", "lu", "ren", "ming", "shi")}  # fmt: skip
    assert answers == {"bai": 403, "lu": 403, "ren": 403, "ming": 404, "shi": 404}
    assert set_in(world, a_case(world, Stage.TERMS_AGREED, contract="XF-2025-0003")) == 409


def test_the_desk_values_later_money_as_the_mediator_set_it(world: World) -> None:
    number = a_case(world)
    set_in(world, number, discount_rate="7.5")
    assert 'value="7.5"' in world.client("mo").get(f"/cases/{number}/desk").text
