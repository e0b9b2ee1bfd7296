"""`mithaq init`: make one party's node from an instrument that every party has sealed."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.pair import aloud
from mithaq_cli.refusing import say


def init(
    instrument: Annotated[Path, typer.Option(help="The folder of the sealed instrument.")],
    party: Annotated[str, typer.Option(help="The party whose node this is, by its code.")],
    data: options.Data = None,
    port: Annotated[int, typer.Option(help="Port of the officers' pages.")] = 8400,
    peer_port: Annotated[int, typer.Option(help="Port of the counterpart's door.")] = 8402,
    host: Annotated[str, typer.Option(help="Address the officers' pages listen on.")] = "127.0.0.1",
    peer_host: Annotated[str, typer.Option(help="Address the door listens on.")] = "0.0.0.0",
    url: Annotated[str, typer.Option(help="How the counterpart reaches the door; https://host:port.")] = "",
    fence: Annotated[str, typer.Option(help="Folder of the fence; on another device than the data.")] = "fence",
    database: Annotated[str, typer.Option(help="sqlite, or the address of a PostgreSQL database.")] = "sqlite",
    language: Annotated[str, typer.Option(help="The desk's first language: ar, fa, ckb or en.")] = "en",
    https: Annotated[bool, typer.Option(help="Whether officers reach the desk over TLS.")] = True,
    demo: Annotated[bool, typer.Option("--demo", hidden=True)] = False,
    demo_clock: Annotated[Path | None, typer.Option(hidden=True)] = None,
    json: options.Json = False,
) -> None:
    """Make the node of one party in an empty folder; prints its card, which goes to the counterpart."""
    if data is None:
        raise Refusal("settings.no-data-folder")
    from mithaq_files.instrument import read_sealed
    from mithaq_node.services import founding
    from mithaq_node.settings.node import parse

    values = {
        "party": party, "demo": demo, "host": host, "port": port, "peer_host": peer_host, "peer_port": peer_port,
        "database": database, "fence": fence, "language": language, "https": https and not demo,
        "service_alerts": demo,  # what a demonstration says is nobody's, and its alerts say so
    }  # fmt: skip
    if demo_clock is not None:
        values["demo_clock"] = str(demo_clock.resolve())
    node = parse(data, values)
    door = url or f"https://localhost:{peer_port}"
    reached = door.removeprefix("https://").split(":")[0].strip("/")
    card = founding.found(
        node=node,
        instrument=read_sealed(instrument),
        url=door,
        certificate_hosts=tuple(dict.fromkeys((reached, "localhost", "127.0.0.1"))),
        now=options.moment(node.demo_clock),
    )
    try:
        options.open_node(data, whole=False)
        migrate()
    except Exception:
        founding.clear(node.folder)  # so that the same command can be given again
        raise
    say(
        json,
        {
            "card": str(node.own_card),
            "data": str(node.folder),
            "fingerprint": card.fingerprint,
            "party": party,
            "words": card.words,
        },
        f"{node.folder}\n{node.own_card}: {card.fingerprint}\n{aloud(card.words)}",
    )


def migrate() -> None:
    """Bring the node's database to this version's tables; Django is set up."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
