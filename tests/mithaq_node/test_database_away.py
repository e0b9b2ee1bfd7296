"""A PostgreSQL that hangs up in the middle of a batch, or has no connection left: clear states, nothing lost, nothing
forked, and the same act succeeds later. A change of servers is in `test_standby.py`, a full disk in
`test_full_disk.py`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from mithaq_node.services import delivering
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests import postgresql
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair, feed, release

MANY = 300
LIMIT = 3


@pytest.fixture
def pair(postgresql_server: postgresql.Server, tmp_path: Path, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes that are level, each on a database of its own."""
    with django_db_blocker.unblock():
        names = [postgresql_server.create(meadow.template(postgresql_server)) for _ in meadow.PARTIES]
        made = Pair(tmp_path, [postgresql_server.url(name) for name in names])
    made.settle()
    yield made
    made.close()
    for name in names:
        postgresql_server.drop(name)


@pytest.mark.parametrize("at", ["before a part is stored", "at the commit"])
@pytest.mark.parametrize("gone", ["ML", "RL"])
def test_a_database_that_hangs_up_in_the_middle_of_a_batch_loses_and_forks_nothing(
    pair: Pair, postgresql_server: postgresql.Server, monkeypatch: pytest.MonkeyPatch, gone: str, at: str
) -> None:
    """ML sends many notices; RL's hangs up while it stores them, or ML's while it stores RL's answer."""
    release(pair.ml, [feed(pair.ml.seat, number) for number in range(MANY)])
    sent = pair.ml.own().head
    doomed = {"ML": pair.ml, "RL": pair.rl}[gone]
    hang_up = _once(doomed, postgresql_server)
    if at == "at the commit":
        write_link = record.write_link
        monkeypatch.setattr(record, "write_link", _after(write_link, doomed, hang_up))
    else:
        extend = record.extend
        monkeypatch.setattr(record, "extend", _after(extend, doomed, hang_up))
    peer, carry = pair.line(pair.ml)
    link = delivering.refresh(pair.ml, peer, pair.links["ML"], pair.ml.own())
    assert delivering.send(pair.ml, peer, link, carry, pair.now).code == "node.database-unreachable"
    monkeypatch.undo()
    setattr(pair, gone.lower(), _opened_again(doomed))
    pair.settle()
    assert pair.copy_of(pair.ml).head == pair.ml.own().head
    assert pair.copy_of(pair.rl).head == pair.rl.own().head
    assert pair.ml.tree(pair.ml.own()).root(sent.size) == sent.root
    assert (pair.ml.doubt(), pair.rl.doubt()) == (None, None)


def _once(doomed: Holdings, server: postgresql.Server) -> Callable[[], None]:
    """Hang up on `doomed`, the first time that it is asked."""
    left = [doomed.conn.info.backend_pid]  # type: ignore[attr-defined]  # psycopg's

    def hang_up() -> None:
        if left:
            server.run(f"SELECT pg_terminate_backend({left.pop()})")

    return hang_up


def _after(act: Callable[..., Any], doomed: Holdings, then: Callable[[], None]) -> Callable[..., Any]:
    def done(conn: Any, *arguments: Any, **named: Any) -> Any:
        told = act(conn, *arguments, **named)
        if conn is doomed.conn:
            then()
        return told

    return done


def _opened_again(holdings: Holdings) -> Holdings:
    holdings.close()
    return Holdings(holdings.seat)


def test_without_a_connection_left_the_desk_says_so_and_goes_on_when_there_is_one(
    postgresql_server: postgresql.Server, tmp_path: Path, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        name = postgresql_server.create(meadow.template(postgresql_server))
    postgresql_server.run(f"DROP ROLE IF EXISTS limited; CREATE ROLE limited LOGIN CONNECTION LIMIT {LIMIT}")
    postgresql_server.run("GRANT pg_read_all_data, pg_write_all_data TO limited")
    address = postgresql_server.url(name).replace("//postgres@", "//limited@")
    node = meadow.settings_of(tmp_path / "ML", "ML", address)
    meadow.found(node)
    with django_db_blocker.unblock(), meadow.standing_on(node):
        client = Client(raise_request_exception=False)
        client.force_login(meadow.officers()["duty"])
        connection.close()
        with ExitStack() as taken:
            for _ in range(LIMIT):
                taken.enter_context(closing(psycopg.connect(address)))
            answer = client.get("/fa/watch/")
            said = answer.content.decode()
            assert (answer.status_code, "node.database-unreachable" in said) == (503, True)
            assert "too many connections" in said
            assert client.get("/readyz").json()["checks"]["database"] is False
        assert client.get("/fa/watch/").status_code == 200
        connection.close()
    postgresql_server.drop(name)
