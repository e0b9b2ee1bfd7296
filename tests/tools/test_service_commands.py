"""The commands of the how-tos that set a service up, as they stand there, over copies of the system's folders."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COPIES = """set -e
mount --make-rprivate /
cp -a /etc etc
mount --bind etc /etc
mount -t tmpfs none /srv
mount -t tmpfs none /var/log
cd units
"""
"""What the commands change is gone with the namespace; the machine's own users and units are not touched."""


def blocks(page: str, *begin: str) -> str:
    """The blocks of a page that are for root, those that begin with one of these."""
    found = _BLOCK.findall((HOW_TO / page).read_text("utf-8"))
    return "".join(text for language, text in found if not language and text.startswith(begin))


def commands(page: str) -> str:
    """What of a page makes users, folders and units; nothing is started, for that no systemd runs there."""
    return blocks(page, "useradd ", "cp ", "systemctl ").replace(" --now ", " ")


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


def test_the_commands_of_the_how_to_make_user_folders_and_units(tmp_path: Path) -> None:
    given = commands("install-as-a-service.md")
    assert given.splitlines()[0].startswith("useradd ")
    look = (
        "stat -c '%U %a' /srv/mithaq/ml /srv/mithaq-fence/ml /srv/mithaq-backup/ml; stat -c '%U %a' /etc/mithaq\n"
        "systemctl is-enabled mithaq@ml.service mithaq-backup@ml.timer\n"
    )
    done = in_copies(tmp_path, given + look)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-7:] == [*["mithaq 700"] * 3, "root 700", "enabled", "enabled", ""]


def test_the_commands_of_a_move_stop_the_old_one_for_good_and_start_the_new_one(tmp_path: Path) -> None:
    stop, start = commands("move-to-another-machine.md").splitlines()
    made = commands("install-as-a-service.md")
    seen = "systemctl is-enabled mithaq@ml.service mithaq-backup@ml.timer || true\n"
    done = in_copies(tmp_path, f"{made}{stop}\n{seen}{start}\n{seen}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["disabled", "disabled", "enabled", "enabled"]


def test_chrony_takes_the_lines_of_the_how_to(tmp_path: Path) -> None:
    if shutil.which("chronyd") is None:
        pytest.skip("chronyd is not installed, and would take the place of what keeps this machine's clock")
    (tmp_path / "chrony.conf").write_text(blocks("time.md", "server "))
    done = subprocess.run(
        ["chronyd", "-p", "-f", tmp_path / "chrony.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "server time.example iburst" in done.stdout
