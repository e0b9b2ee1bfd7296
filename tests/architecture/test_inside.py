"""Nothing that makes what leaves a node can reach what the party keeps for itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src"
INSIDE = {
    f"mithaq_node.{name}"
    for name in (
        "queries.inside",
        "queries.shifts",
        "queries.warned",
        "services.arranging",
        "services.assigning",
        "services.handing_over",
        "services.noting",
        "services.numbering",
        "services.proofreading",
        "services.remarking",
        "services.taking_over",
        "services.ticking",
        "services.warning",
        "store.inside",
        "store.shifts",
        "store.warned",
        "store.wording",
    )
}
LEAVING = {
    f"mithaq_node.{name}"
    for name in (
        "peer.door",
        "peer.witness",
        "carrier.line",
        "services.agreement",
        "services.assenting",
        "services.casing",
        "services.certifying",
        "services.couriering",
        "services.delivering",
        "services.erasing",
        "services.feeds",
        "services.filing",
        "services.mirroring",
        "services.outgoing",
        "services.outward",
        "services.quarters",
        "services.receiving",
        "services.recounting",
        "services.releasing",
        "services.reviewing",
        "services.witnessing",
        "web.papers.case",
        "web.papers.certificate",
    )
}
BY_NAME = {"mithaq_node.store.models"}
"""All tables by name; whoever imports it is asked which names it takes."""


def path_of(module: str) -> Path | None:
    path = SOURCES.joinpath(*module.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists()), None)


def imported(module: str) -> Iterator[str]:
    """The modules, and the names within modules, that a module imports, within functions too."""
    path = path_of(module)
    assert path is not None, module
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                yield f"{node.module}.{each.name}"
                yield node.module


def reached(start: str, rows: dict[str, str]) -> set[tuple[str, str]]:
    """Every module of ours that `start` comes to by imports, with each that imports it; tables by their names."""
    found, seen, waiting = set[tuple[str, str]](), {start}, [start]
    while waiting:
        module = waiting.pop()
        for each in imported(module):
            owner, _, name = each.rpartition(".")
            if owner in BY_NAME and name in rows:
                found.add((rows[name], module))
            if each.startswith("mithaq") and each not in BY_NAME and path_of(each):
                found.add((each, module))
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
    return found


def rows() -> dict[str, str]:
    """The tables of what stays, by the name of their class, to the module of each."""
    found: dict[str, str] = {}
    for module in ("inside", "shifts", "warned", "wording"):
        path = path_of(f"mithaq_node.store.{module}")
        assert path is not None
        body = ast.parse(path.read_text("utf-8")).body
        found |= {node.name: f"mithaq_node.store.{module}" for node in body if isinstance(node, ast.ClassDef)}
    return found


def test_what_leaves_cannot_ask_for_what_stays() -> None:
    # Open pages learn from the cursor that something changed; it holds nothing but the last row's number.
    allowed = {(module, "mithaq_node.queries.rolls") for module in rows().values()}
    found = {
        (start, inside, by)
        for start in LEAVING
        for inside, by in reached(start, rows())
        if inside in INSIDE and (inside, by) not in allowed
    }
    assert found == set()


def test_the_search_for_ways_finds_one_where_there_is_one() -> None:
    ways = reached("mithaq_node.web.incidents.views", rows())
    assert ("mithaq_node.queries.inside", "mithaq_node.web.inside.views") in ways
    assert ("mithaq_node.store.inside", "mithaq_node.queries.inside") in ways
