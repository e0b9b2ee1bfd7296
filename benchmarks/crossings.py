"""How long it takes to fold the status of crossings from many notices, and to add one more.

    python -m benchmarks.crossings --notices 100000 [--json] [--strict]

Statements of both parties of `instruments/iraq-iran-2025` about its crossings, each of one or two directions and one to
three kinds of traffic, in the order of the record. *Rebuilt* is every state and every canonical state row from nothing;
*updated* one more statement, with the rows that it changes. The limit beside it is the same statements only sorted into
lists by key, and the last of each party found: what no fold can do without. Exits 1 with `--strict` when rebuilding
takes more than 5 s, or an update more than 1 ms at the 95th percentile.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from mithaq.corridors import crossings
from mithaq.instrument.compiling import compile as compile_instrument
from mithaq.instrument.law import Law
from mithaq.instrument.statement import Statement
from mithaq.moments import Moment
from mithaq.notices.facets import Facets
from mithaq_files.instrument import library, read_folder

REBUILT, UPDATED = 5.0, 0.001
INSTRUMENT = Path(__file__).parents[1] / "instruments" / "iraq-iran-2025"
FIRST = 1_735_689_600
STATES = ("open", "restricted", "closed")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crossings", description=__doc__.split("\n")[0])
    parser.add_argument("--notices", type=int, default=100_000)
    parser.add_argument("--updates", type=int, default=2_000, help="how many more are added one by one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    asked = parser.parse_args()
    found = measure(asked.notices, asked.updates, random.Random(asked.seed))
    print(json.dumps(found) if asked.json else "\n".join(lines(found)))  # noqa: T201  # what it is for
    return 0 if found["met"] or not asked.strict else 1


def measure(notices: int, updates: int, chance: random.Random) -> dict[str, Any]:
    """Fold all of them, then add the rest one by one; both must come to the same as folding everything at once."""
    law = compile_instrument(read_folder(INSTRUMENT), library()).law
    made = [statement(number, law, chance) for number in range(notices + updates)]
    began = time.perf_counter()
    _sorted(made[:notices])
    limit = time.perf_counter() - began
    began = time.perf_counter()
    facets = _folded(made[:notices])
    rebuilt = time.perf_counter() - began
    took = []
    for each in made[notices:]:
        began = time.perf_counter()
        _add(facets, each)
        dict(facets.fold())
        took.append(time.perf_counter() - began)
    if facets.states(crossings.FACET) != _folded(made).states(crossings.FACET):
        sys.exit("adding one by one comes to something else than folding everything")
    p95 = sorted(took)[len(took) * 95 // 100]
    return {
        "notices": notices,
        "keys": len(facets.states(crossings.FACET)),
        "rebuilt_seconds": round(rebuilt, 2),
        "sorted_seconds": round(limit, 2),
        "updated_p50_ms": round(sorted(took)[len(took) // 2] * 1000, 3),
        "updated_p95_ms": round(p95 * 1000, 3),
        "goal_seconds": REBUILT,
        "goal_ms": UPDATED * 1000,
        "met": rebuilt <= REBUILT and p95 <= UPDATED,
    }


def lines(found: dict[str, Any]) -> list[str]:
    """The same for people."""
    return [
        f"{found['notices']} notices, {found['keys']} states",
        f"rebuilt in {found['rebuilt_seconds']} s (at most {found['goal_seconds']:.0f})",
        f"sorted alone {found['sorted_seconds']} s",
        f"updated p50 {found['updated_p50_ms']} ms  p95 {found['updated_p95_ms']} ms (at most {found['goal_ms']:.0f})",
    ]


def statement(number: int, law: Law, chance: random.Random) -> Statement:
    """The statement `number` of the record."""
    party = chance.choice(law.parties).code
    crossing = chance.choice(law.crossings)
    facts = {
        "crossing": crossing.id,
        "direction": sorted(chance.sample(law.codes["direction"], chance.randint(1, 2))),
        "traffic": sorted(chance.sample(law.codes["traffic"], chance.randint(1, 3))),
        "state": chance.choice(STATES),
        "reason": chance.choice(law.codes["crossing-reason"]),
    }
    return Statement(party, f"{party} {number}", str(Moment(FIRST + number * 60)), (number, party, number), facts)


def _folded(made: list[Statement]) -> Facets:
    facets = Facets({crossings.FACET: crossings})
    for each in made:
        _add(facets, each)
    dict(facets.fold())
    return facets


def _add(facets: Facets, said: Statement) -> None:
    for key in crossings.keys(said):
        facets.add(crossings.FACET, key, said)


def _sorted(made: list[Statement]) -> dict[crossings.Key, dict[str, Statement]]:
    lists: dict[crossings.Key, list[Statement]] = {}
    for each in made:
        for key in crossings.keys(each):
            lists.setdefault(key, []).append(each)
    return {
        key: {each.party: each for each in sorted(told, key=lambda each: each.order)} for key, told in lists.items()
    }


if __name__ == "__main__":
    sys.exit(main())
