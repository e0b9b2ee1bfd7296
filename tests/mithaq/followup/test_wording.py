"""Two versions of a joint text beside each other: nothing lost, each side whole, the words that changed named."""

from hypothesis import given
from hypothesis import strategies as st

from mithaq.followup.wording import Fate, Pair, Run, compare, paragraphs

words = st.sampled_from(["الطرفان", "يتفقان", "دو", "طرف", "مرز", "both", "parties", "agree", "1"])
lines = st.lists(words, min_size=1, max_size=8).map(" ".join)
versions = st.lists(lines, max_size=8)


@given(versions, versions)
def test_from_what_differs_either_version_can_be_made_again(before: list[str], after: list[str]) -> None:
    pairs = compare(before, after)
    assert [pair.before for pair in pairs if pair.before is not None] == before
    assert [pair.after for pair in pairs if pair.after is not None] == after


@given(lines, lines)
def test_the_words_kept_and_removed_are_the_one_paragraph_and_those_kept_and_added_the_other(
    before: str, after: str
) -> None:
    runs = Pair(before, after).runs
    assert "".join(run.words for run in runs if run.fate is not Fate.ADDED) == before
    assert "".join(run.words for run in runs if run.fate is not Fate.REMOVED) == after


@given(versions)
def test_a_version_beside_itself_differs_in_nothing(version: list[str]) -> None:
    assert all(pair.is_kept for pair in compare(version, version))


def test_one_changed_word_is_all_that_is_marked() -> None:
    (first, changed) = compare(["Preamble.", "Both meet monthly."], ["Preamble.", "Both meet quarterly."])
    assert first.is_kept
    assert changed.runs == (Run(Fate.KEPT, "Both meet "), Run(Fate.REMOVED, "monthly."), Run(Fate.ADDED, "quarterly."))


def test_a_paragraph_put_in_leaves_its_neighbours_as_they_were() -> None:
    assert compare(["one", "two"], ["one", "new", "two"]) == (
        Pair("one", "one"),
        Pair(None, "new"),
        Pair("two", "two"),
    )


def test_empty_lines_and_spaces_around_make_no_paragraph() -> None:
    assert paragraphs("  one \n\n \t\n two\r\n") == ("one", "two")
