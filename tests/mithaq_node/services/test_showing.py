"""A counterpart that signs two histories: its link alone stops, every page alarms, and the evidence is a file."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from django.test import Client

from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey
from mithaq_files import verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node.services import receiving, showing
from mithaq_node.store.models import Role
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, notice, release

ROOTS = Trust(roots=frozenset(key for party in meadow.sealed().law.parties for key in party.roots))


def other_history(size: int) -> list[bytes]:
    return [b"another %d" % index for index in range(size)]


def push(pair: Pair, leaves: Sequence[bytes], key: PrivateKey | None = None) -> answer.Answer:
    """The Meadow sends the Ridge the head of another history, with the proof that this history gives."""
    held = pair.copy_of(pair.ml)
    tree = merkle.Tree(map(merkle.leaf_hash, leaves))
    head = Checkpoint(held.origin, len(leaves), tree.root())
    start = min(held.size, len(leaves))
    sent = delivery.Delivery(
        log=held.origin,
        start=start,
        old=start,
        size=len(leaves),
        held=0,
        time=str(NOW),
        proof=merkle.consistency_proof(start, len(leaves), tree.subtree),
        checkpoint=checkpoint.sign(head, key or pair.ml.seat.keys.log),
        cosignatures=b"",
        entries=tuple(leaves[start:]),
    )
    return receiving.receive(pair.rl, pair.rl.seat.peers["ML"], delivery.encode(sent), NOW)


@pytest.fixture
def told(pair: Pair) -> Pair:
    """The Ridge holds some of the Meadow's log: not a power of two of leaves."""
    release(pair.ml, [notice(pair.ml.seat, number) for number in range(3)])
    pair.settle()
    assert pair.copy_of(pair.ml).size.bit_count() > 1
    return pair


@pytest.mark.parametrize("longer", [-1, 0, 2], ids=["a rollback", "a fork", "another past"])
def test_two_histories_become_a_file_that_both_verifiers_accept(
    told: Pair, standing: Standing, longer: int, tmp_path: Path
) -> None:
    size = told.copy_of(told.ml).size
    said = push(told, other_history(size + longer))
    assert said.code == ("delivery.not-consistent" if longer > 0 else "delivery.fork")
    assert told.copy_of(told.ml).frozen == said.code
    with standing(told.rl):
        found = showing.shown_fork(party="ML")
    assert (found.noticed.by, found.noticed.code) == ("RL", said.code)
    path = tmp_path / "evidence"
    path.write_bytes(found.encode())
    report = verifying.verify([path], ROOTS)
    assert report.verdict is Verdict.GENUINE
    assert report.subjects[0].fork is not None
    assert report.subjects[0].fork.sizes == (size, size + longer)


def test_the_own_desk_goes_on_when_a_link_is_stopped(told: Pair) -> None:
    push(told, other_history(told.copy_of(told.ml).size))
    before = told.rl.own().size
    release(told.rl, [notice(told.rl.seat, 1)])
    assert told.rl.own().size == before + 1
    assert told.rl.secure().head == told.rl.own().head
    assert told.send(told.rl).frozen == "delivery.fork"
    assert told.send(told.ml).code == "link.frozen"


def test_a_signature_of_another_key_stops_the_link_and_shows_no_fork(told: Pair, standing: Standing) -> None:
    stranger = PrivateKey.from_seed(b"s" * 32)
    assert push(told, other_history(told.copy_of(told.ml).size), stranger).code == "delivery.bad-checkpoint"
    with standing(told.rl), pytest.raises(Refusal) as refused:
        showing.shown_fork(party="ML")
    assert refused.value.code == "fork.shows-nothing"
    assert refused.value.data["reason"] == "delivery.bad-checkpoint"


def test_a_log_that_was_never_questioned_has_no_evidence(told: Pair, standing: Standing) -> None:
    with standing(told.rl):
        for party, code in (("ML", "fork.nothing-kept"), ("XX", "instrument.unknown-party")):
            with pytest.raises(Refusal) as refused:
                showing.shown_fork(party=party)
            assert refused.value.code == code


def test_every_page_alarms_and_tells_each_role_what_to_do(told: Pair, standing: Standing) -> None:
    with standing(told.rl):
        officers = meadow.officers()
        pages = {role: _client(officers[role]) for role in (Role.DUTY, Role.RELEASING, Role.AUDITOR)}
        before = pages[Role.DUTY].get("/fa/watch/cursor/").content
        assert b'class="alarm"' not in pages[Role.DUTY].get("/fa/watch/").content
        push(told, other_history(told.copy_of(told.ml).size))
        assert pages[Role.DUTY].get("/fa/watch/cursor/").content != before
        for language, word in (("fa", "ارتباط متوقف است"), ("ar", "الوصلة متوقفة"), ("ckb", "پەیوەندی ڕاوەستاوە")):
            for place in ("watch/", "record/", "crossings/", "help/", "watch/alarm/"):
                page = pages[Role.DUTY].get(f"/{language}/{place}").content.decode()
                assert word in page, place
                assert "delivery.fork" in page
        texts = {role: client.get("/en/watch/alarm/").content.decode() for role, client in pages.items()}
        assert "agreed telephone" in texts[Role.DUTY]
        assert "evidence must stay as it is" in texts[Role.RELEASING]
        assert "mithaq verify" in texts[Role.AUDITOR]


def _client(officer: object) -> Client:
    client = Client()
    client.force_login(officer)  # type: ignore[arg-type]  # an officer is the user model
    return client


def test_what_lies_below_a_forged_key_is_not_believed(told: Pair) -> None:
    """A head under a stranger's key does not even begin to be compared."""
    push(told, other_history(3), PrivateKey.from_seed(b"s" * 32))
    kept = told.copy_of(told.ml)
    assert note.open(kept.note, [told.rl.ring(kept).log_verifier]).names == {kept.origin}
