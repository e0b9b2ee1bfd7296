"""The loop of the alarm, without waiting for a clock: its looks are the test's."""

from collections.abc import Iterator, Sequence

import pytest

from mithaq.errors import Refusal
from mithaq_node.workers import alarm
from mithaq_node.workers.alarm import Alarm


def run(looks: Sequence[Sequence[str] | Refusal], monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """What was sounded while the loop looked at these one after the other, ten seconds apart."""
    monkeypatch.setattr(alarm, "LOOK", 10.0)
    sounded: list[Sequence[str]] = []
    left: Iterator[Sequence[str] | Refusal] = iter(looks)

    def ringing() -> Sequence[str]:
        found = next(left)
        if isinstance(found, Refusal):
            raise found
        return found

    loop = Alarm(ringing, sounded.append)
    waits = iter([False] * len(looks) + [True])
    monkeypatch.setattr(loop._stopped, "wait", lambda _: next(waits))
    loop.run()
    return sounded


def test_it_sounds_at_once_and_again_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([["ML 4-2"]] * 13, monkeypatch) == [("ML 4-2",)] * 3


def test_what_is_new_sounds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([["ML 4-2"], ["ML 4-2", "ML 5-0"]], monkeypatch) == [("ML 4-2",), ("ML 4-2", "ML 5-0")]


def test_it_is_quiet_when_nothing_rings_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([["ML 4-2"], *[[]] * 20], monkeypatch) == [("ML 4-2",)]


def test_what_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([Refusal("disk.full"), ["ML 4-2"]], monkeypatch) == [("ML 4-2",)]
