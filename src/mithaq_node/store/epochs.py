"""Which epoch of a party's log counts now: what the root keys decided, kept as they signed it.

A file for each decision, `<PARTY>-<audience>-<epoch>.note`: leaf 0 of the new log. Both sides keep the same file, each
having checked it against its own copy of the closed log (`mithaq_node.services.opening`).
"""

import os
import re
from pathlib import Path

_NAME = re.compile(r"([A-Z]{2,3})-([^/]+)-([1-9][0-9]{0,3})\.note")


def current(folder: Path, party: str, audience: str = "all") -> int:
    """The epoch in which the log of `party` for `audience` is written now."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  # on the way of every page
    except FileNotFoundError:
        return 1
    found = (match for match in map(_NAME.fullmatch, names) if match is not None)
    return max((int(match[3]) for match in found if (match[1], match[2]) == (party, audience)), default=1)


def keep(folder: Path, party: str, audience: str, epoch: int, signed: bytes) -> None:
    """Keep a decision; durable when this returns."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{party}-{audience}-{epoch}.note"
    with path.with_suffix(".new").open("wb") as file:
        file.write(signed)
        file.flush()
        os.fsync(file.fileno())
    path.with_suffix(".new").replace(path)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
