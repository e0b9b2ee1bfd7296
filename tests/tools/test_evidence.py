"""A run's own summary: what was run, on what, with which result."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_it_holds(engine, record_property):
    record_property("done", "3 kills")

def test_it_does_not():
    assert False

def test_it_cannot():
    pytest.skip("no such program here")
"""


def test_it_names_commit_and_machine_and_tells_of_every_test_what_it_did(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    written = tmp_path / "evidence" / "long.md"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.evidence", "--evidence", str(written)]
    alone = ["-p", "no:django", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "-c", "/dev/null"]
    subprocess.run([*command, *alone, str(tmp_path)], cwd=ROOT, capture_output=True, check=False)
    told = written.read_text()
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"| commit | `{commit.stdout.strip() or 'unknown'}`" in told
    assert "| result | 2 passed, 1 failed, 1 skipped |" in told
    assert "test_it_holds[postgresql] | postgresql | 3 kills | passed | 0 |" in told
    assert "test_it_does_not |  |  | failed | 0 |" in told
    assert "test_it_cannot |  |  | skipped: no such program here | 0 |" in told
