"""An old debt: a warning and a separate yes before each act of the borrower that may acknowledge it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from mediation import audit
from mediation.cases import contracts, stating
from mediation.errors import Refused
from mediation.offers import actions as offers
from mediation.rules.access import Thread
from tests.offers.table import offer, show, terms
from tests.stories import a_case
from tests.world import World

OLD = contracts.Stated(last_due_on=date(2021, 5, 1), no_act_since=True)
UNSURE = contracts.Stated(last_due_on=date(2021, 5, 1))
RECENT = contracts.Stated(last_due_on=date(2025, 5, 1))


def test_an_old_debt_is_not_acknowledged_by_an_offer_without_a_separate_yes(world: World) -> None:
    number = _case(world, OLD)
    with pytest.raises(Refused, match="old-debt:unconfirmed"), world.seat("bai", number) as seat:
        offers.make_offer(seat, terms(), at=world.clock())


def test_with_its_own_yes_the_offer_is_made_and_the_yes_is_on_the_borrowers_own_record(world: World) -> None:
    number = _case(world, OLD)
    with world.seat("bai", number) as seat:
        offers.make_offer(seat, terms(), old_debt_confirmed=True, at=world.clock())
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)]
    assert kinds == ["old-debt:confirmed"]


@pytest.mark.parametrize("confirmed", [False, True])
def test_accepting_asks_for_the_same_yes(world: World, confirmed: bool) -> None:
    number = _case(world, OLD)
    offer_id = show(world, number, "lu")
    accepting = _accepting(world, number, offer_id, confirmed=confirmed)
    if confirmed:
        accepting()
        return
    with pytest.raises(Refused, match="old-debt:unconfirmed"):
        accepting()


def test_where_nobody_can_say_the_yes_is_asked_all_the_same(world: World) -> None:
    number = _case(world, UNSURE)
    with pytest.raises(Refused, match="old-debt:unconfirmed"), world.seat("bai", number) as seat:
        offers.make_offer(seat, terms(), at=world.clock())


def test_a_debt_that_is_not_old_needs_no_second_yes(world: World) -> None:
    number = _case(world, RECENT)
    with world.seat("bai", number) as seat:
        offers.make_offer(seat, terms(), at=world.clock())
        assert audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER) == []


def test_the_lender_is_never_asked(world: World) -> None:
    number = _case(world, OLD)
    with world.seat("lu", number) as seat:
        assert offers.make_offer(seat, terms(), at=world.clock()).status.value == "held"


def test_the_page_on_which_the_borrower_answers_warns_and_asks(world: World) -> None:
    number = _case(world, OLD)
    offer_id = show(world, number, "lu")
    pages = {name: world.client(name).get(f"/cases/{number}/offers/{offer_id}").text for name in ("bai", "lu", "mo")}
    assert 'name="old_debt_confirmed"' in pages["bai"]
    assert not [name for name in ("lu", "mo") if "old_debt_confirmed" in pages[name]]


def test_an_unticked_box_is_told_at_the_answer_and_nothing_is_accepted(world: World) -> None:
    number = _case(world, OLD)
    offer_id = show(world, number, "lu")
    form = {"sha256": offer(world, offer_id).sha256, "seen_version": "1"}
    answer = world.client("bai").post(f"/cases/{number}/offers/{offer_id}/acceptance", data=form)
    assert answer.status_code == 409
    assert "confirm it apart" in answer.text
    assert offer(world, offer_id).status.value == "open"


def test_a_plan_above_the_ceiling_is_not_put_forward(world: World) -> None:
    number = _case(world, contracts.Stated(contract_on=date(2024, 12, 20)))
    with pytest.raises(Refused, match="plan:blocked-by-law"), world.seat("lu", number) as seat:
        offers.make_offer(seat, terms(yearly_rate=Decimal("0.25")), at=world.clock())


def test_a_plan_at_exactly_the_ceiling_is(world: World) -> None:
    number = _case(world, contracts.Stated(contract_on=date(2024, 12, 20)))
    with world.seat("lu", number) as seat:
        made = offers.make_offer(seat, terms(yearly_rate=Decimal("0.24")), at=world.clock())
    assert made.status.value == "held"


def test_scenario_a_shows_that_the_penalty_carries_the_cost_over_the_ceiling(world: World) -> None:
    number = _case(world, contracts.Stated(contract_on=date(2024, 12, 20), penalty_daily_rate=Decimal("0.0005")))
    page = world.client("bai").get(f"/cases/{number}/cost").text
    assert "41.65%" in page
    assert "18.25%" in page


def _case(world: World, stated: contracts.Stated) -> str:
    number = a_case(world)
    with world.seat("lu", number) as seat:
        stating.state_contract(seat, stated, at=world.clock())
    return number


def _accepting(world: World, number: str, offer_id: UUID, *, confirmed: bool) -> Callable[[], None]:
    sha256 = offer(world, offer_id).sha256

    def accept() -> None:
        with world.seat("bai", number) as seat:
            offers.accept_offer(seat, offer_id, seen_sha256=sha256, old_debt_confirmed=confirmed, at=world.clock())

    return accept
