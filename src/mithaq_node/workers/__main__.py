"""`python -m mithaq_node.workers`: the loops of the node whose data folder `MITHAQ_DATA` names, until SIGTERM."""

import logging
import logging.config
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_node.carrier.plain import Address
from mithaq_node.services import clock, seat
from mithaq_node.services.seat import Seat
from mithaq_node.settings import logs
from mithaq_node.settings.node import Node
from mithaq_node.store import claims
from mithaq_node.store.bell import Bell
from mithaq_node.workers.deliver import LOOK, Delivery
from mithaq_node.workers.witness import Watching

_PATIENCE = 5.0


class Loop(Protocol):
    """A thread that works until it is told to stop."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


def main() -> int:
    """Run until told to stop; 2 when the node cannot be opened."""
    logging.config.dictConfig(logs.config(Node.log_format))  # until Django has read what the node says
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        if "MITHAQ_DATA" not in os.environ:
            raise Refusal("settings.no-data-folder")
        seats = seat.take_all(Path(os.environ["MITHAQ_DATA"]), os.environ)
        taken = seats[0]
    except Refusal as refusal:
        logging.critical("%s", refusal)
        return 2

    def now() -> Moment:
        return clock.at(taken.demo_clock)

    _set_up_django()
    woken = _woken(seats, now)
    loops: tuple[Loop, ...] = (*woken, *_others(taken, now))
    bell = Bell(taken.folder)
    for loop in loops:
        loop.start()
    while not stopped.is_set():
        if bell.wait(LOOK):
            for each in woken:
                each.wake()
    for loop in loops:
        loop.stop()
    for loop in loops:
        loop.join(_PATIENCE)
    bell.close()
    return 0


def _woken(seats: Iterable[Seat], now: Callable[[], Moment]) -> list[Delivery | Watching]:
    """The loops that a new leaf wakes: one a counterpart in each audience, one a witness."""
    loops: list[Delivery | Watching] = []
    for taken in seats:
        loops += [Delivery(taken, peer, now) for peer in taken.peers.values()]
        loops += [Watching(taken, each.observer, Address(each.url), now) for each in taken.witnesses]
    return loops


def _others(taken: Seat, now: Callable[[], Moment]) -> Iterator[Loop]:
    """The loops beside the deliveries; Django is set up."""
    from django.conf import settings

    from mithaq_node.queries import health
    from mithaq_node.services import agreement, alarming, erasing, sequencing, warning
    from mithaq_node.workers.alarm import Alarm
    from mithaq_node.workers.daily import Daily
    from mithaq_node.workers.room import Room

    def agree(at: Moment) -> None:
        with claims.held(*sequencing.reader(), "agree"):
            agreement.publish_all(now=at)

    def clear(at: Moment) -> None:
        with claims.held(*sequencing.reader(), "erase"):
            erasing.finish(now=at)
            erasing.erase(now=at)

    def warn(at: Moment) -> None:
        with claims.held(*sequencing.reader(), "warn"):
            warning.look(now=at)

    why = alarming.EXERCISE if taken.law.exercise else alarming.RINGING

    def sound(calls: Sequence[alarming.Call]) -> None:
        if command := settings.NODE.alarm:
            alarming.sound(command, why, calls)

    party = taken.law.party(taken.party)
    yield Daily("agree", agree, now)
    yield Daily("erase", clear, now, party.utc_offset if party else 0, first=clear)
    yield Daily("warn", warn, now, first=warn)
    yield Room(health.short)
    yield Alarm(lambda: alarming.escalate(now=now()), sound)


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mithaq_node.settings.django")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
