"""Machine feeds: notices that no officer releases, for kinds the instrument marks so (counts of a day at a crossing).

Such a leaf carries no officer's signature; the checkpoint of the log covers it, and the desk says so.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import kept
from mithaq.notices.drafting import compile_draft, header_for, machine_leaf
from mithaq.notices.envelope import Reference
from mithaq_node import queries
from mithaq_node.services import drafting, sequencing
from mithaq_node.services.sequencing import Entry


def publish(
    *,
    kind: str,
    content: Mapping[str, Any],
    now: Moment,
    references: Iterable[Reference] = (),
    audience: str = "",
) -> str:
    """Log a notice of a machine kind; its spoken number. Refuses a kind that needs an officer, and a text in which the
    linter finds anything: nobody is there to answer for it."""
    instrument = queries.sealed()
    instrument.require_in_force(now)
    known = instrument.law.kind(kind)
    if known is None:
        raise Refusal("leaf.unknown-kind", kind=kind[:80])
    if known.release != "machine":
        raise Refusal("leaf.release-not-permitted", kind=kind, release="machine")
    parts = compile_draft(instrument.law, known, content, drafting.salts())
    kept.settle(kept.questions(known, parts), {})
    named = list(references)
    origin = sequencing.own_origin(drafting.audience_of(audience, named))
    with sequencing.open_log(origin=origin, now=now) as log:
        header = header_for(
            instrument.law,
            known,
            parts,
            law_digest=instrument.law_digest,
            log=origin,
            id=drafting.new_id(),
            at=str(log.at),
            release="machine",
            re=named,
        )
        index = log.append(Entry(machine_leaf(header), parts))
    return sequencing.spoken(origin, index)
