"""What the record does when the two servers under it are not of one mind: a standby that lags, one that lacks what was
signed, two that both take writes. The rest of `docs/how-to/standby.md` is in `tests/mithaq_cli/test_standby.py`."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mithaq.errors import Refusal
from mithaq_node.queries import health
from mithaq_node.services import seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.settings import node as settings
from tests import clusters
from tests.clusters import Clusters
from tests.mithaq_cli.two_nodes import until
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair, feed, release


@pytest.fixture(scope="module")
def migrated(django_db_blocker: Any) -> Iterator[Clusters]:
    """Both clusters; their database `mithaq` has the tables of a node."""
    with clusters.pair_or_skip() as made, django_db_blocker.unblock():
        meadow.migrate(meadow.settings_of(Path(), "ML", made.url()))
        yield made


@dataclass
class Standing:
    """ML on both clusters, RL on a file, a line between them in memory."""

    servers: Clusters
    database: str
    pair: Pair

    @property
    def ml(self) -> Holdings:
        return self.pair.ml

    def at(self, name: str) -> Holdings:
        """ML through one server, whatever the other does."""
        only = self.servers.only(name, self.database)
        return Holdings(seat.take(self.pair.nodes[0].folder, {"MITHAQ_DATABASE": only}))

    def reopen(self) -> None:
        """ML's processes open the record again."""
        self.pair.ml.close()
        self.pair.ml = Holdings(self.ml.seat)


_numbers = count()


@pytest.fixture
def standing(migrated: Clusters, tmp_path: Path, django_db_blocker: Any) -> Iterator[Standing]:
    """Two nodes that are level, on a database of their own; what an earlier test made of the standby is mended."""
    if not migrated.sql(migrated.primary, "SELECT 1 FROM pg_stat_replication"):
        migrated.kill(migrated.standby)
        migrated.rejoin()
    database = f"mithaq_{next(_numbers)}"
    migrated.sql(migrated.primary, f"CREATE DATABASE {database} TEMPLATE mithaq")
    with django_db_blocker.unblock():
        pair = Pair(tmp_path, (migrated.url(database), "sqlite"))
        pair.settle()
        yield Standing(migrated, database, pair)
        pair.close()


def put(holdings: Holdings, number: int) -> int:
    """The size of our log after one more notice."""
    return release(holdings, [feed(holdings.seat, number)]).log.size


def test_nothing_is_acknowledged_while_the_standby_lags_and_all_of_it_once_it_is_back(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LONGEST_WAIT", 0.5)
    servers, ml, before = standing.servers, standing.ml, standing.ml.own()
    told: list[int] = []
    with meadow.standing_on(settings.read(standing.pair.nodes[0].folder, {})):
        assert health.readiness()["standby"]
        servers.tell(servers.standby, signal.SIGSTOP)
        waiting = threading.Thread(target=lambda: told.append(put(ml, 1)))
        waiting.start()
        try:
            until(lambda: not health.readiness()["standby"], 20)
            answer = Client().get("/readyz")
            assert (answer.status_code, answer.json()["checks"]["database"]) == (503, True)
            assert told == []
            with closing(standing.at(servers.primary)) as other:
                assert other.own() == before  # what nobody was told is not to be seen either
        finally:
            servers.tell(servers.standby, signal.SIGCONT)
        waiting.join(30)
        assert told == [before.size + 1]
        assert health.readiness()["standby"]
        connection.close()
    standing.pair.settle()
    assert not standing.pair.behind()


def test_a_standby_that_lacks_what_was_signed_signs_nothing_until_the_counterpart_has_given_it_back(
    standing: Standing,
) -> None:
    servers, pair = standing.servers, standing.pair
    servers.reload(servers.primary, "synchronous_standby_names", "''")
    servers.kill(servers.standby)
    for number in range(3):
        put(pair.ml, number)
    pair.settle()
    signed = pair.ml.own()
    servers.kill(servers.primary)
    servers.start(servers.standby)
    servers.take_over()
    standing.reopen()
    assert pair.ml.own().size < signed.size
    assert _code(pair.ml.secure) == "fence.store-behind"
    pair.settle_by_steps()
    assert pair.ml.tree(pair.ml.own()).root(signed.size) == signed.head.root
    put(pair.ml, 9)
    pair.settle_by_steps()
    assert pair.ml.doubt() is None
    assert [each.theirs(peer).frozen for each in (pair.ml, pair.rl) for peer in each.seat.peers.values()] == ["", ""]


def test_of_two_servers_that_both_take_writes_only_one_history_is_signed(standing: Standing) -> None:
    """The line between the two is cut, somebody promotes the standby, and the old server lives on."""
    servers, pair = standing.servers, standing.pair
    servers.reload(servers.primary, "synchronous_standby_names", "''")
    until(lambda: servers.sql(servers.primary, "SELECT 1 FROM pg_stat_replication WHERE sent_lsn = replay_lsn"))
    old, new = servers.primary, servers.standby
    servers.take_over()
    with closing(standing.at(old)) as left, closing(standing.at(new)) as right:
        assert left.own() == right.own()
        assert put(left, 1) == put(right, 2)
        won = right.secure()
        assert _code(left.secure) == "fence.store-differs"
        assert left.doubt() is not None
        put(left, 3)
        put(right, 4)
        assert _code(left.secure) == "fence.store-differs"
        pair.ml.close()
        for holdings in (left, right):
            pair.ml = holdings
            pair.step(pair.ml)
        pair.settle()
        assert pair.copy_of(right).head == right.own().head
        assert right.tree(right.own()).root(won.size) == won.head.root
        assert [pair.rl.theirs(peer).frozen for peer in pair.rl.seat.peers.values()] == [""]
    standing.reopen()


def _code(act: Callable[[], object]) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.code
    return ""
