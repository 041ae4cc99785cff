"""At night every file is read again: a flipped bit anywhere, in a file or in its row, is found and stays known."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from mediation import cli, files, jobs, scrubbing
from mediation.files import LocalStore, StoredFile
from mediation.keys import KeyRing, create_master_key_file
from mediation.outbox import Job
from mediation.scrubbing import Kept
from tests.world import World

HERE = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    create_master_key_file(tmp_path / "master.key")
    return KeyRing.read([tmp_path / "master.key"])


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "blobs")


def kept_ones(ring: KeyRing, store: LocalStore, *contents: bytes) -> list[Kept]:
    return [
        Kept(UUID(int=number), HERE, files.keep(ring, store, content, institution_id=HERE))
        for number, content in enumerate(contents)
    ]


def blob_path(tmp_path: Path, name: str) -> Path:
    return tmp_path / "blobs" / name[:2] / name


def flaws(batch: Sequence[Kept], ring: KeyRing, store: LocalStore) -> list[str]:
    return [flaw.why for flaw in scrubbing.scrub(batch, ring, store).flaws]


def keep(world: World, *contents: bytes) -> list[str]:
    """Files with their rows; the names of their blobs."""
    with world.writing() as session:
        return [
            files.store_row(
                session, content, institution_id=world.institution_id, media_type="text/plain", at=world.clock()
            ).blob
            for content in contents
        ]


def flip(world: World, blob: str) -> None:
    """One bit of the file is another."""
    path = world.settings.blob_folder / blob[:2] / blob
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def work(world: World) -> tuple[int, int]:
    """The worker does what is due; how many jobs are due now and how many have failed."""
    jobs.run_due(world.engine, world.info, world.clock)
    return jobs.waiting(world.engine, at=world.clock())


def scrub_jobs(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).where(Job.kind == scrubbing.KIND)) or 0


def test_files_that_are_what_was_kept_are_well(ring: KeyRing, store: LocalStore) -> None:
    batch = kept_ones(ring, store, b"one", b"two", b"", os.urandom(5000))
    done = scrubbing.scrub(batch, ring, store)
    assert (done.count, done.flaws, done.last) == (4, [], batch[-1].id)


def test_every_flipped_bit_of_a_file_is_found(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    batch = kept_ones(ring, store, b"eighty bytes or so of an agreement")
    path = blob_path(tmp_path, batch[0].file.blob)
    whole = path.read_bytes()
    missed = []
    for bit in range(len(whole) * 8):
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        if flaws(batch, ring, store) != ["file:damaged"]:
            missed.append(bit)
    assert (missed, len(whole)) == ([], 50)


@pytest.mark.parametrize("column", ["wrapped_key", "nonce"])
def test_every_flipped_bit_of_a_row_is_found(ring: KeyRing, store: LocalStore, column: str) -> None:
    (whole,) = kept_ones(ring, store, b"an agreement")
    value = getattr(whole.file, column)
    missed = []
    for bit in range(len(value) * 8):
        broken = bytearray(value)
        broken[bit // 8] ^= 1 << bit % 8
        one = replace(whole, file=replace(whole.file, **{column: bytes(broken)}))
        if not flaws([one], ring, store):
            missed.append(bit)
    assert not missed


@pytest.mark.parametrize("changed", [{"sha256": "0" * 64}, {"size": 3}])
def test_a_row_that_says_otherwise_is_found(ring: KeyRing, store: LocalStore, changed: dict[str, object]) -> None:
    (whole,) = kept_ones(ring, store, b"an agreement")
    assert flaws([replace(whole, file=replace(whole.file, **changed))], ring, store) == ["file:damaged"]


def test_a_file_cut_off_exchanged_or_gone_is_found(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    batch = kept_ones(ring, store, b"first", b"second", b"third", b"fourth", b"fifth")
    first, second, third, fourth, _ = (blob_path(tmp_path, kept.file.blob) for kept in batch)
    first.write_bytes(first.read_bytes()[:-1])
    one, other = second.read_bytes(), third.read_bytes()
    second.write_bytes(other)
    third.write_bytes(one)
    fourth.unlink()
    assert flaws(batch, ring, store) == ["file:damaged", "file:damaged", "file:damaged", "file:missing"]


def test_files_under_another_key_are_found(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    batch = kept_ones(ring, store, b"an agreement")
    create_master_key_file(tmp_path / "other.key")
    assert flaws(batch, KeyRing.read([tmp_path / "other.key"]), store) == ["file:key-missing"]


def test_the_round_of_a_night_reads_every_file_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "BATCH", 2)
    keep(world, b"one", b"two", b"three", b"four", b"five")
    with world.writing() as session:
        scrubbing.promise(session, at=world.clock())
    world.clock.move(hours=24)
    assert (work(world), scrub_jobs(world)) == ((0, 0), 3)


def test_a_flaw_is_counted_as_a_failure_until_the_file_is_restored(world: World) -> None:
    blob, _ = keep(world, b"one", b"two")
    path = world.settings.blob_folder / blob[:2] / blob
    whole = path.read_bytes()
    flip(world, blob)
    jobs.sweep(world.engine, at=world.clock())
    world.clock.move(hours=24)
    assert work(world) == (0, 1)
    path.write_bytes(whole)
    world.clock.move(hours=2)
    assert work(world) == (0, 0)


def test_a_flaw_does_not_end_the_round(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrubbing, "BATCH", 1)
    for blob in keep(world, b"one", b"two", b"three")[::2]:
        flip(world, blob)
    jobs.sweep(world.engine, at=world.clock())
    world.clock.move(hours=24)
    assert work(world) == (0, 2)


def test_each_night_has_one_round_and_none_beside_one_that_waits(world: World) -> None:
    (blob,) = keep(world, b"one")
    for _ in range(3):
        jobs.sweep(world.engine, at=world.clock())
    assert scrub_jobs(world) == 1
    world.clock.move(hours=24)
    flip(world, blob)
    work(world)
    jobs.sweep(world.engine, at=world.clock())
    assert scrub_jobs(world) == 1


def test_the_round_begins_in_the_small_hours(world: World) -> None:
    world.clock.at = datetime(2025, 9, 24, 20, 0, tzinfo=UTC)
    jobs.sweep(world.engine, at=world.clock())
    with world.reading() as session:
        assert session.scalars(select(Job.run_at).where(Job.kind == scrubbing.KIND)).all() == [
            datetime(2025, 9, 25, 19, 30, tzinfo=UTC)
        ]


def test_the_command_says_how_many_and_which(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blob, _ = keep(world, b"one", b"two")
    for name, value in (("FOLDER", world.settings.folder), ("MASTER_KEY_FILE", world.settings.master_key_files[0]),
                        ("DATABASE_URL", world.settings.database_url)):  # fmt: skip
        monkeypatch.setenv(f"MEDIATION_{name}", str(value))
    assert cli.main(["scrub"]) == cli.WELL
    flip(world, blob)
    assert cli.main(["scrub"]) == cli.BROKEN
    with world.reading() as session:
        sha256 = session.scalars(select(StoredFile.sha256).where(StoredFile.blob == blob)).one()
    assert capsys.readouterr().out.splitlines() == [
        "2 files read, 0 not as kept.",
        f"{sha256} file:damaged",
        "2 files read, 1 not as kept.",
    ]
