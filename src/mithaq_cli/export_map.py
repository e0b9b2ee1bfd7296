"""`mithaq export`: the layers of the map as one file, for a GIS without a network or a spreadsheet."""

from pathlib import Path
from typing import Annotated

import typer

from mithaq_cli import options
from mithaq_cli.refusing import say


def export(
    out: Annotated[Path, typer.Option(help="The file.")],
    form: Annotated[str, typer.Option("--format", help="geojson, gpkg, csv, xlsx or qgz.")],
    collection: Annotated[
        list[str] | None, typer.Option(help="Only this collection, such as accounts-areas; repeatable.")
    ] = None,
    officer: Annotated[str, typer.Option("--officer", help="Who takes it away, by sign-in name.")] = "",
    language: Annotated[
        str,
        typer.Option(
            help="Of what the file says of itself, and of a project of QGIS: ar, fa, ckb or en; default: the node's."
        ),
    ] = "",
    data: options.Data = None,
    json: options.Json = False,
) -> None:
    """Write what programs of maps read as one file. It stands in the register of readings under the officer's name.

    A project of QGIS (qgz) opens without a network; its layers lie in a second file beside it, NAME.layers.gpkg.
    The whole record, checkable anywhere, is `mithaq record export`.
    """
    node = options.open_node(data)
    from django.utils import translation
    from rich.console import Console
    from rich.progress import Progress

    from mithaq_node.services import mapping, tokens

    who = options.officer(officer) if officer else tokens.only_reader()
    speaks = translation.override(options.language(language or node.language))
    with speaks, Progress(console=Console(stderr=True), transient=True, disable=json) as progress:
        task = progress.add_task("export", total=None)
        count = mapping.write(
            file=out,
            form=form,
            officer=who,
            names=collection or (),
            tell=lambda done, total: progress.update(task, completed=done, total=total),
        )
    say(json, {"features": count, "format": form, "officer": who.name, "out": str(out)}, f"{out}\t{count}")
