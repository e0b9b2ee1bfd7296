"""Options that several commands share, and the step from a data folder to a running Django."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mithaq.errors import Refusal

if TYPE_CHECKING:
    from mithaq.moments import Moment
    from mithaq_node.settings.node import Node
    from mithaq_node.store.models import Officer

LANGUAGES = ("ar", "fa", "ckb", "en")
"""In which papers are made."""

Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="MITHAQ_DATA", help="The node's data folder.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Audience = Annotated[str, typer.Option(help="The audience whose log it is; that of all without it.")]
OfficerName = Annotated[str, typer.Option("--officer", help="The name the officer signs in with.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="A file with the officer's password; asked for when not given."),
]


def open_node(data: Path | None, *, whole: bool = True, finished: bool = True) -> "Node":
    """The node in `data`, with Django set up on its settings; for every command that reads or writes rows.

    Refuses a record that is another party's; not where the node need not be `whole` yet. Refuses a node that `init`
    was cut off from making, unless it need not be `finished`.
    """
    if data is None:
        raise Refusal("settings.no-data-folder")
    os.environ["MITHAQ_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "mithaq_node.settings.django"
    from mithaq_node.settings.node import read

    node = read(data, os.environ)  # before Django, so that a refusal is a refusal and not an import error
    if finished and node.unfinished.exists():
        raise Refusal("node.unfinished", folder=str(data))
    import django

    django.setup()
    if whole:
        from mithaq_node.services import preflight

        preflight.require_own_record()
    return node


def officer(name: str) -> "Officer":
    """The officer of that name."""
    from mithaq_node.store.models import Officer

    found = Officer.objects.filter(name=name).first()
    if found is None:
        raise Refusal("officer.unknown", name=name[:80])
    return found


def password(file: Path | None, prompt: str = "Password") -> str:
    """The officer's password from a file, or asked for without showing it."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise Refusal("settings.unreadable", file=str(file), reason=str(error)) from error
    if not sys.stdin.isatty():
        raise Refusal("officer.no-password")
    return str(typer.prompt(prompt, hide_input=True))


def language(chosen: str) -> str:
    """`chosen`, if papers are made in it."""
    if chosen not in LANGUAGES:
        raise Refusal("calendar.unknown-language", language=chosen[:20])
    return chosen


def read(file: Path) -> bytes:
    """The bytes of a file that the caller named."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal("settings.unreadable", file=str(file), reason=str(error)) from error


def write(file: Path, content: bytes) -> None:
    """Write a file that the caller named: whole, or not at all."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal that a command works, and at what; nothing where stderr is no terminal."""
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def moment(demo_clock: Path | None) -> "Moment":
    """The present moment before Django is set up, by the same clock."""
    from mithaq_node.services import clock

    return clock.at(demo_clock)
