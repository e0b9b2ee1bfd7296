"""Instrument folders as values, for tests that change a line and look at what happens."""

from functools import cache
from pathlib import Path

from mithaq.instrument.compiling import compile
from mithaq.instrument.sealing import Sealed
from mithaq.record.note import ED25519, Verifier
from mithaq.signing import PrivateKey
from mithaq_files import instrument

INSTRUMENTS = Path(__file__).parents[3] / "instruments"
FICTIONAL = "meadow-river-2030"
REAL = "iraq-iran-2025"


@cache
def _read(name: str) -> dict[str, bytes]:
    return instrument.read_folder(INSTRUMENTS / name)


def folder(name: str = FICTIONAL) -> dict[str, bytes]:
    """A copy of a shipped instrument's files."""
    return dict(_read(name))


def changed(file: str, before: str, after: str, name: str = FICTIONAL) -> dict[str, bytes]:
    """A shipped instrument with one passage of one file replaced; the passage must be there."""
    files = folder(name)
    text = files[file].decode()
    assert before in text, f"{before!r} is not in {file}"
    return files | {file: text.replace(before, after, 1).encode()}


def root(domain: str, number: int = 1) -> tuple[str, PrivateKey]:
    """A root key of a party: its name and the key, the same in every run."""
    name = f"{domain}/root/{number}"
    return name, PrivateKey.from_seed(name.encode().ljust(32, b".")[:32])


def vkey(domain: str, number: int = 1) -> str:
    name, key = root(domain, number)
    return Verifier(name, ED25519, key.public).vkey()


def with_roots(files: dict[str, bytes], roots: dict[str, tuple[str, int]]) -> dict[str, bytes]:
    """The folder with root keys: party to domain and how many."""
    return files | {
        f"roots/{party}.keys": "".join(f"{vkey(domain, number)}\n" for number in range(1, count + 1)).encode()
        for party, (domain, count) in roots.items()
    }


FICTIONAL_ROOTS = {"ML": ("ml.mithaq.example", 1), "RL": ("rl.mithaq.example", 1)}


def unsealed(files: dict[str, bytes] | None = None) -> Sealed:
    """The fictional instrument with one root key a party, compiled and sealed by nobody."""
    compiled = compile(files or with_roots(folder(), FICTIONAL_ROOTS), instrument.library())
    return Sealed.open(compiled.law_bytes, compiled.words_bytes)
