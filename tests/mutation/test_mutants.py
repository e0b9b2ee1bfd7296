"""Change the verifying code one token at a time: some test must notice every change that means something.

Takes minutes, so only `./run long` does it. What no test can notice, because the changed code does the same, is listed
in `equivalent.yaml` with the reason; a change that survives and is not listed there fails this test. Lines that raise
a refusal are left alone: their codes are compared by the tests of the refusals, their data are for reading.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.mithaq.record import vectors

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("src", "tests", "tools", "instruments", "pyproject.toml")
MUTMUT = Path(sys.executable).with_name("mutmut")
MOST_MEMORY = 4 << 30
KILLED = re.compile(r"^\s*(\S+): (survived|no tests|suspicious)$", re.MULTILINE)

pytestmark = pytest.mark.long


@pytest.mark.skipif(not vectors.present(), reason=vectors.REASON)
def test_no_change_of_the_verifying_code_goes_unnoticed(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = a_copy(tmp_path / "main")
    alive = surviving(folder)
    record_property("done", f"{_made(folder)} changes, {len(alive)} of them listed as meaning nothing")
    known = [
        (each["in"], each["was"], each["is"])
        for each in yaml.safe_load(Path(__file__).with_name("equivalent.yaml").read_bytes())
    ]
    assert sorted(alive) == sorted(known)


def a_copy(folder: Path) -> Path:
    """What the changed code and its tests need, with the published vectors beside it at both depths."""
    folder.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "built", "browser", "mutation")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    for beside in (folder.parent, folder):
        (beside / "shared").symlink_to(vectors.FOLDER.parent)
    return folder


def surviving(folder: Path) -> list[tuple[str, str, str]]:
    """Function, line before and line after of every change that the tests in `folder` let pass."""
    _mutmut(folder, "run", "--max-children", str(os.cpu_count() or 1))
    names = [name for name, _ in KILLED.findall(_mutmut(folder, "results"))]
    return [(name.rpartition("__mutmut_")[0], *_change(_mutmut(folder, "show", name))) for name in names]


def _with_little_memory() -> None:
    """A changed loop may never end: it is to run out of its own memory, not of the machine's."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _made(folder: Path) -> int:
    """How many changes were tried."""
    return len(_mutmut(folder, "results", "--all", "true").splitlines())


def _change(shown: str) -> tuple[str, str]:
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    was, now = (" ".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
    return was, now


def _mutmut(folder: Path, *arguments: str) -> str:
    command = [str(MUTMUT), *arguments]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, preexec_fn=_with_little_memory
    )
    assert done.returncode == 0, done.stderr[-2000:] or done.stdout[-2000:]
    return done.stdout
