"""The keys under which erasable parts lie in the store: one for each retention class and month, in files of their own.

A part's row holds salt and body sealed with AES-256-GCM under the key of its class and of the month in which it was
stored; the row's place is bound in. When every part of a class and month has been erased its key is destroyed, and with
it whatever a backup, a replica or a free page of the database still holds of them.

The keys lie in a folder beside the fence: on another device than the data, outside its backups. A file is the key,
sealed under a secret of custody (`storage`), so neither the folder nor a backup of the node's other keys opens a part
alone. Nothing else leads to a key: whoever loses the folder has erased everything in it (docs/how-to/erase.md).

    12 bytes nonce · sealed key          file `<class>-<YYYY-MM>.key`
    12 bytes nonce · sealed salt, body   column `body` of a part
"""

import os
import re
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mithaq.errors import Fault, Refusal
from mithaq_node.keystore import custody
from mithaq_node.settings.node import Node

_NONCE_BYTES, _KEY_BYTES = 12, 32
_WRAPPED = b"mithaq/month-key/v1\0"
_FILE = re.compile(r"([A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)-(\d{4}-\d{2})\.key")

Drawer = tuple[str, str]
"""A retention class and a month, `YYYY-MM`."""

_Stamp = tuple[int, int]


class Vault:
    """The month keys in `folder`, wrapped under `storage`. A key lives in memory no longer than its file does."""

    def __init__(self, folder: Path, storage: bytes) -> None:
        self._folder = folder
        self._storage = AESGCM(storage)
        self._known: dict[Drawer, tuple[_Stamp, AESGCM]] = {}

    def seal(self, retention: str, month: str, place: bytes, plain: bytes) -> bytes:
        """`plain` as it lies in the row that `place` names."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._key_for(retention, month).encrypt(nonce, plain, place)

    def open(self, retention: str, month: str, place: bytes, sealed: bytes) -> bytes | None:
        """What was sealed there, or None when its key was destroyed; a damaged row is a fault."""
        key = self._find((retention, month))
        if key is None:
            return None
        try:
            return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
        except InvalidTag as error:
            where = place.decode(errors="replace")
            raise Fault("a part as it was stored", f"other bytes at {where!r}", "run mithaq fsck") from error

    def drawers(self) -> tuple[Drawer, ...]:
        """The classes and months of which a key is there."""
        if not self._folder.is_dir():
            return ()
        found = (_FILE.fullmatch(path.name) for path in sorted(self._folder.iterdir()))
        return tuple((name[1], name[2]) for name in found if name)

    def destroy(self, retention: str, month: str) -> None:
        """Overwrite and remove a key; done when this returns. One that is gone already is no error."""
        path = self._path((retention, month))
        self._known.pop((retention, month), None)
        with suppress(FileNotFoundError):
            with path.open("r+b") as file:
                file.write(os.urandom(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        self._settle()

    def _key_for(self, retention: str, month: str) -> AESGCM:
        drawer = retention, month
        found = self._find(drawer)
        if found is None:
            self._make(drawer)
            found = self._find(drawer)
        if found is None:
            raise Fault(f"the key of {retention} {month}", "none just after it was made", "check the fence's device")
        return found

    def _find(self, drawer: Drawer) -> AESGCM | None:
        path = self._path(drawer)
        try:
            stat = path.stat()
        except FileNotFoundError:
            self._known.pop(drawer, None)
            return None
        stamp = stat.st_ino, stat.st_mtime_ns
        known = self._known.get(drawer)
        if known is None or known[0] != stamp:
            known = self._known[drawer] = stamp, AESGCM(self._unwrapped(drawer, path.read_bytes()))
        return known[1]

    def _make(self, drawer: Drawer) -> None:
        """A new key, unless another process was quicker; whole or not there at all."""
        if not self._folder.is_dir():
            custody.make_folder(self._folder)
        path = self._path(drawer)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._storage.encrypt(nonce, os.urandom(_KEY_BYTES), _WRAPPED + path.name.encode())
        fresh = self._folder / f".{secrets.token_hex(8)}"
        custody.write_private(fresh, sealed)
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        self._settle()

    def _unwrapped(self, drawer: Drawer, content: bytes) -> bytes:
        name = self._path(drawer).name
        try:
            return self._storage.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _WRAPPED + name.encode())
        except InvalidTag as error:
            raise Refusal("keystore.damaged", file=name) from error

    def _path(self, drawer: Drawer) -> Path:
        name = f"{drawer[0]}-{drawer[1]}.key"
        if not _FILE.fullmatch(name):
            raise Fault("a retention class and a month", name[:80], "report this; nothing was stored")
        return self._folder / name

    def _settle(self) -> None:
        """Force the folder to its device."""
        if not self._folder.is_dir():
            return
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def at(node: Node) -> Vault:
    """The vault of a node; one for each in a process."""
    return _at(node.body_keys, node.keys)


@lru_cache(maxsize=64)
def _at(body_keys: Path, keys: Path) -> Vault:
    return Vault(body_keys, custody.read_seed(keys, custody.STORAGE).seed)
