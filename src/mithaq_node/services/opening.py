"""Opening a new epoch: the last way out when the fence is ahead of every copy that can be reached, or a key has forked.

The closed log stays as it is, in every copy. Its party drafts leaf 0 of the new one, which names the last known head;
the holders of the root keys sign that text elsewhere, as they sign key-sets; and the signed text is entered on both
sides, each of which compares it with its own copy of the closed log.
"""

from base64 import b64encode

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import epochs, numbers, registering
from mithaq.notices.envelope import Epoch
from mithaq.notices.keys import check_signed
from mithaq.notices.registering import Draft as Change
from mithaq_node import queries
from mithaq_node.queries import assurance
from mithaq_node.services import entering, rings, sequencing
from mithaq_node.store import epochs as decisions
from mithaq_node.store import fences
from mithaq_node.store import log as record


def draft(*, reason: str, audience: str = numbers.ALL) -> bytes:
    """The text of leaf 0 of this party's next epoch in an audience, for the root keys to sign; refused while the node
    is sure of that log."""
    if reason not in epochs.REASONS:
        raise Refusal("epoch.unknown-reason", reason=reason[:40])
    closed = sequencing.own_origin(audience)
    if assurance.doubt_of(closed) is None:
        raise Refusal("epoch.not-called-for", log=closed)
    conn, engine = sequencing.reader()
    head = record.read(conn, engine, closed).head
    origin = queries.law().origin(settings.NODE.party, audience, epochs.of(closed) + 1)
    named = Epoch(log=closed, size=head.size, root=b64encode(head.root).decode(), reason=reason)
    return entering.draft_first(origin, named)


def enter(*, signed: bytes, now: Moment) -> str:
    """Take a decision that root keys have signed: our own, or a counterpart's. The spoken number of its leaf.

    Refuses one that too few root keys signed, that does not follow the log as it is written now, and that names
    another head than this node holds (`epoch.other-head`): a head beyond it would drop what is held here.
    """
    change = registering.read(signed)
    party, audience, said = _check(change)
    conn, engine = sequencing.reader()
    closed = record.find(conn, engine, said.log)
    held = closed.size if closed else 0
    if closed is None or (held, b64encode(closed.frontier.root()).decode()) != (said.size, said.root):
        raise Refusal("epoch.other-head", log=said.log, size=said.size, held=held)
    if party == settings.NODE.party:
        fences.at(settings.NODE.fence).begin(change.log)
        entering.enter_first(signed=signed, now=now)
    decisions.keep(settings.NODE.epochs, party, audience, epochs.of(change.log), signed)
    if party == settings.NODE.party:
        entering.enter_instrument(now=now, audience=audience)
    return numbers.spoken_in(party, change.log, 0)


def _check(draft: Change) -> tuple[str, str, Epoch]:
    """Party and audience of a decision that its form and its signatures hold, and what it closes."""
    law = queries.law()
    holder = law.party_of(draft.log)
    if holder is None:
        raise Refusal("keyset.other-log", log=draft.log[:200])
    audience = draft.log.rsplit("/", 2)[-2]
    said = epochs.check(draft.log, draft.change, 0)
    now = law.origin(holder.code, audience, decisions.current(settings.NODE.epochs, holder.code, audience))
    if said is None or said.log != now:
        raise Refusal("epoch.other-log", found=draft.log[:200], expected=now)
    check_signed(draft.change, draft.log, rings.roots_of(queries.first(), draft.log))
    return holder.code, audience, said
