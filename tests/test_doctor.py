"""What must hold before this deployment may work, and what is only said in time."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from mediation import doctor
from mediation.doctor import State
from mediation.keys import KeyRing, create_master_key_file
from mediation.web import clock
from tests.databases import Handout
from tests.world import World


def test_a_sound_deployment_may_start(world: World) -> None:
    found = doctor.examine(world.engine, world.info, at=clock.now())
    assert [one for one in found if one.state is State.STOPS and one.check != "durability"] == []


def test_a_database_that_may_lose_what_it_acknowledged_stops_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.db, "check_durable", lambda engine: ["fsync"])
    assert _state(world, "durability") is State.STOPS


def test_a_clock_that_differs_stops_the_start(world: World) -> None:
    assert _state(world, "clock", at=clock.now() + timedelta(seconds=3)) is State.STOPS


def test_keys_of_another_deployment_stop_the_start(world: World) -> None:
    path = world.settings.folder / "other.key"
    create_master_key_file(path)
    assert _state(world, "keys", ring=KeyRing.read([path])) is State.STOPS


def test_a_database_that_is_not_migrated_stops_the_start(world: World, databases: Handout, database_kind: str) -> None:
    from mediation.db import make_engine

    url = databases(database_kind).empty()
    engine = make_engine(url)
    found = {one.check: one.state for one in doctor.examine(engine, world.info, at=clock.now())}
    engine.dispose()
    databases(database_kind).drop(url)
    assert found["schema"] is State.STOPS


def test_a_calendar_that_ends_within_two_months_is_said(world: World) -> None:
    assert _state(world, "calendar", at=datetime(2026, 10, 30, tzinfo=UTC)) is State.OK
    assert _state(world, "calendar", at=datetime(2026, 11, 2, tzinfo=UTC)) is State.WARNS


def test_a_short_secret_stops_the_start(world: World) -> None:
    assert _state(world, "secret", settings=dataclasses.replace(world.settings, secret_key="short")) is State.STOPS


def test_a_folder_that_cannot_be_written_stops_the_start(world: World) -> None:
    class Full:
        def put(self, content: bytes) -> str:
            raise OSError(28, "No space left on device")

    assert _state(world, "files", blobs=Full()) is State.STOPS


def test_production_without_post_or_seal_stops_the_start(world: World) -> None:
    settings = dataclasses.replace(world.settings, mode="production", smtp_url="", seal_file=None)
    assert (_state(world, "post", settings=settings), _state(world, "seal", settings=settings)) == (
        State.STOPS,
        State.STOPS,
    )


def test_a_machine_without_the_fonts_of_paper_does_not_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediation.agreements import pdf

    def missing(text: str) -> None:
        raise pdf.FontMissing("font:missing", family="Noto Sans CJK SC")

    monkeypatch.setattr(pdf, "check_glyphs", missing)
    assert _state(world, "fonts") is State.STOPS


def test_a_check_says_nothing_secret(world: World) -> None:
    said = " ".join(one.detail for one in doctor.examine(world.engine, world.info, at=clock.now()))
    secrets = [world.settings.secret_key, world.settings.master_key_files[0].read_text().partition(":")[2].strip()]
    assert [secret for secret in secrets if secret in said] == []


def _state(world: World, check: str, at: datetime | None = None, **info: object) -> State:
    found = doctor.examine(world.engine, {**world.info, **info}, at=at or clock.now())
    return next(one.state for one in found if one.check == check)
