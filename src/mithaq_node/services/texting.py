"""Common texts before they leave: what would say nothing there is refused, and a frozen text is repeated byte for byte.

The fold names what came too late (`mithaq.followup.texts`); an officer is told before signing. Whoever accepts
paragraphs, or puts a text forward, must have the words at hand.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.followup import texts
from mithaq.followup.texts import Version
from mithaq.instrument.law import Kind
from mithaq.notices.book import Notice
from mithaq.notices.envelope import Reference
from mithaq.notices.parts import Part
from mithaq_node import queries
from mithaq_node.queries import texts as reading
from mithaq_node.services import sequencing
from mithaq_node.store import log as record


def puts_forward(kind: Kind) -> bool:
    """Whether notices of the kind put a frozen text forward."""
    return texts.FINAL in kind.facets


def require_timely(kind: Kind, references: Iterable[Reference]) -> None:
    """Refuse a notice about a common text that would say nothing there (`version.…`); any other passes."""
    _timely(kind, references)


def require_read(kind: Kind, facts: Mapping[str, Any], references: Iterable[Reference]) -> None:
    """`require_timely`, and refuse an acceptance of paragraphs that are not here (`version.not-at-hand`) or of another
    number of them than the version has (`version.other-count`)."""
    named = _timely(kind, references)
    extent = facts.get(texts.EXTENT)
    if texts.ACCEPTED not in kind.facets or not isinstance(extent, dict):
        return
    (version,) = named
    found = texts.number_of_paragraphs(reading.words_of(version.notice))
    if not found:
        raise Refusal("version.not-at-hand", number=version.number)
    if extent["of"] != found:
        raise Refusal("version.other-count", stated=extent["of"], before=found)


def frozen_parts(kind: Kind, content: Mapping[str, Any], references: Iterable[Reference]) -> tuple[Part, ...]:
    """The parts of the frozen version, salts included, to be put forward; refuses other words than those."""
    (version,) = _timely(kind, references)
    conn, engine = sequencing.reader()
    log = record.read(conn, engine, version.notice.log)
    held = record.read_parts(conn, engine, log, version.notice.index, version.notice.index + 1)
    if version.notice.leaf is None or len(held) != len(version.notice.leaf.header.parts):
        raise Refusal("version.not-at-hand", number=version.number)
    parts = tuple(each.part for each in held)
    said = {name: value for part in parts for name, value in canonical.decode(part.body).items()}
    if dict(content) != said:
        raise Refusal("version.other-words", number=version.number)
    return parts


def require_sealable(notice: Notice) -> None:
    """Refuse to seal what claims to put a common text forward and does not (`version.not-frozen`)."""
    kind = queries.law_of(notice.leaf).kind(notice.kind)
    if kind is None or not puts_forward(kind):
        return
    if all(each.final is None or each.final.number != notice.number for each in reading.every()):
        raise Refusal("version.not-frozen", number=notice.number)


def _timely(kind: Kind, references: Iterable[Reference]) -> tuple[Version, ...]:
    """The versions that a notice about a common text refers to: exactly one, unless it opens a text."""
    if {texts.DRAFTED, texts.ACCEPTED, texts.FINAL}.isdisjoint(kind.facets):
        return ()
    found = reading.every()
    wanted = {(each.log, each.id) for each in references}
    named = tuple(each for text in found for each in text.versions if _identity(each) in wanted)
    refusal = texts.objection(found, kind.facets, queries.own_party().code, [each.number for each in named])
    if refusal is not None:
        raise refusal
    return named


def _identity(version: Version) -> tuple[str, str] | None:
    leaf = version.notice.leaf
    return (version.notice.log, leaf.header.id) if leaf is not None else None
