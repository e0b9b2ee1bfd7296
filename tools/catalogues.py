"""The catalogues of the officers' pages: gathered from templates and Python, compiled, and checked.

    python tools/catalogues.py extract    bring every `.po` up to date with the strings in the sources
    python tools/catalogues.py compile    write the `.mo` files that Django reads
    python tools/catalogues.py check      say what is missing, stale or untranslated; exit 1 if anything is

The English sentence in the source is the key of its translations, so English needs no catalogue. Pure Python: Babel
reads and writes the files, Django's own `templatize` reads the templates, and no gettext program is called.
"""

import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "mithaq_node"
LOCALE = SOURCES / "web" / "locale"
LANGUAGES = ("ar", "fa", "ckb")

PLURALS = {
    "ar": (
        "nplurals=6; "
        "plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;"
    ),
    "fa": "nplurals=2; plural=(n > 1);",
    "ckb": "nplurals=2; plural=(n != 1);",
}
"""The same rules as Django's own catalogues, into which ours are merged."""

FORMS = {"ar": 6, "fa": 2, "ckb": 2}

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

SLOT = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")

Said = str | tuple[str, ...]
"""A text, or its singular and plurals."""

Key = tuple[str | None, Said]
"""What tells one message from another: its context and its English (singular and plural)."""

HEADER = """\
# Mithaq: the officers' pages. The key of each message is the English sentence in the source.
# Written with `python tools/catalogues.py extract`; see docs/languages.md.
"""


def _as_python(template: str, name: str) -> bytes:
    """A template as lines that Python's tokenizer can walk: Django's blotted form without its indentation."""
    lines = templatize(template, origin=name).splitlines()
    return "\n".join(line.lstrip() for line in lines).encode()


def _files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(SOURCES.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            yield name, path.read_bytes()
        elif "templates" in path.parts and path.suffix in {".html", ".txt", ".svg"}:
            yield name, _as_python(path.read_text("utf-8"), name)


def template() -> Catalog:
    """Every string that the sources ask to have translated, with the files it stands in."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for name, source in _files():
        for _line, message, comments, context in extract("python", io.BytesIO(source), KEYWORDS, ["Translators:"]):
            found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def _key(message: Message) -> Key:
    return message.context, _said(message.id)


def _said(text: str | list[str] | tuple[str, ...] | None) -> Said:
    return tuple(text) if isinstance(text, (tuple, list)) else text or ""


def _messages(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in catalog if message.id}


def _translations(catalog: Catalog) -> dict[Key, Said]:
    return {key: _said(message.string) for key, message in _messages(catalog).items() if _complete(message)}


def _complete(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)


def write(language: str, found: Catalog, known: Mapping[Key, Said]) -> None:
    """Write the catalogue of a language: the strings of `found`, sorted, with the translations in `known`."""
    written = Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment=HEADER)
    written.mime_headers = [("Plural-Forms", PLURALS[language])]  # Babel's own rules differ for some of ours
    for key, message in sorted(_messages(found).items(), key=lambda item: (str(item[0][1]), item[0][0] or "")):
        blank: Said = ("",) * FORMS[language] if message.pluralizable else ""
        files = sorted({name for name, _ in message.locations})
        written.add(
            message.id,
            known.get(key, blank),
            [(name, 0) for name in files],
            flags=[flag for flag in message.flags if flag != "fuzzy"],
            auto_comments=message.auto_comments,
            context=message.context,
        )
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = io.BytesIO()
    write_po(raw, written, width=110, omit_header=True, include_lineno=False)
    head = f'{HEADER}msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    head += f'"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    path.write_bytes(head.encode() + raw.getvalue().rstrip(b"\n") + b"\n")


def extract_all() -> None:
    """Bring every catalogue up to date; translations of strings that are still asked for stay."""
    found = template()
    for language in LANGUAGES:
        write(language, found, _translations(read(language)) if path_of(language).exists() else {})


def compiled(language: str) -> bytes:
    """The bytes of the `.mo` file of a language."""
    raw = io.BytesIO()
    write_mo(raw, read(language))
    return raw.getvalue()


def compile_all() -> list[Path]:
    """Write the `.mo` of every language whose bytes differ from what stands there; returns all of their paths."""
    paths = [path_of(language).with_suffix(".mo") for language in LANGUAGES]
    for language, path in zip(LANGUAGES, paths, strict=True):
        content = compiled(language)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    return paths


def slots(text: str) -> frozenset[str]:
    """The names of what is filled in when the text is shown."""
    return frozenset(match.group(1) or match.group(2) or match.group(0) for match in SLOT.finditer(text))


def _slot_faults(language: str, message: Message) -> Iterator[str]:
    asked, said = _said(message.id), _said(message.string)
    wanted = slots(asked if isinstance(asked, str) else asked[-1])
    strings = (said,) if isinstance(said, str) else said
    for text in strings:
        # A form for none, one or two may say the number in words.
        missing = wanted - slots(text) if len(strings) == 1 or text == strings[-1] else frozenset()
        if missing or slots(text) - wanted:
            yield f"{language}: other slots in the translation: {message.id!r}"


def faults() -> list[str]:
    """What is wrong with the catalogues: strings missing, stale, untranslated, or with other slots than the English."""
    asked = _messages(template())
    found: list[str] = []
    for language in LANGUAGES:
        catalog = read(language)
        kept = _messages(catalog)
        found += [f"{language}: missing (run extract): {key[1]!r}" for key in asked.keys() - kept.keys()]
        found += [f"{language}: stale (run extract): {key[1]!r}" for key in kept.keys() - asked.keys()]
        for message in kept.values():
            if not _complete(message) or message.fuzzy:
                found.append(f"{language}: untranslated: {message.id!r}")
            else:
                found += _slot_faults(language, message)
    return sorted(found)


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["extract"]:
            extract_all()
        case ["compile"]:
            compile_all()
        case ["check"]:
            found = faults()
            sys.stdout.writelines(f"{line}\n" for line in found)
            return 1 if found else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
