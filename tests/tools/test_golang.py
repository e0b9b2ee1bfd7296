"""Logs of an export, checked with the Go reference packages of the formats; skipped where Go or they are not there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.mithaq_files import damage

TOOL = Path(__file__).parents[2] / "tools" / "golang" / "main.go"
PACKAGES = Path("/usr/share/gocode")
MANY = 600
"""Entries of a log with more than one tile."""


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tool, built."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed here (Debian: apt-get install golang-go golang-golang-x-mod-dev)")
    if not (PACKAGES / "src/golang.org/x/mod/sumdb").is_dir():
        pytest.skip("its reference packages are not installed here (Debian: apt-get install golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("golang")
    alone = {"GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOCACHE": str(folder / "cache"), "GOPROXY": "off"}
    subprocess.run(["go", "build", "-o", folder / "check", TOOL], env={**os.environ, **alone}, check=True)
    return folder / "check"


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """The logs of an export; the north's has several tiles."""
    told = damage.told()
    while len(told.north.entries) < MANY:
        told.north.receipt(told.south)
    out = told.write(tmp_path / "export")
    return sorted(path.parent for path in out.glob("*/checkpoint"))


def checked(checker: Path, *logs: Path) -> tuple[int, str]:
    done = subprocess.run([checker, *logs], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_go_reference_packages_verify_both_logs_of_an_export(checker: Path, logs: list[Path]) -> None:
    code, said = checked(checker, *logs)
    assert code == 0, said
    assert said.count("INTACT") == len(logs) == 2
    assert f"{MANY} entries" in said


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/001", "tile/1/000.p/2", "tile/entries/000"])
def test_they_find_one_changed_byte(checker: Path, logs: list[Path], name: str) -> None:
    north = next(log for log in logs if (log / "tile/1").exists())
    content = bytearray((north / name).read_bytes())
    content[len(content) // 2] ^= 1
    (north / name).write_bytes(content)
    code, said = checked(checker, north)
    assert code == 1
    assert "BROKEN" in said
