"""Stored values as one reader sees them."""

import pytest
from django.utils import translation

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
