"""What every command says beside its result: that it works, and under a code what it cannot do; never a traceback."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner, Result

from mithaq_cli import main, options
from mithaq_cli.main import app
from mithaq_files.instrument import write_sealed
from tests.mithaq_node import meadow, room

SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)])


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify",),
        ("verify", "--nonsense"),
        ("notice", "draft"),
        ("notice", "nonsense"),
        ("nonsense",),
        ("--nonsense",),
        ("demo", "--port", "many"),
        ("record", "export", "--instrument", "border"),
    ],
    ids=" ".join,
)
def test_a_command_that_is_called_wrongly_is_told_so_under_a_code(run: Callable[..., Result], arguments: Any) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("command.wrong-call: "), done.stderr


def test_help_is_no_refusal(run: Callable[..., Result]) -> None:
    for arguments in (("--help",), ("verify", "--help"), ("notice", "draft", "--help")):
        done = run(*arguments)
        assert (done.exit_code, done.stderr) == (0, "")
    assert "command." not in run("notice").output


def test_the_program_says_its_version(run: Callable[..., Result]) -> None:
    done = run("--version")
    assert (done.exit_code, done.stdout.strip()) == (0, version("mithaq"))


def test_what_the_machine_does_not_let_it_do_is_a_refusal(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = run("demo", "--data", tmp_path / "file" / "demo", "--port", 22090)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("command.machine: "), done.stderr
    assert str(tmp_path / "file") in done.stderr


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_refusal_of_its_own(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(folder: Path) -> None:
        raise OSError(number, os.strerror(number), str(folder))

    monkeypatch.setattr("mithaq_files.instrument.check_folder", full)
    done = run("instrument", "check", "border")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("command.disk-full: "), done.stderr


def test_a_file_that_the_caller_named_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with room.device(tmp_path / "small", 4) as small:
        out = small.folder / "proof"
        options.write(out, b"what was there before")
        small.fill()
        with pytest.raises(OSError, match="No space left"):
            options.write(out, bytes(100_000))
        assert out.read_bytes() == b"what was there before"
        small.make()
        options.write(out, bytes(100_000))
        assert (out.read_bytes(), [out]) == (bytes(100_000), [*small.folder.iterdir()])


def test_a_database_that_cannot_be_read_is_a_refusal(
    run: Callable[..., Result], tmp_path: Path, django_db_blocker: Any
) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    with django_db_blocker.unblock(), meadow.standing_on(node):
        connection.close()
        (node.folder / "node.sqlite3").write_bytes(b"no database at all" * 1000)
        done = run("notice", "list", "--data", node.folder)
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("node.database-unreachable: "), done.stderr


def test_a_reader_that_went_away_is_no_refusal(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(folder: Path) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr("mithaq_files.instrument.check_folder", gone)
    done = run("instrument", "check", "border")
    assert (done.exit_code, done.stderr) == (1, "")


def test_that_it_works_is_shown_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with options.working("counting"):
        pass
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with options.working("counting"):
        pass
    said = capsys.readouterr()
    assert (said.out, "counting" in said.err) == ("", True)


def test_every_command_tells_json_from_text() -> None:
    """Each command, of whatever depth, has --json."""
    without = [path for path, command in _commands() if not any("--json" in each.opts for each in command.params)]
    assert without == []


def _commands() -> list[tuple[str, Any]]:
    group = main.LazyGroup()
    found: list[tuple[str, Any]] = []

    def walk(path: str, command: Any) -> None:
        below = getattr(command, "commands", {})
        if not below or command.invoke_without_command:
            found.append((path, command))
        for name, each in below.items():
            walk(f"{path} {name}", each)

    for name in group.list_commands(None):
        walk(name, group.get_command(None, name))
    return found


def test_a_node_whose_database_does_not_answer_is_not_left_half_made(tmp_path: Path) -> None:
    write_sealed(tmp_path / "instrument", meadow.sealed())
    silent = "postgresql://nobody@127.0.0.1:1/none"
    init = ("init", "--data", tmp_path / "ML", "--instrument", tmp_path / "instrument", "--party", "ML")
    done = subprocess.run(
        [sys.executable, "-m", "mithaq_cli", *map(str, init), "--database", silent],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("node.database-unreachable: "), done.stderr
    assert not (tmp_path / "ML").exists()
