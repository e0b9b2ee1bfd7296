"""Old tiles of every log of a node into volumes (`store.volumes`), a few in one transaction, while the node goes on.

Nothing is signed, sent or said by it: to everybody else the record is what it was.
"""

import time
from collections.abc import Callable, Mapping

from mithaq_node.store import log as record
from mithaq_node.store import volumes
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.log import Log

KEPT = 10_000
"""Leaves of each log that stay rows: what pages and counterparts ask for most."""
_AT_ONCE = 4
"""Tiles in one transaction, which keeps officers from releasing for as long as it takes."""
_LEAST_PAUSE = 0.15
"""Seconds. Writers of SQLite stand in no queue: those who wait look again every tenth of a second, and not sooner."""

Tell = Callable[[int], None]
"""Told how many volumes have been sealed since it was told last."""
Rest = Callable[[float], None]
"""Leaves the database to others, after a transaction that took so many seconds."""


def pause(took: float) -> float:
    """Seconds for others between a transaction that took so many and the next: half of the time is theirs, and never
    less than every waiting writer needs to look again."""
    return max(took, _LEAST_PAUSE)


def rest(took: float) -> None:
    """Wait for `pause`."""
    time.sleep(pause(took))


def archive(
    conn: Connection, engine: Engine, *, keep: int = KEPT, tell: Tell = lambda count: None, rest: Rest = rest
) -> Mapping[str, int]:
    """Seal what is older than the newest `keep` leaves of its log; origin to the volumes that were made.

    A tile some of whose facts have not arrived stays rows, and is taken once they have; one that is too large
    (`volumes.FULLEST`) stays rows. What was interrupted goes on with the next call. Refuses (`fsck.…`, `part.…`) to
    seal what its tile does not confirm.
    """
    return {log.origin: _seal(conn, engine, log, keep, tell, rest) for log in record.logs(conn, engine)}


def _seal(conn: Connection, engine: Engine, log: Log, keep: int, tell: Tell, rest: Rest) -> int:
    numbers = volumes.unsealed(conn, engine, log.id, max(log.size - keep, 0) // volumes.TILE)
    made = 0
    for at in range(0, len(numbers), _AT_ONCE):
        begun = time.perf_counter()
        with engine.transaction(conn):
            record.lock(conn, engine, log.origin)
            left = volumes.unsealed(conn, engine, log.id, numbers[min(at + _AT_ONCE, len(numbers)) - 1] + 1)
            # Another process may have been quicker.
            sealed = sum(
                volumes.seal(conn, engine, log.id, each) for each in numbers[at : at + _AT_ONCE] if each in left
            )
        made += sealed
        tell(sealed)
        rest(time.perf_counter() - begun)
    return made
