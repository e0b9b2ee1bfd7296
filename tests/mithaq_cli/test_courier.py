"""Two nodes that never had a line between them, and the commands of docs/how-to/courier.md."""

from pathlib import Path
from typing import Any

from tests.mithaq_cli.two_nodes import NodeFolder, pair
from tests.mithaq_node import meadow


def state(node: NodeFolder, number: str) -> Any:
    return node.mithaq("notice", "show", number)["parts"]["facts"]["event"]


def test_notices_go_both_ways_by_courier_before_any_line_exists(tmp_path: Path) -> None:
    with pair(tmp_path) as nodes:
        ml, rl = nodes["ML"], nodes["RL"]
        stick = tmp_path / "stick"
        stick.mkdir()
        number = ml.file_and_release("incident.initial", meadow.INCIDENT)
        packed = ml.mithaq("courier", "pack", "--to", "RL", "--out", str(stick / "for-rl"), "--chunk", "16M")
        assert (packed["from"], packed["files"]) == (0, [str(stick / "for-rl.001")])
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
