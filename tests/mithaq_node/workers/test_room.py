"""A disk that is about to be full is told of once, and so is room that was made."""

import logging
import threading
from collections.abc import Mapping

import pytest

from mithaq_node.workers.room import Room


def test_it_says_once_what_is_about_to_be_full_and_once_that_there_is_room_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = iter(({}, {"data": 7 << 20}, {"data": 6 << 20}, {"data": 6 << 20, "fence": 3}, {"fence": 3}))
    done = threading.Event()

    def short() -> Mapping[str, int]:
        try:
            return next(seen)
        except StopIteration:
            done.set()
            return {"fence": 3}

    loop = Room(short, look=0.0)
    with caplog.at_level(logging.WARNING, logger="mithaq.room"):
        loop.start()
        assert done.wait(10)
        loop.stop()
        loop.join(10)
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("ERROR", "data: 7 MiB left"),
        ("ERROR", "fence: 0 MiB left"),
        ("WARNING", "data: there is room again"),
    ]
