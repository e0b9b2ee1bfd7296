"""`mithaq analysis simulate`: tables of reports about incidents that never were, with the truth beside them."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mithaq.analysis.matching import MISSING, Report
from mithaq.analysis.simulation import Errors, simulated
from mithaq_cli import options
from mithaq_cli.refusing import say

_COLUMNS = (
    "id", "lon", "lat", "geo_precision", "t_hours", "time_precision", "category", "category_mid", "category_top",
    "severity", "casualties",
)  # fmt: skip


def simulate(
    out: Annotated[
        Path, typer.Option("--out", help="The folder where reports_A.csv, reports_B.csv, truth.csv are written.")
    ],
    incidents: Annotated[int, typer.Option(min=1, help="How many incidents happen.")] = 2_000,
    days: Annotated[int, typer.Option(min=1, help="In how many days.")] = 365,
    kilometres: Annotated[int, typer.Option(min=1, help="Along how long a border.")] = 600,
    seed: Annotated[int, typer.Option(min=0, help="The same tables for the same seed.")] = 1,
    errors: Annotated[Errors, typer.Option(help="How the parties err.")] = Errors.EVEN,
    json: options.Json = False,
) -> None:
    """Write what two parties would report of incidents that never were, and which reports belong together."""
    made = simulated(incidents, days, seed, errors, kilometres)
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "reports_A.csv", _COLUMNS, map(_row, made.left))
    _write(out / "reports_B.csv", _COLUMNS, map(_row, made.right))
    _write(out / "truth.csv", ("a", "b", "incident"), made.truth)
    values = {"a": len(made.left), "b": len(made.right), "pairs": len(made.truth)}
    say(json, values, f"{len(made.left)} and {len(made.right)} reports, {len(made.truth)} true pairs")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as into:
        writer = csv.writer(into, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _row(report: Report) -> tuple[str | int, ...]:
    top, middle, leaf = report.category
    return (
        report.id, f"{report.lon / 1_000_000:.6f}", f"{report.lat / 1_000_000:.6f}", report.place,
        f"{report.moment / 3_600:.4f}", report.time, leaf, middle, top,
        "" if report.severity == MISSING else report.severity, "" if report.counted == MISSING else report.counted,
    )  # fmt: skip
