"""Three parties: everybody holds everybody's log, tells of third ones, and a log with two faces is found out."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mithaq.notices.cuts import common_cut
from mithaq.record import note
from mithaq_node.services import outgoing, third_parties
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence
from tests.mithaq_node import pair
from tests.mithaq_node.neighbours import PARTIES, Neighbours, sealed


@pytest.fixture
def three(tmp_path: Path, django_db_blocker: Any) -> Iterator[Neighbours]:
    with django_db_blocker.unblock():
        made = Neighbours(tmp_path)
    yield made
    made.close()


def origin(party: str) -> str:
    return sealed().law.origin(party)


def copy(three: Neighbours, holder: str, party: str) -> record.Log:
    holdings = three.at[holder]
    return record.read(holdings.conn, holdings.engine, origin(party))


def known_cut(three: Neighbours, holder: str) -> dict[str, int]:
    """The common cut as one node can show it from the cosignatures it holds."""
    holdings, law = three.at[holder], sealed().law
    logs = [record.read(holdings.conn, holdings.engine, origin(party)) for party in PARTIES]
    names = {f"{domain}/{law.id}/cosigner": party for party, domain in PARTIES.items()}
    cosigned = {
        (log.origin, names[name]): size
        for log in logs
        for name, size in record.cosigned_sizes(holdings.conn, holdings.engine, log).items()
    }
    return common_cut(law, {log.origin: log.size for log in logs}, cosigned)


def test_a_notice_reaches_both_neighbours_and_each_receipts_it(three: Neighbours) -> None:
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    three.settle()
    sizes = {party: three.at[party].own().size for party in PARTIES}
    for holder in PARTIES:
        assert {party: copy(three, holder, party).size for party in PARTIES} == sizes
    assert [sizes[party] for party in PARTIES] == [5, 4, 4]  # key-set, instrument, receipts; and the notice


def test_every_party_learns_what_the_other_two_have_cosigned_of_each_other(three: Neighbours) -> None:
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    three.settle()
    sizes = {origin(party): three.at[party].own().size for party in PARTIES}
    for holder in PARTIES:
        assert known_cut(three, holder) == sizes


def test_a_head_travels_with_the_cosignature_of_who_tells_it(three: Neighbours) -> None:
    three.settle()
    river = three.at["RL"]
    (told,) = outgoing.secured(river, river.seat.peers["HL"])[1].heads
    text, signatures = note.split(told)
    assert text.startswith(origin("ML").encode())
    assert river.seat.cosigner in [each.name for each in signatures]


def two_faced(three: Neighbours, tmp_path: Path) -> Holdings:
    """A second store of the Meadow's node, as it stands now, for another history under the same key."""
    shutil.copytree(tmp_path / "ML", tmp_path / "ML-again")
    shutil.copytree(tmp_path / "fence-ML", tmp_path / "fence-again")
    taken = replace(three.seats["ML"], folder=tmp_path / "ML-again", fence=Fence(tmp_path / "fence-again"))
    return Holdings(taken)


def test_a_log_that_shows_each_neighbour_another_history_is_found_out_and_stopped_alone(
    three: Neighbours, tmp_path: Path
) -> None:
    three.settle()
    other = two_faced(three, tmp_path)
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    pair.release(other, [pair.notice(three.seats["ML"], 2)])
    three.send("ML", "RL")
    three.links["ML", "HL", "all"] = replace(three.links["ML", "HL", "all"], held=copy(three, "HL", "ML").size)
    three.send("ML", "HL", face=other)
    assert not copy(three, "HL", "ML").frozen  # neither has seen anything wrong by itself
    assert not copy(three, "RL", "ML").frozen

    three.send("RL", "HL")
    assert copy(three, "HL", "ML").frozen == "delivery.fork"
    assert not copy(three, "HL", "RL").frozen  # who told it is not to blame
    three.send("HL", "RL")
    assert copy(three, "RL", "ML").frozen == "delivery.fork"
    for holder in ("RL", "HL"):
        holdings = three.at[holder]
        log = record.read(holdings.conn, holdings.engine, origin("ML"))
        (kept, *_) = record.read_evidence(holdings.conn, holdings.engine, log)
        assert kept.ours != kept.theirs
    pair.release(three.at["RL"], [pair.notice(three.seats["RL"], 3)])
    three.send("RL", "HL")
    assert copy(three, "HL", "RL").size == three.at["RL"].own().size
    other.close()


def test_the_shorter_of_two_faces_is_caught_by_whoever_holds_the_longer(three: Neighbours, tmp_path: Path) -> None:
    three.settle()
    other = two_faced(three, tmp_path)
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    pair.release(other, [pair.notice(three.seats["ML"], number) for number in (2, 3)])
    three.send("ML", "RL")
    three.send("ML", "HL", face=other)
    three.send("HL", "RL")
    assert not copy(three, "RL", "ML").frozen  # it holds less than Hill, so it cannot compare
    three.send("RL", "HL")
    assert copy(three, "HL", "ML").frozen == "delivery.fork"
    other.close()


def test_a_forged_head_of_a_third_party_stops_nothing(three: Neighbours) -> None:
    three.settle()
    hill = three.at["HL"]
    (told,) = outgoing.secured(three.at["RL"], three.seats["RL"].peers["HL"])[1].heads
    text, signatures = note.split(told)
    size = text.split(b"\n")[1]
    forged = note.join(text.replace(b"\n" + size + b"\n", b"\n1\n"), signatures)
    third_parties.hear(hill, [forged, b"nonsense"], three.now)
    assert not copy(three, "HL", "ML").frozen
