"""What is measured is the command itself, over a record in which both sides have assessed and agreed."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks import report
from tests.mithaq_node.pair import Pair


def test_the_command_is_measured_by_its_own_process(tmp_path: Path, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        found = report.measure(tmp_path, commitments=3, notices=20)
    assert (found["commitments"], found["notices"]) == (3, 20)
    assert 0 < found["cold, processor, s"] < found["first, processor, s"] + report.GOAL
    assert found["bytes of pdf"] > 10_000


def test_the_figures_of_its_record_are_of_every_commitment(tmp_path: Path, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), closing(Pair(tmp_path, instrument=report.instrument(3))) as both:
        both.settle()
        report.write(both, 3, 30)
    report.called(both.nodes[0].folder, "--figures", str(tmp_path / "figures.json"))
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in figures["commitments"]] == ["c0", "c1", "c2"]
    assert all(each["statements"] == 9 and each["scores"].keys() > {"committee"} for each in figures["commitments"])
