"""What the articles govern: commitments, and the stretches and corridors that follow-up is of."""

from collections.abc import Iterator

from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.law import Law

MODES = ("rail", "road")


def articles(law: Law) -> Iterator[Fault]:
    """Articles that govern what the law does not have, and commitments that no article asks for."""
    known = {
        "kind": {kind.name for kind in law.kinds},
        "clock": {clock.id for clock in law.clocks},
        "sector": {sector.id for sector in law.sectors},
        "crossing": {crossing.id for crossing in law.crossings},
        "class": {retention.id for retention in law.retention},
        "commitment": {commitment.id for commitment in law.commitments},
        "notice-period": {period.id for period in law.announcing.periods} if law.announcing else set(),
        "quota": {quota.id for quota in law.announcing.quotas} if law.announcing else set(),
    }
    for index, article in enumerate(law.articles):
        for governed in article.governs:
            area, _, name = governed.partition(":")
            if name not in known.get(area, set()):
                yield f"articles[{index}].governs", "instrument.governs-nothing", {"found": governed}
    numbers = {article.number for article in law.articles}
    for index, commitment in enumerate(law.commitments):
        if commitment.article not in numbers:
            yield f"commitments[{index}].article", "instrument.unknown-article", {"article": commitment.article}
        if not commitment.owners:
            yield f"commitments[{index}].owners", "instrument.missing-key", {"key": "owners"}
        if not _is_evidence(commitment.evidence, law):
            yield f"commitments[{index}].evidence", "instrument.unknown-evidence", {"found": commitment.evidence}
    yield from _needs(law)


def _is_evidence(kind: str, law: Law) -> bool:
    """Whether a commitment may ask for this kind of evidence; a law without a list of forms leaves them open."""
    forms = law.codes.get("evidence")
    if kind.startswith("clock:"):
        return any(kind == f"clock:{clock.id}" for clock in law.clocks)
    return kind == "assessment" or forms is None or kind in forms


def _needs(law: Law) -> Iterator[Fault]:
    """Commitments that need one that is none, or, at once or through others, themselves."""
    needs = {each.id: each.needs for each in law.commitments}
    for index, commitment in enumerate(law.commitments):
        path = f"commitments[{index}].needs"
        for id in commitment.needs:
            if id not in needs:
                yield path, "instrument.unknown-commitment", {"found": id}
        reached, waiting = set[str](), list(commitment.needs)
        while waiting:
            id = waiting.pop()
            if id not in reached:
                reached.add(id)
                waiting += needs.get(id, [])
        if commitment.id in reached:
            yield path, "instrument.needs-itself", {"found": commitment.id}


def segments(law: Law) -> Iterator[Fault]:
    """Stretches: how one travels on them, on whose side they lie, and lengths that can be."""
    for index, segment in enumerate(law.segments):
        path = f"segments[{index}]"
        if not segment.modes or not set(segment.modes) <= set(MODES):
            yield f"{path}.modes", "instrument.unknown-mode", {"segment": segment.id}
        if not segment.parties:
            yield f"{path}.parties", "instrument.missing-key", {"key": "parties"}
        if len(segment.path) < 2:
            yield f"{path}.path", "instrument.too-few-points", {"found": len(segment.path), "least": 2}
        for stated in (*segment.lengths, *segment.to_clear):
            if stated.metres < 1:
                yield path, "instrument.too-small", {"found": stated.metres, "least": 1}


def corridors(law: Law) -> Iterator[Fault]:
    """Chains: links that exist, for traffic that the instrument knows and each crossing of it carries."""
    segments, crossings = {each.id for each in law.segments}, {each.id: each for each in law.crossings}
    commitments = {each.id for each in law.commitments}
    for index, corridor in enumerate(law.corridors):
        path = f"corridors[{index}]"
        for name in ("chain", "traffic"):
            if not getattr(corridor, name):
                yield f"{path}.{name}", "instrument.missing-key", {"key": name}
        for code in set(corridor.traffic) - set(law.codes.get("traffic", [])):
            yield f"{path}.traffic", "instrument.unknown-code", {"code": code, "list": "traffic"}
        for link in corridor.chain:
            area, _, id = link.partition(":")
            if id not in {"segment": segments, "crossing": crossings}.get(area, ()):
                yield f"{path}.chain", "instrument.unknown-link", {"corridor": corridor.id, "link": link}
            elif area == "crossing" and not set(corridor.traffic) <= set(crossings[id].carries):
                yield f"{path}.chain", "instrument.link-carries-not", {"corridor": corridor.id, "link": link}
        for commitment in corridor.commitments:
            if commitment not in commitments:
                link = f"commitment:{commitment}"
                yield f"{path}.commitments", "instrument.unknown-link", {"corridor": corridor.id, "link": link}
