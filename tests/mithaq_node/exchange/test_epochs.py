"""When nobody holds what a log once signed: the root keys close it, and its party goes on in a new epoch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.exchange.session import Link
from mithaq.notices import drafting, envelope, epochs, numbers, registering
from mithaq.notices.ledger import Ledger
from mithaq.notices.parts import FACTS
from mithaq.signing import PrivateKey
from mithaq_node.services import opening, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.settings.node import Node, read
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import NOW, Pair, notice, officer_key, release
from tests.mithaq_node.setback import SetBack

ROOT = "AAAA" * 10 + "AAA="


@pytest.fixture
def ahead(tmp_path: Path, django_db_blocker: Any) -> Iterator[Pair]:
    """The Meadow's fence is ahead of its store and of the River's copy: what it signed last is nowhere."""
    with django_db_blocker.unblock():
        pair = Pair(tmp_path / "nodes")
        pair.settle()
        release(pair.ml, [notice(pair.ml.seat, 1)])
        pair.settle()
        with meadow.standing_on(node_of(pair, "ML")):
            for number in (1, 2):
                name, key = f"ml.mithaq.example/officer/{number}", officer_key("ML", number)
                Officer.objects.create(
                    name=str(number),
                    role="releasing",
                    key_name=name,
                    public_key=key.public,
                    wrapped_key=b"wrapped",
                    possession=registering.possession(name, "officer", key),
                )
        back = SetBack(pair, None)
        back.remember()
        release(pair.ml, [notice(pair.ml.seat, 2)])
        pair.ml.secure()
        back.restore()
        assert pair.step(pair.ml).code == "fence.ahead-of-mirrors"
        yield pair
    pair.close()


def node_of(pair: Pair, party: str) -> Node:
    folder: Path = getattr(pair, party.lower()).seat.folder
    return read(folder, {})


def signed(text: bytes, *keys: tuple[str, PrivateKey]) -> bytes:
    change = registering.read(text)
    for key in keys or [meadow.root("ML")]:
        change = registering.sign(change, *key)
    return change.encode()


def decided(pair: Pair, reason: str = "lost") -> bytes:
    with meadow.standing_on(node_of(pair, "ML")):
        return signed(opening.draft(reason=reason))


def enter(pair: Pair, party: str, decision: bytes) -> str:
    """Take the decision, and start the node again as its supervisor does."""
    with meadow.standing_on(node_of(pair, party)):
        number = opening.enter(signed=decision, now=NOW)
    old: Holdings = getattr(pair, party.lower())
    old.close()
    setattr(pair, party.lower(), Holdings(seat.take(old.seat.folder, {})))
    pair.links[party] = Link()
    return number


def book_of(holdings: Holdings) -> Any:
    ledger = Ledger(holdings.seat.law)
    for log in record.logs(holdings.conn, holdings.engine):
        for index, leaf in enumerate(record.read_entries(holdings.conn, holdings.engine, log, 0, log.size)):
            ledger.add(log.origin, index, leaf)
        for held in record.read_parts(holdings.conn, holdings.engine, log, 0, log.size):
            if held.part.retention == FACTS and held.number == 0:
                ledger.add_facts(log.origin, held.index, held.part.body)
    return ledger.book()


def correction(pair: Pair, closed: str, refers_to: str) -> tuple[bytes, Any]:
    """A notice of the new epoch that follows up one of the closed log."""
    taken = pair.ml.seat
    kind = taken.law.kind("incident.update")
    assert kind is not None
    salts = (bytes([number]) * 32 for number in range(9))
    parts = drafting.compile_draft(taken.law, kind, {"progress": "measures"}, salts)
    header = drafting.header_for(
        taken.law,
        kind,
        parts,
        law_digest=taken.law_digest,
        log=taken.origin,
        id="ab" * 16,
        at=str(NOW),
        re=[envelope.Reference(log=closed, id=refers_to)],
    )
    filed = drafting.sign_filing(header, str(NOW), "ml.mithaq.example/officer/1", officer_key("ML", 1))
    leaf = drafting.sign_release(filed, str(NOW), "ml.mithaq.example/officer/2", officer_key("ML", 2))
    return leaf, parts


def test_both_sides_take_the_decision_and_the_record_goes_on_in_the_new_epoch(ahead: Pair) -> None:
    closed = ahead.ml.own()
    headers = [
        envelope.parse(leaf).header
        for leaf in record.read_entries(ahead.ml.conn, ahead.ml.engine, closed, 0, closed.size)
    ]
    at, first = next((index, header) for index, header in enumerate(headers) if header.parts)
    decision = decided(ahead)
    assert enter(ahead, "ML", decision) == enter(ahead, "RL", decision)
    assert ahead.ml.seat.origin == closed.origin[:-1] + "2"
    assert ahead.ml.doubt() is None
    release(ahead.ml, [correction(ahead, closed.origin, first.id)])
    release(ahead.rl, [notice(ahead.rl.seat, 5)])
    ahead.settle_by_steps()
    own = ahead.ml.own()
    assert ahead.copy_of(ahead.ml).head == own.head
    assert record.read(ahead.rl.conn, ahead.rl.engine, closed.origin).head == closed.head
    ours, theirs = book_of(ahead.ml), book_of(ahead.rl)
    assert ours.digest() == theirs.digest()
    assert {n: [str(r) for r in each.refusals] for n, each in ours.nonconforming.items()} == {}
    number = numbers.spoken_in("ML", own.origin, 2)
    assert number == "ML 100000003-2"
    incident = ours.incidents[numbers.spoken("ML", at)]
    assert [each.number for each in incident.notices] == [numbers.spoken("ML", at), number]
    sizes = [
        said.size
        for leaf in record.read_entries(ahead.ml.conn, ahead.ml.engine, own, 0, own.size)
        if (said := envelope.parse(leaf).header.receipt)
    ]
    assert sizes == sorted(set(sizes))


def test_a_decision_is_refused_that_names_another_head_or_has_too_few_roots_or_is_not_called_for(ahead: Pair) -> None:
    with meadow.standing_on(node_of(ahead, "ML")):
        text = opening.draft(reason="lost")
    with meadow.standing_on(node_of(ahead, "ML")), pytest.raises(Refusal, match=r"epoch\.unknown-reason"):
        opening.draft(reason="tidy")
    with meadow.standing_on(node_of(ahead, "RL")):
        with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
            opening.enter(signed=signed(text, meadow.root("RL")), now=NOW)
        less = text.replace(b'"size":%d' % ahead.ml.own().size, b'"size":%d' % (ahead.ml.own().size - 1))
        with pytest.raises(Refusal, match=r"epoch\.other-head"):
            opening.enter(signed=signed(less), now=NOW)
        with pytest.raises(Refusal, match=r"epoch\.not-called-for"):
            opening.draft(reason="lost")
    assert ahead.rl.seat.peers["ML"].origin.endswith("/1")


def test_a_decision_entered_twice_is_refused_and_changes_nothing(ahead: Pair) -> None:
    decision = decided(ahead)
    enter(ahead, "RL", decision)
    with meadow.standing_on(node_of(ahead, "RL")), pytest.raises(Refusal, match=r"epoch\.other-log"):
        opening.enter(signed=decision, now=NOW)


def test_the_closed_log_takes_nothing_more(ahead: Pair) -> None:
    decision = decided(ahead)
    enter(ahead, "RL", decision)
    assert ahead.send(ahead.rl).code in ("", "mirror.agrees")
    with ahead.rl.engine.transaction(ahead.rl.conn):
        copy = record.lock(ahead.rl.conn, ahead.rl.engine, epochs.before(ahead.rl.seat.peers["ML"].origin) or "")
    assert copy.size == ahead.ml.own().size
    ahead.ml.seat.fence.compare_and_swap(ahead.ml.seat.fence.read(ahead.ml.seat.origin), ahead.ml.own().head)
    release(ahead.ml, [notice(ahead.ml.seat, 9)])
    assert ahead.send(ahead.ml).code == "delivery.other-log"


@pytest.mark.parametrize(
    ("log", "index", "epoch", "code"),
    [
        ("a/b/all/2", 0, None, "epoch.not-named"),
        ("a/b/all/2", 1, envelope.Epoch(log="a/b/all/1", size=1, root="", reason="lost"), "epoch.not-here"),
        ("a/b/all/1", 0, envelope.Epoch(log="a/b/all/0", size=1, root="", reason="lost"), "epoch.not-here"),
        ("a/b/all/3", 0, envelope.Epoch(log="a/b/all/1", size=1, root="", reason="lost"), "epoch.other-log"),
        ("a/b/all/2", 0, envelope.Epoch(log="a/b/all/1", size=1, root="AA==", reason="lost"), "epoch.bad-head"),
        (
            "a/b/all/2",
            0,
            envelope.Epoch(log="a/b/all/1", size=1, root="AAAA" * 10 + "AAA=", reason="x"),
            "epoch.bad-head",
        ),
    ],
)
def test_a_first_leaf_names_the_log_before_it_and_no_other_leaf_does(
    log: str, index: int, epoch: envelope.Epoch | None, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        epochs.check(log, envelope.KeySet(version=1, epoch=epoch), index)
    assert refused.value.code == code
