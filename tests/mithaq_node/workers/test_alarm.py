"""The loop of the alarm, without waiting for a clock: its looks are the test's."""

from collections.abc import Iterator, Sequence

import pytest

from mithaq.errors import Refusal
from mithaq_node.services.alarming import Call
from mithaq_node.workers import alarm
from mithaq_node.workers.alarm import Alarm

FIRST, OTHER = Call("ML 4-2", 1, "watch"), Call("ML 5-0", 1, "watch")


def run(looks: Sequence[Sequence[Call] | Refusal], monkeypatch: pytest.MonkeyPatch) -> list[Sequence[Call]]:
    """What was sounded while the loop looked at these one after the other, ten seconds apart."""
    monkeypatch.setattr(alarm, "LOOK", 10.0)
    sounded: list[Sequence[Call]] = []
    left: Iterator[Sequence[Call] | Refusal] = iter(looks)

    def ringing() -> Sequence[Call]:
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
    assert run([[FIRST]] * 13, monkeypatch) == [(FIRST,)] * 3


def test_what_is_new_sounds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([[FIRST], [FIRST, OTHER]], monkeypatch) == [(FIRST,), (FIRST, OTHER)]


def test_it_is_quiet_when_nothing_rings_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([[FIRST], *[[]] * 20], monkeypatch) == [(FIRST,)]


def test_what_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([Refusal("disk.full"), [FIRST]], monkeypatch) == [(FIRST,)]


def test_the_next_authority_is_called_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    second = Call("ML 4-2", 2, "mines")
    assert run([[FIRST], [second], [second]], monkeypatch) == [(FIRST,), (second,)]
