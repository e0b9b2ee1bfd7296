"""System checks by their ids."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import override_settings

from mithaq_node.keystore import custody, vault
from mithaq_node.settings.node import Node
from tests.mithaq_node import meadow


def found(node: Node) -> set[str]:
    with override_settings(NODE=node):
        return {str(each.id) for each in run_checks(tags=["mithaq"], include_deployment_checks=True)}


def founded(tmp_path: Path, **values: Any) -> Node:
    node = meadow.settings_of(tmp_path / "ML", "ML", **values)
    meadow.found(node)
    return node


def test_a_sound_node_has_only_its_fence_and_its_secret_to_be_moved(tmp_path: Path) -> None:
    node = founded(tmp_path, https=True, second_factor=["duty", "releasing", "secretariat", "auditor"])
    assert found(node) == {"mithaq.W001", "mithaq.W004"}


@pytest.mark.parametrize(
    ("data", "fence", "beside"),
    [
        ("alpha.example", "alpha.example", True),
        ("alpha.example", "alpha.example:5432", True),
        ("alpha.example,beta.example", "beta.example", True),
        ("alpha.example:5433,beta.example:5434", "beta.example:5434", True),
        ("alpha.example,beta.example", "gamma.example", False),
        ("alpha.example:5433", "alpha.example:5434", False),
        ("alpha.example:5433,beta.example:5434", "alpha.example:5434", False),
        ("", "", True),
    ],
)
def test_w001_a_fence_in_one_of_the_datas_own_servers(tmp_path: Path, data: str, fence: str, beside: bool) -> None:
    node = founded(tmp_path, https=True)
    moved = replace(node, database=f"postgresql://desk@{data}/meadow", fence=f"postgresql://desk@{fence}/fence")
    assert ("mithaq.W001" in found(moved)) is beside


def test_w001_one_port_is_the_port_of_every_host(tmp_path: Path) -> None:
    node = founded(tmp_path, https=True)
    both = "postgresql://desk@/meadow?host=alpha.example,beta.example&port=5433"
    for fence, beside in (("beta.example:5433", True), ("beta.example", False)):
        moved = replace(node, database=both, fence=f"postgresql://desk@{fence}/fence")
        assert ("mithaq.W001" in found(moved)) is beside


def test_e001_a_key_that_others_can_read(tmp_path: Path) -> None:
    node = founded(tmp_path)
    (node.keys / "log.seed").chmod(0o644)
    assert "mithaq.E001" in found(node)


def test_e002_no_instrument(tmp_path: Path) -> None:
    node = founded(tmp_path)
    (node.instrument / "law.json").unlink()
    assert "mithaq.E002" in found(node)


def test_w003_keys_of_texts_beside_the_data(tmp_path: Path) -> None:
    node = founded(tmp_path, https=True, body_keys="body-keys")
    assert "mithaq.W003" not in found(node)
    vault.at(node).seal("text", "2031-03", b"a part", b"a text")
    assert "mithaq.W003" in found(node)


def test_w004_the_secret_beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = founded(tmp_path, https=True)
    assert "mithaq.W004" in found(node)
    monkeypatch.setenv("MITHAQ_SECRET_FILE", str(custody.secret_beside(node.keys)))
    assert "mithaq.W004" not in found(node)


def test_w006_desks_that_a_password_alone_opens(tmp_path: Path) -> None:
    assert "mithaq.W006" in found(founded(tmp_path, second_factor=["duty", "releasing", "secretariat"]))


def test_w002_passwords_in_the_clear(tmp_path: Path) -> None:
    assert "mithaq.W002" in found(founded(tmp_path, https=False))


def test_e003_a_database_whose_guards_were_dropped(node: Node) -> None:
    def ids() -> set[str]:
        found = run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"])
        return {str(each.id) for each in found}

    assert "mithaq.E003" not in ids()
    with connection.cursor() as cursor:
        suffix = " ON entry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER entry_delete_refused{suffix}")
    assert "mithaq.E003" in ids()


def _of_database(node: Node) -> set[str]:
    with override_settings(NODE=node):
        found = run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"])
    return {str(each.id) for each in found}


def test_e017_a_database_that_says_committed_too_early(node: Node) -> None:
    assert "mithaq.E017" not in _of_database(node)
    if node.engine == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            assert "mithaq.E017" in _of_database(node)
            cursor.execute("RESET synchronous_commit")


def test_w017_a_server_that_another_is_to_take_over_and_that_waits_for_none(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mithaq.W017" not in _of_database(node)
    if node.engine == "postgresql":
        monkeypatch.setitem(connection.settings_dict, "HOST", "alpha.example,beta.example")
        assert "mithaq.W017" in _of_database(node)
