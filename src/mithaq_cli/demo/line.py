"""The line between the two nodes: a wire that carries bytes both ways until it is cut.

It reads nothing and changes nothing: what passes is TLS between the nodes. A cut ends every connection at once and
every new one at its first byte, as a dead line does.
"""

import contextlib
import socket
import threading

_CHUNK = 65_536


class Line:
    """The way to one door: listens on `port` of this machine and carries to `door`."""

    def __init__(self, port: int, door: int) -> None:
        self._door = door
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._whole = True
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, name=f"line-{port}", daemon=True).start()

    @property
    def whole(self) -> bool:
        return self._whole

    def cut(self) -> None:
        """Cut the line: what is under way stops in the middle."""
        with self._lock:
            self._whole = False
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            if not self._whole:
                return
            with socket.create_connection(("127.0.0.1", self._door), timeout=5) as far:
                far.settimeout(None)
                with self._lock:
                    self._open |= {near, far}
                try:
                    back = threading.Thread(target=_pour, args=(far, near), daemon=True)
                    back.start()
                    _pour(near, far)
                    back.join()
                finally:
                    with self._lock:
                        self._open -= {near, far}


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
