"""Exactly what will leave: the parts as they would be sealed, each value as others will read it, and the bytes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.law import Field, Kind
from mithaq.notices.parts import FACTS, Part

_MOST_SHOWN = 16_384


@dataclass(frozen=True)
class PartPreview:
    """One part: its retention class, its bytes as text, and field and value in the order of the kind."""

    kind: str
    """The kind whose fields it has: that of the notice, or of the joint text that it seals."""
    retention: str
    raw: str
    rows: tuple[tuple[Field, Any], ...]

    @property
    def shown(self) -> str:
        """The bytes as a page shows them: of a picture only the beginning, because the picture itself stands above."""
        return self.raw if len(self.raw) <= _MOST_SHOWN else f"{self.raw[:_MOST_SHOWN]}…"


def previews(kind: Kind, parts: Iterable[Part]) -> tuple[PartPreview, ...]:
    """The parts of a notice of a kind, for the eyes of an officer before signing."""
    return tuple(_preview(kind, part) for part in parts)


def facts_of(parts: Iterable[Part]) -> Mapping[str, Any]:
    """The coded facts among the parts of a draft; none before there are any."""
    return next((json.loads(part.body) for part in parts if part.retention == FACTS), {})


def _preview(kind: Kind, part: Part) -> PartPreview:
    values: Mapping[str, Any] = json.loads(part.body)
    rows = tuple((field, values[field.name]) for field in kind.fields if field.name in values)
    return PartPreview(kind.name, part.retention, part.body.decode(), rows)
