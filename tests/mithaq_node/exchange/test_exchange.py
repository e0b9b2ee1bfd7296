"""Notices between two nodes over a line that fails, through the code that a node runs: store, fence, services."""

import errno
import sqlite3
from dataclasses import replace

import pytest

from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery, session
from mithaq.exchange.receipts import Owed
from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq.notices.conformance import law_digest
from mithaq.notices.envelope import Header, InForce, text_of
from mithaq.record import checkpoint, merkle, note
from mithaq.signing import PrivateKey
from mithaq_node.services import outgoing, receiving
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence, Move
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import NOW, Pair, feed, notice, release


def receipts_of(holdings: Holdings) -> list[envelope.Receipt]:
    leaves = record.read_entries(holdings.conn, holdings.engine, holdings.own(), 0, holdings.own().size)
    return [parsed.receipt for leaf in leaves if (parsed := envelope.parse(leaf).header).receipt is not None]


def same_log(pair: Pair, holdings: Holdings) -> bool:
    return holdings.own().head == pair.copy_of(holdings).head


def test_a_notice_is_delivered_and_receipted_in_one_round_trip(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    before = len(pair.carried)
    link = pair.send(pair.ml)
    assert len(pair.carried) == before + 1
    assert same_log(pair, pair.ml)
    assert same_log(pair, pair.rl)
    last = receipts_of(pair.rl)[-1]
    assert (last.log, last.size, last.missing, last.nonconforming) == (pair.ml.seat.origin, pair.ml.own().size, [], [])
    assert link.held == pair.ml.own().size
    assert not link.code


def test_one_notice_moves_the_fence_once_on_each_side(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """And each move lets past both our own head and that of the copy which we cosign."""
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.send(pair.ml)
    moves: list[set[str]] = []
    real = Fence.move

    def move(fence: Fence, *moved: Move) -> None:
        moves.append({each.new.origin for each in moved})
        real(fence, *moved)

    monkeypatch.setattr(Fence, "move", move)
    release(pair.ml, [notice(pair.ml.seat, 2)])
    pair.send(pair.ml)
    assert moves == [{pair.ml.seat.origin, pair.rl.seat.origin}] * 2


def test_two_nodes_do_not_answer_each_others_receipts_for_ever(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    sizes = pair.ml.own().size, pair.rl.own().size
    for _ in range(3):
        pair.send(pair.ml)
        pair.send(pair.rl)
    assert (pair.ml.own().size, pair.rl.own().size) == sizes


def test_both_sides_hold_each_others_cosignature_of_their_heads(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    for holdings, other in ((pair.ml, pair.rl), (pair.rl, pair.ml)):
        own = holdings.own()
        sizes = record.cosigned_sizes(holdings.conn, holdings.engine, own)
        assert sizes == {other.seat.cosigner: own.size}
        signed = own.note + b"".join(record.cosignatures(holdings.conn, holdings.engine, own, own.size))
        ring = pair.ml.ring(pair.ml.theirs(pair.ml.seat.peers["RL"])) if holdings is pair.ml else None
        if ring is not None:
            opened = note.open(signed, [pair.ml.ring(own).log_verifier, ring.cosigner])
            assert opened.names == {own.origin, other.seat.cosigner}


def test_a_lost_request_is_sent_again(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.lose_request = True
    assert pair.send(pair.ml).code == "link.down"
    pair.lose_request = False
    pair.settle()
    assert same_log(pair, pair.ml)


def test_a_lost_answer_costs_nothing_but_time(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.lose_answer = True
    pair.send(pair.ml)
    receipted = len(receipts_of(pair.rl))
    pair.lose_answer = False
    pair.settle()
    assert same_log(pair, pair.ml)
    assert same_log(pair, pair.rl)
    assert len(receipts_of(pair.rl)) == receipted


def test_an_old_delivery_that_comes_again_changes_nothing(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    old = pair.carried[-1]
    release(pair.ml, [notice(pair.ml.seat, 2)])
    pair.settle()
    heads = pair.rl.own().head, pair.copy_of(pair.ml).head
    for repeated in (old, *pair.carried[:4]):
        sender = pair.rl.seat.peers["ML"]
        if delivery.decode(repeated, pair.rl.seat.law.limits).log == sender.origin:
            assert receiving.receive(pair.rl, sender, repeated, NOW).ok
    assert (pair.rl.own().head, pair.copy_of(pair.ml).head) == heads


def test_deliveries_out_of_order_say_where_to_go_on(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.lose_request = True
    pair.send(pair.ml)
    pair.lose_request = False
    held = pair.ml.own().size
    release(pair.ml, [notice(pair.ml.seat, 2)])
    pair.links["ML"] = replace(pair.links["ML"], held=held)
    link = pair.send(pair.ml)
    assert (link.code, link.held) == ("delivery.gap", held - 1)
    pair.settle()
    assert same_log(pair, pair.ml)


@pytest.mark.parametrize("cut", [0, 10, 60, 400, 900, -1])
def test_a_truncated_delivery_is_refused_and_changes_nothing(pair: Pair, cut: int) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    before = pair.copy_of(pair.ml)
    pair.damage = lambda body: body[:cut]
    link = pair.send(pair.ml)
    assert link.code.startswith("delivery.")
    assert pair.copy_of(pair.ml) == before
    pair.damage = lambda body: body
    pair.settle()
    assert same_log(pair, pair.ml)


def test_a_changed_leaf_is_refused_without_stopping_the_link(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.damage = lambda body: body.replace(b'"precedence":"', b'"precedencf":"')
    assert pair.send(pair.ml).code == "delivery.other-leaves"
    pair.damage = lambda body: body
    pair.settle()
    assert same_log(pair, pair.ml)
    assert not pair.copy_of(pair.ml).frozen


def test_a_part_that_no_leaf_commits_to_is_dropped_and_listed_as_missing(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    index = pair.ml.own().size - 1
    pair.damage = lambda body: body.replace(b'"event":"fire"', b'"event":"ruse"')
    link = pair.send(pair.ml)
    assert link.missing == ((index, 0),)
    assert receipts_of(pair.rl)[-1].missing == [(index, 0)]
    pair.damage = lambda body: body
    pair.settle()
    last = receipts_of(pair.rl)[-1]
    assert (last.size, last.missing) == (index + 1, [])
    assert record.read_part(pair.rl.conn, pair.rl.engine, pair.copy_of(pair.ml), index, 0) is not None


def test_a_notice_that_does_not_conform_is_kept_and_named_in_the_receipt(pair: Pair) -> None:
    leaf, parts = notice(pair.ml.seat, 1)
    forged = leaf.replace(b"officer/2 ", b"officer/9 ")
    release(pair.ml, [(forged, parts), notice(pair.ml.seat, 2)])
    pair.settle()
    assert same_log(pair, pair.ml)
    assert not pair.copy_of(pair.ml).frozen
    assert receipts_of(pair.rl)[-1].nonconforming == [(pair.ml.own().size - 2, "leaf.unknown-officer")]


@pytest.mark.parametrize("owns_up", [True, False], ids=["under its own law", "under ours"])
def test_a_notice_of_a_kind_that_seeks_persons_does_not_conform_at_the_accepting_node(
    pair: Pair, owns_up: bool
) -> None:
    """The sender's program was changed; its two officers sign properly, under a law with such a kind or under ours."""
    law = meadow.sealed_with(meadow.wanted()).law
    digest = law_digest(law) if owns_up else pair.ml.seat.law_digest
    changed = replace(pair.ml.seat, law=law, law_digest=digest)
    release(pair.ml, [notice(changed, 1, content={"sign": "flood"}, name=meadow.WANTED), notice(pair.ml.seat, 2)])
    pair.settle()
    assert same_log(pair, pair.ml)
    assert not pair.copy_of(pair.ml).frozen
    at = pair.ml.own().size - 2
    expected = ([(at, "leaf.other-law")] if owns_up else []) + [(at, "leaf.unknown-kind")]
    assert receipts_of(pair.rl)[-1].nonconforming == expected


def test_a_checkpoint_under_another_key_stops_the_link_and_is_kept_as_evidence(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    sent = _prepared(pair)
    opened = note.split(sent.checkpoint)[0]
    forged = note.join(opened, [note.sign(opened, sent.log, PrivateKey.from_seed(b"f" * 32))])
    said = _receive(pair, replace(sent, checkpoint=forged))
    assert said.code == "delivery.bad-checkpoint"
    assert pair.copy_of(pair.ml).frozen == "delivery.bad-checkpoint"
    assert _evidence(pair) == [("delivery.bad-checkpoint", forged)]
    assert pair.send(pair.ml).code == "link.frozen"


def test_a_fork_stops_the_link_and_keeps_both_heads(pair: Pair) -> None:
    pair.settle()
    theirs = pair.copy_of(pair.ml)
    other = merkle.Frontier().extend(merkle.leaf_hash(b"%d" % n) for n in range(theirs.size))
    forked = checkpoint.sign(checkpoint.Checkpoint(theirs.origin, theirs.size, other.root()), pair.ml.seat.keys.log)
    sent = delivery.Delivery(theirs.origin, theirs.size, theirs.size, theirs.size, 0, str(NOW), (), forked, b"", ())
    assert _receive(pair, sent).code == "delivery.fork"
    assert _evidence(pair) == [("delivery.fork", forked)]
    kept = checkpoint.parse(note.split(theirs.note)[0])
    shown = checkpoint.parse(note.split(forked)[0])
    assert kept.size == shown.size
    assert kept.root != shown.root


def test_a_log_that_grew_from_another_past_is_a_fork_too(pair: Pair) -> None:
    theirs = pair.copy_of(pair.ml)
    leaves = [b"%d" % n for n in range(theirs.size + 1)]
    other = merkle.Tree(map(merkle.leaf_hash, leaves))
    head = checkpoint.Checkpoint(theirs.origin, len(leaves), other.root())
    sent = delivery.Delivery(
        theirs.origin,
        theirs.size,
        theirs.size,
        len(leaves),
        0,
        str(NOW),
        merkle.consistency_proof(theirs.size, len(leaves), other.subtree),
        checkpoint.sign(head, pair.ml.seat.keys.log),
        b"",
        tuple(leaves[theirs.size :]),
    )
    assert _receive(pair, sent).code == "delivery.not-consistent"
    assert pair.copy_of(pair.ml).frozen == "delivery.not-consistent"


def test_a_file_that_anybody_could_have_damaged_stops_no_link(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    whole, sender = _prepared(pair), pair.rl.seat.peers["ML"]
    unsigned = note.join(
        note.split(whole.checkpoint)[0], [note.sign(b"a\n", whole.log, PrivateKey.from_seed(b"f" * 32))]
    )
    for damaged in (replace(whole, proof=(b"p" * 32,) * 3), replace(whole, checkpoint=unsigned)):
        said = receiving.receive(pair.rl, sender, delivery.encode(damaged), NOW, vouched=False)
        assert said.code in ("delivery.not-consistent", "delivery.bad-checkpoint")
        assert not pair.copy_of(pair.ml).frozen
    assert receiving.receive(pair.rl, sender, delivery.encode(whole), NOW, vouched=False).ok
    assert same_log(pair, pair.ml)


def test_a_fork_in_a_file_stops_the_link_whoever_brought_it(pair: Pair) -> None:
    pair.settle()
    own = pair.ml.own()
    other = checkpoint.Checkpoint(own.origin, own.size, b"x" * 32)
    forked = replace(_prepared(pair), checkpoint=checkpoint.sign(other, pair.ml.seat.keys.log))
    said = receiving.receive(pair.rl, pair.rl.seat.peers["ML"], delivery.encode(forked), NOW, vouched=False)
    assert said.code == "delivery.fork"
    assert pair.copy_of(pair.ml).frozen == "delivery.fork"


def test_an_outage_is_caught_up_in_bounded_deliveries(pair: Pair) -> None:
    for start in range(0, 700, 100):
        release(pair.ml, [notice(pair.ml.seat, start + n) for n in range(100)])
    before = len(pair.carried)
    while pair.links["ML"].held < pair.ml.own().size:
        pair.links["ML"] = replace(pair.links["ML"], budget=2 * session.LEAST_BUDGET)
        pair.send(pair.ml)
    assert len(pair.carried) > before + 2
    assert max(map(len, pair.carried)) <= 2 * session.LEAST_BUDGET
    pair.settle()
    assert same_log(pair, pair.ml)
    assert same_log(pair, pair.rl)
    theirs = pair.copy_of(pair.ml)
    assert Owed.decode(theirs.owed).missing == ()
    tree = record.Tree(pair.rl.conn, pair.rl.engine, theirs.id)
    leaf = record.read_entries(pair.rl.conn, pair.rl.engine, theirs, 300, 301)[0]
    proof = tree.inclusion(300, theirs.size)
    assert merkle.verify_inclusion(300, theirs.size, merkle.leaf_hash(leaf), proof, theirs.frontier.root())


def test_a_flash_goes_with_its_leaf_before_older_bodies(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, n) for n in range(60)])
    urgent = notice(pair.ml.seat, 99, precedence="flash")
    release(pair.ml, [urgent])
    link = replace(pair.links["ML"], budget=1 << 20)
    own, held = outgoing.secured(pair.ml, pair.ml.seat.peers["RL"])
    prepared = outgoing.prepare(pair.ml, own, link, held, NOW)
    assert prepared.plan.parts[0][0] == pair.ml.own().size - 1


def test_a_cargo_made_ahead_is_what_would_be_made_now_or_is_not_sent(pair: Pair) -> None:
    """Made while an answer is waited for; dropped where our log grew meanwhile, or where the answer was another."""
    release(pair.ml, [feed(pair.ml.seat, n) for n in range(500)])
    own, held = outgoing.secured(pair.ml, pair.ml.seat.peers["RL"])
    ahead, link = outgoing.Ahead(), replace(pair.links["ML"], budget=session.LEAST_BUDGET)
    first = outgoing.prepare(pair.ml, own, link, held, NOW, ahead)
    ahead.make()
    arrived = session.hoped(link, first.plan.end)
    assert arrived == session.answered(link, answer.Answer("ok", first.plan.end, str(NOW)), own.size, link.sent_at)
    made = ahead.take(own, arrived)
    assert made is not None
    assert made == outgoing.cargo(pair.ml, own, arrived)
    assert made.plan.start == first.plan.end < made.plan.end < own.size
    for other in (replace(arrived, held=arrived.held - 1), replace(arrived, missing=((2, 0),)), link):
        outgoing.prepare(pair.ml, own, link, held, NOW, ahead)
        ahead.make()
        assert ahead.take(own, other) is None
    outgoing.prepare(pair.ml, own, link, held, NOW, ahead)
    ahead.make()
    release(pair.ml, [notice(pair.ml.seat, 999, precedence="flash")])
    assert ahead.take(pair.ml.own(), arrived) is None


def test_a_backlog_arrives_whole_with_cargoes_made_ahead(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    release(pair.ml, [feed(pair.ml.seat, n) for n in range(700)])
    monkeypatch.setattr(session, "FIRST_BUDGET", session.LEAST_BUDGET)
    pair.links["ML"] = replace(pair.links["ML"], budget=session.LEAST_BUDGET)
    used: list[bool] = []
    take = outgoing.Ahead.take

    def taken(ahead: outgoing.Ahead, own: record.Log, link: session.Link) -> outgoing.Cargo | None:
        found = take(ahead, own, link)
        used.append(found is not None)
        return found

    monkeypatch.setattr(outgoing.Ahead, "take", taken)
    while not same_log(pair, pair.ml):
        pair.step(pair.ml)
    assert used == [False] + [True] * (len(used) - 1)
    assert len(used) > 4
    assert receipts_of(pair.rl)[-1].missing == []


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Refusal("volume.damaged", log="ml.example", number=2), "volume.damaged"),
        (OSError(errno.ENOSPC, "no space left on device"), "node.disk-full"),
        (sqlite3.OperationalError("disk I/O error"), "node.database-unreachable"),
    ],
    ids=["refused", "disk", "database"],
)
def test_a_cargo_that_cannot_be_made_ahead_costs_the_answer_nothing_and_is_met_in_its_turn(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str
) -> None:
    release(pair.ml, [feed(pair.ml.seat, n) for n in range(500)])
    pair.links["ML"] = replace(pair.links["ML"], budget=session.LEAST_BUDGET)
    began, make = pair.links["ML"].held, outgoing.cargo

    def cargo(holdings: Holdings, own: record.Log, link: session.Link) -> outgoing.Cargo:
        if link.held > began:
            raise failure
        return make(holdings, own, link)

    monkeypatch.setattr(outgoing, "cargo", cargo)
    taken = pair.step(pair.ml)
    assert began < taken.held == pair.copy_of(pair.ml).size < pair.ml.own().size
    assert not taken.code
    assert pair.step(pair.ml).code == code
    monkeypatch.undo()
    while not same_log(pair, pair.ml):
        pair.step(pair.ml)


def test_a_store_behind_its_fence_neither_signs_nor_receipts_but_takes_what_comes(pair: Pair) -> None:
    pair.settle()
    own = pair.rl.own()
    fence = pair.rl.seat.fence
    ahead = checkpoint.Checkpoint(own.origin, own.size + 5, b"\7" * 32)
    fence.compare_and_swap(fence.read(own.origin), ahead)
    release(pair.ml, [notice(pair.ml.seat, 1)])
    said = _receive(pair, _prepared(pair))
    assert said.ok
    assert said.held == pair.ml.own().size
    assert (said.cosignatures, said.delivery) == (b"", b"")
    assert pair.rl.own().head == own.head
    assert pair.send(pair.rl).code == "fence.store-behind"


def test_a_store_beyond_its_fence_moves_it_and_goes_on(pair: Pair) -> None:
    fence = pair.ml.seat.fence
    release(pair.ml, [notice(pair.ml.seat, 1)])
    behind = fence.read(pair.ml.seat.origin)
    assert behind is not None
    assert behind.size < pair.ml.own().size
    assert not pair.send(pair.ml).code
    assert fence.read(pair.ml.seat.origin) == pair.ml.own().head


def test_a_node_whose_counterpart_holds_more_than_it_has_says_so(pair: Pair) -> None:
    link = session.answered(pair.links["ML"], answer.Answer("ok", 50, str(NOW)), 10, 0.0)
    assert (link.held, link.beyond) == (10, 40)


def test_a_receipt_never_says_an_earlier_moment_than_the_leaf_before_it(pair: Pair) -> None:
    pair.now = Moment(NOW.seconds - 3600)
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    leaves = record.read_entries(pair.rl.conn, pair.rl.engine, pair.rl.own(), 0, pair.rl.own().size)
    ats = [envelope.parse(leaf).header.at for leaf in leaves]
    assert ats == sorted(ats)


def _prepared(pair: Pair) -> delivery.Delivery:
    peer = pair.ml.seat.peers["RL"]
    own, held = outgoing.secured(pair.ml, peer)
    made = outgoing.prepare(pair.ml, own, pair.links["ML"], held, NOW)
    return delivery.decode(made.encoded, pair.ml.seat.law.limits)


def _receive(pair: Pair, sent: delivery.Delivery) -> answer.Answer:
    return receiving.receive(pair.rl, pair.rl.seat.peers["ML"], delivery.encode(sent), NOW)


def _evidence(pair: Pair) -> list[tuple[str, bytes]]:
    rows = pair.rl.engine.execute(pair.rl.conn, "SELECT code, theirs FROM evidence ORDER BY id").fetchall()
    return [(code, bytes(theirs)) for code, theirs in rows]


def test_after_an_instrument_leaf_both_sides_know_the_version_and_receipts_name_it(pair: Pair) -> None:
    later = "a" * 64
    entered = Header(
        at=str(NOW),
        id="e" * 32,
        kind="instrument",
        law=pair.rl.seat.law_digest,
        log=pair.rl.seat.origin,
        instrument=InForce(law=later, words="0" * 64),
    )
    release(pair.rl, [(text_of(entered), ())])
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    assert (pair.rl.own().in_force, pair.copy_of(pair.rl).in_force) == (later, later)
    assert pair.ml.own().in_force == pair.ml.seat.law_digest
    leaves = record.read_entries(pair.rl.conn, pair.rl.engine, pair.rl.own(), 0, pair.rl.own().size)
    receipt = next(header for leaf in reversed(leaves) if (header := envelope.parse(leaf).header).receipt is not None)
    assert receipt.law == later
