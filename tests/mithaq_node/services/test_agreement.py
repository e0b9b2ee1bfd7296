"""The agreement leaf: what both sides hold in common is stated once, and again only when something was added to it."""

import pytest

from mithaq.notices import envelope
from mithaq.notices.envelope import Agreement
from mithaq_node.queries import agreement as seen
from mithaq_node.queries import ledgers
from mithaq_node.services import agreement
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, notice, release


def stated(holdings: Holdings) -> list[Agreement]:
    """Every agreement in a node's own log."""
    own = holdings.own()
    leaves = record.read_entries(holdings.conn, holdings.engine, own, 0, own.size)
    return [said for leaf in leaves if (said := envelope.parse(leaf).header.agreement)]


def test_a_party_alone_has_nothing_to_agree_on(officers: dict[str, Officer]) -> None:
    assert agreement.publish(now=NOW) is None


def test_the_first_leaves_of_both_sides_are_agreed_on_once(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        assert agreement.publish(now=NOW) is not None
        assert agreement.publish(now=NOW) is None


def test_both_sides_state_the_same_digest_of_the_same_cut(pair: Pair, standing: Standing) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    with standing(pair.ml):
        number = agreement.publish(now=NOW)
    pair.settle()
    (said,) = stated(pair.ml)
    with standing(pair.rl):
        assert ledgers.digest_at(dict(said.cut)) == said.digest
        (compared,) = seen.agreements()
    assert (compared.party, compared.number, compared.same) == ("ML", number, True)


def test_agreements_and_their_receipts_are_no_reason_for_another(pair: Pair, standing: Standing) -> None:
    for _ in range(2):
        for holdings in (pair.ml, pair.rl):
            with standing(holdings):
                agreement.publish(now=NOW)
            pair.settle()
    assert (len(stated(pair.ml)), len(stated(pair.rl))) == (1, 1)


def test_each_new_notice_is_agreed_on_at_a_larger_cut_with_the_digest_that_folding_from_nothing_gives(
    pair: Pair, standing: Standing
) -> None:
    for number in range(3):
        release(pair.rl, [notice(pair.rl.seat, number)])
        pair.settle()
        with standing(pair.ml):
            assert agreement.publish(now=NOW) is not None
        pair.settle()
    said = stated(pair.ml)
    sizes = [dict(each.cut)[pair.rl.seat.origin] for each in said]
    assert sizes == sorted(set(sizes))
    with standing(pair.rl):
        for each in reversed(said):  # each holds less than the one before, so none goes on from another
            assert ledgers.roll().book_at(dict(each.cut)).digest() == each.digest


def test_what_only_one_side_holds_is_in_no_cut(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        agreement.publish(now=NOW)
        release(pair.ml, [notice(pair.ml.seat, 1)])
        assert agreement.publish(now=NOW) is None


def test_the_last_agreement_is_found_however_far_back_it_stands(
    pair: Pair, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement, "_PAGE", 2)
    with standing(pair.ml):
        agreement.publish(now=NOW)
    release(pair.ml, [notice(pair.ml.seat, number) for number in range(5)])
    with standing(pair.ml):
        assert agreement.publish(now=NOW) is None, "the five are not common yet"
    pair.settle()
    with standing(pair.ml):
        assert agreement.publish(now=NOW) is not None
        assert agreement.publish(now=NOW) is None


def test_bytes_that_are_no_leaf_are_content_too(pair: Pair, standing: Standing) -> None:
    """They stand in the counterpart's log, and in our state as not conforming."""
    before = {pair.rl.seat.origin: pair.copy_of(pair.rl).size}
    theirs = pair.copy_of(pair.rl)
    with pair.ml.engine.transaction(pair.ml.conn):
        record.extend(pair.ml.conn, pair.ml.engine, theirs, [b"no leaf"], theirs.last_at, ())
    after = {pair.rl.seat.origin: theirs.size + 1}
    with standing(pair.ml):
        assert agreement.adds_content(after, before)
        assert not agreement.adds_content(before, before)
