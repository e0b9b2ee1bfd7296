"""Processes at work are ended outright (`kill -9`), wherever they are; what they had acknowledged is there after it."""

import os
import random
import signal
import struct
from collections.abc import Callable
from contextlib import suppress

import pytest

from mithaq.record import checkpoint, note
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from mithaq_node.store import rederive
from tests.mithaq_node.pair import Pair, notice, release

FEW, MANY = 3, 150
_LINE = struct.Struct(">QI")


def at_work(pair: Pair, first: int, say: Callable[[int, bytes], None]) -> None:
    """Release, deliver, take the receipt, without end; tell every head that was signed once it was."""
    pair.ml, pair.rl = Holdings(pair.ml.seat), Holdings(pair.rl.seat)
    for number in range(first, first + 1_000_000):
        release(pair.ml, [notice(pair.ml.seat, number), notice(pair.ml.seat, number + 500_000_000)])
        own = pair.ml.secure()
        say(own.size, pair.ml.sign(own.head))
        pair.send(pair.ml)


def killed(pair: Pair, first: int, after: int) -> list[tuple[int, bytes]]:
    """What a process of its own said it had signed before it was ended, some calls after it said its `after`th word."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with suppress(BaseException):
            at_work(pair, first, lambda size, signed: _say(writer, size, signed))
        os._exit(1)
    os.close(writer)
    said: list[tuple[int, bytes]] = []
    with os.fdopen(reader, "rb") as source:
        while len(said) < after and (head := source.read(_LINE.size)):
            size, length = _LINE.unpack(head)
            said.append((size, source.read(length)))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        rest = source.read()
    while len(rest) >= _LINE.size:
        size, length = _LINE.unpack(rest[: _LINE.size])
        said.append((size, rest[_LINE.size : _LINE.size + length]))
        rest = rest[_LINE.size + length :]
    return said


def _say(writer: int, size: int, signed: bytes) -> None:
    os.write(writer, _LINE.pack(size, len(signed)) + signed)


def kill_again_and_again(pair: Pair, times: int, seed: int) -> None:
    drawn = random.Random(seed)
    signed: list[tuple[int, bytes]] = []
    for turn in range(times):
        pair.close()
        signed += killed(pair, 1_000 * (turn + 1), drawn.randint(1, 6))
        pair.ml, pair.rl = Holdings(pair.ml.seat), Holdings(pair.rl.seat)
        own = pair.ml.own()
        tree = record.Tree(pair.ml.conn, pair.ml.engine, own.id)
        for size, encoded in signed:
            head = checkpoint.parse(note.split(encoded)[0])
            assert size == head.size <= own.size
            assert tree.root(head.size) == head.root
        assert pair.ml.doubt() is None
        assert pair.rl.doubt() is None
        for holdings in (pair.ml, pair.rl):
            rederive.require_sound(holdings.conn, holdings.engine)
        pair.settle_by_steps()
        assert pair.copy_of(pair.ml).frozen == pair.copy_of(pair.rl).frozen == ""


def test_a_few_kills_lose_nothing_that_was_signed(pair: Pair) -> None:
    kill_again_and_again(pair, FEW, seed=1)


@pytest.mark.long
def test_many_kills_lose_nothing_that_was_signed(pair: Pair, record_property: Callable[[str, object], None]) -> None:
    record_property("done", f"{MANY} kills")
    kill_again_and_again(pair, MANY, seed=2)
