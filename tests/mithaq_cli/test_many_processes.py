"""Two parties, each served from two machines over one PostgreSQL, as `docs/how-to/several-machines.md` says: eight web
processes, four doors, four workers, a proxy before each party. Every log stays one, whoever writes it, and a machine
that is lost is missed by nobody."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mithaq_node.services import clock, founding, seat
from mithaq_node.settings import node as settings
from mithaq_node.store import fences
from mithaq_node.store.fence_table import TableFence
from tests import papers, postgresql
from tests.mithaq_cli.desk import Visitor
from tests.mithaq_cli.feeding import Feed, check
from tests.mithaq_cli.proxy import Proxy
from tests.mithaq_cli.two_nodes import NodeFolder, until
from tests.mithaq_node import meadow
from tests.mithaq_node import pair as lines
from tests.papers import Paper

MACHINES = ("127.0.0.2", "127.0.0.3")


@dataclass
class Served:
    """A party: one machine's folder after the other, and the proxies before their pages and their doors."""

    party: str
    database: str
    machines: list[NodeFolder] = field(default_factory=list)
    pages: Proxy = field(default_factory=Proxy)
    doors: Proxy = field(default_factory=Proxy)

    def claims(self) -> int:
        """How many workers serve its link: the claims that its database has given."""
        with psycopg.connect(self.database) as conn:
            row = conn.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
            ).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def served(postgresql_server: postgresql.Server, tmp_path: Path, django_db_blocker: Any) -> Iterator[dict[str, Served]]:
    """Both parties, paired, on the addresses of their proxies; nothing runs but those."""
    names = [postgresql_server.create() for _ in range(4)]
    urls = [postgresql_server.url(name) for name in names]
    with ExitStack() as proxies, django_db_blocker.unblock():
        made = {
            party: _found(tmp_path, Served(party, urls[number]), urls[number + 2], proxies)
            for number, party in enumerate(meadow.PARTIES)
        }
        ml, rl = (settings.read(each.machines[0].data, {}) for each in made.values())
        lines.introduce(ml, rl)
        for each in made.values():
            lines.enter(seat.take(each.machines[0].data, {}), clock.now())
            _copy(each)
        yield made
    for url in urls[2:]:
        fence = fences.at(url)
        assert isinstance(fence, TableFence)
        fence.close()
    for name in names:
        postgresql_server.drop(name)


def _found(folder: Path, served: Served, fence: str, proxies: ExitStack) -> Served:
    machine = NodeFolder(served.party, folder / served.party, options=("--workers", "2"))
    served.machines.append(machine)
    proxies.enter_context(served.pages.before([(host, machine.port) for host in MACHINES]))
    proxies.enter_context(served.doors.before([(host, machine.peer_port) for host in MACHINES]))
    node = meadow.settings_of(
        machine.data, served.party, served.database,
        fence=fence, body_keys=str(folder / f"body-keys-{served.party}"), https=False,
        host=MACHINES[0], port=machine.port, peer_host=MACHINES[0], peer_port=machine.peer_port,
    )  # fmt: skip
    founding.found(
        node=node, instrument=meadow.sealed(), url=f"https://localhost:{served.doors.port}",
        certificate_hosts=("localhost",), now=clock.now(),
    )  # fmt: skip
    founding.finish(node)
    meadow.migrate(node)
    return served


def _copy(served: Served) -> None:
    """The second machine's folder, as the page says."""
    first = served.machines[0]
    folder = first.data.with_name(f"{served.party}-second")
    shutil.copytree(first.data, folder)
    told = folder / "node.toml"
    told.write_text(told.read_text().replace(MACHINES[0], MACHINES[1]))
    secret = first.data.with_name(f"{first.data.name}.secret")
    shutil.copy(secret, folder.with_name(f"{folder.name}.secret"))
    served.machines.append(NodeFolder(served.party, folder, first.port, first.peer_port, options=first.options))


@contextmanager
def serving(machines: list[NodeFolder]) -> Iterator[None]:
    with ExitStack() as running:
        for machine in machines:
            running.enter_context(machine.serving())
        yield


@pytest.mark.long
@pytest.mark.runs("docs/how-to/several-machines.md", "mithaq check")
def test_two_parties_on_two_machines_each_keep_one_log_and_miss_none_that_is_lost(
    paper: Paper, served: dict[str, Served]
) -> None:
    machines = [machine for each in served.values() for machine in each.machines]
    machines[0].add_officer("duty")
    for machine in machines:
        check_it, serve = paper.commands(fill={"/srv/mithaq": str(machine.data)})
        machine.give(check_it)
        assert papers.words(serve) == ["mithaq", "serve", "--data", str(machine.data), *machine.options]
    with serving(machines):
        visitor = Visitor(served["ML"].pages.port)
        visitor.sign_in("duty")
        feeds = [
            (each.party, Feed(machine, (number + 1) * 1_000_000, lasting=True))
            for each in served.values()
            for number, machine in enumerate(each.machines)
        ]
        for _, feed in feeds:
            feed.start()
        for _, feed in feeds:
            feed.wait(40)
        assert [visitor.get("/en/watch/") for _ in range(8)] == [200] * 8
        assert len(served["ML"].pages.reached) == len(MACHINES)
        until(lambda: {each.claims() for each in served.values()} == {1})
        lost = served["ML"].machines[0]
        os.killpg(lost.running.pid, signal.SIGKILL)
        lost.kill()
        served["ML"].pages.drop(MACHINES[0])
        served["ML"].doors.drop(MACHINES[0])
        for _, feed in feeds:
            feed.wait(len(feed.heard) // 40 + 20)
        said = {party: [each for mine, feed in feeds if mine == party for each in feed.kill()] for party in served}
        assert [visitor.get("/en/watch/") for _ in range(4)] == [200] * 4
        check({party: each.machines[1] for party, each in served.items()}, said)
        lost.start()
    for told in said.values():
        assert len({size for size, _ in told}) == len(told)  # no number was given twice
    for each in served.values():
        assert each.machines[1].mithaq("fsck")["verdict"] == "SOUND"
