"""A node changes every key it signs with while the line drops, and the link never stops."""

from dataclasses import replace

import pytest

from mithaq.notices.envelope import KeySet, Revocation, key_set_text, text_of
from mithaq.notices.keys import expected_name, with_signatures
from mithaq.notices.registering import registration
from mithaq.record import note
from mithaq_node.keystore import custody
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests.mithaq_node import meadow
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.pair import Pair, notice
from tests.mithaq_node.setback import SetBack


def rotate(holdings: Holdings, *roles: str) -> None:
    """New keys for `roles`, and the key-set that registers them and ends the old ones."""
    seat, own = holdings.seat, holdings.own()
    fresh = {role: custody.follow(seat.folder / "keys", role) for role in roles}
    names = {role: expected_name(role, seat.origin) for role in roles}
    change = KeySet(
        version=holdings.ring(own).version + 1,
        add=[registration(names[role], role, key).key for role, key in fresh.items()],
        revoke=[Revocation(name=name, since=own.size) for name in names.values()],
    )
    text = key_set_text(seat.origin, change)
    signed = with_signatures(change, [note.sign(text, *meadow.root(seat.party))])
    release(holdings, text_of(pairs.key_set_header(seat, signed)))


def release(holdings: Holdings, *leaves: bytes) -> None:
    with holdings.seat.engine.transaction(holdings.conn):
        record.append(holdings.conn, holdings.seat.engine, holdings.seat.origin, list(leaves))


def cosigned_by_the_newest(pair: Pair, holdings: Holdings, other: Holdings) -> bool:
    own = holdings.own()
    lines = [note.parse_line(line) for line in record.cosignatures(holdings.conn, holdings.engine, own, own.size)]
    verifier = other.ring(other.own()).cosigner
    return any(verifier.verifies(own.head.text(), line) for line in lines)


@pytest.mark.parametrize("roles", [("log",), ("cosigner",), ("node",), ("log", "cosigner", "node", "body")])
def test_keys_change_at_the_leaf_of_their_key_set_and_the_exchange_goes_on(pair: Pair, roles: tuple[str, ...]) -> None:
    rotate(pair.ml, *roles)
    pair.settle()
    row = notice(pair.ml.seat, 1)
    with pair.ml.seat.engine.transaction(pair.ml.conn):
        record.append(pair.ml.conn, pair.ml.engine, pair.ml.seat.origin, [row[0]], [row[1]])
    pair.settle()
    assert pair.copy_of(pair.ml).head == pair.ml.own().head
    assert pair.copy_of(pair.rl).head == pair.rl.own().head
    assert cosigned_by_the_newest(pair, pair.rl, pair.ml)
    assert not pair.copy_of(pair.ml).frozen
    ring = pair.rl.ring(pair.copy_of(pair.ml))
    assert ring.version == 2
    assert [pair.ml.seat.key(role, ring.current(role).public) in pair.ml.seat.keys.all(role) for role in roles] == [
        False for _ in roles
    ]


def test_a_lost_answer_to_the_key_set_does_not_lock_the_node_out(pair: Pair) -> None:
    """The counterpart holds the new key and we do not know it: the request is refused, and tried with the other."""
    rotate(pair.ml, "node")
    pair.lose_answer = True
    pair.send(pair.ml)
    pair.lose_answer = False
    codes = []
    for _ in range(6):
        link = pair.step(pair.ml)
        codes.append(link.code)
        if not link.code and link.held == pair.ml.own().size:
            break
    assert codes[-1] == ""
    assert pair.copy_of(pair.ml).head == pair.ml.own().head


def test_pages_sent_after_a_change_are_signed_with_the_key_of_their_own_last_leaf(pair: Pair) -> None:
    """Whoever was away gets the log in pages; a page that ends before the change carries the old key's signature."""
    before = pair.ml.own().size
    old = pair.ml.ring(pair.ml.own()).log_verifier
    rotate(pair.ml, "log")
    own = pair.ml.secure()
    assert note.open(pair.ml.signed(own, before), [old]).names == {old.name}
    assert note.open(pair.ml.signed(own, own.size), [pair.ml.ring(own).log_verifier]).names == {old.name}
    assert old != pair.ml.ring(own).log_verifier


def test_a_node_restored_from_before_a_change_reads_its_log_back_with_the_keys_it_holds(
    pair: Pair, setback: SetBack
) -> None:
    """Its own log names a key that the counterpart knows to be revoked, twice over."""
    setback.remember()
    for roles in (("node",), ("log", "cosigner", "node")):
        rotate(pair.ml, *roles)
        pair.settle()
    whole = pair.ml.own().head
    setback.restore()
    pair.ml.seat = replace(pair.ml.seat, keys=custody.load(pair.ml.seat.folder / "keys"))  # the process is a new one
    assert pair.ml.own().size < whole.size
    pair.settle_by_steps()
    assert pair.ml.own().head == whole
    assert pair.ml.doubt() is None


def test_a_counterpart_restored_from_before_a_change_is_called_with_the_key_that_it_knows(
    pair: Pair, setback: SetBack
) -> None:
    setback.remember()
    rotate(pair.rl, "node")
    pair.settle()
    setback.restore()
    pair.settle_by_steps()
    assert pair.copy_of(pair.rl).head == pair.rl.own().head
