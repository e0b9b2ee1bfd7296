"""`mithaq demo`: start both parties' nodes and the console; `mithaq demo break`: damage the running demonstration."""

import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mithaq.errors import Refusal
from mithaq_cli.demo.folder import FIRST_PORT, PARTIES, Folder, Ports, usual
from mithaq_cli.options import Json

if TYPE_CHECKING:
    from mithaq_cli.demo.console import Console
    from mithaq_cli.demo.play import Player
    from mithaq_cli.demo.stage import Stage

commands = typer.Typer(help="Two nodes and a border on this machine.", rich_markup_mode=None)

DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data", help="The demonstration's folder; without it, one of its own that begins anew.", metavar="DIR"
    ),
]


@commands.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    data: DataFolder = None,
    port: Annotated[
        int | None,
        typer.Option(
            help=f"First of seven ports: pages, doors, console, line. [default: {FIRST_PORT}]", show_default=False
        ),
    ] = None,
    until_done: Annotated[bool, typer.Option("--until-done", help="Play the whole story, verify, and stop.")] = False,
    json: Json = False,
) -> None:
    """Start both parties' nodes as separate processes with separate data, and the console that plays the story."""
    context.obj = data
    if context.invoked_subcommand is None:
        raise typer.Exit(_run(data, port, until_done, json))


@commands.command("break")
def damage(
    context: typer.Context,
    damage: Annotated[str, typer.Argument(help="cut, kill, tamper, backdate, fork or courier.")],
    party: Annotated[str, typer.Option(help="Whose node.")] = "IQ",
    data: DataFolder = None,
    json: Json = False,
) -> None:
    """Damage the running demonstration, and say where to look."""
    folder = _folder(data or context.obj)
    said = _ask(folder, damage, party)
    typer.echo(_text(said) if json else "\n".join([said["done"], *(f"  {each}" for each in said["look"])]))


def _run(data: Path | None, port: int | None, until_done: bool, as_json: bool) -> int:
    # Imported here: the parser of the command line needs none of it.
    from mithaq_cli.demo.console import Console
    from mithaq_cli.demo.play import Player
    from mithaq_cli.demo.stage import Stage

    began = time.monotonic()
    folder = _folder(data)
    folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with folder.held(), _stopping() as stop:
        ports = Ports(folder.port(port))
        folder.claim(ports.first)
        ports.require_free()
        if data is None:
            folder.empty()
        with closing(Stage(folder, ports)) as stage:
            player = Player(stage)
            with Console(stage, player) as console:
                return _played(stage, player, console, until_done, as_json, stop, began)


def _played(
    stage: "Stage",
    player: "Player",
    console: "Console",
    until_done: bool,
    as_json: bool,
    stop: threading.Event,
    began: float,
) -> int:
    """The console answers at once, and says that it works until both desks answer too."""
    from mithaq_cli.demo.figures import figures, is_whole
    from mithaq_cli.demo.play import play_all
    from mithaq_cli.demo.stage import plain

    if not as_json:
        _say(f"Demonstration. Not a document of any government.\n\n    {console.url}\n")
    player.open()
    if as_json:
        nodes = {party: {"url": stage.page(party), "users": plain(stage.accounts[party])} for party in PARTIES}
        _say(_text({"console": console.url, "nodes": nodes}))
    else:
        _say("Both desks answer. Open this address; Ctrl-C stops everything.")
    if not until_done:
        stop.wait()
        return 0
    play_all(stage)
    found = figures(stage, time.monotonic() - began)
    _say(_text(found))
    return 0 if is_whole(found) else 1


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


def _folder(data: Path | None) -> Folder:
    return usual() if data is None else Folder(data.resolve())


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that is set when this process is asked to stop; asked while it works, it stops at the next step."""
    stop = threading.Event()

    def asked(number: int, _frame: object) -> None:
        if stop.is_set() or threading.current_thread() is not threading.main_thread():
            raise SystemExit(128 + number)
        stop.set()
        raise _Asked

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    except _Asked:
        raise typer.Exit(0) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Asked(BaseException):
    """Somebody asked this process to stop; what is open is closed on the way out."""


def _ask(folder: Folder, damage: str, party: str) -> dict[str, Any]:
    try:
        token = folder.control.read_text(encoding="ascii")
    except OSError as error:
        raise Refusal("demo.not-running", folder=str(folder.root)) from error
    request = urllib.request.Request(
        f"http://127.0.0.1:{Ports(folder.first_port).console}/break",
        data=json.dumps({"damage": damage, "party": party}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            said: dict[str, Any] = json.load(answer)
            return said
    except urllib.error.HTTPError as error:
        with error:
            refused = json.load(error)
        raise Refusal(refused["code"], **refused["data"]) from error
    except OSError as error:
        raise Refusal("demo.not-running", folder=str(folder.root)) from error


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
