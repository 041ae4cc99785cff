"""The same races on a product without its guards: the checker must see what breaks, or it proves nothing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from mediation.offers import actions, passing
from mediation.rules import negotiation
from mediation.rules.negotiation import OfferState
from tests.durability.laid import Sent, Table, a_key, forms, lay_tables, violations
from tests.durability.web_server import Answer
from tests.offers.table import accept, make, settle, terms
from tests.world import World


@pytest.mark.postgresql
def test_without_the_lock_and_the_conditional_write_both_are_told_that_they_won(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = lay_tables(world, 1)[0]
    decide_together(monkeypatch, 2)
    without_lock(world, monkeypatch)
    monkeypatch.setattr(passing, "_check_one", lambda written: None)
    sent = accept_against_withdraw(world, table)
    assert [one.answer.status for one in sent if one.answer] == [303, 303]
    assert f"{table.number}: both were told that it is done" in violations(world, table, sent)


@pytest.mark.postgresql
def test_with_the_conditional_write_alone_one_still_loses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    table = lay_tables(world, 1)[0]
    decide_together(monkeypatch, 2)
    without_lock(world, monkeypatch)
    sent = accept_against_withdraw(world, table)
    assert sorted(one.answer.status for one in sent if one.answer) == [303, 409]
    assert violations(world, table, sent) == []


def test_without_the_index_and_the_rule_two_offers_are_accepted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    table = lay_tables(world, 1)[0]
    with world.writing() as session:
        session.execute(text("DROP INDEX uq_offer_accepted"))
    accept_both(world, table, monkeypatch)
    assert f"{table.number}: more than one offer is accepted" in violations(world, table, [])


def test_without_the_rule_the_index_alone_still_forbids_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    table = lay_tables(world, 1)[0]
    with pytest.raises(IntegrityError):
        accept_both(world, table, monkeypatch)


def accept_against_withdraw(world: World, table: Table) -> list[Sent]:
    """Both at once, each in a browser of this process."""
    carried = forms(world, table)
    acts = [
        (OfferState.ACCEPTED, "bai", "acceptance", {"sha256": table.sha256}),
        (OfferState.WITHDRAWN, "lu", "withdrawal", {}),
    ]
    ready: list[tuple[OfferState, FlaskClient, str, dict[str, str]]] = [
        (act, world.client(name), f"{table.path}/{path}", {**carried[name], **more, "_key": a_key()})
        for act, name, path, more in acts
    ]

    def send(one: tuple[OfferState, FlaskClient, str, dict[str, str]]) -> Sent:
        act, client, path, form = one
        came = client.post(path, data=form)
        return Sent(act, form["_key"], Answer(came.status_code, came.location or "", came.text, 0, 0))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, ready))


def decide_together(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Nobody writes before everybody has read and decided."""
    gate, checked = Barrier(count), negotiation.check_seen

    def check_and_wait(*args: Any) -> None:
        checked(*args)
        with suppress(BrokenBarrierError):
            gate.wait(5)

    monkeypatch.setattr(negotiation, "check_seen", check_and_wait)


def without_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case row is read like any other, and what time has brought about was written before."""
    guard = world.app.extensions["mediation_guard"]
    found = guard.seat_of
    monkeypatch.setattr(guard, "seat_of", lambda *args, locking: found(*args, locking=False))
    settle_now(world)


def settle_now(world: World) -> None:
    """The worker has been here."""
    with world.reading() as session:
        numbers = session.execute(text("SELECT number FROM mediation_case")).scalars().all()
    for number in numbers:
        settle(world, number)


def accept_both(world: World, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second offer lies beside the first, which the rules forbid, and the other side accepts one after the other."""
    with monkeypatch.context() as without:
        without.setattr(negotiation, "check_may_offer", lambda *_: None)
        second = make(world, table.number, "lu", terms(24))
    accept(world, table.number, "bai", table.offer_id)
    monkeypatch.setattr(negotiation, "check_may_answer", lambda *_: None)
    monkeypatch.setattr(actions.moves, "move", lambda seat, move, at: seat)
    accept(world, table.number, "bai", second)
