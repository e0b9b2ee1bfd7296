"""`mithaq verify` and `mithaq record compare` as an auditor types them: no node, no Django, no database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mithaq_files import border, damage

ROOT = Path(__file__).parents[2]
FORBIDDEN = ("django", "sqlite3", "psycopg", "granian", "mithaq_node")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in an interpreter of its own, which fails loudly when it imports what an auditor need not have."""
    watched = (
        "import sys\nfrom mithaq_cli.main import app\n"
        "try:\n    app()\nfinally:\n"
        f"    found = [name for name in {FORBIDDEN!r} if name in sys.modules]\n"
        "    if found:\n        sys.stderr.write(f'imported {found}')\n        sys.exit(99)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", watched, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8"},
    )


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return border.told(border.seal(border.law(demo=True))).write(tmp_path / "good")


def test_it_says_the_verdict_first_and_what_it_does_not_show_last(good: Path) -> None:
    done = run("verify", good)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "INTACT"
    assert "Demonstration. Not a document of any government." in done.stdout
    assert lines[lines.index("Not shown by this:") + 1].strip().startswith("- that the keys are those of the parties")


def test_it_is_genuine_under_the_law_it_was_told_to_trust(good: Path) -> None:
    fingerprint = border.seal(border.law(demo=True)).fingerprint
    done = run("verify", good, "--trust", fingerprint, "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["verdict"], document["trusted"]) == (0, "GENUINE", True)
    assert document["paths"][0]["agreements"][0]["holds"] is True


def test_it_names_the_first_differing_entry(tmp_path: Path) -> None:
    case = next(case for case in damage.CASES if case.name == "an altered entry")
    path = case.make(tmp_path / "export")
    done = run("verify", path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "BROKEN")
    assert "BROKEN at entry 4 of NA-all-1" in done.stdout
    first = json.loads(run("verify", path, "--json").stdout)["paths"][0]["breaks"][0]
    assert (first["log"], first["entry"], first["code"]) == ("NA-all-1", 4, "verify.entry-differs")


def test_it_refuses_a_kind_with_a_person_in_it_though_both_parties_sealed_it(tmp_path: Path) -> None:
    done = run("verify", damage.with_person(tmp_path / "export"), "--json")
    breaks = json.loads(done.stdout)["paths"][0]["breaks"]
    assert done.returncode == 1
    assert {"kind.forbidden-name", "kind.unknown-type"} <= {each["code"] for each in breaks}


def test_what_is_unusable_is_said_with_its_code_on_stderr(tmp_path: Path) -> None:
    done = run("verify", tmp_path / "nothing", "--json")
    assert done.returncode == 2
    assert done.stderr.startswith("export.file-missing: ")
    assert json.loads(done.stdout)["verdict"] == "UNUSABLE"


def test_it_refuses_to_trust_what_names_nothing(good: Path) -> None:
    done = run("verify", good, "--trust", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("verify.bad-trust: ")


def test_two_exports_are_the_same_or_differ_from_an_entry_on(good: Path, tmp_path: Path) -> None:
    longer = border.told(border.seal(border.law(demo=True)), 4).write(tmp_path / "longer")
    done = run("record", "compare", good, longer)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "DIFFERENT")
    shown = json.loads(run("record", "compare", good, longer, "--json").stdout)
    assert shown["logs"]["NA-all-1"] == {**shown["logs"]["NA-all-1"], "same": False, "entry": 8}
    assert shown["logs"]["SA-all-1"] == {"same": True, "size": 8, "longer": 10}
    same = run("record", "compare", good, good, "--json")
    assert (same.returncode, json.loads(same.stdout)["same"]) == (0, True)


def test_it_compares_nothing_with_nothing(good: Path, tmp_path: Path) -> None:
    done = run("record", "compare", good, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("export.not-an-export: ")
