"""What anybody may read is read at a pace: whoever asks without end waits, and the others do not."""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from mithaq_node.services import clock
from mithaq_node.services.pace import Pace
from mithaq_node.settings.node import Node
from mithaq_node.web import preferences
from mithaq_node.wiring.pacing import Paced
from tests.mithaq_node import meadow


def test_who_asks_too_often_waits_and_is_let_through_after_the_wait_it_was_told() -> None:
    pace = Pace(a_second=2, at_once=6)
    assert [pace.take("a", 100) for _ in range(6)] == [0] * 6
    wait = pace.take("a", 100)
    assert wait == 1
    assert pace.take("b", 100) == 0, "another does not wait"
    assert pace.take("a", 100 + wait) == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=200))
def test_nobody_gets_more_than_a_full_bucket_and_what_flowed_in_meanwhile(asked: list[tuple[int, str]]) -> None:
    pace, now, got = Pace(a_second=2, at_once=5), 0, dict[str, list[int]]()
    for passed, key in asked:
        now += passed
        if not pace.take(key, now):
            got.setdefault(key, []).append(now)
    for moments in got.values():
        for first, last in itertools.combinations(range(len(moments)), 2):
            assert last - first + 1 <= 5 + 2 * (moments[last] - moments[first])


def test_a_clock_that_is_set_back_holds_nobody_longer_than_a_full_bucket() -> None:
    pace = Pace(a_second=1, at_once=3)
    for _ in range(3):
        pace.take("a", 10_000)
    assert pace.take("a", 0) == 1
    assert pace.take("a", 1) == 0


def test_it_keeps_no_more_addresses_than_it_may() -> None:
    pace = Pace(a_second=1, at_once=1, kept=50)
    for each in range(1_000):
        pace.take(str(each), 0)
    assert len(pace) == 50
    assert pace.take("999", 0) == 1, "the latest is known"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Node]:
    """A node that these tests share: what is counted here stands in no row."""
    made = meadow.settings_of(tmp_path_factory.mktemp("pacing") / "ML", "ML")
    meadow.found(made)
    with django_db_blocker.unblock(), meadow.standing_on(made):
        yield made


@pytest.fixture
def paced(node: Node, monkeypatch: pytest.MonkeyPatch) -> Paced:
    monkeypatch.setattr(clock, "of_machine", lambda: 1_900_000_000)
    return Paced(lambda _: HttpResponse("shown"))


def _asked(path: str, address: str = "192.0.2.1", **headers: str) -> HttpRequest:
    return RequestFactory().get(path, REMOTE_ADDR=address, headers=headers)


def _spend(paced: Paced, address: str, path: str = "/public/fa/") -> None:
    assert {paced(_asked(path, address)).status_code for _ in range(120)} == {200}


def test_the_wait_is_said_in_the_language_of_the_address_and_to_programs_in_one_sentence(paced: Paced) -> None:
    _spend(paced, "192.0.2.1")
    for language in preferences.LANGUAGES:
        answer = paced(_asked(f"/public/{language}/"))
        assert isinstance(answer, HttpResponse)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert answer.headers["Cache-Control"] == "no-store"
        assert f'lang="{language}"' in answer.content.decode()
        assert "public.too-many" in answer.content.decode()
    for path in ("/public/crossings.json", "/public/fa/crossings.atom", "/feeds/service-alerts.pb", "/feeds/cap.xml"):
        answer = paced(_asked(path))
        assert (answer.status_code, answer.headers["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert paced(_asked("/fa/watch/")).status_code == 200, "officers are not held"
    assert paced(_asked("/public/fa/", "192.0.2.2")).status_code == 200, "nor is anybody else"


def test_a_subscriber_of_ipv6_is_one_network_and_ipv4_in_its_form_is_itself(
    paced: Paced,
) -> None:
    _spend(paced, "2001:db8:1:2::1")
    assert paced(_asked("/public/fa/", "2001:db8:1:2:ffff::9")).status_code == 429
    assert paced(_asked("/public/fa/", "2001:db8:1:3::1")).status_code == 200
    _spend(paced, "192.0.2.7")
    assert paced(_asked("/public/fa/", "::ffff:192.0.2.7")).status_code == 429
    assert paced(_asked("/public/fa/", "192.0.2.7:50123")).status_code == 429, "some proxies add the port"
    assert paced(_asked("/public/fa/", "[2001:db8:1:2::5]:50123")).status_code == 429


def test_behind_the_proxy_the_address_is_what_the_proxy_saw_and_not_what_anybody_wrote_before(
    paced: Paced, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spend(paced, "127.0.0.1")
    monkeypatch.setattr(settings, "NODE", dataclasses.replace(settings.NODE, https=True))
    for each in range(120):
        forged = {"X-Forwarded-For": f"198.51.100.{each}, 192.0.2.9"}
        assert paced(_asked("/public/fa/", "127.0.0.1", **forged)).status_code == 200
    forged = {"X-Forwarded-For": "198.51.100.200, 192.0.2.9"}
    assert paced(_asked("/public/fa/", "127.0.0.1", **forged)).status_code == 429
    other = {"X-Forwarded-For": "192.0.2.10"}
    assert paced(_asked("/public/fa/", "127.0.0.1", **other)).status_code == 200


def test_many_addresses_that_ask_together_wait_too(paced: Paced) -> None:
    answers = [paced(_asked("/public/fa/", f"10.0.{each // 250}.{each % 250}")).status_code for each in range(301)]
    assert answers == [200] * 300 + [429]


def test_it_stands_in_the_way_of_the_node(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "of_machine", lambda: 1_900_000_000)
    client = Client()
    for _ in range(120):
        assert client.get("/feeds/activities.ics").status_code == 401
    assert client.get("/feeds/activities.ics", {"lang": "ckb"}).status_code == 429
