"""Two holders of one log: the same up to where, and from which entry on not."""

import pytest

from mithaq.record import checkpoint, merkle, reconcile
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"\x07" * 32)


def holding(entries: list[bytes], origin: str = "a.example/x/all/1") -> reconcile.Holding:
    tree = merkle.Tree(map(merkle.leaf_hash, entries))
    head = Checkpoint(origin, len(entries), tree.root())
    return reconcile.Holding(head, checkpoint.sign(head, KEY), tree.subtree)


ENTRIES = [b"entry %d" % index for index in range(37)]


def test_a_shorter_holder_has_the_same_as_far_as_it_goes() -> None:
    assert reconcile.compare(holding(ENTRIES), holding(ENTRIES[:20])) == reconcile.Same(20, 37)


@pytest.mark.parametrize("index", range(37))
def test_it_names_the_first_differing_entry(index: int) -> None:
    other = [*ENTRIES[:index], b"another", *ENTRIES[index + 1 : -1], b"yet another"]
    fork = reconcile.compare(holding(ENTRIES), holding(other))
    assert isinstance(fork, reconcile.Fork)
    assert fork.index == index
    assert [checkpoint.parse(signed.split(b"\n\n")[0] + b"\n").origin for signed in fork.evidence] == [
        "a.example/x/all/1"
    ] * 2


def test_two_logs_are_not_compared() -> None:
    origins = ("a.example/x/all/1", "b.example/x/all/1")
    assert reconcile.compare(*(holding(ENTRIES, origin) for origin in origins)) == reconcile.Strangers(origins)


def test_two_roots_of_one_size_are_a_fork_by_themselves() -> None:
    head = holding(ENTRIES).head
    assert reconcile.is_fork(head, holding([*ENTRIES[:-1], b"x"]).head)
    assert not reconcile.is_fork(head, head)
    assert not reconcile.is_fork(head, holding(ENTRIES[:3]).head)
