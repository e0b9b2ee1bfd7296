"""The node's own alarm: a command of the operator's (a siren, a modem), run while something rings, and its escalation.

The command gets what it needs in its environment and no text of anybody: `MITHAQ_ALARM` is `ringing`, `trial`, or
`exercise` where what rings is none of the real thing; `MITHAQ_NUMBERS` the spoken numbers; in the same order
`MITHAQ_STEPS` says how far each has escalated and `MITHAQ_AUTHORITIES` which authority of the instrument is called at
that step. It is run without a shell, and ends by itself or is ended.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.utils import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import ringing as rule
from mithaq_node.queries.ringing import Ringing, ringing, unheard
from mithaq_node.services import storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import EscalationRow

PATIENCE = 30.0
"""Seconds that the command may take."""
TRIAL, RINGING, EXERCISE = "trial", "ringing", "exercise"


@dataclass(frozen=True, slots=True)
class Call:
    """A notice that rings: how far it has escalated, and which authority is called; step 0 where the instrument names
    nobody."""

    number: str
    step: int
    authority: str


def escalate(*, now: Moment) -> tuple[Call, ...]:
    """What rings at `now`, and what of ours the other side has not received for too long, each with the last step that
    has come; every step that came is written down once."""
    return tuple(_escalated(each, now) for each in (*ringing(), *unheard(str(now))))


def sound(command: Sequence[str], why: str, calls: Sequence[Call]) -> None:
    """Run the alarm; refuses (`alarm.failed`) what cannot be started, takes too long or ends with an error."""
    environment = {
        **os.environ,
        "MITHAQ_ALARM": why,
        "MITHAQ_NUMBERS": ",".join(each.number for each in calls),
        "MITHAQ_STEPS": ",".join(str(each.step) for each in calls),
        "MITHAQ_AUTHORITIES": ",".join(each.authority for each in calls),
    }
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refusal("alarm.failed", command=command[0], reason=str(error)[:200]) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-200:]
        raise Refusal("alarm.failed", command=command[0], reason=said or f"exit status {done.returncode}")


def _escalated(each: Ringing, now: Moment) -> Call:
    number, due = each.notice.number, rule.due(each.steps, str(now))
    written = EscalationRow.objects.filter(about=number).count()
    for step in due[written:]:
        try:
            with storage.durable():
                EscalationRow.objects.create(
                    about=number, step=step.number, authority=step.authority, at=as_datetime(now)
                )
        except IntegrityError:  # another process of this node was quicker
            continue
    return Call(number, due[-1].number, due[-1].authority) if due else Call(number, 0, "")
