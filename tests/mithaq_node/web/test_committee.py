"""The committee's board between two nodes: each side's column, the committee's, and what may be done next."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from mithaq import calendars
from mithaq.errors import Refusal
from mithaq.followup.timeline import Event, Happened
from mithaq.moments import DAY, Moment
from mithaq.notices.envelope import Reference, parse
from mithaq.notices.fields import attachments
from mithaq_node.queries import commitments, incidents
from mithaq_node.services import accounts, clock, drafting, erasing
from mithaq_node.store.models import PartRead
from mithaq_node.web import preferences
from tests.mithaq.notices.test_attachments import NOBODY, PLAIN
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release
from tests.mithaq_node.web.calendars import by_ical_js, by_khal

BOARD = "committee/"
ONE = "committee/commitments/answer/"
LATER = Moment(NOW.seconds + 3_600)


@pytest.fixture
def pair(tmp_path: Path, django_db_blocker: Any) -> Iterator[Pair]:
    with django_db_blocker.unblock():
        made = Pair(tmp_path)
        made.settle()
        yield made
        made.close()


@pytest.fixture
def page(pair: Pair, tmp_path: Path) -> Callable[..., str]:
    """`page("committee/", "fa", role="duty")`: a page at ML's desk."""
    made = count(1)

    def read(place: str, language: str = "en", role: str = "duty", calendar: str = "") -> str:
        with meadow.standing_on(pair.nodes[0]), an_hour_later(tmp_path):
            client = Client()
            name = f"{role} {next(made)}"
            client.force_login(accounts.create_officer(name=name, role=role, secret=SECRET))
            client.cookies[preferences.cookie_name("calendar")] = calendar
            answer = client.get(f"/{language}/{place}")
            assert answer.status_code == 200
            return html.unescape(answer.content.decode())

    return read


def an_hour_later(folder: Path) -> override_settings:
    ahead = folder / "ahead"
    ahead.write_text(str(LATER.seconds - clock.at(None).seconds), encoding="ascii")
    return override_settings(NODE=replace(settings.NODE, demo_clock=ahead))


def say(pair: Pair, party: str, number: int, kind: str, content: Mapping[str, Any], *re: Reference) -> Reference:
    """A notice of a party about a commitment, delivered."""
    side = pair.ml if party == "ML" else pair.rl
    pictured = [NOBODY] if "paper" in content else []
    row = notice(side.seat, number, content=content, name=kind, kept=pictured, references=re)
    release(side, [row])
    pair.settle()
    header = parse(row[0]).header
    return Reference(log=header.log, id=header.id)


def assessed(score: str) -> dict[str, str]:
    return {"commitment": "answer", "score": score}


BEGUN = {"commitment": "answer", "step": "begun"}
SHOWN = {
    "evidence": ["count", "link", "notice", "paper"],
    "number": 12,
    "unit": "pieces",
    "counted": "requests-answered",
    "link": "https://example.org/answers",
    "paper": attachments.value_of(PLAIN),
}


def test_both_columns_stand_beside_each_other_and_the_difference_is_named(pair: Pair, page: Callable[..., str]) -> None:
    say(pair, "ML", 1, "commitment.assessment", assessed("full"))
    say(pair, "RL", 1, "commitment.assessment", assessed("minimum"))
    board = page(f"{BOARD}now/")
    row = board.split('class="promises__promise"')[1].split("</tr>")[0]
    assert [row.index("Full"), row.index("Minimum"), row.index("not assessed")] == sorted(
        [row.index("Full"), row.index("Minimum"), row.index("not assessed")]
    )
    assert "Assessed differently" in row
    assert "Assessed alike: 0 of 1" in " ".join(board.split())


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_board_and_commitment_stand_in_every_language_also_while_nothing_was_said(
    page: Callable[..., str], language: str
) -> None:
    for place in (BOARD, f"{BOARD}now/", ONE, f"{ONE}now/"):
        assert "<table" in page(place, language)
    for place in ("scores/", "timeline/", "articles/"):
        assert 'hx-trigger="mithaq:moved from:body"' in page(f"{BOARD}{place}", language)


def test_an_observer_sees_the_numbers_of_notices_and_no_way_to_what_is_not_theirs_to_read(
    pair: Pair, page: Callable[..., str]
) -> None:
    say(pair, "RL", 1, "commitment.progress", BEGUN)
    to_notices = re.compile(r'href="/en/notices/')
    assert to_notices.search(page(f"{ONE}now/", role="auditor"))
    seen = page(f"{ONE}now/", role="observer")
    assert 'class="spoken"' in seen
    assert not to_notices.search(seen)


def test_a_writer_is_offered_what_comes_next_and_an_auditor_only_reads(pair: Pair, page: Callable[..., str]) -> None:
    told = say(pair, "RL", 1, "commitment.progress", BEGUN)
    offered = page(ONE)
    for kind in ("commitment.assessment", "commitment.progress", "commitment.agreed"):
        assert f"filing/{kind}/?commitment=answer" in offered
    assert "filing/commitment.review/?re=RL" in offered
    assert re.search('value="answer"\\s+selected', page("filing/commitment.progress/?commitment=answer"))
    assert "filing/" not in page(ONE, role="auditor").split("<main")[1]
    say(pair, "ML", 2, "commitment.review", {"found": "accepted"}, told)
    after = page(f"{ONE}now/")
    assert "Accepted" in after
    assert "filing/commitment.review/" not in after


def test_every_piece_of_evidence_is_shown_with_what_stands_behind_it_and_reviewed_by_itself(
    pair: Pair, page: Callable[..., str]
) -> None:
    first = say(pair, "ML", 1, "commitment.assessment", assessed("full"))
    named = {"notice": {"log": first.log, "id": first.id}}
    told = say(pair, "RL", 1, "commitment.progress", BEGUN | SHOWN | named)
    shown = page(ONE).split('id="history-title"')[1]
    assert re.search(r"Requests answered: \S*12\S* pieces", " ".join(re.sub(r"<[^>]*>", "", shown).split()))
    assert 'rel="noreferrer noopener external" dir="ltr" href="https://example.org/answers"' in shown
    assert "/paper.jpg" in shown
    for form in ("count", "link", "notice", "paper"):
        assert f"&pieces={form}" in shown
    refused = {"found": "rejected", "reason": ["figures-differ"], "pieces": ["count"]}
    say(pair, "ML", 2, "commitment.review", refused, told)
    after = page(f"{ONE}now/")
    counted, link = (after.split(f"<b>{form}</b>")[1].split("<b>")[0] for form in ("A count", "A link"))
    assert "Rejected" in counted
    assert "Our figures differ" in counted
    assert "Rejected" not in link
    (about,) = set(re.findall(r"(/notices/ML[^/]+/)", shown.split("<b>A notice of the record</b>")[1].split("<b>")[0]))
    (own,) = set(re.findall(r"(notices/RL[^/]+/)paper.jpg", shown))
    on_its_page = page(own)
    for words in (about, 'rel="noreferrer noopener external"', "/paper.jpg"):
        assert words in on_its_page
    with meadow.standing_on(pair.nodes[0]):
        erasing.erase(now=Moment(NOW.seconds + 70 * DAY))
    paper = page(f"{ONE}now/").split("<b>A paper</b>")[1]
    assert "erased at the end of its term" in paper
    assert "/paper.jpg" not in paper


def test_the_link_of_evidence_is_for_readers_alone_and_its_reading_is_written_down(
    pair: Pair, page: Callable[..., str]
) -> None:
    say(pair, "RL", 1, "commitment.progress", BEGUN | SHOWN | {"evidence": ["count", "link", "paper"]})
    for place in (ONE, f"{ONE}now/"):
        seen = page(place, role="observer").split('id="history-title"')[1]
        assert "<b>A link</b>" in seen
        assert "<b>A paper</b>" in seen
        assert not re.search(r"example\.org|paper\.jpg|external|missing", seen)
    with meadow.standing_on(pair.nodes[0]):
        assert not PartRead.objects.exists()
    assert "https://example.org/answers" in page(f"{ONE}now/", role="auditor")
    with meadow.standing_on(pair.nodes[0]):
        (read,) = PartRead.objects.all()
        held = incidents.notice(read.number, str(LATER)).parts[read.part]
        assert read.officer.role == "auditor"
    assert held.values["link"] == SHOWN["link"]


def test_a_draft_is_refused_that_points_at_nothing_or_reviews_what_nobody_shows(pair: Pair, tmp_path: Path) -> None:
    told = say(pair, "RL", 1, "commitment.progress", BEGUN)
    nowhere = BEGUN | {"evidence": ["notice"], "notice": {"log": told.log, "id": "0" * 32}}
    with meadow.standing_on(pair.nodes[0]), an_hour_later(tmp_path):
        with pytest.raises(Refusal, match=r"evidence\.not-held"):
            drafting.preview(kind="commitment.progress", content=nowhere)
        held = nowhere | {"notice": {"log": told.log, "id": told.id}}
        assert drafting.preview(kind="commitment.progress", content=held)
        with pytest.raises(Refusal, match=r"evidence\.no-document"):
            drafting.preview(kind="commitment.progress", content=BEGUN | {"evidence": ["paper"]})
        reviewed = {"found": "accepted", "pieces": ["count"]}
        with pytest.raises(Refusal, match=r"review\.no-such-piece"):
            drafting.preview(kind="commitment.review", content=reviewed, references=[told])


def test_evidence_that_is_not_here_is_said_to_be_missing_and_what_is_asked_for_is_named(
    pair: Pair, page: Callable[..., str]
) -> None:
    nowhere = {"notice": {"log": pair.ml.seat.origin, "id": "0" * 32}}
    say(pair, "RL", 1, "commitment.progress", BEGUN | {"evidence": ["notice"]} | nowhere)
    say(pair, "RL", 2, "commitment.progress", BEGUN | {"evidence": ["notice", "count", "link", "paper"]})
    shown = page(ONE)  # the second names what it does not show, and is no statement
    assert "<b>A count</b>" not in shown
    assert "missing" in shown.split("<b>A notice of the record</b>")[1]
    asked = shown.split("Evidence asked for:")[1].split("</p>")[0]
    assert "the clock" in asked
    assert "Not given yet" not in asked


def test_what_the_other_side_proposes_is_offered_to_be_sealed(pair: Pair, page: Callable[..., str]) -> None:
    say(pair, "RL", 1, "commitment.agreed", assessed("intermediate"))
    offered = page(ONE)
    assert "filing/joint.seal/?re=RL" in offered
    assert "An agreed assessment is proposed" in offered


def test_only_what_is_asked_for_is_shown_and_an_odd_choice_is_all(pair: Pair, page: Callable[..., str]) -> None:
    say(pair, "ML", 1, "commitment.assessment", assessed("full"))
    assert "promises__promise" not in page(f"{BOARD}?show=unscored")
    assert "No commitment is so." in page(f"{BOARD}?show=differs")
    assert "promises__promise" in page(f"{BOARD}?show=person")


def test_a_commitment_stands_under_its_score_in_the_column_that_is_asked_for_and_in_time_and_beside_its_article(
    pair: Pair, page: Callable[..., str]
) -> None:
    say(pair, "ML", 1, "commitment.assessment", assessed("full"))
    say(pair, "RL", 1, "commitment.assessment", assessed("minimum"))
    for asked, pile in (("", 4), ("?of=RL", 2), ("?of=", 0), ("?of=nobody", 4)):
        piles = page(f"{BOARD}scores/{asked}").split('class="pile"')[1:]
        assert ["/commitments/answer/" in each for each in piles] == [place == pile for place in range(5)]
    told = page(f"{BOARD}timeline/")
    assert told.count("/commitments/answer/") == 2
    beside = page(f"{BOARD}articles/").split('class="beside"')[1]
    for words in ('lang="en"', "/commitments/answer/", "Full", "Minimum", "not assessed"):
        assert words in beside


def test_what_nobody_assessed_is_not_said_to_be_agreed_on(
    pair: Pair, page: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = commitments.lines

    def needing(now: str) -> list[commitments.Line]:
        return [replace(each, needs=(each.standing,), waits_for=(each.standing,)) for each in every(now)]

    monkeypatch.setattr(commitments, "lines", needing)
    shown = page(f"{ONE}now/").split("Needs first:")[1].split("</ul>")[0]
    assert "not yet agreed by all to be carried out in full" in shown
    assert "as all agree" not in shown


def test_a_commitment_that_the_instrument_does_not_list_is_refused(pair: Pair) -> None:
    with meadow.standing_on(pair.nodes[0]):
        client = Client()
        client.force_login(accounts.create_officer(name="duty", role="duty", secret=SECRET))
        answer = client.get("/fa/committee/commitments/nobody/")
    assert answer.status_code == 400
    assert "commitment.none" in answer.content.decode()


CALL = {"level": "joint-committee", "venue": "first-party", "agenda": ["carrying-out"]}
SOON = str(Moment(NOW.seconds + 30 * 86_400 - NOW.seconds % 60))


def test_a_meeting_shows_both_agendas_and_its_decision_becomes_a_measure_with_both_columns(
    pair: Pair, page: Callable[..., str]
) -> None:
    called = say(pair, "ML", 1, "meeting.called", {**CALL, "starts": SOON})
    say(pair, "RL", 1, "meeting.answered", {"answer": "accepted", "agenda": ["rail"]}, called)
    assert "Agreed by both sides" in page("committee/meetings/")
    decided = say(pair, "RL", 2, "meeting.decided", {"matter": "rail", "owner": "second", "due": "2030-01-01"}, called)
    say(pair, "RL", 3, "decision.assessed", {"score": "minimum"}, decided)
    number = re.findall(r"/committee/meetings/([^/\"]+)/", page("committee/meetings/", "ckb"))[0]
    shown = page(f"committee/meetings/{number}/", "en", "secretariat")
    for word in ("Carrying out what was signed", "Rail link", "Minimum", "not assessed", "filing/meeting.held/?re=ML"):
        assert word in shown
    assert "filing/" not in page(f"committee/meetings/{number}/", "en", role="auditor").split("<main")[1]


def test_an_answer_to_another_proposal_names_it_beside_the_call(pair: Pair, page: Callable[..., str]) -> None:
    called = say(pair, "ML", 1, "meeting.called", {**CALL, "starts": SOON})
    say(pair, "RL", 1, "meeting.answered", {"answer": "other-proposal", "venue": "second-party"}, called)
    number, *_ = re.findall(r"/committee/meetings/([^/\"]+)/", page("committee/meetings/"))
    shown = page(f"committee/meetings/{number}/", "en", "secretariat")
    assert re.search(r"filing/meeting\.answered/\?re=ML[^\"&]+&re=RL", shown)
    assert re.search(r"filing/meeting\.held/\?re=ML[^\"&]+\"", shown)


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_the_meetings_stand_in_every_language_also_while_none_was_called(
    page: Callable[..., str], language: str
) -> None:
    assert "<table" in page("committee/meetings/", language)


VISIT = {"guest": "second", "office": "national-security", "first_day": "2025-08-11", "last_day": "2025-08-11"}
MET = {"day": "2025-08-11", "office": "head-of-government", "items": ["corridors", "rail"]}
STATED = {"side": "second", "office": "national-security", "items": ["rail"]}


def test_a_visit_stands_with_its_meetings_and_says_who_entered_it_and_that_nobody_sealed_it(
    pair: Pair, page: Callable[..., str]
) -> None:
    visit = say(pair, "ML", 1, "visit.recorded", {**VISIT, "items": ["signing"]})
    met = say(pair, "RL", 1, "visit.meeting", MET, visit)
    say(pair, "RL", 2, "meeting.stated", STATED, met)
    shown = page("committee/meetings/").split('id="visits-title"')[1].split('id="measures-title"')[0]
    words = ["National security", "Signing of a text", "Entered by", "Not sealed by the other side", "when it was over"]
    places = [shown.index(word) for word in (*words, "Met with", "Government", "Corridors", "Rail link")]
    assert places == sorted(places)
    for kind in ("visit.meeting", "meeting.called", "text.draft", "meeting.stated"):
        assert f"filing/{kind}/?re=" in shown
    assert "filing/" not in page("committee/meetings/", role="auditor").split("<main")[1]


@pytest.mark.parametrize("calendar", calendars.CALENDARS)
def test_days_that_a_calendar_cannot_name_take_no_page_away_from_its_readers(
    pair: Pair, page: Callable[..., str], calendar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago, far = "1913-11-17", "2999-01-01"
    say(pair, "ML", 1, "visit.recorded", {**VISIT, "first_day": long_ago, "last_day": long_ago, "items": ["signing"]})
    called = say(pair, "ML", 2, "meeting.called", {**CALL, "starts": f"{far}T08:00:00Z"})
    say(pair, "RL", 1, "meeting.decided", {"matter": "rail", "owner": "second", "due": far}, called)
    shown = page("committee/meetings/", calendar=calendar)
    assert f'datetime="{long_ago}"' in shown
    assert f'datetime="{far}"' in shown

    def due(now: str) -> tuple[Event, ...]:
        standing = commitments.lines(now)[0].standing
        return tuple(Event(Happened.DUE, day, standing) for day in (long_ago, now[:10], far))

    monkeypatch.setattr(commitments, "timeline", due)
    here = page("committee/timeline/", calendar=calendar)
    for day, word in ((long_ago, "Earlier"), (far, "Later")):
        (year,) = re.findall(rf'href="\?year=([a-z0-9-]+)">{word}', here)
        there = page(f"committee/timeline/?year={year}", calendar=calendar)
        assert re.findall(r'<time datetime="(.*?)"', there.split('id="events"')[1]) == [day]
        assert "2999 (Gregorian)" in there or calendar == "gregorian" or day == long_ago


def test_a_call_is_offered_what_is_open_and_what_presses_is_ticked(pair: Pair, page: Callable[..., str]) -> None:
    called = say(pair, "ML", 1, "meeting.called", {**CALL, "starts": SOON})
    say(pair, "RL", 1, "meeting.decided", {"matter": "rail", "owner": "second", "due": "2029-01-01"}, called)
    say(pair, "RL", 2, "commitment.assessment", assessed("full"))
    form = page("filing/meeting.called/")
    ticked = set(re.findall(r'name="agenda"\s+value="([a-z-]+)"\s+checked', form))
    assert ticked == {"decisions-overdue"}
    offered = form.split('id="open-title"')[1].split("</section>")[0]
    assert offered.index("Decisions that are overdue") < offered.index("its day is over")
    number = re.findall(r"/committee/meetings/([^/\"]+)/", page("committee/meetings/"))[0]
    answer = page(f"filing/meeting.answered/?re={number}")
    assert 'id="open-title"' in answer
    assert not re.findall(r'name="agenda"\s+value="[a-z-]+"\s+checked', answer), (
        "nobody adds to another's agenda unasked"
    )


NEXT_DAY = str(Moment(NOW.seconds + 31 * 86_400 - NOW.seconds % 60))


def test_other_calendar_programs_take_each_state_of_a_meeting_in_the_place_of_the_last(
    pair: Pair, page: Callable[..., str], tmp_path: Path
) -> None:
    called = say(pair, "ML", 1, "meeting.called", {**CALL, "starts": SOON})
    (number,) = set(re.findall(r"/committee/meetings/([^/\"]+)/", page("committee/meetings/")))

    def file(language: str) -> bytes:
        return page(f"committee/meetings/{number}/invitation.ics", language).encode()

    (proposed,) = by_ical_js(tmp_path, file("ar"))
    assert (proposed[0], proposed[3:]) == (SOON.replace("Z", ".000Z"), ["0", "TENTATIVE"])
    other = say(pair, "RL", 1, "meeting.answered", {"answer": "other-proposal", "starts": NEXT_DAY}, called)
    say(pair, "ML", 2, "meeting.answered", {"answer": "accepted"}, called, other)
    said = file("ckb")
    (agreed,) = by_ical_js(tmp_path, said)
    assert (agreed[0], agreed[3:]) == (NEXT_DAY.replace("Z", ".000Z"), ["2", "CONFIRMED"])
    assert by_khal(tmp_path, said, NEXT_DAY[:10]).startswith(NEXT_DAY[11:16])
    for nobody in (b"ATTENDEE", b"ORGANIZER", b"mailto"):
        assert nobody not in said
    say(pair, "ML", 3, "withdrawal", {"reason": "superseded"}, called)
    said = file("fa")
    (cancelled,) = by_ical_js(tmp_path, said)
    assert (cancelled[2], cancelled[3:]) == (proposed[2], ["3", "CANCELLED"])
    assert by_khal(tmp_path, said, SOON[:10]) == "", "the event moved, and did not become two"
