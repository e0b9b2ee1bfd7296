"""The versions of an instrument that a node holds: the one it was founded with, and those entered since.

    instrument/         the first version
    versions/2, 3, …    what was entered since, in that order; a folder here is whole and never changes

A version comes here before the leaf that puts it in force is logged, so that no log of this party is ever under a
version that this node cannot read. Which of them binds the party is said by its log and by nothing in these folders.
"""

import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.instrument.sealing import LAW_FILE, LAW_NOTE, WORDS_FILE, WORDS_NOTE, Sealed
from mithaq.notices.versions import Versions
from mithaq_files.instrument import read_served, write_sealed

FIRST, LATER = "instrument", "versions"
_FILES = (LAW_FILE, WORDS_FILE, LAW_NOTE, WORDS_NOTE)

Stamp = tuple[object, ...]


class Held:
    """The versions in a node's data folder as its files say now; they are read again only when a file has changed."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._known: tuple[Stamp, tuple[Sealed, ...], Versions] | None = None

    def read(self) -> tuple[Sealed, ...]:
        """Every version, the first in front; refuses what `mithaq_files.instrument.read_served` refuses."""
        return self._at_hand()[1]

    def versions(self) -> Versions:
        """Their laws, as folds and the exchange ask for them."""
        return self._at_hand()[2]

    def _at_hand(self) -> tuple[Stamp, tuple[Sealed, ...], Versions]:
        stamp = _stamp(self._data)
        with self._lock:
            if self._known is None or self._known[0] != stamp:
                found = read(self._data)
                self._known = (stamp, found, laws_of(found))
            return self._known


def read(data: Path) -> tuple[Sealed, ...]:
    """The versions in the data folder of a node, the first in front."""
    later = (read_served(data / LATER / str(number)) for number in _numbers(data))
    return (read_served(data / FIRST), *later)


def files_of(versions: Sequence[Sealed]) -> dict[str, bytes]:
    """The versions as they stand in an export or a case: the first, and below `versions/<number>/` those since."""
    found = dict(versions[0].files())
    for number, each in enumerate(versions[1:], 2):
        found |= {f"{LATER}/{number}/{name}": content for name, content in each.files().items()}
    return found


def from_files(files: Mapping[str, bytes]) -> tuple[Sealed, ...]:
    """What `files_of` wrote, seals judged; refuses what `Sealed.from_files` refuses, and numbers that leave one out."""
    later: dict[int, dict[str, bytes]] = {}
    for name, content in files.items():
        folder, _, inside = name.partition("/")
        number, _, path = inside.partition("/")
        if folder == LATER:
            if not (number.isascii() and number.isdecimal() and str(int(number)) == number):
                raise Refusal("instrument.file-missing", name=name[:200])
            later.setdefault(int(number), {})[path] = content
    if sorted(later) != list(range(2, len(later) + 2)):
        raise Refusal("instrument.file-missing", name=f"{LATER}/{len(later) + 1}/{LAW_FILE}")
    return (Sealed.from_files(files), *(Sealed.from_files(later[number]) for number in sorted(later)))


def laws_of(versions: Sequence[Sealed]) -> Versions:
    """The laws of versions in their order; words that were mended alone are under the law before them."""
    laws = {each.law_digest: each.law for each in versions}
    return Versions(*laws.values())


def add(data: Path, version: Sealed) -> None:
    """Keep `version` behind those that are held. It is there whole, whenever the power goes, or not at all."""
    folder = data / LATER
    folder.mkdir(exist_ok=True)
    number = len(_numbers(data)) + 2
    fresh = folder / f".{number}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    write_sealed(fresh, version)
    for each in (fresh / Path(LAW_NOTE).parent, fresh):
        _settle(each)
    fresh.replace(folder / str(number))
    _settle(folder)
    _settle(data)


def take_back(data: Path) -> None:
    """Let go of the last version, which no log has entered."""
    folder = data / LATER
    name = str(_numbers(data)[-1])
    gone = folder / f".{name}.old"
    shutil.rmtree(gone, ignore_errors=True)
    (folder / name).replace(gone)  # at once and whole
    _settle(folder)
    shutil.rmtree(gone)


def _numbers(data: Path) -> list[int]:
    try:
        return sorted(int(each.name) for each in (data / LATER).iterdir() if each.name.isdecimal())
    except FileNotFoundError:
        return []


def _stamp(data: Path) -> Stamp:
    """What changes whenever a file does. Asked for several times on the way of every notice, so by plain strings."""
    folder, later = os.fspath(data), []
    with suppress(FileNotFoundError):
        for name in sorted(os.listdir(f"{folder}/{LATER}")):  # noqa: PTH208
            if name.isdecimal():
                found = os.stat(f"{folder}/{LATER}/{name}")  # noqa: PTH116
                later.append((name, found.st_mtime_ns, found.st_ino))
    return *(_written(f"{folder}/{FIRST}/{name}") for name in _FILES), *later


def _written(path: str) -> tuple[int, int]:
    """When a file was written, and its size; zeros where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _settle(folder: Path) -> None:
    """Wait until the names in a folder survive a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
