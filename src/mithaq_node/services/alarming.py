"""The node's own alarm: a command of the operator's (a siren, a modem), run while something rings.

The command gets what it needs in its environment and no text of anybody: `MITHAQ_ALARM` is `ringing`, `trial`, or
`exercise` where what rings is none of the real thing; `MITHAQ_NUMBERS` the spoken numbers. It is run without a shell,
and ends by itself or is ended.
"""

import os
import subprocess
from collections.abc import Sequence

from mithaq.errors import Refusal

PATIENCE = 30.0
"""Seconds that the command may take."""
TRIAL, RINGING, EXERCISE = "trial", "ringing", "exercise"


def sound(command: Sequence[str], why: str, numbers: Sequence[str]) -> None:
    """Run the alarm; refuses (`alarm.failed`) what cannot be started, takes too long or ends with an error."""
    environment = {**os.environ, "MITHAQ_ALARM": why, "MITHAQ_NUMBERS": ",".join(numbers)}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refusal("alarm.failed", command=command[0], reason=str(error)[:200]) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-200:]
        raise Refusal("alarm.failed", command=command[0], reason=said or f"exit status {done.returncode}")
