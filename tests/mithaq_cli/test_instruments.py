"""One party under two instruments: a folder for each, and one command that runs both."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from mithaq_files.instrument import write_sealed
from tests.mithaq_cli.two_nodes import PATIENCE, NodeFolder
from tests.mithaq_node import meadow


def _made(folder: Path, name: str) -> NodeFolder:
    folder.mkdir()
    write_sealed(folder / "instrument", meadow.sealed() if name == meadow.NAME else meadow.exercise())
    node = NodeFolder("ML", folder / "ML")
    node.make(folder / "instrument")
    return node


def test_one_command_runs_the_nodes_of_two_instruments_which_know_nothing_of_each_other(tmp_path: Path) -> None:
    real, exercise = (_made(tmp_path / name, name) for name in (meadow.NAME, meadow.EXERCISE))
    assert "card.other-instrument" in exercise.mithaq("pair", str(real.data / "card.json"), code=2)
    assert "node.already-running" in real.mithaq("serve", "--also", str(real.data), code=2)
    assert "settings.no-node" in real.mithaq("serve", "--also", str(tmp_path), code=2)
    number = real.file_and_release("incident.initial", meadow.INCIDENT)
    process = subprocess.Popen(
        [sys.executable, "-m", "mithaq_cli", "serve", "--json", "--also", str(exercise.data)],
        env={**real.environment, "MITHAQ_PORT": str(real.port)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["party"] == "ML"
        cookies = [_cookies(node) for node in (real, exercise)]
        assert all(cookies)
        assert not cookies[0] & cookies[1]  # a browser keeps the cookies of one machine together, whatever the port
        assert "log.unknown" not in real.mithaq("notice", "show", number)["log"]
        assert exercise.mithaq("notice", "list")["leaves"] != real.mithaq("notice", "list")["leaves"]
        assert "node.no-entry" in exercise.mithaq("notice", "show", number, code=2)
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
        process.stdout.close()


def _cookies(node: NodeFolder) -> set[str]:
    """The names of the cookies that the page for signing in sets, once it is there."""
    for _ in range(int(PATIENCE)):
        try:
            with urllib.request.urlopen(f"http://localhost:{node.port}/en/signin/", timeout=5) as answer:
                return {each.split("=", 1)[0] for each in answer.headers.get_all("Set-Cookie") or []}
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"nothing answers at {node.port}")
