"""`mithaq keys`: the key-set of this party's log, drafted here, signed by its root keys elsewhere, entered here."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

commands = typer.Typer(help="The key-set of this party's log.", no_args_is_help=True)


@commands.command("draft")
def draft(
    out: Annotated[Path, typer.Option(help="Where to write the text that the root keys sign.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the next key-set: keys of the node and of officers that the log lacks, and revocations."""
    options.open_node(data)
    from mithaq_node.services import entering

    text = entering.draft_key_set()
    out.write_bytes(text)
    say(json, {"out": str(out)}, str(out))


@commands.command("sign")
def sign(
    text: Annotated[Path, typer.Argument(help="A drafted key-set, or one that another root key has signed.")],
    root: Annotated[Path, typer.Option(help="The file of the root key.")],
    out: Annotated[Path, typer.Option(help="Where to write the signed key-set.")],
    json: options.Json = False,
) -> None:
    """Sign a drafted key-set with a root key; for the machine where that key is kept, without a node."""
    from mithaq.notices import registering
    from mithaq_files.roots import read_root

    drafted = registering.read(options.read(text))
    name, key = read_root(root)
    out.write_bytes(registering.sign(drafted, name, key).encode())
    say(json, {"name": name, "out": str(out)}, f"{out}: {name}")


@commands.command("enter")
def enter(
    signed: Annotated[Path, typer.Argument(help="The key-set as the root keys signed it.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Log a signed key-set; it counts from its own leaf on."""
    options.open_node(data)
    from mithaq_node.services import clock, entering

    number = entering.enter_key_set(signed=options.read(signed), now=clock.now())
    say(json, {"number": number}, number)


@commands.command("instrument")
def instrument(data: options.Data = None, json: options.Json = False) -> None:
    """Log that the instrument binds this party from here on; the leaf after the first key-set."""
    options.open_node(data)
    from mithaq_node.services import clock, entering

    number = entering.enter_instrument(now=clock.now())
    say(json, {"number": number}, number)
