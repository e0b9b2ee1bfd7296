"""Signatures shared out among threads: the same answers, in the same order, whatever the share."""

import pytest

from mithaq.notices.signatures import Claim, one_by_one
from mithaq.record import note
from mithaq_node.services import verifying
from tests.mithaq.notices.border import private_key

NAME = "ml.example/officer/1"


def claim(number: int) -> Claim:
    """The claim of this number; every seventh is false."""
    key, text = private_key(NAME), b"text %d\n" % number
    signed = note.sign(text if number % 7 else b"another text\n", NAME, key)
    return note.Verifier(NAME, note.ED25519, key.public), text, signed


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 100])
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_every_core_finds_what_one_finds(monkeypatch: pytest.MonkeyPatch, cores: int, count: int) -> None:
    monkeypatch.setattr(verifying, "_CORES", cores)
    verifying._others.cache_clear()
    claims = [claim(number) for number in range(count)]
    assert verifying.on_every_core(claims) == one_by_one(claims) == [bool(number % 7) for number in range(count)]
    verifying._others.cache_clear()


@pytest.mark.parametrize(("given", "used"), [({3}, 1), ({0, 5}, 2), (set(range(64)), 8)])
def test_it_takes_the_cores_that_it_was_given_and_no_more_than_eight(
    monkeypatch: pytest.MonkeyPatch, given: set[int], used: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: given)
    monkeypatch.setattr("os.cpu_count", lambda: 128)
    assert verifying.cores() == used


def test_it_counts_the_machines_where_a_process_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert verifying.cores() == 4
