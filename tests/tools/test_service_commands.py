"""The commands of the how-tos that set a service up, as they stand there, over copies of the system's folders."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import papers
from tests.papers import ROOT, Paper

_COPIES = """set -e
mount --make-rprivate /
cp -a /etc etc
mount --bind etc /etc
mount -t tmpfs none /srv
mount -t tmpfs none /var/log
cd units
"""
"""What the commands change is gone with the namespace; the machine's own users and units are not touched."""


def scripts(paper: Paper) -> list[str]:
    """What is to be given; nothing is started, for that no systemd runs there."""
    return paper.texts(fill={" --now ": " "})


def in_copies(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """The script, with systemd's files and no running systemd, which may not be the one that is to be set up."""
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("systemctl") is None:
        pytest.skip("folders of the system are covered by root alone, with unshare and systemctl")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody make a mount namespace")
    shutil.copytree(ROOT / "deployment", folder / "units")
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", _COPIES + script],
        cwd=folder, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_OFFLINE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.runs("docs/how-to/install-as-a-service.md", "useradd ", "cp ")
def test_the_commands_of_the_how_to_make_user_folders_and_units(paper: Paper, tmp_path: Path) -> None:
    given = "".join(scripts(paper))
    assert given.splitlines()[0].startswith("useradd ")
    look = (
        "stat -c '%U %a' /srv/mithaq/ml /srv/mithaq-fence/ml /srv/mithaq-backup/ml; stat -c '%U %a' /etc/mithaq\n"
        "systemctl is-enabled mithaq@ml.service mithaq-backup@ml.timer\n"
    )
    done = in_copies(tmp_path, given + look)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-7:] == [*["mithaq 700"] * 3, "root 700", "enabled", "enabled", ""]


@pytest.mark.runs("docs/how-to/move-to-another-machine.md", "systemctl ")
def test_the_commands_of_a_move_stop_the_old_one_for_good_and_start_the_new_one(paper: Paper, tmp_path: Path) -> None:
    stop, start = scripts(paper)
    made = "".join(scripts(papers.of([("docs/how-to/install-as-a-service.md", "useradd ", "cp ")])))
    seen = "systemctl is-enabled mithaq@ml.service mithaq-backup@ml.timer || true\n"
    done = in_copies(tmp_path, f"{made}{stop}{seen}{start}{seen}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["disabled", "disabled", "enabled", "enabled"]


@pytest.mark.runs("docs/how-to/time.md", "server ")
def test_chrony_takes_the_lines_of_the_how_to(paper: Paper, tmp_path: Path) -> None:
    if shutil.which("chronyd") is None:
        pytest.skip("chronyd is not installed, and would take the place of what keeps this machine's clock")
    (tmp_path / "chrony.conf").write_text(paper.text())
    done = subprocess.run(
        ["chronyd", "-p", "-f", tmp_path / "chrony.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "server time.example iburst" in done.stdout
