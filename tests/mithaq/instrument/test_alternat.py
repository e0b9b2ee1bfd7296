"""Who is named first: on a party's own copy itself, in what is nobody's each in turn."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mithaq.instrument.alternat import in_turn, own_first

codes = st.lists(st.from_regex(r"[A-Z]{2,3}", fullmatch=True), min_size=1, max_size=5, unique=True)


def test_each_party_stands_first_in_its_own_copy_and_the_others_follow_in_their_order() -> None:
    assert own_first(["IQ", "IR", "XX"], "IR") == ("IR", "IQ", "XX")
    assert own_first(["IQ", "IR", "XX"], "IQ") == ("IQ", "IR", "XX")
    assert own_first(["ar", "fa"], "en") == ("ar", "fa")


def test_what_is_in_nobodys_name_begins_with_each_in_turn() -> None:
    assert [in_turn(["IR", "IQ"], number) for number in (1, 2, 3)] == [("IQ", "IR"), ("IR", "IQ"), ("IQ", "IR")]
    assert in_turn([], 1) == ()


@given(codes, st.data())
def test_nobody_is_left_out_or_named_twice(names: list[str], data: st.DataObject) -> None:
    own = data.draw(st.sampled_from(names))
    assert sorted(own_first(names, own)) == sorted(names)
    assert own_first(names, own)[0] == own
    assert sorted(in_turn(names, data.draw(st.integers(1, 1_000)))) == sorted(names)


@given(codes, st.integers(1, 1_000))
def test_the_order_does_not_depend_on_how_the_names_were_given(names: list[str], number: int) -> None:
    assert in_turn(names, number) == in_turn(reversed(names), number)


@given(codes, st.integers(1, 1_000), st.integers(1, 60))
def test_over_any_run_of_numbers_no_party_is_first_more_than_once_more_than_another(
    names: list[str], begin: int, length: int
) -> None:
    first = Counter(in_turn(names, number)[0] for number in range(begin, begin + length))
    assert max(first.values()) - min(first[name] for name in names) <= 1
