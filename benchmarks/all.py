"""Every goal of speed and scale in one run, each figure beside its rival's, as `docs/performance.md`.

    python -m benchmarks.all [--small] [--out docs/performance.md]

The yardstick: what SQLite alone commits in the same folder is measured before and after each block of figures. A ratio
counts only when both agree within 1.5 times; else the block is done again, three times at most, and what is still
unsteady is said to be. Run it on a machine that does nothing else. `--small` tries the run itself in a minute or two;
its figures say nothing.
"""

import argparse
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from benchmarks import catch_up, crowded, exchange, folds, limits, rivals
from benchmarks.limits import Limits
from mithaq_node.services import seat
from mithaq_node.services.holdings import Holdings
from tests import evidence, postgresql

if TYPE_CHECKING:
    from benchmarks import map_queries

AGREEMENT = 1.5
"""How many times the yardstick before may be the one after, or the other way round."""
ATTEMPTS = 3
A_SECOND = 1000
_ROOT = Path(__file__).parents[1]
_YARD = 100
"""Rows a commit of the yardstick."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Sizes:
    """How much of everything is measured."""

    notices: int = 100_000
    few: int = 10_000
    many: int = 1_000_000
    folded: int = 100_000
    singles: int = rivals.SINGLES
    seconds: float = 60.0
    points: int = 1_000_000
    crowd: int = 1_000_000
    """The backlog beside which urgent notices are sent."""


SMALL = Sizes(notices=600, few=500, many=2_000, folded=200, singles=40, seconds=3.0, points=5_000, crowd=2_000)


@dataclass(frozen=True)
class Measured(Generic[Found]):
    """Figures, and the yardstick before and after them."""

    found: Found
    before: Limits
    after: Limits

    @property
    def steady(self) -> bool:
        """Whether the machine was the same before and after."""
        return agree(self.before.rows[_YARD], self.after.rows[_YARD])


@dataclass(frozen=True)
class Goal:
    """One row of the table: what must hold (where something must), and what is wanted."""

    measure: str
    value: float
    must: float | None
    wanted: float
    shown: str = ""
    more: bool = True
    """Whether a larger value is better."""
    unit: str = "x"
    steady: bool = True
    why: str = ""
    """What is behind it where it is missed."""

    @property
    def verdict(self) -> str:
        """`holds`, `missed`, or that nothing can be said."""
        if not self.steady:
            return "unsteady: does not count"
        if self._reaches(self.wanted):
            return "holds, and what is wanted"
        if self.must is None:
            return "not what is wanted"
        return "holds" if self._reaches(self.must) else "**missed**"

    @property
    def loses(self) -> bool:
        """Whether something that must hold or is wanted does not."""
        return not self._reaches(self.wanted)

    def _reaches(self, bound: float) -> bool:
        return self.value >= bound if self.more else self.value <= bound

    def line(self) -> str:
        """The row."""
        bounds = " | ".join("" if each is None else self._bound(each) for each in (self.must, self.wanted))
        return f"| {self.measure} | {self.shown} | {self.value:.3g}{self.unit} | {bounds} | {self.verdict} |"

    def _bound(self, bound: float) -> str:
        return f"{'at least' if self.more else 'at most'} {bound:g}{self.unit}"


@dataclass(frozen=True)
class Backlogs:
    """A backlog caught up with, and what the rivals made of the same bytes."""

    ours: catch_up.CaughtUp
    theirs: dict[int, float]
    git: rivals.Fetched | None
    packed: rivals.Fetched | None
    """git's from a sender that had packed everything before."""
    disk: float
    """Bytes a notice, both nodes."""
    sealed: float
    """The same when every full tile was sealed."""


def agree(before: float, after: float) -> bool:
    """Whether two yardsticks are of the same machine."""
    return max(before, after) <= AGREEMENT * min(before, after)


def measured(folder: Path, act: Callable[[Path], Found], measure: Callable[[Path], Limits]) -> Measured[Found]:
    """`act` in a fresh folder between two yardsticks, again while they differ; the last attempt counts or does not."""
    for attempt in range(ATTEMPTS):
        here = folder / str(attempt)
        here.mkdir(parents=True)
        before = measure(here / "before")
        found = Measured(act(here), before, measure(here / "after"))
        shutil.rmtree(here)
        if found.steady:
            break
    return found


def batch(folder: Path, sizes: Sizes) -> Backlogs:
    """A backlog of machine feeds, beside PostgreSQL's."""
    backlog = catch_up.made(folder / "nodes", sizes.notices, signed=False)
    rows = backlog.rows()
    ours = catch_up.caught_up(backlog)
    return Backlogs(ours, rivals.backlogs(rows), None, None, *disks(backlog))


def signed(folder: Path, sizes: Sizes) -> Backlogs:
    """A backlog of notices that two officers signed each, beside git's."""
    backlog = catch_up.made(folder / "nodes", sizes.notices, signed=True)
    rows = backlog.rows()
    ours = catch_up.caught_up(backlog)
    git, packed = (rivals.fetched(folder, rows, each) for each in (False, True))
    return Backlogs(ours, {}, git, packed, *disks(backlog))


def disks(backlog: catch_up.Backlog) -> tuple[float, float]:
    """Bytes a notice on both disks, as it came and sealed."""
    came = backlog.disk() / backlog.notices
    backlog.seal()
    return came, backlog.disk() / backlog.notices


def single(folder: Path, sizes: Sizes) -> tuple[list[float], list[float]]:
    """Milliseconds of one notice, release to receipt, and of one row until PostgreSQL shows it; each in order."""
    nodes = exchange.two_nodes(folder / "nodes", ("sqlite", "sqlite"))
    with exchange.open_door(nodes[1]), closing(exchange.Sender(seat.take(nodes[0].folder, {}), "two")) as sender:
        sender.wait(sender.release(exchange.WARM_UP))
        ours = sorted(1000 * took for took in sender.each(sizes.singles))
    rows = catch_up.made(folder / "rows", sizes.singles + rivals.WARM_UP, signed=True).rows()
    return ours, rivals.singles(rows)


def growth(folder: Path, sizes: Sizes) -> tuple[catch_up.CaughtUp, catch_up.CaughtUp]:
    """A small backlog, and a large one."""
    few, many = (
        catch_up.caught_up(catch_up.made(folder / str(count), count, signed=False)) for count in (sizes.few, sizes.many)
    )
    return few, many


def following(folder: Path, sizes: Sizes) -> list[float]:
    """Seconds from when each lot of a steady feed was due to its receipt, in order."""
    nodes = exchange.two_nodes(folder / "nodes", ("sqlite", "sqlite"))
    with exchange.open_door(nodes[1]), closing(exchange.Sender(seat.take(nodes[0].folder, {}), "machine")) as sender:
        sender.wait(sender.release(exchange.WARM_UP))
        return sorted(sender.paced(A_SECOND, sizes.seconds))


def verification(folder: Path) -> float:
    """Microseconds of one Ed25519 verification, PyNaCl alone."""
    from benchmarks import fsck

    backlog = catch_up.made(folder, 500, signed=True)
    with closing(Holdings(seat.take(backlog.nodes[0].folder, {}))) as holdings:
        return fsck.raw_verification(holdings, 500, 1.0)["verification_microseconds"]


def sections(folder: Path, sizes: Sizes) -> Iterator[str]:
    """The table, where it loses, and the arithmetic of the limit, as they are measured."""

    def run(name: str, act: Callable[[Path], Found]) -> Measured[Found]:
        sys.stderr.write(f"{name}\n")
        return measured(folder / name, act, limits.measure)

    lots = run("batch", lambda here: batch(here, sizes))
    each = run("signed", lambda here: signed(here, sizes))
    one = run("single", lambda here: single(here, sizes))
    grown = run("growth", lambda here: growth(here, sizes))
    lag = run("following", lambda here: following(here, sizes))
    state = run("folds", lambda here: folds.measure(here, sizes.folded))
    drawn = run("map", lambda here: mapped(sizes.points))
    crowd = run("crowded", lambda here: crowds(here, sizes))
    flood = run("flood", crowded.flooded)
    goals = [*exchanged(lots, each), *alone(one), *at_length(grown, lag), folded(state), *on_the_map(drawn)]
    goals += bounded(crowd, flood)
    yield "| measure | measured | | must | wanted | |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from (goal.line() for goal in goals)
    if isinstance(drawn.found, str):
        yield from (f"| {name} | | | {bounds} | not measured: {drawn.found} |" for name, bounds in _BESIDE_POSTGIS)
    yield from ("", "## Where it loses", "")
    yield from (f"- {goal.measure}: {goal.value:.3g}{goal.unit}. {goal.why}".rstrip() for goal in goals if goal.loses)
    yield from ("", "## The arithmetic of the limit", "")
    yield from arithmetic(lots, each, verification(folder / "verification"))


_BESIDE_POSTGIS = (
    ("box and time to 500 features, against PostGIS", "at most 2x | at most 1x"),
    ("counts by cell of a tile of zoom 8, against PostGIS", "at most 0.2x | at most 0.08x"),
)
"""What is measured where PostGIS is installed; a run does not install it."""


def mapped(points: int) -> "map_queries.Found | str":
    """The map's questions beside PostGIS, or why they were not asked."""
    from benchmarks import map_queries

    try:
        return map_queries.measure(points)
    except postgresql.NotToBeHad as why:
        return str(why)


def crowds(folder: Path, sizes: Sizes) -> tuple[crowded.Crowded, crowded.Crowded]:
    """A small catch-up and a large one, each with urgent notices beside it."""
    few, many = (crowded.catching_up(folder / str(count), count) for count in (sizes.few, sizes.crowd))
    return few, many


def bounded(crowd: Measured[tuple[crowded.Crowded, crowded.Crowded]], flood: Measured[crowded.Flood]) -> Iterator[Goal]:
    """The rows about what is bounded."""
    (few, many), told = crowd.found, flood.found
    p50, p99 = (rivals.percentile(many.other_way_ms, share) / 1_000 for share in (0.5, 0.99))
    behind = many.same_way_ms[-1] / 1_000
    yield Goal(
        f"urgent notices of the other side during a catch-up of {many.notices:,}, until they are readable, p99",
        p99, None, 1.0, f"{len(many.other_way_ms):,}; p50 {p50:.2f} s", more=False, unit=" s", steady=crowd.steady,
        why="They wait for one or two deliveries of the backlog, however long it is. Leaves keep the order of their"
        f" log: one of the side that catches up stands behind its backlog, here up to {behind:.0f} s.",
    )  # fmt: skip
    sending = f"the sending loop {many.sender_mib:.0f} / {few.sender_mib:.0f} above what it had"
    yield Goal(
        f"memory of the door at {many.notices:,} notices, against {few.notices:,}", many.door_mib / few.door_mib,
        None, 1.25, f"{many.door_mib:.0f} / {few.door_mib:.0f} MiB; {sending}", more=False, steady=crowd.steady,
    )  # fmt: skip
    beside = f"a release beside it {told.release_during_ms:.1f} ms, before it {told.release_before_ms:.1f}"
    yield Goal(
        "a flood at the door: processor of a refused request, ours against the sender's",
        told.receiver_ms / told.sender_ms, None, 1.0,
        f"{told.receiver_ms:.2f} / {told.sender_ms:.2f} ms of {told.refused:,}; {beside}",
        more=False, steady=flood.steady, why="Either side does TLS and one signature; ours has a web server around it.",
    )  # fmt: skip


def on_the_map(drawn: "Measured[map_queries.Found | str]") -> Iterator[Goal]:
    """The rows about the map."""
    found = drawn.found
    if isinstance(found, str):
        return
    of = f"of {found.points:,} points"
    for name, here, there, must, wanted in (
        (f"box and time to 500 features {of}, against PostGIS", found.features_ms, found.features_theirs_ms, 2.0, 1.0),
        (f"counts by cell of a tile of zoom 8 {of}, against PostGIS", found.cells_ms, found.cells_theirs_ms, 0.2, 0.08),
    ):
        shown = f"{here:.3f} / {there:.3f} ms"
        yield Goal(name, here / there, must, wanted, shown, more=False, steady=drawn.steady)


def exchanged(lots: Measured[Backlogs], each: Measured[Backlogs]) -> Iterator[Goal]:
    """The rows about a backlog."""
    ours, theirs = lots.found.ours.rate, lots.found.theirs
    git, packed = each.found.git, each.found.packed
    for count, must, wanted in ((100, 0.6, 1.0), (1000, None, 0.65)):
        yield Goal(
            f"catch-up, batch-signed, against PostgreSQL logical at {count:,} rows a commit",
            ours / theirs[count], must, wanted, f"{ours:,.0f} / {theirs[count]:,.0f} a second", steady=lots.steady,
            why="PostgreSQL hashes nothing, proves nothing and answers with no receipt.",
        )  # fmt: skip
    assert git is not None
    assert packed is not None
    signed_rate = each.found.ours.rate
    yield Goal(
        "catch-up, every notice signed by two officers and verified, against git fetch with fsck",
        signed_rate / git.rate, 0.8, 1.0, f"{signed_rate:,.0f} / {git.rate:,.0f} a second", steady=each.steady,
        why="git verifies no signature, and forces one pack to the disk where we force each batch, fence and receipt.",
    )  # fmt: skip
    yield Goal(
        "the same, where git had packed everything before", signed_rate / packed.rate, None, 1.0,
        f"{signed_rate:,.0f} / {packed.rate:,.0f} a second", steady=each.steady,
        why="Such a fetch copies one file; two verifications a notice alone take longer.",
    )  # fmt: skip
    for name, caught, bounds in (("batch", lots, (0.06, 0.045)), ("each signed", each, (0.13, 0.11))):
        yield Goal(
            f"processor a notice, both nodes, {name}", caught.found.ours.cpu_ms, *bounds,
            more=False, unit=" ms", steady=caught.steady, why="Where it goes is in [speed](speed.md).",
        )  # fmt: skip
    yield Goal(
        "disk a notice, both nodes, old entries sealed, against both repositories of git, packed",
        each.found.sealed / packed.bytes_each, 1.5, 1.1,
        f"{each.found.sealed:,.0f} ({each.found.disk:,.0f} as it came) / {packed.bytes_each:,.0f} bytes", more=False,
    )  # fmt: skip


def alone(one: Measured[tuple[list[float], list[float]]]) -> Iterator[Goal]:
    """The rows about one notice at a time."""
    for name, share, must in (("p50", 0.5, 1.5), ("p99", 0.99, None)):
        here, there = (rivals.percentile(took, share) for took in one.found)
        yield Goal(
            f"one notice, released, durable and receipted, {name}, against PostgreSQL's row being visible",
            here / there, must, 1.0, f"{here:.2f} / {there:.2f} ms", more=False, steady=one.steady,
            why="A receipt is three commits and two fences one after the other; a row that is visible is two commits.",
        )  # fmt: skip


def at_length(
    grown: Measured[tuple[catch_up.CaughtUp, catch_up.CaughtUp]], lag: Measured[list[float]]
) -> Iterator[Goal]:
    """The rows about a long record and a steady feed."""
    few, many = grown.found
    yield Goal(
        f"how far the rate falls from {few.notices:,} to {many.notices:,} notices", 100 * (1 - many.rate / few.rate),
        20, 10, f"{few.rate:,.0f} / {many.rate:,.0f} a second", more=False, unit=" %", steady=grown.steady,
    )  # fmt: skip
    yield Goal(
        f"lag at {A_SECOND:,} notices a second, release to receipt, p99", rivals.percentile(lag.found, 0.99), 1.0, 0.3,
        f"{len(lag.found):,} lots of {A_SECOND // exchange.LOTS}", more=False, unit=" s", steady=lag.steady,
    )  # fmt: skip


def folded(state: Measured[dict[str, Any]]) -> Goal:
    """The row about the state."""
    return Goal(
        "folds of all notices rebuilt by a process that begins with nothing", state.found["cold, s"], 5, 2,
        f"{state.found['notices']:,} notices", more=False, unit=" s", steady=state.steady,
        why="Where it goes is in [speed](speed.md).",
    )  # fmt: skip


def arithmetic(lots: Measured[Backlogs], each: Measured[Backlogs], verified_us: float) -> Iterator[str]:
    """What the machine could do at best, beside what it did."""
    cores = os.cpu_count() or 1
    raw = (lots.before.rows[_YARD] + lots.after.rows[_YARD]) / 2
    yield f"SQLite alone commits {raw:,.0f} rows a second here, {_YARD} a commit. A notice is two rows at each node,"
    yield f"leaf and parts, so two nodes on this disk could take {raw / 4:,.0f} a second if they did nothing else."
    for name, caught in (("batch", lots), ("each signed", each)):
        ours = caught.found.ours
        best = 1000 * cores / ours.cpu_ms
        yield ""
        yield f"*{name}*: {ours.cpu_ms:.3f} ms of processor a notice on {cores} cores allow {best:,.0f} a second;"
        yield f"measured {ours.rate:,.0f}, {ours.rate / best:.2f} of it. The rest is waiting for disk and line."
    yield ""
    yield f"One Ed25519 verification takes {verified_us:.0f} us here, PyNaCl alone. The two of each notice are"
    yield f"{2 * verified_us / 1000:.3f} ms of the {each.found.ours.cpu_ms:.3f} above, which neither rival spends."


def page(lines: Sequence[str], sizes: Sizes, seconds: float) -> str:
    """`docs/performance.md`."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, load {os.getloadavg()[2]:.1f}"
    programs = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {evidence.postgresql()}, {git}"
    return f"""\
# Performance

Written by `python -m benchmarks.all`, in one run. What is measured, and how, is said in `benchmarks/all.py`,
`catch_up.py` and `rivals.py`; more figures, and what was done about them, in [speed](speed.md).

| | |
| --- | --- |
| commit | {_commit()} |
| run | {when}, {seconds / 60:.0f} minutes, {sizes.notices:,} notices unless said otherwise |
| machine | {machine} over the last quarter of an hour |
| with | {programs} |

Two nodes, with everything on, against what verifies nothing. A figure counts only where SQLite alone was as fast before
as after, within {AGREEMENT:g} times.

""" + "".join(f"{line}\n" for line in lines)


def _commit() -> str:
    def said(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=True).stdout.strip()

    changed = said("status", "--porcelain", "--untracked-files=no")
    return f"`{said('rev-parse', 'HEAD')}`{', with changes that were not committed' if changed else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.all", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="try the run itself; the figures say nothing")
    parser.add_argument("--out", type=Path, help="the page; stdout where none is given")
    parser.add_argument("--folder", help="where to put the nodes; the disk that is measured")
    asked = parser.parse_args()
    exchange.django_ready()
    sizes, began = SMALL if asked.small else Sizes(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mithaq-all-", dir=asked.folder) as folder:
        lines = list(sections(Path(folder), sizes))
    told = page(lines, sizes, time.monotonic() - began)
    if asked.out:
        asked.out.write_text(told, encoding="utf-8")
    else:
        sys.stdout.write(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
