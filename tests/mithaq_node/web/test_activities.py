"""Planned activities as their pages say them: calendar, one activity, what it meets, and the calendar for programs."""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import icalendar
import pytest
from django.test import Client

from mithaq import places
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices.envelope import Reference
from mithaq_node.queries import activities, ledgers, ringing, rolls
from mithaq_node.services import accounts, alarming, clock, drafting, filing, releasing, ticking
from mithaq_node.store.models import Draft, FeedKey, Officer, TickRow
from tests.mithaq_node import meadow
from tests.mithaq_node.announcing import LANGUAGES, instrument
from tests.mithaq_node.meadow import HAZARD, NOW, SECRET
from tests.mithaq_node.web.calendars import by_ical_js, by_khal

ROOT = Path(__file__).parents[3]
TIME = {"from": "2030-05-20T05:00:00Z", "until": "2030-05-22T05:00:00Z"}
WORKS = {
    "activity": "demining",
    "place": {"form": "kilometre", "km": 20},
    "distance": "under-2-km",
    "period": TIME,
}
EXERCISE = {"activity": "exercise", "scale": "large", "place": {"form": "sector", "sector": "A"}, "period": TIME}


@pytest.fixture
def desk(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Iterator[dict[str, Officer]]:
    """The Meadow's node under that instrument, on either engine, and its officers."""
    settings = meadow.settings_of(tmp_path / "ML", "ML", database)
    meadow.found(settings, instrument())
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with django_db_blocker.unblock(), meadow.standing_on(settings):
        made = meadow.officers()
        meadow.enter("ML")
        yield made


def draft(desk: dict[str, Officer], kind: str, content: dict[str, Any], *re: str) -> Draft:
    notices = [ledgers.book().notices[number] for number in re]
    references = [Reference(log=each.log, id=each.leaf.header.id) for each in notices if each.leaf]
    return drafting.save_draft(officer=desk["duty"], kind=kind, content=content, references=references, now=NOW)


def told(desk: dict[str, Officer], kind: str, content: dict[str, Any], *re: str) -> str:
    """Filed and released; its spoken number."""
    made = draft(desk, kind, content, *re)
    filing.file(draft_id=made.pk, officer=desk["duty"], secret=SECRET, now=NOW)
    return releasing.release(draft_id=made.pk, officer=desk["releasing"], secret=SECRET, now=NOW)


def at(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, (address, answer.content.decode())
    return answer.content.decode()


def test_the_calendar_shows_what_stands_what_meets_and_what_came_too_late(desk: dict[str, Officer]) -> None:
    works, exercise = told(desk, "works.planned", WORKS), told(desk, "activity.planned", EXERCISE)
    client = at(desk["duty"])
    for language in LANGUAGES:
        for view in ("month", "week", "year"):
            shown = page(client, f"/{language}/activities/", view=view, day="2030-05-20")
            assert shown.count(f"/{language}/activities/{works.replace(' ', '')}/") >= 1
            assert ('class="calendar"' in shown) == (view != "year")
        assert page(client, f"/{language}/activities/now/", day="2030-01-01").count('class="empty"') == 1
    shown = page(client, "/en/activities/", day="2030-05-20")
    assert shown.count("Meets another plan") == 2
    assert shown.count("Told too late") == 1, "the large one was told of eighteen days before, not forty-two"
    assert shown.count("Not received by the other side yet") == 2
    assert page(client, "/en/activities/", day="2030-05-20", scale="large").count("Meets another plan") == 1
    assert "Nothing is planned" in page(client, "/en/activities/", day="2030-05-20", party="RL")
    assert "Nothing is planned" in page(client, "/en/activities/", day="2030-05-20", state="ended")
    assert page(client, "/en/activities/", day="9999-99-99", kind="person.wanted", view="x")
    (use,) = [each for each in activities.uses(2030) if each.party == "ML"]
    assert (use.used, use.left) == (1, 0)
    one = page(client, f"/en/activities/{exercise.replace(' ', '')}/")
    assert works in one
    assert "drawn__place--2" in one
    assert "What would clear it" in one


def test_a_plan_that_is_changed_begins_ends_or_is_withdrawn_says_so_and_then_meets_nothing(
    desk: dict[str, Officer],
) -> None:
    works, exercise = told(desk, "works.planned", WORKS), told(desk, "activity.planned", EXERCISE)
    later = {"from": "2030-06-20T05:00:00Z", "until": "2030-06-22T05:00:00Z"}
    told(desk, "activity.changed", {"reason": "overlap", "period": later}, exercise)
    assert activities.activity(exercise).state == "changed"
    assert activities.conflicts_of(activities.activity(works)) == ()
    told(desk, "activity.changed", {"reason": "weather", "period": TIME}, exercise)
    assert len(activities.conflicts_of(activities.activity(works))) == 1
    told(desk, "activity.started", {"happened": TIME["from"]}, works)
    assert activities.activity(works).state == "started"
    told(desk, "activity.ended", {"happened": TIME["until"]}, works)
    assert activities.activity(works).state == "ended"
    assert activities.conflicts_of(activities.activity(exercise)) == ()
    told(desk, "withdrawal", {"reason": "superseded"}, exercise)
    assert activities.activity(exercise).state == "cancelled"
    assert [each.used for each in activities.uses(2030)] == [0, 0]
    client = at(desk["auditor"])
    shown = page(client, f"/fa/activities/{exercise.replace(' ', '')}/")
    assert "badge--idle" in shown
    assert client.get("/en/activities/ML99-9/").status_code == 404


def test_a_conflict_stands_before_the_signature_and_before_the_release(desk: dict[str, Officer]) -> None:
    works = told(desk, "works.planned", WORKS)
    made = draft(desk, "activity.planned", EXERCISE)
    address = works.replace(" ", "")
    for language in LANGUAGES:
        assert f"/{language}/activities/{address}/" in page(at(desk["duty"]), f"/{language}/filing/draft/{made.pk}/")
    filing.file(draft_id=made.pk, officer=desk["duty"], secret=SECRET, now=NOW)
    shown = page(at(desk["releasing"]), f"/en/release/{made.pk}/")
    assert f"/en/activities/{address}/" in shown
    assert "Told too late" in shown
    free = draft(desk, "activity.planned", EXERCISE | {"place": {"form": "sector", "sector": "B"}, "scale": "small"})
    shown = page(at(desk["duty"]), f"/en/filing/draft/{free.pk}/")
    assert "It shares ground and time with no plan that stands." in shown
    far = places.cell_of((40_000_000, 40_000_000))
    odd = {"form": "cell", "lon": far.lon, "lat": far.lat, "size": far.size}
    check = activities.check(
        next(kind for kind in instrument().law.kinds if kind.name == "works.planned"), WORKS | {"place": odd}, NOW
    )
    assert check is not None
    assert check.is_outside


def test_a_proposed_shift_stands_filled_in_in_the_form_of_a_change(desk: dict[str, Officer]) -> None:
    works = told(desk, "works.planned", WORKS)
    told(desk, "activity.planned", EXERCISE)
    client, address = at(desk["duty"]), works.replace(" ", "")
    for language in LANGUAGES:
        shown = page(client, f"/{language}/activities/{address}/")
        assert f"/{language}/filing/activity.changed/?re={works.replace(' ', '%20')}&amp;shift=time" in shown
    check = activities.check_of(activities.activity(works), NOW)
    assert check.later is not None
    shown = page(client, "/en/filing/activity.changed/", re=works, shift="time")
    day = str(check.later.time.start)[8:10].lstrip("0")
    assert re.search(rf'name="period\.from\.day"[^>]*value="{day}"', shown)
    assert '<option value="overlap" selected' in shown
    for shift in ("", "sideways"):
        assert 'overlap" selected' not in page(client, "/en/filing/activity.changed/", re=works, shift=shift)
    moved = activities.proposed(works, "area", NOW)
    assert moved == ({"reason": "overlap", "place": check.moved.place} if check.moved else {})
    assert "shift=" not in page(at(desk["auditor"]), f"/en/activities/{address}/")
    assert activities.proposed("ML 99-9", "time", NOW) == {}


def test_an_area_that_crosses_itself_is_no_area(desk: dict[str, Officer]) -> None:
    ring = [[0, 0], [108_000, 109_000], [108_000, 0], [0, 109_000]]
    made = draft(desk, "works.planned", WORKS | {"place": {"form": "area", "ring": ring}})
    with pytest.raises(Refusal) as refused:
        filing.file(draft_id=made.pk, officer=desk["duty"], secret=SECRET, now=NOW)
    assert refused.value.code in ("field.area-crosses-itself", "field.too-fine")


def test_what_a_party_plans_for_a_year_stands_beside_what_it_announced(desk: dict[str, Officer]) -> None:
    year = {"from": "2030-12-31T23:00:00Z", "until": "2031-12-31T23:00:00Z"}
    said = told(desk, "activity.calendar", {"period": year, "planned": 3})
    told(desk, "works.planned", WORKS | {"period": {"from": "2031-02-01T05:00:00Z", "until": "2031-02-02T05:00:00Z"}})
    page(at(desk["duty"]), "/ckb/activities/", day="2031-02-01")
    found = {each.party: each for each in activities.calendars(2030) if each.year == 2031}
    assert (found["ML"].stated, found["ML"].announced, found["ML"].due) == (3, 1, "2030-11-15")
    assert (found["ML"].differs, found["ML"].is_late, found["ML"].number) == (True, False, said)
    assert (found["RL"].stated, found["RL"].differs) == (None, False)


def test_the_feed_opens_to_its_secret_alone_and_says_what_has_not_changed(desk: dict[str, Officer]) -> None:
    works = told(desk, "works.planned", WORKS)
    client = at(desk["duty"])
    shown = client.post("/en/activities/feed/", {"then": "make"}).content.decode()
    secret = re.findall(r"key=([\w-]{40,})<", shown)[0]
    assert secret not in page(client, "/en/activities/feed/")
    assert secret.encode() not in FeedKey.objects.get().digest.encode()
    outside = Client()
    for wrong in ({}, {"key": "x"}, {"key": ""}):
        assert outside.get("/feeds/activities.ics", wrong).status_code == 401
    answer = outside.get("/feeds/activities.ics", {"key": secret, "lang": "fa"})
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.content).events
    assert event.uid.startswith(works.replace(" ", ""))
    assert event.start == datetime.fromisoformat(TIME["from"])
    tag = answer.headers["ETag"]
    again = {"key": secret, "lang": "fa"}
    assert outside.get("/feeds/activities.ics", again, headers={"If-None-Match": tag}).status_code == 304
    told(desk, "withdrawal", {"reason": "superseded"}, works)
    other = outside.get("/feeds/activities.ics", again, headers={"If-None-Match": tag})
    assert b"STATUS:CANCELLED" in other.content
    basic = "Basic " + b64encode(f"anybody:{secret}".encode()).decode()
    assert outside.get("/feeds/activities.ics", headers={"Authorization": basic}).status_code == 200
    for odd in ("Basic !", "Bearer x", "Basic " + b64encode(b"\xff").decode()):
        assert outside.get("/feeds/activities.ics", headers={"Authorization": odd}).status_code == 401
    client.post("/en/activities/feed/", {"then": "make"})
    assert outside.get("/feeds/activities.ics", again).status_code == 401, "another one took its place"
    fresh = re.findall(r"key=([\w-]{40,})<", client.post("/en/activities/feed/").content.decode())[0]
    accounts.disable(officer=desk["duty"])
    assert outside.get("/feeds/activities.ics", {"key": fresh}).status_code == 401


def test_other_calendar_programs_read_the_feed_at_the_right_hour(desk: dict[str, Officer], tmp_path: Path) -> None:
    told(desk, "works.planned", WORKS)
    secret = re.findall(r"key=([\w-]{40,})<", at(desk["duty"]).post("/ar/activities/feed/").content.decode())[0]
    body = Client().get("/feeds/activities.ics", {"key": secret, "lang": "ar"}).content
    assert b"BEGIN:VTIMEZONE" in body
    assert by_khal(tmp_path, body, "2030-05-20").startswith(TIME["from"][11:16])
    (read,) = by_ical_js(tmp_path, body)
    assert read[:2] == [TIME["from"].replace("Z", ".000Z"), TIME["until"].replace("Z", ".000Z")]


def alone(desk: dict[str, Officer], content: dict[str, Any]) -> str:
    made = draft(desk, "humanitarian.hazard", content)
    return releasing.release_alone(draft_id=made.pk, officer=desk["duty"], secret=SECRET, now=NOW)


def test_a_danger_that_is_not_received_escalates_and_starts_no_clock(
    desk: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = alone(desk, HAZARD)
    limit = instrument().law.limits.silence * 60
    assert ringing.unheard(str(Moment(NOW.seconds + limit))) == ()
    late = Moment(NOW.seconds + limit + 61)
    (waiting,) = ringing.unheard(str(late))
    assert waiting.notice.number == number
    before = ledgers.book()
    assert not [clock for clock in before.clocks if clock.notice == number]
    assert not before.compliance
    monkeypatch.setattr(clock, "now", lambda: late)
    client = at(desk["releasing"])
    for language in LANGUAGES:
        assert page(client, f"/{language}/shift/").count('class="alarm"') == 1
    assert "Not received since" in page(client, "/en/activities/")
    assert [call.number for call in alarming.escalate(now=late)] == [number]
    assert ledgers.book().digest() == before.digest()
    told(desk, "withdrawal", {"reason": "superseded"}, number)
    assert ringing.unheard(str(late)) == ()


def test_the_form_of_a_danger_asks_first_for_what_must_be_said(desk: dict[str, Officer]) -> None:
    client = at(desk["duty"])
    assert 'class="fast"' in page(client, "/fa/filing/")
    form = page(client, "/en/filing/humanitarian.hazard/")
    first, rest = form.split('class="fast-rest"')
    assert [name for name in ("hazard", "happened", "place", "confidence") if f'name="{name}' not in first] == []
    assert [name for name in ("effect", "people", "help_needed", "spot") if f'name="{name}' in first] == []
    assert all(f'name="{name}' in rest for name in ("effect", "people", "help_offered", "help_needed"))
    assert "fast-rest" not in page(client, "/en/filing/works.planned/")


def test_a_checklist_is_ticked_within_the_party_and_sends_nothing(desk: dict[str, Officer]) -> None:
    number = alone(desk, HAZARD)
    address, client = number.replace(" ", ""), at(desk["duty"])
    for language in LANGUAGES:
        assert page(client, f"/{language}/inside/{address}/").count('class="checklist__item"') == 5
    size, digest, cursor = ledgers.roll().sizes(), ledgers.book().digest(), rolls.cursor()
    item = "checklist.humanitarian.hazard.sender.1-people"
    for deed, done in (("tick", True), ("tick", True), ("untick", False), ("tick", True)):
        client.post(f"/en/inside/{address}/change/", {"deed": deed, "item": item})
        assert TickRow.objects.order_by("-pk")[0].done is done
    assert rolls.cursor() != cursor, "open pages learn of it"
    assert TickRow.objects.count() == 3, "what is ticked is not ticked again"
    assert "checklist__said--done" in page(client, f"/en/inside/{address}/")
    for wrong in ("checklist.humanitarian.hazard.addressee.1-acknowledged", "x"):
        with pytest.raises(Refusal, match=r"desk\.no-such-item"):
            ticking.tick(number=number, item=wrong, done=True, officer=desk["duty"], now=NOW)
    assert (ledgers.roll().sizes(), ledgers.book().digest()) == (size, digest)
