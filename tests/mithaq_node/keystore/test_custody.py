"""Keys of a node: private to its user, whole, and never written over."""

import os
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_node.keystore import custody, wrapping

SEED = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    custody.begin(keys)
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


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31, "ab" * 72])
def test_it_refuses_a_damaged_key(folder: Path, content: str) -> None:
    (folder / "log.seed").write_text(content)
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        custody.load(folder)


def test_it_refuses_to_start_without_a_key(folder: Path) -> None:
    (folder / "node.seed").unlink()
    with pytest.raises(Refusal, match=r"keystore\.missing"):
        custody.load(folder)


def test_nothing_in_the_folder_opens_without_the_secret(tmp_path: Path, folder: Path) -> None:
    custody.write_seed(folder, "another", SEED)
    assert all(SEED.hex() not in path.read_text() for path in folder.iterdir())
    custody.secret_beside(folder).rename(tmp_path / "moved")
    with pytest.raises(Refusal, match=r"keystore\.no-secret"):
        custody.load(folder)


def test_the_secret_that_is_drawn_lies_outside_the_data_and_is_private(tmp_path: Path, folder: Path) -> None:
    beside = custody.secret_beside(folder)
    assert beside == tmp_path.with_name(f"{tmp_path.name}.secret")
    assert beside.stat().st_mode & 0o077 == 0


def test_a_file_that_is_moved_to_another_name_or_folder_does_not_open(tmp_path: Path, folder: Path) -> None:
    (folder / "node.seed").write_bytes((folder / "log.seed").read_bytes())
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        custody.load(folder)
    other = tmp_path / "other" / "keys"
    custody.begin(other)
    (other / "log.seed").write_bytes((folder / "log.seed").read_bytes())
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        custody.read_seed(other, "log")


@pytest.mark.parametrize("source", ["environment", "file", "credential"])
def test_the_secret_comes_from_the_environment_a_file_or_a_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cheap: None, source: str
) -> None:
    give(source, "a secret of the operator", tmp_path, monkeypatch)
    keys = tmp_path / "node" / "keys"
    custody.begin(keys)
    made = custody.write_seed(keys, custody.LOG, SEED)
    assert not custody.secret_beside(keys).exists()
    assert custody.read_seed(keys, custody.LOG).public == made.public
    give(source, "another", tmp_path, monkeypatch)
    with pytest.raises(Refusal, match=r"keystore\.wrong-secret"):
        custody.read_seed(keys, custody.LOG)


def test_a_secret_is_changed_without_changing_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cheap: None, folder: Path
) -> None:
    before = custody.load(folder)
    custody.change_secret(folder, "a secret of the operator")
    with pytest.raises(Refusal, match=r"keystore\.wrong-secret"):
        custody.load(folder)
    give("environment", "a secret of the operator", tmp_path, monkeypatch)
    assert custody.load(folder).log.public == before.log.public


def test_a_key_that_follows_is_the_newest_and_the_older_one_is_still_held(folder: Path) -> None:
    first = custody.load(folder).log
    second = custody.follow(folder, custody.LOG)
    third = custody.follow(folder, custody.LOG)
    held = custody.load(folder)
    assert [key.public for key in held.all("log")] == [third.public, second.public, first.public]
    assert held.of("log", first.public) is not None
    assert held.of("log", held.node.public) is None


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "PASSES", 1)
    monkeypatch.setattr(wrapping, "MEMORY_KIB", 8)


def give(source: str, secret: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if source == "environment":
        monkeypatch.setenv(custody.SECRET, secret)
        return
    (folder / custody.CREDENTIAL).write_text(f"{secret}\n")
    if source == "file":
        monkeypatch.setenv(custody.SECRET_FILE, str(folder / custody.CREDENTIAL))
    else:
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
