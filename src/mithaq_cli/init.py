"""`mithaq init`: make one party's node from an instrument that every party has sealed.

At a terminal it asks for what it is not given; everything can be given by options too. A node is whole or none: what
was cut off is begun again by the same command (`services.founding`).
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.pair import aloud
from mithaq_cli.refusing import language as of_the_shell
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq_node.services.pairing import Card
    from mithaq_node.settings.node import Node


def init(
    instrument: Annotated[
        Path | None, typer.Option(help="The folder of the sealed instrument; asked for at a terminal.")
    ] = None,
    party: Annotated[
        str, typer.Option(help="The party whose node this is, by its code; asked for at a terminal.")
    ] = "",
    data: options.Data = None,
    port: Annotated[int, typer.Option(help="Port of the officers' pages.")] = 8400,
    peer_port: Annotated[int, typer.Option(help="Port of the counterpart's door.")] = 8402,
    host: Annotated[str, typer.Option(help="Address the officers' pages listen on.")] = "127.0.0.1",
    peer_host: Annotated[str, typer.Option(help="Address the door listens on.")] = "0.0.0.0",
    url: Annotated[str, typer.Option(help="How the counterpart reaches the door; https://host:port.")] = "",
    desk_name: Annotated[
        str, typer.Option(help="The name under which officers reach the desk; localhost always does.")
    ] = "",
    fence: Annotated[
        str,
        typer.Option(
            help="Folder of the fence, or the address of a PostgreSQL database; on another device than the data."
        ),
    ] = "",
    database: Annotated[str, typer.Option(help="sqlite, or the address of a PostgreSQL database.")] = "sqlite",
    language: Annotated[str, typer.Option(help="The desk's first language: ar, fa, ckb or en, which it is else.")] = "",
    https: Annotated[
        bool | None, typer.Option("--https/--no-https", help="Whether officers reach the desk over TLS; yes, else.")
    ] = None,
    officer: Annotated[str, typer.Option(help="A first officer, by an office or a post.")] = "",
    role: Annotated[str, typer.Option(help="The first officer's role, as `officer add` takes it.")] = "duty",
    authority: Annotated[str, typer.Option(help="The first officer's desk: an authority in the instrument.")] = "",
    password_file: options.PasswordFile = None,
    demo: Annotated[bool, typer.Option("--demo", hidden=True)] = False,
    demo_clock: Annotated[Path | None, typer.Option(hidden=True)] = None,
    json: options.Json = False,
) -> None:
    """Make the node of one party in an empty folder; prints its card, which goes to the counterpart.

    Without --instrument or --party it asks for everything at a terminal, one question after another, and makes the node
    once the summary is accepted. Given again after it was cut off, it begins anew.
    """
    told: dict[str, Any] = {
        "instrument": None if instrument is None else str(instrument), "party": party,
        "data": None if data is None else str(data), "fence": fence, "database": database, "desk_name": desk_name,
        "https": https, "port": port, "peer_port": peer_port, "officer": officer, "role": role,
        "authority": authority, "language": language,
    }  # fmt: skip
    if url:
        _host_of(url)
    secret = ""
    asked = not instrument or not party
    if asked:
        _require_a_terminal(instrument, json)
        from mithaq_cli import guided

        told = guided.ask({**told, "url": url, "language": language or of_the_shell()})
        url, secret = url or f"https://{told['reached']}:{told['peer_port']}", told.get("password", "")
        language = told["language"]
    elif officer:
        secret = options.password(password_file)
    if not told["data"]:
        raise Refusal("settings.no-data-folder")
    node = _settings(told, host=host, peer_host=peer_host, demo=demo, demo_clock=demo_clock)
    card = _make(node, Path(told["instrument"]), url, told, secret)
    text = f"{node.folder}\n{node.own_card}: {card.fingerprint}\n{aloud(card.words)}"
    if asked:
        from mithaq_cli import asking

        text += f"\n{asking.text('next', language)}"
    say(
        json,
        {
            "card": str(node.own_card),
            "data": str(node.folder),
            "fingerprint": card.fingerprint,
            "officer": told["officer"],
            "party": node.party,
            "words": card.words,
        },
        text,
    )


def _require_a_terminal(instrument: Path | None, json: bool) -> None:
    if json or not sys.stdin.isatty():
        raise Refusal("node.not-given", option="--party" if instrument else "--instrument")


def _settings(told: Mapping[str, Any], *, host: str, peer_host: str, demo: bool, demo_clock: Path | None) -> "Node":
    from mithaq_node.settings.node import parse

    values = {
        "party": told["party"], "demo": demo, "host": host, "port": told["port"], "peer_host": peer_host,
        "peer_port": told["peer_port"], "database": told["database"], "fence": told["fence"] or "fence",
        "language": told["language"] or "en", "https": told["https"] is not False and not demo,
        "service_alerts": demo,  # what a demonstration says is nobody's, and its alerts say so
    }  # fmt: skip
    if told["desk_name"]:
        values["hosts"] = list(dict.fromkeys((told["desk_name"], "localhost", "127.0.0.1")))
    if demo_clock is not None:
        values["demo_clock"] = str(demo_clock.resolve())
    return parse(Path(told["data"]), values)


def _make(node: "Node", instrument: Path, url: str, told: Mapping[str, Any], secret: str) -> "Card":
    """The node's folder, tables and first officer, all of it or nothing."""
    from mithaq_files.instrument import read_sealed
    from mithaq_node.services import founding

    door = url or f"https://localhost:{node.peer_port}"
    reached = _host_of(door)
    card = founding.found(
        node=node,
        instrument=read_sealed(instrument),
        url=door,
        certificate_hosts=tuple(dict.fromkeys((reached, "localhost", "127.0.0.1"))),
        now=options.moment(node.demo_clock),
    )
    try:
        begun_before = founding.claim(node)
        options.open_node(node.folder, whole=False, finished=False)
        migrate()
        from mithaq_node.services import accounts

        if begun_before:
            accounts.forget_all()
        if told["officer"]:
            accounts.create_officer(
                name=told["officer"], role=told["role"], secret=secret, authority=told.get("authority", "")
            )
        founding.finish(node)
    except BaseException:
        founding.clear(node)  # so that the same command can be given again
        raise
    return card


def _host_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise Refusal("settings.bad-value", name="url", value=url)
    return host


def migrate() -> None:
    """Bring the node's database to this version's tables; Django is set up."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
