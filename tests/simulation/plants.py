"""Faults planted into the product on purpose, one at a time: a simulation that does not find them proves nothing.

Each is a mistake that somebody could make. `Plant.caught_by` names the promises that may be the first to break by it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from mithaq.errors import Refusal
from mithaq.exchange import accept, delivery, receipts
from mithaq.exchange.accept import Held
from mithaq.exchange.answer import Answer
from mithaq.exchange.delivery import Delivery
from mithaq.moments import Moment
from mithaq.record import merkle
from mithaq.record.merkle import Growth
from mithaq_node.services import holdings, receiving
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart
from mithaq_node.store.engine import Engine
from mithaq_node.store.fence import Standing


@dataclass(frozen=True)
class Plant:
    """A planted fault: how it comes in, and what it breaks first."""

    planted: Callable[[], AbstractContextManager[Any]]
    caught_by: frozenset[str]


def _skip_the_fence() -> AbstractContextManager[Any]:
    """Sign whatever the store holds."""
    return patch.multiple(
        Holdings,
        secure=lambda holdings, *_: holdings.own(),
        let_past=lambda *_: None,
        check_fence=lambda *_: Standing.SURE,
    )


def _cosign_past_the_fence() -> AbstractContextManager[Any]:
    """Move our own fence, and not those of the heads that we cosign."""
    return patch.object(holdings, "_over_copy", lambda *_: None)


def _acknowledge_before_commit() -> AbstractContextManager[Any]:
    """Commit lazily: a transaction becomes durable when the next one begins."""

    @contextmanager
    def lazily(engine: Engine, conn: Any) -> Iterator[None]:
        if conn.in_transaction:
            conn.execute("COMMIT")
        conn.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            conn.execute("ROLLBACK")
            raise

    return patch.object(Engine, "transaction", lazily)


def _let_a_clock_decide() -> AbstractContextManager[Any]:
    """Refuse what is, by the receiver's clock, from the future."""
    real = receiving.receive

    def receive(holdings: Holdings, peer: Counterpart, encoded: bytes, now: Moment, vouched: bool = True) -> Answer:
        try:
            sent = delivery.decode(encoded, holdings.seat.law.limits)
        except Refusal:
            return real(holdings, peer, encoded, now, vouched)
        if sent.time > str(now):
            return Answer("delivery.bad-header", holdings.theirs(peer).size, str(now))
        return real(holdings, peer, encoded, now, vouched)

    return patch.object(receiving, "receive", receive)


def _accept_without_consistency() -> AbstractContextManager[Any]:
    """Take the leaves that come under any signed head."""

    def unchecked(_delivery: Delivery, held: Held, _head: Any, fresh: Any) -> Growth:
        return held.frontier.grow(map(merkle.leaf_hash, fresh))

    return patch.object(accept, "_check_tree", unchecked)


def _receipt_a_receipt() -> AbstractContextManager[Any]:
    """Answer every leaf with a receipt."""
    return patch.object(receipts, "UNANSWERED_KINDS", frozenset())


PLANTS: Mapping[str, Plant] = {
    "skip-the-fence": Plant(_skip_the_fence, frozenset({"fence-skipped"})),
    "cosign-past-the-fence": Plant(_cosign_past_the_fence, frozenset({"cosignature-unfenced"})),
    "acknowledge-before-commit": Plant(
        _acknowledge_before_commit, frozenset({"acknowledged-early", "acknowledged-lost"})
    ),
    "let-a-clock-decide": Plant(_let_a_clock_decide, frozenset({"not-healed", "fork-without-evidence"})),
    "accept-without-consistency": Plant(
        _accept_without_consistency, frozenset({"cosigned-fork", "receipt-not-durable", "fork-without-evidence"})
    ),
    "receipt-a-receipt": Plant(_receipt_a_receipt, frozenset({"receipt-idle"})),
}
