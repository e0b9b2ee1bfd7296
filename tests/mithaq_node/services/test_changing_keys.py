"""Keys that change: made beside the old ones, counting from their key-set on, ended without undoing what was signed."""

import pytest

from mithaq.errors import Refusal
from mithaq.notices import registering
from mithaq.record import note
from mithaq.signing import PrivateKey
from mithaq_node.keystore import custody
from mithaq_node.services import accounts, changing_keys, drafting, entering, filing, sequencing
from mithaq_node.services.changing_keys import Listed
from mithaq_node.settings.node import Node
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET


def signed(draft: bytes, *roots: tuple[str, PrivateKey]) -> bytes:
    found = registering.read(draft)
    for root in roots or (meadow.root("ML"),):
        found = registering.sign(found, *root)
    return found.encode()


def current(role: str) -> Listed:
    (found,) = (each for each in changing_keys.keys_of() if each.key.role == role and each.counts)
    return found


@pytest.mark.parametrize("role", ["log", "cosigner", "node", "body", "tls"])
def test_a_rotated_key_counts_from_its_key_set_on(node: Node, role: str) -> None:
    meadow.enter("ML")
    before = current(role)
    changing_keys.rotate(role, NOW)
    assert current(role).key == before.key
    entering.enter_key_set(signed=signed(entering.draft_key_set()), now=NOW)
    after = current(role)
    assert after.key.public != before.key.public
    (old,) = (each for each in changing_keys.named(before.key.name) if each.key.public == before.key.public)
    assert (old.until, after.key.since) == (2, 2)
    with pytest.raises(Refusal, match=r"keyset\.nothing-to-change"):
        entering.draft_key_set()
    if role in custody.SEEDS:
        assert len(custody.load(node.keys).all(role)) == 2


def test_it_refuses_a_role_that_has_no_key_of_the_node(node: Node) -> None:
    with pytest.raises(Refusal, match=r"keys\.unknown-role"):
        changing_keys.rotate("officer", NOW)


def test_an_officer_whose_key_is_revoked_is_out_at_once_and_what_was_signed_stays(node: Node) -> None:
    officer = accounts.create_officer(name="desk", role="duty", secret=SECRET)
    meadow.enter("ML")
    text = changing_keys.revocation(officer.key_name, None)
    officer.refresh_from_db()
    assert not officer.is_active
    entering.enter_key_set(signed=signed(text), now=NOW)
    ring, size = entering.ring_of_own(sequencing.own_origin())
    assert [ring.verifier(officer.key_name, index) is not None for index in range(size)] == [True, True, False]


def test_a_key_that_is_revoked_from_a_later_size_goes_on_until_there(node: Node) -> None:
    officer = accounts.create_officer(name="desk", role="duty", secret=SECRET)
    meadow.enter("ML")
    entering.enter_key_set(signed=signed(changing_keys.revocation(officer.key_name, 5)), now=NOW)
    officer.refresh_from_db()
    assert officer.is_active
    draft = drafting.save_draft(officer=officer, kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    filing.file(draft_id=draft.pk, officer=officer, secret=SECRET, now=NOW)
    ring, _ = entering.ring_of_own(sequencing.own_origin())
    assert [index for index in range(9) if ring.verifier(officer.key_name, index)] == [0, 1, 2, 3, 4]


def test_it_refuses_to_end_what_is_not_there_and_a_key_the_node_cannot_do_without(node: Node) -> None:
    meadow.enter("ML")
    with pytest.raises(Refusal, match=r"keys\.unknown-key"):
        changing_keys.revocation("ml.mithaq.example/officer/77", None)
    with pytest.raises(Refusal, match=r"keyset\.rotate-instead"):
        changing_keys.revocation(current("log").key.name, None)
    with pytest.raises(Refusal, match=r"keys\.unknown-key"):
        changing_keys.named("nobody")


def test_root_keys_are_replaced_by_both_thresholds(node: Node) -> None:
    meadow.enter("ML")
    names = [f"ml.mithaq.example/root/{number}" for number in (2, 3, 4)]
    fresh = [(name, PrivateKey.from_seed(name.encode().ljust(32, b"."))) for name in names]
    vkeys = [note.Verifier(name, note.ED25519, key.public).vkey() for name, key in fresh]
    text = changing_keys.new_roots(vkeys, 2)
    for too_few in ((meadow.root("ML"), fresh[0]), (fresh[0], fresh[1])):
        with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
            entering.enter_key_set(signed=signed(text, *too_few), now=NOW)
    entering.enter_key_set(signed=signed(text, meadow.root("ML"), fresh[0], fresh[2]), now=NOW)
    changing_keys.rotate("log", NOW)
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        entering.enter_key_set(signed=signed(entering.draft_key_set()), now=NOW)
    entering.enter_key_set(signed=signed(entering.draft_key_set(), fresh[1], fresh[2]), now=NOW)


@pytest.mark.parametrize(("names", "threshold"), [(["rl.mithaq.example/root/1"], 1), (["ml.mithaq.example/root/2"], 2)])
def test_it_refuses_roots_of_another_and_a_threshold_nobody_can_reach(
    node: Node, names: list[str], threshold: int
) -> None:
    keys = [(name, PrivateKey.from_seed(name.encode().ljust(32, b"."))) for name in names]
    vkeys = [note.Verifier(name, note.ED25519, key.public).vkey() for name, key in keys]
    with pytest.raises(Refusal, match=r"keys\.(wrong-name|too-few-roots)"):
        changing_keys.new_roots(vkeys, threshold)
