"""The instrument of the demonstration: what is reported stands with its source, the rest says example."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from mithaq import calendars, places
from mithaq.instrument.compiling import compile
from mithaq_files.instrument import library
from tests.mithaq.instrument.folders import REAL, folder

FOREIGN = {"ar": "کیەێۆڕڵگچپژ", "fa": "كيةىەێۆڕڵ", "ckb": "كيةىثذصضطظ", "en": ""}
"""Letters that do not belong to a language's own spelling: most often the other keyboard's kaf and yeh."""


@pytest.fixture(scope="module")
def compiled():
    return compile(folder(REAL), library())


@pytest.fixture(scope="module")
def law(compiled):
    return compiled.law


def test_it_says_first_that_the_text_is_not_public(law):
    assert law.standing[0].text["en"].startswith("The text of the memorandum of 11 August 2025 is not public.")
    assert law.standing[0].mark == "reported"


def test_the_day_of_the_signature_is_that_of_the_report(law):
    assert law.signing.day == "2025-08-11"
    assert calendars.hijri(law.signing.day) == calendars.Day("hijri", 1447, 2, 17)
    assert calendars.solar(law.signing.day) == calendars.Day("solar", 1404, 5, 20)
    assert law.signing.place.text["en"] == "Baghdad"


def test_those_who_signed_stand_by_office_and_as_the_report_prints_them(law):
    printed = {each.party: (each.office["ar"], each.printed["ar"]) for each in law.signing.signatories}
    assert printed == {
        "IQ": ("مستشار الأمن القومي العراقي", "قاسم الأعرجي"),
        "IR": ("الأمين العامّ للمجلس الأعلى للأمن القومي الإيراني", "علي لاريجاني"),
    }


def test_every_line_is_reported_with_its_source_or_an_example(law):
    reported, examples = 0, 0
    for value in _marked(law):
        assert value.mark in ("reported", "example"), value
        if value.mark == "reported":
            assert value.source in law.sources
            reported += 1
        else:
            examples += 1
    assert reported >= 14
    assert examples > reported


def test_nothing_that_the_report_does_not_give_is_called_reported(law):
    for values in (law.articles, law.clocks, law.kinds, law.retention, law.sectors, law.crossings, law.commitments):
        assert {value.mark for value in values} == {"example"}


def test_both_parties_have_the_same_standing(law):
    iraq, iran = law.parties
    assert iraq.threshold == iran.threshold
    assert [len(party.authorities) for party in law.parties] == [7, 7]
    for commitment in law.commitments:
        assert set(commitment.owners) == {"IQ", "IR"}
    for clock in law.clocks:
        called = [each.partition("/")[0] for each in clock.escalate]
        assert called.count("IQ") == called.count("IR")


def test_no_party_has_red_or_green_and_each_has_a_shape_of_its_own(law):
    for party in law.parties:
        red, green, blue = (int(party.colour[at : at + 2], 16) for at in (1, 3, 5))
        assert not (red > 2 * max(green, blue))
        assert not (green > max(red, blue))
    assert len({party.shape for party in law.parties}) == 2


def test_there_are_eight_sectors_and_nine_crossings_with_their_accuracy(law):
    assert [sector.id for sector in law.sectors] == [f"S{number}" for number in range(1, 9)]
    assert (law.sectors[0].start, law.sectors[-1].end) == (0, 1_310_200)
    assert len(law.crossings) == 9
    course = places.Course(tuple(law.line.points), law.line.length, law.line.accuracy)
    for crossing in law.crossings:
        assert crossing.accuracy >= law.line.accuracy
        assert course.nearest(crossing.at).distance < 100


def test_a_double_named_water_has_each_partys_name_and_a_joint_form(law):
    water = next(name for name in law.gazetteer if name.id == "shatt-al-arab")
    assert water.names["IQ"]["en"] == "Shatt al-Arab"
    assert water.names["IR"]["en"] == "Arvand Rud"
    assert water.joint["en"] == "Shatt al-Arab / Arvand Rud"
    assert {name.id for name in law.gazetteer} >= {"shatt-al-arab", "hawizeh-azim", "gulf"}


def test_the_clocks_are_those_of_the_articles(law):
    hours = {clock.id: clock.minutes // 60 for clock in law.clocks}
    assert hours["clarification-answered"] == 48
    assert hours["inadvertent-acknowledged"] == 12
    governed = {each for article in law.articles for each in article.governs}
    assert {f"clock:{clock.id}" for clock in law.clocks} <= governed
    assert {f"kind:{kind.name}" for kind in law.kinds} <= governed
    assert {f"class:{retention.id}" for retention in law.retention} <= governed


def test_the_only_clock_about_people_who_cross_is_on_the_acknowledgement(law):
    clocks = [clock for clock in law.clocks if "crossing.inadvertent" in clock.kinds]
    assert [clock.answered_by for clock in clocks] == [["acknowledges"]]


def test_every_text_is_spelt_in_its_own_letters(compiled):
    for path, text in [
        *_texts(msgspec.to_builtins(compiled.law), ""),
        *_texts(msgspec.to_builtins(compiled.words), ""),
    ]:
        for language, each in text.items():
            foreign = [letter for letter in FOREIGN[language] if letter in each]
            own_names = ".names." in path  # a name keeps its owner's letters
            assert own_names or not foreign, f"{path}.{language}: {foreign} in {each}"
            assert each == unicodedata.normalize("NFC", each)
            assert not re.search(r"  |\s$|^\s", each), f"{path}.{language}"


def _marked(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _marked(item)
    elif isinstance(value, dict):
        yield from _marked(list(value.values()))
    elif isinstance(value, msgspec.Struct):
        if hasattr(value, "mark"):
            yield value
        for field in msgspec.structs.fields(value):
            if field.name not in ("points", "area"):
                yield from _marked(getattr(value, field.name))


def _texts(value: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, dict) and value.keys() >= {"ar", "fa", "ckb", "en"}:
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]")
