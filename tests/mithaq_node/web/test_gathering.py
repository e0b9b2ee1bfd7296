"""The page of warnings: what gathers stands beside what was to be expected, in every language, and the same on both."""

import html
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client, override_settings

from mithaq.moments import Moment
from mithaq.prevention import gathering as core
from mithaq_node import made_years
from mithaq_node.queries import gathering, instrument, null_years, warned
from mithaq_node.services import accounts, clock
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import NOW, Pair, notice, release

LATER = Moment(NOW.seconds + 86_400)
EARLIER = tuple(Moment(NOW.seconds - days * 86_400) for days in range(20, 120, 10))
LATELY = tuple(Moment(NOW.seconds - hours * 3_600) for hours in (2, 5, 9, 24, 30, 40))
LANGUAGES = ("fa", "ar", "ckb", "en")


class Seen:
    """Both nodes, with an incident every ten days in one sector and six in two days in another."""

    def __init__(self, folder: Path) -> None:
        self.pair, self.folder = Pair(folder), folder
        told = [("A", each) for each in EARLIER] + [("B", each) for each in LATELY]
        for side, rows in ((self.pair.ml, told[::2]), (self.pair.rl, told[1::2])):
            release(side, [notice(side.seat, at, content=_fire(*each)) for at, each in enumerate(rows, 1)])
        self.pair.settle()

    def page(self, party: str, language: str = "en", path: str = "warnings/") -> str:
        answer = self.get(party, language, path)
        assert answer.status_code == 200
        return html.unescape(answer.content.decode())

    def get(self, party: str, language: str, path: str) -> Any:
        with self._standing_on(party):
            return _client("duty").get(f"/{language}/{path}")

    def post(self, party: str, path: str, role: str = "duty", **said: str) -> Any:
        with self._standing_on(party):
            return _client(role).post(f"/en/{path}", said)

    @contextmanager
    def _standing_on(self, party: str) -> Iterator[None]:
        with meadow.standing_on(self.pair.nodes[("ML", "RL").index(party)]), self._a_day_later():
            yield

    def bytes_of(self, party: str) -> bytes:
        with meadow.standing_on(self.pair.nodes[("ML", "RL").index(party)]):
            found = gathering.gathering(str(LATER))
            assert found is not None
            return found.look.encoded()

    def _a_day_later(self) -> override_settings:
        ahead = self.folder / "ahead"
        ahead.write_text(str(LATER.seconds - clock.at(None).seconds), encoding="ascii")
        return override_settings(NODE=replace(settings.NODE, demo_clock=ahead))


def _client(role: str) -> Client:
    client = Client()
    known = Officer.objects.filter(name=role).first()
    client.force_login(known or accounts.create_officer(name=role, role=role, secret=SECRET))
    return client


def _fire(sector: str, at: Moment) -> dict[str, Any]:
    return meadow.INCIDENT | {"happened": str(at), "place": {"form": "sector", "sector": sector}}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Seen]:
    with django_db_blocker.unblock():
        made = Seen(tmp_path_factory.mktemp("gathering"))
        yield made
        made.pair.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_stands_in_words_in_every_language(seen: Seen, language: str) -> None:
    page = seen.page("ML", language)
    assert page.count("badge--due") == 1
    assert page.count("drawn__place--2") == 1
    assert {"en": "clustering, not threat", "fa": "نه تهدید", "ar": "لا تهديدا", "ckb": "نەک هەڕەشە"}[language] in page


def test_what_was_seen_stands_beside_what_was_to_be_expected(seen: Seen) -> None:
    page = seen.page("RL")
    warned = page[page.index("badge--due") : page.index("Chance alone")]
    assert 'Seen: <bdi class="number">6</bdi>' in warned
    assert 'To be expected: <bdi class="number">2.3</bdi>' in warned  # six of sixteen, of six in that week


@pytest.mark.parametrize(("language", "p", "days"), [("en", "0.", "365"), ("fa", "۰٫", "۳۶۵")])
def test_an_auditor_reads_all_that_makes_the_look_again(seen: Seen, language: str, p: str, days: str) -> None:
    page = seen.page("ML", language)
    assert f'p: <bdi class="number">{p}' in page.replace("، p", ", p")
    made = page[page.rindex('<dl class="pairs') :]
    assert made.count(f'<bdi class="number">{days}</bdi>') == 2  # the days before the look, and between false warnings
    assert made.count('<bdo class="spoken" dir="ltr">') == 2  # the cut: the last leaf of each log
    assert made.count("<dt>") == 11


def test_both_nodes_compute_the_same_bytes(seen: Seen) -> None:
    assert seen.bytes_of("ML") == seen.bytes_of("RL")


def test_a_node_without_the_extra_says_so(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_followers", {})
    for name in [each for each in sys.modules if each.startswith(("mithaq.analysis.", "mithaq.prevention."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert "its part for analysis is not installed" in seen.page("ML")


def ledger_number(seen: Seen) -> int:
    seen.page("ML")
    with meadow.standing_on(seen.pair.nodes[0]):
        (episode,) = warned.episodes()
        return episode.number


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warning_that_was_shown_stands_in_the_ledger_in_every_language(seen: Seen, language: str) -> None:
    number = ledger_number(seen)
    page = seen.page("ML", language, "warnings/ledger/")
    assert f"/{language}/warnings/ledger/{number}/" in page
    assert page.count('<p class="small quiet"><bdi class="number">') == 3  # the tally, the warnings, the settings
    shown = seen.page("ML", language, f"warnings/ledger/{number}/")
    assert shown.count('<bdo class="spoken" dir="ltr">') >= 2  # its cut
    assert shown.count('type="radio"') == 4


def test_an_officer_judges_and_the_ledger_counts_a_false_alarm(seen: Seen) -> None:
    number = ledger_number(seen)
    assert seen.post("ML", f"warnings/ledger/{number}/", outcome="threat").status_code == 422
    assert seen.post("ML", f"warnings/ledger/{number}/", outcome="came", role="auditor").status_code == 422
    assert seen.post("ML", f"warnings/ledger/{number}/", outcome="nothing").status_code == 302
    page = seen.page("ML", "en", "warnings/ledger/")
    tally = page[page.index("False alarms: nothing came of it") : page.index("Known cause")]
    assert '<bdi class="number">1</bdi>' in tally
    assert '<bdi class="number">100%</bdi>' in tally
    heading, row = seen.page("ML", "en", "warnings/ledger/table/").strip().splitlines()
    assert heading.lstrip("\ufeff").split(",")[0] == "number"
    assert ",nothing,,duty," in row


def test_what_the_record_no_longer_gives_stays_on_the_page_and_in_the_ledger_as_it_was_shown(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ledger_number(seen)
    with monkeypatch.context() as patch:
        patch.setattr(core, "_holding", lambda *_: iter(()))
        patch.setattr(gathering, "_followers", {})
        page = seen.page("ML")
        assert "badge--due" not in page
        assert "shown before, no longer found" in page
        assert f"/en/warnings/ledger/{number}/" in page
    monkeypatch.setattr(gathering, "_followers", {})


_OTHERS = {"recurrence": "730", "history": "180", "longest": "7", "widest": "100"}
_DEFAULT = {"recurrence": "365", "history": "365", "longest": "14", "widest": "0"}
_TRIED = "warnings/settings/preview/"


def looking_with(asked: dict[str, str]) -> str:
    return "warnings/settings/?" + urlencode(asked)


@pytest.fixture
def two_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(null_years, "_kept", {})
    monkeypatch.setattr(null_years, "YEARS", 2)


def all_made() -> None:
    for each in threading.enumerate():
        if each.name == "null-years":
            each.join(60)


@pytest.mark.usefixtures("two_years")
def test_a_preview_is_made_beside_the_page_and_only_a_releasing_officer_sets(seen: Seen) -> None:
    assert seen.post("ML", _TRIED, **_OTHERS).headers["Location"] == f"/en/{looking_with(_OTHERS)}#preview"
    assert "hx-trigger" in seen.page("ML", "en", looking_with(_OTHERS))
    all_made()
    done = seen.page("ML", "fa", looking_with(_OTHERS))
    assert "hx-trigger" not in done[done.index('id="preview"') :]
    assert "۲ / ۲" in re.sub("<[^>]+>", "", done)
    assert 'method="post" action="/fa/warnings/settings/"' not in done
    assert seen.post("ML", "warnings/settings/", **_OTHERS).status_code == 422
    assert seen.post("ML", "warnings/settings/", **_OTHERS | {"longest": "99"}, role="releasing").status_code == 422
    assert seen.post("ML", "warnings/settings/", **_OTHERS, role="releasing").status_code == 302
    made = seen.page("ML")[-9_000:]
    assert '<bdi class="number">730</bdi>' in made
    assert seen.post("ML", "warnings/settings/", **_DEFAULT, role="releasing").status_code == 302


@pytest.mark.usefixtures("two_years")
def test_no_link_and_no_auditor_begins_a_preview(seen: Seen) -> None:
    page = seen.page("ML", "en", looking_with(_OTHERS))
    assert "hx-trigger" not in page[page.index('id="preview"') :]
    assert seen.post("ML", _TRIED, **_OTHERS, role="auditor").status_code == 403
    assert seen.post("ML", _TRIED, **_OTHERS | {"longest": "99"}).status_code == 422
    assert null_years._kept == {}


@pytest.mark.parametrize("name", _DEFAULT)
def test_what_was_typed_comes_back_as_text_and_never_as_markup(seen: Seen, name: str) -> None:
    asked = _DEFAULT | {name: '"><b>'}
    answers = (
        seen.get("ML", "en", "warnings/settings/?" + urlencode(asked)),
        seen.post("ML", "warnings/settings/", **asked, role="releasing"),
    )
    for answer in answers:
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'value="&quot;&gt;&lt;b&gt;"' in page
        assert '"><b>' not in page


@pytest.mark.usefixtures("two_years")
def test_the_preview_that_was_asked_for_last_is_made_and_the_one_before_is_dropped(seen: Seen) -> None:
    seen.post("ML", _TRIED, **_DEFAULT)
    seen.post("ML", _TRIED, **_OTHERS)
    all_made()
    assert [(each.failed, each.years) for each in null_years._kept.values()][1] == (False, 2)
    assert "It could not be computed" in seen.page("ML", "en", looking_with(_DEFAULT))
    seen.post("ML", _TRIED, **_DEFAULT)
    all_made()
    assert [(each.failed, each.years) for each in null_years._kept.values()] == [(False, 2)] * 2


@pytest.mark.usefixtures("two_years")
def test_two_who_ask_at_once_have_one_preview(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    seen.post("ML", _TRIED, **_OTHERS)
    all_made()
    ((asked, made),) = null_years._kept.items()
    together = threading.Barrier(2, timeout=60)

    def at_once(*_: object) -> object:
        together.wait()
        return asked

    monkeypatch.setattr(null_years, "_kept", {})
    monkeypatch.setattr(null_years, "_asked", at_once)
    said = made_years.Asked((("A", 0), ("B", 1)), (0, 1), dict(made.settings.numbers()), 2)
    monkeypatch.setattr(null_years, "_said", lambda *_: said)
    monkeypatch.setattr(instrument, "law", lambda: None)
    with ThreadPoolExecutor(2) as both:
        begun = [both.submit(null_years.begin, made.settings, str(LATER)) for _ in range(2)]
    assert [each.exception() for each in begun] == [None, None]
    all_made()
    assert [(each.failed, each.years) for each in null_years._kept.values()] == [(False, 2)]


@pytest.mark.usefixtures("two_years")
def test_a_preview_follows_the_record(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    seen.post("ML", _TRIED, **_OTHERS)
    all_made()
    monkeypatch.setattr(gathering, "volume", lambda *_: (0, 1, 1))
    seen.post("ML", _TRIED, **_OTHERS)
    all_made()
    assert [each.cases for each in null_years._kept.values()][1:] == [3]
