"""`POST /deliver`, and `POST /own-log` for a counterpart that must read its own log back; nothing else.

Behind either stands the name of an audience that is not that of all. A party that is not in it gets the same answer as
for an audience that there is not.

The body is read only up to the instrument's limit; then the request's signature is checked, then its age and nonce, and
only then is anything decoded. A request that is not a counterpart's gets an answer with the code and a status of 4xx;
every delivery of a counterpart, accepted or refused, gets 200 and an answer. Where not even the store can be read, the
answer says so with 503.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from mithaq.errors import Refusal
from mithaq.exchange import answer, requests
from mithaq.exchange.answer import Answer
from mithaq.exchange.requests import Request, Window
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq_node.services import mirroring, receiving
from mithaq_node.services.calling import DELIVER, OWN_LOG, at_path
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart, Seat
from mithaq_node.store import failures

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    403: "403 Forbidden",
    404: "404 Not Found",
    413: "413 Content Too Large",
    503: "503 Service Unavailable",
}
_SIGNED = ("content-digest", "signature-input", "signature")


class Door:
    """The WSGI application of `seat`, and of the seats of the same node in `others`, which are smaller audiences.

    `now` gives the moment; one request is worked on at a time.
    """

    def __init__(self, seat: Seat, now: Callable[[], Moment], others: Sequence[Seat] = ()) -> None:
        self._seat, self._now = seat, now
        self._seats = {each.audience: each for each in (seat, *others)}
        self._holdings = {each.audience: Holdings(each) for each in (seat, *others)}
        self._windows = {party: Window(seat.limits.requests) for party in seat.peers}
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        now = self._now()
        try:
            status, body = 200, self._receive(self._read(environ), now)
        except Refusal as refusal:
            status = {"peer.not-found": 404, "peer.too-large": 413, "peer.bad-length": 400}.get(refusal.code, 403)
            body = answer.encode(Answer(refusal.code, 0, str(now), dict(refusal.data)))
        except failures.FAILURES as error:
            status, body = 503, answer.encode(Answer(failures.refused(error).code, 0, str(now)))
        start_response(
            _STATUS[status], [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))]
        )
        return [body]

    def _receive(self, request: Request, now: Moment) -> bytes:
        with self._lock:
            path, _, audience = request.path.removeprefix("/").partition("/")
            holdings = self._opened(audience or numbers.ALL, request)
            try:
                peer = self._admit(holdings, request, now)
                if f"/{path}" == OWN_LOG:
                    return mirroring.give(holdings, peer, request.body, now)
                return answer.encode(receiving.receive(holdings, peer, request.body, now))
            except failures.FAILURES:  # the connection may be gone: the next request opens another
                self._holdings.pop(holdings.seat.audience, None)
                with suppress(*failures.FAILURES):
                    holdings.close()
                raise

    def _opened(self, audience: str, request: Request) -> Holdings:
        seat = self._seats[audience]
        if not any(peer.node.name == requests.key_name(request.headers) for peer in seat.peers.values()):
            self._seat.peer_of_key(requests.key_name(request.headers))  # a stranger is told so
            raise Refusal("peer.not-found", method=request.method[:20], path=request.path[:200])
        if audience not in self._holdings:
            self._holdings[audience] = Holdings(seat)
        return self._holdings[audience]

    def _is_taken(self, path: str) -> bool:
        """Whether the door takes anything at this path."""
        return path in {at_path(each, audience) for audience in self._seats for each in (DELIVER, OWN_LOG)}

    def _read(self, environ: Environ) -> Request:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if method != "POST" or not self._is_taken(path) or environ.get("QUERY_STRING", ""):
            raise Refusal("peer.not-found", method=str(method)[:20], path=str(path)[:200])
        length, limit = str(environ.get("CONTENT_LENGTH") or ""), self._seat.limits.delivery
        if not (length.isascii() and length.isdigit()):
            raise Refusal("peer.bad-length", found=length[:20])
        if int(length) > limit:
            raise Refusal("peer.too-large", limit=limit, found=int(length))
        body = environ["wsgi.input"].read(int(length))
        if len(body) != int(length):
            raise Refusal("peer.bad-length", found=str(len(body)))
        fields = {name: str(environ.get("HTTP_" + name.upper().replace("-", "_"), "")) for name in _SIGNED}
        return Request(method, str(environ.get("HTTP_HOST", "")), path, fields, body)

    def _admit(self, holdings: Holdings, request: Request, now: Moment) -> Counterpart:
        if self._seat.authority and request.authority.lower() != self._seat.authority:
            raise Refusal("request.other-authority", found=request.authority[:200], expected=self._seat.authority)
        peer = holdings.seat.peer_of_key(requests.key_name(request.headers))
        signed = requests.verify(request, holdings.node_verifier(peer))
        self._windows[peer.party].admit(signed, now.seconds)
        return peer
