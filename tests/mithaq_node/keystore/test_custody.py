"""Keys of a node: private to its user, whole, and never written over."""

import os
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_node.keystore import custody

SEED = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    custody.make_folder(keys)
    for name in custody.SEEDS:
        custody.write_seed(keys, name, os.urandom(32))
    return keys


def test_a_kept_key_is_the_same_key(folder: Path) -> None:
    written = custody.write_seed(folder, "another", SEED)
    assert custody.read_seed(folder, "another").public == written.public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_it_refuses_to_start_on_a_key_that_others_can_read(folder: Path, mode: int) -> None:
    (folder / "log.seed").chmod(mode)
    with pytest.raises(Refusal, match=r"keystore\.readable-by-others"):
        custody.load(folder)


def test_it_refuses_a_folder_that_others_can_enter(folder: Path) -> None:
    folder.chmod(0o755)
    with pytest.raises(Refusal, match=r"keystore\.readable-by-others"):
        custody.load(folder)


def test_the_certificate_may_be_read_by_all(folder: Path) -> None:
    (folder / custody.TLS_CERTIFICATE).write_text("public")
    (folder / custody.TLS_CERTIFICATE).chmod(0o644)
    custody.load(folder)


def test_it_never_writes_over_a_key(folder: Path) -> None:
    with pytest.raises(Refusal, match=r"keystore\.exists"):
        custody.write_seed(folder, custody.LOG, SEED)


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_it_refuses_a_damaged_key(folder: Path, content: str) -> None:
    (folder / "log.seed").write_text(content)
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        custody.load(folder)


def test_it_refuses_to_start_without_a_key(folder: Path) -> None:
    (folder / "node.seed").unlink()
    with pytest.raises(Refusal, match=r"keystore\.missing"):
        custody.load(folder)
