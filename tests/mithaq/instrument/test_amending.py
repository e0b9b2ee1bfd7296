"""A new version: what sort it is, and that it rewrites nothing that is past."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.instrument import amending, checking
from mithaq.instrument.amending import Sort
from mithaq.instrument.changes import Difference, diff
from mithaq.instrument.law import Law, Suspension
from mithaq.instrument.words import Words
from mithaq.notices.restraint import check_kinds
from tests.mithaq.instrument.folders import changed, folder, unsealed
from tests.papers import Paper

TODAY = "2031-03-01"
BEFORE = unsealed(folder()).law


@dataclass(frozen=True)
class Version:
    """A law with words, as `diff` asks for them."""

    law: Law
    words: Words


def with_due(law: Law, day: str) -> Law:
    first, *rest = law.commitments
    return msgspec.structs.replace(law, commitments=[msgspec.structs.replace(first, due=day), *rest])


def without(law: Law) -> Law:
    return msgspec.structs.replace(law, commitments=[])


def until(day: str) -> Law:
    return msgspec.structs.replace(BEFORE, until=day)


def found(name: str, old: str, new: str) -> Difference:
    return diff(unsealed(folder()), unsealed(changed(name, old, new)))


@pytest.mark.parametrize(
    ("name", "old", "new", "sort"),
    [
        ("words.yaml", "en: Flash", "en: Lightning", Sort.WORDS),
        ("instrument.yaml", "version: 1", "version: 2", Sort.NOTHING),
        ("instrument.yaml", "version: 1", "version: 2\nuntil: 2040-01-01", Sort.EXTENSION),
        ("instrument.yaml", "minutes: 2880", "minutes: 1440", Sort.AMENDMENT),
    ],
)
def test_the_sort_of_a_version_is_what_differs_in_it(name: str, old: str, new: str, sort: Sort) -> None:
    assert amending.sort_of(found(name, old, new)) == sort


def test_working_days_alone_are_a_change_of_an_annex_and_with_anything_else_an_amendment() -> None:
    first, *rest = BEFORE.parties
    later = msgspec.structs.replace(BEFORE, parties=[msgspec.structs.replace(first, weekend=[7]), *rest])
    words = unsealed(folder()).words
    assert amending.sort_of(diff(Version(BEFORE, words), Version(later, words))) == Sort.ANNEX
    renamed = msgspec.structs.replace(later, subject={"en": "Another"})
    assert amending.sort_of(diff(Version(BEFORE, words), Version(renamed, words))) == Sort.AMENDMENT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (with_due(BEFORE, "2031-02-28"), with_due(BEFORE, "2031-06-01")),
        (with_due(BEFORE, "2031-02-28"), with_due(BEFORE, "")),
        (with_due(BEFORE, "2031-02-28"), without(BEFORE)),
        (with_due(BEFORE, "2031-06-01"), with_due(BEFORE, "2031-02-28")),
        (without(BEFORE), with_due(BEFORE, "2031-02-28")),
    ],
)
def test_it_refuses_a_version_that_changes_a_past_deadline(before: Law, after: Law) -> None:
    with pytest.raises(Refusal, match=r"instrument\.past-deadline"):
        amending.require_nothing_past(before, after, TODAY)


@pytest.mark.parametrize(("before", "after"), [("2031-02-28", "2040-01-01"), ("2040-01-01", "2031-02-28")])
def test_it_refuses_a_version_that_revives_what_is_over_or_ends_in_the_past(before: str, after: str) -> None:
    with pytest.raises(Refusal, match=r"instrument\.past-term"):
        amending.require_nothing_past(until(before), until(after), TODAY)


@pytest.mark.parametrize(
    "change",
    [
        lambda: (with_due(BEFORE, "2031-03-01"), with_due(BEFORE, "2031-06-01")),
        lambda: (with_due(BEFORE, "2031-02-28"), with_due(BEFORE, "2031-02-28")),
        lambda: (until("2031-12-31"), until("2040-01-01")),
    ],
)
def test_it_takes_what_is_about_days_that_are_still_to_come(change: Callable[[], tuple[Law, Law]]) -> None:
    amending.require_nothing_past(*change(), TODAY)


SUSPENDED = Suspension(grounds=["consent"], since="2031-03-10T00:00:00Z", keeps=["humanitarian.hazard"], mark="example")


def version(law: Law) -> Version:
    return Version(law, unsealed(folder()).words)


def test_a_suspension_and_its_end_are_sorts_of_their_own_and_an_amendment_with_anything_else() -> None:
    suspended = msgspec.structs.replace(BEFORE, version=2, rules=2, suspension=SUSPENDED)
    wider = msgspec.structs.replace(suspended, suspension=msgspec.structs.replace(SUSPENDED, keeps=[]))
    assert amending.sort_of(diff(version(BEFORE), version(suspended))) == Sort.SUSPENSION
    assert amending.sort_of(diff(version(suspended), version(wider))) == Sort.SUSPENSION
    assert amending.sort_of(diff(version(suspended), version(BEFORE))) == Sort.RESUMPTION
    other = msgspec.structs.replace(suspended, commitments=[])
    assert amending.sort_of(diff(version(BEFORE), version(other))) == Sort.AMENDMENT


def test_it_refuses_a_suspension_that_is_over_before_it_is_entered() -> None:
    over = msgspec.structs.replace(SUSPENDED, since="2031-01-01T00:00:00Z", until="2031-02-01T00:00:00Z")
    after = msgspec.structs.replace(BEFORE, version=2, rules=2, suspension=over)
    with pytest.raises(Refusal, match=r"instrument\.past-suspension"):
        amending.require_nothing_past(BEFORE, after, TODAY)
    amending.require_nothing_past(after, msgspec.structs.replace(after, version=3), TODAY)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grounds": []}, "instrument.missing-key"),
        ({"grounds": ["breach"]}, "instrument.unknown-ground"),
        ({"grounds": ["consent", "consent"]}, "instrument.duplicate"),
        ({"keeps": ["no.kind"]}, "instrument.unknown-kind"),
        ({"since": "tomorrow"}, "moment.not-canonical"),
        ({"until": "2031-03-10T00:00:00Z"}, "moment.ends-before-start"),
        ({"until": "2061-03-10T00:00:00Z"}, "instrument.suspension-too-long"),
    ],
)
def test_a_suspension_that_is_wrong_is_found_before_it_is_sealed(change: dict[str, Any], code: str) -> None:
    stated = msgspec.structs.replace(SUSPENDED, **change)
    law = msgspec.structs.replace(BEFORE, version=2, rules=2, suspension=stated)
    assert code in {found for _, found, _ in checking.faults(law)}


@pytest.mark.runs("docs/how-to/change-an-instrument.md", "rules: 2")
def test_what_the_page_on_changing_an_instrument_writes_into_it_is_a_suspension(paper: Paper) -> None:
    written = paper.text()
    law = unsealed(changed("instrument.yaml", "version: 1\nrules: 1\n", f"version: 2\n{written}")).law
    assert law.suspension is not None
    assert (law.suspension.since, law.suspension.until) == ("2031-03-10T00:00:00Z", "2031-06-10T00:00:00Z")
    assert {each.code for each in check_kinds(law)} == set()
