"""A node that was set back: it is UNSURE, reads its own log back from the other side, and is sure again."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.exchange import mirror
from mithaq.exchange.mirror import OwnLog
from mithaq.exchange.receipts import Owed
from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq.record import checkpoint, note
from mithaq_node.services import drafting, filing, mirroring, recovering
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.recovering import RESTORED
from mithaq_node.settings import node as settings
from mithaq_node.store import log as record
from mithaq_node.store.models import Draft, DraftPart
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import NOW, Pair, notice, release
from tests.mithaq_node.ports import Ports
from tests.mithaq_node.setback import SetBack


def mark(holdings: Holdings, code: str = RESTORED) -> None:
    with holdings.engine.transaction(holdings.conn):
        record.mark_unsure(holdings.conn, holdings.engine, holdings.own(), code)


def doubt(holdings: Holdings) -> str:
    found = holdings.doubt()
    return found.code if found else ""


def test_a_restored_node_that_lost_nothing_is_sure_once_the_other_side_has_confirmed_it(pair: Pair) -> None:
    mark(pair.ml)
    assert doubt(pair.ml) == RESTORED
    assert pair.send(pair.ml).code == RESTORED
    pair.step(pair.ml)
    assert doubt(pair.ml) == ""


def test_while_it_is_unsure_it_stores_what_comes_and_neither_receipts_nor_cosigns(pair: Pair) -> None:
    mark(pair.rl)
    before = pair.rl.own().head
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.send(pair.ml)
    assert pair.copy_of(pair.ml).head == pair.ml.own().head
    assert pair.rl.own().head == before
    held = pair.copy_of(pair.ml)
    assert record.cosignatures(pair.rl.conn, pair.rl.engine, held, held.size) == ()


def test_what_was_lost_is_read_back_leaf_by_leaf_and_part_by_part(setback: SetBack) -> None:
    pair = setback.pair
    release(pair.ml, [notice(pair.ml.seat, n) for n in range(3)])
    pair.settle()
    setback.remember()
    release(pair.ml, [notice(pair.ml.seat, n) for n in range(3, 9)])
    pair.settle()
    whole = pair.ml.own()
    parts = record.read_parts(pair.ml.conn, pair.ml.engine, whole, 0, whole.size)
    setback.restore()
    assert doubt(pair.ml) == "fence.store-behind"
    pair.step(pair.ml)
    assert doubt(pair.ml) == ""
    own = pair.ml.own()
    assert own.head == whole.head
    assert record.read_parts(pair.ml.conn, pair.ml.engine, own, 0, own.size) == parts
    assert Owed.decode(own.owed).missing == ()
    pair.settle()
    assert pair.rl.own().head == pair.copy_of(pair.rl).head


def test_a_restored_node_does_not_receipt_twice_what_its_own_log_says_it_receipted(setback: SetBack) -> None:
    pair = setback.pair
    setback.remember()
    release(pair.rl, [notice(pair.rl.seat, n) for n in range(4)])
    pair.settle()
    whole = pair.ml.own()
    setback.restore()
    pair.settle_by_steps()
    assert pair.ml.own().head == whole.head
    assert pair.copy_of(pair.rl).head == pair.rl.own().head


def test_a_machine_image_put_back_with_its_fence_is_noticed_at_the_first_word_of_the_other_side(
    setback: SetBack,
) -> None:
    pair = setback.pair
    setback.remember()
    release(pair.ml, [notice(pair.ml.seat, n) for n in range(4)])
    release(pair.rl, [notice(pair.rl.seat, 1)])
    pair.settle()
    whole = pair.ml.own()
    setback.restore(with_fence=True)
    assert doubt(pair.ml) == ""
    release(pair.rl, [notice(pair.rl.seat, 2)])
    pair.send(pair.rl)  # it says how much of our log it holds: no receipt is signed
    assert pair.ml.own().size < whole.size
    pair.settle_by_steps()
    assert record.read_entries(pair.ml.conn, pair.ml.engine, pair.ml.own(), 0, whole.size) == setback.leaves_of_old
    assert not pair.copy_of(pair.ml).frozen
    assert pair.copy_of(pair.ml).head == pair.ml.own().head


def test_a_machine_image_that_signs_before_it_hears_anything_is_stopped_with_the_proof_on_both_sides(
    setback: SetBack,
) -> None:
    pair = setback.pair
    setback.remember()
    release(pair.ml, [notice(pair.ml.seat, n) for n in range(4)])
    pair.settle()
    setback.restore(with_fence=True)
    release(pair.ml, [notice(pair.ml.seat, 77)])
    pair.send(pair.ml)
    assert pair.copy_of(pair.ml).frozen == "delivery.fork"
    pair.step(pair.ml)
    assert doubt(pair.ml) == "fence.mirror-differs"
    for holdings in (pair.ml, pair.rl):
        rows = holdings.engine.execute(holdings.conn, "SELECT code FROM evidence").fetchall()
        assert len(rows) == 1
    assert pair.send(pair.ml).code == "fence.mirror-differs"


def test_a_restored_node_does_not_cosign_another_history_than_it_cosigned_before(setback: SetBack) -> None:
    pair = setback.pair
    setback.remember()
    release(pair.rl, [notice(pair.rl.seat, 1)])
    pair.settle()
    seen = pair.copy_of(pair.rl)
    setback.restore()
    fork = setback.fork(setback.sizes_of_old[pair.rl.seat.origin], count=6)
    said = fork.deliver()
    assert said.code == "delivery.fork"
    assert pair.copy_of(pair.rl).frozen == "delivery.fork"
    ours = pair.ml.engine.execute(pair.ml.conn, "SELECT ours FROM evidence").fetchone()[0]
    shown, _ = checkpoint.open(bytes(ours), [fork.verifier])
    assert (shown.size, shown.root) == (seen.size, seen.frontier.root())


def test_a_fence_ahead_of_the_mirror_waits(setback: SetBack) -> None:
    pair = setback.pair
    setback.remember()
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.ml.secure()  # signed, perhaps exported, and never delivered
    setback.restore()
    link = pair.step(pair.ml)
    assert link.code == "fence.ahead-of-mirrors"
    assert doubt(pair.ml) == "fence.store-behind"
    assert pair.step(pair.ml).not_before > pair.now.seconds + 1


def test_a_missing_fence_is_set_only_when_an_operator_asks_and_a_mirror_agrees(pair: Pair) -> None:
    shutil.rmtree(pair.fence_folder("ML"))
    pair.fence_folder("ML").mkdir()
    pair.step(pair.ml)
    assert doubt(pair.ml) == "fence.missing"
    peer, carry = pair.line(pair.ml)
    recovering.step(pair.ml, peer, pair.links["ML"], carry, pair.now, new_fence=True)
    assert doubt(pair.ml) == ""
    assert pair.ml.seat.fence.read(pair.ml.seat.origin) == pair.ml.own().head


def test_a_claim_to_hold_more_that_is_not_proven_changes_nothing(pair: Pair) -> None:
    pair.links["ML"] = replace(pair.links["ML"], beyond=40)
    link = pair.step(pair.ml)
    assert (link.code, link.beyond) == ("mirror.agrees", 0)
    assert doubt(pair.ml) == ""


def test_a_mirror_that_lies_gives_nothing(setback: SetBack) -> None:
    pair = setback.pair
    setback.remember()
    release(pair.ml, [notice(pair.ml.seat, n) for n in range(2)])
    pair.settle()
    setback.restore()
    before = pair.ml.own()
    asked = mirror.encode_request(OwnLog(before.origin, before.size, (), str(NOW)))
    given = mirror.decode(mirroring.give(pair.rl, pair.rl.seat.peers["ML"], asked, NOW), pair.rl.seat.law.limits)
    pair.tamper = lambda body: body.replace(b'"precedence":"', b'"precedencf":"')
    assert pair.step(pair.ml).code.startswith("mirror.")
    pair.tamper = lambda body: body.replace(b"flood", b"flxxd").replace(b'"event":"fire"', b'"event":"ruse"')
    pair.step(pair.ml)
    assert len(given.parts) == len(Owed.decode(pair.ml.own().owed).missing) > 0
    pair.tamper = lambda body: body
    pair.step(pair.ml)
    assert doubt(pair.ml) == ""
    assert Owed.decode(pair.ml.own().owed).missing == ()


def test_a_party_reads_no_log_but_its_own(pair: Pair) -> None:
    peer = pair.rl.seat.peers["ML"]
    asked = mirror.encode_request(OwnLog(pair.rl.seat.origin, 0, (), str(NOW)))
    assert b"mirror.other-log" in mirroring.give(pair.rl, peer, asked, NOW)


@pytest.mark.parametrize("cut", [0, 5, 30, 80, 200, -1])
def test_a_truncated_copy_or_request_is_refused(pair: Pair, cut: int) -> None:
    asked = mirror.encode_request(OwnLog(pair.ml.seat.origin, 0, ((1, 0),), str(NOW)))
    given = mirroring.give(pair.rl, pair.rl.seat.peers["ML"], asked, NOW)
    limits = pair.rl.seat.law.limits
    assert mirror.encode(mirror.decode(given, limits)) == given
    assert mirror.encode_request(mirror.decode_request(asked)) == asked
    with pytest.raises(Refusal, match=r"mirror\."):
        mirror.decode(given[:cut], limits)
    with pytest.raises(Refusal, match=r"mirror\."):
        mirror.decode_request(asked[: min(cut, len(asked) - 1)])


def test_a_backup_of_24_hours_ago_loses_no_cosigned_notice_and_leads_to_nothing_wrong_being_signed(
    setback: SetBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = setback.pair
    ports = Ports()
    ports.install(monkeypatch)
    release(pair.ml, [notice(pair.ml.seat, n, pair.now) for n in range(5)])
    release(pair.rl, [notice(pair.rl.seat, n, pair.now) for n in range(5)])
    pair.settle()
    setback.remember()
    for hour in range(24):
        pair.now = Moment(pair.now.seconds + 3600)
        release(pair.ml, [notice(pair.ml.seat, 100 + 4 * hour + n, pair.now) for n in range(4)])
        release(pair.rl, [notice(pair.rl.seat, 100 + hour, pair.now)])
        pair.settle()
    before = {each.seat.party: (each.own(), pair.copy_of(each)) for each in (pair.ml, pair.rl)}
    held = everything(pair.ml)
    setback.restore()
    lost = before["ML"][0].size - pair.ml.own().size
    assert lost > 4 * 24
    release(pair.rl, [notice(pair.rl.seat, 999, pair.now)])
    pair.settle_by_steps()
    assert everything(pair.ml)[: len(held)] == held
    for each in (pair.ml, pair.rl):
        own = each.own()
        tree = record.Tree(each.conn, each.engine, own.id)
        for head in (*ports.signed, *ports.cosigned):
            assert head.origin != own.origin or tree.root(head.size) == head.root
        assert pair.copy_of(each).frozen == ""
        assert record.read(each.conn, each.engine, own.origin).size >= before[each.seat.party][0].size
    sizes = [receipt.size for receipt in receipts_of(pair.ml)]
    assert sizes == sorted(set(sizes))


def everything(holdings: Holdings) -> list[tuple[bytes, list[bytes]]]:
    """Every leaf of our own log with its parts."""
    own = holdings.own()
    leaves = record.read_entries(holdings.conn, holdings.engine, own, 0, own.size)
    parts = record.read_parts(holdings.conn, holdings.engine, own, 0, own.size)
    return [(leaf, [held.part.body for held in parts if held.index == index]) for index, leaf in enumerate(leaves)]


def receipts_of(holdings: Holdings) -> list[envelope.Receipt]:
    leaves = record.read_entries(holdings.conn, holdings.engine, holdings.own(), 0, holdings.own().size)
    return [parsed.receipt for leaf in leaves if (parsed := envelope.parse(leaf).header).receipt is not None]


def test_a_head_is_fenced_before_its_cosignature_is_shown(pair: Pair) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.send(pair.ml)
    fence = pair.rl.seat.fence.read(pair.ml.seat.origin)
    assert fence == pair.copy_of(pair.ml).head
    assert record.cosigned_sizes(pair.ml.conn, pair.ml.engine, pair.ml.own())[pair.rl.seat.cosigner] == fence.size


def test_a_cosignature_is_not_given_to_anybody_before_the_fence_has_let_it_past(pair: Pair) -> None:
    """The cosignature on a receipt is stored with it, and its fence moves with the next delivery, which shows it."""
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.send(pair.ml)
    ml, origin = pair.ml, pair.rl.seat.origin
    copy = pair.copy_of(pair.rl)
    fence = ml.seat.fence.read(origin)
    assert fence is None or fence.size < copy.size
    assert record.cosigned_sizes(ml.conn, ml.engine, copy)[ml.seat.cosigner] == copy.size

    def given() -> tuple[str, ...]:
        asked = mirror.encode_request(OwnLog(origin, 0, (), str(NOW)))
        said = mirroring.give(ml, ml.seat.peers["RL"], asked, NOW)
        return tuple(line.name for line in note.split(mirror.decode(said, ml.seat.law.limits).checkpoint)[1])

    assert given() == (origin,)
    pair.send(pair.ml)
    assert ml.seat.fence.read(origin) == copy.head
    assert given() == (origin, ml.seat.cosigner)


def test_a_draft_whose_notice_turns_out_to_be_in_the_log_is_not_released_again(
    tmp_path: Path, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        pair = Pair(tmp_path / "nodes")
        pair.settle()
        node = settings.read(pair.ml.seat.folder, {})
        released = notice(pair.ml.seat, 2)
        id_ = envelope.parse(released[0]).header.id
        with meadow.standing_on(node):
            officer = meadow.officers()["duty"]
            for each in (id_, "0" * 32):
                draft = drafting.save_draft(officer=officer, kind="incident.initial", content=meadow.INCIDENT, now=NOW)
                filing.file(draft_id=draft.id, officer=officer, secret=meadow.SECRET, now=NOW)
                rename(pair.ml, draft.id, each)
        back = SetBack(pair, None)
        back.remember()
        release(pair.ml, [released])
        pair.settle()
        back.restore()
        pair.settle_by_steps()
        with meadow.standing_on(node):
            assert list(Draft.objects.values_list("id", flat=True)) == ["0" * 32]
            assert set(DraftPart.objects.values_list("draft_id", flat=True)) == {"0" * 32}
        pair.close()


def rename(holdings: Holdings, old: str, new: str) -> None:
    """Give a draft the identifier that a notice of the tests has."""
    with holdings.engine.transaction(holdings.conn):
        holdings.conn.execute("PRAGMA defer_foreign_keys=ON")
        holdings.conn.execute("UPDATE store_draft SET id = ? WHERE id = ?", (new, old))
        holdings.conn.execute("UPDATE store_draftpart SET draft_id = ? WHERE draft_id = ?", (new, old))
