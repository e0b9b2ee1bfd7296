"""`python -m mithaq_node.workers`: the loops of the node whose data folder `MITHAQ_DATA` names, until SIGTERM."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.services import clock, seat
from mithaq_node.store.bell import Bell
from mithaq_node.workers.deliver import LOOK, Delivery

_PATIENCE = 5.0


class Loop(Protocol):
    """A thread that works until it is told to stop."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


def main() -> int:
    """Run until told to stop; 2 when the node cannot be opened."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        if "MITHAQ_DATA" not in os.environ:
            raise Refusal("settings.no-data-folder")
        taken = seat.take(Path(os.environ["MITHAQ_DATA"]), os.environ)
    except Refusal as refusal:
        logging.critical("%s", refusal)
        return 2

    def now() -> Moment:
        return clock.at(taken.demo_clock)

    _set_up_django()
    deliveries = [Delivery(taken, peer, now) for peer in taken.peers.values()]
    loops = [*deliveries, *_others(taken, now)]
    bell = Bell(taken.folder)
    for loop in loops:
        loop.start()
    while not stopped.is_set():
        if bell.wait(LOOK):
            for delivery in deliveries:
                delivery.wake()
    for loop in loops:
        loop.stop()
    for loop in loops:
        loop.join(_PATIENCE)
    bell.close()
    return 0


def _others(taken: seat.Seat, now: Callable[[], Moment]) -> Iterator[Loop]:
    """The loops beside the deliveries; Django is set up."""
    from django.conf import settings

    from mithaq_node.queries.ringing import ringing
    from mithaq_node.services import agreement, alarming, erasing
    from mithaq_node.workers.alarm import Alarm
    from mithaq_node.workers.daily import Daily

    def clear(at: Moment) -> None:
        erasing.finish(now=at)
        erasing.erase(now=at)

    party = taken.law.party(taken.party)
    yield Daily("agree", lambda at: agreement.publish(now=at), now)
    yield Daily("erase", clear, now, party.utc_offset if party else 0, first=clear)
    if command := settings.NODE.alarm:
        yield Alarm(
            lambda: [each.notice.number for each in ringing()],
            lambda numbers: alarming.sound(command, alarming.RINGING, numbers),
        )


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mithaq_node.settings.django")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
