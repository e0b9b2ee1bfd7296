"""Beginning, changing and dropping a draft. What is typed is kept as typed; the judgement falls at filing.

A draft keeps what stands in the inputs of its form, word for word (`typed`), beside the values that could be read from
it (`content`). The first is for the officer who goes on with it, the second for the compiler; fields in which something
stands that is no value yet are named (`unread`), and nothing is filed over them.
"""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.moments import Moment
from mithaq.notices import joint, kept, numbers
from mithaq.notices.drafting import compile_draft, permitted_releases
from mithaq.notices.envelope import Reference
from mithaq.notices.fields.texts import has_hidden
from mithaq.notices.kept import Question
from mithaq.notices.parts import SALT_BYTES, Part
from mithaq_node import queries
from mithaq_node.queries import commitments, drafts, pairs
from mithaq_node.services import assenting, recounting, sequencing, storage, texting
from mithaq_node.services.clock import as_datetime
from mithaq_node.services.moves import MOVES, Deed, check_officer, check_state
from mithaq_node.store.models import Draft, DraftState, Officer

LONGEST_REMARK = 400
_ID_BYTES = 16
_FORM_DIGITS = 16

Typed = Mapping[str, Mapping[str, list[str]]]
"""What stands in a form: field to input within the field to its values."""


def save_draft(
    *,
    officer: Officer,
    kind: str,
    content: Mapping[str, Any],
    now: Moment,
    references: Iterable[Reference] = (),
    precedence: str | None = None,
    audience: str = "",
    remark: str = "",
    draft_id: str | None = None,
    drawn: str | None = None,
    typed: Typed | None = None,
    unread: Iterable[str] = (),
    seen: int | None = None,
) -> Draft:
    """A new draft, or the draft `draft_id` with new content; it may still be incomplete.

    `drawn` is the identifier that a new draft gets, drawn by `new_id` when its form was shown: a form that is sent
    twice is one draft. `typed` is what stands in the form and `unread` the fields in which that is no value; `seen` is
    the revision that the form showed.

    What refers to another notice stays in the audience of that; else it is for `audience`, for all where none is said.
    Refuses a kind that officers do not draft, a field the kind does not have, an unknown precedence or audience, a
    reference out of the audience, a draft that is filed or released, one that was changed since the form was shown, and
    more than a part of a notice may hold.
    """
    check_officer(officer, Deed.SAVE)
    law = queries.law()
    defined = kind_for_officers(law, kind)
    _check_fields(defined, content)
    remark = checked_remark(remark)
    written = encoded(typed, law) if typed is not None else b""
    chosen = precedence or defined.precedence
    if chosen not in law.precedence:
        raise Refusal("leaf.unknown-precedence", precedence=chosen[:40])
    named = list(references)
    audience = audience_of(audience, named)
    sequencing.own_origin(audience)  # refuses an audience this party is not in
    with storage.durable():
        draft = _opened(draft_id, officer, drawn, seen)
        if draft.kind not in ("", kind):
            raise Refusal("draft.other-kind", kind=draft.kind)
        draft.kind, draft.audience, draft.precedence, draft.remark = kind, audience, chosen, remark
        draft.references = [{"log": each.log, "id": each.id} for each in named]
        draft.content, draft.typed, draft.unread = dict(content), written, list(unread)
        draft.form = form_of(defined) if typed is not None else ""
        draft.revision += 1
        draft.state = MOVES[Deed.SAVE].target or draft.state
        draft.changed_at = as_datetime(now)
        draft.save()
    return draft


def delete_draft(*, draft_id: str, officer: Officer) -> None:
    """Drop a draft that is not filed; nothing of it remains."""
    check_officer(officer, Deed.DROP)
    with storage.durable():
        draft = locked(draft_id)
        check_state(draft.state, Deed.DROP)
        draft.delete()


def recall(*, draft_id: str, officer: Officer, now: Moment) -> Draft:
    """Take back a filed draft that nobody has released: its first officer's signature and its parts are dropped."""
    check_officer(officer, Deed.RECALL)
    with storage.durable():
        draft = locked(draft_id)
        check_state(draft.state, Deed.RECALL)
        if draft.filed_by_id != officer.pk:
            raise Refusal("draft.not-yours")
        forget_filing(draft)
        draft.state = MOVES[Deed.RECALL].target or draft.state
        draft.changed_at = as_datetime(now)
        draft.save()
    return draft


def forget_filing(draft: Draft) -> None:
    """Drop what the first officer signed; what was typed stays. Whoever calls this saves the draft."""
    draft.parts.all().delete()
    draft.header = b""
    draft.filed_by = draft.filed_at = None


def require_read(draft: Draft, kind: Kind) -> None:
    """Refuse a draft in which something typed is no value yet, or whose form the instrument has changed meanwhile."""
    if draft.unread:
        raise Refusal("draft.unread", field=draft.unread[0])
    if draft.form not in ("", form_of(kind)):
        raise Refusal("draft.form-changed", kind=kind.name)


def preview(*, kind: str, content: Mapping[str, Any], references: Iterable[Reference] = ()) -> tuple[Part, ...]:
    """The parts as they would travel, coarsened to the kind's floor; refuses what filing would refuse.

    What the linter finds in them stops only the release (`mithaq.notices.kept.questions`).
    """
    return parts_of(kind_for_officers(queries.law(), kind), content, references)


def parts_of(kind: Kind, content: Mapping[str, Any], references: Iterable[Reference]) -> tuple[Part, ...]:
    """The parts of a draft: compiled from what was filled in, or those of the joint text that it seals or of the frozen
    text that it puts forward. A quarter's figures are what this node computes, or are refused, and so are a word on a
    pair that nobody could hear and evidence that is not there."""
    if joint.is_assent(kind):
        return assenting.repeated(references)
    if texting.puts_forward(kind):
        return texting.frozen_parts(kind, content, references)
    _require_complete(kind, content)
    recounting.require_equal(kind, content)
    pairs.require_own_pair(kind, content)
    commitments.require_evidence(kind, content, references)
    parts = compile_draft(queries.law(), kind, content, salts())
    texting.require_read(kind, content, references)
    return parts


def _require_complete(kind: Kind, content: Mapping[str, Any]) -> None:
    """Refuse a draft that lacks something, before anybody computes with it."""
    for field in kind.fields:
        if field.required and content.get(field.name) is None:
            raise Refusal("field.required", field=field.name)


def references_of(draft: Draft) -> tuple[Reference, ...]:
    """What a draft refers to."""
    return tuple(Reference(log=each["log"], id=each["id"]) for each in draft.references)


def questions(draft: Draft) -> tuple[Question, ...]:
    """The passages of a draft, filed or not, for which whoever releases it must answer; refuses what filing would
    refuse."""
    kind = kind_for_officers(queries.law(), draft.kind)
    filed = draft.state == DraftState.FILED
    return kept.questions(kind, drafts.parts(draft) if filed else parts_of(kind, draft.content, references_of(draft)))


def typed_in(draft: Draft) -> dict[str, dict[str, list[str]]]:
    """What stood in the form of a draft when it was kept; empty for one that no form made."""
    return decoded(bytes(draft.typed))


def decoded(typed: bytes) -> dict[str, dict[str, list[str]]]:
    """`encoded`, read again."""
    found: dict[str, dict[str, list[str]]] = msgspec.json.decode(typed) if typed else {}
    return found


def encoded(typed: Typed, law: Law) -> bytes:
    """What stands in a form as bytes; refuses more of it than one part of a notice may hold."""
    written = msgspec.json.encode(typed)
    if len(written) > law.limits.part:
        raise Refusal("draft.too-large", limit=law.limits.part, found=len(written))
    return written


def form_of(kind: Kind) -> str:
    """Sixteen hex digits for the form of a kind: others as soon as the instrument changes anything in the kind."""
    return sha256(canonical.encode_trusted(kind)).hexdigest()[:_FORM_DIGITS]


def checked_remark(remark: str) -> str:
    """A remark between officers as it is kept; refuses one that is too long or holds characters that are not seen."""
    plain = remark.replace("\r\n", "\n").strip()
    if len(plain) > LONGEST_REMARK:
        raise Refusal("draft.remark-too-long", limit=LONGEST_REMARK)
    if has_hidden(plain):
        raise Refusal("draft.hidden-character")
    return plain


def kind_for_officers(law: Law, name: str) -> Kind:
    """The kind in the law, if officers write notices of it."""
    kind = law.kind(name)
    if kind is None:
        raise Refusal("leaf.unknown-kind", kind=name[:80])
    if permitted_releases(kind) == {"machine"} or kind.release == "machine":
        raise Refusal("draft.machine-kind", kind=name)
    return kind


def audience_of(chosen: str, references: Iterable[Reference]) -> str:
    """The audience of a notice: that of what it refers to, or the one chosen; nothing refers out of its audience."""
    for each in references:
        found = numbers.audience_of(each.log)
        if chosen and found != chosen:
            raise Refusal("draft.other-audience", audience=chosen[:40], found=found[:40])
        chosen = found
    return chosen or numbers.ALL


def locked(draft_id: str) -> Draft:
    """The draft for a change within a transaction; no other process changes it meanwhile."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise Refusal("draft.unknown", draft=draft_id[:40])
    return draft


def origin(draft_id: str) -> str:
    """The log in which a draft will stand."""
    draft = Draft.objects.filter(pk=draft_id).only("audience").first()
    if draft is None:
        raise Refusal("draft.unknown", draft=draft_id[:40])
    return sequencing.own_origin(draft.audience)


def salts() -> Iterable[bytes]:
    """Fresh salts, one a part."""
    while True:
        yield os.urandom(SALT_BYTES)


def new_id() -> str:
    """A notice's identifier: 128 random bits."""
    return os.urandom(_ID_BYTES).hex()


def _opened(draft_id: str | None, officer: Officer, drawn: str | None, seen: int | None) -> Draft:
    if draft_id is None and drawn is not None and Draft.objects.filter(pk=drawn).exists():
        draft_id = drawn
    if draft_id is None:
        return Draft(id=drawn or new_id(), begun_by=officer)
    draft = locked(draft_id)
    check_state(draft.state, Deed.SAVE)
    if seen is not None and draft.revision != seen:
        raise Refusal("draft.changed-meanwhile")
    return draft


def _check_fields(kind: Kind, content: Mapping[str, Any]) -> None:
    known = {field.name for field in kind.fields}
    for name in content:
        if name not in known:
            raise Refusal("field.unknown", kind=kind.name, field=name[:80])
