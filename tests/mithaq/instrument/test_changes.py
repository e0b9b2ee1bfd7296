"""What changed between two versions is said part by part, and texts word by word."""

from types import SimpleNamespace

import msgspec

from mithaq.instrument.changes import Change, Run, diff, word_runs
from tests.mithaq.instrument.folders import changed, folder, unsealed


def test_the_same_instrument_differs_in_nothing():
    assert not diff(unsealed(folder()), unsealed(folder()))


def test_a_changed_article_is_shown_word_by_word():
    found = diff(unsealed(folder()), unsealed(changed("articles/01.yaml", "within two days", "within ten days")))
    assert found.words == ()
    (change,) = found.law
    assert change.path == "articles[1].text.en"
    assert Run("removed", "two") in change.runs
    assert Run("added", "ten") in change.runs


def test_a_changed_label_is_no_change_of_the_law():
    found = diff(unsealed(folder()), unsealed(changed("words.yaml", "en: Flash", "en: Lightning")))
    assert found.law == ()
    assert [change.path for change in found.words] == ["labels.precedence.flash.en"]


def test_a_changed_length_of_a_clock_is_found_by_the_clocks_name():
    found = diff(unsealed(folder()), unsealed(changed("instrument.yaml", "minutes: 2880", "minutes: 1440")))
    assert found.law == (Change("clocks[clarification-answered].minutes", 2880, 1440),)


def test_a_field_that_is_no_longer_written_is_seen_to_have_its_default():
    law = unsealed(folder()).law
    rules = [msgspec.structs.replace(each, calendar="continuous") for each in law.clocks]
    other = msgspec.structs.replace(law, clocks=rules)
    found = diff(unsealed(folder()), SimpleNamespace(law=other, words=unsealed(folder()).words))
    assert {(each.before, each.after) for each in found.law} == {("working", "continuous")}
    assert all(each.path.startswith("clocks[") and each.path.endswith("].calendar") for each in found.law)


def test_a_removed_kind_is_one_change_however_many_follow_it():
    removed = changed("instrument.yaml", "  - {name: flow.count, mark: example}\n", "")
    found = diff(unsealed(folder()), unsealed(removed))
    kinds = [change for change in found.law if change.path.startswith("kinds")]
    assert [change.path for change in kinds] == ["kinds[flow.count]"]
    assert kinds[0].after is None


def test_a_changed_order_is_a_change():
    text = folder()["instrument.yaml"].decode()
    first, second = "  - {name: correction, mark: example}\n", "  - {name: withdrawal, mark: example}\n"
    swapped = folder() | {"instrument.yaml": text.replace(first + second, second + first).encode()}
    assert [change.path for change in diff(unsealed(folder()), unsealed(swapped)).law] == ["kinds"]


def test_both_texts_can_be_read_back_from_the_runs():
    before, after = "one two three four", "one three five four six"
    runs = word_runs(before, after)
    assert " ".join(run.text for run in runs if run.what != "added") == before
    assert " ".join(run.text for run in runs if run.what != "removed") == after
