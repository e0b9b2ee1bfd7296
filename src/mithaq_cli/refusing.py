"""What every command does with a refusal: its code and its sentence on stderr, exit 2, nothing half done.

What the machine refuses (a full disk, a folder that may not be written, a database that is no longer one) and a command
that is called wrongly are refusals like any other. Whatever else is raised is a mistake of ours, and shows itself.
"""

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from mithaq.errors import Fault, Refusal
from mithaq_files.refusals import LANGUAGES, sentence

REFUSED, FAULT = 2, 70
_WRONG_CALL: type[Exception] = typer.BadParameter.__mro__[1]
"""What a command line that cannot be understood raises; typer has no public name for it."""
_SHOWS_HELP = "NoArgsIsHelpError"
"""The one among those that is no mistake of the caller."""


class RefusingGroup(TyperGroup):
    """A group of commands that turns a refusal into a line on stderr and exit status 2."""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        with refusals_told():
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: Any) -> Any:
        with refusals_told():
            return super().invoke(ctx)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Whatever is refused meanwhile is told, and ends the program with its status."""
    try:
        yield
    except Refusal as refusal:
        tell(refusal)
        raise typer.Exit(REFUSED) from refusal
    except Fault as fault:
        typer.echo(f"fault: {fault}", err=True)
        raise typer.Exit(FAULT) from fault
    except _WRONG_CALL as wrong:
        tell_wrong_call(wrong)
        raise typer.Exit(REFUSED) from wrong
    except Exception as error:
        found = of_the_machine(error)
        if found is None:
            raise
        tell(found)
        raise typer.Exit(REFUSED) from error


def tell_wrong_call(wrong: Any) -> None:
    """How the command is called, and what is wrong with this call, on stderr."""
    if type(wrong).__name__ == _SHOWS_HELP:
        raise wrong
    if wrong.ctx is not None:
        typer.echo(wrong.ctx.get_usage(), err=True)
    tell(Refusal("command.wrong-call", reason=wrong.format_message()))


def of_the_machine(error: Exception) -> Refusal | None:
    """The refusal that a failure of the machine becomes; None for anything else, and for a reader that went away."""
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE:
            return None
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return Refusal("command.disk-full" if full else "command.machine", reason=str(error)[:400])
    if sys.modules.get("django") is None:
        return None
    from mithaq_node.services import storage

    return storage.refused(error) if storage.is_of_the_database(error) else None


def tell(refusal: Refusal) -> None:
    """`code: sentence` in the caller's language, on stderr."""
    typer.echo(f"{refusal.code}: {sentence(refusal, language())}", err=True)


def language() -> str:
    """The language of the shell, where it is one of ours; else English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            known = value.split("_")[0].split(".")[0]
            return known if known in LANGUAGES else "en"
    return "en"


def say(as_json: bool, values: dict[str, Any], text: str) -> None:
    """A command's result: one JSON object, or the same for people."""
    typer.echo(json.dumps(values, ensure_ascii=False, sort_keys=True) if as_json else text)
