"""Damage that `mithaq demo break` does to the running demonstration: real, and found out in the way a real one is.

Each damage says what was done and where to look. None of them tells any node that it was done.
"""

import os
import shlex
import signal
import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.notices import numbers
from mithaq_cli.demo.folder import PARTIES
from mithaq_cli.demo.processes import program
from mithaq_cli.demo.stage import Stage, plain
from mithaq_cli.demo.story import steps

CUT_SECONDS = 60
_BACKDATED_HOURS = 6

STATUS = {
    "crossing": "mehran-zurbatiyah",
    "direction": ["to-iq", "to-ir"],
    "traffic": ["passengers"],
    "state": "open",
    "reason": "back-to-normal",
    "remark": {"phrase": "example", "slots": {}},
}

Said = tuple[str, list[str]]
"""What was done, and where to look."""


def cut(stage: Stage, _party: str) -> Said:
    """Cut the line between the nodes; it is mended after a minute."""
    _cut_for_a_while(stage)
    return (
        f"The line between the nodes is cut, for {CUT_SECONDS} seconds.",
        [
            *(f"{stage.page(party)}/en/watch/ says how long the other node has not been heard" for party in PARTIES),
            'release a notice: its ladder stays at "sealed" until the line is mended, and then climbs by itself',
        ],
    )


def kill(stage: Stage, party: str) -> Said:
    """Kill every process of a node outright, as a power cut would."""
    leader = stage.nodes[party].pid
    ended = [pid for pid in _session(leader) if _killed(pid)]
    return (
        f"All {len(ended)} processes of the node of {party} were killed in the middle of their work.",
        [
            f"{stage.page(party)}/ answers again within seconds",
            "nothing that was acknowledged is gone: an export of either node, and `mithaq verify` on it, say so",
        ],
    )


def tamper(stage: Stage, party: str) -> Said:
    """Change the oldest notice of a party's own log in its own database, as its administrator could."""
    index = _tamper(stage.folder.node(party) / "node.sqlite3", stage.sealed().law.origin(party))
    number = numbers.spoken(party, index)
    other = next(each for each in PARTIES if each != party)
    instrument, mithaq = stage.sealed().law.id, program()
    return (
        f"The leaf {number} in the database of {party} says another moment now; its guard was lifted for it.",
        [
            f"{mithaq} record export --instrument {instrument} --data {stage.folder.node(party)} --out A",
            f"{mithaq} verify A    says BROKEN and names entry {index}",
            f"{mithaq} record export --instrument {instrument} --data {stage.folder.node(other)} --out B",
            f"{mithaq} verify B --trust {stage.folder.root / 'trust'}    is still GENUINE: what was signed is there",
            f"{mithaq} record compare A B    names the entry from which they differ ({index})",
        ],
    )


def backdate(stage: Stage, party: str) -> Said:
    """Release a notice that says it is hours older than the one before it, signed by two officers all the same."""
    if stage.progress.played < _after("in-force"):
        raise Refusal("demo.too-early", step="in-force")
    accounts = stage.accounts[party]
    number = stage.hands[party].ask(
        "backdate",
        duty=plain(accounts["duty"]),
        releasing=plain(accounts["releasing"]),
        kind="crossing.status",
        content=STATUS,
        hours=_BACKDATED_HOURS,
    )
    return (
        f"{number} says it was released {_BACKDATED_HOURS} hours before the notice that stands before it.",
        [f"{stage.page(each)}/en/notices/{number.replace(' ', '')}/ says on both desks that it does not conform, "
         "and why; it stands in no state" for each in PARTIES],
    )  # fmt: skip


def fork(stage: Stage, party: str) -> Said:
    """Let a party's node sign a second history and send it, as one set back to an old copy would."""
    if stage.progress.played < _after("in-force"):
        raise Refusal("demo.too-early", step="in-force")
    other = next(each for each in PARTIES if each != party)
    stage.mend()  # a second history that nobody receives shows nothing
    said, mithaq = stage.hands[party].ask("fork", to=other), program()
    return (
        f"The key of {party} signed a second history of {said['size']} entries; {other} said {said['code']} to it.",
        [
            f"{stage.page(other)}/ alarms on every page: the link to {party} is stopped, and nothing else is",
            f"release a notice at {other}: it is sealed there as before",
            f"{mithaq} record evidence {party} --data {stage.folder.node(other)} --out FORK",
            f"{mithaq} verify FORK --trust {stage.folder.root / 'trust'}    is GENUINE, and says that a fork is shown",
        ],
    )


def courier(stage: Stage, party: str) -> Said:
    """Cut the line, release a notice meanwhile, and have a courier carry files both ways."""
    if stage.progress.played < _after("in-force"):
        raise Refusal("demo.too-early", step="in-force")
    other = next(each for each in PARTIES if each != party)
    _cut_for_a_while(stage)
    number = _release(stage, party)
    stick = stage.folder.stick
    stick.mkdir(exist_ok=True)
    out, back = stick / f"for-{other}", stick / f"for-{party}"
    carried = [
        _by_hand(stage, party, "pack", "--to", other, "--out", str(out)),
        _by_hand(stage, other, "unpack", str(out)),
        _by_hand(stage, party, "unpack", f"{out}.answer"),
        _by_hand(stage, other, "pack", "--to", party, "--out", str(back)),
        _by_hand(stage, party, "unpack", str(back)),
        _by_hand(stage, other, "unpack", f"{back}.answer"),
    ]
    done = (
        f"The line between the nodes is cut, for {CUT_SECONDS} seconds. {number} was released at {party} meanwhile, "
        f"and a courier carried it to {other}, in a file of {out.stat().st_size} bytes, and the receipt back."
    )
    return (
        done,
        [
            f"{stage.page(other)}/en/notices/{number.replace(' ', '')}/ is there, and its ladder says how far it came",
            *(f"{stage.page(each)}/en/watch/ says on the link what came by courier" for each in PARTIES),
            *carried,
        ],
    )


DAMAGES: Mapping[str, Callable[[Stage, str], Said]] = {
    damage.__name__: damage for damage in (cut, kill, tamper, backdate, fork, courier)
}


def _cut_for_a_while(stage: Stage) -> None:
    stage.cut()
    mending = threading.Timer(CUT_SECONDS, stage.mend)
    mending.daemon = True
    mending.start()


def _release(stage: Stage, party: str) -> str:
    """Release a notice at a party's node, as its two officers would; its spoken number."""
    duty, releasing = (stage.accounts[party][role] for role in ("duty", "releasing"))
    hand = stage.hands[party]
    filed = hand.ask(
        "file", officer=duty.name, secret=duty.password, kind="crossing.status", content=STATUS, references=[]
    )
    number: str = hand.ask("release", officer=releasing.name, secret=releasing.password, draft=filed["id"])
    return number


def _by_hand(stage: Stage, party: str, *arguments: str) -> str:
    """A `mithaq courier` command at a party's node, as its operator would type it; how it was typed."""
    words = ("courier", *arguments, "--data", str(stage.folder.node(party)))
    code, said = stage.run(*words)
    if code != 0:
        raise Refusal("demo.failed", reason=said.strip()[:200])
    return shlex.join((program(), *words))


def _after(step: str) -> int:
    """How many steps have been played when this one has."""
    return next(number for number, each in enumerate(steps(), 1) if each.id == step)


def _session(leader: int) -> list[int]:
    """Every process of a session (Linux): a node's processes have groups of their own, but one session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return sorted(found)


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _tamper(database: Path, origin: str) -> int:
    connection = sqlite3.connect(database, timeout=10, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        found = connection.execute(
            'SELECT entry.rowid, entry."index", leaf FROM entry JOIN log ON log.id = entry.log_id'
            ' WHERE origin = ? AND "index" >= 2 ORDER BY "index" LIMIT 1',
            (origin,),
        ).fetchone()
        if found is None:
            raise Refusal("demo.nothing-to-tamper-with")
        row, index, leaf = found
        (trigger,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'entry_update_refused'"
        ).fetchone()
        connection.execute("DROP TRIGGER entry_update_refused")
        connection.execute("UPDATE entry SET leaf = ? WHERE rowid = ?", (_another_second(bytes(leaf)), row))
        connection.execute(trigger)
        connection.execute("COMMIT")
    finally:
        connection.close()
    return int(index)


def _another_second(leaf: bytes) -> bytes:
    """The leaf with another last digit in its moment: still a leaf, and not the one that was signed."""
    at = leaf.index(b'"at":"') + len(b'"at":"2026-01-01T00:00:0')
    return leaf[:at] + (b"1" if leaf[at : at + 1] != b"1" else b"2") + leaf[at + 1 :]
