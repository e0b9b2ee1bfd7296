"""The link to one counterpart as a state machine without I/O: HTTP, the memory stick and the simulator drive the same
one.

    idle ──(there is something to say, or the heartbeat is due)──> sending ──answered──> idle
                                                                     └──failed──> waiting ──(pause over)──> idle
    any ──(broken cryptography)──> frozen

A `Link` is a value; every event gives the next one. Seconds are those of any clock of the caller's; one that goes back
holds nothing up, because a wait that is longer than any there is was set by the clock as it was before.
Pauses double from one second and are bounded at two minutes, so that a line that comes back is used within minutes. The
heartbeat is no leaf: it re-sends the newest checkpoint, and so says "my log ends at N" even when silent. What the other
side says it lacks is sent again. After a failure the next delivery is half as large, down to a floor, so that a slow or
wavering line carries something; each success doubles it again.
"""

from dataclasses import dataclass, replace
from enum import Enum

import msgspec

from mithaq import canonical
from mithaq.exchange.answer import Answer
from mithaq.exchange.receipts import Place

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 120.0
HEARTBEAT = 60.0
"""Seconds of silence after which the newest checkpoint is sent again."""
ACKNOWLEDGE = 2.0
"""Seconds that a leaf carried in an answer waits for the other side to say that it has it, before it is sent again."""
LEAST_BUDGET = 65_536
FIRST_BUDGET = 4_194_304

RESENDABLE = frozenset({"delivery.gap", "request.stale"})
"""Refusals that the next delivery mends by itself, so that one is sent at once; a second one in a row pauses."""


class Next(Enum):
    """What to do with a link."""

    SEND = "send"
    WAIT = "wait"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Link:
    """What we know of how far one counterpart is with our log."""

    held: int = 0
    """How much of our log they hold, by their own word."""
    missing: tuple[Place, ...] = ()
    missing_at: float = 0.0
    """When to send again what they lack; later when sending it did not help."""
    carried: int = 0
    """How much of our log went to them in answers, without their saying yet that they have it."""
    carried_at: float = 0.0
    sent_at: float = 0.0
    """When a delivery was last answered."""
    not_before: float = 0.0
    failures: int = 0
    budget: int = FIRST_BUDGET
    clock: int = 0
    """Seconds to add to our clock so that they do not take our requests for stale."""
    code: str = ""
    """Why the last attempt failed; empty after a success."""
    frozen: str = ""
    beyond: int = 0
    """How much of our log they say they hold beyond its end: our store was set back."""

    def encode(self) -> bytes:
        """What of it is worth keeping over a restart, as canonical bytes."""
        return canonical.encode_trusted(_Kept(self.held, list(self.missing), self.clock, self.frozen))

    @classmethod
    def decode(cls, encoded: bytes) -> "Link":
        """The link that a node starts with."""
        if not encoded:
            return cls()
        kept = _decoder.decode(encoded)
        return cls(held=kept.held, missing=tuple(kept.missing), clock=kept.clock, frozen=kept.frozen)


class _Kept(msgspec.Struct, array_like=True):
    held: int
    missing: list[Place]
    clock: int
    frozen: str


_decoder = msgspec.json.Decoder(_Kept)


def next_step(link: Link, size: int, now: float) -> tuple[Next, float]:
    """What to do at `now` with our log at `size`, and in how many seconds to ask again."""
    if link.frozen:
        return Next.STOP, LONGEST_PAUSE
    if pause := pause_left(link, now):
        return Next.WAIT, pause
    if link.failures or size > max(link.held, link.carried):
        return Next.SEND, 0.0
    due = link.sent_at + HEARTBEAT
    if link.missing:
        due = min(due, link.missing_at)
    if size > link.held:
        due = min(due, link.carried_at + ACKNOWLEDGE)
    return (Next.WAIT, due - now) if now < due <= now + HEARTBEAT else (Next.SEND, 0.0)


def pause_left(link: Link, now: float) -> float:
    """Seconds until a link that failed tries again; 0.0 when it may, also where the clock has gone back since."""
    left = link.not_before - now
    return left if 0.0 < left <= LONGEST_PAUSE else 0.0


def answered(link: Link, answer: Answer, size: int, now: float) -> Link:
    """After an answer: go on from what they hold; a refusal that sending again does not mend counts as a failure."""
    if not answer.ok:
        after = replace(failed(link, answer.code, now), held=min(answer.held, size), beyond=max(0, answer.held - size))
        again = answer.code in RESENDABLE and answer.code != link.code
        return replace(after, not_before=now, failures=link.failures, budget=link.budget) if again else after
    helped = answer.held > link.held or answer.missing != link.missing
    return replace(
        link,
        held=min(answer.held, size),
        beyond=max(0, answer.held - size),
        missing=answer.missing,
        missing_at=now if helped else now + HEARTBEAT,
        carried=0,
        sent_at=now,
        not_before=now,
        failures=0,
        code="",
        budget=min(link.budget * 2, FIRST_BUDGET),
    )


def hoped(link: Link, held: int) -> Link:
    """The link as it will be for the next delivery when this one, which ends at `held`, arrives whole."""
    return replace(link, held=held, missing=(), budget=min(link.budget * 2, FIRST_BUDGET))


def carried(link: Link, size: int, now: float) -> Link:
    """After an answer of ours carried our log up to `size` to them."""
    return replace(link, carried=size, carried_at=now) if size > max(link.held, link.carried) else link


def heard(link: Link, held: int, size: int) -> Link:
    """After a delivery of theirs said how much of our log they hold."""
    if held > size:
        return replace(link, beyond=held - size)
    return replace(link, held=max(link.held, held), beyond=0)


def failed(link: Link, code: str, now: float) -> Link:
    """After an attempt that brought no answer, or a refusal: pause, and send less."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(link.failures, 10))
    return replace(
        link,
        failures=link.failures + 1,
        not_before=now + pause,
        carried=0,
        code=code,
        budget=max(LEAST_BUDGET, link.budget // 2),
    )


def frozen(link: Link, code: str) -> Link:
    """After broken cryptography: nothing is sent until people have dealt with it."""
    return replace(link, frozen=code, code=code)
