"""The master key file, and what its keys seal."""

import os
from pathlib import Path

import pytest

from mediation.keys import (
    KeyRing,
    KeysUnusable,
    Sealed,
    Unreadable,
    create_master_key_file,
    rotate_master_key_file,
)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    create_master_key_file(path)
    return path


@pytest.fixture
def ring(key_file: Path) -> KeyRing:
    return KeyRing.read([key_file])


def test_what_is_sealed_opens_again(ring: KeyRing) -> None:
    assert ring.decrypt(ring.encrypt("白䶮".encode(), context=b"a"), context=b"a") == "白䶮".encode()


def test_each_thing_has_a_key_and_a_nonce_of_its_own(ring: KeyRing) -> None:
    first, second = (ring.encrypt(b"same", context=b"a") for _ in range(2))
    assert first.wrapped_key != second.wrapped_key
    assert first.ciphertext != second.ciphertext


def test_another_context_does_not_open_it(ring: KeyRing) -> None:
    sealed = ring.encrypt(b"told only the mediator", context=b"caucus/1")
    with pytest.raises(Unreadable):
        ring.decrypt(sealed, context=b"joint/1")


def test_a_data_key_does_not_unwrap_in_another_context(ring: KeyRing) -> None:
    with pytest.raises(Unreadable):
        ring.unwrap(ring.wrap(b"a").wrapped, context=b"b")


@pytest.mark.parametrize("part", ["wrapped_key", "nonce", "ciphertext"])
def test_every_changed_byte_is_noticed(ring: KeyRing, part: str) -> None:
    sealed = ring.encrypt(b"1,248.47", context=b"a")
    parts = {name: getattr(sealed, name) for name in ("wrapped_key", "nonce", "ciphertext")}
    for place in range(len(parts[part])):
        changed = bytearray(parts[part])
        changed[place] ^= 1
        with pytest.raises((Unreadable, KeysUnusable)):
            ring.decrypt(Sealed(**{**parts, part: bytes(changed)}), context=b"a")


def test_an_empty_wrapped_key_is_not_ours(ring: KeyRing) -> None:
    with pytest.raises(Unreadable, match="sealed:not-ours"):
        ring.unwrap(b"", context=b"a")


def test_after_a_rotation_the_old_still_opens_and_the_new_key_writes(key_file: Path, ring: KeyRing) -> None:
    old = ring.encrypt(b"before", context=b"a")
    fresh_id = rotate_master_key_file(key_file)
    rotated = KeyRing.read([key_file])
    assert rotated.writing_id == fresh_id != ring.writing_id
    assert rotated.decrypt(old, context=b"a") == b"before"


def test_a_rewrapped_key_opens_without_the_old_master_key(key_file: Path, ring: KeyRing) -> None:
    old = ring.encrypt(b"before", context=b"a")
    rotate_master_key_file(key_file)
    rotated = KeyRing.read([key_file])
    rewrapped = rotated.rewrap(old.wrapped_key, context=b"a")
    key_file.write_text(key_file.read_text().splitlines()[0])
    only_new = KeyRing.read([key_file])
    assert only_new.is_current(rewrapped)
    assert not only_new.is_current(old.wrapped_key)
    assert only_new.decrypt(Sealed(rewrapped, old.nonce, old.ciphertext), context=b"a") == b"before"


def test_without_its_master_key_nothing_opens(key_file: Path, ring: KeyRing, tmp_path: Path) -> None:
    sealed = ring.encrypt(b"x", context=b"a")
    create_master_key_file(tmp_path / "other.key")
    with pytest.raises(KeysUnusable, match="keys:unknown-master") as refusal:
        KeyRing.read([tmp_path / "other.key"]).decrypt(sealed, context=b"a")
    assert refusal.value.facts == {"id": ring.writing_id}


def test_the_marked_line_writes_wherever_it_stands(key_file: Path) -> None:
    oldest = KeyRing.read([key_file]).writing_id
    rotate_master_key_file(key_file)
    first, last = key_file.read_text().splitlines()
    key_file.write_text(f"# the old one writes again\n{first}\n*{last}\n")
    assert KeyRing.read([key_file]).writing_id == oldest


def test_several_files_are_one_ring(key_file: Path, tmp_path: Path) -> None:
    second_id = create_master_key_file(tmp_path / "second.key")
    ring = KeyRing.read([key_file, tmp_path / "second.key"])
    assert ring.ids[1] == second_id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o700])
def test_a_key_file_that_others_could_read_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(KeysUnusable, match="keys:readable-by-others"):
        KeyRing.read([key_file])


def test_a_key_file_of_another_user_is_refused(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: stranger)
    with pytest.raises(KeysUnusable, match="keys:owned-by-another"):
        KeyRing.read([key_file])


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="keys:missing"):
        KeyRing.read([tmp_path / "nowhere.key"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "keys:none"),
        ("k1:dG9vIHNob3J0", "keys:malformed"),
        ("k1:not base64", "keys:malformed"),
        ("no colon", "keys:malformed"),
        (":" + "A" * 43 + "=", "keys:malformed"),
        ("k1:" + "A" * 43 + "=\nk1:" + "B" * 42 + "A=", "keys:same-id-twice"),
        ("*k1:" + "A" * 43 + "=\n*k2:" + "A" * 43 + "=", "keys:two-writing"),
    ],
)
def test_a_malformed_key_file_is_refused(key_file: Path, text: str, key: str) -> None:
    key_file.write_text(text)
    with pytest.raises(KeysUnusable, match=key):
        KeyRing.read([key_file])


def test_a_new_key_file_never_replaces_one_and_is_private(key_file: Path) -> None:
    before = key_file.read_bytes()
    with pytest.raises(KeysUnusable, match="keys:file-exists"):
        create_master_key_file(key_file)
    assert key_file.read_bytes() == before
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_a_rotated_file_is_still_private(key_file: Path) -> None:
    rotate_master_key_file(key_file)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["master.key"]


def test_a_token_is_the_same_each_time_and_another_for_each_purpose(ring: KeyRing) -> None:
    token = ring.token(b"join-code", b"7K3M9QXA2B4C")
    assert token == ring.token(b"join-code", b"7K3M9QXA2B4C")
    assert token != ring.token(b"contact", b"7K3M9QXA2B4C")
    assert len(token) == 32


def test_a_token_written_before_a_rotation_is_still_found(key_file: Path, ring: KeyRing) -> None:
    kept = ring.token(b"join-code", b"7K3M9QXA2B4C")
    rotate_master_key_file(key_file)
    rotated = KeyRing.read([key_file])
    assert kept in rotated.tokens(b"join-code", b"7K3M9QXA2B4C")
    assert rotated.tokens(b"join-code", b"x")[0] == rotated.token(b"join-code", b"x")


def test_no_secret_shows_in_a_repr(ring: KeyRing) -> None:
    key = ring.wrap(b"a")
    assert repr(key.plain)[2:-1] not in repr(key)
    assert "secret" not in repr(ring._writing)
