"""`mithaq record archive`: old entries into sealed volumes, which take a fraction of the disk."""

from contextlib import closing, nullcontext
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say
from mithaq_cli.serve import held


def archive(
    data: options.Data = None,
    keep: Annotated[
        int | None, typer.Option(min=0, help="Newest entries of each log that stay as they are.", show_default="10,000")
    ] = None,
    compact: Annotated[
        bool, typer.Option("--compact", help="Give the room back to the disk too; the node must rest.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Seal old entries and their facts into compressed volumes, while the node runs.

    Proofs, export, fsck, backup and what counterparts ask for stay the same. Texts and exact places stay outside, so
    that they can be erased. Without `--compact` the database file keeps its size, and new entries fill the room.
    """
    node = options.open_node(data)
    from mithaq_node.keystore import vault
    from mithaq_node.services import archiving
    from mithaq_node.store import engine, volumes

    spoken = engine.of(node.engine, vault.at(node))
    kept = archiving.KEPT if keep is None else keep
    resting = held(node.folder) if compact else nullcontext()
    with resting, closing(engine.open(node.database, node.sqlite)) as conn:
        with options.working("sealing old entries"):
            made = archiving.archive(conn, spoken, keep=kept)
        if compact:
            with options.working("giving the room back"):
                volumes.compact(conn, spoken)
    say(json, {"volumes": dict(made)}, "\n".join(f"{log}: {count}" for log, count in made.items()))
