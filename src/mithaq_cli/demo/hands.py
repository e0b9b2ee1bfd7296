"""Speaking to the hands of the story: one process a party, asked one thing at a time."""

import contextlib
import json
import subprocess
import threading
from pathlib import Path
from typing import Any

from mithaq.errors import Fault, Refusal
from mithaq_cli.demo.processes import python


class Hand:
    """The hand of one party; starts its process at the first request, and again if it has died."""

    def __init__(self, data: Path, log: Path) -> None:
        self._data, self._log = data, log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, deed: str, **arguments: Any) -> Any:
        """The result of a deed; raises the refusal that the node's service raised."""
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"do": deed, "with": arguments}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if not line:
            raise Fault("an answer from the hand", f"its end while asked to {deed}", f"see {self._log}")
        answer = json.loads(line)
        if "refused" in answer:
            raise Refusal(answer["refused"]["code"], **answer["refused"]["data"])
        return answer["done"]

    def stop(self) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]  # opened with a pipe
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()  # type: ignore[union-attr]  # opened with a pipe
        self._process = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self.stop()
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    python("-m", "mithaq_cli.demo.hand", str(self._data)),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,
                )
        return self._process
