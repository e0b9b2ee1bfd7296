"""`mithaq pair`: show this node's card, or take the counterpart's."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say


def pair(
    card: Annotated[Path | None, typer.Argument(help="The counterpart's card.json; without it, shows our own.")] = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Take the counterpart's card, or show our own; read the fingerprint to each other before trusting it."""
    node = options.open_node(data)
    from mithaq_node import queries
    from mithaq_node.services import pairing

    if card is None:
        own = pairing.own_card(
            node=node, party=queries.own_party(), log=queries.law().origin(node.party), url=_own_url(node.own_card)
        )
        node.own_card.write_bytes(own.encode())
        say(json, {"card": str(node.own_card), "fingerprint": own.fingerprint}, f"{node.own_card}: {own.fingerprint}")
        return
    theirs = pairing.read_card(encoded=options.read(card), law=queries.law(), own_party=node.party)
    pairing.keep(node=node, card=theirs)
    say(
        json,
        {"fingerprint": theirs.fingerprint, "party": theirs.party, "url": theirs.url},
        f"{theirs.party} {theirs.url}: {theirs.fingerprint}",
    )


def _own_url(card: Path) -> str:
    """The address that was given when the node was made."""
    import msgspec

    from mithaq_node.services.pairing import Card

    return msgspec.json.decode(card.read_bytes(), type=Card).url
