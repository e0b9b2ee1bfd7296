"""Three parties and a witness in one run, with the program's own commands."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from mithaq.instrument.compiling import compile
from mithaq_files.instrument import library, write_sealed
from tests import papers
from tests.mithaq.instrument.folders import changed
from tests.mithaq_cli.two_nodes import PATIENCE, SOURCES, NodeFolder, until
from tests.mithaq_cli.typed import typed
from tests.mithaq_node import meadow, neighbours
from tests.papers import Paper
from tests.postgresql import free_port

NAME = "observer.example/heads"
STANDALONE = SOURCES.parent / "tools" / "verify.py"


@dataclass
class WitnessFolder:
    """An observer's witness: its folder, and its process once it serves."""

    data: Path
    port: int
    key: str = ""

    def mithaq(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "mithaq_cli", "witness", *arguments, "--data", str(self.data), "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(SOURCES), "LC_ALL": "C.UTF-8"}

    @property
    def serve(self) -> list[str]:
        return ["witness", "serve", "--data", str(self.data)]

    @contextmanager
    def serving(self) -> Iterator[None]:
        command = [sys.executable, "-m", "mithaq_cli", *self.serve, "--json"]
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            process.stdout.close()


@pytest.fixture
def witness(tmp_path: Path) -> WitnessFolder:
    made = WitnessFolder(tmp_path / "witness", free_port())
    made.key = str(made.mithaq("init", "--name", NAME, "--port", str(made.port))["key"])
    return made


@pytest.fixture
def nodes(tmp_path: Path, witness: WitnessFolder) -> dict[str, NodeFolder]:
    """Three nodes under an instrument that names the observer, each paired with both others."""
    write_sealed(tmp_path / "instrument", neighbours.sealed(witness.key))
    made = {party: NodeFolder(party, tmp_path / party) for party in neighbours.PARTIES}
    for node in made.values():
        node.make(tmp_path / "instrument")
    for first in made.values():
        for second in made.values():
            if first is not second:
                first.mithaq("pair", str(second.data / "card.json"))
    return made


def introduce(witness: WitnessFolder, nodes: dict[str, NodeFolder], paper: Paper) -> None:
    """Each party gives the observer the key of its log, and its node learns where the witness is, as the page says."""
    for party, node in nodes.items():
        fill = {
            "policy ML": f"policy {party}", "ML.policy": f"{party}.policy", "--data DIR": f"--data {node.data}",
            "--data witness": f"--data {witness.data}", "use observer": f"use {neighbours.OBSERVER}",
            "https://witness.observer.example": f"http://127.0.0.1:{witness.port}",
        }  # fmt: skip
        policy, trust, serve = paper.commands("mithaq record policy", fill=fill)
        assert papers.words(serve) == ["mithaq", *witness.serve]
        (use,) = paper.commands("mithaq witness use", fill=fill)
        for command in (policy, trust, use):
            node.give(command)


@pytest.mark.runs("docs/how-to/witness.md", "mithaq witness init", "observers:")
def test_a_witness_is_made_and_named_in_an_instrument(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (key,) = [typed(command).strip() for command in paper.commands("mithaq witness init")]
    observers = yaml.safe_load(paper.text("observers:", fill={NAME + "+1a2b3c4d+BA…": f'"{key}"'}))["observers"]
    files = changed("instrument.yaml", "version: 1\n", f"version: 1\n{yaml.safe_dump({'observers': observers})}")
    assert [(each.id, each.key) for each in compile(files, library()).law.observers] == [("observer", key)]


@pytest.mark.runs("docs/how-to/witness.md", "mithaq record policy", "mithaq witness use")
def test_three_parties_and_a_witness_in_one_run(
    paper: Paper, nodes: dict[str, NodeFolder], witness: WitnessFolder, tmp_path: Path
) -> None:
    meadow_node, river, hill = nodes.values()
    introduce(witness, nodes, paper)
    with ExitStack() as running:
        running.enter_context(witness.serving())
        for node in nodes.values():
            running.enter_context(node.serving())
        number = meadow_node.file_and_release("incident.initial", meadow.INCIDENT)
        for other in (river, hill):
            until(partial(_holds, other, "ML", "incident.initial"))
            assert other.mithaq("notice", "show", number)["parts"]["facts"]["event"] == "fire"
        reply = hill.file_and_release("acknowledgement", {"handling": "seen"}, number)
        until(partial(_holds, river, "HL", "acknowledgement"))
        assert reply.startswith("HL ")

        for node in nodes.values():
            until(partial(_has_agreed, node), 2 * PATIENCE)
        for party, node in nodes.items():
            compared = until(partial(_by_both, node), 2 * PATIENCE)
            assert {each["party"] for each in compared} == set(nodes) - {party}
            assert all(each["same"] for each in compared)

        until(lambda: _witnessed(witness, nodes), 2 * PATIENCE)
        for party, node in nodes.items():
            out = tmp_path / f"export-{party}"
            node.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(out))
            found = node.mithaq("verify", str(out))["paths"][0]
            assert found["verdict"] == "INTACT"
            assert {log["party"] for log in found["logs"]} == set(nodes)
            own = next(log for log in found["logs"] if log["party"] == party)
            assert NAME in [name for name, _ in own["cosigned"]]
            assert node.mithaq("fsck")["verdict"] == "SOUND"
            alone = [sys.executable, "-P", str(STANDALONE), str(out)]
            assert "INTACT" in subprocess.run(alone, capture_output=True, text=True, check=True).stdout
    kept = b"".join(path.read_bytes() for path in witness.data.rglob("*") if path.is_file())
    assert b"incident" not in kept
    assert b"mithaq/notice" not in kept


def test_two_of_three_parties_tell_each_other_what_the_third_never_learns(
    nodes: dict[str, NodeFolder], tmp_path: Path
) -> None:
    meadow_node, river, hill = nodes.values()
    for node in (meadow_node, hill):
        node.begin("uplands")
    with meadow_node.serving(), river.serving(), hill.serving():
        number = meadow_node.file_and_release("incident.initial", meadow.INCIDENT, audience="uplands")
        assert number.startswith("ML.uplands ")
        until(partial(_holds, hill, "ML.uplands", "incident.initial"))
        reply = hill.file_and_release("acknowledgement", {"handling": "seen"}, number)
        until(partial(_holds, meadow_node, "HL.uplands", "acknowledgement"))
        assert reply.startswith("HL.uplands ")
        common = meadow_node.file_and_release("incident.initial", meadow.INCIDENT)
        until(partial(_holds, river, "ML", "incident.initial"))

        fields = tmp_path / "content.json"
        fields.write_text(json.dumps({"handling": "seen"}))
        refused = hill.mithaq(
            "notice", "draft", "--kind", "acknowledgement", "--content", str(fields), "--officer", "duty",
            "--re", number, "--re", common, code=2,
        )  # fmt: skip
        assert "draft.other-audience" in refused
        assert "log.unknown" in river.mithaq("notice", "show", number, code=2)
        assert "node.unknown-audience" in river.mithaq("keys", "instrument", "--audience", "uplands", code=2)
        until(lambda: [each for each in meadow_node.mithaq("agree")["numbers"] if "uplands" in each], 2 * PATIENCE)
        until(partial(_holds, hill, "ML.uplands", "agreement"))
    for party, node in nodes.items():
        out = tmp_path / f"export-{party}"
        node.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(out))
        found = node.mithaq("verify", str(out))["paths"][0]
        assert found["verdict"] == "INTACT"
        assert not any("uplands" in log["origin"] for log in found["logs"])  # what is for two leaves only by its name
        assert node.mithaq("fsck")["verdict"] == "SOUND"
    small = tmp_path / "export-uplands"
    meadow_node.mithaq("record", "export", "--instrument", meadow.NAME, "--audience", "uplands", "--out", str(small))
    found = meadow_node.mithaq("verify", str(small))["paths"][0]
    assert found["verdict"] == "INTACT"
    assert {log["party"] for log in found["logs"]} == {"ML", "HL"}
    for path in river.data.rglob("*"):
        if path.is_file() and "instrument" not in path.parts:
            assert b"/uplands/" not in path.read_bytes(), path


def _holds(node: NodeFolder, party: str, kind: str) -> bool:
    return kind in [leaf["kind"] for leaf in node.leaves(party)]


def _has_agreed(node: NodeFolder) -> bool:
    return node.mithaq("agree")["number"] is not None


def _by_both(node: NodeFolder) -> list[dict[str, Any]] | None:
    """What both others stated, once both have."""
    compared = list(node.mithaq("agree")["compared"])
    return compared if len(compared) == 2 else None


def _witnessed(witness: WitnessFolder, nodes: dict[str, NodeFolder]) -> bool:
    """Whether the witness has cosigned every log to its end."""
    heads = witness.mithaq("show")["heads"]
    sizes = {party: len(node.leaves(party)) for party, node in nodes.items()}
    return {neighbours.sealed(witness.key).law.origin(party): size for party, size in sizes.items()} == heads
