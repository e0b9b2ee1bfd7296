"""What the last courier in each direction carried, for the desk: an index that nothing depends on."""

from dataclasses import dataclass

from mithaq_node.store.engine import Connection, Engine

OUT, IN = "out", "in"


@dataclass(frozen=True, slots=True)
class Carried:
    """What one courier carried: leaves [start, size) of its sender's log, and when it was packed or unpacked."""

    at: str
    start: int
    size: int


def note(conn: Connection, engine: Engine, party: str, way: str, carried: Carried) -> None:
    """Keep what the last courier to (`OUT`) or from (`IN`) a party carried."""
    engine.execute(
        conn,
        "INSERT INTO courier (party, way, at, start, size) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (party, way) DO UPDATE SET at = excluded.at, start = excluded.start, size = excluded.size",
        (party, way, carried.at, carried.start, carried.size),
    )
