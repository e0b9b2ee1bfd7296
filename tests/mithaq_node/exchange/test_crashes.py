"""The power is cut before and after every call that a node makes of the world; it starts again and nothing is lost.

Each scenario is first run whole to count the calls, and then once for each of them. The node that made the call stops
there and is opened again from what is durable; the other goes on. Afterwards: what was released is in its log; what was
receipted is held; no two heads that were ever signed or cosigned contradict each other; both sides come to hold the
same.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from mithaq.errors import Refusal
from mithaq.exchange.session import Link
from mithaq.notices import envelope
from mithaq.record import merkle
from mithaq_node.services import backups, delivering
from mithaq_node.services.calling import LineDown
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record
from mithaq_node.store.engine import SQLITE
from mithaq_node.store.fence import Fence
from tests import postgresql
from tests.mithaq_node import meadow
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.pair import Pair, notice, release
from tests.mithaq_node.ports import Ports, PowerCut
from tests.mithaq_node.setback import SetBack

_SQLITE = ("sqlite", "sqlite")
Record = Callable[[str, object], None]
"""What a test says into the summary of the run (`tests.evidence`)."""


class Machines:
    """Two nodes whose folders can be put back to how they were, and whose power can be cut."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, server: postgresql.Server | None = None) -> None:
        self.folder, self.kept, self.server = folder / "nodes", folder / "kept", server
        self.folder.mkdir()
        self.databases: dict[str, str] = {}
        self.templates: dict[str, str] = {}
        if server is not None:
            self.databases = {party: server.create(meadow.template(server)) for party in meadow.PARTIES}
        self.pair = Pair(self.folder, [server.url(name) for name in self.databases.values()] if server else _SQLITE)
        self.pair.settle()
        self.ports = Ports()
        self.ports.install(patch)
        self.lost = 0
        self.released: list[bytes] = []

    def keep(self) -> None:
        """From here every run of a scenario starts."""
        self.pair.close()
        shutil.copytree(self.folder, self.kept)
        self.templates, self.databases = self.databases, {}

    def begin(self, cut_at: int) -> None:
        self.pair.close()
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder)
        self._put_back()
        self.ports.start()
        self.ports.signed.clear()
        self.ports.cosigned.clear()
        self.released.clear()
        self.pair.now = pairs.NOW
        for party in ("ML", "RL"):
            self.open(party)
        self.ports.start(cut_at)

    def _put_back(self) -> None:
        """On PostgreSQL: databases as they were, and none of those that the last run left."""
        if self.server is None:
            return
        self.drop(self.databases)
        self.databases = {party: self.server.create(name) for party, name in self.templates.items()}
        for party, name in self.databases.items():
            old = getattr(self.pair, party.lower())
            setattr(self.pair, party.lower(), Holdings(replace(old.seat, database=self.server.url(name))))

    def drop(self, databases: dict[str, str]) -> None:
        for name in databases.values():
            assert self.server is not None
            self.server.drop(name)

    def open(self, party: str) -> None:
        """Start a node from what is durable; a cut while it starts is a cut like any other."""
        old = getattr(self.pair, party.lower())
        old.close()
        self.pair.links[party] = Link()
        fresh = replace(old.seat, fence=Fence(self.pair.fence_folder(party)))
        setattr(self.pair, party.lower(), Holdings(fresh))

    def release(self, number: int) -> None:
        ml = self.pair.ml
        row = notice(ml.seat, number)
        release(ml, [row])
        self.released.append(row[0])

    def settle(self) -> None:
        """Let both workers work until both hold the same; whoever is cut off starts again."""
        for _ in range(40):
            for party in ("ML", "RL"):
                self.surviving(party, partial(self._step, party))
            with self.ports.looking_on():
                if not self.pair.behind() and not self._unsure():
                    return
            self.pair.now = type(self.pair.now)(self.pair.now.seconds + 130)
        raise AssertionError("the two nodes do not come to rest")

    def surviving(self, party: str, deed: Callable[[], object]) -> bool:
        """Whether the deed came to its end; if not, the node that was cut off has started again."""
        try:
            deed()
        except PowerCut:
            self.open(party)
            return False
        return True

    def _step(self, party: str) -> None:
        sender = getattr(self.pair, party.lower())
        peer, carry = self.pair.line(sender)
        other = peer.party

        def carried(body: bytes, fields: Any) -> bytes:
            self.ports.call("before carry")
            try:
                said = carry(body, fields)
            except PowerCut as cut:
                self.open(other)
                raise LineDown("link.down") from cut
            self.ports.call("after carry")
            return said

        link = replace(self.pair.links[party], not_before=0.0)
        own = sender.own()
        if own.size == link.held and not link.missing and not link.beyond and sender.doubt() is None:
            link = replace(link, sent_at=0.0)  # the heartbeat
        after, _ = delivering.step(sender, peer, link, carried, self.pair.now)
        self.pair.links[party] = after

    def _unsure(self) -> bool:
        return any(holdings.doubt() is not None for holdings in (self.pair.ml, self.pair.rl))

    def check(self) -> None:
        """Nothing acknowledged is lost, nothing forked."""
        self.ports.start()
        for holdings in (self.pair.ml, self.pair.rl):
            own = holdings.own()
            leaves = record.read_entries(holdings.conn, holdings.engine, own, 0, own.size)
            tree = merkle.Tree(map(merkle.leaf_hash, leaves))
            for head in (*self.ports.signed, *self.ports.cosigned):
                if head.origin == own.origin:
                    assert tree.root(head.size) == head.root
            assert len(leaves) == len({envelope.parse(leaf).header.id for leaf in leaves})
            assert not holdings.theirs(next(iter(holdings.seat.peers.values()))).frozen
        ml = self.pair.ml
        leaves = record.read_entries(ml.conn, ml.engine, ml.own(), 0, ml.own().size)
        assert [leaf for leaf in self.released if leaf not in leaves] == []
        copy = self.pair.copy_of(ml)
        held = record.read_parts(self.pair.rl.conn, self.pair.rl.engine, copy, 0, copy.size)
        assert held == record.read_parts(ml.conn, ml.engine, ml.own(), 0, ml.own().size)
        theirs = record.read_entries(self.pair.rl.conn, self.pair.rl.engine, self.pair.rl.own(), 0, 10_000)
        sizes = [said.size for leaf in theirs if (said := envelope.parse(leaf).header.receipt)]
        assert sizes == sorted(sizes)


@pytest.fixture
def postgresql_machines(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: Any,
    postgresql_server: postgresql.Server,
) -> Iterator[Machines]:
    """The same on PostgreSQL."""
    with django_db_blocker.unblock():
        made = Machines(tmp_path, monkeypatch, postgresql_server)
    yield made
    made.ports.start()
    made.pair.close()
    made.drop(made.databases)
    made.drop(made.templates)


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Machines]:
    """In memory where there is such a folder: a test forces thousands of files to the device."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else tmp_path))
    with django_db_blocker.unblock():
        made = Machines(folder, monkeypatch)
    yield made
    made.ports.start()
    made.pair.close()
    shutil.rmtree(folder)


def every_cut(machines: Machines, scenario: Callable[[], None], step: int = 1) -> list[str]:
    """Run the scenario whole, then with the power cut at each call; the names of the calls."""
    machines.begin(0)
    scenario()
    calls = list(machines.ports.calls)
    machines.check()
    for cut_at in range(1, len(calls) + 1, step):
        machines.begin(cut_at)
        scenario()
        machines.check()
    return calls


def test_a_notice_survives_a_cut_at_every_call_from_its_release_to_its_receipt(machines: Machines) -> None:
    release_and_deliver(machines)


@pytest.mark.long
def test_it_does_on_postgresql_too(postgresql_machines: Machines, record_property: Record) -> None:
    record_property("done", f"{release_and_deliver(postgresql_machines)} cuts of the power")


def release_and_deliver(machines: Machines) -> int:
    machines.keep()

    def scenario() -> None:
        while not machines.surviving("ML", lambda: machines.release(1)):
            if machines.pair.ml.own().size > 2:  # durable, although nobody was told
                break
        machines.settle()

    calls = every_cut(machines, scenario)
    for name in ("begin", "commit", "fence move", "fence write", "sign", "cosign", "carry"):
        assert f"before {name}" in calls
        assert f"after {name}" in calls
    return len(calls)


def test_recovery_survives_a_cut_at_every_call_of_its_own(machines: Machines) -> None:
    recover(machines)


@pytest.mark.long
def test_recovery_does_on_postgresql_too(postgresql_machines: Machines, record_property: Record) -> None:
    record_property("done", f"{recover(postgresql_machines)} cuts of the power")


def recover(machines: Machines) -> int:
    setback = SetBack(machines.pair, machines.server)
    setback.remember()
    for number in range(3):
        machines.release(number)
    release(machines.pair.rl, [notice(machines.pair.rl.seat, 50)])
    machines.pair.settle()
    whole = machines.pair.ml.own().head
    setback.restore()
    if machines.server is not None:
        machines.databases["ML"] = str(conninfo_to_dict(machines.pair.ml.seat.database)["dbname"])
    machines.keep()

    def scenario() -> None:
        machines.settle()
        own = machines.pair.ml.own()
        assert machines.pair.ml.root_at(own, whole.size) == whole.root

    calls = every_cut(machines, scenario)
    assert "after commit" in calls
    return len(calls)


@pytest.fixture
def backup(tmp_path: Path, django_db_blocker: Any) -> Path:
    """A backup of a node that has told something."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path)
        made.settle()
        release(made.ml, [notice(made.ml.seat, 1)])
    node = meadow.settings_of(made.ml.seat.folder, "ML")
    backups.write(node=node, out=tmp_path / "backup", now=pairs.NOW)
    made.close()
    return tmp_path / "backup"


def test_a_restore_that_is_cut_off_is_all_there_or_not_at_all(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = Ports()
    ports.install(monkeypatch)
    ports.install_desk(monkeypatch)

    def restored(cut_at: int) -> str:
        """The mark on the restored log, or `empty`."""
        folder = tmp_path / f"cut-{cut_at}"
        folder.mkdir()
        target = meadow.settings_of(folder, "ML")
        meadow.migrate(target)
        ports.start(cut_at)
        with closing(engines.open("sqlite", target.sqlite)) as conn, suppress(PowerCut):
            backups.load(file=backup, conn=conn, engine=SQLITE)
        with ports.looking_on(), closing(engines.open("sqlite", target.sqlite)) as conn:
            found = [log.unsure for log in record.logs(conn, SQLITE) if log.own]
        return found[0] if found else "empty"

    assert restored(0) == "fence.restored"
    calls = list(ports.calls)
    assert len(calls) > 40
    ended = [restored(cut) for cut in range(1, len(calls) + 1)]
    assert ended == ["empty"] * (len(calls) - 1) + ["fence.restored"]
    assert calls[-1] == "after commit"


def test_files_that_were_laid_out_in_part_are_laid_out_again(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until `node.toml` is there it is no node, and restoring again begins anew."""
    ports = Ports()
    for place, name in ((os, "fsync"), (Path, "replace")):
        monkeypatch.setattr(place, name, ports._wrapped(name, getattr(place, name)))

    def laid_out(cut_at: int) -> dict[str, bytes]:
        folder = tmp_path / f"cut-{cut_at}"
        (folder / "keys").mkdir(parents=True)
        ports.start(cut_at)
        with suppress(PowerCut):
            backups.lay_out(file=backup, folder=folder)
        with ports.looking_on():
            if not (folder / "node.toml").exists():
                backups.lay_out(file=backup, folder=folder)
            return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    whole = laid_out(0)
    calls = len(ports.calls)
    assert calls > 10
    assert all(laid_out(cut) == whole for cut in range(1, calls + 1))


def test_a_folder_with_a_file_of_its_own_is_not_laid_out(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "keys").mkdir(parents=True)
    (tmp_path / "other" / "diary.txt").write_bytes(b"")
    with pytest.raises(Refusal, match=r"node\.folder-not-empty"):
        backups.lay_out(file=backup, folder=tmp_path / "other")
