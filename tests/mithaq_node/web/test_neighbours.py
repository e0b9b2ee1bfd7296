"""The desk of a party that has two neighbours, shares an audience with one of them, and is watched by an observer."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mithaq.notices import registering
from mithaq.record import cosign, note
from mithaq_node.queries import ledgers
from mithaq_node.services import entering, filing, releasing, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store.models import Draft, Officer
from tests.mithaq_node import meadow, neighbours
from tests.mithaq_node.meadow import NOW, SECRET

LANGUAGES = ("fa", "ar", "ckb", "en")
PAGES = (
    "watch/",
    "filing/",
    "filing/incident.initial/",
    "release/",
    "instrument/",
    "record/",
    "report/",
    "crossings/",
)


@pytest.fixture
def officers(tmp_path: Path, django_db_blocker: Any) -> Iterator[dict[str, Officer]]:
    """Officers of the Meadow, whose keys stand in its log for all and in that for the uplands."""
    name, key = meadow.root("observer")
    instrument = neighbours.sealed(note.Verifier(name, note.COSIGNATURE, key.public).vkey())
    settings = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(settings, instrument)
    with django_db_blocker.unblock(), meadow.standing_on(settings):
        made = meadow.officers()
        for audience in ("all", neighbours.AUDIENCE):
            draft = registering.read(entering.draft_key_set(audience=audience))
            signed = registering.sign(draft, *meadow.root("ML")).encode()
            entering.enter_key_set(signed=signed, now=NOW)
            entering.enter_instrument(now=NOW, audience=audience)
        yield made


def test_the_record_says_how_far_the_observer_has_signed_the_heads(
    desk: Client, officers: dict[str, Officer], tmp_path: Path
) -> None:
    assert "Far-off observer" not in page(desk, "record/now/")
    taken = seat.take(tmp_path / "ML", {})
    holdings = Holdings(taken)
    name, key = meadow.root("observer")
    head = holdings.secure().head
    line = cosign.cosign(head.text(), name, key, NOW.seconds)
    with taken.engine.transaction(holdings.conn):
        record.add_cosignature(holdings.conn, taken.engine, holdings.own(), head.size, line.name, line.line())
    holdings.close()
    assert re.search(r"Observer: Far-off observer\s+up to\s+<[^>]+>2<", page(desk, "record/now/"))


@pytest.fixture
def desk(officers: dict[str, Officer]) -> Client:
    client = Client()
    client.force_login(officers["duty"])
    return client


def page(desk: Client, path: str, language: str = "en") -> str:
    answer = desk.get(f"/{language}/{path}")
    assert answer.status_code == 200, (path, answer.status_code)
    return html.unescape(answer.content.decode())


def filed(desk: Client, officers: dict[str, Officer], audience: str) -> str:
    """The number of a notice that was typed into the form, filed, and released."""
    typed = {
        "event": "fire", "happened.year": "2030", "happened.month": "5", "happened.day": "2", "happened.time": "14:50",
        "happened.calendar": "gregorian", "place.form": "sector", "place.sector": "A", "confidence": "seen",
        "precedence": "priority", "audience": audience,
    }  # fmt: skip
    answer = desk.post("/en/filing/incident.initial/", typed)
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode())[:3000]
    draft = Draft.objects.exclude(state="released").get()
    assert draft.audience == audience
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    return releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)


def test_every_page_opens_with_three_parties(desk: Client) -> None:
    for path in PAGES:
        for language in LANGUAGES:
            page(desk, path, language)


def test_the_pages_name_both_neighbours_and_the_observer(desk: Client) -> None:
    links = page(desk, "watch/now/")
    assert "River" in links
    assert "Hill" in links
    assert "Far-off observer" in page(desk, "instrument/")


def test_the_form_asks_for_whom_and_the_notice_goes_there(desk: Client, officers: dict[str, Officer]) -> None:
    form = page(desk, "filing/incident.initial/")
    assert re.search(r'<option value="uplands"\s*>\s*Hill\s*<', form)
    number = filed(desk, officers, "uplands")
    assert number == "ML.uplands 3-4"
    assert set(ledgers.notice(number).ladder) == {"HL"}  # type: ignore[union-attr]  # it is there
    assert "ML.uplands 3-4" in page(desk, "notices/ML.uplands:3-4/")
    assert "ML.uplands 3-4" in page(desk, "incidents/ML.uplands:3-4/")
    assert "ML.uplands 3-4" in page(desk, "record/logs/ML-uplands-1/")
    found = desk.get("/en/watch/find/", {"number": "ml.uplands 3"})
    assert found.status_code == 302
    common = filed(desk, officers, "all")
    assert set(ledgers.notice(common).ladder) == {"RL", "HL"}  # type: ignore[union-attr]  # it is there
    page(desk, "watch/")


def test_what_refers_stays_in_the_audience_and_the_form_does_not_ask(
    desk: Client, officers: dict[str, Officer]
) -> None:
    number = filed(desk, officers, "uplands")
    form = page(desk, f"filing/correction/?re={number}")
    assert 'id="audience"' not in form
