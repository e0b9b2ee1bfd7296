"""Stored values as one reader sees them."""

import pytest
from django.utils import translation

from mithaq.errors import Refusal
from mithaq_node.web.reader import Reader
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
