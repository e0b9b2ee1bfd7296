"""What the desk shows of an erasure: the part that is gone, where that is said, and what no record proves."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from mithaq.moments import DAY, Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import parse
from mithaq_node.services import accounts, erasing
from mithaq_node.store import log as record
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, notice, release
from tests.mithaq_node.web.conftest import LANGUAGES

WORDS = "a dry field, an example"
TOLD = meadow.INCIDENT | {"account": {"lang": "en", "text": WORDS}}
SAYS = {
    "ar": "مُحي في نهاية مدته",
    "fa": "در پایان مدتش پاک شد",
    "ckb": "لە کۆتایی ماوەکەیدا سڕایەوە",
    "en": "erased at the end of its term",
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_page_of_a_notice_says_what_was_erased_when_and_by_which_leaf(pair: Pair, standing: Standing) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1, content=TOLD)])
    pair.settle()
    with standing(pair.ml):
        client = Client()
        client.force_login(accounts.create_officer(name="secretariat desk", role="secretariat", secret=meadow.SECRET))
        address = f"/{{}}/notices/{numbers.spoken('ML', 3)}/"
        before = html.unescape(client.get(address.format("en")).content.decode())
        assert WORDS in before
        assert SAYS["en"] not in before
        (number,) = erasing.erase(now=Moment(NOW.seconds + 400 * DAY))
        part = _leaf(pair)
        for language in LANGUAGES:
            page = html.unescape(client.get(address.format(language)).content.decode())
            assert WORDS not in page
            assert SAYS[language] in page
            assert part in page, "the commitment stays"
            listed = html.unescape(client.get(f"/{language}/record/").content.decode())
            assert reverse("incidents:notice", args=[number]).removeprefix("/en") in listed
            assert html.unescape(client.get(f"/{language}/notices/{number}/").content.decode())


def _leaf(pair: Pair) -> str:
    (leaf,) = record.read_entries(pair.ml.conn, pair.ml.engine, pair.ml.own(), 3, 4)
    return parse(leaf).header.parts[1].c
