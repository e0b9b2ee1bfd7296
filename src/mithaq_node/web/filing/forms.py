"""The form of a kind: its fields in order, what was typed, and what the core has to say of each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.moments import Moment
from mithaq.notices.fields import attachments, check_field, coarsen_field
from mithaq.notices.fields.attachments import ATTACHMENT
from mithaq_node.services import drafting, pictures
from mithaq_node.store.models import Draft, Template
from mithaq_node.web import carried
from mithaq_node.web.filing import entries
from mithaq_node.web.filing.entries import Entry
from mithaq_node.web.filing.typed import Typed, as_shown, today, typed_from
from mithaq_node.web.reader import Reader

OF_THE_PAGE = frozenset(
    {
        "audience", "csrfmiddlewaretoken", "drawn", "end", "form", "kind", "note", carried.OPENED_BY, "precedence",
        "re", "seen", "template_name", "template_places", "template_shared", "template_times", "then",
    }
)  # fmt: skip
"""Inputs of the page around the fields."""

TAKEN_AWAY = "away"
"""The input of a picture that takes away the one that is kept."""

NO_FILES: Mapping[str, "UploadedFile[Any]"] = {}
NO_VALUES: Mapping[str, Any] = {}


class KindForm:
    """Typed input of one kind. `content` holds what could be read; refusals stand beside the fields that they are of.

    `beyond` is what was typed into fields that the kind has no more: the instrument was amended meanwhile. It is shown,
    kept with the draft, and never compiled.
    """

    def __init__(self, kind: Kind, reader: Reader, typed: Mapping[str, Typed]) -> None:
        known = {field.name for field in kind.fields}
        self.kind = kind
        self._reader = reader
        self.entries = [Entry(kind.name, field, reader, dict(typed.get(field.name, {}))) for field in kind.fields]
        self.beyond = {name: said for name, said in typed.items() if name not in known and _says_something(said)}
        self.content: dict[str, Any] = {}

    @classmethod
    def empty(
        cls, kind: Kind, reader: Reader, now: Moment, given: QueryDict, values: Mapping[str, Any] = NO_VALUES
    ) -> "KindForm":
        """A new form; the dates that must be given stand on today, and coded values and notices that the address
        gives are chosen. What this node itself proposes to say stands in `values`."""
        coded = {field.name for field in kind.fields if field.type in ("code", "codes", "commitment", "reference")}
        chosen = {name: typed for name, typed in posted(given).items() if name in coded}
        return cls(kind, reader, _todays(kind, reader, now) | chosen | _as_typed(kind, reader, values))

    @classmethod
    def from_values(cls, kind: Kind, reader: Reader, values: Mapping[str, Any]) -> "KindForm":
        """A form in which values stand as if they had been typed."""
        return cls(kind, reader, _as_typed(kind, reader, values))

    @classmethod
    def from_post(
        cls,
        kind: Kind,
        reader: Reader,
        data: QueryDict,
        files: Mapping[str, "UploadedFile[Any]"] = NO_FILES,
        before: Mapping[str, Any] = NO_VALUES,
    ) -> "KindForm":
        """What was typed, and the pictures that were given with it. One that was kept `before` stays until it is taken
        away or another one is given in its place."""
        form = cls(kind, reader, posted(data))
        for entry in form._pictures:
            entry.given = None if entry.first(TAKEN_AWAY) else before.get(entry.name)
            entry.typed = {}
            if entry.name in files:
                form._take_in(entry, files[entry.name])
        return form

    @classmethod
    def from_template(cls, kind: Kind, reader: Reader, template: Template, now: Moment) -> "KindForm":
        """A new form in which a template stands as it was typed; dates that it does not give stand on today."""
        return cls(kind, reader, _todays(kind, reader, now) | drafting.decoded(bytes(template.typed)))

    @classmethod
    def from_draft(cls, kind: Kind, reader: Reader, draft: Draft) -> "KindForm":
        """The form of a draft as it was kept."""
        fields = {field.name: field for field in kind.fields}
        typed: dict[str, Typed] = drafting.typed_in(draft)
        for name, value in draft.content.items():
            if name in typed and name in fields:
                typed[name] = as_shown(typed[name], value, fields[name], reader)
            elif name in fields:
                typed[name] = typed_from(value, fields[name], reader)
            else:
                typed.setdefault(name, {"": [str(value)]})
        form = cls(kind, reader, typed)
        for entry in form._pictures:
            entry.typed, entry.given = {}, draft.content.get(entry.name)
        return form

    @property
    def is_fast(self) -> bool:
        """Whether what must be said stands first and the rest is folded away: where one officer may release alone,
        because life is in danger."""
        return self.kind.release == "one" and any(not entry.field.required for entry in self.entries)

    @property
    def first(self) -> list[Entry]:
        """What stands open in the form: everything, or what must be said."""
        return [entry for entry in self.entries if entry.field.required] if self.is_fast else self.entries

    @property
    def rest(self) -> list[Entry]:
        """What is folded away; nothing in a form that is not fast."""
        return [entry for entry in self.entries if not entry.field.required] if self.is_fast else []

    @property
    def rest_is_open(self) -> bool:
        """Whether something was typed there, or is refused."""
        return any(entry.refusal or entry.given or _says_something(entry.typed) for entry in self.rest)

    def read(self) -> bool:
        """Read every field and judge it as filing would. True when nothing is refused."""
        for entry in self.entries:
            try:
                self._read(entry)
            except Refusal as refusal:
                entry.refusal = entry.refusal or refusal
        return not self.refused

    def refuse(self, refusal: Refusal) -> bool:
        """Put a refusal of the whole beside the field that it names; False when it names none of them."""
        entry = next((each for each in self.entries if each.name == refusal.data.get("field")), None)
        if entry is not None:
            entry.refusal = refusal
        return entry is not None

    def forget_refusals(self, but: Iterable[Entry] = ()) -> None:
        """Say nothing of what is wrong: nobody has asked yet what will leave."""
        kept = [entry.name for entry in but]
        for entry in self.entries:
            entry.refusal = entry.refusal if entry.name in kept else None

    @property
    def typed(self) -> dict[str, Typed]:
        """Field to what stands in its inputs, word for word."""
        return {each.name: each.typed for each in self.entries if each.typed} | self.beyond

    @property
    def refused(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.refusal is not None]

    @property
    def not_taken(self) -> list[Entry]:
        """The pictures that were given and cannot be kept: nothing of them is in the draft."""
        return [entry for entry in self._pictures if entry.refusal is not None]

    @property
    def unread(self) -> list[str]:
        """The fields in which something stands that is no value of theirs."""
        return [entry.name for entry in self.refused if not entry.says_nothing]

    @property
    def left_over(self) -> list[tuple[str, str]]:
        """The inputs of fields that the kind has no more, each with what stands in it."""
        return inputs(self.beyond)

    @property
    def _pictures(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.field.type == ATTACHMENT]

    def _take_in(self, entry: Entry, file: "UploadedFile[Any]") -> None:
        try:
            given = file.read(pictures.MOST_UPLOAD + 1)
            entry.given = attachments.value_of(pictures.plain(given, entry.field.limit))
        except Refusal as refusal:
            entry.refusal = refusal

    def _read(self, entry: Entry) -> None:
        value = entries.value_of(entry)
        if value is None:
            if entry.field.required:
                raise Refusal("field.required", field=entry.name)
            return
        check_field(coarsen_field(value, entry.field, self._reader.law), entry.field, self._reader.law)
        self.content[entry.name] = value


def posted(data: QueryDict) -> dict[str, Typed]:
    """What stands in the fields of a form that was sent, whatever its kind."""
    typed: dict[str, Typed] = {}
    for key in data:
        if key not in OF_THE_PAGE:
            name, _, part = key.partition(".")
            typed.setdefault(name, {})[part] = data.getlist(key)
    return typed


def inputs(typed: Mapping[str, Typed]) -> list[tuple[str, str]]:
    """Every input in which something stands, by its whole name."""
    return [
        (f"{name}.{part}" if part else name, value)
        for name, said in typed.items()
        for part, values in said.items()
        for value in values
        if value.strip()
    ]


def _says_something(typed: Typed) -> bool:
    return any(value.strip() for values in typed.values() for value in values)


def _todays(kind: Kind, reader: Reader, now: Moment) -> dict[str, Typed]:
    dated = [field for field in kind.fields if field.type in ("moment", "day") and field.required]
    return {field.name: today(reader, now) for field in dated}


def _as_typed(kind: Kind, reader: Reader, values: Mapping[str, Any]) -> dict[str, Typed]:
    """Values as if they had been typed."""
    fields = (field for field in kind.fields if field.name in values)
    return {field.name: typed_from(values[field.name], field, reader) for field in fields}
