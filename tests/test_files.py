"""Bytes kept in a store, encrypted, and fetched as they were."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from mediation import files
from mediation.errors import Refused
from mediation.files import Damaged, LocalStore
from mediation.keys import KeyRing, create_master_key_file, rotate_master_key_file

HERE = UUID("01900000-0000-7000-8000-000000000001")
ELSEWHERE = UUID("01900000-0000-7000-8000-000000000002")
PAPER = "还款协议".encode() * 1000


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    create_master_key_file(tmp_path / "master.key")
    return tmp_path / "master.key"


@pytest.fixture
def ring(key_file: Path) -> KeyRing:
    return KeyRing.read([key_file])


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "blobs")


def blob_path(tmp_path: Path, name: str) -> Path:
    return tmp_path / "blobs" / name[:2] / name


def test_what_is_kept_is_fetched_as_it_was(ring: KeyRing, store: LocalStore) -> None:
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    assert kept.sha256 == hashlib.sha256(PAPER).hexdigest()
    assert kept.size == len(PAPER)
    assert files.fetch(ring, store, kept, institution_id=HERE) == PAPER


def test_an_empty_file_is_a_file_too(ring: KeyRing, store: LocalStore) -> None:
    kept = files.keep(ring, store, b"", institution_id=HERE)
    assert files.fetch(ring, store, kept, institution_id=HERE) == b""


def test_nothing_of_the_file_lies_readable_on_disk(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    files.keep(ring, store, PAPER, institution_id=HERE)
    written = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(written) == 1
    assert "协议".encode() not in written[0].read_bytes()
    assert hashlib.sha256(PAPER).hexdigest() not in str(written[0])


def test_a_file_is_not_fetched_for_another_institution(ring: KeyRing, store: LocalStore) -> None:
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    with pytest.raises(Damaged, match="file:damaged"):
        files.fetch(ring, store, kept, institution_id=ELSEWHERE)


def test_a_flipped_bit_is_noticed(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    path = blob_path(tmp_path, kept.blob)
    content = bytearray(path.read_bytes())
    content[700] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match="file:damaged"):
        files.fetch(ring, store, kept, institution_id=HERE)


def test_a_row_that_names_another_hash_is_noticed(ring: KeyRing, store: LocalStore) -> None:
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    with pytest.raises(Damaged):
        files.fetch(ring, store, replace(kept, sha256="0" * 64), institution_id=HERE)


def test_two_files_exchanged_on_disk_are_noticed(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    first, second = (files.keep(ring, store, paper, institution_id=HERE) for paper in (b"one", b"two"))
    os.replace(blob_path(tmp_path, second.blob), blob_path(tmp_path, first.blob))
    with pytest.raises(Damaged):
        files.fetch(ring, store, first, institution_id=HERE)


def test_a_missing_blob_is_damage(ring: KeyRing, store: LocalStore) -> None:
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    store.delete(kept.blob)
    with pytest.raises(Damaged, match="file:missing"):
        files.fetch(ring, store, kept, institution_id=HERE)


def test_a_file_above_the_limit_is_refused_and_not_kept(ring: KeyRing, store: LocalStore) -> None:
    with pytest.raises(Refused, match="file:too-large") as refusal:
        files.keep(ring, store, b"12345", institution_id=HERE, limit=4)
    assert refusal.value.facts == {"limit": 4, "size": 5}
    assert list(store.scan()) == []


def test_after_a_rotation_a_rewrapped_file_needs_only_the_new_key(key_file: Path, store: LocalStore) -> None:
    kept = files.keep(KeyRing.read([key_file]), store, PAPER, institution_id=HERE)
    rotate_master_key_file(key_file)
    rewrapped = files.rewrap(KeyRing.read([key_file]), kept, institution_id=HERE)
    key_file.write_text(key_file.read_text().splitlines()[0])
    only_new = KeyRing.read([key_file])
    assert files.fetch(only_new, store, replace(kept, wrapped_key=rewrapped), institution_id=HERE) == PAPER


def test_a_lost_master_key_is_named_as_such(ring: KeyRing, store: LocalStore, tmp_path: Path) -> None:
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    create_master_key_file(tmp_path / "other.key")
    with pytest.raises(Damaged, match="file:key-missing"):
        files.fetch(KeyRing.read([tmp_path / "other.key"]), store, kept, institution_id=HERE)


def test_the_same_bytes_are_stored_once_under_their_hash(store: LocalStore) -> None:
    assert store.put(b"same") == store.put(b"same") == hashlib.sha256(b"same").hexdigest()
    assert [(blob.name, blob.size) for blob in store.scan()] == [(hashlib.sha256(b"same").hexdigest(), 4)]


def test_a_blob_is_private_and_leaves_no_temporary_file(store: LocalStore, tmp_path: Path) -> None:
    name = store.put(b"private")
    assert blob_path(tmp_path, name).stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "blobs" / "incoming").iterdir()) == []


def test_a_blob_is_flushed_before_its_name_appears(
    store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append(store.has(hashlib.sha256(b"flushed").hexdigest()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    store.put(b"flushed")
    assert seen == [False, False, True]


def test_a_failed_write_leaves_nothing(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put(b"lost")
    assert not store.has(hashlib.sha256(b"lost").hexdigest())


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "/etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_name_that_is_not_a_hash_is_refused(store: LocalStore, name: str) -> None:
    for act in (store.get, store.has, store.delete):
        with pytest.raises(Refused, match="file:bad-name"):
            act(name)


def test_deleting_twice_is_the_same_as_once(store: LocalStore) -> None:
    name = store.put(b"gone")
    store.delete(name)
    store.delete(name)
    assert not store.has(name)
