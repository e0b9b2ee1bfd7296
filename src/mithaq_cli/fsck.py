"""`mithaq fsck`: derive everything that a node holds again, and compare."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_files.refusals import sentence

SOUND, DIFFERENT = "SOUND", "DIFFERENT"
NOT_SHOWN = (
    "that the other party holds the same: compare exports of both, or ask for its cosignature",
    "that what a notice says is true, or that everything was told",
    "that officers' keys were in the right hands when they signed",
    "that what was erased was not copied before",
)
"""What no derivation of one store shows."""

State = Annotated[
    bool | None,
    typer.Option("--state/--no-state", help="Fold the state too, whatever it takes (default: up to 200,000 entries)."),
]


def fsck(data: options.Data = None, state: State = None, as_json: options.Json = False) -> None:
    """Derive trees, parts, signatures, heads, receipts, fences and state again, and compare with what is stored.

    Reads one moment of the running or resting node and changes nothing. The first line is SOUND or DIFFERENT; the exit
    status is 0 or 1. The first differing entry is named.
    """
    if data is None:
        raise Refusal("settings.no-data-folder")
    from rich.console import Console
    from rich.progress import Progress

    from mithaq_files import held
    from mithaq_node.keystore import vault
    from mithaq_node.services import fsck as service
    from mithaq_node.settings.node import read
    from mithaq_node.store import engine, fences

    node = read(data, os.environ)
    laws = held.laws_of(held.read(node.folder))
    with (
        closing(engine.open(node.database, node.sqlite)) as conn,
        Progress(console=Console(stderr=True), transient=True, disable=as_json) as shown,
    ):
        tasks = {}

        def progress(stage: str, count: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=None)
            shown.advance(tasks[stage], count)

        spoken = engine.of(node.engine, vault.at(node))
        found = service.check(conn, spoken, laws, fences.at(node.fence), state=state, progress=progress)
    document = _document(found)
    typer.echo(json.dumps(document, ensure_ascii=False) if as_json else "\n".join(_lines(document)))
    raise typer.Exit(0 if found.sound else 1)


def _document(found: Any) -> dict[str, Any]:
    def said(difference: Any) -> dict[str, Any]:
        refusal = difference.refusal
        return {"log": difference.log, "entry": difference.entry, "code": refusal.code, "data": dict(refusal.data),
                "says": sentence(refusal, "en")}  # fmt: skip

    return {
        "verdict": SOUND if found.sound else DIFFERENT,
        "first": said(found.first) if found.first else None,
        "stages": [
            {
                "stage": stage.name,
                "counted": stage.counted,
                "seconds": round(stage.seconds, 3),
                "differences": [said(each) for each in stage.differences],
                "untold": stage.untold,
                "remarks": stage.remarks,
            }
            for stage in found.stages
        ],
        "not_shown": list(NOT_SHOWN),
    }


def _lines(document: dict[str, Any]) -> Iterator[str]:
    yield document["verdict"]
    if document["first"]:
        yield f"first: {_line(document['first'])}"
    for stage in document["stages"]:
        yield f"{stage['stage']:<11}{stage['counted']:>12,}{stage['seconds']:>10.2f} s"
        yield from (f"    {_line(each)}" for each in stage["differences"])
        if stage["untold"]:
            yield f"    and {stage['untold']} more"
        yield from (f"    {remark}" for remark in stage["remarks"])
    yield "Not shown by this:"
    yield from (f"  - {line}" for line in document["not_shown"])


def _line(said: dict[str, Any]) -> str:
    place = "" if said["entry"] is None else f" entry {said['entry']}"
    return f"{said['log']}{place}: {said['says']} [{said['code']}]"
