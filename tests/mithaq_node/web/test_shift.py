"""The pages of the shift: two signatures, a test that must be heard, a log that is only written."""

import re
from typing import Any

import msgspec
import pytest
from django.test import Client

from mithaq_node import queries
from mithaq_node.queries import instrument, shifts
from mithaq_node.services import accounts, drafting, noting
from mithaq_node.store.models import HandingRow, ShiftRow, WatchLineRow
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.watches import MARKER, Officers, hand, released, take, write

LANGUAGES = ("fa", "ar", "ckb", "en")
_HIDDEN = re.compile(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"')


@pytest.fixture
def engine() -> str:
    return "sqlite"


def desk_of(officers: Officers, name: str) -> Client:
    client = Client()
    client.force_login(officers[name])
    return client


@pytest.fixture
def duty(officers: Officers) -> Client:
    return desk_of(officers, "duty")


@pytest.fixture
def chief(officers: Officers) -> Client:
    return desk_of(officers, "releasing")


def form(client: Client, place: str) -> dict[str, str]:
    """What a form that stands on a page carries by itself."""
    page = client.get(f"/en/shift/{place}").content.decode()
    hidden = page[page.rindex('name="csrfmiddlewaretoken"') :] if "csrfmiddlewaretoken" in page else page
    return {name: said.replace("&quot;", '"') for name, said in _HIDDEN.findall(hidden)}


def heard(client: Client) -> str:
    """Play the alarm and count, as an officer with good ears does."""
    return client.post("/en/shift/sound/").content.decode()


def sign_in_sound(client: Client, **said: str) -> Any:
    """Take over with everything as it should be, but for what is said."""
    given = {**form(client, "take-over/"), "sound": "heard", "heard": heard(client), "password": SECRET, **said}
    return client.post("/en/shift/take-over/", given)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def line(client: Client, **said: str) -> dict[str, str]:
    """A line typed into the form of the page, on the moment that stands there."""
    page = client.get("/en/shift/").content.decode()
    given = dict(re.findall(r'name="(at\.(?:day|year|time))"\s+value="([^"]*)"', page))
    (month,) = re.findall(r'<option value="(\d+)" selected>', page)
    return {**form(client, ""), **given, "at.month": month, "kind": "note", "text": "Smoke seen.", **said}


def test_an_empty_desk_says_so_in_every_language(duty: Client, officers: Officers) -> None:
    for language in LANGUAGES:
        for place in ("", "take-over/", "hand-over/", "log/", "papers/"):
            assert duty.get(f"/{language}/shift/{place}").status_code == 200, (language, place)
    assert "Nobody has taken over the watch on this node yet." in text_of(duty.get("/en/shift/"))
    assert "Nobody has taken over the watch" in text_of(duty.get("/en/watch/"))
    assert duty.get("/en/shift/papers/1/").status_code == 404


def test_a_watch_passes_from_one_officer_to_the_next(duty: Client, chief: Client, officers: Officers) -> None:
    assert sign_in_sound(duty).status_code == 302
    assert "On duty: duty desk" in text_of(duty.get("/en/watch/"))
    duty.post("/en/shift/", line(duty))
    released(officers)
    given = {**form(duty, "hand-over/"), "remark": MARKER, "password": SECRET}
    assert duty.post("/en/shift/hand-over/", given).status_code == 302
    assert "Handed over, not taken over" in text_of(chief.get("/en/watch/"))
    page = text_of(chief.get("/en/shift/take-over/"))
    assert MARKER in page
    assert "ML 3-4" in page
    assert sign_in_sound(chief, remark="Will have it mended.").status_code == 302
    assert "On duty: releasing desk" in text_of(duty.get("/en/watch/"))
    for language in LANGUAGES:
        paper = desk_of(officers, "auditor").get(f"/{language}/shift/papers/2/")
        assert paper.content.decode().count("badge--kept") == 3, language  # two signatures, and the alarm
        assert MARKER in paper.content.decode()
        assert "Smoke seen." in paper.content.decode()


def test_a_page_that_is_no_longer_true_shows_what_changed_and_loses_nothing(duty: Client, officers: Officers) -> None:
    sign_in_sound(duty)
    given = {**form(duty, "hand-over/"), "remark": MARKER, "password": SECRET}
    number = released(officers)
    write(officers["duty"])
    answer = duty.post("/en/shift/hand-over/", given)
    assert answer.status_code == 422
    said = text_of(answer)
    assert "shift.changed" in said
    changed = said[said.index("Changed since you looked") : said.index("shift.changed")]
    assert number in changed
    assert "New lines in the watch log: 1" in changed
    assert MARKER in answer.content.decode()
    assert not HandingRow.objects.exists()
    again = {**given, **dict(_HIDDEN.findall(answer.content.decode().replace("&quot;", '"'))), "seen": seen(answer)}
    assert duty.post("/en/shift/hand-over/", again).status_code == 302


def seen(answer: Any) -> str:
    (found,) = re.findall(r'name="seen"\s+value="([^"]*)"', answer.content.decode())
    return found.replace("&quot;", '"')


def test_the_number_of_rings_stands_nowhere_on_the_page(duty: Client) -> None:
    drawn = {heard(duty) for _ in range(40)}
    assert drawn <= set("234567")
    assert len(drawn) > 3
    played = heard(duty)
    page = duty.get("/en/shift/take-over/").content.decode()
    sound = page[page.index('id="sound-test"') : page.index("</fieldset>")]
    assert played not in re.sub(r'maxlength="\d+"|size="\d+"|class="[^"]*"|\d{2,}', "", sound)


def test_a_number_that_was_not_heard_is_refused_and_must_be_played_again(duty: Client) -> None:
    wrong = {**form(duty, "take-over/"), "sound": "heard", "password": SECRET, "remark": MARKER}
    answer = duty.post("/en/shift/take-over/", {**wrong, "heard": str(int(heard(duty)) + 1)})
    assert (answer.status_code, "shift.sound-not-heard" in text_of(answer)) == (422, True)
    assert MARKER in answer.content.decode()
    for guess in "234567":
        answer = duty.post("/en/shift/take-over/", {**wrong, "heard": guess})
        assert "shift.sound-not-tested" in text_of(answer)
    assert not ShiftRow.objects.exists()
    assert sign_in_sound(duty).status_code == 302


def test_the_rings_are_written_in_the_readers_digits(duty: Client) -> None:
    assert sign_in_sound(duty, heard="۹").status_code == 422  # it never rings nine times
    played = heard(duty).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    given = {**form(duty, "take-over/"), "sound": "heard", "heard": played, "password": SECRET}
    assert duty.post("/fa/shift/take-over/", given).status_code == 302


def test_a_wrong_password_keeps_what_was_heard_and_typed(duty: Client) -> None:
    played = heard(duty)
    given = {**form(duty, "take-over/"), "sound": "heard", "heard": played, "remark": MARKER}
    answer = duty.post("/en/shift/take-over/", {**given, "password": "not the password"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "officer.wrong-secret" in page
    assert f'value="{played}"' in page
    assert MARKER in page
    assert "not the password" not in page
    assert duty.post("/en/shift/take-over/", {**given, "password": SECRET}).status_code == 302


def test_a_desk_without_sound_warns_on_the_watch_until_the_next_shift(duty: Client, chief: Client) -> None:
    reason = "The machine has no loudspeaker."
    assert sign_in_sound(duty, sound="silent", silent=reason).status_code == 302
    assert "No alarm can be heard here" in text_of(duty.get("/en/watch/"))
    assert reason in text_of(duty.get("/en/shift/"))
    assert reason in text_of(duty.get("/en/shift/papers/1/"))
    sign_in_sound(chief, absent="Was called away.")
    assert "No alarm can be heard here" not in text_of(duty.get("/en/watch/"))


def test_without_a_reason_no_desk_is_silent(duty: Client) -> None:
    assert "shift.sound-not-tested" in text_of(sign_in_sound(duty, sound="silent"))


def test_taking_over_from_nobody_stands_for_the_auditor_to_see(duty: Client, chief: Client, officers: Officers) -> None:
    sign_in_sound(duty)
    assert "shift.no-hand-over" in text_of(sign_in_sound(chief))
    assert sign_in_sound(chief, absent="Was called away.").status_code == 302
    auditor = desk_of(officers, "auditor")
    assert "Without a hand-over" in text_of(auditor.get("/en/shift/papers/"))
    assert "Was called away." in text_of(auditor.get("/en/shift/papers/2/"))


def test_a_form_posted_twice_begins_one_shift(duty: Client) -> None:
    given = {**form(duty, "take-over/"), "sound": "heard", "heard": heard(duty), "password": SECRET}
    assert [duty.post("/en/shift/take-over/", given).status_code for _ in range(2)] == [302, 302]
    assert ShiftRow.objects.count() == 1


def test_whoever_comes_second_is_told_who_has_the_watch(duty: Client, chief: Client) -> None:
    late = {**form(chief, "take-over/"), "sound": "heard", "heard": heard(chief), "password": SECRET}
    sign_in_sound(duty)
    answer = chief.post("/en/shift/take-over/", {**late, "remark": MARKER})
    assert answer.status_code == 422
    assert "duty desk took over meanwhile" in text_of(answer)
    assert MARKER in answer.content.decode()


def test_the_officer_on_duty_is_sent_to_hand_over_instead(duty: Client, chief: Client) -> None:
    sign_in_sound(duty)
    assert "Another officer takes over from you" in text_of(duty.get("/en/shift/take-over/"))
    assert "nothing for you to hand over" in text_of(chief.get("/en/shift/hand-over/"))


def test_a_list_that_no_page_made_signs_nothing(duty: Client) -> None:
    for said in ("", "[1]", "[]x"):
        answer = sign_in_sound(duty, seen=said)
        assert (answer.status_code, "shift.bad-list" in text_of(answer)) == (422, True)


def test_a_line_is_written_corrected_and_found(duty: Client, officers: Officers) -> None:
    write(officers["duty"], "Smoke at the weir.", "l1")
    right = line(duty, text="Smoke at the bridge, not at the weir.", corrects="1")
    assert duty.post("/en/shift/", right).status_code == 302
    page = text_of(desk_of(officers, "auditor").get("/en/shift/log/?words=weir&any=yes"))
    assert "Corrected by line 2" in page
    assert "Corrects line 1" in page
    assert "Correct this line" not in page
    assert "No line." in text_of(duty.get("/en/shift/log/?words=harbour&any=yes"))


def test_the_log_of_a_day_is_that_of_the_partys_own_clock(
    duty: Client, officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One minute before midnight in UTC is another day three hours to the east."""
    write(officers["duty"], "The lamp burns.", at="2030-05-01T23:59:00Z")
    east = msgspec.structs.replace(queries.own_party(), utc_offset=180)
    assert "The lamp burns." in text_of(duty.get("/en/shift/log/?on=2030-05-01"))
    monkeypatch.setattr(instrument, "own_party", lambda: east)
    assert "The lamp burns." in text_of(duty.get("/en/shift/log/?on=2030-05-02"))
    assert "The lamp burns." not in text_of(duty.get("/en/shift/log/?on=2030-05-01"))


def test_a_day_that_does_not_exist_is_refused_in_its_place(duty: Client) -> None:
    answer = duty.get("/en/shift/log/?day.day=31&day.month=2&day.year=2030")
    assert (answer.status_code, 'id="refusal-day"' in answer.content.decode()) == (422, True)
    assert duty.get("/en/shift/log/?on=nonsense").status_code == 422
    answer = duty.post("/en/shift/", {**line(duty), "at.day": "31", "at.month": "2", "text": MARKER})
    assert (answer.status_code, MARKER in answer.content.decode()) == (422, True)
    assert not WatchLineRow.objects.exists()


def test_a_call_needs_its_office_and_its_subject(duty: Client) -> None:
    answer = duty.post("/en/shift/", line(duty, kind="call-to-us", text=MARKER))
    assert (answer.status_code, "watchlog.call-incomplete" in text_of(answer)) == (422, True)
    office = noting.offices()[0]
    given = line(duty, kind="call-to-us", office=office, subject="Smoke")
    assert duty.post("/en/shift/", given).status_code == 302
    said = text_of(duty.get("/en/shift/"))
    assert "Call from the other side" in said
    assert "Smoke" in said


def test_words_that_look_like_somebody_come_back_with_the_question(duty: Client) -> None:
    given = line(duty, text="Colonel Smith rang.")
    answer = duty.post("/en/shift/", given)
    assert answer.status_code == 422
    assert 'name="stays"' in answer.content.decode()
    assert duty.post("/en/shift/", {**given, "stays": "yes"}).status_code == 302
    assert "passages kept that the linter found: 1" in text_of(duty.get("/en/shift/"))


def test_the_auditor_reads_every_line_and_writes_none(officers: Officers) -> None:
    write(officers["duty"])
    auditor = desk_of(officers, "auditor")
    page = auditor.get("/en/shift/")
    assert "line-form" not in page.content.decode()
    assert "Take over" not in text_of(page)
    assert auditor.post("/en/shift/", {"text": "x"}).status_code == 403
    assert WatchLineRow.objects.count() == 1


def test_a_session_that_ended_sends_to_sign_in_and_signs_nothing(duty: Client) -> None:
    given = {**form(duty, "take-over/"), "sound": "heard", "heard": heard(duty), "password": SECRET}
    duty.logout()
    answer = duty.post("/en/shift/take-over/", given)
    assert answer.headers["Location"].endswith("/signin/?next=/en/shift/take-over/")
    assert not ShiftRow.objects.exists()


def test_open_pages_hear_of_a_new_officer_a_hand_over_and_a_line(duty: Client, officers: Officers) -> None:
    cursors = [duty.get("/en/watch/cursor/").content.split(b"-")[0]]
    for deed in (lambda: take(officers["duty"], "t1"), lambda: hand(officers["duty"]), lambda: write(officers["duty"])):
        deed()
        cursors.append(duty.get("/en/watch/cursor/").content.split(b"-")[0])
    assert len(set(cursors)) == 4


def test_an_officer_who_was_shut_out_is_named_as_such(duty: Client, chief: Client, officers: Officers) -> None:
    sign_in_sound(duty)
    accounts.disable(officer=officers["duty"])
    assert "This officer has been shut out" in text_of(chief.get("/en/shift/"))
    assert shifts.on_duty() is not None


def test_a_draft_of_this_party_is_left_by_its_kind_and_state(duty: Client, officers: Officers) -> None:
    drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    assert re.search(r"Drafts that have not left 1 .{3,60} Begun", text_of(duty.get("/en/shift/take-over/")))


def test_nothing_on_the_pages_is_inline(duty: Client) -> None:
    for place in ("", "take-over/", "log/"):
        page = duty.get(f"/fa/shift/{place}").content.decode()
        assert " style=" not in page
        assert "<script>" not in page
