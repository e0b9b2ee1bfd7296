"""Who is bound: parties with their holidays and root keys, and every place where one of them is named."""

import re
from collections.abc import Iterator

from mithaq import calendars
from mithaq.errors import Refusal
from mithaq.instrument.checking.days import day_faults
from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.law import Annex, Law, Party, Segment
from mithaq.record.note import COSIGNATURE, ED25519, Verifier

SHAPES = ("circle", "square", "triangle", "diamond")
EVERYONE = "all"
_PARTY = re.compile(r"[A-Z]{2,3}")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LONGEST_OFFSET = 14 * 60


def parties(law: Law) -> Iterator[Fault]:
    """Each party by itself, and what two of them may not share."""
    if len(law.parties) < 2:
        yield "parties", "instrument.too-few-parties", {"found": len(law.parties)}
    for index, party in enumerate(law.parties):
        path = f"parties[{index}]"
        yield from _party(party, path)
        for other in law.parties[:index]:
            for name in ("domain", "colour", "shape"):
                if getattr(party, name) == getattr(other, name):
                    yield f"{path}.{name}", "instrument.duplicate", {"name": getattr(party, name)}


def _party(party: Party, path: str) -> Iterator[Fault]:
    if not _PARTY.fullmatch(party.code):
        yield f"{path}.code", "instrument.bad-identifier", {"found": party.code}
    if not _DOMAIN.fullmatch(party.domain):
        yield f"{path}.domain", "instrument.bad-identifier", {"found": party.domain}
    if not _COLOUR.fullmatch(party.colour):
        yield f"{path}.colour", "instrument.bad-colour", {"found": party.colour}
    if party.shape not in SHAPES:
        yield f"{path}.shape", "instrument.unknown-shape", {"found": party.shape}
    if abs(party.utc_offset) > _LONGEST_OFFSET:
        yield f"{path}.utc_offset", "instrument.too-large", {"found": party.utc_offset, "most": _LONGEST_OFFSET}
    if abs(party.hijri_offset) > 2:
        yield f"{path}.hijri_offset", "instrument.too-large", {"found": party.hijri_offset, "most": 2}
    if not set(party.weekend) < set(range(1, 8)):
        yield f"{path}.weekend", "instrument.bad-weekend", {}
    for index, holiday in enumerate(party.holidays):
        yield from day_faults(f"{path}.holidays[{index}]", holiday)
    if party.annex is not None:
        yield from _annex(party.annex, party, f"{path}.annex")
    yield from _roots(party, path)


def _annex(annex: Annex, party: Party, path: str) -> Iterator[Fault]:
    """The annex names the party's holidays, each once, and none of them lies beyond what it says it reaches."""
    yield from day_faults(f"{path}.until", annex.until)
    days = [holiday.day for holiday in annex.holidays]
    if sorted(set(days)) != sorted(party.holidays):
        yield path, "instrument.annex-differs", {"party": party.code}
    for name, calendar in (
        ("calendar", annex.calendar),
        *((f"holidays[{i}].calendar", each.calendar) for i, each in enumerate(annex.holidays)),
    ):
        if calendar not in calendars.CALENDARS:
            yield f"{path}.{name}", "calendar.unknown", {"calendar": calendar}
    for index, day in enumerate(days):
        if day > annex.until:
            yield f"{path}.holidays[{index}]", "instrument.holiday-beyond", {"day": day, "until": annex.until}
        if day in days[:index]:
            yield f"{path}.holidays[{index}]", "instrument.duplicate", {"name": day}


def _roots(party: Party, path: str) -> Iterator[Fault]:
    """Root keys may still be missing, before pairing; those that are there must be right."""
    if party.threshold < 1:
        yield f"{path}.threshold", "instrument.too-small", {"found": party.threshold, "least": 1}
    if party.roots and party.threshold > len(set(party.roots)):
        yield f"{path}.threshold", "instrument.too-large", {"found": party.threshold, "most": len(set(party.roots))}
    for index, vkey in enumerate(party.roots):
        try:
            root = Verifier.parse(vkey)
        except Refusal as refusal:
            yield f"{path}.roots[{index}]", refusal.code, dict(refusal.data)
            continue
        if root.kind != ED25519 or not root.name.startswith(f"{party.domain}/root/"):
            yield f"{path}.roots[{index}]", "instrument.root-name", {"name": root.name, "domain": party.domain}
        if vkey in party.roots[:index]:
            yield f"{path}.roots[{index}]", "instrument.duplicate", {"name": root.name}


def members(law: Law) -> Iterator[Fault]:
    """Every place where a party or one of its authorities is named."""
    codes = {party.code for party in law.parties}
    named: list[tuple[str, str]] = [
        *((f"signing.signatories[{i}].party", each.party) for i, each in enumerate(law.signing.signatories)),
        *((f"audiences.{name}", code) for name, members in law.audiences.items() for code in members),
        *((f"commitments[{i}].owners", code) for i, each in enumerate(law.commitments) for code in each.owners),
        *((f"segments[{i}].parties", code) for i, each in enumerate(law.segments) for code in each.parties),
        *((f"segments[{i}]", code) for i, each in enumerate(law.segments) for code in _stating(each)),
        *((f"corridors[{i}].said", said.party) for i, each in enumerate(law.corridors) for said in each.said),
        *((f"gazetteer[{i}].names", code) for i, name in enumerate(law.gazetteer) for code in name.names),
        ("line.left", law.line.left),
        ("line.right", law.line.right),
    ]
    for path, code in named:
        if code not in codes:
            yield path, "instrument.unknown-party", {"party": code}
    authorities = {f"{party.code}/{each.id}" for party in law.parties for each in party.authorities}
    for index, clock in enumerate(law.clocks):
        for called in clock.escalate:
            if called not in authorities:
                yield f"clocks[{index}].escalate", "instrument.unknown-authority", {"authority": called}
    for index, commitment in enumerate(law.commitments):
        for called in commitment.authorities:
            if called not in authorities:
                yield f"commitments[{index}].authorities", "instrument.unknown-authority", {"authority": called}
            elif called.partition("/")[0] not in commitment.owners:
                yield f"commitments[{index}].authorities", "instrument.authority-of-no-owner", {"authority": called}


def _stating(segment: Segment) -> set[str]:
    """The parties whose statements about a stretch stand in the law."""
    figures = {each.party for each in (*segment.lengths, *segment.to_clear)}
    return figures | {said.party for said in segment.said}


def audiences(law: Law) -> Iterator[Fault]:
    """Audiences of too few, and the one of all parties missing or incomplete."""
    if set(law.audiences.get(EVERYONE, [])) != {party.code for party in law.parties}:
        yield "audiences", "instrument.no-audience-of-all", {}
    for name, members in law.audiences.items():
        if len(members) < 2:
            yield f"audiences.{name}", "instrument.too-few-parties", {"found": len(members)}


def observers(law: Law) -> Iterator[Fault]:
    """Who cosigns heads without being a party: each under a key of its own, whose name no party's key has."""
    keys: list[bytes] = []
    for index, observer in enumerate(law.observers):
        path = f"observers[{index}].key"
        try:
            key = Verifier.parse(observer.key)
        except Refusal as refusal:
            yield path, refusal.code, dict(refusal.data)
            continue
        domain = key.name.split("/")[0]
        if key.kind != COSIGNATURE or any(party.domain == domain for party in law.parties):
            yield path, "instrument.observer-key", {"name": key.name}
        if key.public in keys:
            yield path, "instrument.duplicate", {"name": key.name}
        keys.append(key.public)
