"""Trees against the definition of RFC 6962, written as it stands there; and every small damage is noticed."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.record import merkle

LEAVES = [merkle.leaf_hash(b"entry %d" % index) for index in range(600)]


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*path(index, leaves[:split]), mth(leaves[split:])]
    return [*path(index - split, leaves[split:]), mth(leaves[:split])]


def subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """RFC 6962 section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    split = _split(len(leaves))
    if old <= split:
        return [*subproof(old, leaves[:split], whole), mth(leaves[split:])]
    return [*subproof(old - split, leaves[split:], False), mth(leaves[:split])]


def _split(size: int) -> int:
    split = 1
    while split * 2 < size:
        split *= 2
    return split


TREE = merkle.Tree(LEAVES)
ROOTS = [mth(LEAVES[:size]) for size in range(71)]


def test_it_proves_every_entry_and_prefix_of_every_small_tree() -> None:
    for size in range(1, 71):
        assert TREE.root(size) == ROOTS[size]
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, TREE.subtree)
            assert list(proof) == path(index, LEAVES[:size])
            assert merkle.verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, TREE.subtree)
            assert list(proof) == subproof(old, LEAVES[:size], True)
            assert merkle.verify_consistency(old, size, ROOTS[old], ROOTS[size], proof)


def test_it_proves_every_subtree_of_every_small_tree() -> None:
    for size in range(1, 41):
        for start in range(size):
            for end in range(start + 1, size + 1):
                if not merkle.is_subtree(start, end, size):
                    continue
                proof = merkle.subtree_consistency_proof(start, end, size, TREE.subtree)
                part = mth(LEAVES[start:end])
                assert merkle.verify_subtree_consistency(start, end, size, part, ROOTS[size], proof)
                assert not merkle.verify_subtree_consistency(start, end, size, LEAVES[-1], ROOTS[size], proof)


@settings(max_examples=60)
@given(st.integers(0, 300), st.integers(0, 300))
def test_growing_tells_every_subtree_that_the_new_leaves_complete(held: int, fresh: int) -> None:
    size = held + fresh
    growth = merkle.Frontier().extend(LEAVES[:held]).grow(LEAVES[held:size])
    assert (growth.before.size, growth.after.root()) == (held, mth(LEAVES[:size]))
    assert list(growth.leaf_hashes) == LEAVES[held:size]
    for level in range(10):
        width = 1 << level
        told = growth.completed[level] if level < len(growth.completed) else []
        numbers = range(held // width, size // width)
        assert list(told) == [mth(LEAVES[at * width : (at + 1) * width]) for at in numbers]


def test_no_entry_is_proven_at_another_place_of_a_small_tree() -> None:
    for size in range(1, 20):
        proofs = [merkle.inclusion_proof(index, size, TREE.subtree) for index in range(size)]
        for index, proof in enumerate(proofs):
            held = [at for at in range(size) if merkle.verify_inclusion(at, size, LEAVES[index], proof, ROOTS[size])]
            assert held == [index]


@settings(max_examples=60)
@given(st.integers(1, 600), st.data())
def test_the_fast_tree_is_the_tree_of_the_definition(size: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, size))
    frontier = merkle.Frontier().extend(LEAVES[:cut]).extend(LEAVES[cut:size])
    assert frontier.root() == TREE.root(size) == mth(LEAVES[:size])
    assert merkle.Frontier.decode(frontier.encode()) == frontier
    assert merkle.Frontier.at(size, lambda start, end: mth(LEAVES[start:end])) == frontier
    index = data.draw(st.integers(0, size - 1))
    assert list(merkle.inclusion_proof(index, size, TREE.subtree)) == path(index, LEAVES[:size])
    if cut:
        assert list(merkle.consistency_proof(cut, size, TREE.subtree)) == subproof(cut, LEAVES[:size], True)


def flips(value: bytes) -> list[bytes]:
    """Every value one bit away."""
    return [
        value[:at] + bytes([value[at] ^ 1 << bit]) + value[at + 1 :] for at in range(len(value)) for bit in range(8)
    ]


@settings(max_examples=8)
@given(st.integers(2, 300), st.data())
def test_every_single_bit_of_a_proof_of_inclusion_matters(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaf, root = LEAVES[index], TREE.root(size)
    proof = list(merkle.inclusion_proof(index, size, TREE.subtree))
    assert merkle.verify_inclusion(index, size, leaf, proof, root)
    assert not any(merkle.verify_inclusion(index, size, other, proof, root) for other in flips(leaf))
    assert not any(merkle.verify_inclusion(index, size, leaf, proof, other) for other in flips(root))
    for at, each in enumerate(proof):
        for other in flips(each):
            assert not merkle.verify_inclusion(index, size, leaf, [*proof[:at], other, *proof[at + 1 :]], root)
    for bit in range(10):
        assert not merkle.verify_inclusion(index ^ 1 << bit, size, leaf, proof, root)
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, root], root)
    assert not merkle.verify_inclusion(index, size, leaf, proof[:-1], root)


@settings(max_examples=8)
@given(st.integers(2, 300), st.data())
def test_every_single_bit_of_a_proof_of_consistency_matters(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    first, second = TREE.root(old), TREE.root(new)
    proof = list(merkle.consistency_proof(old, new, TREE.subtree))
    assert merkle.verify_consistency(old, new, first, second, proof)
    assert not any(merkle.verify_consistency(old, new, other, second, proof) for other in flips(first))
    assert not any(merkle.verify_consistency(old, new, first, other, proof) for other in flips(second))
    for at, each in enumerate(proof):
        for other in flips(each):
            assert not merkle.verify_consistency(old, new, first, second, [*proof[:at], other, *proof[at + 1 :]])
    assert not merkle.verify_consistency(old, new, first, second, proof[:-1])
    assert not merkle.verify_consistency(old, new, first, second, [*proof, second])


def test_every_single_bit_of_the_sizes_of_a_proof_matters() -> None:
    """A path of one shape fits several sizes, so what is checked is that another size never fits the same *roots*.

    A proof says "this root is that of this size" only together with the signed checkpoint, which holds both. What the
    proof alone must exclude is a size whose path has another shape, and every old size but its own.
    """
    for new in range(2, 41):
        for old in range(1, new):
            proof = merkle.consistency_proof(old, new, TREE.subtree)
            for other in range(1, new):
                holds = merkle.verify_consistency(other, new, ROOTS[old], ROOTS[new], proof)
                assert holds is (other == old)


@pytest.mark.parametrize("old, new", [(-1, 4), (5, 4), (1, -1)])
def test_it_makes_no_proof_of_a_prefix_that_is_none(old: int, new: int) -> None:
    with pytest.raises(Refusal, match=r"record\.no-such-prefix"):
        merkle.consistency_proof(old, new, TREE.subtree)
    assert not merkle.verify_consistency(old, new, ROOTS[1], ROOTS[4], [])


@pytest.mark.parametrize("index, size", [(-1, 4), (4, 4), (0, 0)])
def test_it_makes_no_proof_of_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(Refusal, match=r"record\.no-such-entry"):
        merkle.inclusion_proof(index, size, TREE.subtree)
    assert not merkle.verify_inclusion(index, size, LEAVES[0], [], LEAVES[0])


def test_it_makes_no_proof_of_a_subtree_that_is_not_aligned() -> None:
    with pytest.raises(Refusal, match=r"record\.no-such-subtree"):
        merkle.subtree_consistency_proof(1, 3, 8, TREE.subtree)


@pytest.mark.parametrize("encoded", [b"", b"\0" * 7, b"\0" * 7 + b"\1", b"\0" * 8 + b"\0" * 32])
def test_it_refuses_a_frontier_whose_hashes_do_not_fit_its_size(encoded: bytes) -> None:
    with pytest.raises(Refusal, match=r"record\.bad-frontier"):
        merkle.Frontier.decode(encoded)


def test_the_empty_tree_has_the_hash_of_nothing_and_grows_without_proof() -> None:
    assert merkle.Frontier().root() == TREE.root(0) == merkle.EMPTY_ROOT
    assert merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, ROOTS[5], [])
    assert not merkle.verify_consistency(0, 5, ROOTS[1], ROOTS[5], [])
    assert not merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, ROOTS[5], [ROOTS[1]])
    assert not merkle.verify_consistency(0, 0, merkle.EMPTY_ROOT, ROOTS[5], [])
