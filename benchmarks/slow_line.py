"""A bad line in miniature: a loopback proxy that lets bytes through slowly, late, and in fits.

Bytes of each direction share one line of so many bits a second; each piece arrives half the latency later, so that a
question and its answer take one. A stall stands for what loss does to TCP: nothing moves until what was lost has been
sent again. Where the stalls fall is drawn from a seed, so that every run meets the same ones.

A connection that one end has closed is closed at the other half the latency later, and what was still on its way is
gone: a page that was left does not go on filling the line.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 512


@dataclass(frozen=True)
class Line:
    """What the line does: bits a second each way, seconds of latency for both ways together, and its stalls."""

    bits: int = 64_000
    latency: float = 0.8
    stall: float = 1.0
    """Seconds that a stall lasts: about the least timeout of a sender that hears of no loss otherwise."""
    stalls: float = 0.01
    """Chance of a stall at each piece of 512 bytes: one packet in a hundred and fifty lost, or so."""
    seed: int = 1


@dataclass
class _Way:
    """One direction, shared by every connection."""

    line: Line
    draw: random.Random
    free_at: float = 0.0
    carried: int = 0

    async def carry(self, piece: bytes) -> None:
        """Until the piece has left this end of the line; others wait behind it."""
        loop = asyncio.get_running_loop()
        start = max(loop.time(), self.free_at)
        if self.draw.random() < self.line.stalls:
            start += self.line.stall
        self.free_at = start + len(piece) * 8 / self.line.bits
        self.carried += len(piece)
        await asyncio.sleep(self.free_at - loop.time())


@dataclass
class Proxy:
    """A running line to one port of this machine."""

    line: Line
    target: int
    port: int
    up: _Way = field(init=False)
    down: _Way = field(init=False)
    _open: set["asyncio.Task[None]"] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        draw = random.Random(self.line.seed)  # a script of stalls, no secret
        self.up, self.down = _Way(self.line, draw), _Way(self.line, draw)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Proxy"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        async with server:
            yield self
            await _ended(self._open)

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(self._carried(near, back))
        self._open.add(connection)
        connection.add_done_callback(self._open.discard)

    async def _carried(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.line.latency)  # the handshake of TCP
        far, on = await asyncio.open_connection("127.0.0.1", self.target)
        ways = {
            asyncio.create_task(self._flow(near, on, self.up)),
            asyncio.create_task(self._flow(far, back, self.down)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _ended(ways)
            on.close()
            back.close()

    async def _flow(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, way: _Way) -> None:
        """Bytes one way: they leave as the line is free, and arrive half the latency later, in their order."""
        flying: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(_arrive(flying, to))
        loop = asyncio.get_running_loop()
        try:
            with suppress(ConnectionError):
                while piece := await source.read(_PIECE):
                    await way.carry(piece)
                    flying.put_nowait((loop.time() + self.line.latency / 2, piece))
            flying.put_nowait((loop.time() + self.line.latency / 2, b""))
            await arriving
        finally:
            arriving.cancel()


async def _arrive(flying: "asyncio.Queue[tuple[float, bytes]]", to: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):  # whoever asked has gone
        while True:
            due, piece = await flying.get()
            await asyncio.sleep(max(due - loop.time(), 0))
            if not piece:
                return
            to.write(piece)
            await to.drain()


async def _ended(tasks: "set[asyncio.Task[None]]") -> None:
    """Stop them and wait until they have stopped, so that the loop leaves none behind."""
    for each in tuple(tasks):
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
