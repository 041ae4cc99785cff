"""One promise, two stores: a folder of this machine, and a bucket of a server that speaks S3."""

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from uuid import UUID, uuid4

import pytest

import config
from mediation import doctor, files
from mediation.errors import Refused
from mediation.files import BlobStore, Damaged, LocalStore
from mediation.keys import KeyRing, create_master_key_file
from mediation.object_store import ObjectStore, store_of

HERE = UUID("01900000-0000-7000-8000-000000000001")
PAPER = "还款协议".encode() * 1000
SECRET = "a-secret-of-the-bucket"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3 server in a process of its own, with a bucket; its address."""
    port = _free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _await(process, address)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(server: str, tmp_path: Path) -> config.Settings:
    """Settings that name a fresh part of the bucket."""
    return settings(tmp_path, url=f"s3://papers/{uuid4()}", endpoint=server)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Each kind of store, empty."""
    if request.param == "folder":
        return LocalStore(tmp_path / "blobs")
    return store_of(request.getfixturevalue("bucket"))


def settings(folder: Path, *, url: str = "", endpoint: str = "") -> config.Settings:
    """Settings of a deployment whose files lie there."""
    credentials = folder / "credentials"
    credentials.write_text(f"an-id\n{SECRET}\n")
    environment = {
        "MEDIATION_FOLDER": str(folder),
        "MEDIATION_BLOB_URL": url,
        "MEDIATION_BLOB_ENDPOINT": endpoint,
        "MEDIATION_BLOB_CREDENTIALS_FILE": str(credentials),
    }
    return config.read(environment)


def test_what_is_put_is_got_as_it_was_under_its_hash(store: BlobStore) -> None:
    name = store.put(PAPER)
    assert name == hashlib.sha256(PAPER).hexdigest()
    assert (store.get(name), store.has(name)) == (PAPER, True)


def test_the_same_bytes_are_kept_once(store: BlobStore) -> None:
    assert store.put(b"same") == store.put(b"same")
    assert [(blob.name, blob.size) for blob in store.scan()] == [(hashlib.sha256(b"same").hexdigest(), 4)]


def test_what_is_not_there_is_damage_and_not_an_empty_file(store: BlobStore) -> None:
    assert not store.has("0" * 64)
    with pytest.raises(Damaged, match="file:missing"):
        store.get("0" * 64)


def test_an_empty_file_is_there(store: BlobStore) -> None:
    assert store.get(store.put(b"")) == b""


def test_what_is_deleted_is_gone_and_stays_gone(store: BlobStore) -> None:
    name = store.put(b"gone")
    store.delete(name)
    store.delete(name)
    assert (store.has(name), list(store.scan())) == (False, [])


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "/etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_name_that_is_not_a_hash_is_refused(store: BlobStore, name: str) -> None:
    for act in (store.get, store.has, store.delete):
        with pytest.raises(Refused, match="file:bad-name"):
            act(name)


def test_everything_that_lies_there_is_found(store: BlobStore) -> None:
    names = {store.put(os.urandom(40)) for _ in range(30)}
    assert {blob.name for blob in store.scan()} == names


def test_the_largest_file_goes_in_and_comes_out(store: BlobStore) -> None:
    large = os.urandom(files.LARGEST_FILE)
    assert store.get(store.put(large)) == large


def test_a_file_is_kept_and_fetched_through_either(store: BlobStore, tmp_path: Path) -> None:
    create_master_key_file(tmp_path / "master.key")
    ring = KeyRing.read([tmp_path / "master.key"])
    kept = files.keep(ring, store, PAPER, institution_id=HERE)
    assert "协议".encode() not in store.get(kept.blob)
    assert files.fetch(ring, store, kept, institution_id=HERE) == PAPER


def test_two_deployments_in_one_bucket_do_not_see_each_other(server: str, tmp_path: Path) -> None:
    one, other = (store_of(settings(tmp_path, url=f"s3://papers/{name}", endpoint=server)) for name in ("a", "b"))
    name = one.put(b"mine")
    assert (one.has(name), other.has(name), list(other.scan())) == (True, False, [])


def test_a_store_that_does_not_answer_fails_as_a_disk_does(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{_free_port()}"
    nobody = ObjectStore(settings(tmp_path, url="s3://papers/x", endpoint=address))
    with pytest.raises(OSError, match="does not answer") as broken:
        nobody.put(b"lost")
    assert address not in str(broken.value)


def test_a_bucket_that_is_not_there_is_no_missing_file(server: str, tmp_path: Path) -> None:
    nowhere = store_of(settings(tmp_path, url="s3://no-such-bucket/x", endpoint=server))
    with pytest.raises(OSError, match="does not answer"):
        nowhere.put(b"lost")


def test_the_doctor_tries_the_bucket(bucket: config.Settings) -> None:
    assert doctor._blobs({"blobs": store_of(bucket)}).state is doctor.State.OK


def test_without_a_bucket_files_lie_in_the_folder(tmp_path: Path) -> None:
    assert isinstance(store_of(settings(tmp_path)), LocalStore)


def test_the_secret_of_the_bucket_never_shows(bucket: config.Settings) -> None:
    assert bucket.blob_credentials == ("an-id", SECRET)
    assert SECRET not in repr(bucket)


def test_an_address_that_is_no_bucket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigurationError, match="s3://"):
        settings(tmp_path, url="https://papers.example.cn")


def test_credentials_are_two_lines(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("only an id\nand\nmore\n")
    with pytest.raises(config.ConfigurationError, match="two lines"):
        config.read({"MEDIATION_FOLDER": str(tmp_path), "MEDIATION_BLOB_CREDENTIALS_FILE": str(tmp_path / "one")})


@pytest.mark.parametrize(("named", "missing"), [({}, True), ({"MEDIATION_BLOB_FOLDER": "blobs"}, False),
                                                ({"MEDIATION_BLOB_URL": "s3://papers"}, False)])  # fmt: skip
def test_production_names_a_folder_or_a_bucket(tmp_path: Path, named: dict[str, str], missing: bool) -> None:
    (tmp_path / "secret").write_text("x" * 40)
    environment = {"MEDIATION_MODE": "production", "MEDIATION_FOLDER": str(tmp_path),
                   "MEDIATION_SECRET_KEY_FILE": str(tmp_path / "secret"), **named}  # fmt: skip
    with pytest.raises(config.ConfigurationError) as no:
        config.read(environment)
    assert ("MEDIATION_BLOB" in str(no.value)) is missing


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    """The server answers, and has its bucket."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        try:
            urllib.request.urlopen(urllib.request.Request(f"{address}/papers", method="PUT"), timeout=5).close()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the S3 server did not start")
