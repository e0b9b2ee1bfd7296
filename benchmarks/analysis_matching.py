"""How well and how fast two parties' reports are matched, beside Splink in the same run.

    python -m benchmarks.analysis_matching [--incidents 20000] [--days 1500] [--kilometres 1200] [--errors even]
        [--seed 4] [--sample FOLDER] [--weeks 13] [--stretch 0.25] [--arrivals 500] [--rival] [--json]

The reports are made by `mithaq analysis simulate`, with a truth that neither sees; or read from a folder of
`reports_A.csv`, `reports_B.csv` and `truth.csv`. `--weeks` lays all moments into so many weeks, one over the other,
which makes reports denser; `--stretch` keeps a share of the border, in the middle from south to north. Figures are at
the default threshold, times are the processor's. The rival is Splink with levels that know the stated precision; it is
given the best of all thresholds, which nobody can know beforehand, and is told too at its own 0.5, and made one to one,
which it does not do itself. It is no dependency: `pip install splink pandas` beside this program.
"""

import argparse
import csv
import gc
import json
import resource
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mithaq.analysis import matching
from mithaq.analysis.matching import proposals, rows
from mithaq.analysis.simulation import Errors, Made, simulated

Truth = Collection[tuple[str, str]]
_THRESHOLDS = [
    each / 100 for each in (0.001, 0.01, 0.03, 0.1, 0.3, 1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99)
]


def main(arguments: list[str] | None = None) -> int:
    gc.disable()  # as the command does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=1_500)
    parser.add_argument("--kilometres", type=int, default=1_200)
    parser.add_argument("--errors", type=Errors, default=Errors.EVEN)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--sample", type=Path)
    parser.add_argument("--weeks", type=int, default=0)
    parser.add_argument("--stretch", type=float, default=1.0)
    parser.add_argument("--arrivals", type=int, default=0)
    parser.add_argument("--rival", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    made = (
        _read(asked.sample)
        if asked.sample
        else simulated(asked.incidents, asked.days, asked.seed, asked.errors, asked.kilometres)
    )
    made = _denser(_shorter(made, asked.stretch), asked.weeks)
    truth = {(left, right) for left, right, _ in made.truth}
    found = {"reports": len(made.left) + len(made.right)} | _ours(made, truth)
    if asked.arrivals:
        found |= _arriving(made, asked.arrivals)
    if asked.rival:
        found |= _splink(made, truth)
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for line in [json.dumps(found)] if asked.json else [f"{name}: {value}" for name, value in found.items()]:
        sys.stdout.write(line + "\n")
    return 0


def _read(folder: Path) -> Made:
    sides = []
    for name in ("reports_A.csv", "reports_B.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as table:
            lines = csv.reader(table)
            report_of = rows.reader(next(lines))
            sides.append([report_of(cells) for cells in lines])
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as table:
        truth = [(row["a"], row["b"], int(row["incident"])) for row in csv.DictReader(table)]
    return Made(sides[0], sides[1], truth)


def _shorter(made: Made, share: float) -> Made:
    """What lies in the middle share of the border, by latitude of the left reports."""
    if share >= 1:
        return made
    lats = sorted(each.lat for each in made.left)
    south, north = lats[int(len(lats) * (0.5 - share / 2))], lats[int(len(lats) * (0.5 + share / 2)) - 1]
    left, right = ([each for each in side if south <= each.lat <= north] for side in (made.left, made.right))
    first, second = {each.id for each in left}, {each.id for each in right}
    return Made(left, right, [each for each in made.truth if each[0] in first and each[1] in second])


def _denser(made: Made, weeks: int) -> Made:
    """All moments laid into so many weeks."""
    if not weeks:
        return made
    length = weeks * 7 * 86_400
    left, right = ([each._replace(moment=each.moment % length) for each in side] for side in (made.left, made.right))
    return Made(left, right, made.truth)


def _ours(made: Made, truth: Truth) -> dict[str, Any]:
    start = time.process_time()
    found = matching.match(made.left, made.right)
    seconds = time.process_time() - start
    pairs = {(each.left, each.right): each.posterior / 1_000_000 for each in (*found.matches, *found.again)}
    return {"seconds": round(seconds, 2)} | figures(pairs, truth)


def figures(pairs: dict[tuple[str, str], float], truth: Truth) -> dict[str, Any]:
    """How right pairs with these posteriors are: all of them, those to propose, and the posteriors."""
    proposed = [pair for pair, posterior in pairs.items() if posterior >= proposals.PROPOSE / 1_000_000]
    right = sum(pair in truth for pair in proposed)
    return {
        **{name: round(value, 4) for name, value in zip(("F1", "precision", "recall"), _f1(pairs, truth), strict=True)},
        "propose: precision": round(right / max(len(proposed), 1), 4),
        "propose: recall": round(right / max(len(truth), 1), 4),
        "calibration error": round(_calibration(pairs, truth), 4),
    }


def _f1(pairs: Collection[tuple[str, str]], truth: Truth) -> tuple[float, float, float]:
    right = sum(pair in truth for pair in pairs)
    precision, recall = right / max(len(pairs), 1), right / max(len(truth), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def _calibration(pairs: dict[tuple[str, str], float], truth: Truth) -> float:
    """Expected calibration error of the pairs that are written, in ten bins."""
    bins = [0.0] * 10
    for pair, posterior in pairs.items():
        bins[min(int(posterior * 10), 9)] += posterior - (pair in truth)
    return sum(map(abs, bins)) / max(len(pairs), 1)


def _arriving(made: Made, many: int) -> dict[str, Any]:
    """The last reports come one by one to all the others."""
    left, right, tree = proposals.columns_of(made.left[:-many], made.right)
    standing = matching.Standing(matching.apply(matching.learn(left, right, tree), left, right))
    took = []
    for each in made.left[-many:]:
        start = time.process_time()
        standing.arrive(0, each)
        took.append((time.process_time() - start) * 1_000)
    took.sort()
    return {"arrival p50 ms": round(took[len(took) // 2], 2), "arrival p95 ms": round(took[len(took) * 95 // 100], 2)}


def _splink(made: Made, truth: Truth) -> dict[str, Any]:
    from benchmarks.splink_reports import scored

    start = time.process_time()
    pairs = scored(made.left, made.right)
    seconds = time.process_time() - start
    best = max((_f1([pair for pair, p in pairs.items() if p >= at], truth)[0], at) for at in _THRESHOLDS)
    alone = _surest_first(pairs)
    best_alone = max(_f1([pair for pair, p in alone.items() if p >= at], truth)[0] for at in _THRESHOLDS)
    own = _f1([pair for pair, p in pairs.items() if p >= 0.5], truth)
    return {
        "Splink: seconds": round(seconds, 2),
        "Splink: F1 at its best threshold": round(best[0], 4),
        "Splink: that threshold": best[1],
        "Splink: F1 at 0.5": round(own[0], 4),
        "Splink: F1 at the best threshold, made one to one": round(best_alone, 4),
    }


def _surest_first(pairs: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """One to one, as Splink itself does not make it: each pair whose reports no surer pair has."""
    taken: set[str] = set()
    found = {}
    for (left, right), p in sorted(pairs.items(), key=lambda each: (-each[1], each[0])):
        if left not in taken and right not in taken:
            taken |= {left, right}
            found[left, right] = p
    return found


if __name__ == "__main__":
    raise SystemExit(main())
