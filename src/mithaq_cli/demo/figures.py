"""What came of the story, counted from both sides: nothing lost, nothing forked, both digests equal."""

from collections import Counter
from typing import Any

from mithaq_cli.demo.folder import PARTIES
from mithaq_cli.demo.stage import Stage


def figures(stage: Stage, seconds: float) -> dict[str, Any]:
    """The figures of both records at their common cut.

    `notices` counts what stands in either log, as the log's own keeper sees it; `delivered` those that the other node
    holds; `receipted` those that a receipt of the other party covers; `lost` those that it does not hold, or holds
    without their parts. `forks` counts logs whose link a node has stopped, and logs on which the two exports differ.
    """
    first, second = PARTIES
    seen = {party: {each["number"]: each for each in stage.hands[party].ask("notices")} for party in PARTIES}
    own = [each for party in PARTIES for each in seen[party].values() if each["party"] == party]
    other = {first: second, second: first}
    arrived = [each for each in own if each["number"] in seen[other[each["party"]]]]
    readable = [each for each in arrived if seen[other[each["party"]]][each["number"]]["readable"]]
    standing = {party: stage.hands[party].ask("standing") for party in PARTIES}
    cut = _common(standing[first]["cut"], standing[second]["cut"])
    digests = {party: stage.hands[party].ask("digest_at", cut=cut) for party in PARTIES}
    said = stage.progress.results.get("verified", [])
    return {
        "notices": len(own),
        "per_kind": dict(sorted(Counter(each["kind"] for each in own).items())),
        "delivered": len(arrived),
        "receipted": sum(each["delivered"] for each in own),
        "non_conforming": sum(not each["conforms"] for each in own),
        "lost": len(own) - len(readable),
        "forks": sum(len(each["frozen"]) for each in standing.values()) + said.count("DIFFERENT"),
        "digest_a": digests[first],
        "digest_b": digests[second],
        "agree": digests[first] == digests[second],
        "cut": cut,
        "verified": said,
        "seconds": round(seconds, 1),
    }


def is_whole(found: dict[str, Any]) -> bool:
    """Whether nothing was lost, nothing forked, both digests agree, and the third found both records genuine."""
    genuine = found["verified"] == [*(f"{party} GENUINE" for party in PARTIES), "SAME"]
    return bool(found["lost"] == 0 and found["forks"] == 0 and found["agree"] and genuine)


def _common(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {origin: min(size, other[origin]) for origin, size in one.items() if origin in other}
