"""Stored values as one reader sees them."""

from types import SimpleNamespace

import msgspec
import pytest
from django.template import Context
from django.utils import translation

from mithaq import calendars
from mithaq.errors import Refusal
from mithaq_node.web import values
from mithaq_node.web.reader import Reader
from mithaq_node.web.templatetags.stated import marked, value
from mithaq_node.web.templatetags.treaty import lunar_day
from tests.mithaq_node.web.conftest import sealed_by


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (60, "دقيقة واحدة"),
        (2 * 60, "دقيقتان"),
        (3_600 + 44 * 60, "ساعة واحدة ٤٤ دقيقة"),
        (2 * 86_400 + 3 * 3_600, "يومان ٣ ساعات"),
        (12 * 86_400, "١٢ يوماً"),
        (0, "٠ دقيقة"),
    ],
)
def test_arabic_counts_time_with_its_own_plurals(seconds: int, said: str):
    sealed = sealed_by()
    reader = Reader("ar", "gregorian", sealed.law, sealed.words, sealed.law.parties[0])
    with translation.override("ar"):
        assert reader.duration(seconds) == said


def test_a_moment_in_a_refusal_is_said_in_the_readers_calendar_and_on_this_partys_clock():
    sealed = sealed_by()
    iran = next(party for party in sealed.law.parties if party.code == "IR")
    reader = Reader("fa", "solar", sealed.law, sealed.words, iran)
    said = reader.refusal(Refusal("leaf.earlier-than-before", found="2025-08-11T06:00:00Z", before="2025-08-11T09:00Z"))
    assert reader.moment("2025-08-11T06:00:00Z") in said
    assert "۰۹:۳۰" in said
    assert "\u20662025-08-11T09:00Z\u2069" in said


@pytest.mark.parametrize(("language", "word"), [("fa", "چنان‌که اعلام شده"), ("ar", "كما أُعلن"), ("en", "as declared")])
def test_a_lunar_day_is_marked_as_declared_wherever_a_party_declares_its_own(language: str, word: str):
    sealed = sealed_by()
    declaring = msgspec.structs.replace(sealed.law.parties[0], hijri_offset=-1)
    reader = Reader(language, "hijri", sealed.law, sealed.words, declaring)
    instant = "2025-08-11T06:00:00Z"
    for said in (
        reader.day("2025-08-11"),
        reader.moment(instant),
        reader.brief(instant),
        reader.all_calendars(instant),
    ):
        assert word in said
        assert reader.digits("16") in said
    plain = Reader(language, "hijri", sealed.law, sealed.words, sealed.law.parties[0])
    assert word not in plain.moment(instant) + plain.brief(instant) + plain.all_calendars(instant)
    assert word not in Reader(language, "solar", sealed.law, sealed.words, declaring).brief(instant)


@pytest.mark.parametrize("calendar", calendars.CALENDARS)
@pytest.mark.parametrize(("day", "lacking"), [("1913-11-17", ["hijri"]), ("2999-01-01", ["hijri", "solar"])])
def test_a_day_that_a_calendar_cannot_name_is_said_in_those_that_can(calendar: str, day: str, lacking: list[str]):
    sealed = sealed_by()
    reader = Reader("en", calendar, sealed.law, sealed.words, sealed.law.parties[0])
    named = "gregorian" if calendar in lacking else calendar
    instant = f"{day}T06:00:00Z"
    for said in (reader.day(day), reader.day_of_week(day), reader.moment(instant)):
        assert f"({calendars.calendar_name(named, 'en')})" in said
    shown = [calendars.render(day, each, "en") for each in calendars.CALENDARS if each not in lacking]
    assert reader.day_in_all(day) == " · ".join([*shown, day])
    assert reader.all_calendars(instant) == " · ".join([*shown, instant])
    assert calendars.month_name(named, reader.calendar_day(day).month, "en") in reader.brief(instant)
    assert ("Gregorian" in reader.month(day)) == (named != calendar)


def test_a_page_says_how_a_party_counts_lunar_days():
    party = sealed_by().law.parties[0]
    for offset, said in ((0, "Lunar months by Umm al-Qura."), (-1, "1 day after"), (2, "2 days before")):
        with translation.override("en"):
            assert said in lunar_day(Context({"language": "en"}), msgspec.structs.replace(party, hijri_offset=offset))


@pytest.mark.parametrize("language", [["fa"], {"of": "fa"}, None, 7])
def test_a_text_that_names_no_language_is_shown_without_one(language: object):
    sealed = sealed_by()
    reader = Reader("en", "gregorian", sealed.law, sealed.words, sealed.law.parties[0])
    field = next(field for kind in sealed.law.kinds for field in kind.fields if field.type == "text")
    context = Context({"frame": SimpleNamespace(reader=reader)})
    for said in (value, marked):
        shown = said(context, "", field, {"lang": language, "text": "Example: a bridge."})
        assert shown == '<span class="foreign" lang="" dir="auto">Example: a bridge.</span>'


def test_a_sentence_that_one_version_has_no_words_for_is_said_in_the_words_of_another():
    sealed = sealed_by()
    without = msgspec.structs.replace(sealed.words, phrases={})
    kind = next(each for each in sealed.law.kinds if each.name == "humanitarian.hazard")
    remark = next(each for each in kind.fields if each.type == "phrase")
    phrase = {"phrase": "moving-towards", "slots": {"sector": "B"}}
    said = [
        values.say(
            Reader("en", "gregorian", sealed.law, words, sealed.law.parties[0], earlier), kind.name, remark, phrase
        )
        for words, earlier in ((sealed.words, ()), (without, (sealed.words,)), (without, ()))
    ]
    assert said[0] == said[1]
    assert said[0].startswith("It is moving towards")
    assert said[2].startswith("{")
