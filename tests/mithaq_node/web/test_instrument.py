"""The memorandum as its parties sealed it, in every language, with every line saying where it comes from."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from mithaq import calendars
from mithaq.errors import Refusal
from mithaq.instrument.law import Text
from mithaq_files.fingerprints import in_words
from mithaq_files.instrument import read_sealed
from mithaq_files.refusals import sentence
from mithaq_node.web.instrument.seals import seals
from tests.mithaq_node.web.conftest import LANGUAGES, PARTIES, sealed_by, unsealed

Desk = Callable[..., Client]
LAW = unsealed().law


def page(client: Client, language: str, path: str = "instrument/") -> str:
    response = client.get(f"/{language}/{path}")
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def section(text: str, name: str) -> str:
    """The part of the page from a section's beginning to the next section of the same rank."""
    start = text.index(f'<section id="{name}"')
    following = text.find('class="treaty__section"', text.index(">", start))
    return text[start : following if following > 0 else None]


def says(text: str, shown: Text, language: str) -> bool:
    return shown[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_and_direction_of_its_address(desk: Desk, language: str):
    text = page(desk(), language)
    assert re.search(rf'<html lang="{language}"\s+dir="{"ltr" if language == "en" else "rtl"}"', text)
    assert LAW.title[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_at_its_head_that_the_text_is_not_public(desk: Desk, language: str):
    text = page(desk(), language)
    assert says(text[: text.index('id="signing"')], LAW.standing[0].text, language)


@pytest.mark.parametrize(("sealed", "standing"), [((), "no seal yet"), (("IR",), "one seal is missing")])
def test_it_is_not_in_force_before_both_have_sealed(desk: Desk, sealed: tuple[str, ...], standing: str):
    text = page(desk("IQ", sealed=sealed), "en")
    assert f"not in force: {standing}" in text
    assert "in force: both seals are under it" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_force_only_with_both_seals(desk: Desk, language: str):
    sealed = sealed_by(*PARTIES)
    assert sealed.in_force
    assert not sealed_by("IQ").in_force
    text = page(desk(), language)
    assert 'class="badge badge--kept"' in text[: text.index('id="standing"')]
    for seal in seals(sealed, tuple(LAW.parties)):
        assert seal.complete
        assert seal.fingerprint in text
    assert sealed.fingerprint in text
    assert all(words in text for words in in_words(sealed.law_bytes).values())
    assert sealed.law_digest in text
    assert sealed.words_digest in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_auspices_place_and_day_in_three_calendars_stand_there_with_their_source(desk: Desk, language: str):
    text = section(page(desk(), language), "signing")
    signing = LAW.signing
    for calendar in calendars.CALENDARS:
        assert calendars.render(signing.day, calendar, language) in text
    assert says(text, signing.auspices.text, language)
    assert says(text, signing.place.text, language)
    for signatory in signing.signatories:
        assert says(text, signatory.office, language)
        assert says(text, signatory.printed, language)
    assert text.count(f'href="#source-{signing.source}"') >= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_aim_stands_there_with_its_source(desk: Desk, language: str):
    text = page(desk(), language)
    aims = section(text, "aims")
    for aim in LAW.aims:
        assert all(aim.text[authentic] in aims for authentic in LAW.authentic)
        assert f'href="#source-{aim.source}"' in aims
        assert f'id="source-{aim.source}"' in text


def test_every_line_says_whether_it_is_reported_or_an_example(desk: Desk):
    text = page(desk(), "en")
    lines: list[Any] = [
        *LAW.standing,
        *LAW.aims,
        *LAW.topics,
        LAW.signing.place,
        LAW.signing.auspices,
        *LAW.signing.signatories,
    ]
    marked = [*lines, *LAW.articles, *LAW.kinds, *LAW.clocks, *LAW.retention, *LAW.commitments, *LAW.sectors]
    marked += [*LAW.crossings, *LAW.gazetteer, *LAW.parties, *(party.annex for party in LAW.parties)]
    marked += [*LAW.announcing.periods, *LAW.announcing.quotas] if LAW.announcing else []
    authorities = [authority for party in LAW.parties for authority in party.authorities]
    others: list[Any] = [LAW.line, LAW.signing, LAW.signing]  # the day and the title stand under the signing's mark
    predecessor = [LAW.predecessor] if LAW.predecessor else []
    standings = [each.mark for each in (*marked, *authorities, *others, *predecessor)]
    assert text.count("badge badge--reported") == standings.count("reported")
    assert text.count("badge badge--example") == standings.count("example")
    assert set(standings) == {"reported", "example"}
    assert all(line.source in LAW.sources for line in (*LAW.aims, *LAW.topics) if line.mark == "reported")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_authorities_of_each_party_stand_there(desk: Desk, language: str):
    text = section(page(desk(), language), "parties")
    for party in LAW.parties:
        assert all(says(text, authority.name, language) for authority in party.authorities)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_in_force_is_shown_with_its_fields(desk: Desk, language: str):
    text = section(page(desk(), language), "kinds")
    labels = unsealed().words.labels
    for kind in LAW.kinds:
        assert says(text, labels[f"kind.{kind.name}"], language)
        assert all(says(text, labels[f"field.{kind.name}.{field.name}"], language) for field in kind.fields)


def test_authentic_texts_face_each_other_in_their_own_direction(desk: Desk):
    text = page(desk(), "en")
    for article in LAW.articles:
        for authentic in LAW.authentic:
            assert re.search(rf'lang="{authentic}"\s+dir="rtl">\s*<p>{re.escape(article.text[authentic])}', text)
        assert article.text["en"] in text


def test_a_reader_of_an_authentic_language_is_given_no_reading_aid(desk: Desk):
    client = desk()
    assert "treaty-aid" not in page(client, LAW.authentic[0])
    assert "treaty-aid" in page(client, "en")


def test_what_an_article_governs_is_on_the_page(desk: Desk):
    text = page(desk(), "fa")
    for place in re.findall(r'href="#([^"]+)"', section(text, "articles")):
        assert f'id="{place}"' in text


def test_on_its_own_node_a_party_stands_first(desk: Desk):
    for party, other in (("IQ", "IR"), ("IR", "IQ")):
        shown = page(desk(party), "en")
        for part in ("seals", "parties"):
            text = section(shown, part)
            assert text.index(f"party-{party}") < text.index(f"party-{other}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_verifies_every_seal_without_scripts(desk: Desk, language: str):
    client = desk()
    assert f'action="/{language}/instrument/verify/#seals"' in page(client, language)
    assert "notice notice--kept" in section(page(client, language, "instrument/verify/"), "seals")


def test_the_button_names_a_seal_that_is_missing(desk: Desk):
    text = section(page(desk("IQ", sealed=("IQ",)), "en", "instrument/verify/"), "seals")
    assert "notice notice--due" in text
    assert "seal missing" in text


def test_the_button_refuses_a_seal_that_was_tampered_with(desk: Desk):
    client = desk()
    page(client, "en")
    path = settings.NODE.instrument / "seals" / "law.note"
    signed = path.read_bytes()
    spoiled = bytearray(signed)
    spoiled[-12] = ord("A") if spoiled[-12] != ord("A") else ord("B")
    path.write_bytes(bytes(spoiled))
    with pytest.raises(Refusal) as refused:
        read_sealed(settings.NODE.instrument)
    for address in ("/fa/instrument/verify/", "/fa/instrument/"):
        response = client.get(address)
        text = html.unescape(response.content.decode())
        assert response.status_code == 503
        assert sentence(refused.value, "fa") in text
        assert "badge badge--kept" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_partys_days_of_rest_and_holidays_stand_beside_its_authorities(desk: Desk, language: str) -> None:
    said = section(page(desk("IR"), language), "parties")
    for party in LAW.parties:
        assert party.annex is not None
        for number in party.weekend:
            assert calendars.weekday_name(number, language) in said
        for holiday in party.annex.holidays:
            assert holiday.name[language] in said
            assert calendars.render(holiday.day, holiday.calendar, language) in said
        assert f'datetime="{party.annex.until}"' in said


@pytest.mark.parametrize(("party", "language", "first"), [("IQ", "ar", "ar"), ("IR", "fa", "fa"), ("IR", "en", "ar")])
def test_an_authentic_text_stands_first_in_the_language_of_the_node(
    desk: Desk, party: str, language: str, first: str
) -> None:
    client = desk(party)
    with override_settings(NODE=replace(settings.NODE, language=language)):
        articles = section(page(client, "en"), "articles")
    texts = {code: articles.index(LAW.articles[0].text[code]) for code in LAW.authentic}
    assert min(texts, key=lambda code: texts[code]) == first
