"""What a head of a third party's log is worth that somebody else brought."""

import hashlib
from dataclasses import replace

import pytest

from mithaq.exchange import heads
from mithaq.exchange.accept import Broken, Held
from mithaq.notices.keys import HeldKey, KeyRing
from mithaq.record import checkpoint, cosign, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import Frontier
from mithaq.signing import PrivateKey

LOG = "na.example/example-2031/all/1"
LEAVES = [b"leaf %d" % place for place in range(5)]


def key(name: str) -> PrivateKey:
    return PrivateKey.from_seed(hashlib.sha256(name.encode()).digest())


def tree(leaves: list[bytes]) -> Frontier:
    return Frontier().extend(map(merkle.leaf_hash, leaves))


def held() -> Held:
    """Our copy of the log: five leaves, one log key."""
    log_key = HeldKey(LOG, "log", key("log").public, 0)
    ring = replace(KeyRing(), keys={log_key.public: log_key}, log=LOG)
    return Held(LOG, tree(LEAVES), lambda size: tree(LEAVES[:size]).root(), ring=ring)


def head(leaves: list[bytes], signer: str = "log") -> bytes:
    made = Checkpoint(LOG, len(leaves), tree(leaves).root())
    return checkpoint.sign(made, key(signer))


COSIGNER = note.Verifier("nb.example/example-2031/cosigner", note.COSIGNATURE, key("cosigner").public)


def test_a_head_that_our_copy_leads_to_brings_the_cosignatures_under_it() -> None:
    signed = head(LEAVES[:3])
    text = note.text_of(signed)
    ours = cosign.cosign(text, COSIGNER.name, key("cosigner"), 1_900_000_000)
    strange = cosign.cosign(text, "nc.example/example-2031/cosigner", key("strange"), 1_900_000_000)
    agreeing = heads.judge(signed + strange.line() + ours.line(), held(), [COSIGNER])
    assert agreeing is not None
    assert (agreeing.head.size, agreeing.cosignatures) == (3, (ours,))


def test_a_cosignature_that_does_not_verify_is_not_kept() -> None:
    signed = head(LEAVES[:3])
    forged = cosign.cosign(note.text_of(head(LEAVES[:2])), COSIGNER.name, key("cosigner"), 1_900_000_000)
    agreeing = heads.judge(signed + forged.line(), held(), [COSIGNER])
    assert agreeing is not None
    assert agreeing.cosignatures == ()


def test_another_root_under_the_logs_own_signature_is_a_fork() -> None:
    with pytest.raises(Broken) as caught:
        heads.judge(head([*LEAVES[:2], b"another"]), held(), [])
    assert (caught.value.code, caught.value.data) == ("delivery.fork", {"log": LOG, "size": 3})


@pytest.mark.parametrize(
    "signed",
    [
        head([*LEAVES[:2], b"another"], signer="a stranger"),
        head([*LEAVES, b"beyond our copy"]),
        head([]),
        b"no head at all",
        b"\xff\n\n\xff",
    ],
)
def test_what_the_log_did_not_sign_and_what_cannot_be_compared_says_nothing(signed: bytes) -> None:
    assert heads.judge(signed, held(), [COSIGNER]) is None


def test_a_head_names_its_log_and_anything_else_names_none() -> None:
    assert heads.origin(head(LEAVES)) == LOG
    assert heads.origin(b"no head") == ""
