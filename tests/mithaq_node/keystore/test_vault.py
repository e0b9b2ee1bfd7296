"""The keys under which erasable parts lie: one for each class and month, destroyed with the last part of it."""

from pathlib import Path

import pytest

from mithaq.errors import Fault, Refusal
from mithaq_node.keystore.vault import Vault

PLACE = b"part 1 2 1"
PLAIN = b"a salt and a body"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "body-keys", b"\7" * 32)


def test_what_is_sealed_opens_at_its_place_alone(vault: Vault) -> None:
    sealed = vault.seal("text", "2031-03", PLACE, PLAIN)
    assert PLAIN not in sealed
    assert vault.open("text", "2031-03", PLACE, sealed) == PLAIN
    with pytest.raises(Fault, match="a part as it was stored"):
        vault.open("text", "2031-03", b"part 1 3 1", sealed)
    with pytest.raises(Fault):
        vault.open("text", "2031-03", PLACE, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_each_class_and_month_has_a_key_of_its_own(vault: Vault) -> None:
    sealed = vault.seal("text", "2031-03", PLACE, PLAIN)
    for name, month in (("text", "2031-04"), ("exact", "2031-03")):
        vault.seal(name, month, PLACE, PLAIN)
        with pytest.raises(Fault):
            vault.open(name, month, PLACE, sealed)
    assert vault.drawers() == (("exact", "2031-03"), ("text", "2031-03"), ("text", "2031-04"))


def test_what_lay_under_a_destroyed_key_is_not_held_by_anybody_who_kept_the_row(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal("text", "2031-03", PLACE, PLAIN)
    other = Vault(tmp_path / "body-keys", b"\7" * 32)
    assert other.open("text", "2031-03", PLACE, sealed) == PLAIN
    vault.destroy("text", "2031-03")
    assert vault.open("text", "2031-03", PLACE, sealed) is None
    assert other.open("text", "2031-03", PLACE, sealed) is None, "a key lives in memory no longer than its file"
    assert vault.drawers() == ()
    vault.destroy("text", "2031-03")


def test_a_new_key_of_a_month_opens_nothing_of_the_one_before(vault: Vault) -> None:
    sealed = vault.seal("text", "2031-03", PLACE, PLAIN)
    vault.destroy("text", "2031-03")
    vault.seal("text", "2031-03", PLACE, b"later")
    with pytest.raises(Fault):
        vault.open("text", "2031-03", PLACE, sealed)


def test_the_file_of_a_key_is_private_and_opens_with_the_secret_of_custody_alone(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal("text", "2031-03", PLACE, PLAIN)
    (file,) = (tmp_path / "body-keys").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        Vault(tmp_path / "body-keys", b"\1" * 32).open("text", "2031-03", PLACE, sealed)


def test_two_processes_that_make_a_key_at_once_use_the_same_one(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path / "body-keys", b"\7" * 32)
    sealed = vault.seal("text", "2031-03", PLACE, PLAIN)
    other._make(("text", "2031-03"))
    assert other.open("text", "2031-03", PLACE, sealed) == PLAIN
    assert len(list((tmp_path / "body-keys").iterdir())) == 1


@pytest.mark.parametrize("name", ["../text", "", "text/..", "a b"])
def test_a_class_is_no_way_out_of_the_folder(vault: Vault, name: str) -> None:
    with pytest.raises(Fault, match="a retention class"):
        vault.seal(name, "2031-03", PLACE, PLAIN)
