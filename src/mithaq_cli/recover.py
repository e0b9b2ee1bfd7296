"""`mithaq recover`: whether this node is sure of its record, and asking the counterparts for what it lacks, now."""

import http.client
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq_node.services.calling import Carry
    from mithaq_node.services.holdings import Holdings
    from mithaq_node.services.seat import Counterpart, Seat


def recover(
    data: options.Data = None,
    new_fence: Annotated[
        bool, typer.Option("--new-fence", help="Set a fence where there is none, once a counterpart's copy agrees.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Compare store, fence and the counterparts' copies, and read back what is lacking. Exit status 2 while UNSURE."""
    import os

    node = options.open_node(data)
    from mithaq_node.services import seat
    from mithaq_node.services.holdings import Holdings

    told: list[dict[str, Any]] = []
    doubts: list[Refusal] = []
    for taken in seat.take_all(node.folder, os.environ):
        holdings = Holdings(taken)
        try:
            with options.working("asking the counterparts"):
                said = {peer.party: _asked(holdings, peer, new_fence) for peer in taken.peers.values()}
            doubt, own = holdings.doubt(), holdings.own()
        finally:
            holdings.close()
        doubts += [doubt] if doubt is not None else []
        told.append({"doubt": doubt.code if doubt else "", "log": own.origin, "said": said, "size": own.size})
    say(json, {**told[0], "others": told[1:]}, "\n".join(line for each in told for line in _lines(each)))
    if doubts:
        raise doubts[0]


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{party}: {each or 'ok'}" for party, each in told["said"].items())
    yield f"{told['log']}: {told['size']}"


def _asked(holdings: "Holdings", peer: "Counterpart", new_fence: bool) -> str:
    """Ask one counterpart until the node is sure or nothing more comes; why it stopped, or nothing."""
    from mithaq_node.services import clock, recovering
    from mithaq_node.services.delivering import load

    link, carry = load(holdings, peer), _line(holdings.seat, peer)
    while True:
        link = recovering.step(holdings, peer, link, carry, clock.now(), new_fence)
        if link.code == "mirror.agrees" or (not link.code and holdings.doubt() is None):
            return ""
        if link.code:
            return link.code


def _line(taken: "Seat", peer: "Counterpart") -> "Carry":
    from mithaq_node.carrier.line import Line
    from mithaq_node.keystore import custody
    from mithaq_node.services.calling import LineDown, path_of

    keys = taken.folder / "keys"
    own = keys / custody.TLS_CERTIFICATE, keys / custody.TLS_KEY, custody.tls_password(keys)
    line = Line(peer.url, peer.certificate, *own)

    def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
        try:
            return line.post(path_of(body, taken.audience), body, fields)[1]
        except (OSError, http.client.HTTPException) as error:
            raise LineDown("link.down") from error

    return carry
