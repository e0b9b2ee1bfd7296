"""Calling a counterpart's door: how a request says it is ours, what carries it, and what its answer does to the link.

The line is a function that carries bytes and brings bytes back (`carrier`, a memory stick, the simulator), and raises
`LineDown` when it does not. What is carried says by its first line what it is, and so at which address it is taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from mithaq.exchange import mirror, requests, session
from mithaq.exchange.answer import Answer
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.moments import parse as parse_moment
from mithaq.notices import numbers
from mithaq.signing import PrivateKey
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart
from mithaq_node.store.log import Log

DELIVER, OWN_LOG = "/deliver", "/own-log"
"""The paths at which a door takes deliveries, and requests of a party for its own log; for another audience than that
of all its name follows, `/deliver/north`."""

Carry = Callable[[bytes, Mapping[str, str]], bytes]
"""Takes the body and the signed header fields of a request, brings back the body of the answer."""


class LineDown(Exception):
    """No answer came: the line, not the counterpart, is at fault."""


def path_of(body: bytes, audience: str = numbers.ALL) -> str:
    """Where a request with this body goes."""
    return at_path(OWN_LOG if body.startswith(mirror.REQUEST_LINE) else DELIVER, audience)


def at_path(path: str, audience: str) -> str:
    """The path for one audience."""
    return path if audience == numbers.ALL else f"{path}/{audience}"


def signed_fields(
    holdings: Holdings, peer: Counterpart, body: bytes, link: Link, created: int, own: Log | None = None
) -> dict[str, str]:
    """The header fields that say this request is ours. `own` is our log where it has just been read.

    The counterpart knows our keys as far as it holds our log, so the request is signed with the key that counts there.
    """
    return requests.sign(
        "POST",
        peer.authority,
        path_of(body, holdings.seat.audience),
        body,
        key=_node_key(holdings, link, own or holdings.own()),
        name=holdings.seat.node,
        created=created,
        nonce=holdings.seat.draw(requests.NONCE_BYTES),
    )


def _node_key(holdings: Holdings, link: Link, own: Log) -> PrivateKey:
    """The key that the counterpart should know; after refused requests each in turn that this node holds.

    It may hold more of our log than we know (an answer was lost, or we were set back), or less (it was).
    """
    refused = link.failures if link.code.startswith("request.") else 0
    likely = (holdings.key("node", link.held, own), holdings.key("node", own=own))
    held = list(dict.fromkeys((*likely, *holdings.seat.keys.all("node"))))
    return held[refused % len(held)]


def answered(link: Link, said: Answer, size: int, now: Moment) -> Link:
    """The link after an answer; a clock that is too far from theirs for them is adjusted for."""
    after = session.answered(link, said, size, now.seconds)
    if said.code == "request.stale":
        return replace(after, clock=parse_moment(said.time).seconds - now.seconds)
    return after
