"""What every test may use: both database engines, and no network but this machine's own."""

import socket
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from mithaq_node.keystore import wrapping
from tests import papers, postgresql
from tools import catalogues

catalogues.compile_all()

settings.register_profile("mithaq", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mithaq")

ENGINES = ("sqlite", "postgresql")
_connect = socket.socket.connect


def _connect_here(self: socket.socket, address: Any) -> None:
    """No test reaches beyond this machine: loopback and local sockets only."""
    if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        raise AssertionError(f"a test reached for the network: {address!r}")
    _connect(self, address)


def _is_here(host: str) -> bool:
    return host in ("::1", "localhost") or host.startswith("127.")


socket.socket.connect = _connect_here  # type: ignore[method-assign,assignment]  # on purpose, for the whole run


@pytest.fixture(scope="session", autouse=True)
def cheap_keys() -> Iterator[None]:
    """Opening a key is slow on purpose, and tests open thousands; a box carries its own cost, so any can be opened."""
    dear = wrapping.PASSES, wrapping.MEMORY_KIB
    wrapping.PASSES, wrapping.MEMORY_KIB = 1, 8
    yield
    wrapping.PASSES, wrapping.MEMORY_KIB = dear


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """A PostgreSQL server, started once a run; skips with the reason where none can be had."""
    running = postgresql.running()
    try:
        server = running.__enter__()
    except postgresql.NotToBeHad as reason:
        pytest.skip(f"PostgreSQL: {reason}")
    try:
        yield server
    finally:
        running.__exit__(None, None, None)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: a test that asks for it runs once on each."""
    name: str = request.param
    if name == "postgresql":
        request.getfixturevalue("postgresql_server")
    return name


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """What stands under `database` in a node's settings: `sqlite`, or the address of a fresh PostgreSQL database."""
    if engine == "sqlite":
        yield "sqlite"
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def paper(request: pytest.FixtureRequest) -> papers.Paper:
    """The blocks of the papers that the test's marks `runs` name."""
    marks = list(request.node.iter_markers("runs"))
    return papers.of(mark.args for mark in reversed(marks))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """A test that says what it runs of a paper has run it."""
    yield
    paper = getattr(item, "funcargs", {}).get("paper")
    if isinstance(paper, papers.Paper):
        assert paper.left() == [], "named by the mark `runs`, and not run"
