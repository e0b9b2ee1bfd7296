"""`upgrade` of a bundle, killed wherever: what runs goes on, and the same call finishes."""

import base64
import ensurepip
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import bundle


def made(folder: Path, version: str) -> Path:
    """A bundle with a program that only says its version, put together as a real one is."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    (pip,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    shutil.copy(pip, wheels)
    own = _wheel(wheels, version)
    (folder / "requirements.txt").write_text(f"mithaq=={version} --hash=sha256:{bundle.digest(own)}\n")
    (folder / "VERSION").write_text(f"{version}\n")
    (folder / "PLATFORM").write_text(f"{bundle.platform()}\n")
    shutil.copy(bundle.ROOT / "deployment" / "install", folder)
    (folder / "upgrade").symlink_to("install")
    listed = "".join(f"{bundle.digest(each)}  {each.relative_to(folder)}\n" for each in bundle.files(folder))
    (folder / "SHA256SUMS").write_text(listed)
    return folder


def _wheel(wheels: Path, version: str) -> Path:
    about = f"mithaq-{version}.dist-info"
    files = {
        "mithaq.py": f"def main():\n    print({version!r})\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: mithaq\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": "[console_scripts]\nmithaq = mithaq:main\n",
    }
    listed = "".join(f"{name},sha256={_sum(text)},{len(text)}\n" for name, text in files.items())
    file = wheels / f"mithaq-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{about}/RECORD", f"{listed}{about}/RECORD,,\n")
    return file


def _sum(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def run(script: Path, prefix: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([script, "--prefix", prefix], env=_plain(), capture_output=True, text=True, check=False)


def _plain() -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, "PYTHON": sys.executable}


def version(prefix: Path) -> str:
    return subprocess.run(
        [prefix / "bin" / "mithaq"], env=_plain(), capture_output=True, text=True, check=True
    ).stdout.strip()


WHERE: dict[str, Callable[[Path], bool]] = {
    "before anything is made": lambda prefix: prefix.exists(),
    "while the environment is made": lambda prefix: (prefix / "versions/0.0.2").exists(),
    "while the program is installed": lambda prefix: (prefix / "versions/0.0.2/bin/python").exists(),
    "when the program is there": lambda prefix: (prefix / "versions/0.0.2/bin/mithaq").exists(),
}


@pytest.mark.parametrize("where", WHERE)
def test_an_upgrade_that_is_killed_leaves_what_runs_and_the_next_call_finishes(tmp_path: Path, where: str) -> None:
    first, second, prefix = made(tmp_path / "1", "0.0.1"), made(tmp_path / "2", "0.0.2"), tmp_path / "opt"
    assert run(first / "install", prefix).returncode == 0
    upgrading = subprocess.Popen(
        [second / "upgrade", "--prefix", prefix],
        env=_plain(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while not WHERE[where](prefix) and upgrading.poll() is None:
        time.sleep(0.002)
    os.killpg(upgrading.pid, signal.SIGKILL)
    assert upgrading.wait() == -signal.SIGKILL
    assert version(prefix) == "0.0.1"
    done = run(second / "upgrade", prefix)
    assert done.returncode == 0, done.stderr
    assert version(prefix) == "0.0.2"


@pytest.mark.parametrize("left", ["whole", "current"])
def test_an_upgrade_that_is_killed_between_its_last_steps_is_finished_too(tmp_path: Path, left: str) -> None:
    first, second, prefix = made(tmp_path / "1", "0.0.1"), made(tmp_path / "2", "0.0.2"), tmp_path / "opt"
    assert run(first / "install", prefix).returncode == 0
    assert run(second / "upgrade", prefix).returncode == 0
    if left == "whole":  # the version is whole, and nothing points to it yet
        (prefix / "current").unlink()
        (prefix / "current").symlink_to("versions/0.0.1")
        (prefix / "current.new").symlink_to("versions/0.0.2")
    done = run(second / "upgrade", prefix)
    assert done.returncode == 0, done.stderr
    assert version(prefix) == "0.0.2"
    assert "installing" not in done.stdout


def test_an_install_that_is_killed_before_its_last_step_is_finished_by_the_upgrade_it_names(tmp_path: Path) -> None:
    first, prefix = made(tmp_path / "1", "0.0.1"), tmp_path / "opt"
    assert run(first / "install", prefix).returncode == 0
    (prefix / "bin").unlink()
    again = run(first / "install", prefix)
    assert (again.returncode, "./upgrade" in again.stderr) == (2, True)
    assert run(first / "upgrade", prefix).returncode == 0
    assert version(prefix) == "0.0.1"


def test_an_older_bundle_does_not_take_the_place_of_a_newer_one(tmp_path: Path) -> None:
    first, second, prefix = made(tmp_path / "1", "0.0.9"), made(tmp_path / "2", "0.0.10"), tmp_path / "opt"
    assert run(first / "install", prefix).returncode == 0
    assert run(second / "upgrade", prefix).returncode == 0
    back = run(first / "upgrade", prefix)
    assert (back.returncode, "0.0.10 is the current one" in back.stderr) == (2, True)
    assert version(prefix) == "0.0.10"


SYSTEMCTL = """#!/bin/sh
# What `install` asks of systemd: units with their state in $UNITS/NAME, one that starts where $UNITS/NAME.works is.
case $1 in
list-units)
    states=$(printf '%s\\n' "$@" | sed -n 's/^--state=//p')
    for file in "$UNITS"/*.service; do
        case ",$states," in *",$(cat "$file"),"*) echo "$(basename "$file") loaded $(cat "$file") - a node" ;; esac
    done ;;
restart)
    [ -e "$UNITS/$2.works" ] && echo active >"$UNITS/$2" && exit 0
    echo failed >"$UNITS/$2"
    exit 1 ;;
esac
"""


def test_an_upgrade_given_again_starts_what_did_not_start_and_nothing_that_was_stopped(tmp_path: Path) -> None:
    private = [
        "unshare",
        "-m",
        "sh",
        "-c",
        'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec "$@"',
        "-",
    ]
    if subprocess.run([*private, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("a /run of its own needs root: unshare -m or mount is refused")
    first, second, prefix = made(tmp_path / "1", "0.0.1"), made(tmp_path / "2", "0.0.2"), tmp_path / "opt"
    assert run(first / "install", prefix).returncode == 0
    units, programs = tmp_path / "units", tmp_path / "programs"
    for folder in (units, programs):
        folder.mkdir()
    (programs / "systemctl").write_text(SYSTEMCTL)
    (programs / "systemctl").chmod(0o755)
    states = {"one": "active", "two": "active", "three": "activating", "stopped": "inactive"}
    for name, state in states.items():
        (units / f"mithaq@{name}.service").write_text(f"{state}\n")
    (units / "mithaq@one.service.works").touch()

    def upgrade() -> "subprocess.CompletedProcess[str]":
        environment = {**_plain(), "UNITS": str(units), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        return subprocess.run(
            [*private, str(second / "upgrade"), "--prefix", str(prefix)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    refused = upgrade()
    assert refused.returncode == 2, refused.stdout
    assert refused.stderr.split(":")[-1].split() == ["mithaq@three.service", "mithaq@two.service"]
    for name in ("two", "three"):
        (units / f"mithaq@{name}.service.works").touch()
    done = upgrade()
    assert done.returncode == 0, done.stderr
    found = {name: (units / f"mithaq@{name}.service").read_text().strip() for name in states}
    assert found == {"one": "active", "two": "active", "three": "active", "stopped": "inactive"}
