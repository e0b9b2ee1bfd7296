"""A command at a real pseudo-terminal: what it shows, and what somebody types when it has shown it."""

import os
import pty
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

PATIENCE = 60.0


class Terminal:
    """The other end of the terminal that a command runs at."""

    def __init__(self, process: int, descriptor: int) -> None:
        self.process, self._descriptor = process, descriptor
        self.shown = ""
        self._read_to = 0

    def until(self, text: str) -> None:
        """Wait for `text` after what was waited for before."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.shown.find(text, self._read_to)) < 0:
            assert time.monotonic() < deadline, f"no {text!r} in:\n{self.shown[self._read_to :]}"
            assert self._take(1), f"ended without {text!r}:\n{self.shown[self._read_to :]}"
        self._read_to = found + len(text)

    def answer(self, after: str, typed: str) -> None:
        """Type a line when `after` has been shown and what is typed is waited for."""
        self.until(after)
        self.until("> ")
        os.write(self._descriptor, f"{typed}\n".encode())

    def press(self, key: str) -> None:
        """One key, or one with Ctrl, as the terminal sends it."""
        os.write(self._descriptor, key.encode())

    def end(self) -> int:
        """Everything that is shown until the command ends, and what it ended with."""
        deadline = time.monotonic() + PATIENCE
        while self._take(1):
            assert time.monotonic() < deadline, f"goes on after:\n{self.shown[self._read_to :]}"
        _, status = os.waitpid(self.process, 0)
        self.process = 0
        return os.waitstatus_to_exitcode(status)

    def _take(self, seconds: float) -> bool:
        """Read what there is within some seconds; False once the command has closed its end."""
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return True
        try:
            read = os.read(self._descriptor, 65536)
        except OSError:
            return False
        self.shown += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(read)


@contextmanager
def at_a_terminal(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a command at a terminal of its own; it is gone afterwards."""
    process, descriptor = pty.fork()
    if process == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs the tests in the background has it ignored
        os.execvpe(command[0], list(command), dict(environment))
    terminal = Terminal(process, descriptor)
    try:
        yield terminal
    finally:
        if terminal.process:
            os.kill(terminal.process, signal.SIGKILL)
            os.waitpid(terminal.process, 0)
        os.close(descriptor)
