"""Two nodes that never had a line between them, and the commands of docs/how-to/courier.md."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mithaq.recipients import identity
from mithaq_node.services import seat
from tests.mithaq_cli.two_nodes import NodeFolder, pair
from tests.mithaq_node import meadow
from tests.papers import Paper, words


def state(node: NodeFolder, number: str) -> Any:
    return node.mithaq("notice", "show", number)["parts"]["facts"]["event"]


@pytest.mark.runs("docs/how-to/courier.md")
def test_notices_go_both_ways_by_courier_before_any_line_exists(paper: Paper, tmp_path: Path) -> None:
    with pair(tmp_path) as nodes:
        ml, rl = nodes["ML"], nodes["RL"]
        stick = tmp_path / "stick"
        stick.mkdir()
        number = ml.file_and_release("incident.initial", meadow.INCIDENT)
        places = {"--to IR": ml, "stick/for-ir.answer": ml, "stick/for-ir": rl}
        shown = list(paper.commands("mithaq courier"))
        assert len(shown) == 3
        for command in shown:
            node = next(node for end, node in places.items() if end in command)
            node.give(command.replace("--data DIR", f"--data {node.data}").replace("--to IR", "--to RL"))
        assert state(rl, number) == "fire"
        opened(paper, rl, tmp_path)
        packed = ml.mithaq("courier", "pack", "--to", "RL", "--out", str(stick / "for-rl"), "--chunk", "16M")
        assert packed["files"] == [str(stick / "for-rl.001")]
        taken = rl.mithaq("courier", "unpack", packed["files"][0])
        assert (taken["held"], taken["missing"]) == (packed["to"], 0)
        assert state(rl, number) == "fire"
        answered = ml.mithaq("courier", "unpack", taken["answer"])
        assert (answered["they_hold"], answered["answer"]) == (packed["to"], None)
        assert "courier.not-for-us" in ml.mithaq("courier", "unpack", packed["files"][0], code=2)
        assert "courier.unknown-party" in ml.mithaq("courier", "pack", "--to", "XX", "--out", "x", code=2)
        assert "courier.bad-size" in ml.mithaq(
            "courier", "pack", "--to", "RL", "--out", "x", "--chunk", "a few", code=2
        )


def opened(paper: Paper, node: NodeFolder, folder: Path) -> None:
    """What the courier brought is opened with the program age and checked without a node."""
    decrypt, verify = paper.commands("age ", fill={"KEY": "key", "ROOTS": "roots"})
    if shutil.which("age") is None:
        pytest.skip("age is not installed: what was carried was taken in on both sides, and not opened with it")
    taken = seat.take(node.data, {})
    (folder / "key").write_text(f"{identity(taken.keys.body)}\n")
    subprocess.run(words(decrypt), cwd=folder, check=True)
    roots = [root for party in meadow.sealed().law.parties for root in party.roots]
    (folder / "roots").write_text("".join(f"{root}\n" for root in roots))
    assert node.give(verify).startswith("GENUINE")
