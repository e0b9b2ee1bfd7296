"""What gathers: each incident once, the same on both nodes, and never about people."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.notices import matches
from mithaq.notices.envelope import Leaf
from mithaq.notices.fields.sites import sector_of
from mithaq.prevention import gathering
from mithaq.prevention.gathering import Looks, look
from mithaq.prevention.settings import Settings
from tests.mithaq.notices.border import FIRE, Border, Side
from tests.mithaq.notices.test_matches import PERSON
from tests.mithaq.prevention.test_proposals import named

DAY = date(2031, 3, 20)
QUICK = Settings(replicates=399)


def tell(side: Side, back: int, sector: str, refers: Leaf | None = None, **said: Any) -> Leaf:
    """A fire so many days before the look."""
    day = DAY - timedelta(days=back)
    facts = FIRE | {"happened": f"{day}T04:00:00Z", "place": {"form": "sector", "sector": sector}} | said
    return side.notice("incident.initial", facts, *([refers] if refers else []))


@pytest.fixture(scope="module")
def gathered() -> Border:
    """A fire every few days in one sector, fewer in another, and there many at the end."""
    border = Border()
    here, there = border.pair
    for back in range(10, 130, 6):
        tell(here, back, "A")
        tell(there, back + 2, "A" if back % 4 else "B")
    for back in (1, 2, 2, 3, 4, 4, 5, 6):
        tell(there, back, "B")
    border.exchange()
    return border


def test_many_incidents_in_one_sector_and_week_are_a_warning(gathered: Border) -> None:
    found = look(gathered.law, gathered.book(), DAY, QUICK)
    (warning,) = found.warnings
    assert warning.where == ("B",)
    assert (warning.last, (warning.last - warning.first).days) == (DAY - timedelta(days=1), 6)
    assert warning.observed == 8
    assert warning.expected < 5
    assert warning.recurrence_days >= QUICK.recurrence
    assert warning.holds(DAY)
    assert not warning.holds(DAY + timedelta(days=8))


@pytest.mark.parametrize("later", [3, 6])
def test_it_holds_for_a_week_after_nothing_gathers_any_more(gathered: Border, later: int) -> None:
    book, day = gathered.book(), DAY + timedelta(days=later)
    assert [each.where for each in look(gathered.law, book, day, QUICK).warnings] == [("B",)]
    assert look(gathered.law, book, DAY + timedelta(days=30), QUICK).warnings == ()


def test_a_sectors_week_stands_beside_what_was_to_be_expected(gathered: Border) -> None:
    found = look(gathered.law, gathered.book(), DAY, QUICK)
    lines = {each.sector: each for each in found.lines}
    assert (lines["B"].observed, lines["A"].observed) == (8, 0)
    assert lines["B"].expected == 18 * 8 * 1_000 // 48
    assert lines["B"].weeks[-1] == 8
    assert len(lines["B"].weeks) == gathering.WEEKS


def test_both_nodes_find_the_same_bytes(gathered: Border) -> None:
    one, other = (look(gathered.law, each.book(), DAY, QUICK).encoded() for each in (gathered, gathered.replayed()))
    assert one == other


def test_two_accounts_of_one_incident_are_one_case() -> None:
    border = Border()
    here, there = border.pair
    ours = tell(here, 3, "A")
    border.exchange()
    tell(there, 3, "A", ours)
    border.exchange()
    assert len(Looks(border.law).cases(border.book())) == 1


def test_a_pair_that_both_have_confirmed_is_one_case_and_one_that_is_asserted_is_two() -> None:
    border = Border()
    here, there = border.pair
    ours, theirs = tell(here, 3, "A"), tell(there, 2, "B")
    border.exchange()
    here.notice("match.confirmed", {"ours": named(ours), "theirs": named(theirs)})
    border.exchange()
    assert len(Looks(border.law).cases(border.book())) == 2
    there.notice("match.confirmed", {"ours": named(theirs), "theirs": named(ours)})
    border.exchange()
    (case,) = Looks(border.law).cases(border.book())
    assert case.sector in ("A", "B")


def test_two_incidents_are_not_one_because_both_were_paired_with_what_may_not_be_matched() -> None:
    border = Border()
    here, there = border.pair
    person = there.notice("crossing.inadvertent", PERSON)
    fires = tell(here, 3, "A"), tell(here, 2, "B")
    border.exchange()
    for fire in fires:
        here.notice("match.confirmed", {"ours": named(fire), "theirs": named(person)})
        there.notice("match.confirmed", {"ours": named(person), "theirs": named(fire)})
    border.exchange()
    assert len(Looks(border.law).cases(border.book())) == 2


def test_what_was_withdrawn_or_lies_outside_the_days_is_not_counted() -> None:
    border = Border()
    here, _ = border.pair
    taken_back = tell(here, 3, "A")
    tell(here, 0, "A")
    tell(here, 366, "A")
    border.exchange()
    here.notice("withdrawal", {"reason": "sent-in-error"}, taken_back)
    border.exchange()
    found = look(border.law, border.book(), DAY, QUICK)
    assert (found.cases, found.without_sector, found.warnings) == (0, 0, ())


def test_a_kind_about_people_is_refused_whatever_an_instrument_says_of_it() -> None:
    border = Border()
    here, _ = border.pair
    tell(here, 3, "A")
    border.exchange()
    book = border.book()
    (incident,) = book.incidents.values()
    renamed = msgspec.structs.replace(incident.notices[0], kind="crossing.inadvertent")
    law = msgspec.structs.replace(
        border.law,
        kinds=[
            msgspec.structs.replace(each, facets=[*each.facets, matches.SIGHTING])
            for each in border.law.kinds
            if each.name == renamed.kind
        ],
    )
    changed = replace(book, incidents={incident.number: replace(incident, notices=(renamed,))})
    with pytest.raises(Refusal, match=r"scan\.about-people"):
        look(law, changed, DAY, QUICK)


def test_what_was_told_of_a_sector_that_the_law_dropped_is_left_out_and_counted(gathered: Border) -> None:
    before = look(gathered.law, gathered.book(), DAY, QUICK)
    law = msgspec.structs.replace(gathered.law, sectors=[each for each in gathered.law.sectors if each.id != "B"])
    found = look(law, gathered.book(), DAY, QUICK)
    of_b = next(sum(each.weeks) for each in before.lines if each.sector == "B")
    assert (found.cases + found.without_sector, found.warnings) == (before.cases, ())
    assert found.without_sector >= of_b > 0


def test_what_an_incident_tells_is_read_once_and_its_sector_only_within_the_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    border = Border()
    here, _ = border.pair
    tell(here, 3, "A")
    tell(here, 400, "A")
    border.exchange()
    looks, asked = Looks(border.law), []

    def ask(place: Any, law: Any) -> str | None:
        asked.append(place)
        return sector_of(place, law)

    monkeypatch.setattr(gathering, "sector_of", ask)
    assert looks.at(border.book(), DAY, QUICK).cases == 1
    assert len(asked) == 1
    tell(here, 2, "B")
    border.exchange()
    book = border.book()
    assert looks.at(book, DAY, QUICK).cases == looks.at(book, DAY, QUICK).cases == 2
    assert len(asked) == 2
    assert looks.at(book, DAY, QUICK).encoded() == look(border.law, book, DAY, QUICK).encoded()


def test_two_that_are_one_are_of_the_day_that_stands_first_in_the_record() -> None:
    border = Border()
    here, there = border.pair
    ours = tell(here, 400, "A")
    border.exchange()
    theirs = tell(there, 3, "B")
    border.exchange()
    here.notice("match.confirmed", {"ours": named(ours), "theirs": named(theirs)})
    there.notice("match.confirmed", {"ours": named(theirs), "theirs": named(ours)})
    border.exchange()
    assert look(border.law, border.book(), DAY, QUICK).cases == 0


def test_what_is_withdrawn_unmakes_the_warning_of_a_day_past() -> None:
    border = Border()
    here, there = border.pair
    for back in range(10, 100, 6):
        tell(here, back, "A")
    many = [tell(there, back, "B") for back in (1, 2, 2, 3, 4, 4, 5, 6)]
    border.exchange()
    later, looks = DAY + timedelta(days=1), Looks(border.law)
    assert [each.where for each in looks.at(border.book(), later, QUICK).warnings] == [("B",)]
    for each in many[1:]:
        there.notice("withdrawal", {"reason": "sent-in-error"}, each)
    border.exchange()
    found = looks.at(border.book(), later, QUICK)
    assert found.warnings == ()
    assert found.encoded() == look(border.law, border.book(), later, QUICK).encoded()
