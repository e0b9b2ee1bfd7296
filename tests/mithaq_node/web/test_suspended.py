"""A suspension at a desk: told before anybody signs it, said at the head of every page, counted, and over again."""

import html
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from mithaq.errors import Refusal
from mithaq.followup.report import Paper
from mithaq.moments import Moment
from mithaq_node import queries
from mithaq_node.queries import compliance, reports
from mithaq_node.services import accounts, changing_over, clock, drafting, feed_keys, filing, proposing, releasing
from mithaq_node.store.models import DraftState, Officer
from mithaq_node.web.papers import report as papers
from mithaq_node.web.papers import saying
from tests.mithaq_node import meadow
from tests.mithaq_node.api.program import Program
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, notice, release
from tests.mithaq_node.services.test_suspending import later, resumed, suspended, version

LANGUAGES = ("fa", "ar", "ckb", "en")
HEAD = "The instrument is suspended since"
PLACES = ("watch/", "compliance/", "instrument/", "record/", "crossings/", "filing/", "report/", "help/")


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes; ML told of an incident that RL has not acknowledged."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path_factory.mktemp("suspended"))
        made.settle()
        release(made.ml, [notice(made.ml.seat, 1)])
        made.settle()
        yield made
        made.close()


def at(monkeypatch: pytest.MonkeyPatch, now: Moment) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def desk(role: str = "duty") -> Client:
    client = Client()
    client.force_login(accounts.create_officer(name=f"{role} {secrets.token_hex(4)}", role=role, secret=SECRET))
    return client


def page(client: Client, place: str, language: str = "en") -> str:
    answer = client.get(f"/{language}/{place}")
    assert answer.status_code == 200, place
    return " ".join(html.unescape(answer.content.decode()).split())


def both(pair: Pair, change: Any, now: Moment) -> None:
    """Both sides enter the version that `change` makes of the served law."""
    with meadow.standing_on(pair.nodes[0]):
        served = queries.sealed()
        found = version(change(served.law), served.words_bytes)
    pair.now = now
    for node in pair.nodes:
        with meadow.standing_on(node):
            proposing.propose(proposed=found, now=now)
            changing_over.enter(now=now)
    pair.settle()


def test_before_anybody_signs_the_page_says_which_deadline_would_stand(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, NOW)
    with meadow.standing_on(pair.nodes[0]):
        client, served = desk("secretariat"), queries.sealed()
        proposing.propose(proposed=version(suspended(served.law), served.words_bytes), now=NOW)
        for language in LANGUAGES:
            page(client, "instrument/proposed/", language)
        shown = page(client, "instrument/proposed/")
        effect = shown.split('id="effect-title"')[1].split('id="law-title"')[0]
        assert "Suspension: what stands still, and until when" in shown
        assert 'Due otherwise from then on: <bdi class="number">1</bdi>' in effect
        assert "left when it goes on" in effect
        assert "by agreement of all sides" in shown
        assert '"keeps"' not in shown
        assert HEAD not in page(client, "watch/")
        proposing.drop()


def test_every_page_says_it_in_every_language_until_it_is_over(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    both(pair, lambda law: suspended(law, later(2)), later(1))
    with meadow.standing_on(pair.nodes[1]):
        client = desk()
        at(monkeypatch, later(1))
        assert "The instrument will be suspended from" in page(client, "watch/")
        at(monkeypatch, later(3))
        for place in PLACES:
            for language in LANGUAGES:
                shown = page(client, place, language)
                assert "notice--due" in shown.split("<main")[0], place
            assert HEAD in shown
            assert "Deadlines of what does not go on:" in shown
            assert shown.count("stand since") == 2
        assert "9999" not in page(client, "watch/") + page(client, "compliance/") + page(client, "shift/")
        assert "once the instrument is resumed" in page(client, "compliance/")
        hazard, incident = (
            next(card for card in page(client, "filing/").split('<li class="sheet">') if f"filing/{kind}/" in card)
            for kind in ("humanitarian.hazard", "incident.initial")
        )
        assert ("Suspended" in incident, "Suspended" in hazard) == (True, False)
        kept = page(client, "compliance/")
        assert '<td class="number" data-of="Suspended"><bdi class="number">1</bdi></td>' in kept
        assert "Deadlines stood" in page(client, "instrument/versions/")
    both(pair, resumed, later(5))
    with meadow.standing_on(pair.nodes[1]):
        at(monkeypatch, later(6))
        assert HEAD not in page(client, "watch/")
        assert '<td class="number" data-of="Suspended"><bdi class="number">0</bdi></td>' in page(client, "compliance/")


def test_a_proposed_resumption_says_when_each_deadline_would_be_due(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(pair, lambda law: suspended(law), later(0.25))
    at(monkeypatch, later(3))
    with meadow.standing_on(pair.nodes[0]):
        client, served = desk("secretariat"), queries.sealed()
        proposing.propose(proposed=version(resumed(served.law), served.words_bytes), now=later(3))
        shown = page(client, "instrument/proposed/")
        assert "Resumption: the suspension ends" in shown
        effect = shown.split('id="effect-title"')[1].split('id="law-title"')[0]
        assert "once the instrument is resumed" in effect
        assert "otherwise</span>" in effect
        proposing.drop()


def test_the_papers_count_what_stands_and_say_since_when(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    both(pair, lambda law: suspended(law), later(0.25))
    pair.now = later(3)
    hazard = notice(under_now(pair), 7, later(3), content=meadow.HAZARD, name="humanitarian.hazard")
    release(pair.ml, [hazard])
    release(pair.rl, [notice(under_now(pair, "rl"), 8, later(3), content=meadow.HAZARD, name="humanitarian.hazard")])
    pair.settle()
    with meadow.standing_on(pair.nodes[0]):
        for paper in (Paper.COMPLIANCE, Paper.OPEN_ITEMS, Paper.IMPLEMENTATION):
            drawn = reports.draw(paper)
            assert [(each.owing, each.begin) for each in drawn.report.standstills] == [
                ("ML", str(later(0.25))),
                ("RL", str(later(0.25))),
            ]
            for language in LANGUAGES:
                assert papers.file(drawn, saying.reader_in(language), papers.form_of("docx"))
        keeping = reports.draw(Paper.COMPLIANCE).report.keeping
        assert keeping is not None
        assert keeping.totals["RL"].standing == 1
        found = reports.draw(Paper.OPEN_ITEMS).report.open
        assert found is not None
        (open_clock,) = (each for each in found.clocks if each.state == "standing")
        assert (open_clock.due, open_clock.stood) == ("", int(2.75 * 86_400))


def test_programs_and_calendars_are_told_no_moment_at_which_what_stands_would_be_due(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def feed() -> bytes:
        answer = Client().get("/feeds/calendar.ics", {"key": key, "lang": "en"})
        assert answer.status_code == 200
        return bytes(answer.content)

    def acknowledging(program: Program, address: str) -> dict[str, Any]:
        found = program.get(address).json()
        clocks = found["items"] if address == "clocks" else found["clocks"]
        return dict(next(each for each in clocks if each["id"] == "incident-acknowledged"))

    at(monkeypatch, NOW)
    with meadow.standing_on(pair.nodes[1]):  # east of Greenwich, where the end of time lies beyond what can be written
        officer = accounts.create_officer(name=f"duty {secrets.token_hex(4)}", role="duty", secret=SECRET)
        key, program = feed_keys.make(officer, NOW), Program(officer, "read:notices")
        before = acknowledging(program, "clocks")
        assert (before["stood"], before["left"]) == ([], None)
        assert b"Due: Acknowledging an incident" in feed()
    both(pair, lambda law: suspended(law), later(0.25))
    at(monkeypatch, later(3))
    with meadow.standing_on(pair.nodes[1]):
        now = acknowledging(program, "clocks")
        number = now["notice"]
        for found in (now, *(acknowledging(program, f"{each}/{number}") for each in ("notices", "incidents"))):
            assert found["due"] is None
            assert found["stood"] == [[str(later(0.25)), None]]
            assert found["left"] == now["seconds_left"] > 0
        assert now["state"] == "stands"
        assert b"Due: Acknowledging an incident" not in feed()


def test_what_will_stand_from_a_day_ahead_has_all_its_time_left_before(pair: Pair) -> None:
    both(pair, lambda law: suspended(law, later(0.5)), later(0.25))
    with meadow.standing_on(pair.nodes[0]):
        for days in (0.25, 0.75):
            (face,) = compliance.due(str(later(days))).theirs
            assert (face.past, face.length) == (min(days, 0.5) * 86_400, 43_200 + face.clock.left)


def under_now(pair: Pair, side: str = "ml") -> Any:
    """The seat of a side as whatever is made under the served version sees it."""
    seat = getattr(pair, side).seat
    with meadow.standing_on(pair.nodes[0]):
        served = queries.sealed()
    return replace(seat, law=served.law, law_digest=served.law_digest)


def test_nothing_begins_at_the_desk_and_the_draft_stays(node: Any, officers: dict[str, Officer]) -> None:
    served = queries.sealed()
    found = version(suspended(served.law, later(2)), served.words_bytes)
    proposing.propose(proposed=found, now=NOW)
    changing_over.enter(now=NOW)
    drafts = [
        drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
        for _ in range(2)
    ]
    filing.file(draft_id=str(drafts[0].pk), officer=officers["duty"], secret=SECRET, now=later(1))
    with pytest.raises(Refusal, match=r"leaf\.suspended"):
        releasing.release(draft_id=str(drafts[0].pk), officer=officers["releasing"], secret=SECRET, now=later(2))
    with pytest.raises(Refusal, match=r"leaf\.suspended"):
        filing.file(draft_id=str(drafts[1].pk), officer=officers["duty"], secret=SECRET, now=later(2))
    for draft, state in zip(drafts, (DraftState.FILED, DraftState.BEGUN), strict=True):
        draft.refresh_from_db()
        assert draft.state == state
    urgent = drafting.save_draft(
        officer=officers["duty"],
        kind="incident.initial",
        content=meadow.INCIDENT,
        precedence=served.law.precedence[0],
        now=later(2),
    )
    filing.file(draft_id=str(urgent.pk), officer=officers["duty"], secret=SECRET, now=later(2))
    assert releasing.release(draft_id=str(urgent.pk), officer=officers["releasing"], secret=SECRET, now=later(2))
