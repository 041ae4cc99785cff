"""The record's arithmetic against the published vectors of RFC 6962 and RFC 9162, and against every change of a bit."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from mediation.rules import chain
from mediation.rules.chain import Flaw, Frontier

ORIGIN = "log.example/case/7"
SELECTION = Path(__file__).with_name("merkle_vectors.json")
# The whole collection lies beside the checkout in some places; the selection, one vector of each kind, is here.
WHOLE = Path(__file__).parents[3] / "shared" / "data" / "merkle_vectors.json"
VECTORS = [json.loads(path.read_text("utf-8")) for path in (SELECTION, WHOLE) if path.exists()]
TREE = VECTORS[0]["reference_tree"]
ROOTS = [TREE["root_by_size"][str(size)] for size in range(9)]

Vectors = dict[str, Any]
collections = pytest.mark.parametrize("vectors", VECTORS, ids=["selection", "whole"][: len(VECTORS)])


def h(text: str) -> bytes:
    return bytes.fromhex(text)


def hashes(size: int) -> list[bytes]:
    return [chain.leaf_hash(h(leaf)) for leaf in TREE["leaves_hex"][:size]]


def numbered(size: int) -> list[bytes]:
    return [chain.leaf_hash(bytes([i & 0xFF, i >> 8 & 0xFF])) for i in range(size)]


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits_of(data: bytes) -> Iterator[bytes]:
    return (flipped(data, bit) for bit in range(len(data) * 8))


@collections
def test_every_published_hash(vectors: Vectors) -> None:
    assert len(vectors["hashes"]) == 6
    for vector in vectors["hashes"]:
        assert hashed_as(vector) == h(vector["want"])


def hashed_as(vector: Vectors) -> bytes:
    if vector["kind"] == "empty_root":
        return chain.empty_root()
    if vector["kind"] == "leaf":
        return chain.leaf_hash(h(vector["data_hex"]))
    return chain.node_hash(h(vector["left_hex"]), h(vector["right_hex"]))


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_the_reference_tree(size: int) -> None:
    assert chain.root_of(hashes(size)) == h(ROOTS[size])


@collections
def test_every_published_root(vectors: Vectors) -> None:
    golden = {v["size"]: h(v["root"]) for v in vectors["golden_roots"]["roots"]}
    found = dict(roots_of(numbered(max(golden))))
    assert {size: found[size] for size in golden} == golden


def roots_of(leaf_hashes: list[bytes]) -> Iterator[tuple[int, bytes]]:
    frontier: Frontier = ()
    for size, hashed in enumerate(leaf_hashes):
        frontier = chain.append(frontier, size, hashed)
        yield size + 1, chain.root(frontier, size + 1)


@collections
def test_the_published_audit_paths_are_made_and_verified(vectors: Vectors) -> None:
    assert len(vectors["audit_paths"]) == 5
    for v in vectors["audit_paths"]:
        leaves, index = hashes(v["tree_size"]), v["leaf_index"]
        assert chain.inclusion_proof(leaves, index) == tuple(map(h, v["path"]))
        assert is_included({**v, "leaf_hash": leaves[index].hex(), "proof": v["path"]})


@collections
def test_the_published_consistency_proofs_are_made_and_verified(vectors: Vectors) -> None:
    assert len(vectors["consistency_proofs"]) == 4
    for v in vectors["consistency_proofs"]:
        assert chain.consistency_proof(hashes(v["size2"]), v["size1"]) == tuple(map(h, v["proof"]))
        assert is_consistent(v)


def test_an_entry_of_a_real_certificate_log_is_found_in_it() -> None:
    real = VECTORS[0]["real_log_inclusion"]
    assert chain.leaf_hash(h(real["leaf_data_hex"])) == h(real["leaf_hash"])
    assert is_included({**real, "proof": real["path"]})


@collections
def test_every_published_probe_of_inclusion_is_answered_rightly(vectors: Vectors) -> None:
    probes = vectors["probes_inclusion"]
    assert len(probes) in (23, 98)
    assert [v["file"] for v in probes if is_included(v) is v["want_error"]] == []


@collections
def test_every_published_probe_of_consistency_is_answered_rightly(vectors: Vectors) -> None:
    probes = vectors["probes_consistency"]
    assert len(probes) in (35, 98)
    assert [v["file"] for v in probes if is_consistent(v) is v["want_error"]] == []


def is_included(v: Vectors) -> bool:
    return chain.verify_inclusion(
        leaf_hash=h(v["leaf_hash"]),
        index=v["leaf_index"],
        size=v["tree_size"],
        proof=[h(p) for p in v["proof"]],
        root=h(v["root"]),
    )


def is_consistent(v: Vectors) -> bool:
    return chain.verify_consistency(
        first=v["size1"],
        second=v["size2"],
        first_root=h(v["root1"]),
        second_root=h(v["root2"]),
        proof=[h(p) for p in v["proof"]],
    )


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [(0, 0, []), (-1, 1, []), (1, 1, []), (0, 1, [b"x" * 32]), (2**64 - 1, 1, []), (0, 2, [b"x" * 31])],
)
def test_an_impossible_place_is_never_proved(index: int, size: int, proof: list[bytes]) -> None:
    leaf = chain.leaf_hash(b"")
    assert not chain.verify_inclusion(leaf_hash=leaf, index=index, size=size, proof=proof, root=leaf)


@pytest.mark.parametrize(
    ("first", "second", "first_root", "second_root", "proof", "holds"),
    [
        (0, 0, ROOTS[0], ROOTS[0], [], True),
        (0, 0, ROOTS[1], ROOTS[1], [], False),
        (0, 1, ROOTS[0], ROOTS[1], [], False),
        (2, 1, ROOTS[2], ROOTS[1], [], False),
        (-1, -1, ROOTS[0], ROOTS[0], [], False),
        (1, 1, ROOTS[1], ROOTS[1], [ROOTS[0]], False),
        (1, 1, ROOTS[1], ROOTS[2], [], False),
        (1, 2, ROOTS[1], ROOTS[2], [], False),
    ],
)
def test_trees_at_the_edge_are_consistent_only_when_they_are(
    first: int, second: int, first_root: str, second_root: str, proof: list[str], holds: bool
) -> None:
    answer = chain.verify_consistency(
        first=first,
        second=second,
        first_root=h(first_root),
        second_root=h(second_root),
        proof=[h(p) for p in proof],
    )
    assert answer is holds


def test_a_proof_longer_than_the_tree_is_deep_proves_nothing() -> None:
    first, second = hashes(2)
    of_two = chain.root_of([first, second])
    assert not chain.verify_inclusion(leaf_hash=second, index=0, size=1, proof=[first], root=of_two)


def test_no_proof_is_made_beyond_the_tree() -> None:
    for index in (-1, 3):
        with pytest.raises(ValueError, match="no such leaf"):
            chain.inclusion_proof(hashes(3), index)
    for first in (0, 4):
        with pytest.raises(ValueError, match="no such earlier tree"):
            chain.consistency_proof(hashes(3), first)


def test_every_proof_in_every_tree_up_to_forty_leaves_verifies_and_is_short() -> None:
    leaves = numbered(40)
    roots = [chain.root_of(leaves[:size]) for size in range(41)]
    for size in range(1, 41):
        for n in range(size):
            path = chain.inclusion_proof(leaves[:size], n)
            assert len(path) <= (size - 1).bit_length()
            assert chain.verify_inclusion(leaf_hash=leaves[n], index=n, size=size, proof=path, root=roots[size])
            proof = chain.consistency_proof(leaves[:size], n + 1)
            assert chain.verify_consistency(
                first=n + 1, second=size, first_root=roots[n + 1], second_root=roots[size], proof=proof
            )


trees = st.integers(1, 70).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))
bits = st.integers(0, 255)


@given(trees, bits, st.data())
def test_a_changed_bit_breaks_a_proof_of_inclusion(tree: tuple[int, int], bit: int, data: st.DataObject) -> None:
    size, index = tree
    leaves = numbered(size)
    root, proof = chain.root_of(leaves), list(chain.inclusion_proof(leaves, index))
    parts = [leaves[index], root, *proof]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = flipped(parts[which], bit)
    assert not chain.verify_inclusion(leaf_hash=parts[0], index=index, size=size, proof=parts[2:], root=parts[1])


@given(trees, st.integers(0, 100), st.integers(0, 100))
def test_a_proof_of_inclusion_proves_no_other_place(tree: tuple[int, int], index: int, size: int) -> None:
    leaves = numbered(tree[0])
    proof = chain.inclusion_proof(leaves, tree[1])
    moved = chain.verify_inclusion(
        leaf_hash=leaves[tree[1]], index=index, size=tree[0], proof=proof, root=chain.root_of(leaves)
    )
    assert moved == (index == tree[1])


@given(trees, bits, st.data())
def test_a_changed_bit_breaks_a_proof_of_consistency(tree: tuple[int, int], bit: int, data: st.DataObject) -> None:
    second, first = tree[0], tree[1] + 1
    leaves = numbered(second)
    parts = [chain.root_of(leaves[:first]), chain.root_of(leaves), *chain.consistency_proof(leaves, first)]
    which = data.draw(st.integers(0, len(parts) - 1))
    parts[which] = flipped(parts[which], bit)
    assert not chain.verify_consistency(
        first=first, second=second, first_root=parts[0], second_root=parts[1], proof=parts[2:]
    )


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_frontier_has_the_root_of_the_definition(leaves: list[bytes]) -> None:
    frontier: Frontier = ()
    for size, leaf in enumerate(leaves):
        frontier = chain.append(frontier, size, chain.leaf_hash(leaf))
    assert chain.root(frontier, len(leaves)) == by_definition([chain.leaf_hash(leaf) for leaf in leaves])


def by_definition(leaf_hashes: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, word for word."""
    if not leaf_hashes:
        return hashlib.sha256().digest()
    if len(leaf_hashes) == 1:
        return leaf_hashes[0]
    split = 1
    while split * 2 < len(leaf_hashes):
        split *= 2
    left, right = by_definition(leaf_hashes[:split]), by_definition(leaf_hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_a_frontier_of_another_size_is_refused() -> None:
    for size in (2, 4, -1):
        with pytest.raises(ValueError, match="frontier"):
            chain.append((ROOTS[1].encode(),) * 2, size, b"x" * 32)
    with pytest.raises(ValueError, match="frontier"):
        chain.root((), 1)
    with pytest.raises(ValueError, match="32 bytes"):
        chain.append((), 0, b"short")


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=30,
)


@given(values)
def test_canonical_json_is_that_of_rfc_8785_and_reads_back(value: Any) -> None:
    text = chain.canonical(value)
    assert text == rfc8785.dumps(value)
    assert chain.parse(text) == value


def test_chinese_is_written_as_it_is() -> None:
    assert (
        chain.canonical({"b": "白\n\u007f\u2028", "a": [1, True, None]})
        == '{"a":[1,true,null],"b":"白\\n\x7f\u2028"}'.encode()
    )


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), "\ud800", {"名": 1}, {1: 2}, {"a": b"x"}, (1,), {1}, [[1.5]], {"\ud800": 1}],
    ids=repr,
)
def test_what_is_not_the_same_everywhere_has_no_canonical_form(value: object) -> None:
    with pytest.raises(ValueError):
        chain.canonical(value)


def test_what_is_nested_without_end_has_no_canonical_form() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="deep"):
        chain.canonical(endless)


@pytest.mark.parametrize(
    "text",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"-0",
        b"1e2",
        b"NaN",
        b'"\\u767d"',
        b"",
        b"\xff",
        b"9007199254740992",
        b"[" * 100_000,
    ],
    ids=lambda text: text[:20].decode("latin-1"),
)
def test_a_text_that_is_not_canonical_is_not_read(text: bytes) -> None:
    with pytest.raises(ValueError):
        chain.parse(text)


def test_a_commitment_is_the_published_rule() -> None:
    origin, salt, body = "白/1", bytes(range(32)), b'{"a":1}'
    rule = b"mediation-log/v1\0" + (5).to_bytes(8, "big") + "白/1".encode() + salt + (7).to_bytes(8, "big") + body
    assert chain.commitment(origin, salt, body) == hashlib.sha256(rule).digest()


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="salt"):
        chain.commitment(ORIGIN, bytes(length), b"{}")


def test_every_leaf_commitment_and_root_of_the_derived_logs() -> None:
    for origin, log in VECTORS[0]["derived_two_tier_log"]["logs"].items():
        entries = [(v["seq"], v["leaf_utf8"].encode(), h(v["leaf_hash"])) for v in log["leaves"]]
        assert chain.verify_thread(entries, origin=origin, size=len(entries), root=h(log["root"])).ok
        for v in log["leaves"]:
            # The body of one entry was erased: its place in the tree stays.
            assert v.get("erased") or is_written_again(v, origin)


def is_written_again(v: Vectors, origin: str) -> bool:
    leaf, salt, body = v["leaf_utf8"].encode(), h(v["salt"]), v["body_jcs"].encode()
    shown = chain.read_leaf(leaf)
    again = a_leaf(shown.seq, ts_ms=shown.ts_ms, kind=shown.kind, actor=shown.actor, salt=salt, body=body, log=origin)
    return again == leaf and chain.verify_body(leaf, salt, body)


def a_leaf(
    seq: int,
    *,
    ts_ms: int = 1,
    kind: str = "offer:made",
    actor: str = "lender",
    salt: bytes = bytes(32),
    body: bytes = b"{}",
    log: str = ORIGIN,
) -> bytes:
    committed = chain.commitment(log, salt, body)
    return chain.leaf_bytes(log=log, seq=seq, ts_ms=ts_ms, kind=kind, actor=actor, body_commitment=committed)


def test_a_leaf_reads_back_what_was_written() -> None:
    leaf = a_leaf(3, ts_ms=1_760_000_000_000)
    committed = chain.commitment(ORIGIN, bytes(32), b"{}")
    assert chain.read_leaf(leaf) == chain.Leaf(ORIGIN, 3, 1_760_000_000_000, "offer:made", "lender", committed)


def test_a_leaf_holds_only_what_it_may() -> None:
    whole = {"log": ORIGIN, "kind": "offer:made", "actor": "lender"}
    for seq, ts_ms, committed in [(-1, 0, bytes(32)), (0, -1, bytes(32)), (0, 0, bytes(31))]:
        with pytest.raises(ValueError):
            chain.leaf_bytes(**whole, seq=seq, ts_ms=ts_ms, body_commitment=committed)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"seq": True},
        {"seq": "0"},
        {"seq": -1},
        {"ts": 1.0},
        {"log": 1},
        {"actor": None},
        {"body": "00"},
        {"body": 7},
        {"body": "A" * 64},
        {"more": 1},
    ],
    ids=str,
)
def test_bytes_that_no_leaf_would_have_are_not_read(change: dict[str, object]) -> None:
    changed = json.loads(a_leaf(0)) | change
    with pytest.raises(ValueError):
        chain.read_leaf(json.dumps(changed, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b"[" * 100_000, b"\xff"], ids=lambda t: repr(t[:9]))
def test_bytes_that_are_no_leaf_at_all_are_not_read(text: bytes) -> None:
    with pytest.raises(ValueError):
        chain.read_leaf(text)


def a_thread(size: int) -> tuple[list[tuple[int, bytes, bytes]], bytes]:
    leaves = [a_leaf(seq, ts_ms=1000 + seq // 2) for seq in range(size)]
    entries = [(seq, leaf, chain.leaf_hash(leaf)) for seq, leaf in enumerate(leaves)]
    return entries, chain.root_of(hashed for _, _, hashed in entries)


def replaced(entries: list[tuple[int, bytes, bytes]], seq: int, leaf: bytes) -> list[tuple[int, bytes, bytes]]:
    return [*entries[:seq], (seq, leaf, chain.leaf_hash(leaf)), *entries[seq + 1 :]]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 50])
def test_an_honest_thread_verifies(size: int) -> None:
    entries, root = a_thread(size)
    assert chain.verify_thread(iter(entries), origin=ORIGIN, size=size, root=root) == chain.Verdict(size)


@pytest.mark.parametrize(
    ("harm", "flaw", "seq"),
    [
        (lambda e: e[:4] + e[5:], Flaw.GAP, 4),
        (lambda e: [e[1], e[0], *e[2:]], Flaw.GAP, 0),
        (lambda e: [*e[:3], (3, e[3][1], bytes(32)), *e[4:]], Flaw.HASH, 3),
        (lambda e: [*e[:3], (3, e[3][1] + b" ", e[3][2]), *e[4:]], Flaw.HASH, 3),
        (lambda e: replaced(e, 3, b"{}"), Flaw.FORM, 3),
        (lambda e: replaced(e, 5, a_leaf(5, ts_ms=1002, log="log.example/case/8")), Flaw.LOG, 5),
        (lambda e: replaced(e, 5, a_leaf(6, ts_ms=1002)), Flaw.GAP, 5),
        (lambda e: replaced(e, 5, a_leaf(5, ts_ms=1001)), Flaw.ORDER, 5),
        (lambda e: replaced(e, 5, a_leaf(5, ts_ms=1002, kind="offer:accepted")), Flaw.ROOT, None),
        (lambda e: e[:-1], Flaw.SIZE, 9),
        (lambda e: [*e, (10, a_leaf(10, ts_ms=2000), chain.leaf_hash(a_leaf(10, ts_ms=2000)))], Flaw.SIZE, 10),
        (lambda e: [], Flaw.SIZE, 0),
    ],
)
def test_the_first_flaw_of_a_thread_is_named(harm: Any, flaw: Flaw, seq: int | None) -> None:
    entries, root = a_thread(10)
    verdict = chain.verify_thread(harm(entries), origin=ORIGIN, size=10, root=root)
    assert (verdict.ok, verdict.flaw, verdict.seq) == (False, flaw, seq)


def test_any_changed_bit_of_any_leaf_hash_or_root_is_found() -> None:
    entries, root = a_thread(6)
    for seq, leaf, hashed in entries:
        for changed in bits_of(leaf):
            harmed = [*entries[:seq], (seq, changed, hashed), *entries[seq + 1 :]]
            assert chain.verify_thread(harmed, origin=ORIGIN, size=6, root=root) == chain.Verdict.broken(seq, "hash")
            assert not chain.verify_thread(replaced(entries, seq, changed), origin=ORIGIN, size=6, root=root).ok
        for changed in bits_of(hashed):
            harmed = [*entries[:seq], (seq, leaf, changed), *entries[seq + 1 :]]
            assert chain.verify_thread(harmed, origin=ORIGIN, size=6, root=root).flaw is Flaw.HASH
    assert not any(chain.verify_thread(entries, origin=ORIGIN, size=6, root=r).ok for r in bits_of(root))


def test_a_thread_is_read_one_entry_at_a_time_and_no_further_than_its_first_flaw() -> None:
    entries, root = a_thread(10)
    source = iter(replaced(entries, 3, b"{}"))
    chain.verify_thread(source, origin=ORIGIN, size=10, root=root)
    assert next(source)[0] == 4


def test_a_body_opens_only_with_its_own_leaf_salt_and_text() -> None:
    salt, body = bytes(range(32)), '{"text":"白"}'.encode()
    leaf = a_leaf(0, salt=salt, body=body)
    assert chain.verify_body(leaf, salt, body)
    assert not any(chain.verify_body(leaf, changed, body) for changed in bits_of(salt))
    assert not any(chain.verify_body(leaf, salt, changed) for changed in bits_of(body))
    assert not chain.verify_body(leaf, salt[:16], body)


def test_a_body_does_not_open_in_another_thread_or_without_a_leaf() -> None:
    salt, body = bytes(32), b"{}"
    elsewhere = a_leaf(0, salt=salt, body=body).replace(b"case/7", b"case/8")
    assert chain.read_leaf(elsewhere).log == "log.example/case/8"
    assert not any(chain.verify_body(leaf, salt, body) for leaf in (elsewhere, b"{}", b""))


def test_the_same_body_twice_looks_different() -> None:
    assert chain.commitment(ORIGIN, bytes(32), b"{}") != chain.commitment(ORIGIN, b"\1" * 32, b"{}")


def test_a_verdict_of_the_bodies_names_its_entry() -> None:
    assert chain.Verdict.broken(4, "body") == chain.Verdict(4, Flaw.BODY, 4)
