"""An old debt: a warning and a separate yes before each act of the borrower that may acknowledge it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from mediation import audit
from mediation.cases import contracts, stating
from mediation.disclosures import ledgers
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


def test_agreeing_to_a_row_of_the_account_asks_for_the_same_yes(world: World) -> None:
    number = _case(world, OLD)
    row = ledgers.Row(component="interest")
    with pytest.raises(Refused, match="old-debt:unconfirmed"), world.seat("bai", number) as seat:
        ledgers.agree_row(seat, row, seen_version=1, at=world.clock())
    with world.seat("bai", number) as seat:
        ledgers.agree_row(seat, row, seen_version=1, old_debt_confirmed=True, at=world.clock())
        assert [entry.kind for entry in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)] == ["old-debt:confirmed"]


def test_disputing_a_row_or_leaving_it_open_acknowledges_nothing(world: World) -> None:
    number = _case(world, OLD)
    with world.seat("bai", number) as seat:
        ledgers.dispute_row(seat, ledgers.Row("interest"), ledgers.Grounds(), seen_version=1, at=world.clock())
        ledgers.leave_row_open(seat, ledgers.Row("penalty"), ledgers.Grounds(), seen_version=1, at=world.clock())
        assert audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER) == []


@pytest.mark.parametrize(("name", "asked"), [("bai", True), ("lu", False)])
def test_stating_payments_asks_the_borrower_for_the_same_yes(world: World, name: str, asked: bool) -> None:
    number = _case(world, OLD)
    rows = [ledgers.PaidRow(date(2021, 3, 1), 100)]
    with world.seat(name, number) as seat:
        if asked:
            with pytest.raises(Refused, match="old-debt:unconfirmed"):
                ledgers.state_payments(seat, rows, at=world.clock())
        kept = ledgers.state_payments(seat, rows, old_debt_confirmed=asked, at=world.clock())
    assert kept.row_count == 1


@pytest.mark.parametrize("path", ["ledger/claim/interest", "ledger/payments/new", "ledger/files/new", "payments/new"])
def test_the_pages_of_the_account_warn_and_ask(world: World, path: str) -> None:
    number = _case(world, OLD)
    assert 'name="old_debt_confirmed"' in world.client("bai").get(f"/cases/{number}/{path}").text
    assert "old_debt_confirmed" not in world.client("lu").get(f"/cases/{number}/{path}").text


def test_a_yes_on_the_page_of_a_row_reaches_the_action(world: World) -> None:
    number = _case(world, OLD)
    path, said = f"/cases/{number}/ledger/claim/interest", {"verdict": "agreed", "seen_version": "1"}
    refused = world.client("bai").post(path, data=said)
    assert (refused.status_code, "confirm it apart" in refused.text) == (409, True)
    assert world.client("bai").post(path, data={**said, "old_debt_confirmed": "y"}).status_code == 303
