"""The pieces of the stage, each alone: the folder, the line, and processes that are kept running."""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_cli.demo.folder import Folder, Ports
from mithaq_cli.demo.line import Line
from mithaq_cli.demo.processes import Watched, program, python
from mithaq_cli.demo.stage import Stage
from tests.mithaq_node import room


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def door() -> Iterator[int]:
    """A door that says back whatever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    near, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=echo, args=(near,), daemon=True).start()

        def echo(near: socket.socket) -> None:
            with near:
                try:
                    while chunk := near.recv(1024):
                        near.sendall(chunk)
                except OSError:
                    return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _says_back(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as near:
        try:
            near.sendall(b"salam")
            return near.recv(16) == b"salam"
        except OSError:
            return False


def test_the_line_carries_until_it_is_cut_and_again_when_it_is_mended(door: int):
    line = Line(_free(), door)
    port = line._listener.getsockname()[1]
    assert _says_back(port)
    line.cut()
    assert not line.whole
    assert not _says_back(port)
    line.mend()
    assert _says_back(port)
    line.close()


def test_a_cut_ends_what_is_under_way(door: int):
    line = Line(_free(), door)
    with socket.create_connection(line._listener.getsockname(), timeout=5) as near:
        near.sendall(b"salam")
        assert near.recv(16) == b"salam"
        line.cut()
        with contextlib.suppress(ConnectionError):
            assert near.recv(16) == b""
    line.close()


def test_a_demonstration_touches_no_folder_of_anything_else(tmp_path: Path):
    (tmp_path / "letter").write_text("mine")
    with pytest.raises(Refusal) as refused:
        Folder(tmp_path).claim(8400)
    assert refused.value.code == "demo.not-a-demo"
    assert (tmp_path / "letter").read_text() == "mine"


def test_two_demonstrations_do_not_share_a_folder(tmp_path: Path):
    folder = Folder(tmp_path)
    with folder.held(), pytest.raises(Refusal) as refused, folder.held():
        pass
    assert refused.value.code == "demo.already-running"


def test_a_folder_keeps_its_port(tmp_path: Path):
    folder = Folder(tmp_path)
    assert folder.port(9000) == 9000
    folder.claim(9000)
    folder.story.write_text("{}")
    assert folder.port(None) == 9000
    with pytest.raises(Refusal) as refused:
        folder.port(9100)
    assert refused.value == Refusal("demo.other-port", port=9000)


def test_a_busy_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        if port > 65_000:
            pytest.skip(f"port {port} leaves no room")
        with pytest.raises(Refusal) as refused:
            Ports(port).require_free()
    assert refused.value == Refusal("demo.busy-port", port=port)


def test_a_node_for_which_there_is_no_room_is_named_with_the_reason(tmp_path: Path):
    with room.device(tmp_path / "small", 1) as small, contextlib.ExitStack() as stack:
        folder = Folder(small.folder)
        ports = Ports(22060)
        folder.claim(ports.first)
        stage = stack.enter_context(contextlib.closing(Stage(folder, ports)))
        with pytest.raises(Refusal) as refused:
            stage.open()
    assert refused.value.code == "demo.node-not-made"
    assert str(refused.value.data["reason"]).split(":")[0] in ("node.disk-full", "command.disk-full")


def test_a_process_that_is_killed_is_started_again_and_leaves_nothing_behind(tmp_path: Path):
    said = tmp_path / "said"
    program = "import os, subprocess, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()} '); time.sleep(60)"
    watched = Watched("clerk", python("-c", program, str(said)), {}, tmp_path / "log")
    _until(lambda: said.exists() and len(said.read_text().split()) == 1)
    killed = watched.kill()
    _until(lambda: len(said.read_text().split()) == 2)
    assert watched.restarts == 1
    assert watched.pid != killed
    watched.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(watched.pid, 0)


def test_a_command_is_printed_as_it_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    programs = tmp_path / "checkout" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "mithaq"):
        (programs / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path / "checkout")
    assert program() == ".venv/bin/mithaq"
    monkeypatch.chdir(programs)
    monkeypatch.setenv("PATH", str(programs))
    assert program() == "mithaq"
    monkeypatch.setenv("PATH", "")
    (programs / "mithaq").unlink()
    assert program() == "mithaq"


def _until(reached, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)
