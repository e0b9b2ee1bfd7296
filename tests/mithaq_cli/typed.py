"""A command as a page shows it, typed in this process."""

import subprocess
from pathlib import Path

from typer.testing import CliRunner

from mithaq_cli.main import app
from tests import papers


def typed(command: str, *, code: int = 0, answers: str = "") -> str:
    """What a command printed, which ended with `code`; `answers` are the lines that are typed when it asks.

    `mithaq` is called here, because a process of its own takes most of a second; whatever else is the shell's.
    """
    words = papers.words(command)
    if words[0] == "mithaq":
        done = CliRunner().invoke(app, words[1:], input=answers)
        assert done.exit_code == code, f"{command}\n{done.output}"
        return str(done.stdout)
    other = subprocess.run(["sh", "-ec", command], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert other.returncode == code, f"{command}\n{other.stderr}"
    return other.stdout
