"""The versions of the instrument at a desk: who was under which when, what differs, and what waits for one that is not
entered here."""

import html
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from django.test import Client

from mithaq import canonical
from mithaq.instrument import sealing
from mithaq.instrument.sealing import Sealed
from mithaq_node import queries
from mithaq_node.queries import history, ledgers
from mithaq_node.services import accounts, changing_over, proposing
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, notice, release

LANGUAGES = ("fa", "ar", "ckb", "en")
WAITING = "A side has entered a version of the instrument that is not entered here"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes; ML has entered a second version and told of an incident under each, RL has entered none."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path_factory.mktemp("versions"))
        release(made.ml, [notice(made.ml.seat, 1)])
        made.settle()
        with meadow.standing_on(made.nodes[0]):
            found = second(queries.sealed())
            enter(found)
        seat = replace(made.ml.seat, law=found.law, law_digest=found.law_digest)
        release(made.ml, [notice(seat, 2)])
        made.settle()
        yield made
        made.close()


def second(served: Sealed) -> Sealed:
    """A clock an hour long, one kind less, and mended words."""
    clocks = [msgspec.structs.replace(each, minutes=60) for each in served.law.clocks]
    law = msgspec.structs.replace(served.law, version=2, clocks=clocks)
    flash = {**served.words.labels["precedence.flash"], "en": "Lightning"}
    words = msgspec.structs.replace(served.words, labels={**served.words.labels, "precedence.flash": flash})
    found = Sealed.open(canonical.encode_trusted(law), canonical.encode_trusted(words))
    for party in meadow.PARTIES:
        found = sealing.seal(found, party, *meadow.root(party))
    return found


def enter(version: Sealed) -> None:
    proposing.propose(proposed=version, now=NOW)
    changing_over.enter(now=NOW)


def desk() -> Client:
    client = Client()
    name = f"secretariat {secrets.token_hex(4)}"
    client.force_login(accounts.create_officer(name=name, role="secretariat", secret=SECRET))
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def test_the_side_that_entered_sees_both_versions_what_differs_and_that_the_other_has_not(pair: Pair) -> None:
    with meadow.standing_on(pair.nodes[0]):
        client = desk()
        for language in LANGUAGES:
            page(client, f"/{language}/instrument/versions/?from=1&to=2")
        shown = page(client, "/en/instrument/versions/?from=1&to=2")
        assert "has not entered the latest yet" in shown
        assert "the latest entered here" in shown
        law, words = shown.split('id="law-title"')[1].split('id="words-title"')
        assert "clocks[" in law
        assert "<ins>Lightning</ins>" in words
        first, latest = history.versions()
        assert [(stay.party, bool(stay.until)) for stay in first.stays] == [("ML", True), ("RL", False)]
        assert [(stay.party, bool(stay.until)) for stay in latest.stays] == [("ML", False)]
        assert WAITING not in shown
        for odd in ("?from=x&to=2", "?from=0&to=9", "?from=1&to=99999999999"):
            assert 'id="law-title"' not in page(client, f"/en/instrument/versions/{odd}")


def test_the_side_that_has_not_is_told_on_every_page_what_waits_until_it_has(pair: Pair) -> None:
    with meadow.standing_on(pair.nodes[1]):
        client = desk()
        for language in LANGUAGES:
            page(client, f"/{language}/record/")
        assert WAITING in page(client, "/en/record/")
        assert "Nothing can be compared while" in page(client, "/en/record/now/")
        shown = page(client, "/en/instrument/versions/")
        assert "a version that is not entered here" in shown
        enter(second(queries.sealed()))
        assert WAITING not in page(client, "/en/record/")
        assert "a version that is not entered here" not in page(client, "/en/instrument/versions/")
        assert not ledgers.book().incomplete


def test_what_was_told_under_the_version_before_is_shown_as_that_version_has_it(pair: Pair) -> None:
    with meadow.standing_on(pair.nodes[0]):
        client = desk()
        for number in list(ledgers.book().incidents):
            for language in LANGUAGES:
                assert client.get(f"/{language}/incidents/{number.replace(' ', '%20')}/").status_code == 200
