"""`mithaq courier`: what the counterpart lacks as a file to be carried, and such a file taken in."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq_node.services.holdings import Holdings

commands = typer.Typer(help="The exchange by files that people carry.", no_args_is_help=True)

_UNITS = {"": 1, "k": 1_000, "M": 1_000_000, "G": 1_000_000_000}


@commands.command("pack")
def pack(
    to: Annotated[str, typer.Option("--to", help="The party that it is for, such as IQ.", metavar="PARTY")],
    out: Annotated[Path, typer.Option(help="The file to write; an older one of that name is replaced.")],
    chunk: Annotated[
        str, typer.Option(help="Write FILE.001, FILE.002 … of at most this size each, such as 1400k or 16M.")
    ] = "",
    audience: options.Audience = "all",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write what the other party lacks of our log, sealed to it."""
    most = _bytes(chunk) if chunk else None
    with _holdings(data, audience) as holdings, options.working(f"packing {out}"):
        from mithaq_node.services import clock, couriering

        done = couriering.pack(holdings, couriering.counterpart(holdings, to), out, clock.now(), most)
    files = [str(each) for each in done.files]
    values = {"files": files, "from": done.begins, "log": done.log, "party": to, "to": done.ends}
    say(json, values, "\n".join([*files, f"{done.log}: {done.begins} to {done.ends}"]))


@commands.command("unpack")
def unpack(
    file: Annotated[Path, typer.Argument(help="A courier file, or the answer to one.")],
    answer: Annotated[
        Path | None, typer.Option(help="Where to write the answer. [default: FILE.answer]", show_default=False)
    ] = None,
    audience: options.Audience = "all",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Take a courier file in and write the answer that is carried back; or take such an answer."""
    with _holdings(data, audience) as holdings, options.working(f"unpacking {file}"):
        from mithaq_node.services import clock, couriering

        done = couriering.unpack(holdings, file, clock.now(), answer)
        took, written = done[-1].took, done[-1].answered
        theirs = holdings.theirs(couriering.counterpart(holdings, took.header.sender)).size
    values = {
        "answer": str(written) if written else None,
        "held": theirs,
        "missing": len(took.said.missing),
        "party": took.header.sender,
        "taken": len(done),
        "they_hold": took.said.held if took.is_answer else None,
    }
    lines = [f"{took.header.log}: {theirs}", *([str(written)] if written else [])]
    say(json, values, "\n".join(lines))


@contextmanager
def _holdings(data: Path | None, audience: str) -> "Iterator[Holdings]":
    node = options.open_node(data)
    from mithaq_node.services import seat
    from mithaq_node.services.holdings import Holdings

    holdings = Holdings(seat.take(node.folder, os.environ, audience))
    try:
        yield holdings
    finally:
        holdings.close()


def _bytes(size: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,11})([kMG]?)", size, re.ASCII)
    if found is None:
        raise Refusal("courier.bad-size", size=size[:40])
    return int(found[1]) * _UNITS[found[2]]
