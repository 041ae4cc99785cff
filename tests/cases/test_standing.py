"""Every viewer reads every stage in words of their own, in every language; one bar, one date."""

from datetime import UTC, datetime

import pytest

from mediation import i18n
from mediation.cases.standing import DEADLINES, STANDINGS, STEPS, TURNS, VIEWERS, step_at
from mediation.rules.access import Role
from mediation.rules.deadlines import Term
from mediation.rules.lifecycle import ORDER, Stage
from tests.stories import a_case
from tests.world import World


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_viewer_reads_every_stage_in_english_and_in_chinese(stage: Stage, viewer: Role) -> None:
    standing, chinese = STANDINGS[stage, viewer], i18n.translations("zh_Hans")
    assert chinese.pgettext("stage", standing.label) not in ("", standing.label)
    assert chinese.pgettext("following", standing.following) not in ("", standing.following)


def test_no_label_is_the_bare_name_of_a_stage() -> None:
    names = {stage.value for stage in Stage}
    assert not [standing.label for standing in STANDINGS.values() if standing.label in names]


def test_a_labels_length_suits_a_list() -> None:
    assert max(len(standing.label) for standing in STANDINGS.values()) <= 60


@pytest.mark.parametrize("role", [Role.BORROWER, Role.LENDER, Role.MEDIATOR, Role.REGISTRAR])
@pytest.mark.parametrize("mine", [True, False])
def test_every_turn_has_its_words(role: Role, mine: bool) -> None:
    words = TURNS[role, mine]
    assert i18n.translations("zh_Hans").pgettext("turn", words) != words


def test_every_term_of_a_case_before_effect_has_its_words() -> None:
    after_effect = {Term.CERTIFICATE_OF_SETTLEMENT, Term.APPLY_TO_COURT}
    assert {term.value for term in Term if term not in after_effect} <= set(DEADLINES)


def test_every_stage_on_the_line_has_a_step_and_steps_never_go_back() -> None:
    steps = [step_at(stage) for stage in ORDER]
    assert None not in steps
    assert steps == sorted(steps)
    assert steps[-1] == len(STEPS) + 1


@pytest.mark.parametrize("name", ["bai", "lu", "mo", "ren"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_each_seat_reads_the_case(world: World, name: str, language: str) -> None:
    number = a_case(world, Stage.OPEN)
    page = world.client(name, language=language).get(f"/cases/{number}")
    assert page.status_code == 200
    assert number in page.get_data(as_text=True)


def test_the_borrower_reads_in_the_house_of_borrowers_and_staff_in_theirs(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    houses = {}
    for name in ("bai", "lu", "mo", "ren"):
        page = world.client(name).get(f"/cases/{number}").get_data(as_text=True)
        houses[name] = "borrower" if '<body class="borrower"' in page else "staff"
    assert houses == {"bai": "borrower", "lu": "staff", "mo": "staff", "ren": "staff"}


def test_the_last_day_is_the_one_at_whose_end_the_deadline_passes(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("lu", number) as seat:
        seat.case.turn, seat.case.deadline_kind = Role.LENDER, "reply-to-offer"
        seat.case.deadline_at = datetime(2025, 10, 8, 16, tzinfo=UTC)  # midnight after 8 October in Shanghai
    page = world.client("lu").get(f"/cases/{number}").get_data(as_text=True)
    assert "8 October 2025" in page
    assert "9 October 2025" not in page


def test_whose_turn_it_is_reads_differently_from_each_side(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("lu", number) as seat:
        seat.case.turn = Role.LENDER
    mine, theirs = (world.client(name).get(f"/cases/{number}").get_data(as_text=True) for name in ("lu", "bai"))
    assert "Your side&#39;s turn" in mine
    assert "Waiting for the lender" in theirs


def test_a_stranger_finds_no_case(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    stranger, nothing = (world.client("shi").get(f"/cases/{one}") for one in (number, "WH-2025-77777"))
    assert (stranger.status_code, nothing.status_code) == (404, 404)
