"""Blobs in an S3-compatible object store, for deployments whose machines share no folder; and which store is ours."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

import config
from mediation.errors import Refused
from mediation.files import BLOB_NAME, BlobStore, Damaged, LocalStore, StoredBlob

PATIENCE = timedelta(seconds=20)
MISSING = (FileNotFoundError, NotFoundError)


class ObjectStore:
    """Blobs in one bucket, each put only where nothing lies under its name; the store answers once it is durable."""

    def __init__(self, settings: config.Settings) -> None:
        named: dict[str, Any] = {"endpoint": settings.blob_endpoint} if settings.blob_endpoint else {}
        if settings.blob_credentials is not None:
            named["access_key_id"], named["secret_access_key"] = settings.blob_credentials
        self._store = S3Store.from_url(
            settings.blob_url,
            region=settings.blob_region,
            virtual_hosted_style_request=False,
            checksum_algorithm="SHA256",
            conditional_put="etag",
            client_options={"allow_http": settings.blob_endpoint.startswith("http://"), "timeout": PATIENCE},
            retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
            **named,
        )

    def put(self, content: bytes) -> str:
        """Keep the bytes durably and return their name; the same bytes twice are kept once."""
        name = hashlib.sha256(content).hexdigest()
        with _answering():
            try:
                obstore.put(self._store, _path(name), content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                # Somebody kept the same bytes before: the name is their hash, so nothing differs.
                return name
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes; raises Damaged when they are not there."""
        path = _path(name)
        with _answering():
            try:
                return bytes(obstore.get(self._store, path).bytes())
            except MISSING:
                raise Damaged("file:missing", blob=name) from None

    def has(self, name: str) -> bool:
        """Return whether the bytes are there."""
        path = _path(name)
        with _answering():
            try:
                obstore.head(self._store, path)
            except MISSING:
                return False
        return True

    def delete(self, name: str) -> None:
        """The bytes are gone, also when they were gone before."""
        path = _path(name)
        with _answering():
            try:
                obstore.delete(self._store, path)
            except MISSING:
                return

    def scan(self) -> Iterator[StoredBlob]:
        """Yield everything that lies there, in no order."""
        with _answering():
            for batch in obstore.list(self._store):
                for each in batch:
                    name = each["path"].rpartition("/")[2]
                    if BLOB_NAME.fullmatch(name):
                        yield StoredBlob(name, each["size"], each["last_modified"])


def store_of(settings: config.Settings) -> BlobStore:
    """The store that this deployment's settings name: a bucket, or else a folder of this machine."""
    return ObjectStore(settings) if settings.blob_url else LocalStore(settings.blob_folder)


def _path(name: str) -> str:
    if not BLOB_NAME.fullmatch(name):
        raise Refused("file:bad-name")
    return f"{name[:2]}/{name}"


@contextmanager
def _answering() -> Iterator[None]:
    """A store that does not answer is to callers what a broken disk is; its address stays out of what is said."""
    try:
        yield
    except (BaseError, *MISSING) as broken:
        raise OSError(errno.EIO, "the object store does not answer") from broken
