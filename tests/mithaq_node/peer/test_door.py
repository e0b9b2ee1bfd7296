"""The counterpart's door, called as a server calls it: signed deliveries come in, everything else stays out."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mithaq.exchange import answer, requests
from mithaq.exchange.answer import Answer
from mithaq.moments import Moment
from mithaq.signing import PrivateKey
from mithaq_node.peer.door import Door
from mithaq_node.services import delivering, outgoing
from mithaq_node.services.holdings import Holdings
from tests import postgresql
from tests.mithaq_node import meadow
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.pair import NOW, Pair, notice


class Visit:
    """A door of RL's and what ML brings to it."""

    def __init__(self, nodes: Pair) -> None:
        self.nodes = nodes
        self.now = NOW
        self.door = Door(nodes.rl.seat, lambda: self.now)
        self.peer = nodes.ml.seat.peers["RL"]

    @property
    def holdings(self) -> Holdings:
        """What the door reads and writes through."""
        return self.door._holdings["all"]

    def delivery(self) -> bytes:
        pairs.release(self.nodes.ml, [notice(self.nodes.ml.seat, self.nodes.ml.own().size)])
        link = replace(self.nodes.links["ML"], held=self.nodes.copy_of(self.nodes.ml).size)
        ml = self.nodes.ml
        own, held = outgoing.secured(ml, self.peer)
        return outgoing.prepare(ml, own, link, held, NOW).encoded

    def environ(self, body: bytes, **changed: Any) -> dict[str, Any]:
        fields = delivering.signed_fields(self.nodes.ml, self.peer, body, self.nodes.links["ML"], self.now.seconds)
        named = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in fields.items()}
        made = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/deliver",
            "HTTP_HOST": self.peer.authority,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        return {**made, **named, **changed}

    def call(self, environ: dict[str, Any]) -> tuple[str, Answer]:
        statuses: list[str] = []
        body = b"".join(self.door(environ, lambda status, _: statuses.append(status)))
        return statuses[0], answer.decode(body, self.nodes.rl.seat.law.limits)


@pytest.fixture
def visit(tmp_path: Path, django_db_blocker: Any) -> Iterator[Visit]:
    with django_db_blocker.unblock():
        nodes = Pair(tmp_path)
    nodes.settle()
    yield Visit(nodes)
    nodes.close()


def test_a_signed_delivery_is_taken_and_answered_with_the_receipt(visit: Visit) -> None:
    status, said = visit.call(visit.environ(visit.delivery()))
    assert (status, said.code) == ("200 OK", "ok")
    assert said.held == visit.nodes.ml.own().size
    assert said.delivery
    assert said.cosignatures


def test_the_same_request_again_is_refused(visit: Visit) -> None:
    body = visit.delivery()
    environ = visit.environ(body)
    visit.call(environ)
    status, said = visit.call({**environ, "wsgi.input": io.BytesIO(body)})
    assert (status, said.code) == ("403 Forbidden", "request.replayed")


def test_two_requests_that_overtake_each_other_both_count(visit: Visit) -> None:
    first, second = (visit.environ(visit.delivery()) for _ in range(2))
    assert visit.call(second)[1].code == "ok"
    assert visit.call(first)[1].code == "ok"
    assert visit.nodes.copy_of(visit.nodes.ml).head == visit.nodes.ml.own().head


def test_a_request_out_of_its_time_is_refused_and_says_ours(visit: Visit) -> None:
    environ = visit.environ(visit.delivery())
    visit.now = Moment(NOW.seconds + 2 * requests.SKEW)
    status, said = visit.call(environ)
    assert (status, said.code, said.time) == ("403 Forbidden", "request.stale", str(visit.now))


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"REQUEST_METHOD": "GET"}, "404 Not Found", "peer.not-found"),
        ({"PATH_INFO": "/"}, "404 Not Found", "peer.not-found"),
        ({"QUERY_STRING": "x=1"}, "404 Not Found", "peer.not-found"),
        ({"CONTENT_LENGTH": ""}, "400 Bad Request", "peer.bad-length"),
        ({"CONTENT_LENGTH": "-1"}, "400 Bad Request", "peer.bad-length"),
        ({"CONTENT_LENGTH": "99999"}, "400 Bad Request", "peer.bad-length"),
        ({"CONTENT_LENGTH": "99999999999"}, "413 Content Too Large", "peer.too-large"),
        ({"HTTP_HOST": "elsewhere.example"}, "403 Forbidden", "request.other-authority"),
        ({"HTTP_SIGNATURE": ""}, "403 Forbidden", "request.not-signed"),
        ({"HTTP_SIGNATURE_INPUT": ""}, "403 Forbidden", "request.not-signed"),
        ({"HTTP_CONTENT_DIGEST": requests.content_digest(b"")}, "403 Forbidden", "request.other-body"),
    ],
)
def test_what_is_no_delivery_of_a_counterpart_stays_out(
    visit: Visit, changed: dict[str, Any], status: str, code: str
) -> None:
    before = visit.nodes.copy_of(visit.nodes.ml)
    found, said = visit.call(visit.environ(visit.delivery(), **changed))
    assert (found, said.code) == (status, code)
    assert visit.nodes.copy_of(visit.nodes.ml) == before


def test_a_body_over_the_limit_is_not_read(visit: Visit) -> None:
    class Untouched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    limit = visit.nodes.rl.seat.law.limits.delivery
    changed = {"CONTENT_LENGTH": str(limit + 1), "wsgi.input": Untouched()}
    assert visit.call(visit.environ(b"", **changed))[0] == "413 Content Too Large"


def test_a_stranger_and_a_key_that_is_not_the_counterparts_stay_out(visit: Visit) -> None:
    body = visit.delivery()
    for name, code in (
        ("stranger.example/node", "request.unknown-key"),
        (visit.nodes.ml.seat.node, "request.bad-signature"),
    ):
        fields = requests.sign(
            "POST",
            visit.peer.authority,
            "/deliver",
            body,
            key=PrivateKey.from_seed(b"x" * 32),
            name=name,
            created=NOW.seconds,
            nonce=b"\1" * 16,
        )
        named = {"HTTP_" + field.upper().replace("-", "_"): value for field, value in fields.items()}
        assert visit.call(visit.environ(body, **named))[1].code == code


def test_a_counterparts_broken_delivery_is_answered_with_its_code(visit: Visit) -> None:
    status, said = visit.call(visit.environ(visit.delivery()[:-3]))
    assert (status, said.code) == ("200 OK", "delivery.truncated")
    assert said.held == visit.nodes.copy_of(visit.nodes.ml).size


def test_a_door_whose_database_hung_up_says_so_once_and_opens_it_again(
    postgresql_server: postgresql.Server, tmp_path: Path, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        name = postgresql_server.create(meadow.template(postgresql_server))
        nodes = Pair(tmp_path, ("sqlite", postgresql_server.url(name)))
    nodes.settle()
    visit = Visit(nodes)
    body = visit.delivery()
    postgresql_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    status, said = visit.call(visit.environ(body))
    assert (status, said.code, said.data) == ("503 Service Unavailable", "node.database-unreachable", {})
    status, said = visit.call(visit.environ(body))
    assert (status, said.code) == ("200 OK", "ok")
    visit.holdings.close()
    nodes.close()
    postgresql_server.drop(name)
