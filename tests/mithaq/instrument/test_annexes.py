"""A party's annex of working days: written in its own calendar, Gregorian in the law, and never more than it says."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import calendars, canonical
from mithaq.instrument.annexes import law_of
from mithaq.instrument.checking import faults
from mithaq.instrument.compiling import check, compile
from mithaq.instrument.law import Holiday, Law
from mithaq_files.instrument import library
from tests.mithaq.instrument.folders import FICTIONAL, REAL, changed, folder

MAIN, ANNEX = "instrument.yaml", "annexes/ML.yaml"
NAME = "{ar: عيد المرج, fa: جشن مرغزار, ckb: جەژنی مێرگ, en: Meadow Day}"
WRITTEN = f"""
calendar: solar
until: 1409-12-29
weekend: [5, 6]
mark: example
holidays:
  - {{day: 1409-02-12, name: {NAME}}}
  - {{day: 1452-01-09, calendar: hijri, name: {NAME}}}
"""


def annexed(annex: str = WRITTEN) -> dict[str, bytes]:
    """The fictional instrument with an annex of its first party in place of what stood in the main file."""
    files = changed(MAIN, "    weekend: [6, 7]\n    holidays: [2030-05-02]\n", "", FICTIONAL)
    return files | {ANNEX: annex.encode()}


def law_with(annex: str = WRITTEN) -> Law:
    return compile(annexed(annex), library()).law


def test_days_in_the_partys_calendar_are_gregorian_in_the_law() -> None:
    party = law_with().parties[0]
    assert party.weekend == [5, 6]
    assert party.holidays == ["2030-05-02", calendars.to_gregorian(calendars.Day("hijri", 1452, 1, 9))]
    assert party.annex is not None
    assert party.annex.until == "2031-03-20"
    assert [(each.day, each.calendar, each.name["en"]) for each in party.annex.holidays] == [
        ("2030-05-02", "solar", "Meadow Day"),
        (party.holidays[1], "hijri", "Meadow Day"),
    ]


def test_a_lunar_holiday_is_read_as_the_party_declares_its_months() -> None:
    files = annexed()
    moved = files | {MAIN: files[MAIN].replace(b"hijri_offset: 0", b"hijri_offset: -1", 1)}
    plain, declared = (compile(each, library()).law.parties[0].holidays for each in (files, moved))
    assert calendars.hijri(declared[1], -1) == calendars.hijri(plain[1]) == calendars.Day("hijri", 1452, 1, 9)
    assert declared[1] > plain[1]


def test_an_instrument_without_an_annex_has_the_bytes_it_always_had() -> None:
    without = compile(folder(FICTIONAL), library())
    assert b"annex" not in without.law_bytes
    assert all(party.annex is None for party in without.law.parties)
    assert canonical.encode(without.law) == without.law_bytes


FAULTS = [
    ("1409-02-12", "1409-02-32", "holidays[0].day", "calendar.no-such-day"),
    ("1452-01-09", "9 Muharram", "holidays[1].day", "moment.not-a-day"),
    ("1409-12-29", "1408-12-29", "holidays[0]", "instrument.holiday-beyond"),
    ("1409-12-29", "1409-13-01", "until", "calendar.no-such-day"),
    ("calendar: solar", "calendar: lunar", "calendar", "calendar.unknown"),
    ("until: 1409-12-29\n", "", "", "instrument.wrong-shape"),
    ("weekend: [5, 6]", "weekend: [0]", "weekend", "instrument.bad-weekend"),
    ("mark: example\n", "mark: reported\n", "", "instrument.no-source"),
    ("  - {day: 1452-01-09, calendar: hijri", "  - {day: 1409-02-12", "holidays[1]", "instrument.duplicate"),
    (", en: Meadow Day", "", "holidays[0].name.en", "instrument.missing-translation"),
    ("mark: example\n", "mark: example\nclosed: always\n", None, "instrument.wrong-shape"),
]


@pytest.mark.parametrize(("before", "after", "path", "code"), FAULTS)
def test_a_fault_in_an_annex_is_named_with_its_file_and_path(
    before: str, after: str, path: str | None, code: str
) -> None:
    assert before in WRITTEN
    found = [each for each in check(annexed(WRITTEN.replace(before, after, 1)), library()) if each.code == code]
    assert found
    assert found[0].file == ANNEX
    assert path is None or path in [each.path for each in found]


def test_what_stands_in_the_annex_is_not_said_a_second_time() -> None:
    files = folder(FICTIONAL) | {ANNEX: WRITTEN.encode()}
    twice = [(each.file, each.path) for each in check(files, library()) if each.code == "instrument.annexed"]
    assert {path for _, path in twice} == {"parties[0].weekend", "parties[0].holidays"}


def test_a_law_whose_annex_names_other_days_than_its_holidays_is_refused() -> None:
    law = law_with()
    first = msgspec.structs.replace(law.parties[0], holidays=[])
    found = {code for _, code, _ in faults(msgspec.structs.replace(law, parties=[first, law.parties[1]]))}
    assert "instrument.annex-differs" in found


def test_the_annexes_of_the_demonstration_are_examples_of_two_calendars() -> None:
    iraq, iran = (party.annex for party in compile(folder(REAL), library()).law.parties)
    assert iraq is not None
    assert iran is not None
    assert (iraq.mark, iran.mark) == ("example", "example")
    assert (iraq.calendar, iran.calendar) == ("gregorian", "solar")


days = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 1, 1)).map(str)


@given(st.lists(st.tuples(days, st.sampled_from(calendars.CALENDARS)), max_size=6), st.integers(-2, 2))
def test_every_day_that_a_party_can_write_stands_in_the_law_as_the_same_day(
    chosen: list[tuple[str, str]], offset: int
) -> None:
    written = []
    for day, calendar in chosen:
        known = calendars.convert(day, calendar, offset)
        written.append({"day": f"{known.year:04}-{known.month:02}-{known.day:02}", "calendar": calendar, "name": {}})
    made, found = law_of({"calendar": "gregorian", "until": "2060-01-01", "holidays": written}, offset)
    assert found == []
    assert made["holidays"] == sorted({day for day, _ in chosen})
    kept = [msgspec.convert(each, Holiday) for each in made["annex"]["holidays"]]
    assert [each.day for each in kept] == sorted(day for day, _ in chosen)
