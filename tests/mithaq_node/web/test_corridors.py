"""The corridors as pages show them and as the feed of alerts says them, over what both sides have stated."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from google.transit import gtfs_realtime_pb2 as gtfs

from mithaq.notices.envelope import Reference
from mithaq_node.queries import corridors
from mithaq_node.services import accounts
from mithaq_node.services.holdings import Holdings
from tests.mithaq_node import meadow, valley
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.api.serving import served
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import Pair, notice, release
from tests.papers import ROOT, Paper

FEED = "/feeds/service-alerts.pb"
BOTH = ["to-ml", "to-rl"]
STATED: Mapping[str, Any] = {"direction": BOTH, "traffic": ["passengers"], "reason": "works"}


class Border:
    """Both sides of the valley, and what they say one after the other."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self._turn = pair, 0

    def say(self, holdings: Holdings, kind: str, **content: Any) -> None:
        self._turn += 1
        release(holdings, [notice(holdings.seat, self._turn, content=content, name=kind)])
        self.pair.settle()

    def open_the_ford(self) -> None:
        for holdings in (self.pair.ml, self.pair.rl):
            self.say(holdings, "crossing.status", crossing="ford", state="open", **STATED)
        self.say(self.pair.rl, "corridor.status", segment="ford-road", state="open", **STATED)

    def close_the_bridge(self) -> None:
        self.say(self.pair.ml, "crossing.status", crossing="bridge", state="open", **STATED)
        self.say(self.pair.rl, "crossing.status", crossing="bridge", state="closed", alternative="ford", **STATED)


@pytest.fixture
def border(engine: str, tmp_path: Path, request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[Border]:
    names: list[str] = []
    with django_db_blocker.unblock():
        if engine == "sqlite":
            pair = Pair(tmp_path, instrument=valley.sealed())
        else:
            server = request.getfixturevalue("postgresql_server")
            names = [server.create(meadow.template(server)) for _ in range(2)]
            pair = Pair(tmp_path, [server.url(name) for name in names], valley.sealed())
    pair.settle()
    yield Border(pair)
    pair.close()
    for name in names:
        server.drop(name)


def looking(role: str = "duty") -> Client:
    client = Client()
    client.force_login(accounts.create_officer(name=f"the {role}", role=role, secret=SECRET))
    return client


def test_a_chain_shows_its_weakest_link_by_each_sides_word_and_a_way_round(border: Border, standing: Standing) -> None:
    border.open_the_ford()
    border.close_the_bridge()
    with standing(border.pair.ml):
        found = {view.corridor.id: view for view in corridors.corridors()}
        (way,) = found["bridge"].ways
        assert way.directions == tuple(BOTH)
        assert {party: each.state for party, each in way.chain.standings.items()} == {"ML": "open", "RL": "closed"}
        assert way.chain.differs
        assert [(each.area, each.id, each.named_by) for each in way.detours] == [
            ("corridor", "ford", ()),
            ("crossing", "ford", ("RL",)),
        ]
        page = looking().get("/en/corridors/").content.decode()
        row = page[page.index('id="bridge"') : page.index('id="ford"')]
        assert "The sides say different things" in row
        assert re.search(r"Closed</span>\s*<span>at The bridge</span>", row)
        one = looking("auditor").get("/fa/corridors/bridge/").content.decode()
        assert 'href="/fa/corridors/ford/"' in one
        assert "lane--late party-RL" in one
        assert "lane--kept party-ML" in one


def test_a_party_that_says_nothing_is_named_and_nothing_is_offered_in_its_place(
    border: Border, standing: Standing
) -> None:
    border.close_the_bridge()
    with standing(border.pair.rl):
        (way,) = corridors.page("bridge").view.ways
        assert [(link.id, link.silent) for link in way.chain.silent] == [
            ("valley-line", ("ML", "RL")),
            ("bridge-road", ("RL",)),
        ]
        assert way.detours == ()
        page = looking().get("/en/corridors/bridge/").content.decode()
        assert "No way round is stated to be passable by every side concerned." in page
        assert "lane--silent party-ML" in page
        assert "lane--aside party-ML" in page


def test_both_lengths_stand_beside_each_other_and_no_third_figure(border: Border, standing: Standing) -> None:
    border.say(
        border.pair.ml, "clearance.progress", segment="valley-line", day="2030-05-01", stage="clearing", cleared=4_250
    )
    with standing(border.pair.ml):
        page = looking().get("/en/corridors/bridge/").content.decode()
        assert set(re.findall(r'<bdi class="number">([\d.,]+) km</bdi>', page)) == {"32", "36.5", "16", "4.25"}
        assert "No assessment is on record." not in page
        assert "۳۶٫۵" in looking("auditor").get("/fa/corridors/bridge/").content.decode()


def test_a_disruption_taken_back_lets_the_service_before_it_stand_again(border: Border, standing: Standing) -> None:
    border.say(border.pair.ml, "rail.service", segment="valley-line", state="open", **STATED)
    turn = border._turn + 1
    border.say(
        border.pair.ml, "rail.disruption", segment="valley-line", state="closed", effect="no-service",
        since="2030-05-02T10:00:00Z", **STATED,
    )  # fmt: skip
    with standing(border.pair.rl):
        assert corridors.page("bridge").view.ways[0].chain.standings["ML"].state == "closed"
    said = pairs.identity("ML", turn)
    reference = Reference(log=border.pair.ml.seat.origin, id=said)
    row = notice(border.pair.ml.seat, 99, content={"reason": "duplicate"}, name="withdrawal", references=[reference])
    release(border.pair.ml, [row])
    border.pair.settle()
    with standing(border.pair.rl):
        assert corridors.page("bridge").view.ways[0].chain.standings["ML"].state == "open"


def test_every_page_opens_in_every_language_and_an_unknown_corridor_is_not_there(
    border: Border, standing: Standing
) -> None:
    border.close_the_bridge()
    with standing(border.pair.ml):
        client = looking("observer")
        for language in ("fa", "ar", "ckb", "en"):
            for place in ("", "bridge/", "ford/", "stretches.geojson", "stretches.geojson?corridor=ford"):
                assert client.get(f"/{language}/corridors/{place}").status_code == 200, place
        assert client.get("/en/corridors/nowhere/").status_code == 404


def test_the_map_draws_only_stretches_and_stations_of_the_law(border: Border, standing: Standing) -> None:
    border.say(border.pair.rl, "corridor.status", segment="ford-road", state="closed", **STATED)
    with standing(border.pair.ml):
        features = looking().get("/en/corridors/stretches.geojson").json()["features"]
    drawn = {each["properties"]["said"]: each["properties"].get("state") for each in features}
    assert drawn == {
        "Valley line\nnothing is said": "",
        "Mill": None,
        "Bridge road\nnothing is said": "",
        "Ford road\nRiver: Closed": "closed",
    }


# The feed of alerts


def switched_on() -> AbstractContextManager[object]:
    return override_settings(NODE=replace(settings.NODE, service_alerts=True))


def alerts() -> dict[str, Any]:
    answer = Client().get(FEED)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-protobuf"
    message = gtfs.FeedMessage.FromString(answer.content)
    return {entity.id: entity.alert for entity in message.entity}


def test_until_the_operator_switches_it_on_there_is_no_feed(border: Border, standing: Standing) -> None:
    border.close_the_bridge()
    with standing(border.pair.ml):
        assert Client().get(FEED).status_code == 404
        with switched_on():
            assert Client().get(FEED).status_code == 200
            assert Client().post(FEED).status_code == 405


@pytest.mark.runs("docs/how-to/service-alerts.md", "curl ", "python -m tools.example_gtfs", "gtfs-rt-validator ")
def test_the_commands_of_the_how_to_fetch_the_feed_and_check_it(
    paper: Paper, border: Border, standing: Standing, tmp_path: Path
) -> None:
    beside = Path(sys.executable).parent
    if shutil.which("curl") is None or not (beside / "gtfs-rt-validator").exists():
        pytest.skip(f"curl is not installed, or gtfs-rt-validator is not beside {sys.executable}")
    border.close_the_bridge()
    with standing(border.pair.ml), switched_on(), served() as server:
        fill = {"https://desk.example": f"http://127.0.0.1:{server.server_port}", "iraq-iran-2025": "meadow-river-2030"}
        found = dict(os.environ, NO_PROXY="127.0.0.1", PYTHONPATH=f"{ROOT}:{ROOT / 'src'}")
        for command in paper.commands(fill=fill):
            done = subprocess.run(
                ["sh", "-c", command], cwd=tmp_path, env={**found, "PATH": f"{beside}:{found['PATH']}"},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr


def test_the_feed_says_public_statements_in_four_languages_and_who_makes_them(
    border: Border, standing: Standing
) -> None:
    border.open_the_ford()
    border.close_the_bridge()
    border.say(
        border.pair.ml, "rail.disruption", segment="valley-line", state="restricted", effect="delays",
        stations=["mill"], since="2030-05-02T10:00:00Z", until="2030-05-09T10:00:00Z", **STATED,
    )  # fmt: skip
    border.say(border.pair.ml, "clearance.progress", segment="valley-line", day="2030-05-01", stage="clearing")
    with standing(border.pair.ml), switched_on():
        found = alerts()
        closed, delayed = (found[each] for each in sorted(found, key=lambda number: number[:2], reverse=True))
    assert [entity.stop_id for entity in closed.informed_entity] == ["bridge"]
    assert (closed.effect, closed.cause) == (gtfs.Alert.NO_SERVICE, gtfs.Alert.MAINTENANCE)
    assert [entity.stop_id for entity in delayed.informed_entity] == ["mill"]
    assert delayed.effect == gtfs.Alert.SIGNIFICANT_DELAYS
    assert delayed.active_period[0].end - delayed.active_period[0].start == 7 * 86_400
    for alert in (closed, delayed):
        for text in (alert.header_text, alert.description_text):
            assert {each.language for each in text.translation} == {"ar", "fa", "ckb", "en"}
            assert all(each.text for each in text.translation)
    english = {each.language: each.text for each in closed.description_text.translation}["en"]
    assert "Stated by River" in english
    assert "Use instead: The ford" in english
    persian = {each.language: each.text for each in closed.description_text.translation}["fa"]
    assert "دلیل: " in persian
    assert "جایگزین: " in persian


def test_what_is_over_and_what_is_open_is_not_in_the_feed(border: Border, standing: Standing) -> None:
    border.open_the_ford()
    border.say(border.pair.ml, "corridor.status", segment="valley-line", state="closed",
               until="2020-01-01T00:00:00Z", **STATED)  # fmt: skip
    with standing(border.pair.ml), switched_on():
        assert alerts() == {}


def test_under_an_instrument_for_exercises_there_is_no_feed(node: object, tmp_path: Path) -> None:
    exercise = meadow.settings_of(tmp_path / "EX", "ML", peer_port=9_100)
    meadow.found(exercise, meadow.exercise())
    with override_settings(NODE=replace(exercise, service_alerts=True)):
        assert Client().get(FEED).status_code == 404
