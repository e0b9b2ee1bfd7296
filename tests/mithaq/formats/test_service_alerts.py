"""Service alerts as GTFS-Realtime: accepted by the validators of operators, against an example schedule of our own."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs
from hypothesis import given
from hypothesis import strategies as st

from mithaq.formats import service_alerts
from mithaq.formats.service_alerts import CAUSES, EFFECTS, STATES, Alert, feed
from mithaq.moments import Moment, parse
from mithaq_files.instrument import compile_folder, shipped
from tools.example_gtfs import AGENCY, example

AT = parse("2025-08-11T09:00:00Z")
DAY = date(2025, 6, 1)
COMPILED = compile_folder(shipped("iraq-iran-2025"))
LAW = COMPILED.law
OLD_PERIOD = "S025"
"""A warning that `active_period` is kept for older programs, which is what it is there for."""
LANGUAGES = ("ar", "ckb", "en", "fa")
ALERT = Alert(
    id="IR-30-7",
    state="closed",
    reason="capacity",
    effect="",
    since=Moment(AT.seconds - 7_200),
    until=Moment(AT.seconds + 86_400),
    stops=("mehran-zurbatiyah",),
    routes=(),
    header={language: f"Example {language}" for language in LANGUAGES},
    description={language: f"Example text {language}" for language in LANGUAGES},
)


def everything() -> list[Alert]:
    """An alert for every stop and route that the instrument has, with every cause and effect there is."""
    known = [each.id for each in LAW.crossings] + [each.id for segment in LAW.segments for each in segment.stations]
    named: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((stop,), ()) for stop in known]
    named += [((), (segment.id,)) for segment in LAW.segments]
    named += [named[0]] * (len(CAUSES) + len(EFFECTS))
    reasons, effects = [*CAUSES, "request", ""], [*EFFECTS, ""]
    return [
        replace(
            ALERT,
            id=f"IQ-{turn}",
            state=("closed", "restricted")[turn % 2],
            reason=reasons[turn % len(reasons)],
            effect=effects[turn % len(effects)],
            until=ALERT.until if turn % 3 else None,
            stops=stops,
            routes=routes,
        )
        for turn, (stops, routes) in enumerate(named)
    ]


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gtfs") / "example.zip"
    path.write_bytes(example(LAW, COMPILED.words, DAY))
    return path


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A validator as an operator runs it, beside the interpreter; where it is not installed the test says so."""
    found = Path(sys.executable).with_name(program)
    if not found.exists():
        pytest.skip(f"{program} is not installed beside {sys.executable}; it comes with the group `test`")
    command = [str(found), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def judged(schedule: Path, folder: Path, encoded: bytes) -> tuple[int, set[str], str]:
    """What gtfs-rt-validator says of a feed: its exit code, the codes of its findings, and its words."""
    (folder / "alerts.pb").write_bytes(encoded)
    done = run("gtfs-rt-validator", "-gtfs", schedule, "-sa", folder / "alerts.pb", "--at", str(AT),
               "--out", folder / "out", "--fail-on-error")  # fmt: skip
    report = folder / "out" / "report.json"
    found = json.loads(report.read_text()) if report.exists() else {"notices": []}
    return done.returncode, {notice["code"] for notice in found["notices"]}, done.stdout + done.stderr


def test_the_validator_passes_a_feed_of_everything_there_is(schedule: Path, tmp_path: Path) -> None:
    code, found, said = judged(schedule, tmp_path, feed(everything(), AT))
    assert (code, found) == (0, {OLD_PERIOD}), said


def test_the_validator_passes_an_empty_feed(schedule: Path, tmp_path: Path) -> None:
    code, found, said = judged(schedule, tmp_path, feed([], AT))
    assert (code, found) == (0, set()), said


def test_the_validator_finds_a_stop_that_is_in_no_schedule(schedule: Path, tmp_path: Path) -> None:
    """So that its silence means something."""
    code, _, said = judged(schedule, tmp_path, feed([replace(ALERT, stops=("nowhere",))], AT))
    assert code == 1, said


def test_the_example_schedule_has_nothing_wrong_and_says_that_nobody_runs_it(schedule: Path, tmp_path: Path) -> None:
    done = run("gtfs-validator", "-i", schedule, "-o", tmp_path, "-d", DAY.isoformat(), "--fail-on-error")
    found = json.loads((tmp_path / "report.json").read_text())["notices"]
    assert [notice for notice in found if notice["severity"] != "INFO"] == [], done.stdout
    assert done.returncode == 0
    with zipfile.ZipFile(schedule) as archive:
        for name in ("agency.txt", "feed_info.txt"):
            assert AGENCY in archive.read(name).decode(), name
    assert AGENCY.startswith("EXAMPLE")


def test_the_example_schedule_is_the_same_bytes_for_the_same_day() -> None:
    assert example(LAW, COMPILED.words, DAY) == example(LAW, COMPILED.words, DAY)


def decoded(alerts: list[Alert], at: Moment = AT) -> Any:
    return gtfs.FeedMessage.FromString(feed(alerts, at))


def test_the_header_is_that_of_a_whole_feed_of_version_2() -> None:
    header = decoded([]).header
    assert (header.gtfs_realtime_version, header.incrementality, header.timestamp) == (
        "2.0", gtfs.FeedHeader.FULL_DATASET, AT.seconds,
    )  # fmt: skip


alerts = st.builds(
    Alert,
    id=st.integers(1, 99).map(lambda number: f"IQ-{number}"),
    state=st.sampled_from(["closed", "restricted", "another"]),
    reason=st.sampled_from([*CAUSES, "request", ""]),
    effect=st.sampled_from([*EFFECTS, ""]),
    since=st.integers(1_700_000_000, 1_900_000_000).map(Moment),
    until=st.none() | st.integers(1_700_000_000, 1_900_000_000).map(Moment),
    stops=st.just(("mehran-zurbatiyah",)),
    routes=st.sampled_from([(), ("shalamcheh-basra",)]),
    header=st.just(ALERT.header),
    description=st.just(ALERT.description),
)


@given(st.lists(alerts, max_size=8, unique_by=lambda alert: alert.id), st.randoms(use_true_random=False))
def test_the_rules_of_the_format_hold_for_any_alerts_in_any_order(said: list[Alert], chance: Any) -> None:
    """What gtfs-rt-validator asks of alerts, and that the order in which statements come changes no byte."""
    message = decoded(said)
    shuffled = list(said)
    chance.shuffle(shuffled)
    assert feed(shuffled, AT) == feed(said, AT)
    assert len({entity.id for entity in message.entity}) == len(message.entity) == len(said)
    for entity in message.entity:
        alert = entity.alert
        assert alert.informed_entity
        assert all(each.stop_id or each.route_id for each in alert.informed_entity)
        assert alert.active_period == alert.impact_period == alert.communication_period
        for period in alert.active_period:
            assert not period.HasField("end") or period.start <= period.end
        for text in (alert.header_text, alert.description_text):
            assert [each.language for each in text.translation] == sorted(LANGUAGES)
        assert alert.cause in gtfs.Alert.Cause.values()
        assert alert.effect in gtfs.Alert.Effect.values()


def test_every_reason_of_the_library_is_a_cause_and_every_effect_an_effect() -> None:
    assert set(CAUSES) <= {*LAW.codes["segment-reason"], *LAW.codes["crossing-reason"]}
    assert set(EFFECTS) == set(LAW.codes["service-effect"])
    assert set(STATES) | {"open"} == set(LAW.codes["crossing-state"])
    assert service_alerts.VERSION == "2.0"
