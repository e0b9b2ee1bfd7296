"""`mithaq analysis scan`: where and when reports gather more than chance would have it. Needs no node."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mithaq.analysis.clusters import asking, study, tables
from mithaq_cli import options
from mithaq_cli.refusing import say

File = Annotated[Path | None, typer.Option(show_default=False)]


def scan(
    cases: Annotated[Path, typer.Option(help="Cases: SaTScan's .cas, or CSV with place, date and count.")],
    coordinates: Annotated[Path, typer.Option(help="Places: SaTScan's .geo, or CSV with lat and lon, x and y, or km.")],
    model: Annotated[str, typer.Option(help="permutation, poisson, bernoulli or ebp.")] = "permutation",
    controls: File = None,
    population: File = None,
    zones: Annotated[Path | None, typer.Option(help="Zones instead of circles: row numbers of the places.")] = None,
    first: Annotated[str, typer.Option("--from", help="The first day of the study.")] = "",
    last: Annotated[str, typer.Option("--to", help="The last day of the study.")] = "",
    prospective: Annotated[bool, typer.Option("--prospective", help="Only what goes on at the end.")] = False,
    looks_since: Annotated[str, typer.Option(help="Adjust p for a look on every day since.")] = "",
    along: Annotated[bool, typer.Option("--along", help="Stretches along the border (km), not circles.")] = False,
    max_radius_km: Annotated[float | None, typer.Option(help="Half the length with --along.")] = None,
    max_days: Annotated[int | None, typer.Option(help="Longest cluster, in days; in years where dates are.")] = None,
    replicates: Annotated[int, typer.Option()] = 999,
    seed: Annotated[int, typer.Option()] = 1,
    stop_early: Annotated[
        bool | None,
        typer.Option("--stop-early/--all-draws", help="Stop when p is clearly large; so it is where it looks back."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Find clusters of cases. They say that reports gather, and nothing about why: clustering, not threat."""

    def table(file: Path, what: str) -> list[tables.Row]:
        return tables.rows(options.read(file), what)

    rows, listed = table(cases, "cases"), table(coordinates, "coordinates")
    others = table(controls, "cases") if controls else []
    people = table(population, "population") if population else []
    places, metric = tables.places(listed, along=along)
    names = tables.covariates([rows, people]) if people and "expected" not in people[0] else ()
    span = (tables.when(first).day if first else None, tables.when(last).day if last else None)
    of = study.study(rows, places, span=span, covariates=names, with_dates_of=others)
    asked = asking.Asked(
        model=model,
        metric=metric,
        along=along,
        prospective=prospective,
        max_radius_km=max_radius_km,
        max_intervals=max_days,
        replicates=replicates,
        seed=seed,
        stop_at=asking.enough(replicates) if stop_early or (stop_early is None and not prospective) else None,
        looks_since=tables.when(looks_since).day if looks_since else None,
    )
    order = {place.name: number for number, place in enumerate(places)}
    found = asking.scan(
        of,
        asked,
        weights=study.weights(people, of, names) if people else None,
        controls=study.table(others, places, of.intervals, of.unit) if others else None,
        zones=tables.zones(options.read(zones), [order[row["place"]] for row in listed]) if zones else None,
    )
    values = asking.as_values(found, of, asked)
    lines = [
        f"{_day(each['from'])}..{_day(each['to'])}\t{each['observed']} ({each['expected']:.2f})\t"
        f"{each['statistic']:.6f}\tp {each['p']:.4f}\t{', '.join(each['members'])}"
        for each in values["clusters"]
    ]
    lines.append(f"{len(values['clusters'])} clusters of {values['cases']} cases. They show clustering, not threat.")
    say(json, values, "\n".join(lines))


def _day(found: str | None) -> str:
    return date.fromisoformat(found).isoformat() if found else ""
