"""To the second, and on a page that has grown old: what is refused, what it says, what it keeps."""

from datetime import timedelta

import pytest

from mediation.rules.negotiation import OfferState
from tests.durability.laid import COUNTER
from tests.offers.table import offer, show, withdraw
from tests.stories import a_case
from tests.world import World

TYPED = {**COUNTER, "instalments": "27", "waived_penalty": "123.45", "first_due_on": "2025-11-07", "reply_days": "9"}


@pytest.mark.parametrize(
    ("seconds", "status", "becomes"),
    [(-1, 303, OfferState.ACCEPTED), (0, 409, OfferState.OPEN), (1, 409, OfferState.OPEN)],
)
def test_an_offer_is_accepted_until_the_second_before_its_deadline(
    world: World, seconds: int, status: int, becomes: OfferState
) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    form = {"sha256": offer(world, offer_id).sha256, "seen_version": "1", "_key": "k"}
    world.clock.at = offer(world, offer_id).lapses_at + timedelta(seconds=seconds)
    client = world.client("bai")
    answer = client.post(f"/cases/{number}/offers/{offer_id}/acceptance", data=form)
    assert answer.status_code == status
    assert offer(world, offer_id).status is becomes, "a no writes nothing: the worker writes the lapse"
    assert status == 303 or "The time to answer this plan ended at" in answer.text


def test_a_stale_page_says_what_changed_and_keeps_what_was_typed(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    client = world.client("bai")
    withdraw(world, number, "lu", offer_id)
    answer = client.post(f"/cases/{number}/offers", data={**TYPED, "seen_version": "1", "_key": "k"})
    assert answer.status_code == 409
    assert "What changed since you opened this page" in answer.text
    missing = [value for name, value in TYPED.items() if not is_kept(answer.text, name, value)]
    assert missing == []


def test_the_form_of_a_stale_page_goes_through_once_the_change_was_read(world: World) -> None:
    number = a_case(world)
    offer_id = show(world, number, "lu")
    client = world.client("bai")
    withdraw(world, number, "lu", offer_id)
    stale = client.post(f"/cases/{number}/offers", data={**TYPED, "seen_version": "1", "_key": "k"})
    seen = stale.text.split('name="seen_version" value="')[1].split('"')[0]
    assert client.post(f"/cases/{number}/offers", data={**TYPED, "seen_version": seen, "_key": "l"}).status_code == 303


def is_kept(page: str, name: str, value: str) -> bool:
    """Whether the form on the page carries that value in that field."""
    field = next((part for part in page.split("<")[1:] if f'name="{name}"' in part and f'value="{value}"' in part), "")
    options = page.split(f'name="{name}"')[-1].split("</select>")[0]
    chosen = [part for part in options.split("<option")[1:] if "selected" in part and f'value="{value}"' in part]
    return bool(field or chosen)
