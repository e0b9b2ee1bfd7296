"""The signing chamber: a small process of its own in which officers' keys are opened, used once, and gone.

The process that serves pages never holds an officer's key. It starts the chamber once; for each use the chamber forks a
child, which is given the wrapped key and the officer's secret, opens the key, signs one text and ends, and its memory
with it. The child signs nothing but the filing or the release of a notice in the log it was told, or the hand-over of a
shift at its desk, under the officer's own name (`mithaq.notices.release.check_signable`, `handover.check_signable`).
Neither can be traced or dumped by another process of the same user.

    python -m mithaq_node.keystore.chamber        stdin: a socket over which sockets are passed, one for each use

What this does not do: the secret itself comes through the page, and whoever controls the process that serves pages
while an officer types can keep the secret (docs/design/threat-model.md).
"""

import atexit
import contextlib
import ctypes
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mithaq.errors import Fault, Refusal
from mithaq.notices import handover, release
from mithaq.notices.registering import possession
from mithaq.signing import SEED_BYTES, PrivateKey
from mithaq_node.keystore import wrapping

_LENGTH = struct.Struct(">I")
_MOST_BYTES = 65_536
_PATIENCE = 60.0
"""Seconds for an answer: argon2id on a loaded machine, and no more."""
_PR_SET_DUMPABLE = 4


class Make(msgspec.Struct, tag=True, frozen=True):
    """Make a key called `name` under `secret`; `cost` as in `wrapping.wrap`."""

    name: str
    secret: str
    cost: tuple[int, int]


class Rewrap(msgspec.Struct, tag=True, frozen=True):
    """Put a key under another secret."""

    name: str
    wrapped: bytes
    secret: str
    fresh: str
    cost: tuple[int, int]


class Open(msgspec.Struct, tag=True, frozen=True):
    """Open a key to sign one text of the log; the text comes next."""

    name: str
    wrapped: bytes
    secret: str
    log: str


class Text(msgspec.Struct, tag=True, frozen=True):
    """What the opened key shall sign."""

    text: bytes


class Made(msgspec.Struct, tag=True, frozen=True):
    """A new key: its public half, the proof that it is held, and the wrapped private half."""

    public: bytes
    possession: bytes
    wrapped: bytes


class Said(msgspec.Struct, tag=True, frozen=True):
    """Bytes that were asked for: a wrapped key, a public key or a signature."""

    content: bytes


class Refused(msgspec.Struct, tag=True, frozen=True):
    """A refusal, as it is raised on the other side."""

    code: str
    data: dict[str, Any]


_requests = msgspec.msgpack.Decoder(Make | Rewrap | Open | Text)
_answers = msgspec.msgpack.Decoder(Made | Said | Refused)


@dataclass
class OfficerKey:
    """An officer's key, open in the chamber for one signature."""

    public: bytes
    _line: socket.socket = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature; refuses a text that is no filing or release of the log and no hand-over of its party's desk
        (`officer.not-to-be-signed`)."""
        return _said(_ask(self._line, Text(message)))


def make(name: str, secret: str) -> Made:
    """A new officer's key called `name`, under `secret`."""
    with _begun(Make(name, secret, _cost())) as (_, answer):
        assert isinstance(answer, Made)
        return answer


def rewrap(name: str, wrapped: bytes, secret: str, fresh: str) -> bytes:
    """The wrapped key under the secret `fresh`; refuses when `secret` does not open it."""
    with _begun(Rewrap(name, wrapped, secret, fresh, _cost())) as (_, answer):
        return _said(answer)


@contextlib.contextmanager
def opened(name: str, wrapped: bytes, secret: str, log: str) -> Iterator[OfficerKey]:
    """The key `name`, open until the block ends, for one text of `log`; refuses a wrong secret."""
    with _begun(Open(name, wrapped, secret, log)) as (line, answer):
        yield OfficerKey(_said(answer), line)


# The side that asks


class _Chamber:
    """The chamber of this process, started at its first use and again where it has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starter = 0
        atexit.register(self.close)

    def line(self) -> socket.socket:
        """A line to a fresh child of the chamber."""
        ours, theirs = socket.socketpair()
        ours.settimeout(_PATIENCE)
        with theirs, self._lock:
            try:
                socket.send_fds(self._open(), [b"\0"], [theirs.fileno()])
            except OSError:
                self.close()
                socket.send_fds(self._open(), [b"\0"], [theirs.fileno()])
        return ours

    def close(self) -> None:
        """End the chamber that this process started."""
        door, process, self._door, self._process = self._door, self._process, None, None
        if door is not None:
            door.close()
        if process is not None and self._starter == os.getpid():
            process.wait(_PATIENCE)

    def _open(self) -> socket.socket:
        """A forked process has its parent's door but must not use it: two would share one chamber."""
        if self._starter != os.getpid():
            self._door, self._process = None, None
        if self._door is None:
            self._door, inside = socket.socketpair()
            self._starter = os.getpid()
            with inside:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "mithaq_node.keystore.chamber"],
                    stdin=inside.fileno(),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                    env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
                )
        return self._door


_chamber = _Chamber()


@contextlib.contextmanager
def _begun(request: Make | Rewrap | Open) -> Iterator[tuple[socket.socket, Made | Said]]:
    """A line and the answer to the first request on it.

    Asked once more where the line breaks: a chamber that was killed seems to take lines while a child of it still ends.
    """
    with contextlib.ExitStack() as lines:
        line = lines.enter_context(_chamber.line())
        try:
            answer = _ask(line, request)
        except Fault as fault:
            if not isinstance(fault.__cause__, ConnectionError | EOFError):
                raise
            _chamber.close()
            line = lines.enter_context(_chamber.line())
            answer = _ask(line, request)
        yield line, answer


def _ask(line: socket.socket, request: Make | Rewrap | Open | Text) -> Made | Said:
    try:
        _send(line, msgspec.msgpack.encode(request))
        answer: Made | Said | Refused = _answers.decode(_receive(line))
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise Fault(
            "an answer of the signing chamber", str(error) or "none", "look for its message on stderr"
        ) from error
    if isinstance(answer, Refused):
        raise Refusal(answer.code, **answer.data)
    return answer


def _cost() -> tuple[int, int]:
    return wrapping.PASSES, wrapping.MEMORY_KIB


def _said(answer: Made | Said) -> bytes:
    assert isinstance(answer, Said)
    return answer.content


# The side that answers


def main() -> None:
    """Fork a child for each socket that is passed in, until the door is closed."""
    _close_to_others()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children, so none stays behind
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as door:
        os.close(sys.stdin.fileno())  # a child must not keep the door open when the chamber is gone
        while True:
            said, passed, _, _ = socket.recv_fds(door, 1, 1)
            if not said:
                return
            if os.fork() == 0:
                door.close()
                _serve(passed[0])
            os.close(passed[0])


def _serve(line: int) -> None:
    """One use, and the end of this process."""
    try:
        with socket.socket(fileno=line) as asked:
            asked.settimeout(_PATIENCE)
            with contextlib.suppress(OSError, EOFError):
                _use(asked)
    finally:
        os._exit(0)


def _use(asked: socket.socket) -> None:
    try:
        request = _requests.decode(_receive(asked))
        if isinstance(request, Open):
            key = PrivateKey.from_seed(_unwrapped(request.wrapped, request.secret, request.name))
            _answer(asked, Said(key.public))
            wanted = _requests.decode(_receive(asked))
            assert isinstance(wanted, Text)
            _check_signable(wanted.text, request.name, request.log)
            _answer(asked, Said(key.sign(wanted.text)))
        elif isinstance(request, Make):
            key = PrivateKey.from_seed(os.urandom(SEED_BYTES))
            proof = possession(request.name, "officer", key)
            wrapped = _wrapped(key.seed, request.secret, request.name, request.cost)
            _answer(asked, Made(key.public, proof, wrapped))
        elif isinstance(request, Rewrap):
            seed = _unwrapped(request.wrapped, request.secret, request.name)
            _answer(asked, Said(_wrapped(seed, request.fresh, request.name, request.cost)))
    except Refusal as refusal:
        _answer(asked, Refused(refusal.code, dict(refusal.data)))


def _check_signable(text: bytes, name: str, log: str) -> None:
    judge = handover.check_signable if handover.is_of_a_shift(text) else release.check_signable
    judge(text, name, log)


def _answer(asked: socket.socket, answer: Made | Said | Refused) -> None:
    _send(asked, msgspec.msgpack.encode(answer))


def _wrapped(seed: bytes, secret: str, name: str, cost: tuple[int, int]) -> bytes:
    salt, nonce = os.urandom(wrapping.SALT_BYTES), os.urandom(wrapping.NONCE_BYTES)
    return wrapping.wrap(seed, secret, name, salt=salt, nonce=nonce, cost=cost)


def _unwrapped(wrapped: bytes, secret: str, name: str) -> bytes:
    try:
        return wrapping.unwrap(wrapped, secret, name)
    except Refusal as refusal:
        if refusal.code == "keystore.wrong-secret":
            raise Refusal("officer.wrong-secret") from refusal
        raise


def _close_to_others() -> None:
    """No core file, and no other process of this user may read the memory of this one or of its children (Linux)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0)


# The line between them: a length and so many bytes


def _send(line: socket.socket, content: bytes) -> None:
    line.sendall(_LENGTH.pack(len(content)) + content)


def _receive(line: socket.socket) -> bytes:
    (size,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    if size > _MOST_BYTES:
        raise EOFError(f"a message of {size} bytes")
    return _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = line.recv(size - len(content))
        if not piece:
            raise EOFError("the line was closed")
        content += piece
    return content


if __name__ == "__main__":
    main()
