"""The words of an instrument: labels, hints, phrases and symbols in every language.

They are sealed apart from the law, so a slip in a label can be mended without touching what was agreed. Labels are
found by key:

    kind.<kind>              field.<kind>.<field>             code.<list>.<code>      authority.<PARTY>.<authority>
    kind.<kind>.hint         field.<kind>.<field>.hint        sector.<id>             crossing.<id>
    clock.<id>               class.<retention class>          precedence.<precedence>
    notice-period.<id>       quota.<id>
    checklist.<kind>.<sender or addressee>.<item>, where the kind has a checklist
    segment.<id>             station.<id>                     corridor.<id>
"""

from collections.abc import Mapping

import msgspec

from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Text

SENDER, ADDRESSEE = CHECKLIST_SIDES = ("sender", "addressee")
"""Whose desk goes through a checklist."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Labels by key, phrases by kind and identifier, symbols (SVG path data, 24 by 24) by kind."""

    languages: list[str]
    labels: dict[str, Text]
    phrases: dict[str, dict[str, Text]]
    symbols: dict[str, str]


def label(words: Words, key: str, language: str) -> str:
    """The label in the reader's language; refuses a key or language that the sealed words do not hold."""
    try:
        return words.labels[key][language]
    except KeyError as error:
        raise Refusal("words.no-such-label", key=key, language=language) from error


def phrase(words: Words, kind: str, name: str, language: str, slots: Mapping[str, str]) -> str:
    """A phrase of a kind with its slots filled by text that is already in the reader's language."""
    try:
        return words.phrases[kind][name][language].format_map(slots)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise Refusal("words.no-such-phrase", kind=kind, phrase=name, language=language) from error


def keys_of(law: Law) -> list[str]:
    """Every label key that the law calls for."""
    keys = [f"kind.{kind.name}" for kind in law.kinds] + [f"kind.{kind.name}.hint" for kind in law.kinds]
    fields = [f"field.{kind.name}.{field.name}" for kind in law.kinds for field in kind.fields]
    keys += fields + [f"{key}.hint" for key in fields]
    keys += [
        f"code.{name}.{code}" for name, codes in law.codes.items() if not name.startswith("phrase.") for code in codes
    ]
    keys += [f"sector.{sector.id}" for sector in law.sectors]
    keys += [f"crossing.{crossing.id}" for crossing in law.crossings]
    keys += [f"segment.{segment.id}" for segment in law.segments]
    keys += [f"station.{station.id}" for segment in law.segments for station in segment.stations]
    keys += [f"corridor.{corridor.id}" for corridor in law.corridors]
    keys += [f"clock.{clock.id}" for clock in law.clocks]
    if law.announcing:
        keys += [f"notice-period.{period.id}" for period in law.announcing.periods]
        keys += [f"quota.{quota.id}" for quota in law.announcing.quotas]
    keys += [f"class.{retention.id}" for retention in law.retention]
    keys += [f"precedence.{precedence}" for precedence in law.precedence]
    keys += [f"authority.{party.code}.{authority.id}" for party in law.parties for authority in party.authorities]
    return keys


def checklist(words: Words, kind: str, side: str) -> tuple[str, ...]:
    """The keys of what a desk goes through for a notice of a kind, in the order of the items; `side` says whether it
    sends or receives. It is ticked within the party and never sent."""
    return tuple(sorted(key for key in words.labels if key.startswith(f"checklist.{kind}.{side}.")))
