"""No string of the officers' pages is missing, stale, untranslated or filled in differently in any language."""

import gettext
import io

import pytest

from tools import catalogues


def test_no_string_is_missing_stale_or_untranslated():
    assert catalogues.faults() == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_catalogue_is_written_as_extract_would_write_it(language, tmp_path, monkeypatch):
    before = catalogues.path_of(language).read_bytes()
    known = catalogues._translations(catalogues.read(language))
    found = catalogues.template()
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    catalogues.write(language, found, known)
    assert catalogues.path_of(language).read_bytes() == before


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_says_what_the_written_one_says(language):
    compiled = gettext.GNUTranslations(io.BytesIO(catalogues.compiled(language)))
    for message in catalogues.read(language):
        if message.id and isinstance(message.id, str):
            said = compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
            assert said == message.string


def test_a_new_string_is_reported_until_it_is_translated(tmp_path, monkeypatch):
    sources = tmp_path / "src" / "mithaq_node"
    (sources / "web" / "templates").mkdir(parents=True)
    page = sources / "web" / "templates" / "page.html"
    page.write_text(
        '<p>\n    {% translate "Hello, it\'s you" %}\n'
        "  {% blocktranslate trimmed %}\n a {{ b }}\n{% endblocktranslate %}",
        "utf-8",
    )
    for name, value in {"ROOT": tmp_path, "SOURCES": sources, "LOCALE": sources / "web" / "locale"}.items():
        monkeypatch.setattr(catalogues, name, value)
    catalogues.extract_all()
    assert [fault for fault in catalogues.faults() if fault.startswith("fa")] == [
        'fa: untranslated: "Hello, it\'s you"',
        "fa: untranslated: 'a %(b)s'",
    ]
    known: dict[catalogues.Key, catalogues.Said] = {(None, "Hello, it's you"): "سلام", (None, "a %(b)s"): "الف %(c)s"}
    catalogues.write("fa", catalogues.template(), known)
    assert [fault for fault in catalogues.faults() if fault.startswith("fa")] == [
        "fa: other slots in the translation: 'a %(b)s'"
    ]


def test_slots_are_told_from_text():
    assert catalogues.slots("%(name)s of {count}, 100 %") == {"name", "count"}
