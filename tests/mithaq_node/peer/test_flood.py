"""A counterpart that asks far more often than agreed pays for it alone: what is beyond is refused before anything is
decoded, read or written, its own link slows down, and our officers go on."""

from collections.abc import Mapping
from typing import Any

import pytest

from mithaq.exchange import delivery
from mithaq.moments import Moment
from mithaq_node.services import delivering
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.pair import feed
from tests.mithaq_node.peer.test_door import Visit, visit

__all__ = ["visit"]

AGREED = 5
BEYOND = 20


def flooded(visit: Visit) -> Visit:
    """A door whose counterpart has asked as often in this minute as was agreed."""
    visit.door._windows["ML"].most_per_minute = AGREED
    for _ in range(AGREED):
        assert visit.call(visit.environ(visit.delivery()))[1].ok
    return visit


def test_what_is_beyond_what_was_agreed_is_refused_unread_and_writes_nothing(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooded(visit)
    asked = [visit.environ(visit.delivery()) for _ in range(BEYOND)]
    written: int = visit.holdings.conn.total_changes  # type: ignore[attr-defined]  # SQLite's

    def decode(*_: Any) -> None:
        raise AssertionError("a request beyond what was agreed was read")

    monkeypatch.setattr(delivery, "decode", decode)
    told = [visit.call(environ) for environ in asked]
    assert {(status, said.code) for status, said in told} == {("403 Forbidden", "request.too-many")}
    assert visit.holdings.conn.total_changes == written  # type: ignore[attr-defined]  # SQLite's


def test_our_own_officers_go_on_meanwhile(visit: Visit) -> None:
    flooded(visit)
    rl = visit.nodes.rl
    before = rl.own().size
    for number in range(BEYOND):
        visit.call(visit.environ(visit.delivery()))
        pairs.release(rl, [feed(rl.seat, 1_000 + number)])
    assert rl.own().size == before + BEYOND
    assert rl.doubt() is None


def test_the_senders_link_slows_down_and_everything_arrives_in_the_next_minute(visit: Visit) -> None:
    flooded(visit)
    ml, link = visit.nodes.ml, visit.nodes.links["ML"]

    def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
        named = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in fields.items()}
        environ = visit.environ(body, **named)
        told: list[bytes] = list(visit.door(environ, lambda *_: None))
        return b"".join(told)

    pauses = []
    for _ in range(4):
        link = delivering.send(ml, visit.peer, link, carry, visit.now)
        assert link.code == "request.too-many"
        pauses.append(link.not_before - visit.now.seconds)
    assert pauses == sorted(set(pauses))  # each longer than the one before
    visit.now = Moment(visit.now.seconds + 61)
    link = delivering.send(ml, visit.peer, link, carry, visit.now)
    assert link.code == ""
    assert visit.nodes.copy_of(ml).size == link.held == ml.own().size
