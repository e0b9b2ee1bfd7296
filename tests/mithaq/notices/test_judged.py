"""What was judged of a log before is not judged again, and changes nothing."""

import gc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import signing
from mithaq.errors import Fault
from mithaq.notices import envelope
from mithaq.notices.envelope import Leaf
from mithaq.notices.judged import Judged, Known
from mithaq.notices.ledger import Ledger
from mithaq.notices.uncollected import uncollected
from mithaq.record import merkle, note
from tests.mithaq.notices.border import FIRE, Border, Side
from tests.mithaq.notices.test_ledger_properties import played, steps


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every text of which a signature was verified."""
    texts: list[bytes] = []
    verifies = signing.verifies

    def noting(public: bytes, text: bytes, signature: bytes) -> bool:
        texts.append(text)
        return verifies(public, text, signature)

    monkeypatch.setattr(signing, "verifies", noting)
    return texts


def story() -> Border:
    """Incidents of both sides, one notice whose signature is another's, and one leaf that is none."""
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    border.exchange()
    there.notice("acknowledgement", {"handling": "seen"}, fire)
    forged(here)
    border.ledger.add(here.origin, len(here.leaves), b"no leaf")
    here.leaves.append(b"no leaf")
    here.parts[len(here.leaves) - 1] = ()
    here.notice("incident.update", {"progress": "measures"}, fire)
    border.exchange()
    return border


def forged(side: Side) -> Leaf:
    """A notice under which the signature of another notice stands."""
    header, parts = side.draft("incident.initial", FIRE)
    honest = envelope.parse(side.release(header, parts).encoded)
    other = envelope.parse(side.leaves[2])
    return side.append(note.join(honest.text.replace(header.id.encode(), b"0" * 32), other.signatures), parts)


def fed(border: Border, known: Known, sizes: dict[str, int] | None = None) -> Ledger:
    ledger = Ledger(border.law)
    for side in border.pair:
        size = len(side.leaves) if sizes is None else sizes[side.origin]
        ledger.add_all(side.origin, 0, side.leaves[:size], known.get(side.origin))
        for index in ledger.with_facts(side.origin, 0):
            if side.parts[index]:
                ledger.add_facts(side.origin, index, side.parts[index][0].body)
    return ledger


def judged(border: Border) -> Known:
    ledger = fed(border, {})
    ledger.book()
    return ledger.judged()


def assert_same(found: Ledger, expected: Ledger) -> None:
    book, other = found.book(), expected.book()
    assert book.rows() == other.rows()
    assert dict(book.notices) == dict(other.notices)
    assert book.agreements == other.agreements


def test_a_fold_that_knows_what_was_judged_comes_to_the_same():
    border = story()
    assert_same(fed(border, judged(border)), border.replayed())


@settings(max_examples=40)
@given(steps, st.integers(0, 40), st.integers(0, 40))
def test_whatever_part_of_the_logs_was_judged_before_the_book_is_the_same(
    script: list[tuple[bool, int, int, bool]], one: int, other: int
) -> None:
    border = played(script)
    sizes = {side.origin: min(size, len(side.leaves)) for side, size in zip(border.pair, (one, other), strict=True)}
    before = fed(border, {}, sizes)
    before.book()
    assert_same(fed(border, before.judged()), border.replayed())


def test_no_signature_is_verified_again(verified: list[bytes]):
    border = Border()
    border.pair[0].notice("incident.initial", FIRE)
    known = judged(border)
    verified.clear()
    fed(border, known).book()
    assert not [text for text in verified if not text.startswith(envelope.KEY_SET_LINE)]


def test_what_did_not_conform_is_judged_again(verified: list[bytes]):
    border = story()
    known = judged(border)
    here = border.pair[0]
    assert known[here.origin].again == {5, 6}
    assert known[border.pair[1].origin].again == frozenset()
    verified.clear()
    book = fed(border, known).book()
    assert {code for each in book.nonconforming.values() for code in _codes(each)} == {
        "leaf.bad-signature",
        "leaf.not-a-notice",
    }
    assert [text for text in verified if text.startswith(envelope.FIRST_LINE)]


def _codes(notice: Any) -> list[str]:
    return [refusal.code for refusal in notice.refusals]


def test_it_counts_for_the_leaves_that_it_was_made_of_and_for_no_others(verified: list[bytes]):
    border = Border()
    border.pair[0].notice("incident.initial", FIRE)
    known = judged(border)
    changed = Border()
    forged_side = changed.pair[0]
    forged_side.notice("incident.initial", FIRE | {"event": "smoke"})
    verified.clear()
    fed(changed, known).book()
    assert [text for text in verified if text.startswith(envelope.FIRST_LINE)]


def test_a_forged_leaf_put_among_judged_ones_is_found():
    border = Border()
    here = border.pair[0]
    here.notice("incident.initial", FIRE)
    known = judged(border)
    leaf = envelope.parse(here.leaves[2])
    here.leaves[2] = note.join(leaf.text.replace(leaf.header.id.encode(), b"0" * 32), leaf.signatures)
    assert len(fed(border, known).book().nonconforming) == 1


def test_it_says_nothing_of_more_leaves_than_are_held():
    border = story()
    known = judged(border)
    less = {side.origin: 3 for side in border.pair}
    assert_same(fed(border, known, less), fed(border, {}, less))


def test_it_says_nothing_of_a_later_epoch():
    leaves = [b"one", b"two"]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    tree = merkle.Frontier().extend(hashes)
    said = Judged(2, tree.root())
    assert said.tree_of("ml.example/law/all/1", hashes) == tree
    assert said.tree_of("ml.example/law/all/2", hashes) is None
    assert replace(said, size=0).tree_of("ml.example/law/all/1", hashes) is None


def test_what_was_judged_grows_with_the_log():
    border = story()
    ledger = fed(border, judged(border))
    assert ledger.judged() == judged(border)
    here = border.pair[0]
    here.notice("incident.initial", FIRE)
    ledger.add_all(here.origin, len(here.leaves) - 1, here.leaves[-1:])
    assert ledger.judged()[here.origin].size == len(here.leaves) - 1, "nobody has judged the last one yet"
    ledger.book()
    assert ledger.judged() == judged(border)


def test_leaves_that_do_not_follow_are_a_fault():
    border = Border()
    with pytest.raises(Fault):
        border.ledger.add_all(border.pair[0].origin, 7, [b""])


def test_a_leaf_that_is_kept_says_what_it_said():
    side = Border().pair[0]
    leaf = side.notice("incident.initial", FIRE)
    for each in (envelope.kept(leaf), envelope.recalled(leaf.encoded)):
        assert (each.encoded, each.header, each.text, each.signatures) == (
            leaf.encoded,
            leaf.header,
            leaf.text,
            leaf.signatures,
        )
        assert each.parted is None
    machine = envelope.recalled(side.leaves[1])
    assert (machine.text, machine.signatures) == (side.leaves[1], ())


def test_the_collector_rests_while_a_ledger_folds_and_goes_on_after_it():
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
