"""A node of either party under the memorandum of 2025, as far as its pages need one."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from mithaq import canonical
from mithaq.instrument import sealing
from mithaq.instrument.sealing import Sealed
from mithaq.record import note
from mithaq.signing import PrivateKey
from mithaq_files.instrument import compile_folder, shipped, write_sealed
from mithaq_node.settings.node import Node, parse
from tests.mithaq_node import meadow
from tools import catalogues

BORDER = "iraq-iran-2025"
PARTIES = ("IQ", "IR")
LANGUAGES = ("fa", "ar", "ckb", "en")


def root(party: str) -> tuple[str, PrivateKey]:
    """Name and key of a party's root: the same in every run."""
    return f"{party.lower()}.mithaq.example/root/1", PrivateKey.from_seed(hashlib.sha256(party.encode()).digest())


@cache
def unsealed() -> Sealed:
    """The memorandum with test roots and no seal."""
    compiled = compile_folder(shipped(BORDER))
    parties = [msgspec.structs.replace(party, roots=[_vkey(party.code)]) for party in compiled.law.parties]
    law = msgspec.structs.replace(compiled.law, parties=parties)
    return Sealed.open(canonical.encode(law), compiled.words_bytes)


@cache
def sealed_by(*parties: str) -> Sealed:
    """The memorandum as these parties have sealed it."""
    held = unsealed()
    for party in parties:
        held = sealing.seal(held, party, *root(party))
    return held


def _vkey(party: str) -> str:
    name, key = root(party)
    return note.Verifier(name, note.ED25519, key.public).vkey()


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    """The compiled catalogues that Django reads."""
    catalogues.compile_all()


@pytest.fixture
def desk(tmp_path: Path, django_db_blocker: Any) -> Iterator[Callable[..., Client]]:
    """Opens the desk of a party: `desk()`, `desk("IR")`, `desk("IQ", sealed=())`."""
    open_desks = []

    def open_desk(party: str = "IQ", sealed: tuple[str, ...] = PARTIES) -> Client:
        node: Node = parse(tmp_path / party, {"party": party, "demo": True, "fence": f"../fence-{party}"})
        node.folder.mkdir()
        write_sealed(node.instrument, sealed_by(*sealed))
        standing = meadow.standing_on(node)
        standing.__enter__()
        open_desks.append(standing)
        return Client()

    with django_db_blocker.unblock():
        yield open_desk
        for standing in reversed(open_desks):
            standing.__exit__(None, None, None)
