"""The REST API against its own description: schemathesis asks every operation what nobody thought of, over a socket."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mithaq.formats.rest.operations import OPERATIONS, SCOPES
from mithaq_node.services import tokens
from mithaq_node.services.pace import Pace
from tests.mithaq_node.api.conftest import Border
from tests.mithaq_node.api.program import Program
from tests.mithaq_node.api.serving import Server, served

CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "413", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "411", "412", "413", "415", "422", "428", "429"]

[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "404", "411", "428"]
"""
"""What fits its schema may still be refused: by the instrument (422), or because a draft changed meanwhile (412)."""


ALL = "examples,coverage,fuzzing,stateful"


@pytest.fixture(scope="module")
def server(border: Border) -> Iterator[Server]:
    with served() as made:
        yield made


def fuzz(
    border: Border, server: Server, folder: Path, *, examples: int, seed: int, known: str = "", phases: str = ALL
) -> str:
    """What schemathesis says, having found nothing; `known` gives parameters that name what is there."""
    program = Program(border.officers["duty"], *SCOPES)
    config = folder / "schemathesis.toml"
    config.write_text(known + CONFIG)
    address = f"http://127.0.0.1:{server.server_port}/api/openapi.json"
    asks = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", address),
        *("--header", f"Authorization: Bearer {program.secret}", "--checks", "all", "--no-color"),
        *("--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", "--phases", phases),
    ]
    clean = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(asks, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-4_000:]
    asked = sum(not each.is_open for each in OPERATIONS.values())  # its own description it only reads
    assert f"Tested: {asked}" in done.stdout
    return done.stdout


def things(border: Border) -> str:
    """Parameters that name what is there: a draft, a notice, and what the instrument lists."""
    program = Program(border.officers["duty"], *SCOPES)
    draft = program.draft().json()["id"]
    number = program.get("notices?limit=1").json()["items"][0]["number"]
    named = {
        "path.draft": draft, "path.number": number, "path.kind": "incident.initial", "path.crossing": "bridge",
        "path.commitment": "answer",
    }  # fmt: skip
    return "[parameters]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in named.items())


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that may ask as often as it likes: what is looked for here is not the pace."""
    monkeypatch.setattr(tokens, "_pace", Pace(a_second=10_000, at_once=1_000_000))


def test_schemathesis_finds_nothing(border: Border, server: Server, tmp_path: Path) -> None:
    fuzz(border, server, tmp_path, examples=2, seed=2030)


def test_schemathesis_finds_nothing_in_what_is_there(border: Border, server: Server, tmp_path: Path) -> None:
    fuzz(border, server, tmp_path, examples=2, seed=2031, known=things(border), phases="fuzzing,stateful")


@pytest.mark.long
@pytest.mark.parametrize("is_known", [False, True])
def test_schemathesis_finds_nothing_in_many_examples(
    border: Border, server: Server, tmp_path: Path, is_known: bool
) -> None:
    fuzz(border, server, tmp_path, examples=100, seed=1, known=things(border) if is_known else "")
