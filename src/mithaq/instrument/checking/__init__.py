"""What can be wrong in an instrument that reads well: each rule one function over the whole law.

A rule yields faults, (path in the law, code, named data). What kinds may hold at all is not judged here but by
`mithaq.notices.restraint`, which the accepting node and the verifier ask as well.
"""

import re
from collections.abc import Iterator

import msgspec

from mithaq.instrument.checking import days, obligations, parties, subjects, texts
from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.checking.texts import word_faults
from mithaq.instrument.law import EXERCISE, Law

__all__ = ["RULES", "Fault", "faults", "word_faults"]

RULES = (1, 2)
"""The versions of the rules of folding that this program knows; suspension came with the second."""
_NAME = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")


def faults(law: Law) -> Iterator[Fault]:
    """Everything wrong in the law, rule after rule."""
    for rule in _RULES:
        yield from rule(law)


def _identity(law: Law) -> Iterator[Fault]:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", law.id):
        yield "id", "instrument.bad-identifier", {"found": law.id}
    if law.version < 1:
        yield "version", "instrument.too-small", {"found": law.version, "least": 1}
    if law.rules not in RULES:
        yield "rules", "instrument.unknown-rules", {"found": law.rules}
    if law.exercise != (EXERCISE in law.id):
        yield "exercise", "instrument.exercise-not-named", {"id": law.id}


def _duplicates(law: Law) -> Iterator[Fault]:
    lists: dict[str, list[str]] = {
        "parties": [party.code for party in law.parties],
        "articles": [article.number for article in law.articles],
        "sectors": [sector.id for sector in law.sectors],
        "crossings": [crossing.id for crossing in law.crossings],
        "gazetteer": [name.id for name in law.gazetteer],
        "kinds": [kind.name for kind in law.kinds],
        "clocks": [clock.id for clock in law.clocks],
        "retention": [retention.id for retention in law.retention],
        "commitments": [commitment.id for commitment in law.commitments],
        "announcing.periods": [period.id for period in law.announcing.periods] if law.announcing else [],
        "announcing.quotas": [quota.id for quota in law.announcing.quotas] if law.announcing else [],
        "segments": [segment.id for segment in law.segments],
        "corridors": [corridor.id for corridor in law.corridors],
        "observers": [observer.id for observer in law.observers],
        "precedence": law.precedence,
        "languages": law.languages,
        "suspension.grounds": law.suspension.grounds if law.suspension else [],
        "suspension.keeps": law.suspension.keeps if law.suspension else [],
    }
    lists |= {f"codes.{name}": codes for name, codes in law.codes.items()}
    lists |= {f"audiences.{name}": members for name, members in law.audiences.items()}
    lists |= {f"parties[{i}].authorities": [each.id for each in p.authorities] for i, p in enumerate(law.parties)}
    lists |= {"stations": [station.id for segment in law.segments for station in segment.stations]}
    lists |= {
        f"corridors[{i}].chain": [link.replace(":", ".") for link in c.chain] for i, c in enumerate(law.corridors)
    }
    lists |= {f"kinds[{i}].fields": [each.name for each in k.fields] for i, k in enumerate(law.kinds)}
    for path, names in lists.items():
        for index, name in enumerate(names):
            if name in names[:index]:
                yield f"{path}[{index}]", "instrument.duplicate", {"name": name}
            if path != "articles" and not _NAME.fullmatch(name):
                yield f"{path}[{index}]", "instrument.bad-identifier", {"found": name}


def _limits(law: Law) -> Iterator[Fault]:
    for name, value in msgspec.structs.asdict(law.limits).items():
        if value < 1:
            yield f"limits.{name}", "instrument.too-small", {"found": value, "least": 1}


def _geometry(law: Law) -> Iterator[Fault]:
    from mithaq.instrument.checking import geometry  # and with it shapely, which a law that is only read does not need

    yield from geometry.faults(law)


_RULES = (
    _identity, texts.languages, texts.texts, texts.marks, _duplicates, parties.parties, days.days, parties.members,
    parties.audiences, parties.observers, subjects.articles, obligations.kinds, obligations.clocks,
    obligations.suspension, obligations.announcing, subjects.segments, subjects.corridors, obligations.retention,
    _limits, obligations.codes, _geometry,
)  # fmt: skip
