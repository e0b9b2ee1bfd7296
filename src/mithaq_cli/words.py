"""`mithaq words`: what officers say of the words on the pages, for translators.

The exported file says which word on which kind of page, and what it should be. Who said it stays on the node.
"""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say

commands = typer.Typer(help="What officers say of the words on the pages.", no_args_is_help=True)

COLUMNS = ("number", "at", "language", "page", "word", "suggestion")
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would take for a formula at the beginning of a cell."""

Language = Annotated[str, typer.Option(help="ar, fa, ckb or en; all without it.")]


@commands.command("list")
def list_remarks(language: Language = "", data: options.Data = None, json: options.Json = False) -> None:
    """Every remark that this node keeps, with who made it."""
    options.open_node(data)
    from mithaq_node.queries import word_remarks

    found = list(word_remarks.remarks(_checked(language)))
    rows = [{**{name: getattr(each, name) for name in COLUMNS}, "by": each.by} for each in found]
    lines = ("\t".join(str(row[name]) for name in (*COLUMNS, "by")) for row in rows)
    say(json, {"remarks": rows}, "\n".join(lines))


@commands.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="A CSV file in UTF-8.")],
    language: Language = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the remarks to a file for translators. It does not say who made them, and drops none."""
    options.open_node(data)
    from mithaq_node.queries import word_remarks

    found = list(word_remarks.remarks(_checked(language)))
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([_cell(getattr(each, name)) for name in COLUMNS] for each in found)
    options.write(out, text.getvalue().encode("utf-8"))
    say(json, {"file": str(out), "remarks": len(found)}, f"{len(found)} remarks in {out}")


@commands.command("drop")
def drop(
    numbers: Annotated[list[int], typer.Argument(help="The numbers of remarks that are done with.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Drop remarks once the words are mended; all of them, or none where a number is not there."""
    options.open_node(data)
    from mithaq_node.queries import word_remarks
    from mithaq_node.services import proofreading

    known = {each.number for each in word_remarks.remarks()}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise Refusal("wording.no-such-remark", number=missing[0])
    dropped = proofreading.drop(numbers)
    say(json, {"dropped": dropped}, f"{dropped} dropped")


def _checked(language: str) -> str:
    if language and language not in options.LANGUAGES:
        raise Refusal("wording.unknown-language", language=language[:20])
    return language


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
