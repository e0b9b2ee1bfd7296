"""Compiling an instrument folder into its law and its words, or naming every fault that stands in the way.

The bytes that come out are what parties seal: canonical JSON, the same on every machine for the same folder and
library. A folder in which anything is wrong compiles to nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

import msgspec

from mithaq import canonical
from mithaq.errors import Finding, Refusal
from mithaq.instrument import assembling, checking
from mithaq.instrument.assembling import Assembly
from mithaq.instrument.law import Law
from mithaq.instrument.reading import Folder
from mithaq.instrument.words import Words

_AT = re.compile(r" - at `\$(.*)`$")


@dataclass(frozen=True)
class Compiled:
    """An instrument ready to be sealed: both documents and their canonical bytes."""

    law: Law
    law_bytes: bytes
    words: Words
    words_bytes: bytes


class Faulty(Refusal):
    """A folder that does not compile, with everything that was found wrong in it."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("instrument.faulty", count=len(findings), file=findings[0].file, first=findings[0].code)
        self.findings = tuple(findings)


def compile(files: Mapping[str, bytes], library: Mapping[str, bytes]) -> Compiled:
    """The law and words of a folder (path to bytes), kinds drawn from `library` (paths relative to `kinds/`).

    Raises `Faulty` with every finding when anything is wrong.
    """
    compiled, findings = _compile(files, library)
    if compiled is None or findings:
        raise Faulty(findings)
    return compiled


def check(files: Mapping[str, bytes], library: Mapping[str, bytes]) -> list[Finding]:
    """Everything that is wrong in a folder: file, path in it, and why."""
    return _compile(files, library)[1]


def _compile(files: Mapping[str, bytes], library: Mapping[str, bytes]) -> tuple[Compiled | None, list[Finding]]:
    folder = Folder(files)
    made = assembling.assemble(folder, library)
    if not made.law:
        return None, folder.findings
    law = _law(folder, made)
    words = _words(folder, made)
    if law is None or words is None:
        return None, _unique(folder.findings)
    folder.findings += [Finding(*made.locate(path), code, data) for path, code, data in checking.faults(law)]
    folder.findings += [Finding(*_word_site(path), code, data) for path, code, data in checking.word_faults(law, words)]
    try:
        compiled = Compiled(law, canonical.encode(law), words, canonical.encode(words))
    except Refusal as refusal:  # a key or a number that has no canonical form, in any of the files
        folder.report(assembling.MAIN, "", refusal.code, **refusal.data)
        return None, _unique(folder.findings)
    return compiled, _unique(folder.findings)


def _law(folder: Folder, made: Assembly) -> Law | None:
    """The typed law, each of its parts converted by itself so that one wrong shape does not hide the next."""
    before = len(folder.findings)
    parts: dict[str, Any] = {}
    for field in msgspec.structs.fields(Law):
        if field.name in made.law:
            parts[field.name] = _typed(folder, made, made.law[field.name], field.type, field.name)
        elif field.required:
            folder.report(*made.locate(field.name), "instrument.missing-key", key=field.name)
    return Law(**parts) if len(folder.findings) == before else None


def _typed(folder: Folder, made: Assembly, value: Any, kind: Any, path: str) -> Any:
    if get_origin(kind) is list and isinstance(value, list):
        inner = get_args(kind)[0]
        return [_typed(folder, made, item, inner, f"{path}[{index}]") for index, item in enumerate(value)]
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason = str(error)
        at = _AT.search(reason)
        folder.report(*made.locate(path + (at[1] if at else "")), "instrument.wrong-shape", reason=_AT.sub("", reason))
        return None


def _words(folder: Folder, made: Assembly) -> Words | None:
    before = len(folder.findings)
    labels = {key: text for key, text in made.labels.items() if text is not None}
    for key, text in labels.items():
        if not _is_text(text):
            folder.report(
                *_word_site(f"labels.{key}"), "instrument.wrong-shape", reason="one text a language is expected"
            )
    for kind, phrases in made.phrases.items():
        for name, text in phrases.items():
            if not _is_text(text):
                path = f"phrases.{kind}.{name}"
                folder.report(*_word_site(path), "instrument.wrong-shape", reason="one text a language is expected")
    languages = made.law.get("languages")
    if len(folder.findings) > before or not isinstance(languages, list):
        return None
    return Words(languages=languages, labels=labels, phrases=made.phrases, symbols=made.symbols)


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _word_site(path: str) -> tuple[str, str]:
    """The file in which a label or phrase is written, as far as its key tells."""
    section, _, key = path.partition(".")
    if section == "phrases":
        kind, _, name = key.rpartition(".")
        return f"kinds/{kind}/phrases.yaml", name
    area, _, rest = key.partition(".")
    match area:
        case "sector":
            return assembling.SECTORS, key
        case "crossing":
            return assembling.CROSSINGS, key
        case "segment" | "station" | "corridor":
            return assembling.CORRIDORS, key
        case "clock" | "authority" | "notice-period" | "quota":
            return assembling.MAIN, key
        case "code":
            return f"kinds/{assembling.CODES}", rest
        case "checklist":
            return f"kinds/{rest.rsplit('.', 2)[0]}/words.yaml", f"checklist.{'.'.join(rest.rsplit('.', 2)[1:])}"
        case "kind":
            return f"kinds/{rest.removesuffix('.hint')}/words.yaml", "hint" if rest.endswith(".hint") else "title"
        case "field":
            kind, _, name = rest.removesuffix(".hint").rpartition(".")
            return f"kinds/{kind}/words.yaml", f"fields.{name}.{'hint' if rest.endswith('.hint') else 'label'}"
        case _:
            return assembling.WORDS, key


def _unique(findings: list[Finding]) -> list[Finding]:
    """The findings in their order, each once."""
    kept: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.file, finding.path, finding.code, str(finding.data)), finding)
    return list(kept.values())
