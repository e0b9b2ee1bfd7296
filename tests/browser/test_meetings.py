"""A cycle of the committee between two real nodes, in two browsers, one side in Persian and the other in Arabic.

Call and agenda from what is open, proposals of both sides, agreement, meeting, decisions, minutes that both seal,
measures carried out, and the report of it, whose figures both nodes and the desk give alike.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from mithaq_node.services import clock
from tests.browser.desks import Desks
from tests.browser.test_texts import signed
from tests.browser.test_whole_incident import Fields, Side

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

ARABIC = ["مثال: اجتمع الجانبان وقررا أمرين.", "مثال: يُنظر في التنفيذ في الاجتماع المقبل."]
PERSIAN = ["نمونه: دو طرف تشکیل جلسه دادند و دو تصمیم گرفتند.", "نمونه: اجرا در نشست بعدی بررسی می‌شود."]
IRAN = 210
"""Minutes by which its civil time is ahead of UTC."""
DAY = 1_440


def time_of_day(desks: Desks, ahead: int) -> str:
    """The civil time in Iran so many minutes from now, the last of the day where that is tomorrow."""
    minute = (clock.at(desks.folder / "clock").seconds // 60 + IRAN) % DAY
    hours, minutes = divmod(min(minute + ahead, DAY - 1), 60)
    return f"{hours:02}:{minutes:02}"


def offered(side: Side, kind: str, *refers: str) -> str:
    """The address at which the open page lets a notice of this kind be filed, about notices of these parties."""
    selector = f"a[href*='/filing/{kind}/']" + "".join(f"[href*='re={party}']" for party in refers)
    return str(side.open.locator(selector).first.get_attribute("href"))


def mithaq(*arguments: str) -> Any:
    """What a command prints as JSON."""
    done = subprocess.run([sys.executable, "-m", "mithaq_cli", *arguments, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def reported(desks: Desks, party: str, language: str, at: str, out: Path) -> dict[str, Any]:
    """The implementation report that a node makes of a cut, as a file and as figures."""
    figures, node = out.with_suffix(".json"), str(desks.folder / party)
    mithaq("report", "implementation", "--instrument", "iraq-iran-2025", "--data", node, "--language", language,
           "--at", at, "--out", str(out), "--figures", str(figures))  # fmt: skip
    return dict(json.loads(figures.read_text(encoding="utf-8")))


def test_a_meeting_goes_from_its_call_to_measures_done_and_a_report_that_both_sides_make_alike(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, tmp_path: Path
) -> None:
    iran, iraq = Side(desks, visit, "IR", "fa"), Side(desks, visit, "IQ", "ar")

    # The call offers what is open, and ticks what presses; the other side wants another place and adds to the agenda.
    iran.open.goto(iran.address("filing/meeting.called/"))
    expect(iran.open.locator("input[name=agenda][value=carrying-out]")).to_be_checked()
    expect(iran.open.locator("section[aria-labelledby=open-title] li").first).to_be_visible()
    axe(iran.open)
    picture(iran.open, "meeting-call-fa")
    called = {"level": "joint-committee", "starts.time": time_of_day(desks, 4), "venue": "at-the-line"}
    number = iran.tell("meeting.called", called, "/fa/filing/meeting.called/")
    place = f"committee/meetings/{number}/"
    iraq.shows(place, "a[href*='/filing/meeting.answered/']")
    other: Fields = {"answer": "other-proposal", "venue": "first-party", "agenda": ["crossings"]}
    iraq.tell("meeting.answered", other, offered(iraq, "meeting.answered", "IR"))
    iran.shows(place, "a[href*='/filing/meeting.answered/'][href*='re=IQ']")
    accepted: Fields = {"answer": "accepted", "agenda": ["corridors"]}
    iran.tell("meeting.answered", accepted, offered(iran, "meeting.answered", "IR", "IQ"))
    iraq.shows(place, ".page__head .badge--kept")
    invitation = iraq.open.request.get(iraq.address(f"{place}invitation.ics")).text()
    for line in ("METHOD:PUBLISH", "STATUS:CONFIRMED", "SEQUENCE:2", f"UID:{number}@iraq-iran-2025"):
        assert line in invitation

    # It is held; each side decides one thing for one side to do.
    held: Fields = {"happened.time": time_of_day(desks, 0), "offices": ["national-security"], "items": ["crossings"]}
    iran.tell("meeting.held", held, f"/fa/filing/meeting.held/?re={number}")
    decided = {
        iran.tell(
            "meeting.decided", {"matter": "crossings", "owner": "first"}, f"/fa/filing/meeting.decided/?re={number}"
        ),
        iraq.tell("meeting.decided", {"matter": "rail", "owner": "second"}, f"/ar/filing/meeting.decided/?re={number}"),
    }

    # Minutes in both languages, accepted whole, put forward and sealed.
    words = {"words.ar": "\n".join(ARABIC), "words.fa": "\n".join(PERSIAN)}
    minutes = iraq.tell("text.draft", {"matter": "minutes", **words}, f"/ar/filing/text.draft/?re={number}")
    text = f"committee/texts/{minutes}/"
    iran.shows(text, "button[value=all]")
    signed(iran, "button[value=all]")
    iraq.shows(text, "button[formaction$='/forward/']")
    signed(iraq, "button[formaction$='/forward/']")
    iran.shows(text, "a[href*='/filing/joint.seal/']")
    iran.tell("joint.seal", {}, offered(iran, "joint.seal"))

    # Both sides see both measures carried out.
    for side in (iran, iraq):
        for each in decided:
            side.shows(place, f"a[href*='/filing/decision.assessed/'][href$='{each[:2]}%20{each[2:]}']")
            address = f"/{side.language}/filing/decision.assessed/?re={each}"
            side.tell("decision.assessed", {"score": "full"}, address)
    for side in (iran, iraq):
        side.shows(place, "section[aria-labelledby=minutes-title] .badge--kept")
        axe(side.open)
        picture(side.open, f"meeting-done-{side.language}")

    # One cut, two nodes, two languages: one set of figures; and the desk's paper is the command's, byte for byte.
    deadline = time.monotonic() + 60
    while True:
        said = reported(desks, "IQ", "ar", "common", tmp_path / "common.xlsx")
        measures = [each for each in said["measures"] if each["number"].replace(" ", "") in decided]
        if len(measures) == 2 and all(each["scores"] == {"IQ": 3, "IR": 3} for each in measures):
            break
        assert time.monotonic() < deadline, said["measures"]
    cut = " / ".join(said["up_to"])
    papers = {party: tmp_path / f"{party}.pdf" for party in ("IQ", "IR")}
    figures = [reported(desks, side.party, side.language, cut, papers[side.party]) for side in (iraq, iran)]
    assert figures[0] == figures[1]
    for side in (iraq, iran):
        asked = f"paper=implementation&form=pdf&language={side.language}&at={cut}"
        answer = side.open.request.get(side.address(f"committee/papers/file/?{asked}"))
        assert answer.body() == papers[side.party].read_bytes()

    # Whoever has neither node verifies the sealed minutes and the record that they stand in.
    case, record = tmp_path / "minutes.zip", tmp_path / "record"
    mithaq("record", "case", minutes, "--out", str(case), "--data", str(desks.folder / "IR"))
    mithaq(
        "record", "export", "--instrument", "iraq-iran-2025", "--out", str(record), "--data", str(desks.folder / "IQ")
    )
    for exported in (case, record):
        verdict = mithaq("verify", str(exported), "--trust", str(desks.folder / "trust"))
        assert verdict["verdict"] == "GENUINE"
