"""The engine of the simulated stores: SQLite, with a vault that keeps nothing secret and needs no files."""

from dataclasses import replace

from mithaq.notices.parts import SALT_BYTES
from mithaq_node.store import bodies, engine


class ClearVault:
    """Seals as long as the real one and hides nothing, so that the simulator numbers no files of keys."""

    _LONGER = bodies.SEALED - SALT_BYTES

    def seal(self, retention: str, month: str, place: bytes, plain: bytes) -> bytes:
        return bytes(self._LONGER) + plain

    def open(self, retention: str, month: str, place: bytes, sealed: bytes) -> bytes | None:
        return sealed[self._LONGER :]


SQLITE = replace(engine.SQLITE, vault=ClearVault())
