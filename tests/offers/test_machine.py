"""Two sides and a clock, moved at random: the rows always say what the rules say, and the record tells it."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mediation import audit
from mediation.cases.models import Case
from mediation.errors import MediationError
from mediation.offers.models import Negotiation, Offer
from mediation.offers.tables import table_of
from mediation.rules import negotiation
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import OfferState, Side
from tests.offers.table import accept, decline, make, settle, system, withdraw
from tests.stories import a_case
from tests.world import START, World

PEOPLE = {"bai": Side.BORROWER, "lu": Side.LENDER}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["make", "accept", "decline", "withdraw", "settle", "wait"]),
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from([timedelta(minutes=1), timedelta(minutes=10), timedelta(days=3), timedelta(days=20)]),
    ),
    max_size=14,
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_rows_and_record_follow_the_rules_whatever_happens(
    world: World, steps: list[tuple[str, str, timedelta]]
) -> None:
    world.clock.at = START
    number = a_case(world, contract=f"XF-{world.info.setdefault('examples', 0)}")
    world.info["examples"] += 1
    for act, name, wait in steps:
        step(world, number, act, name, wait)
        check(world, number)


def step(world: World, number: str, act: str, name: str, wait: timedelta) -> None:
    """One act of one person, allowed or refused, or some time."""
    if act == "wait":
        world.clock.at += wait
        return
    if act == "settle":
        settle(world, number)
        return
    try:
        if act == "make":
            make(world, number, name)
        elif newest := newest_offer(world, number):
            {"accept": accept, "decline": decline, "withdraw": withdraw}[act](world, number, name, newest)
    except MediationError:
        return


def newest_offer(world: World, number: str) -> Any:
    with world.reading() as session:
        case_id = session.scalars(select(Case.id).where(Case.number == number)).one()
        return session.scalars(select(Offer.id).where(Offer.case_id == case_id).order_by(Offer.number.desc())).first()


def check(world: World, number: str) -> None:
    """What must hold after every step, and once the worker has been."""
    settle(world, number)
    with system(world, number) as seat:
        rows = seat.session.scalars(select(Offer).where(Offer.case_id == seat.case_id).order_by(Offer.number)).all()
        laid = table_of(seat)
        version = seat.session.scalar(select(Negotiation.version).where(Negotiation.case_id == seat.case_id))
        states = [negotiation.state_on(laid.table, row.number, world.clock()) for row in rows]
        stage = seat.case.stage
    assert [row.status for row in rows] == states
    assert states.count(OfferState.ACCEPTED) == (1 if stage is Stage.TERMS_AGREED else 0)
    assert states.count(OfferState.OPEN) <= 1
    assert (version or 0) >= len(rows)
    assert told(world, number) == expected(rows)


def told(world: World, number: str) -> dict[str, int]:
    with world.seat("ren", number) as seat:
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, audit.Thread.CASE)]
    return {kind: kinds.count(kind) for kind in KINDS}


def expected(rows: Any) -> dict[str, int]:
    """How often the record must tell of each thing, from the rows alone."""
    shown = [row for row in rows if row.status is not OfferState.HELD and not was_unseen(row)]
    counted = {kind: sum(row.status is state for row in shown) for kind, state in KINDS.items()}
    return {**counted, "offer:made": len(shown)}


def was_unseen(row: Offer) -> bool:
    return row.closed_at is not None and row.closed_at < row.shows_at


KINDS = {
    "offer:made": OfferState.OPEN,
    "offer:withdrawn": OfferState.WITHDRAWN,
    "offer:declined": OfferState.DECLINED,
    "offer:accepted": OfferState.ACCEPTED,
    "offer:lapsed": OfferState.LAPSED,
}
