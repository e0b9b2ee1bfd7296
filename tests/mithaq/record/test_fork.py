"""Two heads that no one list of entries can have, shown to whoever has the log's key; and heads that show nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.record import checkpoint, fork, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.fork import Past, ShownFork
from mithaq.signing import PrivateKey

ORIGIN = "a.example/x/all/1"
KEY = PrivateKey.from_seed(b"\x07" * 32)
LOG = note.Verifier(ORIGIN, note.ED25519, KEY.public)


def of_log(_size: int) -> list[note.Verifier]:
    return [LOG]


def tree(size: int, parted_at: int | None = None) -> merkle.Tree:
    """A log of `size` entries; from `parted_at` on, in another history."""
    told = ("one" if parted_at is None or index < parted_at else "other" for index in range(size))
    return merkle.Tree(merkle.leaf_hash(b"%d %s" % (index, word.encode())) for index, word in enumerate(told))


def signed(held: merkle.Tree, origin: str = ORIGIN, key: PrivateKey = KEY) -> bytes:
    return checkpoint.sign(Checkpoint(origin, len(held), held.root()), key)


def shown(held: int, other: int, parted_at: int) -> ShownFork | None:
    """What a party that holds the one history can show when the head of the other comes with its own proof."""
    ours, theirs = tree(held), tree(other, parted_at)
    old = min(held, other)
    proof = merkle.consistency_proof(old, other, theirs.subtree)
    return fork.show(signed(ours), signed(theirs), old, proof, ours.subtree)


sizes = st.integers(1, 70)


@given(held=sizes, other=sizes, data=st.data())
def test_a_fork_is_shown_unless_the_longer_head_leaves_its_past_at_a_power_of_two_untold(
    held: int, other: int, data: st.DataObject
) -> None:
    parted_at = data.draw(st.integers(0, min(held, other) - 1))
    found = shown(held, other, parted_at)
    if other > held and held.bit_count() == 1:
        assert found is None
        return
    assert found is not None
    heads = found.verify(of_log)
    assert [head.size for head in heads] == [held, other]
    assert found.size == min(held, other)


@given(held=sizes, other=sizes)
def test_two_heads_of_one_history_show_nothing(held: int, other: int) -> None:
    ours, theirs = tree(held), tree(other)
    old = min(held, other)
    proof = merkle.consistency_proof(old, other, theirs.subtree)
    assert fork.show(signed(ours), signed(theirs), old, proof, ours.subtree) is None


@given(held=sizes, other=sizes, data=st.data())
def test_nobody_can_make_a_fork_out_of_one_history(held: int, other: int, data: st.DataObject) -> None:
    """Whatever pasts and proofs are claimed: heads of one list lead back to one past."""
    ours, theirs = tree(held), tree(other)
    size = data.draw(st.integers(1, min(held, other)))
    root, false = ours.root(size), tree(size, 0).root()
    proofs = [merkle.consistency_proof(size, len(each), each.subtree) for each in (ours, theirs)]
    for pasts in ((root, root), (root, false), (false, root), (false, false)):
        first, second = (Past(past, proof) for past, proof in zip(pasts, proofs, strict=True))
        with pytest.raises(Refusal, match=r"fork\.not-shown"):
            ShownFork((signed(ours), signed(theirs)), size, (first, second)).verify(of_log)


def test_it_refuses_a_head_that_another_key_signed() -> None:
    found = shown(9, 11, 3)
    assert found is not None
    forged = replace(found, heads=(found.heads[0], signed(tree(11, 3), key=PrivateKey.from_seed(b"\x08" * 32))))
    with pytest.raises(Refusal, match=r"note\."):
        forged.verify(of_log)


def test_it_refuses_heads_of_two_logs() -> None:
    found = shown(9, 9, 3)
    assert found is not None
    other = "b.example/x/all/1"
    elsewhere = replace(found, heads=(found.heads[0], signed(tree(9, 3), origin=other)))
    with pytest.raises(Refusal, match=r"fork\.two-logs"):
        elsewhere.verify(lambda _: [LOG, note.Verifier(other, note.ED25519, KEY.public)])
    assert fork.show(*elsewhere.heads, 9, (), tree(9).subtree) is None


@pytest.mark.parametrize("size", [0, 10, -1])
def test_it_refuses_a_size_that_a_head_does_not_reach(size: int) -> None:
    found = shown(9, 9, 3)
    assert found is not None
    with pytest.raises(Refusal, match=r"fork\.not-shown"):
        replace(found, size=size).verify(of_log)


def test_an_empty_head_contradicts_nothing() -> None:
    ours, nothing = tree(5), merkle.Tree()
    assert fork.show(signed(ours), signed(nothing), 0, (), ours.subtree) is None
    assert fork.show(signed(nothing), signed(ours), 0, (), nothing.subtree) is None


@given(new=st.integers(2, 70), data=st.data())
def test_a_proof_tells_the_root_of_its_past_unless_that_is_the_verifiers_own(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    held = tree(new)
    proof = merkle.consistency_proof(old, new, held.subtree)
    expected = None if old.bit_count() == 1 else held.root(old)
    assert merkle.past_root(old, new, held.root(), proof) == expected
    assert merkle.past_root(old, new, tree(new, 0).root(), proof) is None
    assert merkle.past_root(old, new, held.root(), [*proof, bytes(32)]) is None
    assert merkle.past_root(old, new, held.root(), [each[:-1] for each in proof]) is None


def test_the_key_of_each_head_is_asked_for_by_its_size() -> None:
    found, asked = shown(9, 11, 3), list[int]()
    assert found is not None

    def of_size(size: int) -> list[note.Verifier]:
        asked.append(size)
        return [LOG]

    found.verify(of_size)
    assert asked == [9, 11]


@pytest.mark.parametrize("other", [5, 9])
def test_what_came_with_a_head_that_is_not_longer_counts_for_nothing(other: int) -> None:
    ours, theirs = tree(9), tree(other, 3)
    found = fork.show(signed(ours), signed(theirs), 7, (bytes(32),), ours.subtree)
    assert found is not None
    assert found.size == other
    assert found.pasts[1] == Past(theirs.root())
    found.verify(of_log)


def test_a_head_of_nothing_with_a_root_of_its_own_shows_nothing() -> None:
    ours, nothing = tree(5), checkpoint.sign(Checkpoint(ORIGIN, 0, bytes(32)), KEY)
    assert fork.show(signed(ours), nothing, 0, (), ours.subtree) is None


def test_a_past_that_the_proof_begins_from_is_not_told_by_it() -> None:
    """Over an empty past, over the whole, and at a power of two a proof says nothing of its own."""
    beside = bytes(32)
    assert merkle.past_root(1, 2, merkle.node_hash(merkle.EMPTY_ROOT, beside), [beside]) is None
    assert merkle.past_root(5, 5, merkle.EMPTY_ROOT, []) is None
    assert merkle.past_root(0, 5, tree(5).root(), []) is None


def test_a_proof_whose_hashes_are_cut_elsewhere_tells_nothing() -> None:
    """Two hashes one after the other are the same bytes wherever they are cut; only their length says where."""
    held = tree(4)
    first, second, third = merkle.consistency_proof(3, 4, held.subtree)
    assert merkle.past_root(3, 4, held.root(), [first, second, third]) == held.root(3)
    assert merkle.past_root(3, 4, held.root(), [first + second[:1], second[1:], third]) is None
