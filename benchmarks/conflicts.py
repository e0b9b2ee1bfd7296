"""How long one activity takes to be checked against the plans that stand, beside shapely's STRtree.

    python -m benchmarks.conflicts --plans 100000 [--json]

Plans of both parties along the line of `instruments/iraq-iran-2025`, as of ten years: cells, areas of up to ten
kilometres, kilometres and now and then a sector; four hours to forty days. *Ours* keeps plans by time and asks boxes
next; *STRtree* asks boxes and then the time. Both then ask the same shapes, and both answers must be equal; every
fiftieth is also found by looking at every plan. Exits 1 with `--strict` when the 95th percentile is above 20 ms.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from shapely import STRtree, box

from mithaq import moments, places
from mithaq.activities.conflicts import Plans
from mithaq.activities.extents import Extent, Ground, share_ground
from mithaq.activities.plans import Plan
from mithaq.instrument.compiling import compile as compile_instrument
from mithaq.instrument.law import Law
from mithaq.instrument.statement import Statement
from mithaq.moments import Interval, Moment
from mithaq.places import Answer
from mithaq_files.instrument import library, read_folder

GOAL = 0.020
INSTRUMENT = Path(__file__).parents[1] / "instruments" / "iraq-iran-2025"
FIRST = moments.parse("2025-01-01T00:00:00Z").seconds
HOURS = 10 * 365 * 24

Asked = tuple[dict[str, Any], Interval]
Found = set[str]
Ask = Callable[[dict[str, Any], Interval], Found]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conflicts", description=__doc__.split("\n")[0])
    parser.add_argument("--plans", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=500, help="how many activities are checked")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the goal is missed")
    asked = parser.parse_args()
    found = measure(asked.plans, asked.asked, random.Random(asked.seed))
    print(json.dumps(found) if asked.json else "\n".join(lines(found)))  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def measure(plans: int, asked: int, chance: random.Random) -> dict[str, Any]:
    """Build both, ask both the same, compare what they answer."""
    law = compile_instrument(read_folder(INSTRUMENT), library()).law
    made = [_plan(number, law, *each) for number, each in enumerate(_activities(law, chance, plans))]
    began = time.perf_counter()
    ours = Plans.of(made, law)
    built = time.perf_counter() - began
    ground = Ground(law)
    rival = _rival(made, ground)
    answered: dict[str, list[float]] = {"ours": [], "strtree": []}
    met = 0
    for number, each in enumerate(_activities(law, chance, asked)):
        mine = _timed(answered["ours"], _asking(ours), each)
        theirs = _timed(answered["strtree"], rival, each)
        _require(mine == theirs, each)
        if number % 50 == 0:
            _require(mine == _by_hand(made, ground, *each), each)
        met += len(mine)
    p95 = _percentile(answered["ours"], 95)
    return {
        "plans": plans,
        "asked": asked,
        "built_seconds": round(built, 2),
        "conflicts": met,
        "p50_ms": round(_percentile(answered["ours"], 50) * 1000, 2),
        "p95_ms": round(p95 * 1000, 2),
        "strtree_p50_ms": round(_percentile(answered["strtree"], 50) * 1000, 2),
        "strtree_p95_ms": round(_percentile(answered["strtree"], 95) * 1000, 2),
        "goal_ms": GOAL * 1000,
        "met": p95 <= GOAL,
    }


def lines(found: dict[str, Any]) -> list[str]:
    """The same for people."""
    return [
        f"{found['plans']} plans in {found['built_seconds']} s; {found['asked']} asked, {found['conflicts']} conflicts",
        f"ours     p50 {found['p50_ms']} ms  p95 {found['p95_ms']} ms (at most {found['goal_ms']:.0f})",
        f"STRtree  p50 {found['strtree_p50_ms']} ms  p95 {found['strtree_p95_ms']} ms",
    ]


def _activities(law: Law, chance: random.Random, count: int) -> Iterator[Asked]:
    course = places.Course(tuple(law.line.points), law.line.length, law.line.accuracy)
    for _ in range(count):
        start = FIRST + chance.randrange(HOURS) * 3600
        lasts = chance.choice((4, 8, 24, 72, 240, 960)) * 3600
        yield _place(law, course, chance), Interval(Moment(start), Moment(start + lasts))


def _place(law: Law, course: places.Course, chance: random.Random) -> dict[str, Any]:
    form = chance.random()
    if form < 0.02:
        return {"form": "sector", "sector": chance.choice(law.sectors).id}
    metre = chance.randrange(law.line.length)
    if form < 0.2:
        return {"form": "kilometre", "km": metre // 1000}
    lon, lat = course.at(metre)
    cell = places.cell_of((lon + chance.randrange(-200_000, 200_000), lat + chance.randrange(-200_000, 200_000)))
    if form < 0.7:
        return {"form": "cell", "lon": cell.lon, "lat": cell.lat, "size": cell.size}
    wide, tall = chance.randrange(20_000, 100_000), chance.randrange(20_000, 100_000)
    corners = ((0, 0), (wide, 0), (wide, tall), (0, tall))
    return {"form": "area", "ring": [[cell.lon + east, cell.lat + north] for east, north in corners]}


def _plan(number: int, law: Law, place: dict[str, Any], when: Interval) -> Plan:
    party = law.parties[number % 2].code
    facts = {"place": place, "period": {"from": str(when.start), "until": str(when.end)}}
    said = f"{party} {number}"
    return Plan(
        said, Statement(party=party, number=said, at=str(when.start), order=(number, party, number), facts=facts)
    )


def _rival(plans: list[Plan], ground: Ground) -> Ask:
    grounds = [_of(ground, plan.statement.facts["place"]) for plan in plans]
    times = [(_interval(plan).start.seconds, _interval(plan).end.seconds) for plan in plans]
    tree = STRtree([box(*ground.box) for ground in grounds])

    def conflicts(place: dict[str, Any], when: Interval) -> Found:
        asked = _of(ground, place)
        start, end = when.start.seconds, when.end.seconds
        return {
            plans[index].number
            for index in tree.query(box(*asked.box))
            if times[index][0] < end and start < times[index][1]
            if share_ground(asked, grounds[index]) is not Answer.NO
        }

    return conflicts


def _by_hand(plans: list[Plan], ground: Ground, place: dict[str, Any], when: Interval) -> Found:
    asked = _of(ground, place)
    return {
        plan.number
        for plan in plans
        if when.overlaps(_interval(plan))
        if share_ground(asked, _of(ground, plan.statement.facts["place"])) is not Answer.NO
    }


def _of(ground: Ground, place: dict[str, Any]) -> Extent:
    found = ground.extent(place)
    assert found is not None
    return found


def _interval(plan: Plan) -> Interval:
    return moments.interval(plan.statement.facts["period"]["from"], plan.statement.facts["period"]["until"])


def _asking(plans: Plans) -> Ask:
    return lambda place, when: {conflict.plan.number for conflict in plans.conflicts(place, when)}


def _timed(kept: list[float], ask: Ask, asked: Asked) -> Found:
    began = time.perf_counter()
    found = ask(*asked)
    kept.append(time.perf_counter() - began)
    return found


def _percentile(measured: list[float], part: int) -> float:
    return sorted(measured)[min(len(measured) - 1, len(measured) * part // 100)]


def _require(equal: bool, asked: Asked) -> None:
    if not equal:
        sys.exit(f"the answers differ for {asked}")


if __name__ == "__main__":
    sys.exit(main())
