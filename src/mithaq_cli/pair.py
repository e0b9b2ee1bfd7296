"""`mithaq pair`: show this node's card, or take the counterpart's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import language, say


def pair(
    card: Annotated[Path | None, typer.Argument(help="The counterpart's card.json; without it, shows our own.")] = None,
    words: Annotated[
        str, typer.Option(help="What the other side reads out as the fingerprint of its card; refused when it differs.")
    ] = "",
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
        values = {"card": str(node.own_card), "fingerprint": own.fingerprint, "words": own.words}
        say(json, values, f"{node.own_card}: {own.fingerprint}\n{aloud(own.words)}")
        return
    theirs = pairing.read_card(encoded=options.read(card), law=queries.law(), own_party=node.party)
    if words:
        pairing.compare(theirs, words)
    pairing.keep(node=node, card=theirs)
    say(
        json,
        {"fingerprint": theirs.fingerprint, "party": theirs.party, "url": theirs.url, "words": theirs.words},
        f"{theirs.party} {theirs.url}: {theirs.fingerprint}\n{aloud(theirs.words)}",
    )


def aloud(words: Mapping[str, str]) -> str:
    """The words of a fingerprint, the caller's language first, for two people to find the one they share."""
    first = language()
    ordered = sorted(words, key=lambda each: each != first)
    return "\n".join(f"{each}: {words[each]}" for each in ordered)


def _own_url(card: Path) -> str:
    """The address that was given when the node was made."""
    import msgspec

    from mithaq_node.services.pairing import Card

    return msgspec.json.decode(card.read_bytes(), type=Card).url
