"""The file of a root key: one line, `<key name> <64 hexadecimal digits of the seed>`, readable by its owner alone.

Root keys seal instruments and sign key-sets. They are kept apart from every node, on a machine of their own.
"""

import os
import stat
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.record import note
from mithaq.signing import SEED_BYTES, PrivateKey


def read_root(path: Path) -> tuple[str, PrivateKey]:
    """Name and key in the file; refuses one that others can read, and one that is no root key's."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("root.unreadable", file=path.name) from error
    if stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refusal("root.readable-by-others", file=path.name)
    name, _, digits = text.strip().partition(" ")
    try:
        seed = bytes.fromhex(digits)
        note.check_name(name)
    except (ValueError, Refusal) as error:
        raise Refusal("root.not-a-root-key", file=path.name) from error
    if len(seed) != SEED_BYTES:
        raise Refusal("root.not-a-root-key", file=path.name)
    return name, PrivateKey.from_seed(seed)


def write_root(path: Path, name: str, seed: bytes) -> PrivateKey:
    """Keep a new root key; never over one that is there."""
    note.check_name(name)
    key = PrivateKey.from_seed(seed)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refusal("root.exists", file=path.name) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{name} {seed.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    return key
