"""What to send next: leaves in the order of the log, always; bodies by precedence; within the limits.

A flash body goes directly with its leaf, before any older body, and attachments go last. So the leaves that fit are
chosen first, then the bodies of all leaves the other side then has, most urgent first, as long as there is room. What
does not fit is listed as missing in the answer and goes with the next delivery.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from mithaq.exchange.delivery import body_cost, leaf_cost
from mithaq.exchange.receipts import Place
from mithaq.instrument.law import Limits
from mithaq.notices.fields.attachments import ATTACHMENT

URGENT = 2
"""Bodies below this urgency draw the leaves up to theirs forward."""
HEADROOM = 16_384
"""Bytes of a delivery kept for its header, proof and checkpoint."""


class Body(msgspec.Struct, frozen=True, gc=False):
    """A part as the outbox sees it: where it belongs, its length, its urgency (0 first)."""

    place: Place
    length: int
    urgency: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The leaves [start, end) and the parts to send with them, most urgent first."""

    start: int
    end: int
    parts: tuple[Place, ...]

    @property
    def is_empty(self) -> bool:
        return self.start == self.end and not self.parts


def urgency(precedence: str, retention: str, order: Sequence[str]) -> int:
    """The rank of a body: that of its notice's precedence in the law's `order`; attachments come after everything."""
    rank = order.index(precedence) if precedence in order else len(order)
    return rank + len(order) + 1 if retention == ATTACHMENT else rank


def plan(
    held: int,
    leaves: Sequence[int],
    bodies: Mapping[int, Sequence[Body]],
    missing: Iterable[Body],
    limits: Limits,
    budget: int,
) -> Plan:
    """What to send to one who holds `held` leaves.

    `leaves` are the lengths of the leaves from `held` on, `bodies` their parts by index, `missing` the parts that the
    other side has said it lacks; `budget` bounds the delivery, in bytes. At least one leaf is sent if there is one.
    """
    space = min(budget, limits.delivery) - HEADROOM
    leaves = leaves[: limits.leaves]
    together, urgent = _together(held, leaves, bodies, space), _up_to_urgent(held, leaves, bodies, space)
    end = held + max(together, urgent, min(1, len(leaves)))
    room = space - sum(map(leaf_cost, leaves[: end - held]))
    candidates = [*missing, *(body for index in range(held, end) for body in bodies.get(index, ()))]
    chosen: list[Place] = []
    for body in sorted(candidates, key=lambda each: (each.urgency, each.place)):
        cost = body_cost(body.length)
        if cost <= room or (not chosen and end == held):
            chosen.append(body.place)
            room -= cost
    return Plan(held, end, tuple(chosen))


def _together(held: int, leaves: Sequence[int], bodies: Mapping[int, Sequence[Body]], space: int) -> int:
    """How many leaves fit with their bodies."""
    for count, length in enumerate(leaves):
        space -= leaf_cost(length) + sum(body_cost(body.length) for body in bodies.get(held + count, ()))
        if space < 0:
            return count
    return len(leaves)


def _up_to_urgent(held: int, leaves: Sequence[int], bodies: Mapping[int, Sequence[Body]], space: int) -> int:
    """How many leaves fit without bodies, up to the last urgent one among them; 0 when none is urgent."""
    reached = 0
    for count, length in enumerate(leaves, start=1):
        space -= leaf_cost(length)
        if space < 0:
            break
        if any(body.urgency < URGENT for body in bodies.get(held + count - 1, ())):
            reached = count
    return reached
