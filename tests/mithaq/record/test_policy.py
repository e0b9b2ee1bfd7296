"""Policies (C2SP tlog-policy): what is written for a log, and the logs that are read from one."""

import hashlib

import pytest

from mithaq.errors import Refusal
from mithaq.record import note, policy
from mithaq.signing import PrivateKey


def key(name: str, kind: int = note.ED25519) -> note.Verifier:
    return note.Verifier(name, kind, PrivateKey.from_seed(hashlib.sha256(name.encode()).digest()).public)


LOG = key("na.example/x/all/1")
COSIGNERS = [key("nb.example/x/cosigner", note.COSIGNATURE), key("witness.example/heads", note.COSIGNATURE)]


def test_the_policy_of_a_log_asks_for_all_who_cosign_it() -> None:
    assert policy.compile(LOG, COSIGNERS).decode().split("\n") == [
        f"log {LOG.vkey()}",
        f"witness nb.example/x/cosigner {COSIGNERS[0].vkey()}",
        f"witness witness.example/heads {COSIGNERS[1].vkey()}",
        "group others all nb.example/x/cosigner witness.example/heads",
        "quorum others",
        "",
    ]


def test_without_anybody_who_cosigns_there_is_no_quorum() -> None:
    assert policy.compile(LOG, []) == f"log {LOG.vkey()}\nquorum none\n".encode()


def test_the_logs_of_a_policy_are_read_with_or_without_an_address() -> None:
    other = key("nb.example/x/all/1")
    written = b"# ours\n" + policy.compile(LOG, COSIGNERS) + f"\nlog {other.vkey()} https://b.example/\n".encode()
    assert policy.logs_in(written) == (LOG, other)


@pytest.mark.parametrize(
    "written",
    [b"nonsense\n", b"log\n", b"log not+a+key\n", b"\xff\n", f"log {COSIGNERS[0].vkey()}\n".encode()],
)
def test_it_refuses_what_is_no_policy(written: bytes) -> None:
    with pytest.raises(Refusal):
        policy.logs_in(written)


@pytest.mark.parametrize("written", [b"nonsense here\n", b"log\n", b"quorum\n", b"\xff\n"])
def test_a_line_of_an_unknown_word_or_of_one_word_alone_is_malformed(written: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        policy.logs_in(written)
    assert refused.value == Refusal("policy.malformed")
