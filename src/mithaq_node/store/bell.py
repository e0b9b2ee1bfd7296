"""The bell between the processes of one node on one machine: "our log has grown, look now".

A datagram to a socket that the worker listens on. It carries nothing and may be lost: whoever misses it looks twice a
second anyway. The socket lives in Linux's abstract namespace, named after the data folder, so no file is left behind.
"""

import hashlib
import select
import socket
from contextlib import suppress
from pathlib import Path


def ring(folder: Path) -> None:
    """Wake the worker of the node whose data folder is `folder`; never blocks and never fails."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(b"\0", _address(folder))


class Bell:
    """The worker's end."""

    def __init__(self, folder: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(_address(folder))

    def wait(self, seconds: float) -> bool:
        """Whether it rang within `seconds`; rings that came meanwhile count as one."""
        ready, _, _ = select.select([self._socket], [], [], max(0.0, seconds))
        while ready:
            try:
                self._socket.recv(16)
            except BlockingIOError:
                return True
        return False

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


def _address(folder: Path) -> str:
    return "\0mithaq/" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:40]
