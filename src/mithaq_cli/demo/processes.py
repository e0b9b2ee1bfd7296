"""Processes of the demonstration: each in a session of its own, watched, and started again when it dies.

A node's server has children of its own. When its first process is killed outright they live on and keep the port, so
whenever it ends, whatever is left of its session is ended before it is started again.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_PATIENCE = 10.0
"""Seconds that a process has to stop by itself."""
_PAUSE = 0.2
"""Seconds between the end of a process and its next start."""


def python(*arguments: str) -> list[str]:
    """The command line of a module of this distribution, run by this interpreter."""
    return [sys.executable, *arguments]


def program() -> str:
    """`mithaq` as it can be typed here: by its name where the shell finds this one, or else by where it lies."""
    beside, found = Path(sys.executable).with_name("mithaq"), shutil.which("mithaq")
    if not beside.exists() or (found is not None and Path(found).resolve() == beside.resolve()):
        return "mithaq"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


class Watched:
    """A process that is kept running until it is stopped."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.restarts = 0
        self._command, self._log = list(command), log
        self._environment = {**os.environ, **environment}
        self._stopping = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(target=self._watch, name=f"watch-{name}", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> int:
        """Kill the first process outright, as a power cut would; returns which it was."""
        pid = self._process.pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> int:
        """Ask it to stop, insist after a while, and return what it ended with."""
        self._stopping.set()
        process = self._process
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        _end_session(process.pid)
        process.wait()
        self._watcher.join()
        return code

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            process = self._process
            process.wait()
            if self._stopping.is_set():
                return
            _end_session(process.pid)
            time.sleep(_PAUSE)
            if self._stopping.is_set():
                return
            self._process = self._start()
            self.restarts += 1


def _end_session(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
