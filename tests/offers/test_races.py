"""Two people act at the same moment, through the web, on each database: always exactly one winner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from mediation import audit
from mediation.cases.models import Case
from mediation.cases.seats import seat_of
from mediation.offers import readings
from mediation.offers.models import Acceptance, Negotiation
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import OfferState
from tests.offers.table import FIRST, make, offer
from tests.stories import a_case
from tests.world import START, World

Rounds = Callable[[int], int]


@dataclass
class Ring:
    """A case whose table is laid anew for each round, and a browser of each side."""

    world: World
    number: str
    bai: FlaskClient
    lu: FlaskClient

    def offer(self) -> UUID:
        """The lender's offer, open since this second; nobody has written that down yet."""
        with self.world.writing() as session:
            session.scalars(select(Case).where(Case.number == self.number)).one().stage = Stage.OPEN
            session.execute(update(Negotiation).values(is_current=False))
        self.world.clock.at = START  # rounds take no time, so that nobody's session grows old
        offer_id = make(self.world, self.number, "lu")
        self.world.clock.at = offer(self.world, offer_id).shows_at
        return offer_id

    def form(self, name: str, **more: str) -> dict[str, str]:
        """What that person's page carries now."""
        with self.world.reading() as session:
            seat = seat_of(session, self.world.people[name], self.number)
            assert seat is not None
            seen = readings.choices_of(seat, at=self.world.clock()).seen
        return {"seen_version": str(seen), "_key": str(uuid4()), **more}


def a_ring(world: World) -> Ring:
    return Ring(world, a_case(world), world.client("bai"), world.client("lu"))


def at_once(*acts: Callable[[], Any]) -> list[int]:
    """The status of each act, all let go at the same moment."""
    gate = Barrier(len(acts))

    def let_go(act: Callable[[], Any]) -> int:
        gate.wait()
        return int(act().status_code)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(let_go, acts))


@pytest.mark.timeout(3600)
def test_accepting_against_taking_back_has_one_winner_each_time(world: World, rounds: Rounds) -> None:
    ring, broken, won = a_ring(world), [], {OfferState.ACCEPTED: 0, OfferState.WITHDRAWN: 0}
    for _ in range(rounds(2000)):
        offer_id = ring.offer()
        path = f"/cases/{ring.number}/offers/{offer_id}"
        yes = ring.form("bai", sha256=offer(world, offer_id).sha256)
        back = ring.form("lu")
        answers = at_once(
            partial(ring.bai.post, f"{path}/acceptance", data=yes),
            partial(ring.lu.post, f"{path}/withdrawal", data=back),
        )
        status = offer(world, offer_id).status
        won[status] = won.get(status, 0) + 1
        expected = {OfferState.ACCEPTED: [303, 409], OfferState.WITHDRAWN: [409, 303]}.get(status)
        broken += [] if answers == expected else [(answers, status)]
    assert (broken, set(won)) == ([], {OfferState.ACCEPTED, OfferState.WITHDRAWN})
    assert accepted_in_the_record(world, ring.number) == won[OfferState.ACCEPTED]


def test_one_form_sent_twice_at_once_accepts_once(world: World, rounds: Rounds) -> None:
    ring, broken = a_ring(world), []
    count = rounds(200)
    for _ in range(count):
        offer_id = ring.offer()
        path = f"/cases/{ring.number}/offers/{offer_id}/acceptance"
        yes = ring.form("bai", sha256=offer(world, offer_id).sha256)
        answers = at_once(*[partial(ring.bai.post, path, data=yes)] * 2)
        broken += [] if answers == [303, 303] else [answers]
    with world.reading() as session:
        kept = session.scalar(select(func.count()).select_from(Acceptance))
    assert (broken, kept, accepted_in_the_record(world, ring.number)) == ([], count, count)


def test_two_counter_offers_at_once_leave_one(world: World, rounds: Rounds) -> None:
    ring, broken = a_ring(world), []
    plan = {"chosen_by": "count", "instalments": "24", "frequency": "monthly", "grace": "none", "reply_days": "7"}
    for _ in range(rounds(200)):
        ring.offer()
        forms = [ring.form("bai", first_due_on=FIRST.isoformat(), **plan) for _ in range(2)]
        answers = at_once(*(partial(ring.bai.post, f"/cases/{ring.number}/offers", data=form) for form in forms))
        broken += [] if sorted(answers) == [303, 409] else [answers]
    assert broken == []


def accepted_in_the_record(world: World, number: str) -> int:
    with world.seat("ren", number) as seat:
        entries = audit.entries_seen_by(seat, audit.Thread.CASE, limit=100_000)
    return sum(entry.kind == "offer:accepted" for entry in entries)
