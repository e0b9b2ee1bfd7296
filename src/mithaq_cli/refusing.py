"""What every command does with a refusal: its code and its sentence on stderr, exit 2, nothing half done."""

import json
import os
from typing import Any

import typer
from typer.core import TyperGroup

from mithaq.errors import Fault, Refusal
from mithaq_files.refusals import LANGUAGES, sentence

REFUSED, FAULT = 2, 70


class RefusingGroup(TyperGroup):
    """A group of commands that turns a refusal into a line on stderr and exit status 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            tell(refusal)
            raise typer.Exit(REFUSED) from refusal
        except Fault as fault:
            typer.echo(f"fault: {fault}", err=True)
            raise typer.Exit(FAULT) from fault


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
