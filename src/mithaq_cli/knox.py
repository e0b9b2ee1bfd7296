"""`mithaq analysis knox`: whether what is close in place is close in time. Needs no node."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mithaq.analysis.clusters import knox as pairs
from mithaq.analysis.clusters import study, tables
from mithaq_cli import options
from mithaq_cli.refusing import say


def knox(
    cases: Annotated[Path, typer.Option(help="Cases: SaTScan's .cas, or CSV with place, date and count.")],
    coordinates: Annotated[Path, typer.Option(help="Places: SaTScan's .geo, or CSV with lat and lon, or x and y.")],
    metres: Annotated[list[int], typer.Option(help="The bands of distance; give it once for each.")],
    days: Annotated[list[int], typer.Option(help="The bands of days; give it once for each.")],
    replicates: Annotated[int, typer.Option()] = 999,
    seed: Annotated[int, typer.Option()] = 1,
    json: options.Json = False,
) -> None:
    """Count pairs of cases close in place and time, against times dealt anew: clustering, not threat."""
    places, metric = tables.places(tables.rows(options.read(coordinates), "coordinates"))
    of = study.study(tables.rows(options.read(cases), "cases"), places)
    found = pairs.knox(of, metric, metres, days, replicates=replicates, seed=seed)
    lines = [
        f"{each.near} m\t{each.days} days\t{each.pairs} pairs ({each.expected:.2f})\tp {each.p:.4f}" for each in found
    ]
    say(json, {"bands": [asdict(each) for each in found], "seed": seed, "replicates": replicates}, "\n".join(lines))
