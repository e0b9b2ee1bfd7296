"""An audience of two among three: its logs are theirs, and the third learns nothing of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.exchange import answer, requests
from mithaq.exchange.receipts import Owed
from mithaq.instrument.law import Limits
from mithaq.notices import numbers
from mithaq.notices.envelope import Header, InForce, text_of
from mithaq_node import queries
from mithaq_node.queries import agreement as seen
from mithaq_node.services import agreement, couriering, outgoing, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests import postgresql
from tests.mithaq_node import meadow, pair
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.neighbours import AUDIENCE, PARTIES, UPLANDS, Neighbours, posted

TOLD = {**meadow.INCIDENT, "account": {"lang": "en", "text": "Only for the uplands."}}


@pytest.fixture
def three(tmp_path: Path, django_db_blocker: Any) -> Iterator[Neighbours]:
    """Three nodes; the two of the uplands have begun their logs there too."""
    with django_db_blocker.unblock():
        made = Neighbours(tmp_path)
    for holdings in made.uplands.values():
        pair.enter(holdings.seat)
    yield made
    made.close()


def test_on_postgresql_an_audience_is_kept_apart_too(
    tmp_path: Path, postgresql_server: postgresql.Server, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        template = meadow.template(postgresql_server)
        names = {party: postgresql_server.create(template) for party in PARTIES}
        three = Neighbours(tmp_path, databases={party: postgresql_server.url(name) for party, name in names.items()})
    for holdings in three.uplands.values():
        pair.enter(holdings.seat)
    pair.release(three.uplands["ML"], [pair.notice(three.uplands["ML"].seat, 1, content=TOLD)])
    settle(three)
    assert three.uplands["HL"].theirs(three.uplands["HL"].seat.peers["ML"]).size == three.uplands["ML"].own().size
    assert all(numbers.audience_of(origin) == "all" for origin in held(three.at["RL"]))
    three.close()
    for name in names.values():
        postgresql_server.drop(name)


def settle(three: Neighbours) -> None:
    for _ in range(3):
        for sender, to in (UPLANDS, UPLANDS[::-1]):
            three.send(sender, to, face=three.uplands[sender])
        three.settle(1)


def held(holdings: Holdings) -> dict[str, int]:
    return {log.origin: log.size for log in record.logs(holdings.conn, holdings.engine)}


def test_what_is_told_to_an_audience_reaches_its_parties_with_receipts(three: Neighbours) -> None:
    taken = three.uplands["ML"].seat
    appended = pair.release(three.uplands["ML"], [pair.notice(taken, 1, content=TOLD)])
    settle(three)
    hill = three.uplands["HL"]
    theirs = hill.theirs(hill.seat.peers["ML"])
    assert theirs.size == three.uplands["ML"].own().size > appended.first
    assert not Owed.decode(theirs.owed).missing
    assert hill.own().size == 3  # key-set, instrument, receipt
    assert numbers.spoken_in("ML", taken.origin, appended.first) == "ML.uplands 3-4"


def test_the_party_that_is_not_in_it_holds_nothing_of_it_and_nothing_of_it_went_over_its_lines(
    three: Neighbours, tmp_path: Path
) -> None:
    for number in (1, 2):
        pair.release(three.uplands["ML"], [pair.notice(three.uplands["ML"].seat, number, content=TOLD)])
        pair.release(three.at["ML"], [pair.notice(three.seats["ML"], number)])
        settle(three)
    assert all(numbers.audience_of(origin) == "all" for origin in held(three.at["RL"]))
    secret = (f"/{AUDIENCE}/".encode(), b"Only for the uplands.")
    for to, body in three.carried:
        assert to != "RL" or not any(each in body for each in secret)
    kept = (path for path in (tmp_path / "RL").rglob("*") if path.is_file() and "instrument" not in path.parts)
    for path in kept:
        assert not any(each in path.read_bytes() for each in secret), path
    assert any(secret[0] in body for to, body in three.carried if to == "HL")


def test_the_common_logs_and_those_of_the_audience_know_nothing_of_each_other(three: Neighbours) -> None:
    pair.release(three.uplands["ML"], [pair.notice(three.uplands["ML"].seat, 1, content=TOLD)])
    settle(three)
    for holdings in three.at.values():
        for leaf in record.read_entries(holdings.conn, holdings.engine, holdings.own(), 0, holdings.own().size):
            assert AUDIENCE.encode() not in leaf


@pytest.mark.parametrize("audience", [AUDIENCE, "no-such-audience"])
def test_a_party_outside_gets_one_answer_for_an_audience_it_is_not_in_and_for_one_that_is_not(
    three: Neighbours, audience: str
) -> None:
    river = three.at["RL"]
    peer, body = river.seat.peers["ML"], b"mithaq/delivery/v1\n"
    path = f"/deliver/{audience}"
    fields = requests.sign(
        "POST", peer.authority, path, body,
        key=river.key("node"), name=river.seat.node, created=three.now.seconds, nonce=bytes(16),
    )  # fmt: skip
    said = answer.decode(posted(three.doors["ML"], path, body, {**fields, "Host": peer.authority}), Limits())
    assert (said.code, said.held) == ("peer.not-found", 0)


def test_a_delivery_for_one_audience_is_not_taken_at_the_door_of_another(three: Neighbours) -> None:
    settle(three)
    small, common = three.uplands["ML"], three.at["ML"]
    peer = small.seat.peers["HL"]
    own, held = outgoing.secured(small, peer)
    sent = outgoing.prepare(small, own, three.links["ML", "HL", AUDIENCE], held, three.now)
    path = "/deliver"
    fields = requests.sign(
        "POST", peer.authority, path, sent.encoded,
        key=common.key("node"), name=common.seat.node, created=three.now.seconds, nonce=bytes(16),
    )  # fmt: skip
    said = answer.decode(posted(three.doors["HL"], path, sent.encoded, {**fields, "Host": peer.authority}), Limits())
    assert said.code == "delivery.other-log"


def test_a_node_has_a_seat_in_each_audience_of_its_party_and_in_no_other(three: Neighbours) -> None:
    for party in PARTIES:
        seats = seat.take_all(three.nodes[party].folder, {})
        assert [each.audience for each in seats] == (["all", AUDIENCE] if party in UPLANDS else ["all"])
        assert all(set(each.peers) == set(each.law.audiences[each.audience]) - {party} for each in seats)
    with pytest.raises(Refusal) as caught:
        seat.take(three.nodes["RL"].folder, {}, AUDIENCE)
    assert caught.value.code == "node.unknown-audience"


def test_a_courier_carries_one_audience_and_lets_nothing_of_another_go(three: Neighbours, tmp_path: Path) -> None:
    small, common, hill = three.uplands["ML"], three.at["ML"], three.uplands["HL"]
    long = {**TOLD, "account": {"lang": "en", "text": "Only for the uplands. " * 50}}
    pair.release(small, [pair.notice(small.seat, number, content=long) for number in range(200)])
    pair.release(common, [pair.notice(common.seat, 1)])
    packed = couriering.pack(small, small.seat.peers["HL"], tmp_path / "small", three.now, chunk=330_000)
    assert len(packed.files) > 1
    with pytest.raises(Refusal) as caught:
        couriering.unpack(hill, packed.files[1], three.now)
    assert caught.value.code == "courier.chunk-missing"  # kept until its turn comes
    other = couriering.pack(common, common.seat.peers["HL"], tmp_path / "common", three.now)
    couriering.unpack(three.at["HL"], other.files[0], three.now)
    with pytest.raises(Refusal) as caught:
        couriering.unpack(three.at["HL"], packed.files[0], three.now)
    assert caught.value.code == "delivery.other-log"
    assert len(couriering.unpack(hill, packed.files[0], three.now)) == 2  # the one that waited is taken with it
    assert hill.theirs(hill.seat.peers["ML"]).size > packed.begins


def test_a_restored_node_reads_back_each_of_its_logs_and_signs_nothing_meanwhile(
    three: Neighbours, tmp_path: Path
) -> None:
    settle(three)
    image = (tmp_path / "ML" / "node.sqlite3").read_bytes()
    fence = three.seats["ML"].fence
    pair.release(three.uplands["ML"], [pair.notice(three.uplands["ML"].seat, 1, content=TOLD)])
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 1)])
    settle(three)
    before = {each.seat.origin: each.own().head for each in (three.at["ML"], three.uplands["ML"])}
    assert {origin: fence.read(origin) for origin in before} == before

    three.set_back("ML", image)
    for holdings in (three.at["ML"], three.uplands["ML"]):
        assert holdings.own().size < before[holdings.seat.origin].size
        with pytest.raises(Refusal):
            holdings.secure()
        for to in holdings.seat.peers:
            three.step("ML", to, face=holdings)
        assert holdings.doubt() is None
        assert holdings.own().head == before[holdings.seat.origin]
    settle(three)
    for holder in ("RL", "HL"):
        for log in record.logs(three.at[holder].conn, three.at[holder].engine):
            assert not log.frozen


def test_a_party_under_a_version_that_there_is_not_stops_no_agreement_of_an_audience_without_it(
    three: Neighbours, standing: Standing
) -> None:
    river = three.seats["RL"]
    nothing = InForce(law="0" * 64, words="0" * 64)
    said = Header(
        at=str(three.now), id="0" * 32, kind="instrument", law=river.law_digest, log=river.origin, instrument=nothing
    )
    pair.release(three.at["RL"], [(text_of(said), ())])
    pair.release(three.uplands["ML"], [pair.notice(three.uplands["ML"].seat, 1, content=TOLD)])
    pair.release(three.at["ML"], [pair.notice(three.seats["ML"], 2)])
    settle(three)
    with standing(three.at["ML"]):
        assert [each.party for each in queries.unheld()] == ["RL"]
        (number,) = agreement.publish_all(now=three.now)
        assert number.startswith(f"ML.{AUDIENCE}")
    settle(three)
    with standing(three.at["HL"]):
        (compared,) = seen.agreements()
        assert (compared.party, compared.same) == ("ML", True)
