"""Founding, pairing and the first leaves: what a node refuses to begin with."""

import errno
import json
from pathlib import Path

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.instrument import sealing
from mithaq.moments import Moment
from mithaq.notices import registering
from mithaq.notices.envelope import parse
from mithaq.record import note
from mithaq_node import queries
from mithaq_node.keystore import custody
from mithaq_node.services import accounts, entering, feeds, founding, pairing, preflight, sequencing
from mithaq_node.services.sealing import adopt
from mithaq_node.settings.node import Node, read
from mithaq_node.store import fences
from mithaq_node.store import log as record
from mithaq_node.store.fence_table import TableFence
from tests.mithaq_node import meadow, room
from tests.mithaq_node.meadow import NOW

EARLIER, LATER = Moment(NOW.seconds - 3600), Moment(NOW.seconds + 3600)


def signed(draft: bytes, party: str = "ML") -> bytes:
    return registering.sign(registering.read(draft), *meadow.root(party)).encode()


def test_a_founded_folder_is_whole_and_private(tmp_path: Path) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    assert read(node.folder, {}) == node
    custody.load(node.keys)
    assert node.folder.stat().st_mode & 0o077 == 0
    head = fences.at(node.fence).read(meadow.sealed().law.origin("ML"))
    assert head is not None
    assert head.size == 0


def test_it_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    node.folder.mkdir()
    (node.folder / "something").touch()
    with pytest.raises(Refusal, match=r"node\.folder-not-empty"):
        meadow.found(node)


def test_where_the_disk_is_full_nothing_is_left_and_the_same_succeeds_later(tmp_path: Path) -> None:
    with room.device(tmp_path / "small", 4) as small:
        node = meadow.settings_of(small.folder / "ML", "ML")
        small.fill()
        with pytest.raises(OSError, match="No space left") as full:
            meadow.found(node)
        assert full.value.errno == errno.ENOSPC
        assert [path.name for path in small.folder.iterdir() if path.name != "filler"] in ([], ["ML"])
        assert not any(node.folder.glob("*"))
        small.make()
        meadow.found(node)
        assert read(node.folder, {}) == node


def test_a_founding_that_is_refused_leaves_the_folder_empty(tmp_path: Path) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    Path(node.fence).write_text("a file where the fence's folder should be")
    with pytest.raises(Refusal, match=r"fence\.unwritable"):
        meadow.found(node)
    assert not any(node.folder.iterdir())


def test_it_refuses_a_party_the_instrument_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"instrument\.unknown-party"):
        meadow.found(meadow.settings_of(tmp_path / "XX", "XX"))


def test_it_refuses_an_instrument_that_a_party_has_not_sealed(tmp_path: Path) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    half = sealing.seal(meadow.unsealed(), "ML", *meadow.root("ML"))
    with pytest.raises(Refusal, match=r"instrument\.not-sealed"):
        meadow.found(node, half)
    assert not node.folder.exists()


def test_it_refuses_an_instrument_whose_term_is_over(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"instrument\.expired"):
        meadow.found(meadow.settings_of(tmp_path / "ML", "ML"), meadow.sealed(until="2030-01-01"))


def test_a_real_node_refuses_the_instrument_of_a_demonstration(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"node\.demo-instrument"):
        meadow.found(meadow.settings_of(tmp_path / "ML", "ML"), meadow.sealed(demo=True))
    meadow.found(meadow.settings_of(tmp_path / "demo", "ML", demo=True), meadow.sealed(demo=True))


def test_leaf_0_is_the_key_set_and_leaf_1_the_instrument(node: Node) -> None:
    officer = accounts.create_officer(name="desk", role="duty", secret=meadow.SECRET)
    meadow.enter("ML")
    conn, engine = sequencing.reader()
    log = record.read(conn, engine, sequencing.own_origin())
    first, second = (parse(leaf).header for leaf in record.read_entries(conn, engine, log, 0, 2))
    assert first.keyset is not None
    assert {key.role for key in first.keyset.add} == {"log", "cosigner", "node", "body", "tls", "officer"}
    assert officer.key_name in {key.name for key in first.keyset.add}
    assert second.instrument is not None
    assert second.instrument.law == queries.sealed().law_digest


def test_it_refuses_a_key_set_that_the_other_partys_root_signed(node: Node) -> None:
    text = entering.draft_key_set()
    with pytest.raises(Refusal, match=r"keys\.too-few-roots"):
        entering.enter_key_set(signed=signed(text, "RL"), now=NOW)


def test_it_refuses_the_instrument_before_the_keys_and_a_second_time(node: Node) -> None:
    with pytest.raises(Refusal, match=r"keyset\.missing"):
        entering.enter_instrument(now=NOW)
    meadow.enter("ML")
    with pytest.raises(Refusal, match=r"node\.entered-already"):
        entering.enter_instrument(now=NOW)


def test_a_later_key_set_adds_new_officers_and_revokes_disabled_ones(node: Node) -> None:
    gone = accounts.create_officer(name="gone", role="duty", secret=meadow.SECRET)
    meadow.enter("ML")
    with pytest.raises(Refusal, match=r"keyset\.nothing-to-change"):
        entering.draft_key_set()
    new = accounts.create_officer(name="new", role="duty", secret=meadow.SECRET)
    accounts.disable(officer=gone)
    text = entering.draft_key_set()
    change = registering.read(text).change
    assert [key.name for key in change.add] == [new.key_name]
    assert [each.name for each in change.revoke] == [gone.key_name]
    entering.enter_key_set(signed=signed(text), now=NOW)


def test_a_key_set_that_comes_back_late_is_entered_without_a_new_ceremony(node: Node) -> None:
    meadow.enter("ML")
    gone = accounts.create_officer(name="gone", role="duty", secret=meadow.SECRET)
    entering.enter_key_set(signed=signed(entering.draft_key_set()), now=NOW)
    accounts.disable(officer=gone)
    accounts.create_officer(name="new", role="duty", secret=meadow.SECRET)
    text = entering.draft_key_set()
    feeds.publish(kind="flow.count", content=meadow.FLOW, now=LATER)
    entering.enter_key_set(signed=signed(text), now=EARLIER)
    ring, size = entering.ring_of_own(sequencing.own_origin())
    assert ring.version == 3
    assert ring.verifier(gone.key_name, size - 2) is not None
    assert ring.verifier(gone.key_name, size - 1) is None


def test_it_refuses_a_key_set_of_another_log_and_one_that_another_overtook(node: Node) -> None:
    meadow.enter("ML")
    accounts.create_officer(name="first", role="duty", secret=meadow.SECRET)
    overtaken = entering.draft_key_set()
    accounts.create_officer(name="second", role="duty", secret=meadow.SECRET)
    entering.enter_key_set(signed=signed(entering.draft_key_set()), now=NOW)
    with pytest.raises(Refusal, match=r"keys\.wrong-version"):
        entering.enter_key_set(signed=signed(overtaken), now=NOW)
    other = overtaken.replace(b'"log":"ml.', b'"log":"rl.')
    with pytest.raises(Refusal, match=r"keyset\.other-log"):
        entering.enter_key_set(signed=signed(other), now=NOW)


def test_more_officers_than_fit_one_leaf_wait_for_the_next(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "make_password", lambda secret: "!")
    for number in range(40):
        accounts.create_officer(name=f"desk {number}", role="duty", secret=meadow.SECRET)
    registered: list[str] = []
    while len(registered) < 45:
        text = entering.draft_key_set()
        registered += [key.name for key in registering.read(text).change.add]
        entering.enter_key_set(signed=signed(text), now=NOW)
    assert len(set(registered)) == 45
    with pytest.raises(Refusal, match=r"keyset\.nothing-to-change"):
        entering.draft_key_set()


def test_seals_gather_and_a_forged_one_changes_nothing(node: Node) -> None:
    held = queries.sealed()
    only_theirs = sealing.seal(meadow.unsealed(), "RL", *meadow.root("RL"))
    assert only_theirs.law_note is not None
    assert only_theirs.words_note is not None
    assert adopt(law_note=only_theirs.law_note, words_note=only_theirs.words_note).sealed_by == held.sealed_by
    text, (line, *_) = note.split(only_theirs.law_note)
    forged = note.join(text, [note.Signature(line.name, line.key_id, bytes(64))])
    with pytest.raises(Refusal, match=r"note\.bad-signature"):
        adopt(law_note=forged, words_note=only_theirs.words_note)
    assert queries.sealed().in_force


def test_it_refuses_the_record_of_another_party(node: Node) -> None:
    meadow.enter("ML")
    preflight.require_own_record()
    (node.folder.parent / "ML.secret").unlink()  # whose record it is can be told without any key
    with meadow.standing_on(Node(**{**vars(node), "party": "RL"})), pytest.raises(Refusal, match=r"node\.other-party"):
        preflight.require_own_record()


def card_of(tmp_path: Path, party: str) -> bytes:
    node = meadow.settings_of(tmp_path / party, party)
    if not node.folder.exists():
        meadow.found(node)
    return node.own_card.read_bytes()


def read_card(encoded: bytes) -> pairing.Card:
    return pairing.read_card(encoded=encoded, law=meadow.sealed().law, own_party="ML")


def test_pairing_keeps_the_card_and_the_address(tmp_path: Path) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    card = read_card(card_of(tmp_path, "RL"))
    pairing.keep(node=node, card=card)
    kept = read(node.folder, {})
    assert [peer.party for peer in kept.peers] == ["RL"]
    assert (kept.cards / "RL.json").read_bytes() == card.encode()


def test_it_refuses_our_own_card_a_strangers_and_one_with_other_roots(tmp_path: Path) -> None:
    theirs = json.loads(card_of(tmp_path, "RL"))
    for change, code in (
        ({"party": "XX"}, "card.unknown-party"),
        ({"threshold": 2}, "card.not-of-this-law"),
        ({"roots": []}, "card.not-of-this-law"),
        ({"domain": "ml.mithaq.example"}, "card.not-of-this-law"),
        ({"certificate": "none"}, "card.bad-certificate"),
        ({"more": 1}, "card.not-a-card"),
    ):
        with pytest.raises(Refusal, match=code.replace(".", r"\.")):
            read_card(json.dumps({**theirs, **change}).encode())
    with pytest.raises(Refusal, match=r"card\.own"):
        read_card(card_of(tmp_path, "ML"))


@pytest.mark.parametrize("in_a_database", [False, True])
def test_it_refuses_the_fence_of_another_nodes_log(
    tmp_path: Path, request: pytest.FixtureRequest, in_a_database: bool
) -> None:
    from mithaq.record.checkpoint import Checkpoint

    values = {}
    if in_a_database:
        server = request.getfixturevalue("postgresql_server")
        name = server.create()
        request.addfinalizer(lambda: server.drop(name))
        values["fence"] = server.url(name).replace("postgres@", "postgres:hidden@")
    node = meadow.settings_of(tmp_path / "ML", "ML", **values)
    fence, origin = fences.at(node.fence), meadow.sealed().law.origin("ML")
    fence.begin(origin)
    fence.compare_and_swap(fence.read(origin), Checkpoint(origin, 3, bytes(32)))
    with pytest.raises(Refusal, match=r"node\.fence-in-use") as refused:
        founding.found(
            node=node, instrument=meadow.sealed(), url="https://localhost:1", certificate_hosts=("localhost",), now=NOW
        )
    if isinstance(fence, TableFence):
        fence.close()
    assert "hidden" not in str(refused.value)


def test_words_that_were_read_out_decide_whether_a_card_is_taken(tmp_path: Path) -> None:
    card = read_card(card_of(tmp_path, "RL"))
    for language in ("ar", "fa", "ckb", "en"):
        pairing.compare(card, card.words[language])
    other = msgspec.structs.replace(card, url="https://elsewhere.example:8402")
    with pytest.raises(Refusal, match=r"fingerprint\.differs"):
        pairing.compare(card, other.words["fa"])
    with pytest.raises(Refusal, match=r"fingerprint\.misread"):
        pairing.compare(card, " ".join(card.words["fa"].split()[1:]))
