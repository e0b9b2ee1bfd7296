"""Judging heads: which answer, in which order, and what is kept as evidence."""

import pytest

from mithaq.record import checkpoint, merkle, note, witness
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"\x07" * 32)
ORIGIN = "a.example/x/all/1"
LOGS = {ORIGIN: [note.Verifier(ORIGIN, note.ED25519, KEY.public)]}
TREE = merkle.Tree(merkle.leaf_hash(b"entry %d" % index) for index in range(9))


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, TREE.root(size))


def ask(old: int, new: Checkpoint, *, proof: tuple[bytes, ...] | None = None, key: PrivateKey = KEY) -> bytes:
    hashes = merkle.consistency_proof(old, new.size, TREE.subtree) if proof is None else proof
    return witness.Request(old, hashes, checkpoint.sign(new, key)).encode()


HELD = {ORIGIN: head(4)}


def test_it_accepts_a_head_that_extends_what_it_holds() -> None:
    answer = witness.judge(ask(4, head(9)), LOGS, HELD)
    assert answer == witness.Accepted(head(9), head(9).text())


def test_it_accepts_the_same_head_again() -> None:
    assert isinstance(witness.judge(ask(4, head(4)), LOGS, HELD), witness.Accepted)


def test_it_accepts_a_first_head_without_proof() -> None:
    assert isinstance(witness.judge(ask(0, head(9)), LOGS, {}), witness.Accepted)


def rejected(body: bytes, held: dict[str, Checkpoint] = HELD) -> tuple[int, str]:
    answer = witness.judge(body, LOGS, held)
    assert isinstance(answer, witness.Rejected)
    if answer.status in (409, 422):
        assert answer.evidence is not None, "a head that the log signed is kept"
    return answer.status, answer.refusal.code


@pytest.mark.parametrize("body", [b"", b"old 4\n", b"new 4\n\n" + checkpoint.sign(head(9), KEY), b"old 04\n\nx\n"])
def test_a_malformed_request_is_400(body: bytes) -> None:
    assert rejected(body)[0] == 400


def test_an_unknown_log_is_404_before_its_signature_is_looked_at() -> None:
    assert rejected(ask(0, Checkpoint("other.example", 9, TREE.root()))) == (404, "witness.unknown-log")


def test_a_wrong_signature_is_403() -> None:
    stranger = PrivateKey.from_seed(b"\x08" * 32)
    assert rejected(ask(4, head(9), key=stranger)) == (403, "note.no-known-signature")


def test_a_log_that_shrinks_is_400() -> None:
    assert rejected(ask(9, head(3), proof=())) == (400, "witness.shrinks")


def test_another_old_size_is_409_and_says_which_is_held() -> None:
    answer = witness.judge(ask(3, head(9)), LOGS, HELD)
    assert isinstance(answer, witness.Rejected)
    assert (answer.status, answer.conflict) == (409, 4)


def test_a_second_history_is_422_and_the_head_is_kept_as_evidence() -> None:
    fork = Checkpoint(ORIGIN, 9, merkle.node_hash(TREE.root(8), TREE.root(1)))
    answer = witness.judge(ask(4, fork), LOGS, HELD)
    assert isinstance(answer, witness.Rejected)
    assert (answer.status, answer.refusal.code) == (422, "witness.bad-proof")
    assert answer.evidence == checkpoint.sign(fork, KEY)


def test_another_root_at_the_same_size_is_422() -> None:
    assert rejected(ask(4, Checkpoint(ORIGIN, 4, TREE.root(3)))) == (422, "witness.other-root")


def test_a_proof_from_nothing_or_a_root_of_nothing_is_422() -> None:
    assert rejected(ask(0, head(9), proof=(TREE.root(1),)), {}) == (422, "witness.bad-proof")
    assert rejected(ask(0, Checkpoint(ORIGIN, 0, TREE.root(1))), {})[0] == 422
