"""Django served over a real socket in a thread of the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request, and what was asked."""

    daemon_threads = True
    asked: list[str]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class Handler(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)


@contextmanager
def served() -> Iterator[Server]:
    """The node on which Django stands, at a port of this machine."""
    made = make_server("127.0.0.1", 0, WSGIHandler(), server_class=Server, handler_class=Handler)
    made.asked = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
