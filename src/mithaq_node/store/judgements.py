"""What this node has judged of its logs, kept beside the record, so that a start does not judge it all again.

Derived data: one file in the node's folder, at any time to be deleted, in no backup, and made again by whoever folds
next. It spares the next fold the verification of officers' signatures that this node has verified, and nothing else
(`mithaq.notices.judged`): every leaf is read, hashed and folded, and the file counts only where the leaves that lie in
the store have the roots that it names. It is authenticated by a key of this node and names the law and the code that it
was judged under; one that is damaged, of other code, of another law or of another node says nothing. `mithaq fsck`
never reads it.

    {"code": hex, "law": [hex], "logs": {origin: {"again": [index], "root": hex, "size": n}}}
    hex HMAC-SHA256 over the first line
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec
import nacl

import mithaq
from mithaq import canonical
from mithaq.notices.judged import Judged, Known

FILE = "judged"
_CONTEXT = b"mithaq/judged/v1\0"
_MOST_BYTES = 1 << 24


class _Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    again: list[int]
    root: str
    size: int


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    law: list[str]
    logs: dict[str, _Log]


def keep(folder: Path, key: bytes, laws: Iterable[str], known: Known) -> None:
    """Put `known` in place of what was kept. A folder that cannot be written to keeps nothing: nobody needs it."""
    logs = {origin: _Log(sorted(each.again), each.root.hex(), each.size) for origin, each in known.items() if each.size}
    line = canonical.encode_trusted(_Kept(_code(), list(laws), logs))
    beside = folder / f".{FILE}.{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(line + b"\n" + _mac(key, line) + b"\n")
            beside.replace(folder / FILE)
        finally:
            beside.unlink(missing_ok=True)


def load(folder: Path, key: bytes, laws: Iterable[str]) -> Known:
    """What was kept by this node, under these laws and with this code; nothing in every other case."""
    try:
        with (folder / FILE).open("rb") as file:
            line, mac, rest = file.read(_MOST_BYTES).split(b"\n")
    except (OSError, ValueError):
        return {}
    if rest or not hmac.compare_digest(mac, _mac(key, line)):
        return {}
    kept = msgspec.json.decode(line, type=_Kept)
    if (kept.code, kept.law) != (_code(), list(laws)):
        return {}
    return {
        origin: Judged(each.size, bytes.fromhex(each.root), frozenset(each.again)) for origin, each in kept.logs.items()
    }


def _mac(key: bytes, line: bytes) -> bytes:
    return hmac.new(key, _CONTEXT + line, hashlib.sha256).hexdigest().encode()


@cache
def _code() -> str:
    """The digest of all that judges: other rules may judge otherwise, and nobody is to remember to say so."""
    digest = hashlib.sha256(f"msgspec {msgspec.__version__} nacl {nacl.__version__}\n".encode())
    core = Path(mithaq.__file__).parent
    for path in sorted(core.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(core).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()
