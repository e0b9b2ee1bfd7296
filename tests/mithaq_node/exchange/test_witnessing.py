"""Two neighbours, three neighbours and a witness: who cosigns what, and what the witness gives away."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.record import checkpoint, note, policy
from mithaq_node.services import witness as services
from mithaq_node.services import witnessing
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.witness import Settings, Witness
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence
from tests.mithaq_node import neighbours, pair
from tests.mithaq_node.neighbours import OBSERVER, PARTIES, Neighbours


class Wire:
    """The witness as a node reaches it; it keeps what went over the line."""

    def __init__(self, witness: Witness, three: Neighbours) -> None:
        self.witness, self._three = witness, three
        self.carried: list[bytes] = []

    def get(self, path: str) -> tuple[int, bytes]:
        reply = self.witness.latest(path.split("/")[0])
        return reply.status, reply.body

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        assert path == "add-checkpoint"
        self.carried.append(body)
        reply = self.witness.add_checkpoint(body, self._three.now)
        return reply.status, reply.body


@pytest.fixture
def wire(tmp_path: Path, django_db_blocker: Any) -> Iterator[Wire]:
    """Three neighbours under an instrument that names an observer, whose witness knows their logs."""
    key = services.found(Settings(tmp_path / "witness", "observer.example/heads"))
    with django_db_blocker.unblock():
        three = Neighbours(tmp_path, neighbours.sealed(key.vkey()))
    for party in PARTIES:
        log = note.Verifier(three.seats[party].origin, note.ED25519, three.seats[party].keys.log.public)
        services.trust(tmp_path / "witness", policy.compile(log, []))
    yield Wire(services.open(tmp_path / "witness"), three)
    three.close()


@pytest.fixture
def three(wire: Wire) -> Neighbours:
    return wire._three


def test_every_party_gets_its_heads_cosigned_and_the_witness_sees_no_leaf(wire: Wire, three: Neighbours) -> None:
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    three.settle()
    for party in PARTIES:
        size = three.at[party].own().size
        assert witnessing.step(three.at[party], OBSERVER, wire, three.now).cosigned == size
    seen = b"".join(wire.carried) + b"".join(
        path.read_bytes() for path in wire.witness.folder.rglob("*") if path.is_file()
    )
    for party in PARTIES:
        holdings = three.at[party]
        for leaf in record.read_entries(holdings.conn, holdings.engine, holdings.own(), 0, holdings.own().size):
            assert leaf not in seen
            assert leaf[20:60] not in seen


def test_the_cosignature_of_the_observer_travels_to_the_other_parties(wire: Wire, three: Neighbours) -> None:
    three.settle()
    witnessing.step(three.at["ML"], OBSERVER, wire, three.now)
    three.send("ML", "RL")
    river = three.at["RL"]
    copy = record.read(river.conn, river.engine, three.seats["ML"].origin)
    assert record.cosigned_sizes(river.conn, river.engine, copy)["observer.example/heads"] == copy.size


def test_a_node_that_forgot_what_was_cosigned_goes_on_from_what_the_witness_holds(
    wire: Wire, three: Neighbours
) -> None:
    meadow = three.at["ML"]
    witnessing.step(meadow, OBSERVER, wire, three.now)
    pair.release(meadow, [pair.notice(three.seats["ML"], 1)])
    wire.carried.clear()
    assert witnessing._ask(meadow, witnessing.verifier(meadow.seat.law, OBSERVER), wire, 0) == meadow.own().size
    assert [body.split(b"\n")[0] for body in wire.carried] == [b"old 0", b"old 2"]


def set_back(three: Neighbours, tmp_path: Path, name: str) -> Holdings:
    """A second store of the Meadow's node as it stands now, fence and all: a machine image."""
    shutil.copytree(tmp_path / "ML", tmp_path / name)
    shutil.copytree(tmp_path / "fence-ML", tmp_path / f"fence-{name}")
    taken = replace(three.seats["ML"], folder=tmp_path / name, fence=Fence(tmp_path / f"fence-{name}"))
    return Holdings(taken)


def test_an_image_restored_behind_the_programs_back_is_caught_by_the_witness_before_it_signs(
    wire: Wire, three: Neighbours, tmp_path: Path
) -> None:
    three.settle()
    image = set_back(three, tmp_path, "image")
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    witnessing.step(three.at["ML"], OBSERVER, wire, three.now)
    three.settle()
    assert image.doubt() is None  # store and fence were set back together: nothing in the machine shows it
    witnessing.step(image, OBSERVER, wire, three.now)
    doubt = image.doubt()
    assert doubt is not None
    assert doubt.code == "fence.store-behind"
    with pytest.raises(Refusal):
        image.secure()
    three.send("ML", "RL", face=image)
    image.close()


def test_a_second_history_of_our_own_log_stops_our_signing(wire: Wire, three: Neighbours, tmp_path: Path) -> None:
    three.settle()
    image = set_back(three, tmp_path, "image")
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    witnessing.step(three.at["ML"], OBSERVER, wire, three.now)
    pair.release(image, [pair.notice(three.seats["ML"], 2)])
    witnessing.step(image, OBSERVER, wire, three.now)
    doubt = image.doubt()
    assert doubt is not None
    assert doubt.code == "fence.mirror-differs"
    own = image.own()
    (kept,) = record.read_evidence(image.conn, image.engine, own)
    assert checkpoint.parse(note.text_of(kept.theirs)).size == own.size
    image.close()


def test_a_counterparts_fork_is_found_through_the_witness_alone(wire: Wire, three: Neighbours, tmp_path: Path) -> None:
    three.settle()
    other = set_back(three, tmp_path, "other")
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    witnessing.step(three.at["ML"], OBSERVER, wire, three.now)
    pair.release(other, [pair.notice(three.seats["ML"], 2)])
    three.send("ML", "RL", face=other)
    river = three.at["RL"]
    assert not record.read(river.conn, river.engine, three.seats["ML"].origin).frozen
    witnessing.step(river, OBSERVER, wire, three.now)
    assert record.read(river.conn, river.engine, three.seats["ML"].origin).frozen == "delivery.fork"
    other.close()


def test_it_refuses_an_observer_that_the_instrument_does_not_name_and_another_ones_cosignature(
    wire: Wire, three: Neighbours, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as caught:
        witnessing.step(three.at["ML"], "nobody", wire, three.now)
    assert caught.value.code == "witness.unknown-observer"
    services.found(Settings(tmp_path / "impostor", "observer.example/heads"))
    log = note.Verifier(three.seats["ML"].origin, note.ED25519, three.seats["ML"].keys.log.public)
    services.trust(tmp_path / "impostor", policy.compile(log, []))
    with pytest.raises(Refusal) as caught:
        witnessing.step(three.at["ML"], OBSERVER, Wire(services.open(tmp_path / "impostor"), three), three.now)
    assert caught.value.code == "cosignature.bad-signature"
