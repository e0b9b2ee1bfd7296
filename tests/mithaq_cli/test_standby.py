"""A node whose PostgreSQL is lost under load and taken over by its standby, as `docs/how-to/standby.md` says.

Two real clusters on loopback, two real nodes. ML stands on them and is fed by a machine of its own and by its
counterpart's deliveries while the server that takes writes is ended outright.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import clusters
from tests.clusters import Clusters
from tests.mithaq_cli.desk import Visitor
from tests.mithaq_cli.feeding import Feed, Said, check
from tests.mithaq_cli.two_nodes import NodeFolder, found, pair, until
from tests.mithaq_node import meadow
from tests.papers import Paper

KILLS = 20


@pytest.fixture
def servers() -> Iterator[Clusters]:
    """Both clusters as the page makes them."""
    with clusters.pair_or_skip() as made:
        yield made


@pytest.fixture
def nodes(servers: Clusters, tmp_path: Path, django_db_blocker: Any) -> dict[str, NodeFolder]:
    """ML on both clusters, RL on a file, made without their commands, which take longer than what is tried."""
    made = {party: NodeFolder(party, tmp_path / party) for party in meadow.PARTIES}
    with django_db_blocker.unblock():
        return found(made, {"ML": servers.url()})


@pytest.fixture
def nodes_by_command(servers: Clusters, tmp_path: Path) -> Iterator[dict[str, NodeFolder]]:
    """The same, made as two ministries would, with officers."""
    with pair(tmp_path, {"ML": servers.url()}) as made:
        yield made


@dataclass
class Losing:
    """What both nodes were told over all the servers that were lost."""

    servers: Clusters
    nodes: dict[str, NodeFolder]
    drawn: random.Random
    said: dict[str, list[Said]] = field(default_factory=lambda: {"ML": [], "RL": []})

    def turn(self, number: int) -> None:
        """Both are fed; the server is gone at any moment of it; the standby takes over, and the feeds go on."""
        feeds = {party: Feed(node, (number + 1) * 1_000_000, lasting=True) for party, node in self.nodes.items()}
        for each in feeds.values():
            each.start()
        before = self.drawn.randint(1, 60)
        for each in feeds.values():
            each.wait(before)
        self.servers.lose()
        told = feeds["ML"].heard
        feeds["ML"].wait(len(told) // 40 + 20)
        for party, each in feeds.items():
            self.said[party] += each.kill()


def _is_ready(node: NodeFolder) -> bool:
    try:
        return node.get("/readyz")[0] == 200
    except OSError:
        return False


def _findings(node: NodeFolder) -> list[str]:
    return [each["id"] for each in node.mithaq("check")["findings"]]


def _lose(servers: Clusters, nodes: dict[str, NodeFolder], kills: int) -> dict[str, int]:
    """Lose the server so often; how many notices each node was told are logged."""
    losing = Losing(servers, nodes, random.Random(5))
    for number in range(kills):
        losing.turn(number)
        until(lambda: _is_ready(nodes["ML"]))
        if number + 1 < kills:
            servers.rejoin()
    check(nodes, losing.said)
    return {party: len(said) for party, said in losing.said.items()}


def _prove(nodes: dict[str, NodeFolder], folder: Path) -> None:
    """Both derive their record again, and an auditor finds the same in both."""
    for party, node in nodes.items():
        assert node.mithaq("fsck")["verdict"] == "SOUND"
        node.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(folder / f"export-{party}"))
        assert node.mithaq("verify", str(folder / f"export-{party}"))["verdict"] == "INTACT"
    nodes["ML"].mithaq("record", "compare", *(str(folder / f"export-{party}") for party in nodes))


@pytest.mark.runs("docs/how-to/standby.md")
@pytest.mark.runs("docs/how-to/several-machines.md", "tcp_keepalives_idle")
def test_the_server_is_lost_under_load_and_the_node_goes_on_with_everything(
    paper: Paper, servers: Clusters, nodes: dict[str, NodeFolder]
) -> None:
    assert "mithaq.W017" not in _findings(nodes["ML"])
    named = paper.text("database = ", fill={"5433": str(servers.ports["alpha"]), "5434": str(servers.ports["beta"])})
    toml = nodes["ML"].data / "node.toml"
    toml.write_text(re.sub("^database = .*\n", lambda _: named, toml.read_text(), flags=re.MULTILINE))
    servers.append("alpha", paper.text("tcp_keepalives_idle"))
    with nodes["ML"].serving(), nodes["RL"].serving():
        _lose(servers, nodes, 1)
    (check_it,) = paper.commands("mithaq check", fill={"/srv/mithaq": str(nodes["ML"].data)})
    assert "mithaq.W017" in nodes["ML"].give(check_it)  # the one that took over stands alone
    servers.rejoin()
    assert "mithaq.W017" not in nodes["ML"].give(check_it)
    for heading in ("initdb", "pg_ctl", "rm -r"):
        assert set(paper.commands(heading)) <= set(servers.given)
    assert nodes["ML"].mithaq("fsck")["verdict"] == "SOUND"


@pytest.mark.long
def test_the_server_is_lost_twenty_times_under_load_and_nothing_is_missing(
    servers: Clusters,
    nodes_by_command: dict[str, NodeFolder],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    nodes = nodes_by_command
    with nodes["ML"].serving(), nodes["RL"].serving():
        officer = Visitor(nodes["ML"].port)
        officer.sign_in("duty")
        told = _lose(servers, nodes, KILLS)
        assert officer.get("/en/watch/") == 200  # the session is one of the things that were not lost
        number = nodes["ML"].file_and_release("incident.initial", meadow.INCIDENT)
        until(lambda: number in [leaf["number"] for leaf in nodes["RL"].leaves("ML")])
    _prove(nodes, tmp_path)
    record_property("done", f"{KILLS} servers lost, {told} notices told as logged")
