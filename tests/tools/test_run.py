"""What `./run` does when its commands are given, with stand-ins for the programs that it calls.

Those run by themselves: what calls this test is `./run test`; the demonstration is played by `tests/mithaq_cli/demo`, a
bundle is made by `test_bundle.py`.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import papers
from tests.papers import ROOT, Paper

_STAND_IN = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLED"\n'
_PROGRAMS = ("python", "ruff", "mypy", "lint-imports", "mithaq")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """`./run` and what it reads, in a folder where nothing is installed and nobody is root."""
    kept = ("run", "pyproject.toml", "hatch_build.py", "package.json", "package-lock.json", "requirements.lock")
    for name in (*kept, "requirements-test.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in (*(f".venv/bin/{program}" for program in _PROGRAMS), "bin/apt-get"):
        made = tmp_path / name
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(_STAND_IN)
        made.chmod(0o755)
    whoever = tmp_path / "bin" / "id"
    whoever.write_text("#!/bin/sh\necho 1000\n")
    whoever.chmod(0o755)
    return tmp_path


def called(tree: Path, command: str) -> list[str]:
    """The programs that a command of `./run` called in a tree, in order, with what was given to them."""
    log = tree / "called"
    log.unlink(missing_ok=True)
    environment = {**os.environ, "PATH": f"{tree / 'bin'}:{os.environ['PATH']}", "CALLED": str(log)}
    done = subprocess.run(["sh", "-c", command], cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return log.read_text().splitlines()


@pytest.mark.runs("README.md", "./run demo")
@pytest.mark.runs("CONTRIBUTING.md", "./run check")
@pytest.mark.runs("docs/tutorial/first-hour.md", "./run demo")
@pytest.mark.runs("docs/how-to/install-as-a-service.md", "./run bundle")
def test_each_command_calls_what_it_is_for(paper: Paper, tree: Path) -> None:
    found = {papers.words(command)[1]: called(tree, command) for command in paper.commands()}
    assert found.keys() == {"demo", "test", "check", "bundle"}
    assert found["demo"][-1] == "mithaq demo"
    assert found["bundle"][-1] == "python tools/bundle.py"
    lint = ["ruff check .", "ruff format --check .", "python tools/catalogues.py check", "lint-imports --no-logo"]
    for command, tests in (("check", "tests/mithaq tests/architecture"), ("test", "not browser and not long")):
        assert set(lint) <= set(found[command])
        assert any(each.startswith("python -m pytest") and tests in each for each in found[command])
    assert not any(each.startswith("apt-get") for calls in found.values() for each in calls)


@pytest.mark.runs("CONTRIBUTING.md", "uv pip compile")
def test_the_lines_that_make_the_locks_again_are_lines_of_uv(paper: Paper, tmp_path: Path) -> None:
    """Of a project that needs nothing, because no test asks a registry."""
    if shutil.which("uv") is None:
        pytest.skip("uv is not installed: the lines that make the locks again were not given")
    groups = "\n".join(f"{name} = []" for name in ("build", "test", "bundle"))
    project = '[project]\nname = "empty"\nversion = "1"\nrequires-python = ">=3.11"\n'
    (tmp_path / "pyproject.toml").write_text(f"{project}[dependency-groups]\n{groups}\n")
    for command in paper.commands():
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env={**os.environ, "UV_OFFLINE": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    made = sorted(path.name for path in tmp_path.glob("*.lock"))
    assert made == sorted(path.name for path in ROOT.glob("requirements*.lock"))
