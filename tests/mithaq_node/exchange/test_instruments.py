"""Two instruments of the same two parties, each with its folders: nothing of one reaches the other."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.exchange import answer
from mithaq.exchange.session import Link
from mithaq.instrument.law import Limits
from mithaq.instrument.sealing import Sealed
from mithaq_node.peer.door import Door
from mithaq_node.services import calling, delivering, outgoing, pairing, seat
from mithaq_node.services.calling import path_of
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests.mithaq_node import meadow, pair
from tests.mithaq_node.neighbours import posted

SECRET = b"Said under one instrument alone."
TOLD = {**meadow.INCIDENT, "account": {"lang": "en", "text": SECRET.decode()}}
REAL, EXERCISE = meadow.NAME, meadow.EXERCISE


class Both:
    """Both parties' nodes under both instruments, and everything that went over a line."""

    def __init__(self, folder: Path) -> None:
        instruments = {REAL: meadow.sealed(), EXERCISE: meadow.exercise()}
        self.folder = folder
        self.nodes = {
            (name, party): self._found(name, party, each)
            for name, each in instruments.items()
            for party in meadow.PARTIES
        }
        for name, instrument in instruments.items():
            pair.introduce(self.nodes[name, "ML"], self.nodes[name, "RL"], instrument.law)
        self.at = {key: Holdings(seat.take(node.folder, {})) for key, node in self.nodes.items()}
        self.doors = {key: Door(holdings.seat, lambda: meadow.NOW) for key, holdings in self.at.items()}
        self.carried: dict[str, list[bytes]] = {REAL: [], EXERCISE: []}
        for holdings in self.at.values():
            pair.enter(holdings.seat)

    def _found(self, name: str, party: str, instrument: Sealed) -> Any:
        port = 9200 + len(name) + list(meadow.PARTIES).index(party)
        return pair.found(self.folder / name / party, party, port, instrument=instrument)

    def settle(self, name: str) -> None:
        """Everything that one instrument's nodes have for each other."""
        links = dict.fromkeys(meadow.PARTIES, Link())
        for sender, to in (("ML", "RL"), ("RL", "ML")) * 3:
            holdings = self.at[name, sender]
            peer = holdings.seat.peers[to]

            def carry(body: bytes, fields: Mapping[str, str], to: str = to, host: str = peer.authority) -> bytes:
                self.carried[name].append(body)
                return posted(self.doors[name, to], path_of(body), body, {**fields, "Host": host})

            links[sender] = delivering.send(holdings, peer, links[sender], carry, meadow.NOW)

    def files(self, name: str) -> Iterator[Path]:
        """Everything that the nodes of one instrument keep, but for its own text."""
        yield from (path for path in (self.folder / name).rglob("*") if path.is_file())


@pytest.fixture
def both(tmp_path: Path, django_db_blocker: Any) -> Iterator[Both]:
    with django_db_blocker.unblock():
        made = Both(tmp_path)
    yield made
    for holdings in made.at.values():
        holdings.close()


@pytest.mark.parametrize(("told", "other"), [(REAL, EXERCISE), (EXERCISE, REAL)])
def test_nothing_that_is_told_under_one_is_kept_or_carried_under_the_other(both: Both, told: str, other: str) -> None:
    taken = both.at[told, "ML"].seat
    pair.release(both.at[told, "ML"], [pair.notice(taken, 1, content=TOLD)])
    for name in (REAL, EXERCISE):
        both.settle(name)
    marks = (SECRET, f"/{told}/".encode())
    assert any(marks[1] in body for body in both.carried[told])
    for body in both.carried[other]:
        assert not any(mark in body for mark in marks)
    for path in both.files(other):
        assert not any(mark in path.read_bytes() for mark in marks), path
    river = both.at[told, "RL"]
    assert river.theirs(river.seat.peers["ML"]).size == both.at[told, "ML"].own().size
    river = both.at[other, "RL"]
    assert {log.origin.split("/")[1] for log in record.logs(river.conn, river.engine)} == {other}


def test_what_was_signed_for_one_is_refused_at_the_door_of_the_other(both: Both) -> None:
    holdings = both.at[REAL, "ML"]
    peer = holdings.seat.peers["RL"]
    own, held = outgoing.secured(holdings, peer)
    sent = outgoing.prepare(holdings, own, Link(), held, meadow.NOW)
    fields = calling.signed_fields(holdings, peer, sent.encoded, Link(), meadow.NOW.seconds)
    door = both.doors[EXERCISE, "RL"]
    for host in (peer.authority, both.at[EXERCISE, "ML"].seat.peers["RL"].authority):
        said = answer.decode(posted(door, "/deliver", sent.encoded, {**fields, "Host": host}), Limits())
        assert said.code in ("request.other-authority", "request.bad-signature", "request.other-key")
    exercise = both.at[EXERCISE, "RL"]
    assert exercise.theirs(exercise.seat.peers["ML"]).size == 0


def test_a_card_of_one_does_not_pair_with_a_node_of_the_other(both: Both) -> None:
    card = both.nodes[REAL, "RL"].own_card.read_bytes()
    with pytest.raises(Refusal) as caught:
        pairing.read_card(encoded=card, law=meadow.exercise().law, own_party="ML")
    assert caught.value.code == "card.other-instrument"
