"""The form of a kind: its fields in order, what was typed, and what the core has to say of each."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.moments import Moment
from mithaq.notices.fields import check_field, coarsen_field
from mithaq_node.web.filing import entries
from mithaq_node.web.filing.entries import Entry
from mithaq_node.web.reader import Reader


class KindForm:
    """Typed input of one kind. `content` holds what could be read; `refusals` what stands in the way of filing."""

    def __init__(self, kind: Kind, reader: Reader, typed: Mapping[str, entries.Typed]) -> None:
        self.kind = kind
        self._reader = reader
        self.entries = [Entry(kind.name, field, reader, typed.get(field.name, {})) for field in kind.fields]
        self.content: dict[str, Any] = {}

    @classmethod
    def empty(cls, kind: Kind, reader: Reader, now: Moment, given: QueryDict) -> "KindForm":
        """A new form; the dates that must be given stand on today, and coded values that the address gives are
        chosen."""
        dated = [field for field in kind.fields if field.type in ("moment", "day") and field.required]
        coded = [field for field in kind.fields if field.type in ("code", "codes") and field.name in given]
        typed = {field.name: entries.today(reader, now) for field in dated}
        return cls(kind, reader, typed | {field.name: entries.typed_in(field, given) for field in coded})

    @classmethod
    def from_post(cls, kind: Kind, reader: Reader, data: QueryDict) -> "KindForm":
        return cls(kind, reader, {field.name: entries.typed_in(field, data) for field in kind.fields})

    @classmethod
    def from_content(cls, kind: Kind, reader: Reader, content: Mapping[str, Any]) -> "KindForm":
        """The form of a draft as it was saved."""
        fields = (field for field in kind.fields if field.name in content)
        return cls(
            kind, reader, {field.name: entries.typed_from(content[field.name], field, reader) for field in fields}
        )

    def read(self, *, complete: bool) -> bool:
        """Read every field; with `complete`, judge it as filing would. True when nothing is refused."""
        for entry in self.entries:
            try:
                self._read(entry, complete)
            except Refusal as refusal:
                entry.refusal = refusal
        return not self.refused

    def refuse(self, refusal: Refusal) -> bool:
        """Put a refusal of the whole beside the field that it names; False when it names none of them."""
        entry = next((each for each in self.entries if each.name == refusal.data.get("field")), None)
        if entry is not None:
            entry.refusal = refusal
        return entry is not None

    @property
    def refused(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.refusal is not None]

    def _read(self, entry: Entry, complete: bool) -> None:
        value = entries.value_of(entry)
        if value is None:
            if complete and entry.field.required:
                raise Refusal("field.required", field=entry.name)
            return
        if complete:
            check_field(coarsen_field(value, entry.field, self._reader.law), entry.field, self._reader.law)
        self.content[entry.name] = value
