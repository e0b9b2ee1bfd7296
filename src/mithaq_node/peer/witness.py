"""The two calls of C2SP tlog-witness over HTTP: `POST add-checkpoint`, and the last head of a log. It decides nothing.

Nobody is asked who they are: a head counts under its log's signature, and what is given back is public among those who
know the log. TLS, where it is wanted, ends before this program.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from mithaq.moments import Moment
from mithaq.record.witness import MOST_BYTES
from mithaq_node.services.witness import Reply, Witness

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
_PHRASES = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    503: "Service Unavailable",
}
_LATEST = re.compile(r"/([0-9a-f]{64})/checkpoint")


class WitnessDoor:
    """The WSGI application of a witness; `opened` gives the witness as its files say now, `now` the moment."""

    def __init__(self, opened: Callable[[], Witness], now: Callable[[], Moment]) -> None:
        self._opened, self._now = opened, now

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        reply = self._reply(environ)
        status = f"{reply.status} {_PHRASES[reply.status]}"
        start_response(status, [("Content-Type", reply.type), ("Content-Length", str(len(reply.body)))])
        return [reply.body]

    def _reply(self, environ: Environ) -> Reply:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if path == "/add-checkpoint":
            return self._add(environ) if method == "POST" else Reply(405)
        found = _LATEST.fullmatch(path)
        if found is None:
            return Reply(404)
        return self._opened().latest(found[1]) if method == "GET" else Reply(405)

    def _add(self, environ: Environ) -> Reply:
        length = str(environ.get("CONTENT_LENGTH") or "")
        if not (length.isascii() and length.isdigit()):
            return Reply(400)
        if int(length) > MOST_BYTES:
            return Reply(413)
        return self._opened().add_checkpoint(environ["wsgi.input"].read(int(length)), self._now())
