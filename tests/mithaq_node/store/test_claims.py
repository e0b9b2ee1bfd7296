"""A claim is one connection's, ends with it, and is granted to everybody where one supervisor holds the folder."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from mithaq_node.store import claims
from mithaq_node.store import engine as engines
from mithaq_node.store.engine import Connection, Engine
from tests import postgresql


@pytest.fixture
def address(postgresql_server: postgresql.Server) -> str:
    return postgresql_server.url("postgres")


def _opened(address: str) -> tuple[Connection, Engine]:
    return engines.open(address, Path()), engines.of("postgresql")


def test_one_of_two_workers_has_it_and_the_other_once_the_first_is_gone(address: str) -> None:
    (first, engine), (second, _) = _opened(address), _opened(address)
    assert claims.taken(first, engine, "deliver a")
    assert not claims.taken(second, engine, "deliver a")
    assert claims.taken(second, engine, "deliver b")
    first.close()
    _until_granted(second, engine)
    second.close()


def _until_granted(conn: Connection, engine: Engine) -> None:
    for _ in range(200):  # the server notices that the other has hung up when it next looks
        if claims.taken(conn, engine, "deliver a"):
            return
        threading.Event().wait(0.05)
    raise AssertionError("the claim of a connection that is gone still stands")


def test_what_is_done_under_a_claim_is_done_by_one_after_the_other(address: str) -> None:
    done: list[str] = []
    first, engine = _opened(address)

    def other() -> None:
        conn, _ = _opened(address)
        with closing(conn), claims.held(conn, engine, "a day's work"):
            done.append("other")

    with claims.held(first, engine, "a day's work"):
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.3)
        done.append("first")
    waiting.join(20)
    assert done == ["first", "other"]
    first.close()


def test_a_claim_that_was_lost_with_its_connection_does_not_hide_why(address: str) -> None:
    conn, engine = _opened(address)

    def work() -> None:
        with claims.held(conn, engine, "a day's work"):
            conn.close()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()


def test_with_sqlite_every_claim_is_granted(tmp_path: Path) -> None:
    first, second = (engines.open("sqlite", tmp_path / "a.sqlite3") for _ in range(2))
    for conn in (first, second):
        assert claims.taken(conn, engines.SQLITE, "deliver a")
        with claims.held(conn, engines.SQLITE, "deliver a"):
            pass
        conn.close()
