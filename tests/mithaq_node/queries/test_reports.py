"""Reports from the record on both engines: the same figures at both nodes and on each engine, and of an earlier cut."""

from pathlib import Path
from typing import Any

import pytest

from mithaq.errors import Refusal
from mithaq.notices import numbers
from mithaq_node.queries import ledgers, reports
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import Pair, notice, release

IMPLEMENTATION = reports.paper_of("implementation")


def test_both_nodes_make_the_same_figures_of_the_same_cut_and_each_stands_first_in_its_own(
    pair: Pair, standing: Standing
) -> None:
    for side, score in ((pair.ml, "full"), (pair.rl, "minimum")):
        content = {"commitment": "answer", "score": score}
        release(side, [notice(side.seat, 1, content=content, name="commitment.assessment")])
    for _round in range(2):
        pair.settle()
    made, told = [], []
    for side in (pair.ml, pair.rl):
        with standing(side):
            made.append(reports.draw(IMPLEMENTATION))
            told.append(made[-1].figures())
    here, there = made
    said, _ = told
    assert told[0] == told[1]
    assert (here.up_to, here.digest) == (there.up_to, there.digest)
    assert [each.report.parties for each in made] == [("ML", "RL"), ("RL", "ML")]
    (line,) = [each for each in said["commitments"] if each["id"] == "answer"]
    assert line["scores"] == {"ML": 3, "RL": 1, "committee": None}
    assert (said["agreement"], line["differs"]) == ({"equal": 0, "compared": 1}, True)
    with standing(pair.ml):
        assert reports.draw(IMPLEMENTATION, " / ".join(there.up_to)).figures() == said
        early = reports.draw(IMPLEMENTATION, "ML 2-6 / RL 2")
        assert early.up_to == ("ML 2-6", "RL 2-6")
        assert early.figures()["agreement"] == {"equal": 0, "compared": 0}
        assert early.digest != here.digest
        with pytest.raises(Refusal, match=r"ledger\.beyond-held"):
            reports.draw(IMPLEMENTATION, "ML 900000")


def test_an_older_cut_that_is_asked_for_twice_is_folded_once(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        early = {pair.ml.seat.origin: 2, pair.rl.seat.origin: 1}
        found = ledgers.roll().book_at(early, apart=True)
        assert ledgers.roll().book_at(dict(reversed(early.items()))) is found
        others = [{pair.ml.seat.origin: size} for size in (1, 2)] + [{pair.rl.seat.origin: size} for size in (1, 2)]
        for other in others:
            ledgers.roll().book_at(other, apart=True)
        again = ledgers.roll().book_at(early, apart=True)
    assert again is not found
    assert again.digest() == found.digest()


def test_there_is_no_report_before_both_sides_hold_anything(tmp_path: Path, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        alone = Pair(tmp_path)
        with meadow.standing_on(alone.nodes[0]), pytest.raises(Refusal, match=r"report\.nothing-held"):
            reports.draw(reports.paper_of("compliance"))
        alone.close()


def test_a_cut_over_many_epochs_is_said_in_their_order_and_taken_as_it_is_said(pair: Pair, standing: Standing) -> None:
    law = pair.ml.seat.law
    sizes = {law.origin("ML", epoch=epoch): 7 for epoch in range(1, 12)} | {law.origin("RL"): 5}
    cut = sizes | {law.origin("ML", epoch=2): 3}
    with standing(pair.ml):
        said = ledgers.up_to(cut)
    assert [numbers.parse(each).running // numbers.EPOCH + 1 for each in said] == [*range(1, 12), 1]
    for order in (said, tuple(reversed(said))):
        assert reports.stated(law, " / ".join(order), sizes) == cut
    assert reports.stated(law, said[10], sizes) == {log: 7 for log in sizes if log != law.origin("RL")}


def test_a_cut_that_is_too_long_is_refused_and_never_cut_into_another() -> None:
    law = meadow.sealed().law
    sizes = {law.origin("ML"): 900, law.origin("RL"): 5}
    said = "RL 1-8 /" + " " * 4_000 + "ML 412"
    with pytest.raises(Refusal, match=r"report\.bad-cut"):
        reports.stated(law, said, sizes)
