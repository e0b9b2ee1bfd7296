"""Pairs of notices between two nodes: proposed with reasons on both desks, confirmed from a form, shown as one."""

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from mithaq.analysis.matching import Report
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.book import Book, Notice
from mithaq.notices.envelope import Reference, parse
from mithaq.prevention.proposals import Proposal, Standing
from mithaq.prevention.sightings import Reader
from mithaq_node.queries import ledgers
from mithaq_node.queries import pairs as queries
from mithaq_node.services import accounts, clock, drafting
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release

LATER = Moment(NOW.seconds + 3_600)
HERE = meadow.INCIDENT | {"impact": "low", "happened": "2030-05-02T10:00:00Z"}
THERE = HERE | {"event": "smoke", "impact": "high", "happened": "2030-05-02T11:00:00Z"}
LANGUAGES = ("fa", "ar", "ckb", "en")


class Seen:
    """Both nodes, each with a fire that it told of by itself."""

    def __init__(self, folder: Path) -> None:
        self.pair, self.folder = Pair(folder), folder
        self.ours = self.say("ML", 1, "incident.initial", HERE)
        self.theirs = self.say("RL", 2, "incident.initial", THERE)

    def say(self, party: str, number: int, kind: str, content: dict[str, Any]) -> Reference:
        side = self.pair.ml if party == "ML" else self.pair.rl
        row = notice(side.seat, number, content=content, name=kind)
        release(side, [row])
        self.pair.settle()
        header = parse(row[0]).header
        return Reference(log=header.log, id=header.id)

    def say_no_more(self, party: str, number: int, of: Reference) -> None:
        side = self.pair.ml if party == "ML" else self.pair.rl
        reason = {"reason": "sent-in-error"}
        release(side, [notice(side.seat, number, content=reason, name="withdrawal", references=[of])])
        self.pair.settle()

    def word(self, party: str, number: int, kind: str = "match.confirmed", **more: str) -> Reference:
        ours, theirs = (self.ours, self.theirs) if party == "ML" else (self.theirs, self.ours)
        named = {"ours": {"log": ours.log, "id": ours.id}, "theirs": {"log": theirs.log, "id": theirs.id}}
        return self.say(party, number, kind, named | more)

    def page(self, party: str, place: str, language: str = "en", role: str = "duty") -> str:
        with meadow.standing_on(self.pair.nodes[("ML", "RL").index(party)]), self._an_hour_later():
            client = Client()
            known = Officer.objects.filter(name=role).first()
            client.force_login(known or accounts.create_officer(name=role, role=role, secret=SECRET))
            place = place.format(ours=self.number(self.ours), theirs=self.number(self.theirs))
            answer = client.get(f"/{language}/{place}")
            assert answer.status_code == 200, place
            return html.unescape(answer.content.decode())

    def number(self, reference: Reference) -> str:
        notices = ledgers.book().in_order
        found = next(
            each for each in notices if each.leaf and (each.log, each.leaf.header.id) == (reference.log, reference.id)
        )
        return numbers.spoken(found.party, found.index)

    def _an_hour_later(self) -> override_settings:
        ahead = self.folder / "ahead"
        ahead.write_text(str(LATER.seconds - clock.at(None).seconds), encoding="ascii")
        return override_settings(NODE=replace(settings.NODE, demo_clock=ahead))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Seen]:
    """What nobody has said a word of; tests here only read it."""
    with django_db_blocker.unblock():
        made = Seen(tmp_path_factory.mktemp("seen"))
        yield made
        made.pair.close()


@pytest.fixture
def fresh(tmp_path: Path, django_db_blocker: Any) -> Iterator[Seen]:
    with django_db_blocker.unblock():
        made = Seen(tmp_path)
        yield made
        made.pair.close()


def section(page: str, name: str) -> str:
    return page.split(f'id="pairs-{name}"')[1].split("</section>")[0]


def test_both_desks_ask_about_the_pair_with_the_reasons_turned_to_the_reader(seen: Seen) -> None:
    ours, theirs = section(seen.page("ML", "pairs/"), "asked"), section(seen.page("RL", "pairs/"), "asked")
    for said in (ours, theirs):
        assert "Perhaps one incident" in said
        assert "the same place as stated, both stated a whole sector" in said
        assert "1 h apart, both stated to the full hour" in said
        assert "the same kind of notice, another event" in said
    assert "ours: Low; theirs: High" in ours
    assert "ours: High; theirs: Low" in theirs


def test_the_watch_and_the_incident_ask_for_theirs_once_open_and_have_the_address_without_scripts(seen: Seen) -> None:
    for place in ("watch/", "incidents/{ours}/"):
        page = seen.page("ML", place)
        assert 'hx-trigger="load"' in page
        assert 'href="/en/pairs/"' in page
    assert "Perhaps one incident" in seen.page("ML", "pairs/inbox/")
    assert "Confirm: one incident" in seen.page("RL", "pairs/of/{theirs}/")


def test_confirming_begins_with_both_numbers_in_the_form(seen: Seen) -> None:
    page = seen.page("ML", "pairs/")
    address = re.search(r'href="/en/(filing/match\.confirmed/[^"]+)"', page)
    assert address
    form = seen.page("ML", address[1].replace("&amp;", "&"))
    with meadow.standing_on(seen.pair.nodes[0]):
        ours, theirs = seen.number(seen.ours), seen.number(seen.theirs)
    assert re.search(rf'name="ours" value="{ours}"', form)
    assert re.search(rf'name="theirs" value="{theirs}"', form)


def test_a_pair_that_is_not_ours_and_theirs_is_refused_before_anybody_signs(seen: Seen) -> None:
    def named(reference: Reference) -> dict[str, str]:
        return {"log": reference.log, "id": reference.id}

    ours, theirs = named(seen.ours), named(seen.theirs)
    with meadow.standing_on(seen.pair.nodes[0]):
        found = {}
        for name, pair in (
            ("turned", (theirs, ours)), ("own", (ours, ours)), ("gone", (ours, theirs | {"id": "f" * 32})),
        ):  # fmt: skip
            with pytest.raises(Refusal) as refused:
                drafting.preview(kind="match.confirmed", content={"ours": pair[0], "theirs": pair[1]})
            found[name] = refused.value.code
        assert drafting.preview(kind="match.confirmed", content={"ours": ours, "theirs": theirs})
    assert found == {"turned": "match.not-ours", "own": "match.not-theirs", "gone": "match.never-paired"}


def test_an_auditor_reads_the_reasons_and_is_offered_nothing(seen: Seen) -> None:
    page = seen.page("ML", "pairs/", role="auditor")
    assert "both stated to the full hour" in page
    assert "filing/match" not in page


def test_what_one_party_confirmed_waits_for_the_other_and_stands_as_one_once_both_have(fresh: Seen) -> None:
    fresh.word("RL", 3)
    assert "Confirmed by one party" in section(fresh.page("ML", "pairs/"), "asserted")
    assert "Confirmed by one party" in fresh.page("ML", "pairs/inbox/")
    assert "No pair waits for our word" in fresh.page("RL", "pairs/inbox/")
    assert "have confirmed that this and another incident are one" not in fresh.page("ML", "incidents/{ours}/")
    fresh.word("ML", 4)
    for party, place in (("ML", "incidents/{ours}/"), ("RL", "incidents/{theirs}/"), ("ML", "incidents/{theirs}/")):
        page = fresh.page(party, place)
        assert "have confirmed that this and another incident are one" in page
        row = page.split('class="accounts"')[1].split("</table>")[0]
        assert "Fire" in row
        assert "Smoke" in row
        assert 'class="differs"' in row
    for language in LANGUAGES:
        assert 'id="pairs-confirmed"' in fresh.page("ML", "pairs/", language)
    assert "both stated to the full hour" in section(fresh.page("ML", "pairs/"), "confirmed")


def test_a_denied_pair_is_proposed_no_more_and_says_why(fresh: Seen) -> None:
    fresh.word("ML", 3, "match.denied", reason="other-event")
    page = fresh.page("RL", "pairs/")
    assert "No pair is here" in section(page, "asked")
    assert "denies: two incidents" in section(page, "denied")
    assert "No pair waits for our word" in fresh.page("RL", "pairs/inbox/")


def test_what_is_cut_off_on_the_page_is_counted_and_found_from_the_incident_and_the_inbox(
    fresh: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fresh.ours, fresh.theirs
    fresh.ours = fresh.say("ML", 5, "incident.initial", HERE | {"happened": "2030-04-02T10:00:00Z"})
    fresh.theirs = fresh.say("RL", 6, "incident.initial", THERE | {"happened": "2030-04-02T10:00:00Z"})
    monkeypatch.setattr(queries, "MOST_LINES", 1)
    assert re.search(r">1</bdi> /\s*<bdi[^>]*>2</bdi>", section(fresh.page("ML", "pairs/"), "asked"))
    assert re.search(r'quiet"><bdi[^>]*>2</bdi></p>', fresh.page("ML", "pairs/inbox/"))
    for pair in (first, (fresh.ours, fresh.theirs)):
        fresh.ours, fresh.theirs = pair
        assert "Perhaps one incident" in fresh.page("ML", "pairs/of/{ours}/")


def test_our_own_words_do_not_push_out_what_awaits_ours(fresh: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.word("RL", 3)
    awaiting = fresh.ours, fresh.theirs
    fresh.ours = fresh.say("ML", 5, "incident.initial", HERE | {"happened": "2030-04-02T10:00:00Z"})
    fresh.theirs = fresh.say("RL", 6, "incident.initial", THERE | {"happened": "2030-04-02T10:00:00Z"})
    fresh.word("ML", 7)
    fresh.ours, fresh.theirs = awaiting
    monkeypatch.setattr(queries, "MOST_LINES", 1)
    assert "Confirmed by one party" in fresh.page("ML", "pairs/inbox/")
    assert "Confirm: one incident" in section(fresh.page("ML", "pairs/"), "asserted")


def test_reasons_are_made_once_and_only_for_what_is_shown(fresh: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.word("RL", 3)
    fresh.word("ML", 4)
    asked = list[str]()
    real = Reader.report

    def report(reader: Reader, notice: Notice) -> Report | None:
        asked.append(notice.number)
        return real(reader, notice)

    fresh.page("ML", "pairs/inbox/")
    monkeypatch.setattr(Reader, "report", report)
    for place in ("pairs/inbox/", "incidents/{ours}/"):
        fresh.page("ML", place)
    assert asked == []
    for place in ("pairs/", "pairs/", "pairs/of/{ours}/"):
        assert "both stated to the full hour" in fresh.page("ML", place)
    assert len(asked) == 2


def test_while_proposals_are_computed_anew_what_was_said_is_read_and_the_last_ones_stand_with_their_cut(
    fresh: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work = "What is proposed is being computed anew"
    held, real = threading.Event(), Standing.at

    def slowly(proposing: Standing, book: Book) -> tuple[Proposal, ...]:
        assert held.wait(60)
        return real(proposing, book)

    monkeypatch.setattr(Standing, "at", slowly)
    monkeypatch.setattr(queries, "PATIENCE", 0.05)
    try:
        for place in ("pairs/", "pairs/inbox/", "pairs/of/{ours}/"):
            page = fresh.page("ML", place)
            assert at_work in page
            assert "No pair" not in page
            assert "No notice of another party" not in page
        held.set()
        monkeypatch.setattr(queries, "PATIENCE", 60)
        assert at_work not in fresh.page("ML", "pairs/")
        held.clear()
        monkeypatch.setattr(queries, "PATIENCE", 0.05)
        other = fresh.say("ML", 5, "incident.initial", HERE | {"happened": "2030-04-02T10:00:00Z"})
        page = fresh.page("ML", "pairs/")
        assert at_work in page
        assert "Perhaps one incident" in section(page, "asked")
        first = fresh.ours
        fresh.say_no_more("ML", 7, first)
        assert "Perhaps one incident" not in fresh.page("ML", "pairs/")
        fresh.ours = other
        fresh.word("RL", 8)
        fresh.word("ML", 9)
        assert "have confirmed that this and another incident" in fresh.page("ML", "incidents/{ours}/")
    finally:
        held.set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_stands_in_every_language(seen: Seen, language: str) -> None:
    for place in ("pairs/", "pairs/inbox/", "pairs/of/{ours}/", "incidents/{ours}/", "watch/"):
        assert "</" in seen.page("ML", place, language)


def test_without_its_part_for_analysis_the_node_says_so_and_proposes_nothing(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_proposing", lambda law: None)
    monkeypatch.setattr(queries, "_followers", {})
    page = seen.page("ML", "pairs/")
    assert "its part for analysis is not installed" in page
    assert "No pair is here" in section(page, "asked")
