"""A stranger with the papers alone: every command of the tutorial and of how-tos, on machines of their own."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.papers import ROOT, Paper
from tests.tools import machines

A_NODE = """```console
{prompt} mithaq instrument new border --id hill-valley-2031
{prompt} mithaq instrument roots border --party ML --keys keys-of-ML
{prompt} mithaq instrument roots border --party RL --keys keys-of-RL
{prompt} mithaq instrument seal border --root keys-of-ML/root-1.key --out sealed
{prompt} mithaq instrument seal sealed --root keys-of-RL/root-1.key
{prompt} export MITHAQ_DATA=/srv/mithaq/ml
{prompt} mithaq init --instrument sealed --party ML --fence /srv/mithaq-fence/ml
{prompt} mithaq keys draft --out first.json
{prompt} mithaq keys sign first.json --root keys-of-ML/root-1.key --out first-signed.json
{prompt} mithaq keys enter first-signed.json
{prompt} mithaq keys instrument
{prompt} mithaq notice list
```
"""


def given(folder: Path, paper: Paper, *before: Path) -> tuple[list[tuple[str, str, str]], float]:
    """What every command of the paper said, each of which ended with 0; and the seconds that all of it took.

    `before` are pages of the test's own that are given first.
    """
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("networks and mounts of their own need root: unshare is refused")
    if shutil.which("ip") is None:
        pytest.skip("iproute2 is not installed")
    program = folder / "bin" / "mithaq"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT / 'src'}' exec '{sys.executable}' -m mithaq_cli \"$@\"\n")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    left = {name: value for name, value in os.environ.items() if not name.startswith("MITHAQ_")}
    pages = [*before, *(ROOT / name for name in dict.fromkeys(block.page for block in paper.named))]
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "tests.tools.machines", str(folder / "machines"), *map(str, pages)],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**left, "PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout)
    last = seen["said"][-1]
    assert last[2] == 0, last
    shown = [command for page in before for _, command in machines.commands(page.read_text("utf-8"))]
    assert [command for _, command, _, _ in seen["said"]] == [*shown, *paper.commands()]
    return [(name, command, said) for name, command, _, said in seen["said"]], seen["seconds"]


def a_node(folder: Path, prompt: str) -> Path:
    """A page that makes the Meadow's node on the machine of a prompt."""
    page = folder / "a-node.md"
    page.write_text(A_NODE.format(prompt=prompt))
    return page


def test_what_a_page_shows_belongs_to_its_machine() -> None:
    page = "```console\nML$ one <<'END'\nof it\nEND\nRL$ two\n```\n\n```console\n$ here\n```\n```\nML$ text\n```\n"
    assert list(machines.commands(page)) == [("ML", "one <<'END'\nof it\nEND"), ("RL", "two"), ("HERE", "here")]


@pytest.mark.long
@pytest.mark.runs("docs/tutorial/two-nodes.md")
def test_every_command_of_the_tutorial_does_what_it_says_on_two_networks(
    paper: Paper, tmp_path: Path, record_property: Any
) -> None:
    told, seconds = given(tmp_path, paper)
    assert len(told) > 50
    said = {command: text for _, command, text in told}
    assert said["mithaq record compare /mnt/stick/record-of-ML /mnt/stick/record-of-RL"].startswith("SAME")
    assert said["mithaq verify /mnt/stick/record-of-ML"].startswith("INTACT")
    shown = [text for _, command, text in told if command == "mithaq instrument show border"]
    fingerprints = [[line for line in text.splitlines() if "fingerprint" in line.lower()] for text in shown]
    assert len(fingerprints) == 2
    assert fingerprints[1] != []
    record_property("done", f"{len(told)} commands of the tutorial on two networks in {seconds:.0f} s")


@pytest.mark.long
@pytest.mark.runs("docs/how-to/move-to-another-machine.md", "mithaq backup", "mithaq doctor")
def test_a_node_that_was_moved_as_the_page_says_has_its_record_and_is_sound(paper: Paper, tmp_path: Path) -> None:
    told, _ = given(tmp_path, paper, a_node(tmp_path, "OLD$"))
    before, after = (text for _, command, text in told if command.startswith("mithaq notice list"))
    assert before == after
    assert before.count("\n") == 1
    (sound,) = (text for _, command, text in told if "fsck" in command)
    assert "SOUND" in sound.splitlines()


@pytest.mark.long
@pytest.mark.runs("docs/how-to/disks.md")
@pytest.mark.runs("docs/how-to/time.md", "mithaq doctor")
@pytest.mark.runs("docs/how-to/page-for-the-safe.md")
@pytest.mark.runs("docs/how-to/desk-name-and-certificate.md")
def test_every_command_of_the_pages_for_one_node_does_what_it_says(paper: Paper, tmp_path: Path) -> None:
    given(tmp_path, paper, a_node(tmp_path, "$"))
    here = tmp_path / "machines" / machines.HERE
    assert (here / "safe-fa.pdf").read_bytes().startswith(b"%PDF-")
    assert _answers(here, "desk.example") == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _answers(here, "another.example")


def _answers(folder: Path, name: str) -> str | None:
    """Which TLS a browser that trusts `ca.crt` speaks with whoever shows `desk.crt`, asked under a name."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "desk.crt", folder / "desk.key")
    asking = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    near, far = socket.socketpair()

    def answer() -> None:
        try:
            serving.wrap_socket(far, server_side=True).close()
        except OSError:
            far.close()

    other = threading.Thread(target=answer)
    other.start()
    try:
        with asking.wrap_socket(near, server_hostname=name) as line:
            return line.version()
    finally:
        near.close()
        other.join()
