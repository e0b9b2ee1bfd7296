"""What is said in words: languages, translations, the slots of phrases, and marks with their sources."""

from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Any

import msgspec

from mithaq import calendars
from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.law import Law, Text
from mithaq.instrument.words import Words, keys_of

MARKS = ("agreed", "reported", "example")


def word_faults(law: Law, words: Words) -> Iterator[Fault]:
    """Everything wrong in the words beside this law: labels that are missing, translations, slots that differ."""
    for key in keys_of(law):
        if key not in words.labels:
            yield f"labels.{key}", "instrument.missing-label", {"key": key}
    for key, text in words.labels.items():
        yield from text_faults(f"labels.{key}", text, law.languages)
    for kind, phrases in words.phrases.items():
        for name, text in phrases.items():
            yield from _phrase_faults(f"phrases.{kind}.{name}", text, law.languages)


def _phrase_faults(path: str, text: Text, languages: Iterable[str]) -> Iterator[Fault]:
    yield from text_faults(path, text, languages)
    try:
        slots = {language: _slots(each) for language, each in text.items()}
    except ValueError:
        yield path, "instrument.bad-slots", {"phrase": path}
        return
    if len(set(slots.values())) > 1:
        yield path, "instrument.slots-differ", {"phrase": path}


def _slots(text: str) -> tuple[str, ...]:
    return tuple(sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None))


def text_faults(path: str, text: Text, languages: Iterable[str]) -> Iterator[Fault]:
    for language in languages:
        if not text.get(language, "").strip():
            yield f"{path}.{language}", "instrument.missing-translation", {"language": language}
    for language in sorted(text.keys() - set(languages)):
        yield f"{path}.{language}", "instrument.unknown-language", {"language": language}


def languages(law: Law) -> Iterator[Fault]:
    """Languages that the product does not speak, and authentic ones that the law does not have."""
    for index, language in enumerate(law.languages):
        if language not in calendars.LANGUAGES:
            yield f"languages[{index}]", "instrument.unknown-language", {"language": language}
    for index, language in enumerate(law.authentic):
        if language not in law.languages:
            yield f"authentic[{index}]", "instrument.unknown-language", {"language": language}
    if not law.authentic:
        yield "authentic", "instrument.missing-key", {"key": "authentic"}


def texts(law: Law) -> Iterator[Fault]:
    """Texts that are missing in one of the law's languages, or stand in another."""
    for path, text in _texts_in(law, ""):
        yield from text_faults(path, text, law.languages)


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


def marks(law: Law) -> Iterator[Fault]:
    """Lines whose mark is none, or that are marked as reported without their source."""
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
