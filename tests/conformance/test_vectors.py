"""The vectors: written from fixed seeds, judged alike by both verifiers, and run by the runner that others call."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conformance import first, make, run, second
from tests import papers
from tests.papers import Paper

ROOT = Path(__file__).parents[2]
PATHS = sorted(run.VECTORS.glob("*/*.json"))
MESSAGES = {
    "note", "checkpoint", "delivery", "answer", "leaf", "filing", "receipt", "key-set", "request", "export", "proof",
    "evidence", "case", "courier",
}  # fmt: skip
OF_NODES = {"delivery", "answer", "request"}
"""What only a node reads: the standalone verifier has no opinion of it."""


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return case


@pytest.mark.parametrize("path", PATHS, ids=_named)
def test_both_verifiers_answer_as_the_vector_expects(path: Path) -> None:
    case = _read(path)
    assert first.judge(case) == case["expect"]
    assert second.judge(case) == ("skip" if case["message"] in OF_NODES else case["expect"])


def test_every_message_has_cases_to_accept_and_cases_to_refuse() -> None:
    names = Counter((path.parent.name, path.stem.endswith("_fail")) for path in PATHS)
    assert {message for message, _ in names} == MESSAGES
    assert all(names[message, False] >= 1 and names[message, True] >= 3 for message in MESSAGES)
    for path in PATHS:
        expect = _read(path)["expect"]
        assert path.stem.endswith("_fail") is (expect in ("refuse", "BROKEN", "UNUSABLE")), path


def test_the_vectors_are_those_that_the_script_writes() -> None:
    made = {name: make.content(said) for name, said in make.vectors()}
    assert made.keys() == {_named(path) for path in PATHS}
    assert [name for name, content in made.items() if (run.VECTORS / f"{name}.json").read_bytes() != content] == []


@pytest.mark.runs("conformance/README.md")
def test_the_runner_is_called_as_its_page_says(paper: Paper, tmp_path: Path) -> None:
    program = tmp_path / "program"  # one that says what is wanted, because 168 calls of Python take a minute
    program.write_text('#!/bin/sh\nsed -n \'s/^ *"expect": "\\([A-Z,a-z]*\\)".*/\\1/p\' "$1"\n')
    program.chmod(0o755)
    with_this_python = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    said = []
    for command in paper.commands(fill={"YOUR-PROGRAM": str(program)}):
        words = [sys.executable, *papers.words(command)[1:]]
        if "conformance.first" in command:
            words.append("receipt")
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env=with_this_python, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout.splitlines()[-1])
    proofs = sum(path.parent.name == "proof" for path in PATHS)
    assert said == [f"{count} agrees, 0 differs, 0 skips" for count in (len(PATHS), proofs, 5)]


@pytest.mark.parametrize("command, code", [("conformance.second", 0), ("json.tool", 1)])
def test_the_runner_calls_a_command_for_each_case(command: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "conformance/run.py", "--command", f"{sys.executable} -m {command}", "receipt"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
    assert done.stdout.splitlines()[-1].startswith("5 agrees" if code == 0 else "0 agrees")
