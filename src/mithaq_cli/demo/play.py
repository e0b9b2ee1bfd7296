"""Playing the story: one step at a time, in one thread, whoever asks."""

import queue
import threading
from collections.abc import Callable

from mithaq.errors import Fault, Refusal
from mithaq_cli.demo.acts import ACTS
from mithaq_cli.demo.stage import Stage
from mithaq_cli.demo.story import Step, steps


def play_next(stage: Stage) -> bool:
    """Play the next step; False when there is none. What fails stops the story where it is, with the reason."""
    if stage.progress.played == len(steps()):
        return False
    _play(stage, steps()[stage.progress.played])
    return True


def play_all(stage: Stage) -> None:
    """Play what is left of the story."""
    while play_next(stage):
        pass


def _play(stage: Stage, step: Step) -> None:
    """Play the acts that have not been played, so that a step which failed half-way goes on from there."""
    progress = stage.progress
    made = progress.results.setdefault(step.id, [])
    for act in step.acts[progress.acts :]:
        for name, takes in act.items():
            made += ACTS[name](stage, **takes)
        progress.acts += 1
        stage.save()
    progress.played, progress.acts = progress.played + 1, 0
    stage.save()


class Player:
    """Plays what the console asks for, in its own thread, one wish after another."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._wishes: queue.Queue[Callable[[], object]] = queue.Queue()
        self._busy = threading.Event()
        self.version = 0
        """Grows whenever something on the console may have changed."""
        threading.Thread(target=self._run, name="player", daemon=True).start()

    @property
    def busy(self) -> bool:
        return self._busy.is_set() or not self._wishes.empty()

    def open(self) -> None:
        """Open the stage, and meanwhile take no wishes."""
        self._busy.set()
        try:
            self._stage.open()
        finally:
            self._busy.clear()
            self.version += 1

    def next(self) -> None:
        self._wish(lambda: play_next(self._stage))

    def all(self) -> None:
        self._wish(self._all)

    def reset(self) -> None:
        self._wish(self._stage.reset)

    def _all(self) -> None:
        while play_next(self._stage):
            self.version += 1

    def _wish(self, wish: Callable[[], object]) -> None:
        if not self.busy:
            self._wishes.put(wish)
            self.version += 1

    def _run(self) -> None:
        while True:
            wish = self._wishes.get()
            self._busy.set()
            try:
                self._stage.progress.failure = ""
                wish()
            except (Refusal, Fault) as reason:
                self._stage.progress.failure = str(reason)
            finally:
                self._busy.clear()
                self.version += 1
