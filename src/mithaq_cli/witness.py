"""`mithaq witness`: an observer's or a neutral witness, which holds heads and nothing else; and a node's way to one."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say

commands = typer.Typer(help="Heads held by observers and neutral witnesses, who see no leaf.", no_args_is_help=True)

Folder = Annotated[
    Path, typer.Option("--data", envvar="MITHAQ_WITNESS", help="The witness's folder.", show_default=False)
]


@commands.command("init")
def init(
    data: Folder,
    name: Annotated[str, typer.Option(help="The name of its key, such as witness.example/heads.")],
    host: Annotated[str, typer.Option(help="Address it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port it listens on.")] = 8404,
    json: options.Json = False,
) -> None:
    """Make a witness; prints its verifier key, which goes into the instrument before it is sealed."""
    from mithaq_node.services import witness

    key = witness.found(witness.Settings(data, name, host, port)).vkey()
    say(json, {"data": str(data), "key": key, "name": name}, key)


@commands.command("trust")
def trust(
    policy: Annotated[Path, typer.Argument(help="A C2SP tlog-policy, as `mithaq record policy` writes it.")],
    data: Folder,
    json: options.Json = False,
) -> None:
    """Know the logs of a policy as well; a running witness reads them at once."""
    from mithaq_node.services import witness

    fresh = [key.vkey() for key in witness.trust(data, options.read(policy))]
    say(json, {"added": fresh}, "\n".join(fresh))


@commands.command("show")
def show(data: Folder, json: options.Json = False) -> None:
    """Every log it knows, with the size of the head it cosigned last."""
    from mithaq_node.services import witness

    opened = witness.open(data)
    heads = {origin: opened.heads.read(origin) for origin in sorted(opened.logs)}
    sizes = {origin: head.size if head else None for origin, head in heads.items()}
    kept = witness.evidence(data)
    lines = [f"{origin} {'-' if size is None else size}" for origin, size in sizes.items()]
    lines += [f"contradiction kept: {path}" for path in kept]
    say(json, {"contradictions": [str(path) for path in kept], "heads": sizes, "name": opened.name}, "\n".join(lines))


@commands.command("serve")
def serve(data: Folder, json: options.Json = False) -> None:
    """Answer `add-checkpoint` and give back heads, until SIGTERM."""
    from mithaq_cli.listening import require_free
    from mithaq_cli.serve import GRANIAN, held
    from mithaq_node.services import witness

    witness.open(data)  # refuses a folder that is not sound, before the port is taken
    settings = witness.read(data)
    with held(settings.folder):
        require_free(settings.host, settings.port)
        url = f"http://{settings.host}:{settings.port}"
        say(json, {"name": settings.name, "pid": os.getpid(), "url": url}, url)
        sys.stdout.flush()
        listen = ["--host", settings.host, "--port", str(settings.port), "--workers", "1"]
        os.environ["MITHAQ_WITNESS"] = str(settings.folder)
        os.execv(sys.executable, [*GRANIAN, *listen, "mithaq_node.peer.witness_wsgi:application"])


@commands.command("use")
def use(
    observer: Annotated[str, typer.Argument(help="The observer, by its identifier in the instrument.")],
    url: Annotated[str, typer.Option(help="The address of its witness.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Have this node show its heads to an observer of the instrument, and look at what that one holds."""
    node = options.open_node(data)
    from mithaq_node import queries
    from mithaq_node.services import pairing, witnessing
    from mithaq_node.settings.node import WitnessAt, with_witness

    key = witnessing.verifier(queries.law(), observer)
    pairing.save(with_witness(node, WitnessAt(observer, url)))
    say(json, {"key": key.vkey(), "observer": observer, "url": url}, f"{observer} {url}: {key.name}")
