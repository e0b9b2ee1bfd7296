"""Instrument folders on disk: the folder that people write, the sealed folder that nodes read, the library of kinds."""

import os
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from mithaq.errors import Finding, Refusal
from mithaq.instrument import checking
from mithaq.instrument.compiling import Compiled, Faulty, compile
from mithaq.instrument.sealing import LAW_FILE, WORDS_FILE, Sealed
from mithaq.notices.restraint import check_kinds, require_restraint

MOST_BYTES = 8 * 1024 * 1024
"""No file of an instrument is larger; the law of a long border with its geometry is a tenth of it."""
MOST_FILES = 2_000

_LIBRARY_FILES = (".yaml", ".svg")


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, path with slashes to bytes; hidden files and folders are left out."""
    if not folder.is_dir():
        raise Refusal("instrument.no-folder", folder=str(folder))
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or not path.is_file():
            continue
        if len(files) == MOST_FILES:
            raise Refusal("instrument.too-many-files", limit=MOST_FILES)
        files[relative.as_posix()] = _read(path, relative.as_posix())
    return files


@cache
def library() -> Mapping[str, bytes]:
    """The library of kinds that comes with the distribution: paths below `kinds/` to bytes."""
    files: dict[str, bytes] = {}
    _gather(resources.files("mithaq.notices").joinpath("kinds"), "", files)
    return files


def compile_folder(folder: Path) -> Compiled:
    """The law and words of a folder, its kinds drawn from the distribution's library."""
    return compile(read_folder(folder), library())


def check_folder(folder: Path) -> list[Finding]:
    """Everything wrong in a folder, as written or as compiled, and in what its kinds may hold (`docs/restraint.md`)."""
    if is_sealed_folder(folder):
        return _check_sealed(read_sealed(folder))
    try:
        compiled = compile_folder(folder)
    except Faulty as faulty:
        return list(faulty.findings)
    return check_kinds(compiled.law)


def is_sealed_folder(folder: Path) -> bool:
    """Whether this is a compiled folder (`law.json`), rather than one that people write."""
    return (folder / LAW_FILE).is_file()


def read_sealed(folder: Path) -> Sealed:
    """The compiled instrument in a folder, with whatever seals it carries so far."""
    return Sealed.from_files(read_folder(folder))


def read_served(folder: Path) -> Sealed:
    """`read_sealed` for a node: refuses an instrument any kind of which goes beyond restraint, whoever sealed it."""
    sealed = read_sealed(folder)
    require_restraint(sealed.law)
    return sealed


def write_sealed(folder: Path, sealed: Sealed) -> None:
    """Write law, words and seals, each file whole or not at all; refuses a folder that holds another instrument."""
    if is_sealed_folder(folder) and (folder / LAW_FILE).read_bytes() != sealed.law_bytes:
        raise Refusal("instrument.another-in-folder", folder=str(folder))
    for name, content in sealed.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)


def shipped(name: str) -> Path:
    """The folder of an instrument that comes with the distribution, installed or in its source tree."""
    here = Path(__file__).resolve().parent.parent
    for shelf in (here / "mithaq_cli" / "instruments", here.parent / "instruments"):
        if (shelf / name / "instrument.yaml").is_file():
            return shelf / name
    raise Refusal("instrument.no-folder", folder=name)


def _check_sealed(sealed: Sealed) -> list[Finding]:
    law, words = sealed.law, sealed.words
    findings = check_kinds(law)
    findings += [Finding(LAW_FILE, path, code, data) for path, code, data in checking.faults(law)]
    return findings + [Finding(WORDS_FILE, path, code, data) for path, code, data in checking.word_faults(law, words)]


def _read(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refusal("instrument.unreadable", name=name) from error
    if len(content) > MOST_BYTES:
        raise Refusal("instrument.too-big", name=name, limit=MOST_BYTES)
    return content


def _replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file in one step that survives a loss of power."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _gather(folder: Traversable, prefix: str, files: dict[str, bytes]) -> None:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            _gather(entry, f"{prefix}{entry.name}/", files)
        elif entry.name.endswith(_LIBRARY_FILES):
            files[f"{prefix}{entry.name}"] = entry.read_bytes()
