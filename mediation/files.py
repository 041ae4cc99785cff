"""Bytes kept encrypted in a blob store, known by the SHA-256 of what they say."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mediation.db import Moment, Record, new_key
from mediation.errors import MediationError, Refused
from mediation.keys import KeyRing, KeysUnusable, Sealed, Unreadable, ring_of

LARGEST_FILE = 25 * 1024 * 1024
BLOB_NAME = re.compile(r"[0-9a-f]{64}")


class Damaged(MediationError):
    """A kept file is gone, or is no longer what was kept."""


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """One blob as a sweep sees it: its name, its size, and since when it lies there."""

    name: str
    size: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What the caller's row remembers of a file: the hash of its words, and how to find and open it."""

    sha256: str
    size: int
    blob: str
    wrapped_key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)


class StoredFile(Record):
    """The row by which a file is found: written after the blob lies safely in the store, never before."""

    __tablename__ = "stored_file"
    __table_args__ = (UniqueConstraint("institution_id", "sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(120))
    blob: Mapped[str] = mapped_column(String(64))
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class BlobStore(Protocol):
    """Where bytes lie, each named by its own SHA-256 in hex, so that a store can be checked without keys."""

    def put(self, content: bytes) -> str:
        """Keep the bytes durably and return their name; the same bytes twice are kept once."""

    def get(self, name: str) -> bytes:
        """Return the bytes; raises Damaged when they are not there."""

    def has(self, name: str) -> bool:
        """Return whether the bytes are there."""

    def delete(self, name: str) -> None:
        """The bytes are gone, also when they were gone before."""

    def scan(self) -> Iterator[StoredBlob]:
        """Yield everything that lies there, in no order."""


def keep(
    ring: KeyRing, store: BlobStore, plaintext: bytes, *, institution_id: UUID, limit: int = LARGEST_FILE
) -> KeptFile:
    """Keep the bytes encrypted and return what their row must remember; refused above the limit."""
    if len(plaintext) > limit:
        raise Refused("file:too-large", limit=limit, size=len(plaintext))
    sha256 = hashlib.sha256(plaintext).hexdigest()
    sealed = ring.encrypt(plaintext, context=_context(institution_id, sha256))
    blob = store.put(sealed.ciphertext)
    return KeptFile(sha256, len(plaintext), blob, sealed.wrapped_key, sealed.nonce)


def fetch(ring: KeyRing, store: BlobStore, kept: KeptFile, *, institution_id: UUID) -> bytes:
    """Return the very bytes that were kept; raises Damaged when they are not the same any more."""
    sealed = Sealed(kept.wrapped_key, kept.nonce, store.get(kept.blob))
    try:
        plaintext = ring.decrypt(sealed, context=_context(institution_id, kept.sha256))
    except Unreadable:
        raise Damaged("file:damaged", sha256=kept.sha256) from None
    except KeysUnusable as error:
        raise Damaged("file:key-missing", sha256=kept.sha256) from error
    if hashlib.sha256(plaintext).hexdigest() != kept.sha256:
        raise Damaged("file:damaged", sha256=kept.sha256)
    return plaintext


def rewrap(ring: KeyRing, kept: KeptFile, *, institution_id: UUID) -> bytes:
    """Return the file's key wrapped by the master key that writes now; the blob stays untouched."""
    return ring.rewrap(kept.wrapped_key, context=_context(institution_id, kept.sha256))


def lay_down(session: Session, content: bytes, *, institution_id: UUID, limit: int = LARGEST_FILE) -> KeptFile:
    """The content lies in the session's blob store before any row names it: what is slow happens outside a lock."""
    found = _row(session, institution_id, hashlib.sha256(content).hexdigest())
    if found is not None:
        return _kept(found)
    return keep(ring_of(session), session.info["blobs"], content, institution_id=institution_id, limit=limit)


def name_row(session: Session, kept: KeptFile, *, institution_id: UUID, media_type: str, at: datetime) -> StoredFile:
    """The row of what was laid down is in the session; the same content twice is one row."""
    found = _row(session, institution_id, kept.sha256)
    if found is not None:
        return found
    row = StoredFile(
        institution_id=institution_id,
        sha256=kept.sha256,
        size=kept.size,
        media_type=media_type,
        blob=kept.blob,
        wrapped_key=kept.wrapped_key,
        nonce=kept.nonce,
        kept_at=at,
    )
    session.add(row)
    session.flush()
    return row


def store_row(session: Session, content: bytes, *, institution_id: UUID, media_type: str, at: datetime) -> StoredFile:
    """The content lies in the session's blob store and its row is in the session; the same content twice is one row."""
    kept = lay_down(session, content, institution_id=institution_id)
    return name_row(session, kept, institution_id=institution_id, media_type=media_type, at=at)


def fetch_row(session: Session, sha256: str, *, institution_id: UUID) -> bytes:
    """Return the content kept under this hash in this institution, checked; raises Damaged when it is not there."""
    row = _row(session, institution_id, sha256)
    if row is None:
        raise Damaged("file:gone", sha256=sha256)
    return fetch(ring_of(session), session.info["blobs"], _kept(row), institution_id=institution_id)


def _row(session: Session, institution_id: UUID, sha256: str) -> StoredFile | None:
    return session.scalars(
        select(StoredFile).where(StoredFile.institution_id == institution_id, StoredFile.sha256 == sha256)
    ).first()


def _kept(row: StoredFile) -> KeptFile:
    return KeptFile(row.sha256, row.size, row.blob, row.wrapped_key, row.nonce)


class LocalStore:
    """Blobs in a folder of this machine, each written whole and flushed before its name appears."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        """Keep the bytes durably and return their name; the same bytes twice are kept once."""
        name = hashlib.sha256(content).hexdigest()
        place = self._place(name)
        if place.exists():
            return name
        self._make_folder(place.parent)
        temporary = self._incoming / secrets.token_hex(16)
        try:
            _write_through(temporary, content)
            _link(temporary, place)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(place.parent)
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes; raises Damaged when they are not there."""
        try:
            return self._place(name).read_bytes()
        except FileNotFoundError:
            raise Damaged("file:missing", blob=name) from None

    def has(self, name: str) -> bool:
        """Return whether the bytes are there."""
        return self._place(name).is_file()

    def delete(self, name: str) -> None:
        """The bytes are gone, also when they were gone before."""
        place = self._place(name)
        if place.exists():
            place.unlink(missing_ok=True)
            _sync_folder(place.parent)

    def scan(self) -> Iterator[StoredBlob]:
        """Yield everything that lies there, in no order."""
        for place in self._root.glob("??/*"):
            if BLOB_NAME.fullmatch(place.name):
                status = place.stat()
                yield StoredBlob(place.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def _place(self, name: str) -> Path:
        if not BLOB_NAME.fullmatch(name):
            raise Refused("file:bad-name")
        return self._root / name[:2] / name

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self._root)


def _context(institution_id: UUID, sha256: str) -> bytes:
    return b"file/" + institution_id.bytes + bytes.fromhex(sha256)


def _write_through(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link(temporary: Path, place: Path) -> None:
    try:
        os.link(temporary, place)
    except FileExistsError:
        # Someone kept the same bytes in the same instant: the name is their hash, so nothing differs.
        return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
