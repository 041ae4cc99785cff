"""Master keys from files only their owner may read; a fresh data key for everything that is kept secret."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from mediation.errors import MediationError

KEY_BYTES = 32
NONCE_BYTES = 12
WRAP_VERSION = 1
LONGEST_ID = 64


class KeysUnusable(MediationError):
    """The master keys cannot be used: missing, readable by others, malformed, or not the right ones."""


class Unreadable(MediationError):
    """What was sealed does not open: changed since, or sealed for another place."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key for one thing: in the clear for use now, wrapped for keeping."""

    plain: bytes = field(repr=False)
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """What may be written to disk: the wrapped key, the nonce and the ciphertext with its tag."""

    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One master key and what is derived from it; the secret never shows in a repr."""

    id: str
    secret: bytes = field(repr=False)

    def subkey(self, purpose: bytes) -> bytes:
        """Return the 32 bytes that belong to this purpose alone."""
        info = b"mediation/v1/" + purpose
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(self.secret)


class KeyRing:
    """The master keys of this deployment: the first one writes, all of them read."""

    def __init__(self, masters: Sequence[MasterKey]) -> None:
        if not masters:
            raise KeysUnusable("keys:none")
        if len({master.id for master in masters}) < len(masters):
            raise KeysUnusable("keys:same-id-twice")
        self._writing = masters[0]
        self._masters = {master.id: master for master in masters}
        self._wrapping = {master.id: AESGCM(master.subkey(b"wrap")) for master in masters}
        self._token_keys: dict[tuple[str, bytes], bytes] = {}

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Self:
        """Return the ring of all keys in these files; the line marked * writes, else the first one."""
        lines = [line for path in paths for line in _lines_of(path)]
        marked = [line for line in lines if line.startswith("*")]
        if len(marked) > 1:
            raise KeysUnusable("keys:two-writing")
        ordered = marked + [line for line in lines if line not in marked]
        return cls([_parse(line) for line in ordered])

    @property
    def writing_id(self) -> str:
        """Return the id of the master key that wraps what is written now."""
        return self._writing.id

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all master keys that can be read with, the writing one first."""
        return tuple(self._masters)

    def wrap(self, context: bytes) -> DataKey:
        """Return a fresh data key that unwraps only with this same context."""
        plain = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        return DataKey(plain, self._wrap(plain, context))

    def unwrap(self, wrapped_key: bytes, *, context: bytes) -> bytes:
        """Return the data key; refused when its master key is missing or the context is another."""
        header, nonce, body = _split(wrapped_key)
        master_id = header[2:].decode("ascii", "replace")
        if master_id not in self._wrapping:
            raise KeysUnusable("keys:unknown-master", id=master_id)
        return _opened(self._wrapping[master_id], nonce, body, header + context)

    def encrypt(self, plaintext: bytes, *, context: bytes) -> Sealed:
        """Return the plaintext sealed under a data key of its own, bound to this context."""
        key = self.wrap(context)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return Sealed(key.wrapped, nonce, AESGCM(key.plain).encrypt(nonce, plaintext, context))

    def decrypt(self, sealed: Sealed, *, context: bytes) -> bytes:
        """Return what was sealed under this context."""
        key = self.unwrap(sealed.wrapped_key, context=context)
        return _opened(AESGCM(key), sealed.nonce, sealed.ciphertext, context)

    def rewrap(self, wrapped_key: bytes, *, context: bytes) -> bytes:
        """Return the same data key wrapped by the key that writes now; the ciphertext stays as it is."""
        return self._wrap(self.unwrap(wrapped_key, context=context), context)

    def is_current(self, wrapped_key: bytes) -> bool:
        """Return whether this was wrapped by the key that writes now."""
        return _split(wrapped_key)[0][2:] == self._writing.id.encode("ascii")

    def token(self, purpose: bytes, value: bytes) -> bytes:
        """Return 32 bytes that stand for the value: the same each time, without the key not to be guessed."""
        return self._token(self._writing, purpose, value)

    def tokens(self, purpose: bytes, value: bytes) -> tuple[bytes, ...]:
        """Return the value's token under every key, the writing one first, for lookups after a rotation."""
        return tuple(self._token(master, purpose, value) for master in self._masters.values())

    def _token(self, master: MasterKey, purpose: bytes, value: bytes) -> bytes:
        named = (master.id, purpose)
        if named not in self._token_keys:
            self._token_keys[named] = master.subkey(b"token/" + purpose)
        return hmac.new(self._token_keys[named], value, hashlib.sha256).digest()

    def _wrap(self, plain: bytes, context: bytes) -> bytes:
        name = self._writing.id.encode("ascii")
        header = bytes([WRAP_VERSION, len(name)]) + name
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._wrapping[self._writing.id].encrypt(nonce, plain, header + context)


def create_master_key_file(path: Path) -> str:
    """Write a new file with one fresh master key, readable by its owner only, and return the key's id."""
    master_id, line = _fresh_line()
    _write_new(path, line + "\n")
    return master_id


def rotate_master_key_file(path: Path) -> str:
    """Put a fresh master key on top of the file, which from now on writes, and return its id."""
    kept = [line.removeprefix("*") for line in _lines_of(path)]
    master_id, line = _fresh_line()
    fresh = path.with_name(f".{path.name}.{master_id}")
    _write_new(fresh, "\n".join([line, *kept]) + "\n")
    os.replace(fresh, path)
    _sync_folder(path.parent)
    return master_id


def ring_of(session: Session) -> KeyRing:
    """Return the ring that the rim handed to this database session."""
    ring = session.info["ring"]
    assert isinstance(ring, KeyRing)
    return ring


def pack(sealed: Sealed) -> bytes:
    """Return a sealed value as one column keeps it: lengths, then the three parts."""
    head = len(sealed.wrapped_key).to_bytes(2) + len(sealed.nonce).to_bytes(1)
    return head + sealed.wrapped_key + sealed.nonce + sealed.ciphertext


def unpack(kept: bytes) -> Sealed:
    """Return the sealed value that `pack` wrote."""
    cut = 3 + int.from_bytes(kept[:2])
    end = cut + kept[2]
    return Sealed(kept[3:cut], kept[cut:end], kept[end:])


def _lines_of(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            _check_private(os.fstat(file.fileno()), path)
            text = file.read().decode("ascii")
    except UnicodeDecodeError:
        raise KeysUnusable("keys:malformed", path=str(path)) from None
    except OSError as error:
        raise KeysUnusable("keys:missing", path=str(path), why=error.strerror) from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _check_private(status: os.stat_result, path: Path) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode) or mode not in (0o600, 0o400):
        raise KeysUnusable("keys:readable-by-others", path=str(path), mode=f"{mode:04o}")
    if status.st_uid != os.geteuid():
        raise KeysUnusable("keys:owned-by-another", path=str(path))


def _parse(line: str) -> MasterKey:
    master_id, colon, encoded = line.removeprefix("*").partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        secret = b""
    well_named = colon and 0 < len(master_id) <= LONGEST_ID and master_id.isprintable()
    if not well_named or len(secret) != KEY_BYTES:
        raise KeysUnusable("keys:malformed", id=master_id[:LONGEST_ID])
    return MasterKey(master_id, secret)


def _split(wrapped_key: bytes) -> tuple[bytes, bytes, bytes]:
    if len(wrapped_key) < 2 or wrapped_key[0] != WRAP_VERSION:
        raise Unreadable("sealed:not-ours")
    end = 2 + wrapped_key[1]
    return wrapped_key[:end], wrapped_key[end : end + NONCE_BYTES], wrapped_key[end + NONCE_BYTES :]


def _opened(cipher: AESGCM, nonce: bytes, body: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, body, context)
    except (InvalidTag, ValueError):
        raise Unreadable("sealed:changed") from None


def _fresh_line() -> tuple[str, str]:
    master_id = "k" + secrets.token_hex(4)
    return master_id, f"{master_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _write_new(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise KeysUnusable("keys:file-exists", path=str(path)) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
