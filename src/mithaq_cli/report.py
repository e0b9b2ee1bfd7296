"""`mithaq report`: the papers of the committee from the record at a stated cut."""

from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from mithaq.errors import Refusal
from mithaq.notices.uncollected import uncollected
from mithaq_cli import options
from mithaq_cli.refusing import say


def report(
    paper: Annotated[str, typer.Argument(help="implementation, compliance, open-items or agenda.")],
    instrument: Annotated[str, typer.Option(help="The identifier of the instrument that the node serves.")],
    out: Annotated[Path, typer.Option(help="The file to write: .pdf, .docx or .xlsx.")],
    language: Annotated[str, typer.Option(help="ar, fa, ckb or en; default: the node's.")] = "",
    at: Annotated[
        str,
        typer.Option(
            metavar="CUT",
            help="The cut: 'common' (what every party demonstrably holds), 'held' (what this node holds), "
            "or the last entry of each log: 'IQ 412-3 / IR 398-1'.",
        ),
    ] = "common",
    calendar: Annotated[
        str, typer.Option(help="gregorian, hijri or solar; default: what is usual in the language.")
    ] = "",
    figures: Annotated[Path | None, typer.Option(help="Write the figures as JSON, too.")] = None,
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write a report of what both sides have recorded up to a cut, which is printed on it.

    The same cut, language and calendar give the same file, byte for byte.
    """
    with uncollected():  # the process ends with the paper: its modules and its fold are no garbage before
        said = _written(paper, instrument, out, language, at, calendar, figures, data)
    say(json, said, f"{out}: {' / '.join(said['up_to'])}")


def _written(
    paper: str,
    instrument: str,
    out: Path,
    language: str,
    at: str,
    calendar: str,
    figures: Path | None,
    data: Path | None,
) -> dict[str, Any]:
    """Write the files, and say what was written."""
    node = options.open_node(data)
    from mithaq_node import queries
    from mithaq_node.queries import reports
    from mithaq_node.web.papers import report as papers
    from mithaq_node.web.papers import saying

    form, chosen = papers.form_of(out.suffix), options.language(language or node.language)
    asked, reader = reports.paper_of(paper), saying.reader_in(chosen, calendar)
    if queries.law().id != instrument:
        raise Refusal("report.other-instrument", found=instrument[:80], served=queries.law().id)
    with options.working(f"writing {out}"):
        drawn = reports.draw(asked, at)
        options.write(out, papers.file(drawn, reader, form))
        if figures is not None:
            options.write(figures, (dumps(drawn.figures(), indent=2, sort_keys=True) + "\n").encode())
    return {"out": str(out), "paper": paper, "at": drawn.report.at, "up_to": list(drawn.up_to), "digest": drawn.digest}
