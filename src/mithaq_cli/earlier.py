"""`mithaq earlier`: commitments and decisions from before, by tables to be filled in."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mithaq.errors import Refusal
from mithaq_cli import options
from mithaq_cli.refusing import say

if TYPE_CHECKING:
    from mithaq.instrument.law import Kind
    from mithaq_node.web.reader import Reader

commands = typer.Typer(help="Earlier commitments and decisions, as tables.", no_args_is_help=True)


class Sort(StrEnum):
    """What a table is of."""

    COMMITMENTS = "commitments"
    MINUTES = "minutes"


_Sort = Annotated[Sort, typer.Argument(help="commitments, or minutes: what earlier meetings decided.")]
_Language = Annotated[str, typer.Option(help="ar, fa, ckb or en; default: the node's.")]


@commands.command("template")
def template(
    sort: _Sort,
    out: Annotated[Path, typer.Option("--out", help="Where the XLSX is written.")],
    language: _Language = "",
    calendar: Annotated[
        str, typer.Option(help="gregorian, hijri or solar; default: what is usual in the language.")
    ] = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write the table to be filled in: headings and lists in a language, and a row that says that it is an example."""
    kind, reader = _opened(sort, language, calendar, data)
    from django.utils import translation

    from mithaq_node.web.committee import earlier_forms

    with translation.override(reader.language):
        options.write(out, earlier_forms.template(kind, reader))
    say(json, {"out": str(out)}, str(out))


@commands.command("import")
def read_in(
    sort: _Sort,
    file: Annotated[Path, typer.Argument(help="The table: XLSX, or CSV in UTF-8.")],
    officer: options.OfficerName,
    rest: Annotated[bool, typer.Option("--rest", help="Take the other rows where some are refused.")] = False,
    refused: Annotated[
        Path | None, typer.Option("--refused", help="Write the refused rows as a table, to be mended.")
    ] = None,
    language: _Language = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Make a draft of each row, for two officers to sign; say of each refused row why. Nothing is sent."""
    kind, reader = _opened(sort, language, "", data)
    from django.utils import translation

    from mithaq_node.services import clock, transcribing
    from mithaq_node.web.committee import earlier_forms

    content, now = options.read(file), clock.now()
    with translation.override(reader.language):
        done = transcribing.enter(
            content=content,
            kind=kind,
            terms=earlier_forms.terms(kind, reader, now),
            officer=options.officer(officer),
            rest=rest,
            now=now,
        )
        told = [
            {
                "row": each.number,
                "column": earlier_forms.column_name(each.column, kind, reader),
                "code": each.refusal.code,
                "why": reader.refusal(reader.of_kind(each.refusal, kind.name)),
            }
            for each in done.table.refused
        ]
        if refused is not None and told:
            options.write(refused, earlier_forms.refused(done.table, kind, reader))
    lines = [f"row {each['row']}\t{each['column']}\t{each['code']}\t{each['why']}" for each in told]
    lines.append(f"{len(done.drafts)} drafts, {len(told)} rows refused")
    found = {"drafts": [draft.pk for draft in done.drafts], "refused": told, "examples": list(done.table.examples)}
    say(json, found, "\n".join(lines))
    if told and not rest:
        raise Refusal("earlier.some-refused", found=len(told))


def _opened(sort: Sort, language: str, calendar: str, data: Path | None) -> "tuple[Kind, Reader]":
    """The kind that a table is of, and whoever reads it."""
    node = options.open_node(data)
    from mithaq_node.queries import earlier
    from mithaq_node.web.committee.earlier_views import SORTS
    from mithaq_node.web.papers import saying

    return earlier.kind_of(SORTS[sort]), saying.reader_in(options.language(language or node.language), calendar)
