"""Epochs of a log: what follows when nobody holds any more what a log once signed.

The origin of a log ends in its epoch, from 1. A new epoch is a new log of the same party and audience. Its leaf 0 is a
first key-set like any other, signed by the root threshold, and names the closed log, the last head of it that is known,
and the reason. docs/spec/recovery.md says what becomes of references, numbers and clocks.
"""

import re

from mithaq.errors import Refusal
from mithaq.notices.envelope import Epoch, KeySet
from mithaq.record import note
from mithaq.record.merkle import HASH_BYTES

REASONS = ("lost", "forked")
"""Why an epoch may be closed: what it signed is lost, or its key signed two histories."""

_EPOCH = re.compile(r"(.+)/([1-9][0-9]{0,3})")


def of(log: str) -> int:
    """The epoch of the log with this origin."""
    found = _EPOCH.fullmatch(log)
    return int(found[2]) if found else 1


def before(log: str) -> str | None:
    """The origin of the log that this one follows; None in the first epoch."""
    found = _EPOCH.fullmatch(log)
    return f"{found[1]}/{int(found[2]) - 1}" if found and int(found[2]) > 1 else None


def check(log: str, change: KeySet | None, index: int) -> Epoch | None:
    """What the leaf at `index` of `log`, with this key-set or none, says of the log it follows.

    Refuses one that names a closed log where none is due, another one, or no head, and one that must and does not:
    `epoch.not-here`, `epoch.not-named`, `epoch.other-log`, `epoch.bad-head`.
    """
    said, closed = change.epoch if change else None, before(log)
    if index or closed is None:
        if said is not None:
            raise Refusal("epoch.not-here", log=log[:200], index=index)
        return None
    if said is None:
        raise Refusal("epoch.not-named", log=log[:200])
    if said.log != closed:
        raise Refusal("epoch.other-log", found=said.log[:200], expected=closed)
    if said.size < 0 or said.reason not in REASONS or len(note.decode_base64(said.root.encode())) != HASH_BYTES:
        raise Refusal("epoch.bad-head", log=said.log)
    return said
