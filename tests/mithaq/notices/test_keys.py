"""Keys of a party as its log tells them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.notices.envelope import Key, KeySet, Leaf, Revocation, Roots, key_set_text, parse, text_of
from mithaq.notices.keys import NEVER, KeyRing, key_of, with_signatures
from mithaq.record import note
from tests.mithaq.notices.border import Border, Side, private_key


@pytest.fixture
def side() -> Side:
    return Border().pair[0]


def ring_and_roots(side: Side) -> tuple[KeyRing, Roots]:
    side.border.book()
    party = side.border.law.party(side.code)
    assert party is not None
    return side.border.ledger.ring(side.origin), Roots(keys=party.roots, threshold=party.threshold)


def changed(side: Side, **change: Any) -> Leaf:
    return side.change_keys(KeySet(version=change.pop("version", 2), **change))


def officer(side: Side, number: int, name: str = "") -> Key:
    key_name = name or side.officer(number)
    return key_of(key_name, "officer", private_key(key_name).public)


def counted(ring: KeyRing, name: str, size: int = 20) -> list[int]:
    return [index for index in range(size) if ring.verifier(name, index)]


def test_the_first_leaf_names_log_cosigner_node_and_officers(side: Side) -> None:
    ring, _ = ring_and_roots(side)
    assert ring.log_verifier.name == side.origin
    assert ring.log_verifier.kind == note.ED25519
    assert ring.cosigner.kind == note.COSIGNATURE
    assert ring.node.name == f"{side.domain}/node"
    assert ring.officers == (side.officer(1), side.officer(2), side.officer(3))


def test_a_key_counts_from_its_own_leaf_until_it_is_revoked(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    ring = ring.apply(changed(side, add=[officer(side, 9)]), 5, roots)
    ring = ring.apply(changed(side, version=3, revoke=[Revocation(name=side.officer(9), since=8)]), 7, roots)
    assert counted(ring, side.officer(9)) == [5, 6, 7]
    assert side.officer(9) not in ring.officers


def test_a_revocation_never_reaches_back(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    ring = ring.apply(changed(side, revoke=[Revocation(name=side.officer(1), since=3)]), 7, roots)
    assert counted(ring, side.officer(1)) == [0, 1, 2, 3, 4, 5, 6]


@given(st.integers(1, 30), st.integers(0, 40))
def test_what_a_revocation_leaves_is_what_stood_before_both_its_leaf_and_its_size(index: int, since: int) -> None:
    side = Border().pair[0]
    side.begin()
    ring, roots = ring_and_roots(side)
    ring = ring.apply(changed(side, revoke=[Revocation(name=side.officer(1), since=since)]), index, roots)
    assert counted(ring, side.officer(1), 50) == list(range(max(index, since)))


def test_a_name_that_was_given_again_is_judged_by_where_the_leaf_stands(side: Side) -> None:
    """A leaf or a part that arrives late is held to the key of its own position, not to the latest one."""
    ring, roots = ring_and_roots(side)
    name = side.officer(1)
    old, fresh = private_key(name).public, private_key("another").public
    again = key_of(name, "officer", private_key("another").public)
    ring = ring.apply(changed(side, add=[again], revoke=[Revocation(name=name, since=0)]), 5, roots)
    found = [verifier.public for index in range(8) if (verifier := ring.verifier(name, index))]
    assert found == [old] * 5 + [fresh] * 3
    assert [key.until for key in ring.named(name)] == [5, NEVER]


def test_a_checkpoint_is_signed_by_the_log_key_that_counts_for_its_last_leaf(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    old, fresh = ring.log_verifier.public, private_key("another").public
    again = key_of(side.origin, "log", private_key("another").public)
    ring = ring.apply(changed(side, add=[again], revoke=[Revocation(name=side.origin, since=0)]), 5, roots)
    assert [each.public for each in ring.log_verifiers(5)] == [old]
    assert [each.public for each in ring.log_verifiers(6)] == [fresh]
    assert ring.log_verifier.public == fresh


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 3}, "keys.wrong-version"),
        ({"add": ["same name"]}, "keys.name-taken"),
        ({"add": ["officer", "officer"]}, "keys.name-taken"),
        ({"add": ["same key"]}, "keys.two-roles"),
        ({"add": ["other party"]}, "keys.wrong-name"),
        ({"add": ["unknown role"]}, "keys.unknown-role"),
        ({"add": ["bad pin"]}, "keys.bad-pin"),
        ({"add": ["bad point"]}, "signing.bad-public-key"),
        ({"add": ["neutral point"]}, "signing.bad-public-key"),
        ({"add": ["weak body key"]}, "signing.bad-public-key"),
        ({"revoke": [Revocation(name="nobody", since=9)]}, "keys.unknown-key"),
        ({"add": ["officer"], "revoke": ["officer"]}, "keys.unknown-key"),
        ({"revoke": ["log ahead"]}, "keys.revoked-ahead"),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused(side: Side, change: dict[str, Any], code: str) -> None:
    ring, roots = ring_and_roots(side)
    nine, body = side.officer(9), f"{side.domain}/body"
    other = private_key("somebody else")
    made: dict[str, Any] = {
        "officer": officer(side, 9),
        "same name": key_of(side.officer(1), "officer", other.public),
        "same key": key_of(nine, "officer", private_key(side.officer(1)).public),
        "other party": officer(side, 1, side.other.officer(1)),
        "unknown role": key_of("x", "king", other.public),
        "bad pin": key_of(f"{side.domain}/tls", "tls", b"short"),
        "bad point": key_of(nine, "officer", b"\xff" * 32),
        "neutral point": key_of(nine, "officer", b"\1" + bytes(31)),
        "weak body key": key_of(body, "body", bytes(32)),
        "log ahead": Revocation(name=side.origin, since=6),
    }
    if change.get("revoke") == ["officer"]:
        made["officer"], change = made["officer"], {**change, "revoke": [Revocation(name=nine, since=0)]}
    change = {
        name: [made.get(item, item) if isinstance(item, str) else item for item in value]
        if isinstance(value, list)
        else value
        for name, value in change.items()
    }
    with pytest.raises(Refusal) as refused:
        ring.apply(changed(side, **change), 5, roots)
    assert refused.value.code == code


def vkey(name: str) -> str:
    return note.Verifier(name, note.ED25519, private_key(name).public).vkey()


def signed_leaf(side: Side, change: KeySet, *signers: str) -> Leaf:
    text = key_set_text(side.origin, change)
    lines = [note.sign(text, name, private_key(name)) for name in signers or ("root",)]
    return parse(text_of(side.header("key-set", keyset=with_signatures(change, lines))))


def test_new_roots_are_signed_by_the_old_and_by_the_new(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    fresh = f"{side.domain}/root/9"
    new = Roots(keys=[vkey(fresh)], threshold=1)
    change = KeySet(version=2, roots=new)
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        ring.apply(side.change_keys(change), 5, roots)
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        ring.apply(side.change_keys(change, new), 5, roots)
    both = Roots(keys=[*roots.keys, *new.keys], threshold=2)
    after = ring.apply(side.change_keys(change, both), 5, roots)
    assert after.roots == new
    assert after.apply(side.change_keys(KeySet(version=3, add=[officer(side, 9)]), new), 6, roots).version == 3
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        after.apply(side.change_keys(KeySet(version=3, add=[officer(side, 9)])), 6, roots)


@given(st.integers(1, 5), st.integers(0, 5), st.integers(1, 5))
def test_k_of_n_roots_and_one_key_counts_once(n: int, signing: int, threshold: int) -> None:
    side = Border().pair[0]
    names = [f"{side.domain}/root/{number}" for number in range(1, n + 1)]
    roots = Roots(keys=[vkey(name) for name in names], threshold=threshold)
    lines = [*names[:signing], *names[:1] * bool(signing)]
    leaf = signed_leaf(side, KeySet(version=1, add=[officer(side, 1)]), *(lines or ["stranger"]))
    if min(signing, n) >= threshold:
        assert KeyRing().apply(leaf, 0, roots).version == 1
    else:
        with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
            KeyRing().apply(leaf, 0, roots)


def test_signatures_of_another_change_or_another_log_do_not_count(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    signed = changed(side, add=[officer(side, 9)]).header.keyset
    assert signed is not None
    other = msgspec.structs.replace(signed, add=[officer(side, 8)])
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        ring.apply(side.machine("key-set", keyset=other), 5, roots)
    with pytest.raises(Refusal, match=r"leaf\.other-log"):
        ring.apply(side.other.machine("key-set", keyset=signed), 5, roots)
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        KeyRing().apply(side.other.machine("key-set", keyset=msgspec.structs.replace(signed, version=1)), 0, roots)


def test_the_same_signatures_serve_whatever_leaves_came_before(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    leaf = changed(side, add=[officer(side, 9)])
    assert counted(ring.apply(leaf, 5, roots), side.officer(9), 12) == [5, 6, 7, 8, 9, 10, 11]
    assert counted(ring.apply(leaf, 9, roots), side.officer(9), 12) == [9, 10, 11]
