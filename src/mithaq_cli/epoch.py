"""`mithaq epoch`: close a log that cannot go on, and open the next one, by decision of the root keys."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

commands = typer.Typer(help="Close this party's log and open the next epoch; by its root keys.", no_args_is_help=True)


@commands.command("draft")
def draft(
    out: Annotated[Path, typer.Option(help="Where to write the text that the root keys sign.")],
    reason: Annotated[str, typer.Option(help="lost: what was signed is lost. forked: the key signed two histories.")],
    audience: options.Audience = "all",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the first leaf of the next epoch; `mithaq keys sign` signs it. Refused while the node is sure."""
    options.open_node(data)
    from mithaq_node.services import opening

    options.write(out, opening.draft(reason=reason, audience=audience))
    say(json, {"out": str(out)}, str(out))


@commands.command("enter")
def enter(
    signed: Annotated[Path, typer.Argument(help="The text as the root keys signed it; both sides enter the same.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Take the decision, our own or the counterpart's; refused when it does not fit what this node holds."""
    options.open_node(data)
    from mithaq_node.services import clock, opening

    number = opening.enter(signed=options.read(signed), now=clock.now())
    say(json, {"number": number}, number)
