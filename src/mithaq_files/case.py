"""A case: one incident in one file, to be laid before others and checked without either node (docs/spec/case.md).

    READ-ME-FIRST.txt    what this is and how to check it, in four languages
    DEMONSTRATION.txt    only in demonstrations
    EXERCISE.txt         only in exercises
    case.json            what was asked for, by whom and when: statements of the party that made the file
    case.pdf             both accounts and what follows from them, to be read
    verify.py            the standalone verifier
    instrument/          the sealed instrument
    proofs/<PARTY>-<audience>-<epoch>-<index>.tlog-proof

Every proof carries its entry, the signed head of its log with the cosignatures that are known, and the bodies that are
disclosed; of the others the entry holds the commitments. The file is a zip with stored members in a fixed order at a
fixed moment, so that equal cases are equal bytes.
"""

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from pathlib import Path

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq_files import archive, export
from mithaq_files.archive import DAMAGES

FIRST_BYTES = b"PK\x03\x04"
MOST_BYTES = 1 << 28
SAID, PAPER, VERIFIER, READ_ME = "case.json", "case.pdf", "verify.py", "READ-ME-FIRST.txt"
INSTRUMENT, PROOFS, SUFFIX = "instrument/", "proofs/", ".tlog-proof"
_MOST_MEMBERS = 10_000


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the party that made the case says of it; only `law` is compared with anything."""

    law: str
    at: str = ""
    by: str = ""
    disclosed: list[str] = []
    incident: str = ""
    language: str = ""
    notices: list[str] = []


_decoder = msgspec.json.Decoder(Said)


@dataclass(frozen=True)
class Case:
    """A case as it stands in its file; nothing is believed of it yet. Proofs by their names, without folder."""

    said: Said
    instrument: Mapping[str, bytes]
    proofs: Mapping[str, bytes]


def proof_name(folder: str, index: int) -> str:
    """The name of the proof of the entry at `index` of the log whose export folder would be called `folder`."""
    return f"{folder}-{index}{SUFFIX}"


def standalone() -> bytes:
    """The standalone verifier that came with the distribution, or the one beside the sources."""
    installed = Path(__file__).parent / "standalone" / "verify.py"
    return (installed if installed.is_file() else Path(__file__).parents[2] / "tools" / "verify.py").read_bytes()


def write(out: Path, case: Case, paper: bytes, verifier: bytes, *, demo: bool, exercise: bool = False) -> None:
    """Write the case to `out`, which must not exist."""
    if out.exists():
        raise Refusal("export.exists", path=str(out))
    unfinished = out.with_name(f"{out.name}.unfinished")
    try:
        unfinished.write_bytes(encode(case, paper, verifier, demo=demo, exercise=exercise))
        unfinished.rename(out)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refusal("export.cannot-write", path=str(out), reason=error.strerror or type(error).__name__) from error


def encode(case: Case, paper: bytes, verifier: bytes, *, demo: bool, exercise: bool = False) -> bytes:
    """The bytes of a case file."""
    members = [(READ_ME, resources.files("mithaq_files").joinpath("read-me-first.txt").read_bytes())]
    members += export.marks(demo, exercise)
    members += [(SAID, canonical.encode(case.said)), (PAPER, paper), (VERIFIER, verifier)]
    members += [(INSTRUMENT + name, content) for name, content in sorted(case.instrument.items())]
    members += [(PROOFS + name, content) for name, content in sorted(case.proofs.items())]
    return archive.packed(members)


def parse(content: bytes) -> Case:
    """The case in a file; refuses what is none, what is too large, and names that are no case's."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as zipped:
            return _read(zipped, zipped.infolist())
    except Refusal:
        raise
    except (*DAMAGES, OSError) as error:
        raise Refusal("case.malformed", reason=type(error).__name__) from error


def _read(zipped: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Case:
    names = [each.filename for each in members]
    if len(names) > _MOST_MEMBERS or len(set(names)) != len(names):
        raise Refusal("case.malformed", reason="names")
    if sum(each.file_size for each in members) > MOST_BYTES:
        raise Refusal("export.file-too-large", path=SAID, limit=MOST_BYTES)
    try:
        encoded = zipped.read(SAID)
        canonical.decode(encoded)
        said = _decoder.decode(encoded)
    except (msgspec.DecodeError, UnicodeError, Refusal) as error:
        raise Refusal("case.malformed", reason=SAID) from error
    proofs = dict(_proofs(zipped, names))
    if not proofs:
        raise Refusal("case.no-proofs")
    return Case(said, dict(_below(zipped, names, INSTRUMENT)), proofs)


def _below(zipped: zipfile.ZipFile, names: Iterable[str], folder: str) -> Iterable[tuple[str, bytes]]:
    for name in names:
        if name.startswith(folder) and not name.endswith("/"):
            yield name.removeprefix(folder), zipped.read(name)


def _proofs(zipped: zipfile.ZipFile, names: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    for name, content in _below(zipped, names, PROOFS):
        if "/" in name:
            raise Refusal("case.malformed", reason=name[:80])
        yield name, content
