"""The calendar of meetings and deadlines as calendar programs of others read it: khal, ical.js and vobject."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import pytest
import vobject
from django.test import Client

from mithaq.moments import Moment
from mithaq.notices.envelope import Reference, parse
from mithaq_node.services import accounts, clock, feed_keys
from tests.mithaq_node import announcing
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import INCIDENT, NOW, SECRET
from tests.mithaq_node.pair import Pair, notice, release
from tests.mithaq_node.web.calendars import by_ical_js, by_khal

ADDRESS = "/feeds/calendar.ics"
LANGUAGES = ("fa", "ar", "ckb", "en")
SOON = str(Moment(NOW.seconds + 30 * 86_400 - NOW.seconds % 60))
PERIOD = {"from": "2030-05-20T05:00:00Z", "until": "2030-05-22T05:00:00Z"}
WORKS = {"activity": "demining", "place": {"form": "kilometre", "km": 20}, "distance": "under-2-km", "period": PERIOD}


class Border(NamedTuple):
    """Two nodes, and the question that waits."""

    pair: Pair
    question: Reference


@pytest.fixture
def border(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Border]:
    """A meeting with a decision, a question that waits for its answer, and works, at both sides' nodes."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with django_db_blocker.unblock():
        pair = Pair(tmp_path, instrument=announcing.instrument())
    pair.settle()
    call = {"level": "joint-committee", "venue": "first-party", "agenda": ["carrying-out"], "starts": SOON}
    called = tell(pair, "ML", 1, "meeting.called", call)
    tell(pair, "RL", 2, "meeting.decided", {"matter": "rail", "owner": "second", "due": "2030-07-01"}, called)
    event = tell(pair, "ML", 3, "incident.initial", INCIDENT)
    question = tell(pair, "RL", 4, "clarification.request", {"concern": "event", "questions": ["what"]}, event)
    tell(pair, "RL", 5, "works.planned", WORKS)
    yield Border(pair, question)
    pair.close()


def tell(pair: Pair, party: str, number: int, kind: str, content: dict[str, Any], *re: Reference) -> Reference:
    side = pair.ml if party == "ML" else pair.rl
    row = notice(side.seat, number, content=content, name=kind, references=re)
    release(side, [row])
    pair.settle()
    header = parse(row[0]).header
    return Reference(log=header.log, id=header.id)


def secret(role: str = "duty") -> str:
    return feed_keys.make(accounts.create_officer(name=f"the {role}", role=role, secret=SECRET), NOW)


def body(language: str = "en") -> bytes:
    answer = Client().get(ADDRESS, {"key": secret(), "lang": language})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return bytes(answer.content)


def test_meetings_deadlines_promises_and_plans_stand_in_one_calendar(border: Border, standing: Standing) -> None:
    for holdings, offset in ((border.pair.ml, "+0000"), (border.pair.rl, "+0100")):
        with standing(holdings):
            said = body()
            events = {str(each["summary"]): each for each in icalendar.Calendar.from_ical(said).events}
            assert f"TZOFFSETTO:{offset}".encode() in said
            dues = {name: each.start for name, each in events.items() if name.startswith("Due: ")}
            answer = next(at for name, at in dues.items() if name.startswith("Due: Answering a request (Meadow)"))
            assert answer == datetime.fromtimestamp(NOW.seconds, UTC) + timedelta(days=2)
            assert any(name.startswith("Due: Acknowledging an incident (River)") for name in dues)
            decided = next(each for name, each in events.items() if "Rail link" in name)
            assert decided.start.isoformat() == "2030-07-01"
            assert any("Joint committee" in name for name in events)
            assert any("mine clearance" in name.lower() or "demining" in name.lower() for name in events)
            for nobody in (b"ATTENDEE", b"ORGANIZER", b"mailto"):
                assert nobody not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_programs_read_the_right_instants_in_every_language(
    border: Border, standing: Standing, tmp_path: Path, language: str
) -> None:
    with standing(border.pair.rl):
        said = body(language)
    assert vobject.readOne(said.decode()).validate(raiseException=True)
    assert by_khal(tmp_path, said, SOON[:10]).startswith(SOON[11:16])
    assert by_khal(tmp_path, said, "2030-05-20").startswith("05:00")
    instants = {read[0] for read in by_ical_js(tmp_path, said)}
    assert {SOON.replace("Z", ".000Z"), "2030-05-20T05:00:00.000Z"} <= instants


def test_vobject_finds_what_is_wrong(border: Border, standing: Standing) -> None:
    """So that its silence means something."""
    with standing(border.pair.ml):
        said = body()
    stamped = [line for line in said.decode().splitlines() if not line.startswith("DTSTAMP")]
    with pytest.raises(vobject.base.ValidateError):
        vobject.readOne("\r\n".join(stamped)).validate(raiseException=True)


def test_a_deadline_is_gone_once_it_is_answered(border: Border, standing: Standing) -> None:
    with standing(border.pair.ml):
        assert b"Answering a request" in body()
    tell(border.pair, "ML", 9, "clarification.reply", {"finding": "routine"}, border.question)
    with standing(border.pair.rl):
        assert b"Answering a request" not in body()


def test_it_opens_to_the_secret_of_a_reader_of_notices_alone_and_says_what_has_not_changed(
    border: Border, standing: Standing
) -> None:
    with standing(border.pair.ml):
        key = secret()
        for wrong in ({}, {"key": "x"}, {"key": secret("observer")}):
            assert Client().get(ADDRESS, wrong).status_code == 401
        answer = Client().get(ADDRESS, {"key": key})
        again = Client().get(ADDRESS, {"key": key}, headers={"If-None-Match": answer.headers["ETag"]})
        assert (answer.status_code, again.status_code, again.content) == (200, 304, b"")
        assert Client().post(ADDRESS, {"key": key}).status_code == 405
