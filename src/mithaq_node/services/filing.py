"""Filing: the first officer compiles the notice and signs what is known; a second officer will release it.

The salts are drawn and the parts fixed here, so that the two officers sign commitments to the same bytes.
"""

from mithaq import canonical
from mithaq.moments import Moment
from mithaq.notices.drafting import header_for, sign_filing
from mithaq.notices.envelope import Header
from mithaq.notices.parts import Part
from mithaq_node import queries
from mithaq_node.services import accounts, drafting, sequencing, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.services.moves import MOVES, Deed, check_officer, check_state
from mithaq_node.store.models import Draft, DraftPart, Officer


def file(*, draft_id: str, officer: Officer, secret: str, now: Moment) -> Draft:
    """The draft, filed and signed by `officer`, whose password `secret` opens their key for this one signature."""
    check_officer(officer, Deed.FILE)
    queries.sealed().require_in_force(now)
    opened = accounts.open_key(officer=officer, secret=secret, log=drafting.origin(draft_id))
    with opened as key, storage.durable():
        draft = drafting.locked(draft_id)
        check_state(draft.state, Deed.FILE)
        header, parts = compiled(draft, release="two", now=now)
        signed = sign_filing(header, str(now), officer.key_name, key)
        draft.header = canonical.encode_trusted(signed)
        draft.parts.all().delete()
        DraftPart.objects.bulk_create(
            DraftPart(draft=draft, number=number, retention=part.retention, salt=part.salt, body=part.body)
            for number, part in enumerate(parts)
        )
        draft.filed_by, draft.filed_at, draft.remark = officer, as_datetime(now), ""
        draft.state = MOVES[Deed.FILE].target or draft.state
        draft.changed_at = as_datetime(now)
        draft.save()
    return draft


def compiled(draft: Draft, *, release: str, now: Moment) -> tuple[Header, tuple[Part, ...]]:
    """Header and parts of a draft under the law in force, unsigned; refuses what the kind refuses."""
    instrument = queries.sealed()
    kind = drafting.kind_for_officers(instrument.law, draft.kind)
    drafting.require_read(draft, kind)
    references = drafting.references_of(draft)
    parts = drafting.parts_of(kind, draft.content, references)
    header = header_for(
        instrument.law,
        kind,
        parts,
        law_digest=instrument.law_digest,
        log=sequencing.own_origin(draft.audience),
        id=draft.id,
        at=str(now),
        release=release,
        precedence=draft.precedence,
        re=references,
    )
    return header, parts
