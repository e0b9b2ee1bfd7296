"""`mithaq record`: the record as files that anyone can check: the whole of it, or one notice."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.archive import archive
from mithaq_cli.case import case
from mithaq_cli.record import compare
from mithaq_cli.refusing import say

commands = typer.Typer(help="Export the record, prove a notice or a fork, make a case, compare.", no_args_is_help=True)
commands.command("compare")(compare)
commands.command("case")(case)
commands.command("archive")(archive)


@commands.command("export")
def export(
    instrument: Annotated[str, typer.Option(help="The instrument's identifier.")],
    out: Annotated[Path, typer.Option(help="A new folder.")],
    audience: options.Audience = "all",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write every log of an audience as a folder of static files; `mithaq verify` checks it anywhere."""
    node = options.open_node(data)
    from rich.console import Console
    from rich.progress import Progress

    from mithaq.record import checkpoint, note
    from mithaq_files import export as files
    from mithaq_files import held
    from mithaq_node import queries
    from mithaq_node.services import outward

    sealed = queries.sealed()
    if sealed.law.id != instrument:
        raise Refusal("node.other-instrument", instrument=instrument[:80], served=sealed.law.id)
    with Progress(console=Console(stderr=True), transient=True, disable=json) as progress:
        task = progress.add_task("record export", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        sources = outward.sources(audience=audience)
        instrument_files = held.files_of(queries.entered())
        files.write(out, instrument_files, sources, demo=sealed.law.demo, exercise=sealed.law.exercise, progress=tell)
    sizes = {source.party: checkpoint.parse(note.split(source.checkpoint)[0]).size for source in sources}
    lines = (f"{party} {size}" for party, size in sorted(sizes.items()))
    say(json, {"instrument": instrument, "logs": sizes, "out": str(out), "party": node.party}, "\n".join(lines))


@commands.command("evidence")
def evidence(
    party: Annotated[str, typer.Argument(help="The party whose link was stopped, such as IQ.")],
    out: Annotated[Path, typer.Option(help="The file of the evidence.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the evidence that a party's key signed two histories; `mithaq verify` judges it anywhere."""
    options.open_node(data)
    from mithaq_node.services import showing

    found = showing.shown_fork(party=party)
    options.write(out, found.encode())
    noticed = {"at": found.noticed.at, "code": found.noticed.code, "by": found.noticed.by}
    say(json, {"party": party, "out": str(out), "below": found.shown.size, **noticed}, str(out))


@commands.command("policy")
def policy(
    party: Annotated[str, typer.Argument(help="The party whose log it is for, such as IQ.")],
    out: Annotated[Path, typer.Option(help="The file of the policy.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the keys of a party's log and of those who cosign it as a C2SP tlog-policy, for witnesses and auditors."""
    options.open_node(data)
    from mithaq_node.services import outward

    out.write_bytes(outward.policy_of(party=party))
    say(json, {"out": str(out), "party": party}, str(out))


@commands.command("proof")
def proof(
    notice: Annotated[str, typer.Argument(help="Its number, such as 'IQ 12-5'.")],
    out: Annotated[Path, typer.Option(help="The file of the proof.")],
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the proof that one notice stands in its party's log, checkable without this node."""
    options.open_node(data)
    from mithaq_node.services import outward

    options.write(out, outward.proof(number=notice))
    say(json, {"notice": notice, "out": str(out)}, str(out))
