"""Where a node's fence stands: in a folder on another device, or in a database of another cluster."""

from functools import lru_cache
from pathlib import Path

from mithaq_node.store.fence import Fence
from mithaq_node.store.fence_table import TableFence


@lru_cache(maxsize=8)
def at(place: Path | str) -> Fence:
    """The fence in the folder `place`, or in the PostgreSQL database at that address; one for all of a process."""
    return Fence(place) if isinstance(place, Path) else TableFence(place)
