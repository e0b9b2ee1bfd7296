"""A proxy before several machines: it passes bytes on and ends no TLS, each connection to the next machine in turn."""

import selectors
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_LOOK = 0.2


class Proxy:
    """Listens on a port of loopback. `reached` are the machines that took a connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.reached: set[str] = set()
        self._machines: list[tuple[str, int]] = []
        self._turn = 0
        self._stopped = threading.Event()

    @contextmanager
    def before(self, machines: Sequence[tuple[str, int]]) -> Iterator[None]:
        """Pass on to `machines` while the block lasts."""
        self._machines = list(machines)
        accepting = threading.Thread(target=self._accept)
        accepting.start()
        try:
            yield
        finally:
            self._stopped.set()
            accepting.join()
            self._listener.close()

    def drop(self, host: str) -> None:
        """Pass nothing on to this machine from now on, as after a failed look at its `/readyz`."""
        self._machines = [each for each in self._machines if each[0] != host]

    def _accept(self) -> None:
        self._listener.settimeout(_LOOK)
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                caller, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(caller,), daemon=True).start()

    def _pass_on(self, caller: socket.socket) -> None:
        self._turn += 1
        machine = self._machines[self._turn % len(self._machines)]
        with caller, suppress(OSError), socket.create_connection(machine) as server:
            self.reached.add(machine[0])
            others = {caller: server, server: caller}
            with selectors.DefaultSelector() as ready:
                for each in others:
                    ready.register(each, selectors.EVENT_READ)
                while not self._stopped.is_set():
                    for key, _ in ready.select(_LOOK):
                        source = caller if key.fileobj is caller else server
                        if not (some := source.recv(65_536)):
                            return
                        others[source].sendall(some)
