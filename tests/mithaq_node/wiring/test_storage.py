"""A database that fails under a page: the desk answers with the refusal's code, and with no more than it can."""

from pathlib import Path
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.test import Client

from mithaq_node.queries import watch
from mithaq_node.store.models import Officer
from tests import postgresql
from tests.mithaq_node import meadow


def test_a_view_that_the_database_fails_is_answered_with_a_page_and_its_code(
    officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(officers["duty"])

    def fail(*_: object) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(watch, "watch", fail)
    answer = client.get("/fa/watch/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "node.database-unreachable" in answer.content.decode()


def test_a_fault_of_the_program_is_not_taken_for_one_of_the_database(
    officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(officers["duty"])

    def fail(*_: object) -> None:
        raise FileNotFoundError("a file of the program's own")

    monkeypatch.setattr(watch, "watch", fail)
    assert client.get("/fa/watch/").status_code == 500


def test_a_database_that_is_gone_is_told_in_one_sentence(
    postgresql_server: postgresql.Server, tmp_path: Path, django_db_blocker: Any
) -> None:
    name = postgresql_server.create()
    node = meadow.settings_of(tmp_path / "ML", "ML", postgresql_server.url(name))
    meadow.found(node)
    with django_db_blocker.unblock(), meadow.standing_on(node):
        client = Client(raise_request_exception=False)
        client.force_login(meadow.officers()["duty"])
        postgresql_server.drop(name)
        answer = client.get("/fa/watch/")
    assert answer.status_code == 503
    assert answer.content.decode().endswith("\nnode.database-unreachable\n")
