"""When two writers stand in each other's way: one waits, one tries again, and nobody waits for ever in silence."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from mediation.rules.negotiation import OfferState
from tests.durability.laid import a_key, forms, lay_tables, state_of
from tests.world import World


@pytest.mark.sqlite
def test_a_page_that_waits_five_seconds_for_a_writer_says_come_back(world: World) -> None:
    table = lay_tables(world, 1)[0]
    form = {**forms(world, table)["bai"], "sha256": table.sha256, "_key": a_key()}
    client = world.client("bai")
    world.engine.dispose()  # connections made before the guard stood there wait as a worker does
    with world.writing() as session:
        session.execute(text("SELECT 1"))
        began = monotonic()
        answer = client.post(f"{table.path}/acceptance", data=form)
        waited = monotonic() - began
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert waited < 15
    assert client.post(f"{table.path}/acceptance", data=form).status_code == 303


@pytest.mark.postgresql
def test_an_acceptance_that_the_database_breaks_off_is_tried_again(world: World) -> None:
    table = lay_tables(world, 1)[0]
    form = {**forms(world, table)["bai"], "sha256": table.sha256, "_key": a_key()}
    client, guard = world.client("bai"), world.app.extensions["mediation_guard"]
    with ThreadPoolExecutor(1) as pool, world.writing() as session:
        session.execute(text("SET LOCAL deadlock_timeout = '30s'"))  # so that the other one is broken off
        session.execute(text("SELECT id FROM negotiation FOR UPDATE"))
        coming = pool.submit(client.post, f"{table.path}/acceptance", data=form)
        wait_until_somebody_waits(world)
        session.execute(text("SELECT id FROM mediation_case FOR UPDATE"))
        session.rollback()
    assert (coming.result().status_code, guard.retried) == (303, 1)
    assert state_of(world, table) is OfferState.ACCEPTED


def wait_until_somebody_waits(world: World) -> None:
    """Another transaction waits for a row that this one holds."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with world.reading() as session:
            if session.scalar(waiting):
                return
        sleep(0.01)
    raise TimeoutError("nobody waits")
