"""Matching and warning in one table: what others published, how well and how fast ours is, and what it finds.

    python -m benchmarks.analysis [--reference ../shared/analysis] [--years 4] [--clusters 20] [--parts scan,speed,...]

`reference` are the rows of SaTScan, SpatialEpi and scanstatistics whose files are theirs as they stand; the tests
reproduce all of them. `matching` is what `analysis_matching` says of the sample; `speed` and `detection` what
`analysis_scan` says. Seconds are the processor's. The table is Markdown, for docs/analysis.
"""

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from benchmarks import analysis_matching, analysis_scan
from mithaq_cli.main import app

PARTS = ("reference", "matching", "speed", "detection")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, what came out, what should have, and whether it did."""

    what: str
    found: str
    wanted: str
    met: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A scan of files that others made, and the statistic and p that they give for the most likely cluster."""

    what: str
    files: dict[str, str]
    options: tuple[str, ...]
    statistic: float
    p: float
    draws: int
    within: float = 1e-6


PUBLISHED = (
    Published(
        "New York fever, permutation (SaTScan)",
        {"cases": "satscan-samples/NYCfever.cas", "coordinates": "satscan-samples/NYCfever.geo"},
        (
            "--model=permutation",
            "--from=2001/11/1",
            "--to=2001/11/24",
            "--prospective",
            "--max-radius-km=3",
            "--max-days=7",
        ),
        3.845418,
        0.211,
        9_999,
    ),
    Published(
        "New Mexico, Poisson with age and sex (SaTScan)",
        {
            "cases": "satscan-samples/nm.cas",
            "population": "satscan-samples/nm.pop",
            "coordinates": "satscan-samples/nm.geo",
        },
        ("--model=poisson", "--from=1973/1/1", "--to=1991/12/31"),
        10.979758,
        0.014,
        999,
        within=2e-5,
    ),
    Published(
        "North Humberside, Bernoulli (SaTScan)",
        {
            "cases": "satscan-samples/NHumberside.cas",
            "controls": "satscan-samples/NHumberside.ctl",
            "coordinates": "satscan-samples/NHumberside.geo",
        },
        ("--model=bernoulli",),
        4.836516,
        0.36,
        139,
    ),
    Published(
        "Pennsylvania, Poisson (SpatialEpi)",
        dict.fromkeys(("cases", "population", "coordinates"), "spatialepi-pennlc/spatialepi_pennLC_ready.csv"),
        ("--model=poisson",),
        17.66288,
        0.001,
        999,
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis", description=__doc__.split("\n")[0])
    parser.add_argument("--reference", type=Path, default=Path(__file__).parents[1].parent / "shared" / "analysis")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--years", type=int, default=4, help="null years of detection")
    parser.add_argument("--clusters", type=int, default=20, help="injected clusters of detection")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--strict", action="store_true", help="exit 1 when something is not met")
    asked = parser.parse_args()
    met = True
    sys.stdout.write("| what | found | wanted | |\n| --- | --- | --- | --- |\n")
    for part in asked.parts.split(","):
        for row in _rows(part, asked):
            met = met and row.met
            sys.stdout.write(f"| {row.what} | {row.found} | {row.wanted} | {'met' if row.met else '**not met**'} |\n")
            sys.stdout.flush()
    return 0 if met or not asked.strict else 1


def _rows(part: str, asked: argparse.Namespace) -> Iterator[Row]:
    if part == "reference":
        return (_published(each, asked.reference) for each in PUBLISHED)
    if part == "matching":
        return _matching(asked.reference / "bilateral-sample" / "2k-seed1")
    return _speed(asked.seed) if part == "speed" else _detection(asked)


def _published(each: Published, folder: Path) -> Row:
    files = [f"--{name}={folder / file}" for name, file in each.files.items()]
    done = CliRunner().invoke(app, ["analysis", "scan", *files, *each.options, "--json"])
    found = json.loads(done.stdout)
    best = found["clusters"][0]
    spread = (each.p * (1 - each.p) * (1 / each.draws + 1 / found["replicates"])) ** 0.5
    agrees = abs(best["statistic"] / each.statistic - 1) <= each.within and abs(best["p"] - each.p) <= 3 * spread
    return Row(
        each.what, f"{best['statistic']:.6f}, p {best['p']:.3f}", f"{each.statistic:.6f}, p {each.p:.3f}", agrees
    )


def _matching(sample: Path) -> Iterator[Row]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        analysis_matching.main(["--sample", str(sample), "--json"])
    found = json.loads(said.getvalue())
    what = f"matching, the sample of {found['reports']} reports"
    yield Row(f"{what}: F1", f"{found['F1']:.3f}", "at least 0.90", found["F1"] >= 0.9)
    precision, recall = found["propose: precision"], found["propose: recall"]
    proposed = f"{precision:.3f}, {recall:.2f}"
    yield Row(f"{what}: *propose*", proposed, "0.97, 0.60", precision >= 0.97 and recall >= 0.6)
    error = found["calibration error"]
    yield Row(f"{what}: calibration error", f"{error:.3f}", "at most 0.05", error <= 0.05)


def _speed(seed: int) -> Iterator[Row]:
    found = analysis_scan.speed(seed)
    for cases, cells, days, radius, goal in analysis_scan.SPEEDS:
        what = analysis_scan.named(cases, cells, days, radius)
        yield Row(f"scan, {what}", f"{found[what]:.2f} s", f"at most {goal:.0f} s", found[what] <= goal)


def _detection(asked: argparse.Namespace) -> Iterator[Row]:
    found = analysis_scan.detection(analysis_scan.Detection(asked.years, asked.clusters, asked.seed))
    share, yearly = found["found_within_5_days"], found["false_alarms_a_year"]
    what = f"of {asked.clusters} clusters of relative risk 4 found within 5 days"
    yield Row(what, f"{share:.0%}", "at least 80%", share >= analysis_scan.SHARE)
    least = f"at most {analysis_scan.FALSE_A_YEAR}"
    yield Row(
        f"false alarms a year in {asked.years} null years", f"{yearly}", least, yearly <= analysis_scan.FALSE_A_YEAR
    )


if __name__ == "__main__":
    sys.exit(main())
