"""Keys of a party as its log tells them."""

from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.notices.envelope import KeySet, Leaf, Revocation, Roots
from mithaq.notices.keys import KeyRing, key_of
from mithaq.record import note
from tests.mithaq.notices.border import Border, Side, private_key

OLD = "old root"


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


def officer(side: Side, number: int, name: str = "") -> Any:
    key_name = name or side.officer(number)
    return key_of(key_name, "officer", private_key(key_name).public)


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
    counted = [index for index in range(12) if ring.verifier(side.officer(9), index)]
    assert counted == [5, 6, 7]
    assert side.officer(9) not in ring.officers


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 3}, "keys.wrong-version"),
        ({"add": ["same name"]}, "keys.name-taken"),
        ({"add": ["same key"]}, "keys.two-roles"),
        ({"add": ["other party"]}, "keys.wrong-name"),
        ({"add": ["unknown role"]}, "keys.unknown-role"),
        ({"add": ["bad pin"]}, "keys.bad-pin"),
        ({"add": ["bad point"]}, "signing.bad-public-key"),
        ({"revoke": [Revocation(name="nobody", since=9)]}, "keys.unknown-key"),
        ({"revoke": ["backwards"]}, "keys.revoked-backwards"),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused(side: Side, change: dict[str, Any], code: str) -> None:
    ring, roots = ring_and_roots(side)
    made = {
        "same name": officer(side, 1),
        "same key": key_of(side.officer(9), "officer", private_key(side.officer(1)).public),
        "other party": officer(side, 1, side.other.officer(1)),
        "unknown role": key_of("x", "king", private_key("x").public),
        "bad pin": key_of(f"{side.domain}/tls", "tls", b"short"),
        "bad point": key_of(side.officer(9), "officer", b"\xff" * 32),
        "backwards": Revocation(name=side.officer(1), since=2),
    }
    change = {
        name: [made.get(item, item) if isinstance(item, str) else item for item in value]
        if isinstance(value, list)
        else value
        for name, value in change.items()
    }
    with pytest.raises(Refusal) as refused:
        ring.apply(changed(side, **change), 5, roots)
    assert refused.value.code == code


def test_new_roots_are_signed_by_the_old_and_by_the_new(side: Side) -> None:
    ring, roots = ring_and_roots(side)
    fresh = f"{side.domain}/root/9"
    new = Roots(keys=[note.Verifier(fresh, note.ED25519, private_key(fresh).public).vkey()], threshold=1)
    change = KeySet(version=2, roots=new)
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        ring.apply(side.change_keys(change), 5, roots)
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        ring.apply(side.change_keys(change, new), 5, roots)
    both = Roots(keys=[*roots.keys, *new.keys], threshold=2)
    after = ring.apply(side.change_keys(change, both), 5, roots)
    assert after.roots == new
    assert after.apply(side.change_keys(KeySet(version=3, add=[officer(side, 9)]), new), 6, roots).version == 3
