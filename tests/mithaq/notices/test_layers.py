"""A mapping of layers is a mapping, and what was shown of it stays as it was shown."""

from hypothesis import given
from hypothesis import strategies as st

from mithaq.notices import layers
from mithaq.notices.layers import Grouped, Growing

changes = st.lists(st.tuples(st.integers(0, 12), st.one_of(st.none(), st.integers()), st.booleans()), max_size=120)


@given(changes, st.integers(0, 8))
def test_it_holds_what_a_dict_would_hold_at_every_moment_that_was_shown(
    script: list[tuple[int, int | None, bool]], most: int
) -> None:
    growing: Growing[int, int] = Growing()
    plain: dict[int, int] = {}
    shown = []
    before, layers._MOST = layers._MOST, most  # type: ignore[misc]  # a bound, lowered to be reached
    try:
        for key, value, look in script:
            if value is None:
                growing.drop(key)
                plain.pop(key, None)
            else:
                growing[key] = plain[key] = value
            if look:
                shown.append((growing.snapshot(), dict(plain)))
        shown.append((growing.snapshot(), dict(plain)))
    finally:
        layers._MOST = before  # type: ignore[misc]  # as it was
    for snapshot, wanted in shown:
        assert dict(snapshot.items()) == wanted
        assert sorted(snapshot) == sorted(wanted)
        assert sorted(snapshot.values()) == sorted(wanted.values())
        assert len(snapshot) == len(wanted)
        assert [key for key in range(13) if key in snapshot] == sorted(wanted)
        assert all(snapshot.get(key, "none") == wanted.get(key, "none") for key in range(13))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.one_of(st.none(), st.integers()), st.booleans())))
def test_groups_hold_what_mappings_apart_would_hold_at_every_moment_that_was_shown(
    script: list[tuple[int, int, int | None, bool]],
) -> None:
    grouped: Grouped[int, int, int] = Grouped()
    plain: dict[int, dict[int, int]] = {}
    shown = []
    for group, key, value, look in script:
        if value is None:
            grouped.drop(group, key)
            plain.get(group, {}).pop(key, None)
        else:
            grouped.update(group, {key: value})
            plain.setdefault(group, {})[key] = value
        if look:
            shown.append((grouped.snapshot(), {name: dict(held) for name, held in plain.items()}))
    for snapshot, wanted in shown:
        assert {name: dict(held.items()) for name, held in snapshot.items()} == wanted
