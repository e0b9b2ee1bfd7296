"""The export folder: a record as static files that anyone can check without a node (docs/spec/export.md).

    instrument/law.json, words.json, seals/law.note, seals/words.note
    <PARTY>-<audience>-<epoch>/checkpoint            signed head with the cosignatures that are known
                               keys                  verifier keys, one a line
                               tile/<L>/<N>[.p/<W>]  hashes (C2SP tlog-tiles)
                               tile/entries/<N>[.p/<W>]
                               facts/<N>[.p/<W>]     part 0 of each entry: length, salt, body; length 0 when not held

Tiles are written from the hashes that the exporter *stored* when the entries were sequenced, never from entries hashed
again: so an entry that was altered since shows as the first one that differs from its tile.
"""

import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

from mithaq.errors import Refusal
from mithaq.record import checkpoint, merkle, note, tiles

INSTRUMENT = "instrument"
CHECKPOINT = "checkpoint"
KEYS = "keys"
FACTS = "facts"
SALT_BYTES = 32
_LENGTH_BYTES = 4
_MOST_SMALL = 1 << 20
_MOST_BUNDLE = 1 << 28

DEMONSTRATION = "DEMONSTRATION.txt"
DEMONSTRATION_TEXT = """\
Demonstration. Not a document of any government.
عرض توضيحي. ليس وثيقة صادرة عن أي حكومة.
نمایش. سندی از هیچ دولتی نیست.
نیشاندان. بەڵگەنامەی هیچ حکوومەتێک نییە.
"""
EXERCISE = "EXERCISE.txt"
EXERCISE_TEXT = """\
EXERCISE. Nothing in here is real.
تمرين. لا شيء هنا حقيقي.
رزمایش. هیچ‌چیز در اینجا واقعی نیست.
ڕاهێنان. هیچ شتێک لێرەدا ڕاستەقینە نییە.
"""

Item = TypeVar("Item")

Facts = tuple[bytes, bytes]
"""Salt and body of part 0."""

Progress = Callable[[int, int], None]
"""Called with the entries written so far and the entries in all."""


@dataclass(frozen=True)
class LogSource:
    """One log to be written. `entries` and `facts` are read once, in order; `subtree` answers from stored hashes."""

    party: str
    audience: str
    epoch: int
    checkpoint: bytes
    keys: Sequence[str]
    entries: Iterable[bytes]
    facts: Iterable[Facts | None]
    subtree: merkle.Subtree

    @property
    def folder(self) -> str:
        return f"{self.party}-{self.audience}-{self.epoch}"


def marks(demo: bool, exercise: bool) -> Iterator[tuple[str, bytes]]:
    """The files that say at first sight that an export or a case is none of the real thing."""
    if demo:
        yield DEMONSTRATION, DEMONSTRATION_TEXT.encode()
    if exercise:
        yield EXERCISE, EXERCISE_TEXT.encode()


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def write(
    out: Path,
    instrument: Mapping[str, bytes],
    logs: Iterable[LogSource],
    *,
    demo: bool,
    exercise: bool = False,
    progress: Progress = _silent,
) -> None:
    """Write the export folder `out`, which must not exist; it appears only when it is whole."""
    if out.exists():
        raise Refusal("export.exists", path=str(out))
    unfinished = out.with_name(f"{out.name}.unfinished")
    try:
        rmtree(unfinished, ignore_errors=True)
        for name, content in contents(instrument, logs, demo=demo, exercise=exercise, progress=progress):
            _write(unfinished / name, content)
        unfinished.rename(out)
    except OSError as error:
        rmtree(unfinished, ignore_errors=True)
        raise Refusal("export.cannot-write", path=str(out), reason=error.strerror or type(error).__name__) from error
    except Refusal:
        rmtree(unfinished, ignore_errors=True)
        raise


def contents(
    instrument: Mapping[str, bytes],
    logs: Iterable[LogSource],
    *,
    demo: bool,
    exercise: bool = False,
    progress: Progress = _silent,
) -> Iterator[tuple[str, bytes]]:
    """The files of an export by their paths, one after the other; `write` and `archive` differ only in where to."""
    for name, content in instrument.items():
        yield f"{INSTRUMENT}/{name}", content
    yield from marks(demo, exercise)
    sources = list(logs)
    done, total = 0, sum(_size(source) for source in sources)
    for source in sources:
        for name, content, entries in _log_contents(source):
            yield f"{source.folder}/{name}", content
            if entries:
                done += entries
                progress(done, total)


def archive(folder: str, files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The files as one tar archive (POSIX ustar, uncompressed) that unpacks into `folder`; equal files, equal bytes.

    Nothing in it depends on when, where or by whom it was made, and no more than one file is held at a time.
    """
    for name, content in files:
        member = tarfile.TarInfo(f"{folder}/{name}")
        member.size = len(content)
        padding = bytes(-len(content) % tarfile.BLOCKSIZE)
        yield member.tobuf(tarfile.USTAR_FORMAT) + content + padding
    yield bytes(2 * tarfile.BLOCKSIZE)


def facts_path(number: int, width: int = tiles.WIDTH) -> str:
    """The path of a bundle of facts, numbered as bundles of entries are."""
    return tiles.entries_path(number, width).replace("tile/entries", FACTS)


def facts_bundle(facts: Iterable[Facts | None]) -> bytes:
    """The bytes of a bundle of facts: for each entry a length in four bytes, then salt and body."""
    encoded = bytearray()
    for each in facts:
        held = b"" if each is None else each[0] + each[1]
        encoded += len(held).to_bytes(_LENGTH_BYTES, "big") + held
    return bytes(encoded)


def parse_facts_bundle(encoded: bytes, width: int) -> list[Facts | None]:
    """The facts of `width` entries; refuses a bundle that is cut short or goes on behind its last."""
    found: list[Facts | None] = []
    at = 0
    for _ in range(width):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(encoded[at:start], "big")
        held = encoded[start:at]
        if start > len(encoded) or at > len(encoded) or 0 < len(held) < SALT_BYTES:
            raise Refusal("tile.truncated", expected=width, found=len(found))
        found.append((held[:SALT_BYTES], held[SALT_BYTES:]) if held else None)
    if at != len(encoded):
        raise Refusal("tile.trailing-bytes", expected=at, found=len(encoded))
    return found


@dataclass(frozen=True)
class ExportedLog:
    """A log in an export folder, read as it is asked for; nothing is believed of it yet."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def party(self) -> str:
        return self.name.split("-", 1)[0]

    def signed(self) -> bytes:
        """The signed head."""
        return read_file(self.folder / CHECKPOINT, _MOST_SMALL)

    def keys(self) -> list[note.Verifier]:
        """The verifier keys that came with the log; every line ends in a newline."""
        listed = read_file(self.folder / KEYS, _MOST_SMALL)
        note.check_text(listed)
        return [note.Verifier.parse(line) for line in listed.decode()[:-1].split("\n")]

    def tile(self, tile: tiles.Tile) -> Sequence[bytes]:
        """The hashes of a tile."""
        return tiles.parse_hash_tile(read_file(self.folder / tile.path, _MOST_SMALL), tile.width)

    def entries(self, bundle: tiles.Tile) -> list[bytes]:
        """The entries of a bundle."""
        return tiles.parse_entry_bundle(read_file(self.folder / bundle.path, _MOST_BUNDLE), bundle.width)

    def facts(self, bundle: tiles.Tile) -> list[Facts | None]:
        """The facts of the entries of a bundle."""
        path = self.folder / facts_path(bundle.number, bundle.width)
        return parse_facts_bundle(read_file(path, _MOST_BUNDLE), bundle.width)


@dataclass(frozen=True)
class Export:
    """An export folder: the instrument's files, and its logs sorted by folder."""

    path: Path
    instrument: Mapping[str, bytes]
    logs: tuple[ExportedLog, ...]


def read(path: Path) -> Export:
    """The export in a folder; refuses a folder that is none."""
    inside = path / INSTRUMENT
    if not inside.is_dir():
        raise Refusal("export.not-an-export", path=str(path))
    found = {
        each.relative_to(inside).as_posix(): read_file(each, _MOST_BUNDLE)
        for each in sorted(inside.rglob("*"))
        if each.is_file()
    }
    logs = tuple(ExportedLog(each.parent) for each in sorted(path.glob(f"*/{CHECKPOINT}")))
    if not logs:
        raise Refusal("export.no-logs", path=str(path))
    return Export(path, found, logs)


def _size(source: LogSource) -> int:
    return checkpoint.parse(note.text_of(source.checkpoint)).size


def _log_contents(source: LogSource) -> Iterator[tuple[str, bytes, int]]:
    """Path below the log's folder and bytes of each file, and how many entries are whole with it."""
    size = _size(source)
    yield CHECKPOINT, source.checkpoint, 0
    yield KEYS, "".join(f"{vkey}\n" for vkey in source.keys).encode(), 0
    for tile in tiles.tiles_of(size):
        yield tile.path, tiles.hash_tile(tile, source.subtree), 0
    entries, facts = iter(source.entries), iter(source.facts)
    for bundle in tiles.bundles_of(size):
        yield bundle.path, tiles.entry_bundle(_exactly(bundle.width, entries)), 0
        held = facts_bundle(_exactly(bundle.width, facts))
        yield facts_path(bundle.number, bundle.width), held, bundle.width


def _exactly(width: int, source: Iterator[Item]) -> list[Item]:
    taken = list(islice(source, width))
    if len(taken) != width:
        raise Refusal("export.entries-missing", expected=width, found=len(taken))
    return taken


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read_file(path: Path, limit: int) -> bytes:
    """The bytes of a file; refuses one that is missing, too large or cannot be read."""
    try:
        if path.stat().st_size > limit:
            raise Refusal("export.file-too-large", path=str(path), limit=limit)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refusal("export.file-missing", path=str(path)) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refusal("export.cannot-read", path=str(path), reason=reason) from error
