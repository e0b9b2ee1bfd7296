"""What programs of maps wait for over a long record, and what a file of all layers costs.

    python -m benchmarks.maps items --notices 1000000    pages of 1,000 features of /ogc/
    python -m benchmarks.maps export --notices 1000000   a file of all layers in each form, and its memory

*How the record is made*: as in `benchmarks.pages`, two nodes of the fictional pair with everything signed, delivered
and received; of ten notices one opens an incident, whose place is a sector, a kilometre, a crossing, a cell or an area
by turns. `--folder` keeps the record, and takes it from there the next time.

*items*: the node's own web server in a process of its own; a program with a token asks for one page after another, from
the first to the last of each layer and again, over one connection. Beside it stands the same request to an address that
does nothing but answer (`raw`). *export*: what `mithaq export` does once it has folded the record, form after form in
one process; the memory is the most that it held while it wrote, above what it held before.
"""

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

GOAL = 100.0
"""Milliseconds of a page of 1,000 features, of ninety-five in a hundred."""
PORT = 21_600
_LAYERS = ("accounts-points", "accounts-lines", "accounts-areas")
_PAGES = 200
_TURNS = 997


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("items", "export", "make"))
    parser.add_argument("--notices", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, help="keep the record here, or take it from here")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the goal is missed")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mithaq-maps-") as made:
        node = _node(asked.folder or Path(made) / "record", asked.notices)
        found = {"items": items, "export": export, "make": made_at}[asked.part](node)
    shown = json.dumps(found) if asked.json else "\n".join(f"{name:<44}{value}" for name, value in found.items())
    print(shown)  # noqa: T201  # what it is for
    return 0 if found.get("met", True) or not asked.strict else 1


def made_at(node: Any) -> dict[str, Any]:
    """Where the record is that was made."""
    return {"folder": str(node.folder)}


def content(number: int) -> dict[str, Any]:
    """An incident in one of five forms of place, somewhere beside the line."""
    from tests.mithaq_node import meadow

    turn = number // 10 % _TURNS
    corner = [turn % 20 * 18_000, turn % 40 * 19_000]
    east, north = corner[0] + 54_000, corner[1] + 57_000
    place = (
        {"form": "sector", "sector": "AB"[turn % 2]},
        {"form": "kilometre", "km": turn % 100},
        {"form": "crossing", "crossing": ("bridge", "ford")[turn // 5 % 2]},
        {"form": "cell", "lon": corner[0], "lat": corner[1], "size": 2_000},
        {"form": "area", "ring": [corner, [east, corner[1]], [east, north], [corner[0], north]]},
    )[turn % 5]
    return {**meadow.INCIDENT, "event": ("fire", "smoke")[turn % 2], "place": place}


def items(node: Any) -> dict[str, Any]:
    """Pages of 1,000 features, one after another, layer by layer."""
    from benchmarks import pages
    from mithaq_node.services import tokens
    from tests.mithaq_node import meadow

    with pages.started(node, PORT) as served:
        with meadow.standing_on(node):
            token = tokens.make(officer=_officer(), scopes=["read:features"], label="a map", days=2)[1]
        line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=3_600)

        def get(path: str) -> tuple[float, bytes]:
            began = time.perf_counter()
            line.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200, (path, body[:300])
            return (time.perf_counter() - began) * 1_000, body

        first, _ = get("/ogc/collections/accounts-areas/items?limit=1")
        found: dict[str, Any] = {"first answer after a start, s": round(first / 1_000, 1)}
        found["raw answer, ms"] = _ranked([get("/static/desk/mark.svg")[0] for _ in range(_PAGES)])
        worst = 0.0
        for layer in _LAYERS:
            spent: list[float] = []
            sizes: list[int] = []
            before = served.spent()
            path = start = f"/ogc/collections/{layer}/items?limit=1000"
            matched = 0
            while len(spent) < _PAGES:
                took, body = get(path)
                page = json.loads(body)
                matched = page["numberMatched"]
                links = {link["rel"]: link["href"] for link in page["links"]}
                path = links["next"].partition(str(PORT))[2] if "next" in links else start
                if page["numberReturned"] == 1_000 or matched < 1_000:
                    spent.append(took)
                    sizes.append(len(body))
            ranked = _ranked(spent) | {"processor": round((served.spent() - before) * 1_000 / len(spent), 1)}
            found[f"{layer}, {matched} features, ms"] = ranked
            found[f"{layer}, KiB a page"] = round(statistics.mean(sizes) / 1024)
            worst = max(worst, ranked["p95"])
        found |= {"memory of the web process, MiB": round(served.memory()), "goal, ms": GOAL, "met": worst <= GOAL}
    return found


def export(node: Any) -> dict[str, Any]:
    """Every layer as one file of each form, by one process that has folded the record already."""
    from mithaq_node.queries import features
    from mithaq_node.services import mapping
    from tests.mithaq_node import meadow

    found: dict[str, Any] = {}
    with meadow.standing_on(node), tempfile.TemporaryDirectory(prefix="mithaq-maps-") as folder:
        officer, began = _officer(), time.perf_counter()
        features.collection("accounts-areas").rows().extent()
        found["folded in, s"], found["memory then, MiB"] = round(time.perf_counter() - began, 1), _memory("VmRSS")
        for form in mapping.FORMS:
            found |= _written(form, Path(folder), officer)
    return found


def _written(form: str, folder: Path, officer: Any) -> dict[str, Any]:
    """One form of file: features, seconds, memory and size."""
    from mithaq_node.services import mapping

    totals: set[int] = set()
    base, began, spent = _afresh(), time.perf_counter(), time.process_time()
    file = folder / f"border.{form}"
    count = mapping.write(file=file, form=form, officer=officer, tell=lambda done, total: totals.add(total))
    assert totals == {count}, "it says how far it is, and of how many"
    found = {
        f"{form}, features": count,
        f"{form}, s": round(time.perf_counter() - began, 1),
        f"{form}, processor, s": round(time.process_time() - spent, 1),
        f"{form}, MiB of memory above that before": _memory("VmHWM") - base,
        f"{form}, MiB of the file": _size(folder),
    }
    for each in folder.iterdir():
        each.unlink()
    return found


def _afresh() -> int:
    """MiB of memory that this process holds; from now on the most it held is counted anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    """MiB, of `VmRSS` (now) or `VmHWM` (the most so far)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) // 1024


def _size(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.iterdir()) / 2**20, 1)


def _ranked(spent: list[float]) -> dict[str, float]:
    ranked = sorted(spent)
    return {"p50": round(statistics.median(ranked), 1), "p95": round(ranked[len(ranked) * 95 // 100], 1)}


def _node(folder: Path, notices: int) -> Any:
    """The node of one side over a record of that size, made where there is none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    import django

    django.setup()
    from benchmarks import pages
    from tests.mithaq_node import meadow

    if not folder.exists():
        folder.mkdir(parents=True)
        both, _ = pages.built(folder, notices, content)
        both.close()
    return meadow.settings_of(folder / "ML", "ML", "sqlite", peer_port=9_000)


def _officer() -> Any:
    """The duty officer of the node, who is made where there is none."""
    from mithaq_node.store.models import Officer
    from tests.mithaq_node import meadow

    return Officer.objects.filter(role="duty").first() or meadow.officers()["duty"]


if __name__ == "__main__":
    sys.exit(main())
