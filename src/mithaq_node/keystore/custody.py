"""Files of the keys that a node itself signs with: its log, its cosignatures, its requests, its TLS; and opens
bodies with.

A root key never lies here. A file is readable by its owner alone (0600, in a folder 0700), which is refused to be
otherwise rather than mended: a key that others could read has to be changed, and a node that quietly tightened the
file would hide that. Seeds are kept as 64 hexadecimal digits and a newline.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.signing import SEED_BYTES, PrivateKey

LOG, COSIGNER, REQUESTS, BODY, STORAGE = "log", "cosigner", "node", "body", "storage"
SEEDS = (LOG, COSIGNER, REQUESTS, BODY)
"""Keys that the party's key-set names."""
SECRETS = (*SEEDS, STORAGE)
"""What a node is founded with: those, and what the keys of erasable parts are wrapped under (`keystore.vault`)."""
TLS_KEY, TLS_CERTIFICATE = "tls.key", "tls.crt"
SESSION_KEY = "session.key"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Keys:
    """The private keys of a running node."""

    log: PrivateKey
    cosigner: PrivateKey
    node: PrivateKey
    body: PrivateKey
    """What opens bodies sealed to this party: `mithaq.recipients.identity` of it, for age."""


def load(folder: Path) -> Keys:
    """The node's keys; refuses a folder or file that another user may read, and a missing or damaged key."""
    check_private(folder)
    return Keys(*(read_seed(folder, name) for name in SEEDS))


def check_private(folder: Path) -> None:
    """Refuse a key folder with anything in it that another user of the machine may read or change."""
    try:
        found = [folder, *sorted(folder.iterdir())]
    except OSError as error:
        raise Refusal("keystore.missing", file=folder.name) from error
    for path in found:
        if path.name == TLS_CERTIFICATE:  # public by nature
            continue
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            raise Refusal("keystore.readable-by-others", file=path.name)


def read_seed(folder: Path, name: str) -> PrivateKey:
    """The private key kept as `<name>.seed`."""
    path = folder / f"{name}.seed"
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError as error:
        raise Refusal("keystore.missing", file=path.name) from error
    except (OSError, ValueError) as error:
        raise Refusal("keystore.damaged", file=path.name) from error
    if len(seed) != SEED_BYTES:
        raise Refusal("keystore.damaged", file=path.name)
    return PrivateKey.from_seed(seed)


def write_seed(folder: Path, name: str, seed: bytes) -> PrivateKey:
    """Keep a new private key as `<name>.seed`; never over one that is there."""
    write_private(folder / f"{name}.seed", seed.hex().encode() + b"\n")
    return PrivateKey.from_seed(seed)


def write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner can read, durable when this returns."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Refusal("keystore.exists", file=path.name) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def make_folder(folder: Path) -> None:
    """A folder that only its owner can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
