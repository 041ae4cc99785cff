"""The worker: each job once, in order, tried again with patience, fenced when its lease is lost."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine

from mediation import db, jobs, outbox
from mediation.outbox import Duty, Job, Later
from mediation.web import clock
from mediation.web.idempotency import IdempotencyKey
from mediation.web.kept_forms import KeptForm
from mediation.web.limits import RateCount
from tests.databases import PostgresqlCluster
from tests.world import START, MovableClock


class Book:
    """A duty that writes down what it did."""

    def __init__(self, fails: int = 0) -> None:
        self.kept: list[str] = []
        self.fails = fails

    def work(self, facts: Any, info: dict[str, Any], *, at: datetime) -> None:
        if self.fails:
            self.fails -= 1
            raise ConnectionError("nobody answers")

    def keep(self, session: Any, payload: dict[str, str], result: Any, *, at: datetime) -> None:
        self.kept.append(payload["n"])

    def duties(self) -> dict[str, Duty]:
        return {"test:write": Duty(work=self.work, keep=self.keep)}


@pytest.fixture
def now() -> MovableClock:
    """A clock of the test's own."""
    return MovableClock(START)


def test_due_jobs_are_done_in_the_order_in_which_they_fell_due(engine: Engine, now: MovableClock) -> None:
    book = Book()
    _ask(engine, *((str(n), START - timedelta(minutes=n)) for n in range(25)))
    assert jobs.run_due(engine, {}, now, book.duties()) == 25
    assert book.kept == [str(n) for n in reversed(range(25))]


def test_what_is_not_due_waits(engine: Engine, now: MovableClock) -> None:
    book = Book()
    _ask(engine, ("later", START + timedelta(seconds=1)))
    assert jobs.run_due(engine, {}, now, book.duties()) == 0
    now.move(seconds=1)
    assert jobs.run_due(engine, {}, now, book.duties()) == 1


def test_a_job_is_done_once(engine: Engine, now: MovableClock) -> None:
    book = Book()
    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, now, book.duties())
    now.move(days=1)
    assert (jobs.run_due(engine, {}, now, book.duties()), book.kept) == (0, ["one"])


def test_what_a_job_brings_about_is_done_too(engine: Engine, now: MovableClock) -> None:
    book = Book()

    def ask_more(session: Any, payload: dict[str, str], result: Any, *, at: datetime) -> None:
        outbox.enqueue(session, "test:write", {"n": "second"}, at=at)

    _ask(engine, ("first", START), kind="test:first")
    jobs.run_due(engine, {}, now, {"test:first": Duty(keep=ask_more), **book.duties()})
    assert book.kept == ["second"]


def test_a_failure_is_kept_and_tried_again_a_minute_later(engine: Engine, now: MovableClock) -> None:
    book = Book(fails=1)
    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, now, book.duties())
    assert (_job(engine).failure, _job(engine).run_at) == (
        "ConnectionError: nobody answers",
        START + timedelta(minutes=1),
    )
    now.move(minutes=1)
    jobs.run_due(engine, {}, now, book.duties())
    assert (book.kept, _job(engine).failure, _job(engine).attempts) == (["one"], "", 2)


def test_patience_doubles_to_an_hour_and_a_job_is_never_dropped(engine: Engine, now: MovableClock) -> None:
    book, waits = Book(fails=12), []
    _ask(engine, ("one", START))
    for _ in range(12):
        jobs.run_due(engine, {}, now, book.duties())
        waits.append((_job(engine).run_at - now()).total_seconds() / 60)
        now.at = _job(engine).run_at
    jobs.run_due(engine, {}, now, book.duties())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    assert book.kept == ["one"]


def test_one_broken_job_does_not_hold_up_the_others(engine: Engine, now: MovableClock) -> None:
    book = Book(fails=1)
    _ask(engine, ("broken", START - timedelta(minutes=1)), ("good", START))
    jobs.run_due(engine, {}, now, book.duties())
    assert book.kept == ["good"]


def test_a_failure_while_keeping_leaves_nothing_behind(engine: Engine, now: MovableClock) -> None:
    def keep(session: Any, payload: dict[str, str], result: Any, *, at: datetime) -> None:
        session.add(RateCount(key="half", count=1, ends_at=at))
        session.flush()
        raise ValueError("half-way")

    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, now, {"test:write": Duty(keep=keep)})
    with db.reading(engine) as session:
        assert session.get(RateCount, "half") is None
    assert _job(engine).done_at is None


def test_a_duty_may_say_when_to_come_back(engine: Engine, now: MovableClock) -> None:
    def keep(session: Any, payload: dict[str, str], result: Any, *, at: datetime) -> Later | None:
        return Later("not yet", at + timedelta(hours=3)) if at < START + timedelta(hours=3) else None

    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, now, {"test:write": Duty(keep=keep)})
    assert (_job(engine).run_at, _job(engine).failure) == (START + timedelta(hours=3), "not yet")
    now.move(hours=3)
    jobs.run_due(engine, {}, now, {"test:write": Duty(keep=keep)})
    assert _job(engine).done_at == now()


def test_where_nothing_is_left_to_do_nothing_is_kept(engine: Engine, now: MovableClock) -> None:
    book = Book()
    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, now, {"test:write": Duty(read=lambda session, payload, *, at: None, keep=book.keep)})
    assert (book.kept, _job(engine).done_at) == ([], START)


def test_a_job_of_a_kind_that_this_worker_does_not_know_is_left_for_another(engine: Engine, now: MovableClock) -> None:
    _ask(engine, ("one", START), kind="test:of-tomorrow")
    assert jobs.run_due(engine, {}, now, Book().duties()) == 0
    assert _job(engine).attempts == 0


def test_a_worker_that_lost_its_lease_keeps_nothing(engine: Engine, now: MovableClock) -> None:
    book, slow = Book(), Book()

    def overtaken(facts: Any, info: dict[str, Any], *, at: datetime) -> None:
        now.move(seconds=61)
        jobs.run_due(engine, {}, now, book.duties())

    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, now, {"test:write": Duty(work=overtaken, keep=slow.keep)})
    assert (book.kept, slow.kept) == (["one"], [])
    assert _job(engine).done_at == now()


def test_the_lease_of_long_work_is_renewed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "RENEWED_EVERY", 0.05)
    seen: list[datetime] = []

    def long(facts: Any, info: dict[str, Any], *, at: datetime) -> None:
        seen.append(_job(engine).run_at)
        renewed = threading.Event()
        for _ in range(100):
            renewed.wait(0.05)
            if _job(engine).run_at > seen[0]:
                break
        seen.append(_job(engine).run_at)

    _ask(engine, ("one", START))
    jobs.run_due(engine, {}, clock.now, {"test:write": Duty(work=long, keep=Book().keep)})
    assert seen[1] > seen[0]


def test_four_workers_at_once_do_each_job_once(engine: Engine, rounds: Callable[[int], int]) -> None:
    count = rounds(1000)
    _ask(engine, *((str(n), START) for n in range(count)))

    def keep(session: Any, payload: dict[str, str], result: Any, *, at: datetime) -> None:
        session.add(RateCount(key=payload["n"], count=1, ends_at=at))

    duties = {"test:write": Duty(keep=keep)}
    workers = [threading.Thread(target=jobs.run_due, args=(engine, {}, clock.now, duties)) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with db.reading(engine) as session:
        done = session.query(Job).filter(Job.done_at.isnot(None), Job.attempts == 1, Job.failure == "").count()
        assert (session.query(RateCount).count(), done) == (count, count)


def test_a_worker_ends_when_it_is_told_and_has_finished_what_it_began(engine: Engine) -> None:
    stop, book = threading.Event(), Book()

    def work(facts: Any, info: dict[str, Any], *, at: datetime) -> None:
        stop.set()

    _ask(engine, ("one", START), ("two", START + timedelta(seconds=1)))
    duties = {"test:write": Duty(work=work, keep=book.keep)}
    claims = jobs._do_batch(engine, {}, clock.now, duties, stop)
    with db.reading(engine) as session:
        left = session.query(Job).filter(Job.done_at.is_(None)).one()
    assert (claims, book.kept, left.payload["n"], left.attempts, left.owner) == (1, ["one"], "two", 0, None)


def test_a_worker_waits_for_a_database_that_is_away_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    book, stop = Book(), threading.Event()
    monkeypatch.setattr(jobs, "DUTIES", book.duties())
    monkeypatch.setattr(jobs, "PAUSE", 0.05)
    caplog.set_level("INFO", logger="mediation.jobs")
    server = PostgresqlCluster()
    engine = db.make_engine(server.fresh())
    worker = threading.Thread(target=jobs.work_forever, args=(engine, {}, clock.now, stop))
    worker.start()
    try:
        _ask(engine, ("before", START))
        _wait_until(lambda: book.kept == ["before"])
        server.rest()
        _wait_until(lambda: "worker:database-away" in _events(caplog))
        assert worker.is_alive()
        server.serve()
        _ask(engine, ("after", START))
        _wait_until(lambda: book.kept == ["before", "after"])
    finally:
        stop.set()
        worker.join()
        engine.dispose()
        server.close()
    told = [event for event in _events(caplog) if event.startswith("worker:database")]
    assert told == ["worker:database-away", "worker:database-back"]


def test_no_worker_runs_on_a_clock_that_the_database_does_not_share(engine: Engine) -> None:
    with pytest.raises(jobs.ClocksDiffer):
        jobs.work_forever(engine, {}, lambda: clock.now() + timedelta(seconds=3), threading.Event())


def test_the_key_of_a_form_is_kept_for_thirty_days_and_then_swept(engine: Engine) -> None:
    with db.transaction(engine) as session:
        for key, days in (("younger", 30), ("older", 31)):
            kept_at = START - timedelta(days=days)
            session.add(IdempotencyKey(actor="a", key=key, route="/", body_hash="0" * 64, kept_at=kept_at))
    jobs.sweep(engine, at=START)
    with db.reading(engine) as session:
        assert [one.key for one in session.query(IdempotencyKey)] == ["younger"]


def test_a_form_kept_for_an_idle_hand_is_swept_after_half_an_hour(engine: Engine) -> None:
    with db.transaction(engine) as session:
        for actor, minutes in (("younger", 30), ("older", 31)):
            kept_at = START - timedelta(minutes=minutes)
            session.add(KeptForm(actor=actor, path="/", fields_sealed=b"", kept_at=kept_at))
    jobs.sweep(engine, at=START)
    with db.reading(engine) as session:
        assert [one.actor for one in session.query(KeptForm)] == ["younger"]


def test_the_clocks_of_one_machine_agree(engine: Engine) -> None:
    assert abs(clock.now() - db.database_time(engine)) < jobs.CLOCKS_MAY_DIFFER


def _events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [getattr(record, "event", "") for record in caplog.records]


def _wait_until(happened: Callable[[], bool]) -> None:
    end = monotonic() + 20
    while not happened():
        assert monotonic() < end, "it did not happen within twenty seconds"
        sleep(0.02)


def _ask(engine: Engine, *asked: tuple[str, datetime], kind: str = "test:write") -> None:
    with db.transaction(engine) as session:
        for n, run_at in asked:
            outbox.enqueue(session, kind, {"n": n}, at=START, run_at=run_at)


def _job(engine: Engine) -> Job:
    with db.reading(engine) as session:
        return session.query(Job).one()
