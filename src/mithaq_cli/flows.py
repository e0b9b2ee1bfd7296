"""`mithaq flows`: tables of forecasts and counts, in and out."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say
from mithaq_files.refusals import sentence

commands = typer.Typer(help="Forecasts and counts of traffic, as tables.", no_args_is_help=True)


@commands.command("import")
def read_in(
    file: Annotated[Path, typer.Argument(help="A table: CSV in UTF-8, or XLSX.")],
    officer: options.OfficerName,
    calendar: Annotated[str, typer.Option(help="The calendar of its days: gregorian, solar or hijri.")] = "gregorian",
    rest: Annotated[bool, typer.Option("--rest", help="Take the other rows where some are refused.")] = False,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Make a draft of each row, for two officers to sign; say of each refused row why. Nothing is sent."""
    options.open_node(data)
    from mithaq_node.services import clock, reading_in

    try:
        content = file.read_bytes()
    except OSError as error:
        raise Refusal("flow.unreadable") from error
    found = reading_in.read_in(
        content=content, calendar=calendar, officer=options.officer(officer), rest=rest, now=clock.now()
    )
    refused = [
        {"row": each.row, "code": each.refusal.code, "why": sentence(each.refusal, "en")}
        for each in found.table.refused
    ]
    lines = [f"row {each['row']}\t{each['code']}\t{each['why']}" for each in refused]
    lines.append(f"{len(found.drafts)} drafts, {len(refused)} rows refused")
    say(json, {"drafts": [draft.pk for draft in found.drafts], "refused": refused}, "\n".join(lines))
    if refused and not rest:
        raise Refusal("flow.some-refused", found=len(refused))


@commands.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="Where the CSV is written.")],
    crossing: Annotated[str, typer.Option(help="Only this crossing.")] = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write every figure of both sides as one CSV, which `import` reads."""
    options.open_node(data)
    from mithaq_files import sheets
    from mithaq_node.queries import flows

    rows = list(flows.rows(crossing))
    out.write_bytes(sheets.written(rows))
    say(json, {"rows": len(rows) - 1}, f"{len(rows) - 1} rows")
