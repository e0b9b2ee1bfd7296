"""Mappings of which a snapshot costs what has changed lately, not what they hold.

A book is a value: whoever has it may read it while the ledger goes on. Copying a mapping of a million notices for each
leaf would cost more than folding the leaf. So a mapping that grows is kept in two layers: a large one that is never
changed once it was shown to anybody, and a small one of what came since, which alone is copied. When the small one has
grown, a new large one is made of both.
"""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Any, Final, Generic, TypeVar, cast

G = TypeVar("G")
K = TypeVar("K")
V = TypeVar("V")

_MOST: Final = 2_048
"""Changes that are copied with each snapshot before the layers are made one."""
_GONE: Final = object()
"""In the small layer: what the large one holds under this key is gone."""
_ABSENT: Final = object()
"""The small layer says nothing of this key."""


class Layers(Mapping[K, V]):
    """A snapshot: what was held at a moment. Nothing changes it."""

    __slots__ = ("_base", "_over", "_size")

    def __init__(self, base: dict[K, V], over: dict[K, Any], size: int) -> None:
        self._base, self._over, self._size = base, over, size

    def __getitem__(self, key: K) -> V:
        found: Any = self._over.get(key, _ABSENT)
        if found is _GONE:
            raise KeyError(key)
        return self._base[key] if found is _ABSENT else cast(V, found)

    def __contains__(self, key: object) -> bool:
        found = self._over.get(cast(K, key), _ABSENT)
        return key in self._base if found is _ABSENT else found is not _GONE

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self._pairs())

    def items(self) -> ItemsView[K, V]:
        return _Items(self)

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def _pairs(self) -> Iterator[tuple[K, V]]:
        over = self._over
        if not over:
            yield from self._base.items()
            return
        for key, value in self._base.items():
            if key not in over:
                yield key, value
        for key, value in over.items():
            if value is not _GONE:
                yield key, value


class _Items(ItemsView[K, V]):
    _mapping: Layers[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return self._mapping._pairs()


class _Values(ValuesView[V]):
    _mapping: Layers[Any, V]

    def __iter__(self) -> Iterator[V]:
        return (value for _, value in self._mapping._pairs())


class Growing(Layers[K, V]):
    """What is held now; `snapshot` is what it was when it was asked for."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__({}, {}, 0)

    def __setitem__(self, key: K, value: V) -> None:
        if not self._base:  # nothing is gone from it: most of a mapping is set before it is shown for the first time
            self._over[key] = value
            self._size = len(self._over)
            return
        before = self._over.get(key, _ABSENT)
        if before is _GONE or (before is _ABSENT and key not in self._base):
            self._size += 1
        self._over[key] = value

    def update(self, pairs: Mapping[K, V]) -> None:
        """Set many."""
        if not self._base:
            self._over.update(pairs)
            self._size = len(self._over)
            return
        for key, value in pairs.items():
            self[key] = value

    def drop(self, key: K) -> None:
        """Take a key out, if it is there."""
        if key not in self:
            return
        self._size -= 1
        if key in self._base:
            self._over[key] = _GONE
        else:
            del self._over[key]

    def snapshot(self) -> Layers[K, V]:
        if not self._base:
            self._base, self._over = self._over, {}
        elif len(self._over) > _MOST:
            self._base, self._over = dict(self._pairs()), {}
        return Layers(self._base, dict(self._over), self._size)


class Grouped(Generic[G, K, V]):
    """A growing mapping for each group; a snapshot costs only what the groups that changed do."""

    def __init__(self) -> None:
        self._groups: dict[G, Growing[K, V]] = {}
        self._shown: dict[G, Layers[K, V]] = {}
        self._changed: set[G] = set()

    def update(self, group: G, pairs: Mapping[K, V]) -> None:
        """Set many in one group."""
        found = self._groups.get(group)
        if found is None:
            found = self._groups[group] = Growing()
        found.update(pairs)
        self._changed.add(group)

    def drop(self, group: G, key: K) -> None:
        """Take a key out of a group, if it is there."""
        if group in self._groups:
            self._groups[group].drop(key)
            self._changed.add(group)

    def snapshot(self) -> Mapping[G, Layers[K, V]]:
        self._shown |= {group: self._groups[group].snapshot() for group in self._changed}
        self._changed.clear()
        return dict(self._shown)
