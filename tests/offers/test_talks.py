"""A last word, a plan put forward anew, the undisputed part, the limit of rounds, and the picture of the talks."""

from datetime import timedelta

import pytest

from mediation import audit
from mediation.agreements import actions as agreements
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.offers.models import Negotiation
from mediation.offers.readings import offers_seen_by
from mediation.offers.tables import plan_of
from mediation.offers.talks import Talks, talks_of
from mediation.rules import chain
from mediation.rules.access import Thread
from mediation.rules.ledger import Verdict
from mediation.rules.negotiation import HOLD, OfferState, Side
from mediation.rules.plans import Disputed, Waivers
from tests.ledgers.accounts import answer as answer_row
from tests.offers.browsing import put_forward, text_of
from tests.offers.table import accept, decline, make, offer, propose, refusal, settle, show, terms, withdraw
from tests.stories import a_case, identify
from tests.world import World

WITHOUT_PENALTY = Waivers(penalty=53_027)


def picture(world: World, number: str, reader: str = "mo") -> Talks | None:
    """The picture of the talks as that person reads it."""
    with world.seat(reader, number) as seat:
        return talks_of(offers_seen_by(seat, at=world.clock()))


# --- a last word ---


def test_after_a_last_word_its_side_puts_forward_no_other_plan(world: World) -> None:
    number = a_case(world)
    final = show(world, number, "lu", is_final=True)
    decline(world, number, "bai", final)
    assert refusal(make, world, number, "lu") == "offer:final-said"
    assert refusal(make, world, number, "bai") == "done"


def test_after_a_last_word_its_side_may_still_say_yes(world: World) -> None:
    number = a_case(world)
    decline(world, number, "bai", show(world, number, "lu", is_final=True))
    theirs = show(world, number, "bai")
    accept(world, number, "lu", theirs)
    assert offer(world, theirs).status is OfferState.ACCEPTED


def test_a_last_word_taken_back_is_none(world: World) -> None:
    number = a_case(world)
    withdraw(world, number, "lu", show(world, number, "lu", is_final=True))
    assert refusal(make, world, number, "lu") == "done"


def test_what_the_lender_owes_and_has_not_laid_open_blocks_its_last_word_alone(world: World) -> None:
    number = a_case(world)
    world.clock.move(days=20)
    assert refusal(make, world, number, "lu", is_final=True) == "duty:overdue"
    assert refusal(make, world, number, "bai", is_final=True) == "done"
    assert refusal(make, world, number, "lu") == "done"


def test_everybody_reads_that_a_plan_is_final_and_it_is_on_the_record(world: World) -> None:
    number = a_case(world)
    path = put_forward(world, "lu", number, is_final="y")
    for name in ("bai", "lu", "mo"):
        assert "The lender calls this its final offer." in text_of(world.client(name).get(path).data)
    with world.seat("bai", number) as seat:
        assert (audit.entries_seen_by(seat, Thread.CASE)[-1].body or {})["final"] == "yes"


# --- a plan put forward anew ---


def test_a_plan_that_lapsed_is_put_forward_anew_as_it_was(world: World) -> None:
    number = a_case(world)
    first = show(world, number, "bai", terms(31))
    world.clock.at = offer(world, first).lapses_at + timedelta(minutes=1)
    settle(world, number)
    client = world.client("bai")
    link = f"/cases/{number}/offers/new?copy={first}"
    assert link in client.get(f"/cases/{number}/offers/{first}").text
    assert 'value="31"' in client.get(link).text.partition('name="instalments"')[2][:80]


def test_nobody_copies_a_plan_that_they_may_not_know_of(world: World) -> None:
    number = a_case(world)
    held = make(world, number, "lu", terms(31))
    client = world.client("bai")
    assert client.get(f"/cases/{number}/offers/new?copy={held}").text.count('value="31"') == 0


# --- the undisputed part ---


def test_a_plan_on_the_undisputed_part_leaves_open_what_is_disputed(world: World) -> None:
    number = a_case(world)
    answer_row(world, number, "bai", "penalty", Verdict.DISPUTED)
    client = world.client("bai")
    assert "part=undisputed" in client.get(f"/cases/{number}/offers").text
    assert "part=undisputed" in client.get(f"/cases/{number}/ledger").text
    page = client.get(f"/cases/{number}/offers/new?part=undisputed").text
    assert 'value="530.27"' in page.partition('name="disputed_penalty"')[2][:200]


def test_the_undisputed_part_is_agreed_and_the_paper_says_what_is_left_open(world: World) -> None:
    number = a_case(world)
    answer_row(world, number, "bai", "penalty", Verdict.DISPUTED)
    path = put_forward(world, "lu", number, waived_penalty="", disputed_penalty="530.27")
    offer_id = next(one.id for one in _offers(world, number, "bai") if str(one.id) in path)
    assert plan_of(offer(world, offer_id)).terms.disputed == Disputed(penalty=53_027)
    accept(world, number, "bai", offer_id)
    identify(world, number)
    with world.seat("mo", number) as seat:
        drawn = agreements.draw_up(seat, Choices(), at=world.clock()).id
        document = chain.parse(seat.session.get_one(Agreement, drawn).document.encode())
    assert '"disputed_total"' in str(document).replace("'", '"')
    assert "53027" in str(document)


# --- the limit of rounds ---


def test_the_registrar_sets_how_many_plans_each_side_may_put_forward(world: World) -> None:
    client = world.client("ren")
    assert client.post("/desk/rounds", data={"limit": "2"}).status_code == 303
    number = a_case(world)
    for _ in range(2):
        withdraw(world, number, "lu", show(world, number, "lu"))
    assert refusal(make, world, number, "lu") == "offer:round-limit"


@pytest.mark.parametrize("limit", ["1", "51", "0", "-3"])
def test_a_limit_beyond_the_bounds_is_refused_at_its_field(world: World, limit: str) -> None:
    answer = world.client("ren").post("/desk/rounds", data={"limit": limit})
    assert answer.status_code == 409
    assert "between 2 and 50 plans" in text_of(answer.data)


def test_a_table_keeps_the_limit_with_which_it_was_laid(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    world.client("ren").post("/desk/rounds", data={"limit": "2"})
    with world.reading() as session:
        assert session.query(Negotiation).one().round_limit == 12


@pytest.mark.parametrize("name", ["lu", "mo", "bai"])
def test_nobody_but_the_registrar_sets_the_limit(world: World, name: str) -> None:
    assert world.client(name).post("/desk/rounds", data={"limit": "3"}).status_code in (303, 403, 404)
    assert world.client("ren").get("/desk/rounds").text.count('value="12"') == 1


# --- the picture of the talks ---


def test_the_picture_says_how_far_apart_the_two_are_and_what_each_has_moved(world: World) -> None:
    number = a_case(world)
    show(world, number, "bai", terms(36, waived=WITHOUT_PENALTY))  # 36 × 901.67
    show(world, number, "lu", terms(24))  # 24 × 1,374.61
    show(world, number, "bai", terms(30, waived=WITHOUT_PENALTY))  # 30 × 1,082.01
    show(world, number, "lu", terms(24, waived=WITHOUT_PENALTY))  # 24 × 1,352.51
    found = picture(world, number)
    assert found is not None
    assert (found.apart_monthly, found.apart_total) == (135_251 - 108_201, 0)
    moved = {stand.side: (stand.plans, stand.moved_monthly, stand.moved_total) for stand in found.stands}
    assert moved == {Side.BORROWER: (2, 108_201 - 90_167, 0), Side.LENDER: (2, 135_251 - 137_461, -53_027)}


def test_a_lump_sum_has_no_month(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu", terms(1))
    show(world, number, "bai", terms(36, waived=WITHOUT_PENALTY))
    found = picture(world, number)
    assert found is not None
    assert (found.apart_monthly, found.apart_total) == (None, 53_027)


def test_a_plan_taken_back_is_no_position_any_more(world: World) -> None:
    number = a_case(world)
    withdraw(world, number, "lu", show(world, number, "lu"))
    show(world, number, "bai")
    found = picture(world, number)
    assert found is not None
    assert found.apart_total is None


def test_everybody_reads_the_same_picture_whatever_is_held(world: World) -> None:
    number = a_case(world)
    show(world, number, "bai")
    show(world, number, "lu", terms(24))
    make(world, number, "bai", terms(20))
    pictures = [picture(world, number, name) for name in ("bai", "lu", "mo")]
    assert len({(one.apart_total, one.apart_monthly, one.stands) for one in pictures if one}) == 1
    world.clock.move(seconds=HOLD.total_seconds())
    assert picture(world, number) != pictures[2]


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_the_case_page_shows_the_picture_to_everybody_at_the_table(world: World, name: str) -> None:
    number = a_case(world)
    show(world, number, "lu", terms(24))
    show(world, number, "bai", terms(36, waived=WITHOUT_PENALTY))
    page = text_of(world.client(name).get(f"/cases/{number}").data)
    assert "Where the talks stand" in page
    assert "472.94" in page.partition("The two newest plans are")[2][:40]


def test_the_registrar_reads_no_picture_of_the_talks(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    assert "Where the talks stand" not in text_of(world.client("ren").get(f"/cases/{number}").data)


def test_a_proposal_is_no_position_of_either_side(world: World) -> None:
    number = a_case(world)
    show(world, number, "lu")
    before = picture(world, number)
    propose(world, number)
    assert picture(world, number) == before


def _offers(world: World, number: str, name: str):  # type: ignore[no-untyped-def]
    with world.seat(name, number) as seat:
        return offers_seen_by(seat, at=world.clock())
