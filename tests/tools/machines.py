"""Machines in one: each a shell with a network, mounts and processes of its own, a cable and a stick between them.

    unshare -n python -m tests.tools.machines FOLDER PAGE...

Gives every command of the pages' `console` blocks that begins with a prompt (`ML$ …`, or `$ …` on the machine `HERE`)
on that machine, as it stands there, in order. Prints as JSON what each said. What a machine mounts or starts is gone
with its shell.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^([A-Z]*)\$ ")
_DONE = "the command has ended with"
PATIENCE = 120.0
"""Seconds that one command may take."""
HERE = "HERE"
"""The machine whose prompt is bare."""


def commands(page: str) -> Iterator[tuple[str, str]]:
    """Machine and command of every prompt in a page; lines without one belong to the command before them."""
    found: list[tuple[str, list[str]]] = []
    for block in _BLOCK.findall(page):
        for line in block.splitlines():
            prompt = _PROMPT.match(line)
            if prompt:
                found.append((prompt[1] or HERE, [line[prompt.end() :]]))
            elif found:
                found[-1][1].append(line)
    return ((machine, "\n".join(lines)) for machine, lines in found)


@dataclass
class Machine:
    """One party's machine, which is up until it is put away."""

    name: str
    folder: Path
    shell: "subprocess.Popen[str]" = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.shell = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder,
        )  # fmt: skip

    def give(self, command: str) -> tuple[int, str]:
        """Exit status of a command, and what it said."""
        into, out = self._ends()
        watch = threading.Timer(PATIENCE, self.shell.kill)
        watch.start()
        into.write(f"{command}\necho; echo {_DONE} $?\n")
        into.flush()
        said: list[str] = []
        for line in out:
            if line.startswith(_DONE):
                watch.cancel()
                return int(line.split()[-1]), "".join(said).rstrip("\n")
            said.append(line)
        raise AssertionError(f"{self.name} did not end within {PATIENCE:.0f} s: {command}\n{''.join(said)}")

    def put_away(self) -> None:
        """End the shell and everything that it started."""
        into, out = self._ends()
        into.close()
        out.close()
        self.shell.kill()
        self.shell.wait()

    def inside(self) -> int:
        """The process that stands in the machine's network."""
        children = Path(f"/proc/{self.shell.pid}/task/{self.shell.pid}/children")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if found := children.read_text().split():
                return int(found[0])
            time.sleep(0.05)
        raise AssertionError(f"{self.name} did not come up")

    def _ends(self) -> tuple[IO[str], IO[str]]:
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        return self.shell.stdin, self.shell.stdout


def set_up(folder: Path, names: Sequence[str]) -> dict[str, Machine]:
    """The machines, with a switch and a stick between them, disks of their own, and each other's names."""
    stick, hosts = folder / "stick", folder / "hosts"
    stick.mkdir(parents=True)
    addresses = {name: f"192.0.2.{number}" for number, name in enumerate(names, 1)}
    known = "".join(f"{address} node.{name.lower()}.example\n" for name, address in addresses.items())
    hosts.write_text(f"127.0.0.1 localhost\n{known}")
    machines = {name: Machine(name, folder / name) for name in names}
    _run("ip", "link", "add", "switch", "type", "bridge")
    _run("ip", "link", "set", "switch", "up")
    for number, (name, machine) in enumerate(machines.items()):
        port = f"port{number}"
        _run("ip", "link", "add", port, "type", "veth", "peer", "name", "cable", "netns", str(machine.inside()))
        _run("ip", "link", "set", port, "master", "switch", "up")
        for command in (
            "ip link set lo up && ip link set cable up",
            f"ip address add {addresses[name]}/24 dev cable",
            "mount -t tmpfs tmpfs /srv && mkdir -p /srv/mithaq /srv/mithaq-fence",
            "mount -t tmpfs tmpfs /srv/mithaq-fence && mount -t tmpfs tmpfs /mnt && mkdir /mnt/stick",
            f"mount --bind '{stick}' /mnt/stick && mount --bind '{hosts}' /etc/hosts",
        ):
            assert machine.give(command) == (0, ""), command
    return machines


def main(folder: Path, *pages: Path) -> dict[str, object]:
    """Give everything on the pages, in order, until something does not end with 0."""
    given = [each for page in pages for each in commands(page.read_text("utf-8"))]
    machines = set_up(folder, list(dict.fromkeys(name for name, _ in given)))
    began = time.monotonic()
    said: list[tuple[str, str, int, str]] = []
    try:
        for name, command in given:
            said.append((name, command, *machines[name].give(command)))
            if said[-1][2] != 0:
                break
    finally:
        for machine in machines.values():
            machine.put_away()
    return {"said": said, "seconds": time.monotonic() - began}


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    for variable in ("MITHAQ_DATA", "MITHAQ_SECRET", "MITHAQ_SECRET_FILE"):
        os.environ.pop(variable, None)
    sys.stdout.write(json.dumps(main(*map(Path, sys.argv[1:]))))
