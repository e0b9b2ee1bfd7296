"""What can be wrong in an instrument that reads well: each rule one function over the whole law.

A rule yields faults, (path in the law, code, named data). What kinds may hold at all is not judged here but by
`mithaq.notices.restraint`, which the accepting node and the verifier ask as well.
"""

import re
from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Any

import msgspec

from mithaq import calendars, moments
from mithaq.errors import Datum, Refusal
from mithaq.instrument.law import (
    EXERCISE,
    Annex,
    Announcing,
    Clock,
    Kind,
    Law,
    NoticePeriod,
    Party,
    Quota,
    Segment,
    Text,
)
from mithaq.instrument.words import Words, keys_of
from mithaq.record.note import COSIGNATURE, ED25519, Verifier

Fault = tuple[str, str, dict[str, Datum]]

MARKS = ("agreed", "reported", "example")
SHAPES = ("circle", "square", "triangle", "diamond")
FLOORS = ("", "hour", "minute", "second", "exact", "cell", "kilometre", "sector")
MODES = ("rail", "road")
RULES = (1, 2)
"""The versions of the rules of folding that this program knows; suspension came with the second."""
GROUNDS = ("consent", "emergency", "force-majeure", "renegotiation", "technical")
"""Why an instrument may be suspended. None of them says whose doing it is."""
_LONGEST_SUSPENSION = 3_660 * moments.DAY
"""Seconds; whoever wants it longer resumes and suspends again, or ends the instrument."""
FACTS = "facts"
PLANS_ACTIVITY = "activity"
"""The facet of kinds that plan an activity."""
EVERYONE = "all"

_PARTY = re.compile(r"[A-Z]{2,3}")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_NAME = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LONGEST_OFFSET = 14 * 60


def faults(law: Law) -> Iterator[Fault]:
    """Everything wrong in the law, rule after rule."""
    from mithaq.instrument import geometry  # and with it shapely, which a law that is only read does not need

    for rule in _RULES:
        yield from rule(law)
    yield from geometry.faults(law)


def word_faults(law: Law, words: Words) -> Iterator[Fault]:
    """Everything wrong in the words beside this law: labels that are missing, translations, slots that differ."""
    for key in keys_of(law):
        if key not in words.labels:
            yield f"labels.{key}", "instrument.missing-label", {"key": key}
    for key, text in words.labels.items():
        yield from _text_faults(f"labels.{key}", text, law.languages)
    for kind, phrases in words.phrases.items():
        for name, text in phrases.items():
            yield from _phrase_faults(f"phrases.{kind}.{name}", text, law.languages)


def _phrase_faults(path: str, text: Text, languages: Iterable[str]) -> Iterator[Fault]:
    yield from _text_faults(path, text, languages)
    try:
        slots = {language: _slots(each) for language, each in text.items()}
    except ValueError:
        yield path, "instrument.bad-slots", {"phrase": path}
        return
    if len(set(slots.values())) > 1:
        yield path, "instrument.slots-differ", {"phrase": path}


def _slots(text: str) -> tuple[str, ...]:
    return tuple(sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None))


def _text_faults(path: str, text: Text, languages: Iterable[str]) -> Iterator[Fault]:
    for language in languages:
        if not text.get(language, "").strip():
            yield f"{path}.{language}", "instrument.missing-translation", {"language": language}
    for language in sorted(text.keys() - set(languages)):
        yield f"{path}.{language}", "instrument.unknown-language", {"language": language}


def _identity(law: Law) -> Iterator[Fault]:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", law.id):
        yield "id", "instrument.bad-identifier", {"found": law.id}
    if law.version < 1:
        yield "version", "instrument.too-small", {"found": law.version, "least": 1}
    if law.rules not in RULES:
        yield "rules", "instrument.unknown-rules", {"found": law.rules}
    if law.exercise != (EXERCISE in law.id):
        yield "exercise", "instrument.exercise-not-named", {"id": law.id}


def _languages(law: Law) -> Iterator[Fault]:
    for index, language in enumerate(law.languages):
        if language not in calendars.LANGUAGES:
            yield f"languages[{index}]", "instrument.unknown-language", {"language": language}
    for index, language in enumerate(law.authentic):
        if language not in law.languages:
            yield f"authentic[{index}]", "instrument.unknown-language", {"language": language}
    if not law.authentic:
        yield "authentic", "instrument.missing-key", {"key": "authentic"}


def _texts(law: Law) -> Iterator[Fault]:
    for path, text in _texts_in(law, ""):
        yield from _text_faults(path, text, law.languages)


def _texts_in(value: Any, path: str) -> Iterator[tuple[str, Text]]:
    """Every text in several languages inside a value of the law, with its path."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts_in(item, f"{path}[{index}]")
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            inner = f"{path}.{field.name}".removeprefix(".")
            found = getattr(value, field.name)
            if field.type == Text:
                yield inner, found
            elif field.type == dict[str, Text]:
                yield from ((f"{inner}.{key}", text) for key, text in found.items())
            elif field.name not in ("points", "area"):
                yield from _texts_in(found, inner)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts_in(item, f"{path}.{key}")


def _marks(law: Law) -> Iterator[Fault]:
    for path, value in _marked_in(law, ""):
        if value.mark not in MARKS:
            yield f"{path}.mark", "instrument.unknown-mark", {"mark": value.mark}
        source = getattr(value, "source", "")
        if value.mark == "reported" and not source:
            yield path, "instrument.no-source", {}
        if source and source not in law.sources:
            yield f"{path}.source", "instrument.unknown-source", {"source": source}
        if law.demo and value.mark == "agreed":
            yield path, "instrument.unmarked", {}


def _marked_in(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value of the law that carries a mark, with its path."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _marked_in(item, f"{path}[{index}]")
    elif isinstance(value, msgspec.Struct):
        if hasattr(value, "mark"):
            yield path, value
        for field in msgspec.structs.fields(value):
            if field.name not in ("points", "area"):
                yield from _marked_in(getattr(value, field.name), f"{path}.{field.name}".removeprefix("."))


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


def _parties(law: Law) -> Iterator[Fault]:
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
        yield from _day(f"{path}.holidays[{index}]", holiday)
    if party.annex is not None:
        yield from _annex(party.annex, party, f"{path}.annex")
    yield from _roots(party, path)


def _annex(annex: Annex, party: Party, path: str) -> Iterator[Fault]:
    """The annex names the party's holidays, each once, and none of them lies beyond what it says it reaches."""
    yield from _day(f"{path}.until", annex.until)
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


def _days(law: Law) -> Iterator[Fault]:
    yield from _day("signing.day", law.signing.day)
    if law.until:
        yield from _day("until", law.until)
    for name, source in law.sources.items():
        yield from _day(f"sources.{name}.day", source.day)
    for index, commitment in enumerate(law.commitments):
        if commitment.due:
            yield from _day(f"commitments[{index}].due", commitment.due)


def _day(path: str, day: str) -> Iterator[Fault]:
    try:
        moments.parse_day(day)
    except Refusal as refusal:
        yield path, refusal.code, dict(refusal.data)


def _members(law: Law) -> Iterator[Fault]:
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


def _audiences(law: Law) -> Iterator[Fault]:
    if set(law.audiences.get(EVERYONE, [])) != {party.code for party in law.parties}:
        yield "audiences", "instrument.no-audience-of-all", {}
    for name, members in law.audiences.items():
        if len(members) < 2:
            yield f"audiences.{name}", "instrument.too-few-parties", {"found": len(members)}


def _observers(law: Law) -> Iterator[Fault]:
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


def _articles(law: Law) -> Iterator[Fault]:
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


def _suspension(law: Law) -> Iterator[Fault]:
    """A suspension: grounds of the closed list, instants in order, and kinds that exist."""
    stated = law.suspension
    if stated is None:
        return
    if not stated.grounds:
        yield "suspension.grounds", "instrument.missing-key", {"key": "grounds"}
    for ground in stated.grounds:
        if ground not in GROUNDS:
            yield "suspension.grounds", "instrument.unknown-ground", {"found": ground}
    for name in stated.keeps:
        if law.kind(name) is None:
            yield "suspension.keeps", "instrument.unknown-kind", {"kind": name}
    try:
        since = moments.parse(stated.since)
        until = moments.interval(stated.since, stated.until).end if stated.until else since
    except Refusal as refusal:
        yield "suspension", refusal.code, dict(refusal.data)
        return
    if until.seconds - since.seconds > _LONGEST_SUSPENSION:
        most = _LONGEST_SUSPENSION // moments.DAY
        yield "suspension.until", "instrument.suspension-too-long", {"until": stated.until, "most": most}


def _kinds(law: Law) -> Iterator[Fault]:
    if not law.kinds:
        yield "kinds", "instrument.missing-key", {"key": "kinds"}
    classes = {retention.id for retention in law.retention}
    for index, kind in enumerate(law.kinds):
        if kind.precedence not in law.precedence:
            yield f"kinds[{index}].precedence", "instrument.unknown-precedence", {"precedence": kind.precedence}
        for place, field in enumerate(kind.fields):
            path = f"kinds[{index}].fields[{place}]"
            if field.part not in classes:
                yield f"{path}.part", "instrument.unknown-retention", {"retention": field.part}
            if field.codes and field.codes not in law.codes:
                yield f"{path}.codes", "instrument.unknown-codes", {"codes": field.codes}
            if field.floor not in FLOORS:
                yield f"{path}.floor", "instrument.unknown-floor", {"floor": field.floor}
            if kind.security and field.floor in ("exact", "minute", "second"):
                yield f"{path}.floor", "instrument.floor-too-fine", {"kind": kind.name, "floor": field.floor}


def _clocks(law: Law) -> Iterator[Fault]:
    kinds = {kind.name: kind for kind in law.kinds}
    for index, clock in enumerate(law.clocks):
        path = f"clocks[{index}]"
        yield from _clock_terms(clock, path, law)
        started: list[Kind] = []
        for name in clock.kinds:
            if name in kinds:
                started.append(kinds[name])
            else:
                yield f"{path}.kinds", "instrument.unknown-kind", {"kind": name}
        yield from _clock_start(clock, path, started)
        if not clock.start.startswith("before:"):
            yield from _clock_stop(clock, path, started, law.kinds)


def _clock_terms(clock: Clock, path: str, law: Law) -> Iterator[Fault]:
    if clock.minutes < 1:
        yield f"{path}.minutes", "instrument.too-small", {"found": clock.minutes, "least": 1}
    if clock.obliged not in ("addressee", "sender"):
        yield f"{path}.obliged", "instrument.unknown-obliged", {"found": clock.obliged}
    if clock.calendar not in ("continuous", "working"):
        yield f"{path}.calendar", "instrument.unknown-calendar", {"found": clock.calendar}
    for precedence in clock.precedence:
        if precedence not in law.precedence:
            yield f"{path}.precedence", "instrument.unknown-precedence", {"precedence": precedence}


def _clock_start(clock: Clock, path: str, started: list[Kind]) -> Iterator[Fault]:
    stated, _, name = clock.start.partition(":")
    if clock.start == "nonconformance":
        if clock.kinds:
            yield f"{path}.kinds", "instrument.clock-names-kinds", {"clock": clock.id}
        return
    if not clock.kinds:
        yield f"{path}.kinds", "instrument.clock-never-starts", {"clock": clock.id}
    if stated == "stated":
        for kind in started:
            if not any(field.name == name and field.type in ("moment", "interval", "day") for field in kind.fields):
                yield f"{path}.start", "instrument.clock-states-nothing", {"kind": kind.name, "field": name}
    elif stated == "before":
        yield from _clock_before(clock, path, name, started)
    elif clock.start != "receipt":
        yield f"{path}.start", "instrument.clock-never-starts", {"clock": clock.id}


def _clock_before(clock: Clock, path: str, name: str, started: list[Kind]) -> Iterator[Fault]:
    """A clock that runs out before an instant: whoever states that instant owes it, and the receipts stop it."""
    for kind in started:
        if not any(field.name == name and field.type in ("moment", "interval") for field in kind.fields):
            yield f"{path}.start", "instrument.clock-states-nothing", {"kind": kind.name, "field": name}
    if clock.obliged != "sender":
        yield f"{path}.obliged", "instrument.unknown-obliged", {"found": clock.obliged}
    if clock.calendar != "continuous":
        yield f"{path}.calendar", "instrument.unknown-calendar", {"found": clock.calendar}
    if clock.answered_by:
        yield f"{path}.answered_by", "instrument.clock-never-stops", {"clock": clock.id, "kind": ""}


def _clock_stop(clock: Clock, path: str, started: list[Kind], kinds: list[Kind]) -> Iterator[Fault]:
    """A clock stops at a notice of a role in `answered_by` that may refer to the notice that started it."""
    stopping = [kind for kind in kinds if kind.role in clock.answered_by]
    for role in clock.answered_by:
        if not any(kind.role == role for kind in kinds):
            yield f"{path}.answered_by", "instrument.unknown-role", {"role": role}
    if not stopping:
        yield f"{path}.answered_by", "instrument.clock-never-stops", {"clock": clock.id, "kind": ""}
    for kind in started:
        if stopping and not any(kind.role in each.refers for each in stopping):
            yield f"{path}.answered_by", "instrument.clock-never-stops", {"clock": clock.id, "kind": kind.name}


def _announcing(law: Law) -> Iterator[Fault]:
    """Notice periods and quotas: each of kinds that plan, and of bands of scale that the law has."""
    if law.announcing is None:
        return
    planning = {kind.name for kind in law.kinds if PLANS_ACTIVITY in kind.facets}
    scales = set(law.codes.get("scale", []))
    rules: list[tuple[str, NoticePeriod | Quota, int]] = []
    rules += [(f"announcing.periods[{i}]", each, each.minutes) for i, each in enumerate(law.announcing.periods)]
    rules += [(f"announcing.quotas[{i}]", each, each.most) for i, each in enumerate(law.announcing.quotas)]
    for path, rule, number in rules:
        if number < 0:
            yield path, "instrument.too-small", {"found": number, "least": 0}
        for name in rule.kinds:
            if name not in planning:
                yield f"{path}.kinds", "instrument.unknown-kind", {"kind": name}
        for scale in rule.scales:
            if scale not in scales:
                yield f"{path}.scales", "instrument.unknown-code", {"code": scale, "list": "scale"}
    yield from _calendar(law.announcing, law)


def _calendar(announcing: Announcing, law: Law) -> Iterator[Fault]:
    if announcing.calendar:
        # A day of every year, so not the 29th of February.
        yield from _day("announcing.calendar", f"2023-{announcing.calendar}")
    named = announcing.calendar_kind
    if bool(named) != bool(announcing.calendar) or (named and law.kind(named) is None):
        yield "announcing.calendar_kind", "instrument.unknown-kind", {"kind": named}


def _segments(law: Law) -> Iterator[Fault]:
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


def _corridors(law: Law) -> Iterator[Fault]:
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


def _retention(law: Law) -> Iterator[Fault]:
    if not any(retention.id == FACTS for retention in law.retention):
        yield "retention", "instrument.no-facts-class", {}
    for index, retention in enumerate(law.retention):
        if (retention.days == 0) != (retention.id == FACTS) or retention.days < 0:
            yield f"retention[{index}].days", "instrument.bad-retention", {"retention": retention.id}


def _limits(law: Law) -> Iterator[Fault]:
    for name, value in msgspec.structs.asdict(law.limits).items():
        if value < 1:
            yield f"limits.{name}", "instrument.too-small", {"found": value, "least": 1}


def _codes(law: Law) -> Iterator[Fault]:
    for name, codes in law.codes.items():
        if not codes:
            yield f"codes.{name}", "instrument.empty-list", {"name": name}
    traffic = law.codes.get("traffic", [])
    for index, crossing in enumerate(law.crossings):
        for code in crossing.carries:
            if traffic and code not in traffic:
                yield f"crossings[{index}].carries", "instrument.unknown-code", {"code": code, "list": "traffic"}


_RULES = (
    _identity, _languages, _texts, _marks, _duplicates, _parties, _days, _members, _audiences, _observers, _articles,
    _kinds, _clocks, _suspension, _announcing, _segments, _corridors, _retention, _limits, _codes,
)  # fmt: skip
