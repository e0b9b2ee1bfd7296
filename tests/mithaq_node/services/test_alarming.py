"""The node's own alarm, run for real."""

import sys
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_node.services import alarming

WRITE = "import os, sys; open(sys.argv[1], 'w').write(os.environ['MITHAQ_ALARM'] + ' ' + os.environ['MITHAQ_NUMBERS'])"


def test_the_command_learns_why_it_sounds_and_for_what(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    alarming.sound((sys.executable, "-c", WRITE, str(heard)), alarming.RINGING, ["ML 4-2", "ML 7-1"])
    assert heard.read_text() == "ringing ML 4-2,ML 7-1"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("/nowhere/siren",), "No such file"),
        ((sys.executable, "-c", "import sys; sys.exit('no line')"), "no line"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "exit status 3"),
    ],
)
def test_an_alarm_that_does_not_work_says_why(command: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Refusal, match=r"alarm\.failed") as refused:
        alarming.sound(command, alarming.TRIAL, ())
    assert reason in str(refused.value.data["reason"])


def test_an_alarm_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarming, "PATIENCE", 0.2)
    with pytest.raises(Refusal, match=r"alarm\.failed"):
        alarming.sound((sys.executable, "-c", "import time; time.sleep(60)"), alarming.TRIAL, ())
