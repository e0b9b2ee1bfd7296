"""A proof of one entry, shown alone."""

from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq.record import checkpoint, merkle, note, proof
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"\x07" * 32)
LOG = note.Verifier("a.example/x/all/1", note.ED25519, KEY.public)
ENTRIES = [b"entry %d" % index for index in range(5)]
TREE = merkle.Tree(map(merkle.leaf_hash, ENTRIES))
SIGNED = checkpoint.sign(Checkpoint(LOG.name, 5, TREE.root()), KEY)
PROOF = proof.Proof(3, merkle.inclusion_proof(3, 5, TREE.subtree), SIGNED)
GOLDEN = Path(__file__).parents[2] / "golden" / "record"


def test_it_proves_the_entry_and_no_other() -> None:
    assert PROOF.verify(ENTRIES[3], [LOG])[0].size == 5
    with pytest.raises(Refusal, match=r"proof\.does-not-hold"):
        PROOF.verify(ENTRIES[2], [LOG])


def test_it_proves_nothing_under_a_head_that_nobody_known_signed() -> None:
    stranger = note.Verifier(LOG.name, note.ED25519, PrivateKey.from_seed(b"\x08" * 32).public)
    with pytest.raises(Refusal, match=r"note\.no-known-signature"):
        PROOF.verify(ENTRIES[3], [stranger])


def test_what_is_extra_is_carried_and_proves_nothing() -> None:
    carrying = proof.Proof(PROOF.index, PROOF.hashes, SIGNED, b"claimed")
    assert proof.parse(carrying.encode()) == carrying
    assert carrying.verify(ENTRIES[3], [LOG]) == PROOF.verify(ENTRIES[3], [LOG])


@pytest.mark.parametrize(
    "old, new",
    [
        (b"@v1", b"@v2"),
        (b"index 3", b"index 03"),
        (b"index 3", b"index -3"),
        (b"index 3", b"index " + b"9" * 20),
        (b"index 3\n", b""),
        (b"index 3\n", b"index 3\nAAAA\n"),
        (b"index 3\n", b"index 3\n" + (b"A" * 43 + b"=\n") * 62),
        (b"\n\n", b"\n"),
    ],
)
def test_it_refuses_a_proof_that_is_spelt_otherwise(old: bytes, new: bytes) -> None:
    with pytest.raises(Refusal):
        proof.parse(PROOF.encode().replace(old, new))


def test_the_proof_file_has_not_changed() -> None:
    assert PROOF.encode() == (GOLDEN / "proof.tlog-proof").read_bytes()
