"""`python -m tests.simulation --seeds N --from S`: run so many seeds, and print how to see a failing one again."""

import argparse
import functools
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()

from tests.simulation import disk, world  # noqa: E402  # stands on Django's settings
from tests.simulation.plants import PLANTS  # noqa: E402
from tests.simulation.world import Run  # noqa: E402


def main() -> int:
    """Run the seeds that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many (200)")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first one (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one a core)")
    parser.add_argument("--trace", action="store_true", help="print what happened")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="plant a fault into the product first")
    told = parser.parse_args()
    started = time.perf_counter()
    failed = 0
    counts: dict[str, int] = {}
    for run in _runs(range(told.first, told.first + told.seeds), told.jobs, told.plant):
        for what, count in run.counts.items():
            counts[what] = counts.get(what, 0) + count
        if told.trace or run.invariant:
            sys.stdout.write(world.report(run, 1_000_000 if told.trace else 25))
        failed += bool(run.invariant)
    spent = time.perf_counter() - started
    events = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
    sys.stdout.write(
        f"{told.seeds} seeds, {failed} failed, {spent:.1f} s ({told.seeds / spent:.1f} a second)\n{events}\n"
    )
    return 1 if failed else 0


def _runs(seeds: range, jobs: int, plant: str | None) -> Iterator[Run]:
    disk.blank()
    run = functools.partial(_run, plant=plant)
    if jobs == 1 or len(seeds) == 1:
        yield from map(run, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, seeds, chunksize=max(1, min(50, len(seeds) // (4 * jobs))))


def _run(seed: int, plant: str | None) -> Run:
    with PLANTS[plant].planted() if plant else nullcontext():
        return world.run(seed)


if __name__ == "__main__":
    sys.exit(main())
