"""The record's arithmetic: canonical JSON, salted commitments, Merkle heads and proofs (RFC 6962, RFC 9162).

A leaf shows who, when and which kind; its body is only committed to. So a body can be disclosed later and
checked against a root that the other side already holds, or erased without breaking the tree.

Hashes are 32 raw bytes of SHA-256; leaves count from 0. A frontier is the roots of the perfect subtrees that
the leaves so far fall into, the largest first: one hash for each 1 in the binary size.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

HASH_BYTES = 32
SALT_BYTES = 32
LEAF_VERSION = 1
LARGEST_INT = 2**53 - 1
DEEPEST = 64

Frontier = tuple[bytes, ...]
Entry = tuple[int, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one entry shows to everybody who may read its thread; `ts_ms` is milliseconds since 1970 UTC."""

    log: str
    seq: int
    ts_ms: int
    kind: str
    actor: str
    body_commitment: bytes


class Flaw(StrEnum):
    """Why a thread does not verify."""

    GAP = "gap"
    HASH = "hash"
    FORM = "form"
    LOG = "log"
    ORDER = "order"
    SIZE = "size"
    ROOT = "root"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a thread found: `size` good entries, then the first flaw and the place it was found at.

    A root that differs though every entry is sound has no place: an entry was replaced with its hash.
    """

    size: int
    flaw: Flaw | None = None
    seq: int | None = None

    @classmethod
    def broken(cls, seq: int, flaw: str) -> Self:
        """The verdict on a thread whose entries before `seq` are good and whose entry `seq` has this flaw."""
        return cls(seq, Flaw(flaw), seq)

    @property
    def ok(self) -> bool:
        """Whether every entry is there, unaltered and in order, and the root is the stored one."""
        return self.flaw is None


def canonical(value: object) -> bytes:
    """The one JSON text (RFC 8785) of str, int, bool, None, lists and dicts with ASCII keys.

    Raises ValueError for all else: floats, integers beyond ±(2^53 - 1), lone surrogates, nesting beyond 64.
    """
    _check_canonical(value, DEEPEST)
    # A lone surrogate has no UTF-8, which `encode` refuses with a ValueError.
    # For these types Python escapes as RFC 8785 3.2.2 does, and ASCII keys sort alike in UTF-16 and Unicode.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(text: bytes) -> object:
    """The value that a canonical text writes. Raises ValueError for bytes `canonical` would not write."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if canonical(value) != text:
        raise ValueError("not canonical")
    return value


def commitment(origin: str, salt: bytes, body_jcs: bytes) -> bytes:
    """The 32 bytes that bind an entry to its body and hide it; `salt` is 32 random bytes, new for each body.

    SHA-256("mediation-log/v1" 00 len64(origin) origin salt len64(body_jcs) body_jcs), len64 big-endian.
    Source: security.md 1.3. Raises ValueError for a salt of another length.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    name = origin.encode()
    return _sha256(b"mediation-log/v1\x00" + _len64(name) + name + salt + _len64(body_jcs) + body_jcs)


def leaf_bytes(*, log: str, seq: int, ts_ms: int, kind: str, actor: str, body_commitment: bytes) -> bytes:
    """The exact bytes of one leaf, version 1. Raises ValueError for what no leaf may hold."""
    if len(body_commitment) != HASH_BYTES:
        raise ValueError("a commitment has 32 bytes")
    if seq < 0 or ts_ms < 0:
        raise ValueError("positions and times are not negative")
    shown = {"actor": actor, "body": body_commitment.hex(), "kind": kind, "log": log, "seq": seq, "ts": ts_ms}
    return canonical({**shown, "v": LEAF_VERSION})


def read_leaf(leaf: bytes) -> Leaf:
    """What the bytes of a leaf say. Raises ValueError for bytes that `leaf_bytes` would not have written."""
    try:
        shown = json.loads(leaf)
        found = Leaf(
            log=_text(shown["log"]),
            seq=_number(shown["seq"]),
            ts_ms=_number(shown["ts"]),
            kind=_text(shown["kind"]),
            actor=_text(shown["actor"]),
            body_commitment=bytes.fromhex(_text(shown["body"])),
        )
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("not a leaf") from error
    if _written(found) != leaf:
        raise ValueError("not the bytes of a leaf of this version")
    return found


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(00 leaf). Source: RFC 9162 2.1.1."""
    return _sha256(b"\x00" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(01 left right). Source: RFC 9162 2.1.1."""
    return _sha256(b"\x01" + left + right)


def empty_root() -> bytes:
    """The root of a tree without leaves: SHA-256 of nothing."""
    return _sha256(b"")


def append(frontier: Frontier, size: int, leaf_hash: bytes) -> Frontier:
    """The frontier of `size` + 1 leaves. Raises ValueError when the frontier is not one of `size` leaves."""
    _check_frontier(frontier, size)
    _check_hash(leaf_hash)
    kept, merged = list(frontier), leaf_hash
    while size & 1:
        merged = node_hash(kept.pop(), merged)
        size >>= 1
    return (*kept, merged)


def root(frontier: Frontier, size: int) -> bytes:
    """The tree head of `size` leaves. Raises ValueError when the frontier is not one of `size` leaves."""
    _check_frontier(frontier, size)
    return _head_of(frontier)


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The tree head over these leaf hashes. Source: RFC 9162 2.1.1."""
    frontier: Frontier = ()
    size = 0
    for hashed in leaf_hashes:
        frontier, size = append(frontier, size, hashed), size + 1
    return root(frontier, size)


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index`, its sibling first; ValueError beyond the tree. RFC 9162 2.1.3.1."""
    if not 0 <= index < len(leaf_hashes):
        raise ValueError("no such leaf")
    if len(leaf_hashes) == 1:
        return ()
    split = _split(len(leaf_hashes))
    if index < split:
        return (*inclusion_proof(leaf_hashes[:split], index), root_of(leaf_hashes[split:]))
    return (*inclusion_proof(leaf_hashes[split:], index - split), root_of(leaf_hashes[:split]))


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf is at `index` in the tree of `size` leaves with this root. RFC 9162 2.1.3.2."""
    if not 0 <= index < size or not _are_hashes(leaf_hash, *proof):
        return False
    node, last, head = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            head = node_hash(sibling, head)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            head = node_hash(head, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and head == root


def consistency_proof(leaf_hashes: Sequence[bytes], first: int) -> tuple[bytes, ...]:
    """The proof that the tree of the `first` leaves is where this one began. Source: RFC 9162 2.1.4.1.

    Raises ValueError unless 0 < `first` <= number of leaves: an empty tree is where every tree began.
    """
    if not 0 < first <= len(leaf_hashes):
        raise ValueError("no such earlier tree")
    return _subproof(leaf_hashes, first, is_whole=True)


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the first tree is where the second began: nothing rewritten since. Source: RFC 9162 2.1.4.2.

    Trees of one size must have one root and an empty proof; from an empty one to a larger one proves nothing.
    """
    if first == second >= 0:
        return not proof and first_root == second_root and (first > 0 or first_root == empty_root())
    if not 0 < first < second or not proof or not _are_hashes(first_root, *proof):
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    return _is_consistent(first, second, first_root=first_root, second_root=second_root, path=path)


def verify_thread(entries: Iterable[Entry], *, origin: str, size: int, root: bytes) -> Verdict:
    """What is found when a thread's (seq, leaf, leaf hash), in order of seq, meet its stored size and root.

    Reads one entry at a time and keeps the frontier alone.
    """
    frontier: Frontier = ()
    count = 0
    last_ts = 0
    for seq, leaf, hashed in entries:
        if count == size:
            return Verdict.broken(count, Flaw.SIZE)
        flaw, last_ts = _look_at(seq, leaf, hashed, origin=origin, expected=count, last_ts=last_ts)
        if flaw is not None:
            return Verdict.broken(count, flaw)
        frontier, count = append(frontier, count, hashed), count + 1
    if count != size:
        return Verdict.broken(count, Flaw.SIZE)
    if _head_of(frontier) != root:
        return Verdict(count, Flaw.ROOT)
    return Verdict(count)


def verify_body(leaf: bytes, salt: bytes, body_jcs: bytes) -> bool:
    """Whether this body, with this salt, is the one that the leaf committed to."""
    try:
        shown = read_leaf(leaf)
        return commitment(shown.log, salt, body_jcs) == shown.body_commitment
    except ValueError:
        return False


def _check_canonical(value: object, depth: int) -> None:
    if depth == 0:
        raise ValueError("nested too deep")
    if isinstance(value, int):
        if abs(value) > LARGEST_INT:
            raise ValueError("an integer beyond 2^53 - 1 is not the same number everywhere")
    elif isinstance(value, list):
        for item in value:
            _check_canonical(item, depth - 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError("keys are ASCII text")
            _check_canonical(item, depth - 1)
    elif value is not None and not isinstance(value, str):
        raise ValueError(f"{type(value).__name__} has no canonical form here")


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _len64(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a number")
    return value


def _written(leaf: Leaf) -> bytes:
    return leaf_bytes(
        log=leaf.log,
        seq=leaf.seq,
        ts_ms=leaf.ts_ms,
        kind=leaf.kind,
        actor=leaf.actor,
        body_commitment=leaf.body_commitment,
    )


def _check_frontier(frontier: Frontier, size: int) -> None:
    if size < 0 or len(frontier) != size.bit_count():
        raise ValueError("this frontier is not one of that many leaves")


def _head_of(frontier: Frontier) -> bytes:
    if not frontier:
        return empty_root()
    head = frontier[-1]
    for left in reversed(frontier[:-1]):
        head = node_hash(left, head)
    return head


def _check_hash(hashed: bytes) -> None:
    if len(hashed) != HASH_BYTES:
        raise ValueError("a hash has 32 bytes")


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(hashed) == HASH_BYTES for hashed in hashes)


def _split(size: int) -> int:
    """The largest power of two below `size`, for sizes from 2."""
    return 1 << (size - 1).bit_length() - 1


def _subproof(leaf_hashes: Sequence[bytes], first: int, *, is_whole: bool) -> tuple[bytes, ...]:
    if first == len(leaf_hashes):
        return () if is_whole else (root_of(leaf_hashes),)
    split = _split(len(leaf_hashes))
    if first <= split:
        return (*_subproof(leaf_hashes[:split], first, is_whole=is_whole), root_of(leaf_hashes[split:]))
    return (*_subproof(leaf_hashes[split:], first - split, is_whole=False), root_of(leaf_hashes[:split]))


def _is_consistent(first: int, second: int, *, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was = now = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and was == first_root and now == second_root


def _look_at(
    seq: int, leaf: bytes, hashed: bytes, *, origin: str, expected: int, last_ts: int
) -> tuple[Flaw | None, int]:
    if seq != expected:
        return Flaw.GAP, last_ts
    if leaf_hash(leaf) != hashed:
        return Flaw.HASH, last_ts
    try:
        shown = read_leaf(leaf)
    except ValueError:
        return Flaw.FORM, last_ts
    if shown.log != origin:
        return Flaw.LOG, last_ts
    if shown.seq != seq:
        return Flaw.GAP, last_ts
    if shown.ts_ms < last_ts:
        return Flaw.ORDER, last_ts
    return None, shown.ts_ms
