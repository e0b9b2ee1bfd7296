"""Two ministries without a network: what a bundle installs makes two nodes, pairs them, and is upgraded and removed.

    unshare -n python -m tests.tools.without_a_network BUNDLE LATER FOLDER INSTALL UPGRADE UNINSTALL

Only loopback is up. Prints as JSON what was seen, with the packets for which the kernel of this network had no way out.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()

from tests.mithaq_cli.two_nodes import NodeFolder, pair, until  # noqa: E402
from tests.mithaq_node import meadow  # noqa: E402


def main(bundle: Path, later: Path, folder: Path, install: Path, upgrade: Path, uninstall: Path) -> dict[str, Any]:
    """Everything once, in order; raises where a step fails. The scripts are named as seen from a bundle's folder."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    prefix = folder / "opt"
    first, second = unpacked(bundle, folder / "first"), unpacked(later, folder / "second")
    seen: dict[str, Any] = {}
    began = time.monotonic()
    seen["refused"] = [run(first / upgrade, prefix), run(damaged(first, folder / "damaged") / install, prefix)]
    seen["installed"] = run(first / install, prefix)
    seen["again"] = run(first / install, prefix)
    program = str(prefix / "bin" / "mithaq")
    with pair(folder, program=(program,)) as nodes:
        with nodes["ML"].serving(), nodes["RL"].serving():
            seen["seconds"] = time.monotonic() - began
            numbers = [exchanged(nodes)]
        (prefix / "versions" / "0.1.1").mkdir()  # as an upgrade that was interrupted leaves it
        seen["upgraded"] = run(second / upgrade, prefix)
        seen["version"] = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        with nodes["ML"].serving(), nodes["RL"].serving():
            numbers.append(exchanged(nodes))
            seen["ready"] = nodes["RL"].get("/readyz")[0]
        seen["numbers"] = numbers
        seen["removed"] = run(second / uninstall, prefix)
        seen["kept"] = [node.data.is_dir() and not prefix.exists() for node in nodes.values()]
    seen["left"] = without_a_way()
    probe()
    seen["counted"] = without_a_way()
    return seen


def exchanged(nodes: dict[str, NodeFolder]) -> str:
    """The number of a notice of the one side that the other holds."""
    number = nodes["ML"].file_and_release("incident.initial", meadow.INCIDENT)
    until(lambda: number in [leaf["number"] for leaf in nodes["RL"].leaves("ML")])
    return number


def unpacked(bundle: Path, folder: Path) -> Path:
    """The one folder that is in a bundle."""
    with tarfile.open(bundle) as archive:
        archive.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


def damaged(bundle: Path, folder: Path) -> Path:
    """The same bundle with one byte more."""
    shutil.copytree(bundle, folder, symlinks=True)
    with (folder / "LICENSE").open("ab") as file:
        file.write(b"\n")
    return folder


def run(script: Path, prefix: Path) -> tuple[int, str]:
    """Exit status and last words of a script of the bundle."""
    done = subprocess.run([script, "--prefix", prefix], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


def without_a_way() -> int:
    """Packets of this network for which there was no way out, of both versions of IP."""
    names, values = (line.split() for line in Path("/proc/net/snmp").read_text().splitlines()[:2])
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"]) + int(six["Ip6OutNoRoutes"])


def probe() -> None:
    """Ask for the way out, so that it is seen that asking is counted."""
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_STREAM) as asked:
            asked.settimeout(1)
            asked.connect_ex((address, 443))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*map(Path, sys.argv[1:]))))
