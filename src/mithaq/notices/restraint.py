"""Restraint: what no kind of notice may be, whoever sealed it.

`instrument check`, the accepting node and `mithaq verify` all judge a law's kinds by this module, so an instrument
with a kind about persons is refused even under both seals. `docs/restraint.md` says misuse by misuse what this stops
and what it does not.
"""

import re
from collections.abc import Iterable, Iterator

from mithaq.analysis.people import is_about_people
from mithaq.errors import Datum, Finding, Refusal
from mithaq.instrument.law import Field, Kind, Law
from mithaq.notices import clocks, incidents, matches, roles, suspending
from mithaq.notices.fields import TYPES
from mithaq.notices.fields.attachments import ATTACHMENT, MOST_ATTACHMENT
from mithaq.notices.fields.coded import MOST_COUNT
from mithaq.notices.fields.links import MOST_LINK
from mithaq.notices.fields.paragraphs import MOST_CHARACTERS, MOST_PARAGRAPHS
from mithaq.notices.fields.people import COUNTABLE
from mithaq.notices.fields.quantities import MOST_QUANTITY
from mithaq.notices.fields.sites import FLOORS
from mithaq.notices.parts import FACTS

MOST_TEXT = 4_000
"""Characters of one text field."""
COARSE_FLOORS = frozenset(FLOORS) - {"exact"}
_AROUND_A_PICTURE = 100
"""Bytes of a part around the base64 of its picture, the longest name of a field included."""
EXACT = "exact"
HOUR = "hour"

FORBIDDEN = frozenset(
    {
        "alias",
        "biometric",
        "biometrics",
        "clan",
        "creed",
        "detainee",
        "dna",
        "document",
        "dossier",
        "email",
        "ethnicity",
        "extradition",
        "face",
        "faith",
        "fingerprint",
        "firstname",
        "fugitive",
        "handover",
        "identity",
        "imei",
        "imsi",
        "informant",
        "iris",
        "lastname",
        "mobile",
        "name",
        "nationality",
        "origin",
        "passport",
        "person",
        "persons",
        "phone",
        "photo",
        "plate",
        "portrait",
        "profile",
        "race",
        "religion",
        "sect",
        "selector",
        "surname",
        "suspect",
        "suspects",
        "target",
        "targets",
        "telephone",
        "terrorist",
        "tribe",
        "wanted",
        "watchlist",
    }
)
"""Words that no name of a kind, a field or a code may contain between its dots, hyphens and underscores."""

_WORDS = re.compile(r"[^a-z]+")
_KIND_NAME = re.compile(r"[a-z][a-z-]*(\.[a-z][a-z-]*)*")
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,39}")

Fault = tuple[str, str, dict[str, Datum]]
"""Path below the kind, code, data."""


def check_kinds(law: Law) -> list[Finding]:
    """Everything in a law's kinds that goes beyond the closed lists or breaks a floor; empty when nothing does."""
    findings = [
        Finding(f"kinds/{kind.name}/kind.yaml", path, code, data)
        for kind in law.kinds
        for path, code, data in _kind_faults(kind, law)
    ]
    findings += [Finding("codes.yaml", path, code, data) for path, code, data in _list_faults(law)]
    findings += [Finding("instrument.yaml", path, code, data) for path, code, data in _clock_faults(law)]
    findings += [Finding("instrument.yaml", path, code, data) for path, code, data in _suspension_faults(law)]
    return findings


def require_restraint(law: Law) -> None:
    """Refuse a law any kind of which goes beyond the closed lists: what an accepting node calls, whoever sealed it."""
    for finding in check_kinds(law):
        raise Refusal(finding.code, **finding.data)


def refused_kinds(law: Law) -> dict[str, Refusal]:
    """Name to the first reason why a kind of the law is none: what it is made of, or a list that it counts or codes
    by. No notice of it conforms."""
    refused: dict[str, Refusal] = {}
    for kind in law.kinds:
        faults = list(_kind_faults(kind, law))
        for name in {field.codes: None for field in kind.fields}:
            faults += _codes_faults(name, law.codes.get(name, ()))
        for _, code, data in faults[:1]:
            refused.setdefault(kind.name, Refusal(code, **data))
    return refused


def _kind_faults(kind: Kind, law: Law) -> Iterator[Fault]:
    if not _KIND_NAME.fullmatch(kind.name) or kind.name in roles.MACHINE_KINDS:
        yield "name", "kind.bad-name", {"kind": kind.name}
    yield from _forbidden("name", kind.name)
    if kind.role not in roles.ROLES:
        yield "role", "kind.unknown-role", {"kind": kind.name, "role": kind.role}
    if kind.release not in roles.RELEASES:
        yield "release", "kind.unknown-release", {"kind": kind.name, "release": kind.release}
    for position, role in enumerate(kind.refers):
        if role not in roles.ROLES | {roles.NONCONFORMING}:
            yield f"refers[{position}]", "kind.unknown-role", {"kind": kind.name, "role": role}
    if kind.role in roles.MUST_REFER and not kind.refers:
        yield "refers", "kind.refers-to-nothing", {"kind": kind.name, "role": kind.role}
    if kind.attachments and kind.security:
        yield "attachments", "kind.attachments-on-security", {"kind": kind.name}
    if kind.release == "machine" and (kind.security or kind.role not in roles.MACHINE_ROLES):
        yield "release", "kind.machine-not-permitted", {"kind": kind.name}
    if kind.release == "one" and kind.security:
        yield "release", "kind.one-not-permitted", {"kind": kind.name}
    yield from _role_faults(kind)
    yield from _facet_faults(kind)
    for position, field in enumerate(kind.fields):
        for path, code, data in _field_faults(field, kind, law):
            yield f"fields[{position}].{path}", code, data


def _role_faults(kind: Kind) -> Iterator[Fault]:
    """What folds need of a role: a seal repeats commitments and says nothing; a judgement carries its verdict."""
    if kind.role == roles.SEALS and kind.fields:
        yield "fields", "kind.seal-with-fields", {"kind": kind.name}
    fixed = {field.name: field for field in kind.fields if field.name in incidents.FIXED_CODES}
    if kind.role == roles.JUDGES and incidents.VERDICT not in fixed:
        yield "fields", "kind.field-needed", {"kind": kind.name, "field": incidents.VERDICT}
    for name, field in fixed.items():
        if (field.type, field.codes, field.part) != ("code", name, FACTS):
            yield "fields", "kind.field-needed", {"kind": kind.name, "field": name}


def _facet_faults(kind: Kind) -> Iterator[Fault]:
    fields = {field.name: field for field in kind.fields}
    for position, facet in enumerate(kind.facets):
        types = roles.FACETS.get(facet)
        if types is None:
            yield f"facets[{position}]", "kind.unknown-facet", {"kind": kind.name, "facet": facet}
            continue
        for name in roles.FACET_NEEDS[facet]:
            if name not in fields or not fields[name].required:
                yield f"facets[{position}]", "kind.field-needed", {"kind": kind.name, "field": name}
        one_of = roles.FACET_NEEDS_ONE.get(facet, ())
        if one_of and not any(name in fields for name in one_of):
            yield f"facets[{position}]", "kind.field-needed", {"kind": kind.name, "field": one_of[0]}
        if facet == matches.SIGHTING and is_about_people(kind.name):
            yield f"facets[{position}]", "match.about-people", {"kind": kind.name}
        for name, allowed in types.items():
            if name in fields and (fields[name].type not in allowed or fields[name].part != FACTS):
                yield f"facets[{position}]", "kind.facet-type", {"kind": kind.name, "field": name}


def _field_faults(field: Field, kind: Kind, law: Law) -> Iterator[Fault]:
    if not _FIELD_NAME.fullmatch(field.name):
        yield "name", "kind.bad-name", {"kind": field.name}
    yield from _forbidden("name", field.name)
    found = TYPES.get(field.type)
    named: dict[str, Datum] = {"kind": kind.name, "field": field.name}
    if found is None:
        yield "type", "kind.unknown-type", named | {"type": field.type}
        return
    if field.part not in {FACTS} | {retention.id for retention in law.retention}:
        yield "part", "kind.unknown-class", named | {"retention": field.part}
    if field.part == FACTS and not found.in_facts:
        yield "part", "kind.text-in-facts", named
    if found.listed != bool(field.codes) or (found.listed and field.codes not in law.codes):
        yield "codes", "kind.unknown-list", named | {"list": field.codes}
    if (field.type == ATTACHMENT) != (field.part == ATTACHMENT):
        yield "part", "kind.attachment-elsewhere", named
    if field.type == ATTACHMENT and not kind.attachments:
        yield "type", "kind.attachments-off", named
    yield from _floor_faults(field, kind, named)
    yield from _bound_faults(field, law, named)


def _floor_faults(field: Field, kind: Kind, named: dict[str, Datum]) -> Iterator[Fault]:
    floors = TYPES[field.type].floors
    if field.floor and field.floor not in floors:
        yield "floor", "kind.unknown-floor", named | {"floor": field.floor}
    if field.type == "place":
        if not field.floor:
            yield "floor", "kind.floor-needed", named
        if field.floor == EXACT and field.part == FACTS:
            yield "floor", "kind.exact-place-in-facts", named
    if kind.security:
        too_fine = field.floor == EXACT or (field.type in ("moment", "interval") and field.floor != HOUR)
        if too_fine:
            yield "floor", "kind.too-fine-for-security", named | {"floor": field.floor}


def _bound_faults(field: Field, law: Law, named: dict[str, Datum]) -> Iterator[Fault]:
    if TYPES[field.type].limited and field.limit < 1:
        yield "limit", "kind.limit-needed", named
    in_a_part = (law.limits.part - _AROUND_A_PICTURE) // 4 * 3
    most = {
        "text": MOST_TEXT,
        "link": MOST_LINK,
        "paragraphs": MOST_CHARACTERS,
        "extent": MOST_PARAGRAPHS,
        "quantity": MOST_QUANTITY,
        "counts": MOST_COUNT,
        ATTACHMENT: min(MOST_ATTACHMENT, in_a_part),
    }.get(field.type)
    if most is not None and field.limit > most:
        yield "limit", "kind.limit-too-large", named | {"limit": field.limit, "most": most}
    if field.lowest < 0:
        yield "lowest", "kind.limit-needed", named
    if field.type == "counts" and field.codes not in COUNTABLE:
        yield "codes", "kind.not-countable", named | {"list": field.codes}


def _list_faults(law: Law) -> Iterator[Fault]:
    """Codes beyond the closed lists, and codes that name what no notice may hold, in every list of the law."""
    for name, codes in law.codes.items():
        yield from _codes_faults(name, codes)


def _codes_faults(name: str, codes: Iterable[str]) -> Iterator[Fault]:
    closed = {**COUNTABLE, **incidents.FIXED_CODES}
    for code in codes:
        if name in closed and code not in closed[name]:
            yield f"{name}.{code}", "kind.list-is-closed", {"list": name, "code": code}
        yield from _forbidden(f"{name}.{code}", code)


def _clock_faults(law: Law) -> Iterator[Fault]:
    starting = [clock for clock in law.clocks if clock.start == clocks.NONCONFORMANCE]
    if len(starting) != 1:
        yield "clocks", "kind.one-nonconformance-clock", {"found": len(starting)}


def _suspension_faults(law: Law) -> Iterator[Fault]:
    """What no suspension may stop, and that whoever reads the law knows what it stops."""
    if law.suspension is None:
        return
    if law.rules < 2:
        yield "rules", "instrument.suspension-rules", {"found": law.rules, "least": 2}
    for kind in law.kinds:
        if suspending.must_go_on(kind, law) and kind.name not in law.suspension.keeps:
            yield "suspension.keeps", "kind.must-go-on", {"kind": kind.name}


def _forbidden(path: str, name: str) -> Iterator[Fault]:
    for word in _WORDS.split(name.lower()):
        if word in FORBIDDEN:
            yield path, "kind.forbidden-name", {"name": name, "word": word}
