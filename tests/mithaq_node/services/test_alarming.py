"""The node's own alarm, run for real."""

import sys
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import ringing as rule
from mithaq_node.queries import inside
from mithaq_node.services import alarming
from mithaq_node.services.alarming import Call
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, notice, release

WRITE = (
    "import os, sys; open(sys.argv[1], 'w').write(' '.join(os.environ['MITHAQ_' + each]"
    " for each in ('ALARM', 'NUMBERS', 'STEPS', 'AUTHORITIES')))"
)


def test_the_command_learns_why_it_sounds_and_for_what(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    calls = [Call("ML 4-2", 2, "watch"), Call("ML 7-1", 0, "")]
    alarming.sound((sys.executable, "-c", WRITE, str(heard)), alarming.RINGING, calls)
    assert heard.read_text() == "ringing ML 4-2,ML 7-1 2,0 watch,"


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


def test_one_authority_after_the_other_is_called_and_every_step_is_written_down_once(
    pair: Pair, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "called", lambda law, kind, own: ("watch", "watch"))  # the Ridge has one authority
    release(pair.ml, [notice(pair.ml.seat, 1, precedence="flash")])
    pair.settle()
    with standing(pair.rl):
        (number,) = [each.number for each in alarming.escalate(now=NOW)]
        first, later = Call(number, 1, "watch"), Moment(NOW.seconds + 5 * 60)
        assert alarming.escalate(now=Moment(later.seconds - 1)) == (first,)
        assert alarming.escalate(now=later) == alarming.escalate(now=later) == (Call(number, 2, "watch"),)
        assert [(each.step, each.authority, each.at) for each in inside.calls([number])] == [
            (1, "watch", str(NOW)),
            (2, "watch", str(later)),
        ]
        assert inside.sheet(number).calls == inside.calls([number])
    with standing(pair.ml):
        assert alarming.escalate(now=later) == ()
