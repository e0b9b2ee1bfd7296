"""The release compiler: from what an officer filled in to the parts and the leaf that cross the border.

It builds the parts from the kind's fields alone: a field the kind does not name is refused, not passed over, so
internal remarks, authors and history have no way out. Moments and places are coarsened to the kind's floor here,
before anything is sealed. Nothing in this module draws salts, identifiers or moments: they come in as arguments.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import roles, suspending
from mithaq.notices.envelope import MOST_BYTES, Filing, Header, Kept, Reference, filing_text, text_of
from mithaq.notices.fields import check_field, coarsen_field
from mithaq.notices.fields.times import MOMENT
from mithaq.notices.parts import FACTS, Part
from mithaq.record import note
from mithaq.signing import Signer

_BEGINNINGS, _END = ("from", "since"), "until"
"""Fields that together state a time, in a kind that asks for its two ends one by one."""


def compile_draft(law: Law, kind: Kind, content: Mapping[str, Any], salts: Iterable[bytes]) -> tuple[Part, ...]:
    """The parts of a notice of `kind` that says `content` (field name to value), each with the next of `salts`.

    Part 0 is `facts`, also when no fact was given; another part stands for each retention class that has a field filled
    in, in the order of the kind. Refuses an unknown field, a missing required one, and any value its type refuses. What
    the linter finds in a text stops the release, not the compiler (`mithaq.notices.kept`).
    """
    known = {field.name: field for field in kind.fields}
    for name in content:
        if name not in known:
            raise Refusal("field.unknown", kind=kind.name, field=name[:80])
    bodies: dict[str, dict[str, Any]] = {FACTS: {}}
    for field in kind.fields:
        value = content.get(field.name)
        if value is None:
            if field.required:
                raise Refusal("field.required", field=field.name)
            continue
        coarse = coarsen_field(value, field, law)
        check_field(coarse, field, law)
        bodies.setdefault(field.part, {})[field.name] = coarse
    _check_order(kind, bodies)
    salted = iter(salts)
    return tuple(_part(retention, body, next(salted, b""), law) for retention, body in bodies.items())


def header_for(
    law: Law,
    kind: Kind,
    parts: Iterable[Part],
    *,
    law_digest: str,
    log: str,
    id: str,
    at: str,
    release: str | None = None,
    precedence: str | None = None,
    re: Iterable[Reference] = (),
) -> Header:
    """The header of a notice before anyone signed it. `at` is the moment of filing (or of a machine's statement);
    `sign_release` puts the moment of release in its place. `release` and `precedence` default to the kind's."""
    chosen = kind.release if release is None else release
    if chosen not in permitted_releases(kind):
        raise Refusal("leaf.release-not-permitted", kind=kind.name, release=chosen)
    urgency = kind.precedence if precedence is None else precedence
    if urgency not in law.precedence:
        raise Refusal("leaf.unknown-precedence", precedence=urgency)
    suspending.require_going_on(law, kind, urgency, at)
    references = list(re)
    if not references and kind.role in roles.MUST_REFER:
        raise Refusal("reference.none", kind=kind.name)
    return Header(
        at=at,
        id=id,
        kind=kind.name,
        law=law_digest,
        log=log,
        precedence=urgency,
        release=chosen,
        re=references,
        parts=[part.ref() for part in parts],
    )


def permitted_releases(kind: Kind) -> frozenset[str]:
    """How a notice of this kind may leave: two officers always may; one, or a machine, where the kind says so."""
    return frozenset({"two", kind.release})


def sign_filing(header: Header, at: str, name: str, key: Signer) -> Header:
    """The header with the first officer's signature, made at `at` with the key called `name`."""
    if header.release != "two":
        raise Refusal("leaf.filed-by-one")
    unsigned = msgspec.structs.replace(header, at=at, filed=Filing(at=at, by=name, sig=""))
    signature = note.sign(filing_text(unsigned), name, key)
    return msgspec.structs.replace(unsigned, filed=Filing(at=at, by=name, sig=signature.base64()))


def sign_release(header: Header, at: str, name: str, key: Signer, kept: Iterable[Kept] = ()) -> bytes:
    """The leaf, released at `at` by the officer whose key is called `name`: the second one, or the only one.

    `kept` are the reasons by which passages of its text stay, as `mithaq.notices.kept.settle` gives them.
    """
    filed = header.filed
    if header.release == "machine":
        raise Refusal("leaf.machine-signed")
    if header.release == "two" and filed is None:
        raise Refusal("leaf.not-filed")
    if filed is not None and filed.by == name:
        raise Refusal("leaf.same-officer", name=name)
    if filed is not None and filed.at > at:
        raise Refusal("leaf.filed-after-release", filed=filed.at, released=at)
    text = text_of(msgspec.structs.replace(header, at=at, kept=list(kept)))
    return _bounded(note.join(text, [note.sign(text, name, key)]))


def machine_leaf(header: Header) -> bytes:
    """The leaf of a machine's header: its text alone."""
    if header.release != "machine" or header.filed is not None:
        raise Refusal("leaf.machine-signed")
    return _bounded(text_of(header))


def _check_order(kind: Kind, bodies: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse an end that is not after the beginning stated in the field beside it.

    Only what leaves is held to it: a leaf that says so conforms field by field, and a page shows what it says.
    """
    for field in kind.fields:
        said = bodies.get(field.part, {})
        if field.name != _END or field.type != MOMENT.name or _END not in said:
            continue
        for start in (said[name] for name in _BEGINNINGS if name in said):
            if start >= said[_END]:
                raise Refusal("field.ends-before-start", field=_END, start=start, end=said[_END])


def _part(retention: str, body: Mapping[str, Any], salt: bytes, law: Law) -> Part:
    if not salt:
        raise Refusal("part.no-salt", retention=retention)
    encoded = canonical.encode(body)
    if len(encoded) > law.limits.part:
        raise Refusal("part.too-large", retention=retention, limit=law.limits.part, found=len(encoded))
    return Part(retention, salt, encoded)


def _bounded(leaf: bytes) -> bytes:
    if len(leaf) > MOST_BYTES:
        raise Refusal("leaf.too-large", limit=MOST_BYTES, found=len(leaf))
    return leaf
