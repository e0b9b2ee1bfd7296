"""A refusal as a sentence in the reader's language.

The core refuses with a code and named data; the sentences stand beside it in `mithaq/refusals/<area>.yaml`, one mapping
of language to text for each code, with the data in braces as slots.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter

import yaml

from mithaq.errors import Datum, Fault, Refusal

LANGUAGES = ("ar", "fa", "ckb", "en")

Sentences = Mapping[str, Mapping[str, str]]
"""Code to language to sentence."""


class _Filler(Formatter):
    """Fills the slots with what was named; a slot without data stays readable instead of hiding the sentence."""

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "?")


@cache
def sentences() -> Sentences:
    """All sentences of the distribution. A code in two files, or under the wrong area, is a fault of the program."""
    found: dict[str, Mapping[str, str]] = {}
    folder = resources.files("mithaq").joinpath("refusals")
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        area, dot, ending = file.name.rpartition(".")
        if ending != "yaml":
            continue
        for code, texts in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            if code in found or not code.startswith(f"{area}{dot}"):
                raise Fault(f"codes of the area {area}, each once", code, f"mend refusals/{file.name}")
            found[code] = texts
    return found


def slots(text: str) -> frozenset[str]:
    """The names of the data that a sentence shows."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def sentence(refusal: Refusal, language: str) -> str:
    """The sentence of a refusal in `language` (`ar`, `fa`, `ckb`, `en`).

    A code of a newer counterpart, which this node has no sentence for, is shown as it came, with its data.
    """
    texts = sentences().get(refusal.code)
    if texts is None:
        return str(refusal)
    return _Filler().vformat(texts[language], (), _shown(refusal.data))


def _shown(data: Mapping[str, Datum]) -> Mapping[str, Datum]:
    return {name: "" if value is None else value for name, value in data.items()}
